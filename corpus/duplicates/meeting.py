"""Sketches -> the pairs of texts that share enough of their samples to be compared exactly.

The space of hashes is cut into ranges, each small enough for a processor's cache; what meets in a range
(`meet`) is a function of that range alone. Pairs are counted by ranges of texts in the same way. Neither cut
changes what is found, so ranges may be met in any order, or by many machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from corpus.duplicates.buckets import Bucket, Buckets
from corpus.duplicates.sketches import levels, loose_levels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.duplicates.sketches import Sketches

    Map = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
    """Calls a picklable function on each argument, in any processes, and gives the results in their order."""

NEIGHBOURS: Final = 16
"""Of the texts that share a shingle, each is paired with so many that have as many shingles as it, or more.

A phrase in thousands of texts must not make millions of pairs, and near-duplicates share many shingles.
"""
_CROWD: Final = 256
"""Where more texts share a shingle, each is paired with fewer, down to FEWEST."""
_FEWEST: Final = 4

PROMISE: Final = 0.5
"""A pair is compared exactly if its sketches promise this share of what is asked: chance needs room."""

# Samples are compared by the first 48 bits of their hashes: the others make room for the text's number.
_DROPPED: Final = 16
_WIDTH: Final = 64 - _DROPPED
# Words that a processor sorts without leaving its cache.
_RANGE: Final = 1 << 18
_HALVED: Final = 0.5 ** np.arange(_WIDTH + 1)
_MOST_RANGES: Final = 4096


class Ranked(NamedTuple):
    """Texts in the order of their sizes: what it takes to tell which may meet as what.

    `rank_of` holds the rank of each text, -1 for one that need not meet; `texts`, by rank, whose it is, and
    `sizes` how many shingles it has. `strict` is the level (`sketches.levels`) at which the text looks for
    others of its size or longer, `loose` that of its sample (`sketches.loose_levels`), and `last` the rank of
    the first text that is too long for it.
    """

    rank_of: NDArray[np.int32]
    texts: NDArray[np.int32]
    sizes: NDArray[np.int32]
    strict: NDArray[np.uint8]
    loose: NDArray[np.uint8]
    last: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Meeting:
    """`meet` for ranges of hashes that lie in a file: what other processes, or machines, are given to do."""

    ranks: Ranked
    bits: int

    def __call__(self, task: tuple[Bucket, int]) -> NDArray[np.uint64]:
        """Return the pairs of a range, given with its lowest hash."""
        bucket, low = task
        return meet(bucket.words(), np.uint64(low), self.bits, self.ranks)


@dataclass(frozen=True, slots=True)
class Counting:
    """`counted` for ranges of texts whose meetings lie in a file."""

    ranks: Ranked
    wanted: float

    def __call__(self, bucket: Bucket) -> Pairs:
        """Count the pairs of a range."""
        return counted(bucket.words(), self.ranks, self.wanted)


class Pairs(NamedTuple):
    """Pairs of texts by place, the one with fewer shingles first, and what they promise: 1 is all of it."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    promise: NDArray[np.float32]


def ranked(sizes: NDArray[np.uint32], alone: NDArray[np.bool_], threshold: float, contained: int) -> Ranked:
    """Rank the texts that stand for themselves; those of fewer shingles than `contained` cannot be contained.

    Nobody is ranked who has no shingles.
    """
    texts = np.flatnonzero(alone & (sizes > 0)).astype(np.int32)
    texts = texts[np.argsort(sizes[texts], kind="stable")]
    by_rank = sizes[texts].astype(np.int32)
    rank_of = np.full(len(sizes), -1, np.int32)
    rank_of[texts] = np.arange(len(texts), dtype=np.int32)
    longest = np.floor(by_rank / max(threshold, 1e-9) + 1e-6)
    last = np.searchsorted(by_rank, longest, side="right").astype(np.int32)
    last[by_rank >= contained] = len(texts)
    strict, loose = (level(by_rank).astype(np.uint8) for level in (levels, loose_levels))
    return Ranked(rank_of, texts, by_rank, strict, loose, last)


def promising(  # noqa: PLR0913 - what is asked, of what, and what it may cost
    parts: Callable[[], Iterator[Sketches]],
    ranks: Ranked,
    wanted: float,
    memory: int,
    scratch: Path | None,
    *,
    map_: Map | None = None,
) -> Pairs:
    """Return the pairs that meet often enough to have, perhaps, `wanted` of the smaller, likeliest first.

    With `map_`, ranges are met and counted by whom it calls; they find them in `scratch`, which all must see.
    """
    bits = max(1, len(ranks.texts)).bit_length()
    edges = ranges(ranks, bits)
    rows = np.linspace(0, len(ranks.texts), min(_MOST_RANGES, len(edges)) + 1).astype(np.uint64) << np.uint64(
        32
    )
    with (
        Buckets(len(edges) - 1, memory // 4, scratch) as samples,
        Buckets(len(rows) - 1, memory // 4, scratch) as meetings,
    ):
        for words, at in _packed(parts(), ranks, edges, bits):
            samples.put(words, at)
        met: Iterable[NDArray[np.uint64]]
        if map_ and scratch:
            tasks = list(zip(samples.shared(scratch), edges[:-1].tolist(), strict=True))
            met = map_(Meeting(ranks, bits), tasks)
        else:
            met = (meet(*each, bits, ranks) for each in zip(samples.taken(), edges[:-1], strict=True))
        for pairs in met:
            meetings.put(pairs, np.searchsorted(pairs, rows))
        if map_ and scratch:
            found = list(map_(Counting(ranks, wanted), meetings.shared(scratch)))
        else:
            found = [counted(pairs, ranks, wanted) for pairs in meetings.taken()]
    left, right, promise = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((right, left, -promise))
    return Pairs(left[order], right[order], promise[order])


def meet(words: NDArray[np.uint64], low: np.uint64, bits: int, ranks: Ranked) -> NDArray[np.uint64]:
    """Return the pairs that share a hash of one range, once for each such hash, sorted.

    A word is a hash (less the range's lowest, `low`) and in its last `bits` bits the rank of its text; a pair
    is the rank of the smaller text times 2^32 and that of the larger.
    """
    words = np.sort(words)
    hashes = words >> np.uint64(bits)
    again = hashes[1:] == hashes[:-1]
    several = np.zeros(len(words), np.bool_)
    several[1:] = again
    several[:-1] |= again
    words, hashes = words[several], hashes[several]
    if not len(words):
        return words
    rank = (words & np.uint64((1 << bits) - 1)).astype(np.int32)
    starts = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]]))
    crowd = np.diff(np.append(starts, len(words)))
    ends = np.repeat(starts + crowd, crowd)
    window = np.clip(NEIGHBOURS * _CROWD // crowd, _FEWEST, NEIGHBOURS)
    reach = np.minimum(np.arange(len(words)) + np.repeat(window, crowd) + 1, ends)
    # A text looks for others with the coarser part of its sample only.
    at = np.flatnonzero((hashes + low) >> (np.uint64(_WIDTH) - ranks.strict[rank]) == 0)
    found = []
    for apart in range(1, NEIGHBOURS + 1):
        at = at[at + apart < reach[at]]
        at = at[rank[at + apart] < ranks.last[rank[at]]]
        if not len(at):
            break
        found.append((rank[at].astype(np.uint64) << np.uint64(32)) | rank[at + apart].astype(np.uint64))
    return np.sort(np.concatenate([np.zeros(0, np.uint64), *found]))


def counted(pairs: NDArray[np.uint64], ranks: Ranked, wanted: float) -> Pairs:
    """Count how often each pair meets, and keep those that promise enough."""
    pairs = np.sort(pairs)
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(pairs)), np.bool_), pairs[1:] != pairs[:-1]]))
    counts = np.diff(np.append(starts, len(pairs)))
    left, right = (
        (pairs[starts] >> np.uint64(32)).astype(np.int32),
        pairs[starts].astype(np.uint32).astype(np.int32),
    )
    strict, loose = ranks.strict[left], ranks.loose[right]
    expected = ranks.sizes[left] * (wanted * _HALVED[np.maximum(strict, loose)])
    enough = PROMISE * expected
    # Found in a text much longer than it, a short one has so few chances that one is enough.
    enough[(loose > strict) & (enough < 2)] = 1
    kept = counts >= enough
    promise = counts / np.maximum(expected, 1e-9)
    return Pairs(ranks.texts[left[kept]], ranks.texts[right[kept]], promise[kept].astype(np.float32))


def ranges(ranks: Ranked, bits: int) -> NDArray[np.uint64]:
    """Cut the hashes of samples (48 bits) into ranges of about as many each: the edges, from 0 to 2^48.

    A range is no wider than what a word has room for beside a rank of `bits` bits. Small hashes are in more
    samples, and how many of them are expected follows from the sizes.
    """
    weights = np.bincount(ranks.loose, ranks.sizes, _WIDTH + 1)
    dense = np.cumsum(weights)[:_WIDTH] * 0.5 ** np.arange(1, _WIDTH + 1)
    aim = max(_RANGE, dense.sum() / _MOST_RANGES)
    edges = []
    for octave, expected in enumerate(dense.tolist()):
        top, width = 1 << (_WIDTH - octave), 1 << (_WIDTH - octave - 1)
        if dense[octave:].sum() <= aim and top <= 1 << (64 - bits):
            edges.append(top)
            break
        count = max(1, int(-(-expected // aim)), width >> (64 - bits))
        edges += [top - width * step // count for step in range(count)]
    return np.array([0, *edges[::-1]], np.uint64)


def _packed(
    parts: Iterator[Sketches], ranks: Ranked, edges: NDArray[np.uint64], bits: int
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Yield the words of each part's samples, sorted by hash, and where each range's begin."""
    before = 0
    for part in parts:
        rank = ranks.rank_of[before + part.owners.astype(np.int64)]
        before += len(part.sizes)
        hashes = (part.hashes >> np.uint64(_DROPPED))[rank >= 0]
        at = np.searchsorted(hashes, edges)
        lows = np.repeat(edges[:-1], np.diff(at))
        yield ((hashes - lows) << np.uint64(bits)) | rank[rank >= 0].astype(np.uint64), at
