"""Align the stretches between two runs: global alignment with affine gaps, many stretches at once.

Gotoh's recurrences (1982), row by row over a whole batch. Edits come in blocks (a word, a sentence), so one
long gap is likelier than many short ones, and a gap that begins or ends where a sentence ends is likelier
still: that decides which of two equal copies was deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

# Tenths of a matched character; tuned on benchmarks/anchoring.py (dev pages), re-run it when one moves.
MATCH, MISMATCH, OPEN, EXTEND, AT_SENTENCE = 20, -30, -32, -1, 8
MOST_CELLS = 4_000_000
MOST_CELLS_IN_ALL = 400_000_000
_LOW = np.int32(-(10**8))


class Gap(NamedTuple):
    """A stretch of old and of new characters between two runs, with what stands at the edges.

    `old` and `new` are folded characters; `old_breaks[i]` says that a sentence or paragraph ends before old
    character `i` (one entry more than characters). `free_start` and `free_end` make a gap at that edge cost
    nothing: there the stretch ends where the paragraph does, not at a run.
    """

    old: NDArray[np.int64]
    new: NDArray[np.int64]
    old_breaks: NDArray[np.bool_]
    new_breaks: NDArray[np.bool_]
    free_start: bool = False
    free_end: bool = False


def _stack(rows: Sequence[NDArray[np.generic]], width: int, fill: int) -> NDArray[np.int32]:
    """Put rows of unequal length into one array, filled at the end."""
    stacked = np.full((len(rows), width), fill, dtype=np.int32)
    for at, row in enumerate(rows):
        stacked[at, : len(row)] = row
    return stacked


def _fill(gaps: Sequence[Gap]) -> NDArray[np.uint8]:
    """Fill the tables of a batch; one byte a cell says where its score, deletion and insertion came from.

    Bits 0-1: best is a pair (0), a deletion (1) or an insertion (2). Bit 2: the deletion goes on from the
    row above. Bit 3: the insertion goes on from the cell to the left.
    """
    rows = max(len(gap.old) for gap in gaps)
    columns = max(len(gap.new) for gap in gaps)
    old = _stack([gap.old for gap in gaps], rows, -1)
    new = _stack([gap.new for gap in gaps], columns, -2)
    old_bonus = _stack([gap.old_breaks for gap in gaps], rows + 1, 0) * np.int32(AT_SENTENCE)
    new_bonus = _stack([gap.new_breaks for gap in gaps], columns + 1, 0) * np.int32(AT_SENTENCE)
    free_start = np.array([gap.free_start for gap in gaps])
    came = np.zeros((len(gaps), rows + 1, columns + 1), dtype=np.uint8)
    slope = (-EXTEND * np.arange(columns + 1, dtype=np.int32))[None, :]
    lead = np.where(free_start, 0, OPEN)[:, None] + new_bonus[:, :1]
    best = np.where(
        np.arange(columns + 1)[None, :] > 0,
        np.where(free_start[:, None], 0, lead - slope + new_bonus),
        0,
    ).astype(np.int32)
    came[:, 0, 1:] = 2
    came[:, 0, 2:] |= 8
    deletion = np.full_like(best, _LOW)
    for row in range(1, rows + 1):
        # A bonus at the opening is paid when the gap opens, the one at its end when the best leaves the gap.
        opened = best + (OPEN + EXTEND + old_bonus[:, row - 1 : row])
        going = deletion + EXTEND
        deletion = np.maximum(opened, going)
        came[:, row] |= (going > opened).astype(np.uint8) << 2
        deleted = deletion + old_bonus[:, row : row + 1]
        paired = np.full_like(best, _LOW)
        paired[:, 1:] = best[:, :-1] + np.where(new == old[:, row - 1 : row], MATCH, MISMATCH)
        up = np.maximum(paired, deleted)
        choice = (deleted > paired).astype(np.uint8)
        first = np.where(free_start, 0, up[:, 0])
        up[:, 0] = first
        entered = up + OPEN + new_bonus + slope
        reach = np.maximum.accumulate(entered, axis=1)
        insertion = np.full_like(best, _LOW)
        insertion[:, 1:] = reach[:, :-1] - slope[:, 1:]
        came[:, row, 2:] |= (reach[:, 1:-1] > entered[:, 1:-1]).astype(np.uint8) << 3
        inserted = insertion + new_bonus
        choice[inserted > up] = 2
        best = np.maximum(up, inserted)
        choice[:, 0] = 1
        came[:, row] |= choice
    return came


def _trace(came: NDArray[np.uint8], gap: Gap) -> list[tuple[int, int]]:
    """Walk one table back from its end; return the pairs of equal characters in order."""
    row, column = len(gap.old), len(gap.new)
    pairs = []
    state = came[row, column] & 3
    while row > 0 and column > 0:
        cell = came[row, column]
        if state == 0:
            if gap.old[row - 1] == gap.new[column - 1]:
                pairs.append((row - 1, column - 1))
            row, column = row - 1, column - 1
            state = came[row, column] & 3
        elif state == 1:
            row -= 1
            state = 1 if cell & 4 else came[row, column] & 3
        else:
            column -= 1
            state = 2 if cell & 8 else came[row, column] & 3
    return pairs[::-1]


def _reversed(gap: Gap) -> Gap:
    return Gap(
        gap.old[::-1], gap.new[::-1], gap.old_breaks[::-1], gap.new_breaks[::-1], gap.free_end, gap.free_start
    )


def _affordable(gaps: Sequence[Gap]) -> list[int]:
    """Return the gaps to align, those of like size side by side, without what would cost too much."""
    sizes = {k: len(gap.old) * len(gap.new) for k, gap in enumerate(gaps) if len(gap.old) and len(gap.new)}
    kept, spent = [], 0
    for k in sorted(sizes, key=sizes.__getitem__):
        spent += sizes[k]
        if sizes[k] > MOST_CELLS or spent > MOST_CELLS_IN_ALL:
            break
        kept.append(k)
    return sorted(
        kept, key=lambda k: (max(len(gaps[k].old), len(gaps[k].new)).bit_length(), len(gaps[k].old))
    )


def align(gaps: Iterable[Gap]) -> list[list[tuple[int, int]]]:
    """Return, for each gap, its pairs (old place, new place) of equal characters, in order.

    A gap of more than MOST_CELLS cells is left unaligned, as are the largest when there are too many:
    nothing is said about them rather than anything wrong, and no input takes forever.
    """
    gaps = list(gaps)
    answers: list[list[tuple[int, int]]] = [[] for _ in gaps]
    order = _affordable(gaps)
    while order:
        batch, rows, columns = list[int](), 0, 0
        while order:
            gap = gaps[order[-1]]
            rows, wider = max(rows, len(gap.old)), max(columns, len(gap.new))
            if batch and (rows + 1) * (wider + 1) * (len(batch) + 1) > MOST_CELLS:
                break
            columns = wider
            batch.append(order.pop())
        # The recurrences know a free start; a free end is the same read backwards.
        turned = [gaps[k].free_end and not gaps[k].free_start for k in batch]
        read = [_reversed(gaps[k]) if back else gaps[k] for k, back in zip(batch, turned, strict=True)]
        came = _fill(read)
        for at, (k, back, gap) in enumerate(zip(batch, turned, read, strict=True)):
            pairs = _trace(came[at], gap)
            if back:
                pairs = [(len(gap.old) - 1 - i, len(gap.new) - 1 - j) for i, j in reversed(pairs)]
            answers[k] = pairs
    return answers
