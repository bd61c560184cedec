"""Pairs that promise -> clusters: few pairs are compared exactly, and what is near is joined.

A cluster needs one chain of near pairs, not all of them, so pairs are chosen as Borůvka (1926) grows a
spanning tree: in each round every cluster's likeliest pairs with others are compared, one in the first round
and twice as many in each that follows. The answer is that of comparing all, since a pair is left out only
when its texts are in one cluster already.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from corpus.duplicates.shingling import shingled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus.duplicates.meeting import Pairs

# So few pairs are compared all at once: another round would read the same texts again.
_FEW: Final = 1_000
# Bytes that a shingle takes while it waits for its pair: its hash, and room for what there is beside.
_A_SHINGLE: Final = 16
# Shingles of pairs that are compared in one go: what a processor keeps near it.
_AT_ONCE: Final = 1 << 16


def joined(
    pairs: Pairs,
    first: NDArray[np.int32],
    shared: NDArray[np.int64],
    near: Callable[[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]], NDArray[np.bool_]],
    shared_by: Callable[[NDArray[np.int32], NDArray[np.int32]], NDArray[np.int64]],
) -> NDArray[np.int32]:
    """Join the texts of near pairs, and with each text those that equal it: returns the smallest of each's.

    `first` names the first text that equals each, and `shared` how many shingles the pairs share, -1 where
    that is not known: what is found of it is written there. `near` tells near pairs by place and what they
    share; `shared_by` counts that from the texts.
    """
    left, right = pairs.left, pairs.right
    found = np.flatnonzero(shared >= 0)
    found = found[near(left[found], right[found], shared[found])]
    first = components(first, left[found], right[found])
    unknown = np.flatnonzero(shared < 0)
    most = 1
    while len(unknown := unknown[(first[left[unknown]] != first[right[unknown]]) & (shared[unknown] < 0)]):
        chosen = _chosen(unknown, first[left[unknown]], first[right[unknown]], most)
        most *= 2
        shared[chosen] = shared_by(left[chosen], right[chosen])
        chosen = chosen[near(left[chosen], right[chosen], shared[chosen])]
        first = components(first, left[chosen], right[chosen])
    return first


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
    unknown: NDArray[np.int64], left: NDArray[np.int32], right: NDArray[np.int32], most: int
) -> NDArray[np.int64]:
    """Choose of the unknown pairs, likeliest first, each cluster's first `most`; all if they are few.

    Each round reads the texts again, and pairs that are left after some rounds are mostly not near.
    """
    if len(unknown) <= _FEW:
        return unknown
    return unknown[(_ranks(left) < most) | (_ranks(right) < most)]


def _ranks(clusters: NDArray[np.int32]) -> NDArray[np.int64]:
    """Count for each place how often its cluster stands before it.

    >>> _ranks(np.array([7, 3, 7, 7], np.int32))
    array([0, 0, 1, 2])
    """
    order = np.argsort(clusters, kind="stable")
    ordered = clusters[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return ranks


def shared_shingles(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    sizes: NDArray[np.uint32],
    texts_of: Callable[[NDArray[np.int64]], Iterable[str]],
    memory: int,
) -> NDArray[np.int64]:
    """Count the shingles that the texts of each pair share, with as many texts at a time as memory allows."""
    shared = np.zeros(len(left), np.int64)
    order = np.lexsort((right, left))
    weights = sizes[left].astype(np.int64) + sizes[right]
    for block in _blocks(order, weights, memory // _A_SHINGLE):
        wanted = np.zeros(len(sizes), np.bool_)
        wanted[left[block]] = wanted[right[block]] = True
        places = np.flatnonzero(wanted)
        sets = dict(zip(places.tolist(), _sets(texts_of(places)), strict=True))
        for few in _blocks(block, weights, _AT_ONCE):
            shared[few] = _overlaps(
                [sets[place] for place in np.stack([left[few], right[few]], axis=1).ravel().tolist()]
            )
    return shared


def _blocks(pairs: NDArray[np.int64], weights: NDArray[np.int64], most: int) -> Iterable[NDArray[np.int64]]:
    """Cut pairs into runs that weigh about so much together."""
    return np.split(pairs, np.flatnonzero(np.diff(np.cumsum(weights[pairs]) // max(1, most))) + 1)


def _overlaps(sets: Sequence[NDArray[np.uint64]]) -> NDArray[np.int64]:
    """Count what first and second set share, third and fourth …: equal neighbours in both sorted as one."""
    hashes = np.concatenate(sets)
    edges = [0, *accumulate(len(one) + len(other) for one, other in zip(sets[::2], sets[1::2], strict=True))]
    for start, end in pairwise(edges):
        hashes[start:end].sort()
    same = np.zeros(len(hashes), np.bool_)
    same[1:] = hashes[1:] == hashes[:-1]
    # Equal hashes across the edge of two pairs do not count.
    same[edges[:-1]] = False
    return np.add.reduceat(same, edges[:-1], dtype=np.int64)


def _sets(texts: Iterable[str]) -> Iterator[NDArray[np.uint64]]:
    for batch in shingled(texts):
        for place in range(len(batch.starts) - 1):
            yield batch.of(place)
