"""Find the runs of characters that two texts share: rare n-grams, merged along their diagonals."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

# Seed length -> most often that an n-gram may pair up (occurrences in old times occurrences in new). Short
# seeds must be nearly unique, long ones may repeat, so that a paragraph printed three times still finds its
# places.
_SEEDS = {5: 6, 8: 9, 16: 16, 32: 25}
_MOST_RUNS = 40_000
_MOST_EQUAL = 25


def _hashes(codes: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Hash every n-gram of a sequence; products and sums wrap round at 2**64."""
    count = len(codes) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    mixed = (codes.astype(np.uint64) + np.uint64(0x9E37)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    hashed = np.zeros(count, dtype=np.uint64)
    for place in range(size):
        hashed = hashed * np.uint64(0xBF58476D1CE4E5B9) + mixed[place : place + count]
    return hashed


def _seeds(old: NDArray[np.int64], new: NDArray[np.int64], size: int, most: int) -> NDArray[np.int64]:
    """Return pairs (old place, new place) of n-grams rare enough in both texts, one pair a row."""
    old_hashes, new_hashes = _hashes(old, size), _hashes(new, size)
    old_order, new_order = np.argsort(old_hashes, kind="stable"), np.argsort(new_hashes, kind="stable")
    old_values, old_at, old_counts = np.unique(old_hashes[old_order], return_index=True, return_counts=True)
    new_values, new_at, new_counts = np.unique(new_hashes[new_order], return_index=True, return_counts=True)
    _, in_old, in_new = np.intersect1d(old_values, new_values, assume_unique=True, return_indices=True)
    rare = old_counts[in_old] * new_counts[in_new] <= most
    pairs = []
    in_old, in_new = in_old[rare], in_new[rare]
    for i in range(int(old_counts[in_old].max(initial=0))):
        for j in range(int(new_counts[in_new].max(initial=0))):
            both = (old_counts[in_old] > i) & (new_counts[in_new] > j)
            if both.any():
                old_places = old_order[old_at[in_old[both]] + i]
                new_places = new_order[new_at[in_new[both]] + j]
                pairs.append(np.stack([old_places, new_places], axis=1))
    return np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)


def _equal_paragraphs(old: Folded, new: Folded) -> NDArray[np.int64]:
    """Return rows (diagonal, old start, old end) for paragraphs that are the same, also the shortest."""
    places: dict[bytes, list[int]] = {}
    for q, (low, high) in enumerate(pairwise(new.first)):
        if high > low:
            places.setdefault(new.codes[low:high].tobytes(), []).append(q)
    rows = []
    seen = Counter(old.codes[low:high].tobytes() for low, high in pairwise(old.first))
    for low, high in pairwise(old.first):
        key = old.codes[low:high].tobytes()
        found = places.get(key, [])
        if len(found) * seen[key] <= _MOST_EQUAL:
            rows += [(new.first[q] - low, low, high) for q in found]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _merge_seeds(old: Folded, new: Folded) -> NDArray[np.int64]:
    """Return the shared runs as rows (old start, new start, length)."""
    intervals = [_equal_paragraphs(old, new)]
    for size, most in _SEEDS.items():
        pairs = _seeds(old.codes, new.codes, size, most)
        intervals.append(np.column_stack([pairs[:, 1] - pairs[:, 0], pairs[:, 0], pairs[:, 0] + size]))
    rows = np.concatenate(intervals)
    if not len(rows):
        return np.empty((0, 3), dtype=np.int64)
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    # Merge intervals of one diagonal that touch; ends are made monotone within a diagonal first.
    diagonal, start, end = rows.T
    span = int(end.max()) + 1
    rank = np.cumsum(np.concatenate(([0], (np.diff(diagonal) != 0).astype(np.int64))))
    reach = np.maximum.accumulate(end + rank * span) - rank * span
    fresh = np.concatenate(([True], (np.diff(diagonal) != 0) | (start[1:] > reach[:-1])))
    at = np.flatnonzero(fresh)
    ends = reach[np.concatenate((at[1:] - 1, [len(rows) - 1]))]
    runs = np.column_stack([start[at], start[at] + diagonal[at], ends - start[at]])
    if len(runs) > _MOST_RUNS:
        runs = runs[np.argsort(-runs[:, 2], kind="stable")[:_MOST_RUNS]]
    return runs


def _outgrown(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.bool_]:
    """Tell the runs that lie within far longer ones in both texts: a phrase that comes back."""
    longest_old = np.zeros(len(old.codes), dtype=np.int64)
    longest_new = np.zeros(len(new.codes), dtype=np.int64)
    for old_start, new_start, length in runs[np.argsort(runs[:, 2], kind="stable")].tolist():
        longest_old[old_start : old_start + length] = length
        longest_new[new_start : new_start + length] = length
    return np.array(
        [
            3 * length
            <= min(
                longest_old[old_start : old_start + length].min(),
                longest_new[new_start : new_start + length].min(),
            )
            for old_start, new_start, length in runs.tolist()
        ],
        dtype=bool,
    )


def _cut(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.int64]:
    """Cut runs where a paragraph begins in either text, so that each belongs to one pair of paragraphs."""
    pieces: list[tuple[int, int, int]] = []
    for old_start, new_start, length in runs.tolist():
        inner_old = old.first[np.searchsorted(old.first, old_start, "right") :]
        inner_new = new.first[np.searchsorted(new.first, new_start, "right") :]
        cuts = {
            0,
            length,
            *(inner_old[: np.searchsorted(inner_old, old_start + length)] - old_start).tolist(),
            *(inner_new[: np.searchsorted(inner_new, new_start + length)] - new_start).tolist(),
        }
        edges = sorted(cuts)
        pieces += [(old_start + a, new_start + a, b - a) for a, b in pairwise(edges)]
    return np.array(pieces, dtype=np.int64).reshape(-1, 3)


def share_between(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.int64]:
    """Return for each run how many characters all runs between its two paragraphs share."""
    p, q = old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]]
    _, pair = np.unique(p * len(new.first) + q, return_inverse=True)
    shared: NDArray[np.int64] = np.bincount(pair, weights=runs[:, 2])[pair].astype(np.int64)
    return shared


def _outshone(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.bool_]:
    """Tell the runs that only say that two paragraphs share a phrase, each having a far better partner.

    Such a run would draw a mention into the other paragraph whenever the two have changed places.
    """
    p, q = old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]]
    shared = share_between(runs, old, new)
    best_old, best_new = np.zeros(len(old.first)), np.zeros(len(new.first))
    np.maximum.at(best_old, p, shared)
    np.maximum.at(best_new, q, shared)
    weak: NDArray[np.bool_] = (100 * shared < 97 * best_old[p]) & (100 * shared < 97 * best_new[q])
    return weak


def find_runs(old: Folded, new: Folded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the runs worth chaining, and those to fall back on, as rows (old start, new start, length).

    Rows are by old end, then new start; each lies in one paragraph of either text. Phrases that merely come
    back are left out; at most _MOST_RUNS are looked at, the longest: text made to have more is not worth
    aligning to the letter.
    """
    runs = _merge_seeds(old, new)
    if not len(runs):
        return runs, runs
    runs = _cut(runs[~_outgrown(runs, old, new)], old, new)
    runs = runs[np.lexsort((runs[:, 1], runs[:, 0] + runs[:, 2]))]
    weak = _outshone(runs, old, new)
    return runs[~weak], runs[weak]


def find_contested(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.bool_]:
    """Tell the old paragraphs that have, or share, more than one likely partner: copies and twins."""
    contested = np.zeros(len(old.first) - 1, dtype=bool)
    if not len(runs):
        return contested
    p, q = old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]]
    shared = share_between(runs, old, new)
    size = np.diff(old.first)
    likely = np.unique(np.column_stack([p, q])[2 * shared >= size[p]], axis=0)
    partners = np.bincount(likely[:, 0], minlength=len(contested))
    sharers = np.bincount(likely[:, 1], minlength=len(new.first))
    contested[likely[:, 0]] = (partners[likely[:, 0]] > 1) | (sharers[likely[:, 1]] > 1)
    np.logical_or.at(contested, likely[:, 0], sharers[likely[:, 1]] > 1)
    return contested
