"""Find which stretches of the old text stand where in the new one, moved paragraphs included.

Seed and chain, as in whole-genome alignment (MUMmer, Delcher et al. 1999; minimap2, Li 2018): rare n-grams
that both texts share are merged into runs, runs that keep their order are chained, and each character is given
to one chain only. A moved paragraph is a chain of its own; of two copies, the one in line with its neighbours
wins, because it makes the longer chain.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

# Seed length -> most often that an n-gram may pair up (occurrences in old times occurrences in new). Short seeds
# must be nearly unique, long ones may repeat, so that a paragraph printed three times still finds its places.
_SEEDS = {5: 6, 8: 9, 16: 16, 32: 25}
_MOST_RUNS = 40_000
_MOST_EQUAL = 25
_LOOK_BACK = 96


class Run(NamedTuple):
    """`old[old_start:old_start + length]` equals `new[new_start:new_start + length]`, in folded characters."""

    old_start: int
    new_start: int
    length: int


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
    """Return rows (diagonal, old start, old end) for paragraphs that are the same: also those too short to seed."""
    places: dict[bytes, list[int]] = {}
    for q, (low, high) in enumerate(zip(new.first, new.first[1:], strict=False)):
        if high > low:
            places.setdefault(new.codes[low:high].tobytes(), []).append(q)
    rows = []
    seen = Counter(old.codes[low:high].tobytes() for low, high in zip(old.first, old.first[1:], strict=False))
    for low, high in zip(old.first, old.first[1:], strict=False):
        key = old.codes[low:high].tobytes()
        found = places.get(key, [])
        if len(found) * seen[key] <= _MOST_EQUAL:
            rows += [(new.first[q] - low, low, high) for q in found]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def find_runs(old: Folded, new: Folded) -> NDArray[np.int64]:
    """Return the shared runs as rows (old start, new start, length), sorted by old, then new start.

    At most _MOST_RUNS are kept, the longest: text made to have more is not worth aligning to the letter.
    """
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
    return runs[np.lexsort((runs[:, 1], runs[:, 0]))]


def set_apart(runs: NDArray[np.int64], old: Folded, new: Folded) -> NDArray[np.bool_]:
    """Tell the runs that only say that two paragraphs share a phrase, each having a far better partner.

    Such a run would draw a mention into the other paragraph whenever the two have changed places.
    """
    if not len(runs):
        return np.zeros(0, dtype=bool)
    old_start, new_start, length = runs.T
    p, q = old.paragraph[old_start], new.paragraph[new_start]
    inside = (old.paragraph[old_start + length - 1] == p) & (new.paragraph[new_start + length - 1] == q)
    _, pair = np.unique(p * len(new.first) + q, return_inverse=True)
    shared = np.bincount(pair, weights=length)[pair]
    best_old, best_new = np.zeros(len(old.first)), np.zeros(len(new.first))
    np.maximum.at(best_old, p, shared)
    np.maximum.at(best_new, q, shared)
    weak: NDArray[np.bool_] = inside & (2 * shared < best_old[p]) & (2 * shared < best_new[q]) & (length < 40)
    return weak


def _link(runs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Score the best chain that ends in each run, and name the run before it (-1 for none).

    Scores are whole numbers (16 a character), so that equal chains tie exactly and the earlier copy wins.
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
        total = np.where((gain > 0) & (new[low:i] < new[i]), score[low:i] + gain - cost, 0)
        best = int(np.argmax(total))
        if total[best] > score[i]:
            score[i] = total[best]
            before[i] = low + best
    return score, before


def _free(run: Run, used_old: NDArray[np.bool_], used_new: NDArray[np.bool_]) -> list[Run]:
    """Cut a run down to the stretches that no earlier chain holds on either side."""
    taken = (
        used_old[run.old_start : run.old_start + run.length]
        | used_new[run.new_start : run.new_start + run.length]
    )
    if not taken.any():
        return [run]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], taken, [True])).astype(np.int8)))
    return [
        Run(run.old_start + int(low), run.new_start + int(low), int(high - low))
        for low, high in zip(edges[::2], edges[1::2], strict=True)
    ]


def _before(run: Run, chain: list[Run]) -> list[Run]:
    """Put a run before a chain (kept last run first); where they overlap the earlier run keeps the characters.

    Of a paragraph printed twice in a row, the runs of both copies overlap: the first copy is the one that stays.
    """
    while chain:
        later = chain.pop()
        cut = max(0, run.old_start + run.length - later.old_start, run.new_start + run.length - later.new_start)
        if cut < later.length:
            chain.append(Run(later.old_start + cut, later.new_start + cut, later.length - cut))
            break
    return [*chain, run]


def find_chains(old: Folded, new: Folded) -> list[list[Run]]:
    """Return chains of runs, best first; each chain is in order in both texts and no character is in two."""
    runs = find_runs(old, new)
    runs = runs[~set_apart(runs, old, new)]
    if not len(runs):
        return []
    score, before = _link(runs)
    used_old, used_new = np.zeros(len(old.codes), dtype=bool), np.zeros(len(new.codes), dtype=bool)
    seen = np.zeros(len(runs), dtype=bool)
    chains = []
    for last in np.argsort(-score, kind="stable"):
        at, chain = int(last), list[Run]()
        while at >= 0 and not seen[at]:
            seen[at] = True
            row = runs[at]
            for run in reversed(_free(Run(int(row[0]), int(row[1]), int(row[2])), used_old, used_new)):
                chain = _before(run, chain)
            at = int(before[at])
        for run in chain:
            used_old[run.old_start : run.old_start + run.length] = True
            used_new[run.new_start : run.new_start + run.length] = True
        if chain:
            chains.append(chain[::-1])
    return chains
