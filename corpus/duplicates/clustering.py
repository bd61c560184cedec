"""Sketches -> clusters: texts that meet often enough are compared exactly, and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.duplicates.comparing import joined, shared_shingles
from corpus.duplicates.meeting import promising, ranked
from corpus.duplicates.sketches import Sketches, sketch
from corpus.duplicates.verified import Verified, keys_of, noted, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.duplicates.meeting import Map

    _Places = NDArray[np.int32]

# Calibrated on articles with gold text (docs/benchmarks-duplicates.md; re-run benchmarks/duplicates.py if one
# moves): of unrelated Chinese texts no pair is above 0.02 (contained: 0.10), of English ones none above 0.09
# (0.20); one character in twenty changed leaves 0.5 to 0.6. Both mean about three fifths of a text.
THRESHOLD = 0.4
CONTAINMENT = 0.6
# A shorter text, two or three sentences, is quoted in others rather than reposted: only Jaccard joins it.
CONTAINED_SHINGLES = 100


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


def cluster(  # noqa: PLR0913 - what is asked, of what, and what it may cost
    parts: Callable[[], Iterator[Sketches]],
    texts_of: Callable[[NDArray[np.int64]], Iterable[str]],
    *,
    threshold: float = THRESHOLD,
    containment: float = CONTAINMENT,
    memory: int = 64 << 20,
    known: Verified | None = None,
    scratch: Path | None = None,
    map_: Map | None = None,
) -> Clustered:
    """Cluster texts by their sketches, out of core; the answer is that of `clusters`.

    A text's place is its number over all parts, in their order, which should be that of the ids. `parts` is
    called twice. `texts_of` gives the texts of some places, which are sorted, in their order; it is asked
    only for texts of pairs that promise to be near, are not `known`, and are in no cluster together.

    Takes `memory` bytes, one hash's texts beside (8 bytes each), and some 60 bytes a text and 40 a pair that
    promises; what does not fit is put into temporary files (in `scratch`), a full disk raises OSError.
    How parts are cut, `memory` and `known` do not change the clusters, nor does `map_`: with it and
    `scratch` ranges of hashes are given to other processes or machines, which must see that folder.
    """
    sizes, digests = _read(parts())
    first = _same(sizes, digests)
    alone = first == np.arange(len(first))
    ranks = ranked(sizes, alone, threshold, CONTAINED_SHINGLES)
    pairs = promising(parts, ranks, min(threshold, containment), memory, scratch, map_=map_)

    def near(left: _Places, right: _Places, shared: NDArray[np.int64]) -> NDArray[np.bool_]:
        smaller = np.minimum(sizes[left], sizes[right]).astype(np.int64)
        larger = np.maximum(sizes[left], sizes[right]).astype(np.int64)
        held = (smaller >= CONTAINED_SHINGLES) & (shared / smaller >= containment)
        alike: NDArray[np.bool_] = shared / (smaller + larger - shared) >= threshold
        return held | alike

    def shared_by(left: _Places, right: _Places) -> NDArray[np.int64]:
        return shared_shingles(left, right, sizes, texts_of, memory)

    keys = keys_of(digests[pairs.left], digests[pairs.right])
    shared = (known or nothing()).of(keys)
    first = joined(pairs, first, shared, near, shared_by)
    return Clustered(first.astype(np.int64), noted(keys[shared >= 0], shared[shared >= 0]))


def _read(parts: Iterator[Sketches]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return the sizes of all texts and the digests of their shingles."""
    sizes, digests = [np.zeros(0, np.uint32)], [np.zeros((0, 2), np.uint64)]
    for part in parts:
        sizes.append(part.sizes.copy())
        digests.append(part.digests.copy())
    return np.concatenate(sizes), np.concatenate(digests)


def _same(sizes: NDArray[np.uint32], digests: NDArray[np.uint64]) -> _Places:
    """Return for each text the first one with the same shingles; one without any is its own."""
    order = np.argsort(digests[:, 0], kind="stable").astype(np.int32)
    new = np.ones(len(order), np.bool_)
    for column in (0, 1):
        values = digests[order, column]
        again = values[1:] == values[:-1]
        new[1:] = ~again if column == 0 else new[1:] | ~again
    new[sizes[order] == 0] = True
    first = np.zeros(len(order), np.int32)
    first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    return first
