"""Find the runs of characters that two texts share, and link those that read on.

A run is a rare n-gram, merged with others along its diagonal.
"""

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
_LOOK_BACK = 96
"""Runs that may come between one and the next of its chain."""
_ASTRAY = 16 * 8
"""What it costs to go on in another paragraph in the middle of one: copies tempt a chain to."""


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


def link(
    runs: NDArray[np.int64],
    old_paragraph: NDArray[np.int64],
    new_paragraph: NDArray[np.int64],
    most_jump: int | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Score the best chain that ends in each run, and name the run before it (-1 for none).

    Scores are whole numbers (16 a character), so that equal chains tie exactly and the earlier copy wins.
    `most_jump` is the most that may be put in between two runs of a chain; None for any amount.
    """
    old, new, length = runs.T
    score = length * 16
    before = np.full(len(runs), -1, dtype=np.int64)
    for i in range(1, len(runs)):
        low = max(0, i - _LOOK_BACK)
        old_gap = old[i] - (old[low:i] + length[low:i])
        new_gap = new[i] - (new[low:i] + length[low:i])
        overlap = np.maximum(0, -np.minimum(old_gap, new_gap))
        gain = 16 * (length[i] - overlap)
        jump = np.abs(old_gap - new_gap)
        cost = (4 * np.log2(1 + jump)).astype(np.int64)
        astray = (old_paragraph[low:i] == old_paragraph[i]) != (new_paragraph[low:i] == new_paragraph[i])
        cost += np.where(astray & (jump > 8), _ASTRAY, 0)
        if most_jump is not None:
            cost[new_gap - old_gap > most_jump] = 10**9
        total = np.where(
            (gain > 0) & (new[low:i] < new[i]) & (old[low:i] < old[i]), score[low:i] + gain - cost, 0
        )
        best = int(np.argmax(total))
        if total[best] > score[i]:
            score[i] = total[best]
            before[i] = low + best
    return score, before


def find_runs(old: Folded, new: Folded) -> NDArray[np.int64]:
    """Return the shared runs as rows (old start, new start, length), by old end, then new start.

    Each lies in one paragraph of either text. Phrases that merely come back are left out; at most _MOST_RUNS
    are looked at, the longest: text made to have more is not worth aligning to the letter.
    """
    runs = _merge_seeds(old, new)
    if not len(runs):
        return runs
    runs = _cut(runs[~_outgrown(runs, old, new)], old, new)
    return runs[np.lexsort((runs[:, 1], runs[:, 0] + runs[:, 2]))]


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
