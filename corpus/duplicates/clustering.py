"""Sketches -> clusters: texts that meet often enough are compared exactly, and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.duplicates.shingling import shingled
from corpus.duplicates.sketches import Sketches, bounds, levels, sketch
from corpus.duplicates.verified import Verified, keys_of, noted, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

# Calibrated on articles with gold text (docs/benchmarks-duplicates.md; re-run benchmarks/duplicates.py if one
# moves): of unrelated Chinese texts no pair is above 0.02 (contained: 0.10), of English ones none above 0.09
# (0.20); one character in twenty changed leaves 0.5 to 0.6. Both mean about three fifths of a text.
THRESHOLD = 0.4
CONTAINMENT = 0.6
# A shorter text, two or three sentences, is quoted in others rather than reposted: only Jaccard joins it.
CONTAINED_SHINGLES = 100

# Of the texts that share a shingle, each is paired with so many of about its size: a phrase in thousands of
# texts must not make millions of pairs, and near-duplicates share many shingles.
_NEIGHBOURS = 16
# A pair is compared exactly if its sketches promise half of what is asked, which leaves room for chance.
_PROMISE = 0.5


class Clustered(NamedTuple):
    """The clusters of texts: `first` holds the smallest place among each one's near-duplicates, or its own.

    `verified` are the pairs that were compared, this time or before: what the next run may pass as known.
    """

    first: NDArray[np.int64]
    verified: Verified


def clusters(
    texts: Mapping[str, str], threshold: float = THRESHOLD, containment: float = CONTAINMENT
) -> dict[str, str]:
    """Return the cluster of each text by id: the smallest id among its near-duplicates, or its own.

    The answer does not depend on the order of `texts`. A text without letters or digits is like no other.

    >>> clusters({"b": "港口海關公布了檢查結果。", "a": "港口海关公布了检查结果", "c": "别的新闻"})
    {'b': 'a', 'a': 'a', 'c': 'c'}
    """
    ids = sorted(texts)
    sketches = sketch([texts[identifier] for identifier in ids])
    found = cluster(
        lambda: iter([sketches]),
        lambda places: (texts[ids[place]] for place in places.tolist()),
        threshold=threshold,
        containment=containment,
    )
    named = {identifier: ids[first] for identifier, first in zip(ids, found.first.tolist(), strict=True)}
    return {identifier: named[identifier] for identifier in texts}


def cluster(
    parts: Callable[[], Iterator[Sketches]],
    texts_of: Callable[[NDArray[np.int64]], Iterable[str]],
    *,
    threshold: float = THRESHOLD,
    containment: float = CONTAINMENT,
    memory: int = 64 << 20,
    known: Verified | None = None,
    scratch: Path | None = None,
) -> Clustered:
    """Cluster texts by their sketches, which come in parts."""
    del memory, scratch
    listed = list(parts())
    sizes = np.concatenate([np.zeros(0, np.uint32), *(part.sizes for part in listed)]).astype(np.int64)
    digests = np.concatenate([np.zeros((0, 2), np.uint64), *(part.digests for part in listed)])
    starts = np.cumsum([0, *(len(part.sizes) for part in listed)])
    hashes = np.concatenate([np.zeros(0, np.uint64), *(part.hashes for part in listed)])
    owners = np.concatenate(
        [np.zeros(0, np.int64), *(part.owners + start for part, start in zip(listed, starts, strict=False))]
    ).astype(np.int64)
    first = _same(sizes, digests)
    alone = first[owners] == owners
    left, right = _candidates(sizes, hashes[alone], owners[alone], min(threshold, containment))
    keys = keys_of(digests[left], digests[right])
    shared = (known or nothing()).of(keys)
    for pair in np.flatnonzero(shared < 0).tolist():
        both = list(texts_of(np.array([left[pair], right[pair]])))
        one, other = (hashes for batch in shingled(both) for hashes in _each(batch))
        shared[pair] = len(np.intersect1d(one, other, assume_unique=True))
    smaller, larger = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
    near = (shared >= threshold * (smaller + larger - shared)) | (
        (smaller >= CONTAINED_SHINGLES) & (shared >= containment * smaller)
    )
    groups = _Groups(first)
    for pair in np.flatnonzero(near).tolist():
        groups.join(int(left[pair]), int(right[pair]))
    found = np.array([groups.of(place) for place in range(len(first))], np.int64)
    return Clustered(found, noted(keys, shared))


def _each(batch):
    return [batch.of(place) for place in range(len(batch.starts) - 1)]


def _same(sizes: NDArray[np.int64], digests: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each text the first one with the same shingles; one without any is its own."""
    order = np.lexsort((np.arange(len(sizes)), digests[:, 1], digests[:, 0]))
    new = np.ones(len(order), np.bool_)
    new[1:] = (digests[order][1:] != digests[order][:-1]).any(axis=1) | (sizes[order][1:] == 0)
    first = np.zeros(len(order), np.int64)
    first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    return first


def _candidates(sizes, hashes, owners, wanted):
    if not len(hashes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.lexsort((owners, sizes[owners], hashes))
    hashes, owners = hashes[order], owners[order]
    found = []
    for apart in range(1, _NEIGHBOURS + 1):
        meeting = np.flatnonzero(hashes[apart:] == hashes[:-apart])
        ordered = np.sort([owners[meeting], owners[meeting + apart]], axis=0)
        found.append(ordered[0] * len(sizes) + ordered[1])
    pairs, counts = np.unique(np.concatenate(found), return_counts=True)
    left, right = np.divmod(pairs, len(sizes))
    level = np.maximum(levels(sizes[left]), levels(sizes[right]))
    expected = np.minimum(sizes[left], sizes[right]) / 2.0**level
    promising = counts >= wanted * _PROMISE * expected
    return left[promising], right[promising]


class _Groups:
    """Disjoint sets of indices, each called by its smallest (union-find with path halving)."""

    def __init__(self, first: NDArray[np.int64]) -> None:
        self._above = first.tolist()

    def of(self, index: int) -> int:
        """Return the smallest index in the set of this one."""
        above = self._above
        while above[index] != index:
            above[index] = above[above[index]]
            index = above[index]
        return index

    def join(self, left: int, right: int) -> None:
        """Make one set of the sets of two indices."""
        first, second = self.of(left), self.of(right)
        self._above[max(first, second)] = min(first, second)
