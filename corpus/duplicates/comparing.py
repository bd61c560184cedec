"""Pairs that promise -> clusters: few pairs are compared exactly, and what is near is joined.

A cluster needs one chain of near pairs, not all of them, so pairs are chosen as Borůvka (1926) grows a spanning
tree: in each round every cluster's likeliest pair with another one is compared. The answer is that of comparing
all, since a pair is left out only when its texts are in one cluster already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.duplicates.shingling import shingled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from corpus.duplicates.meeting import Pairs
    from corpus.duplicates.verified import Verified

# So few pairs are compared all at once: another round would read the same texts again.
_FEW: Final = 1_000
# Bytes that a shingle takes while pairs are compared: as a text, hashed, and beside its pair.
_A_SHINGLE: Final = 64


class Compared(NamedTuple):
    """The smallest place in each text's cluster, and the pairs known: their keys and what they share."""

    first: NDArray[np.int32]
    keys: NDArray[np.uint64]
    shared: NDArray[np.int64]


def joined(
    pairs: Pairs,
    first: NDArray[np.int32],
    near: Callable[[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]], NDArray[np.bool_]],
    shared_by: Callable[[NDArray[np.int32], NDArray[np.int32]], NDArray[np.int64]],
    keys: NDArray[np.uint64],
    known: Verified,
) -> Compared:
    """Join the texts of near pairs, and with each text those that equal it (`first`).

    `near` tells near pairs by place and what they share; `shared_by` counts that from the texts.
    """
    order = np.lexsort((pairs.right, pairs.left, -pairs.promise))
    left, right, keys = pairs.left[order], pairs.right[order], keys[order]
    shared = known.of(keys)
    found = np.flatnonzero(shared >= 0)
    found = found[near(left[found], right[found], shared[found])]
    first = components(first, left[found], right[found])
    open_ = np.flatnonzero(shared < 0)
    while len(open_ := open_[(first[left[open_]] != first[right[open_]]) & (shared[open_] < 0)]):
        chosen = _chosen(open_, first[left[open_]], first[right[open_]], len(first))
        shared[chosen] = shared_by(left[chosen], right[chosen])
        chosen = chosen[near(left[chosen], right[chosen], shared[chosen])]
        first = components(first, left[chosen], right[chosen])
    return Compared(first, keys[shared >= 0], shared[shared >= 0])


def components(
    first: NDArray[np.int32], left: NDArray[np.int32], right: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Join clusters, each told by its smallest place, where pairs tie them together.

    Each cluster is hooked to a smaller one that it is tied to and then follows that to its end, until none is
    left to hook: the number of rounds is at most the logarithm of that of clusters.

    >>> components(np.arange(6, dtype=np.int32), np.array([5, 2]), np.array([4, 4]))
    array([0, 1, 2, 3, 2, 2], dtype=int32)
    """
    first = first.copy()
    while True:
        left, right = first[left], first[right]
        apart = left != right
        if not apart.any():
            return first
        left, right = left[apart], right[apart]
        np.minimum.at(first, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(first, further := first[first]):
            first = further


def _chosen(
    open_: NDArray[np.int64], left: NDArray[np.int32], right: NDArray[np.int32], texts: int
) -> NDArray[np.int64]:
    """Choose of the open pairs, likeliest first, each cluster's first one; all if they are few."""
    if len(open_) <= _FEW:
        return open_
    best = np.full(texts, len(open_), np.int64)
    places = np.arange(len(open_))
    np.minimum.at(best, left, places)
    np.minimum.at(best, right, places)
    return open_[np.unique(best[best < len(open_)])]


def shared_shingles(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    sizes: NDArray[np.uint32],
    texts_of: Callable[[NDArray[np.int64]], Iterable[str]],
    memory: int,
) -> NDArray[np.int64]:
    """Count the shingles that the texts of each pair share, reading as many at a time as the memory allows."""
    shared = np.zeros(len(left), np.int64)
    order = np.lexsort((right, left))
    weight = np.cumsum(sizes[left[order]].astype(np.int64) + sizes[right[order]]) * _A_SHINGLE // memory
    for block in np.split(order, np.flatnonzero(np.diff(weight)) + 1):
        shared[block] = _shared(left[block], right[block], texts_of)
    return shared


def _shared(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    texts_of: Callable[[NDArray[np.int64]], Iterable[str]],
) -> NDArray[np.int64]:
    places = np.unique(np.concatenate([left, right])).astype(np.int64)
    of = dict(zip(places.tolist(), _sets(texts_of(places)), strict=True))
    both = [of[place] for pair in zip(left.tolist(), right.tolist(), strict=True) for place in pair]
    sizes = np.array([len(hashes) for hashes in both])
    ends = np.cumsum(sizes)[1::2]
    hashes = np.concatenate(both)
    edges = [0, *ends.tolist()]
    for start, end in zip(edges, edges[1:], strict=False):
        hashes[start:end].sort()
    # Each hash is in a pair's texts once or twice; equal ones across the edge of two pairs do not count.
    same = np.concatenate([[0], np.cumsum(hashes[1:] == hashes[:-1])])
    return same[ends - 1] - same[np.array(edges[:-1])]


def _sets(texts: Iterable[str]) -> Iterator[NDArray[np.uint64]]:
    for batch in shingled(texts):
        for place in range(len(batch.starts) - 1):
            yield batch.of(place)
