"""Align two folded texts character by character: each old character gets its new place, or none.

Chains say what stands where; long runs in them are taken as they are, everything between is aligned anew
with affine gaps, so that no short coincidence outweighs its surroundings. What no chain reached is tried
paragraph by paragraph. No new character is given twice.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Indel

from corpus.anchor.chains import Run, find_chains, free_parts
from corpus.anchor.copies import find_originals
from corpus.anchor.gaps import Gap, align
from corpus.anchor.runs import find_contested, find_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

_FIRM = 12
"""Runs this long are no coincidence; shorter ones must win again against their surroundings."""
_SHORT = 5
"""The shortest run that may be firm, in a paragraph that is otherwise the same."""
_MARGIN = 4
"""Characters at each end of a firm run that are aligned again: a run may have taken its neighbour's twin."""
_TWIN = 40
"""Up to so many equal characters, sentence ends decide which of two stretches was deleted."""
_APART = 120
"""A piece of a chain ends where either text goes on for this long without a shared run."""
_REACH = 400
"""How far beyond its runs a piece may reach for more of its paragraph."""
_SHORT_PIECE = 12
_MOST_LEFT = 2_000_000_000
"""Characters left over in one text times those in the other, up to which all paragraphs are compared."""
_ALIKE, _SOMEWHAT = 0.7, 0.5

_STOPS = np.array([ord(mark) for mark in ".!?;"], dtype=np.int64)


def _convincing(alike: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell the pairs that are alike enough, or less alike but with no rival on either side."""
    rivals = np.zeros_like(alike)
    for axis in (0, 1):
        if alike.shape[axis] > 1:
            top = np.sort(alike, axis=axis)
            first, second = np.take(top, [-1], axis), np.take(top, [-2], axis)
            rivals = np.maximum(rivals, np.where(alike == first, second, first))
    convincing: NDArray[np.bool_] = (alike >= _ALIKE) | ((alike >= _SOMEWHAT) & (alike >= 1.5 * rivals))
    return convincing


def find_breaks(text: Folded) -> NDArray[np.bool_]:
    """Say before which characters a sentence or a paragraph begins; one more entry for the end."""
    count = len(text.codes)
    breaks = np.zeros(count + 1, dtype=bool)
    breaks[text.first] = True
    stops = np.isin(text.codes, _STOPS)
    quotes = text.codes == ord('"')
    closed = quotes.copy()
    closed[1:] &= stops[:-1]
    closed[:1] = False
    breaks[1:] |= stops | closed
    opened = np.flatnonzero(closed)
    breaks[opened] = False
    return breaks


def _pieces(chain: list[Run]) -> list[list[Run]]:
    """Cut a chain where both texts go on for long without a shared run."""
    pieces = [[chain[0]]]
    for before, run in pairwise(chain):
        old_gap = run.old_start - before.old_start - before.length
        new_gap = run.new_start - before.new_start - before.length
        if max(old_gap, new_gap) > _APART:
            pieces.append([])
        pieces[-1].append(run)
    return pieces


def _believable(piece: list[Run], old: Folded, new: Folded) -> bool:
    """Tell a moved stretch from a phrase that two passages share by chance."""
    matched = sum(run.length for run in piece)
    first, last = piece[0], piece[-1]
    if matched >= _SHORT_PIECE and 3 * matched >= last.old_start + last.length - first.old_start:
        return True
    p, q = int(old.paragraph[first.old_start]), int(new.paragraph[first.new_start])
    shorter = min(old.first[p + 1] - old.first[p], new.first[q + 1] - new.first[q])
    return bool(2 * matched >= shorter)


def _firm(piece: list[Run], old: Folded, new: Folded) -> list[Run]:
    """Keep the runs that need no second look, without their edges; of a piece of short runs the longest.

    A shorter run is firm where the runs between its two paragraphs make up most of the old one.
    """
    of = old.paragraph[[run.old_start for run in piece]]
    shared = np.bincount(of, weights=[run.length for run in piece], minlength=len(old.first))
    mostly = 10 * shared[:-1] >= 7 * np.diff(old.first)
    joined: list[tuple[Run, bool]] = []
    for run in piece:
        sure = bool(run.length >= _FIRM or (run.length >= _SHORT and mostly[old.paragraph[run.old_start]]))
        if joined:
            before, was_sure = joined[-1]
            end = before.old_start + before.length, before.new_start + before.length
            if (run.old_start, run.new_start) == end:
                joined[-1] = before._replace(length=before.length + run.length), sure or was_sure
                continue
        joined.append((run, sure))
    longest = max(run.length for run, _ in joined)
    kept = [run for run, sure in joined if sure or run.length >= min(_FIRM, longest)]
    return _without_edges(kept, old, new)


def _without_edges(runs: list[Run], old: Folded, new: Folded) -> list[Run]:
    """Cut off the ends of runs, at least as far as the run after them would read the same there."""
    ends = [_MARGIN] * len(runs)
    for at, (run, later) in enumerate(pairwise(runs)):
        back = min(run.length - 1, later.old_start, later.new_start, _REACH)
        before_old = old.codes[later.old_start - back : later.old_start]
        before_new = new.codes[later.new_start - back : later.new_start]
        differ = np.flatnonzero(before_old != before_new)
        same = back - 1 - int(differ[-1]) if len(differ) else back
        # Between copies of whole paragraphs, and of anything as long, the chain has chosen already.
        inside = new.paragraph[run.new_start + run.length - 1] == new.paragraph[later.new_start]
        ends[at] = max(_MARGIN, same + 2) if inside and same <= _TWIN else _MARGIN
    kept = []
    for run, end in zip(runs, ends, strict=True):
        start = min(_MARGIN, (run.length - 1) // 2)
        length = max(1, run.length - start - end)
        kept.append(Run(run.old_start + start, run.new_start + start, length))
    return kept


class _Stretch(NamedTuple):
    """Characters between two runs (or a run and an end) that are to be aligned, and the chain they are in.

    A gap at a free edge costs nothing: the stretch ends there because the paragraph does.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    owner: int
    free_start: bool = False
    free_end: bool = False


class _Aligner:
    """The places given so far, and the stretches still free."""

    def __init__(self, old: Folded, new: Folded) -> None:
        self.old, self.new = old, new
        self.old_breaks, self.new_breaks = find_breaks(old), find_breaks(new)
        self.place = np.full(len(old.codes), -1, dtype=np.int64)
        self.used = np.zeros(len(new.codes), dtype=bool)
        self.old_owner = np.full(len(old.codes), -1, dtype=np.int64)
        self.new_owner = np.full(len(new.codes), -1, dtype=np.int64)

    def give(self, old_places: NDArray[np.int64], new_places: NDArray[np.int64]) -> None:
        """Give new places to old characters, where both are still free."""
        free = (self.place[old_places] < 0) & ~self.used[new_places]
        self.place[old_places[free]] = new_places[free]
        self.used[new_places[free]] = True

    def own(self, chain: list[Run], owner: int) -> None:
        """Keep a chain's runs for the chain: others may not fill their gaps with them."""
        for run in chain:
            self.old_owner[run.old_start : run.old_start + run.length] = owner
            self.new_owner[run.new_start : run.new_start + run.length] = owner

    def fill(self, stretches: list[_Stretch]) -> None:
        """Align stretches, as far as they are free."""
        gaps, places = [], []
        for low, high, new_low, new_high, owner, free_start, free_end in stretches:
            old_open = (self.old_owner[low:high] < 0) | (self.old_owner[low:high] == owner)
            new_open = (self.new_owner[new_low:new_high] < 0) | (self.new_owner[new_low:new_high] == owner)
            old_places = low + np.flatnonzero((self.place[low:high] < 0) & old_open)
            new_places = new_low + np.flatnonzero(~self.used[new_low:new_high] & new_open)
            if len(old_places) and len(new_places):
                places.append((old_places, new_places))
                gaps.append(
                    Gap(
                        self.old.codes[old_places],
                        self.new.codes[new_places],
                        np.append(self.old_breaks[old_places], self.old_breaks[old_places[-1] + 1]),
                        np.append(self.new_breaks[new_places], self.new_breaks[new_places[-1] + 1]),
                        free_start,
                        free_end,
                    )
                )
        for (old_places, new_places), pairs in zip(places, align(gaps), strict=True):
            if pairs:
                matched = np.array(pairs, dtype=np.int64)
                self.give(old_places[matched[:, 0]], new_places[matched[:, 1]])

    def stretches(self, firm: list[Run], owner: int, *, whole: bool = False) -> list[_Stretch]:
        """Name the stretches between a piece's firm runs, and on to the ends of paragraph or `whole` text."""
        first, last = firm[0], firm[-1]
        low = self.old.first[self.old.paragraph[first.old_start]]
        new_low = self.new.first[self.new.paragraph[first.new_start]]
        old_end, new_end = last.old_start + last.length, last.new_start + last.length
        high = self.old.first[self.old.paragraph[old_end - 1] + 1]
        new_high = self.new.first[self.new.paragraph[new_end - 1] + 1]
        low, new_low = max(low, first.old_start - _REACH), max(new_low, first.new_start - _REACH)
        high, new_high = min(high, old_end + _REACH), min(new_high, new_end + _REACH)
        if whole:
            low, new_low, high, new_high = 0, 0, self.old.first[-1], self.new.first[-1]
        between = [
            _Stretch(a.old_start + a.length, b.old_start, a.new_start + a.length, b.new_start, owner)
            for a, b in pairwise(firm)
        ]
        return [
            _Stretch(int(low), first.old_start, int(new_low), first.new_start, owner, free_start=True),
            *between,
            _Stretch(old_end, int(high), new_end, int(new_high), owner, free_end=True),
        ]

    def fall_back(self, runs: NDArray[np.int64]) -> None:
        """Give what is still free on both sides of a run: a sentence that went to another paragraph."""
        taken = self.place >= 0
        for row in runs[np.argsort(-runs[:, 2], kind="stable")].tolist():
            for part in free_parts(Run(*row), taken, self.used):
                if part.length >= _FIRM:
                    count = np.arange(part.length, dtype=np.int64)
                    self.give(part.old_start + count, part.new_start + count)
                    taken[part.old_start + count] = True

    def match_left_over(self) -> None:
        """Pair paragraphs that no chain reached with free ones that read nearly the same, best first."""
        self.old_owner[:] = self.new_owner[:] = -1
        old_left = self._left(self.old, self.place < 0)
        new_left = self._left(self.new, ~self.used)
        cells = sum(b - a for a, b in old_left) * sum(b - a for a, b in new_left)
        if not cells or cells > _MOST_LEFT:
            return
        alike = process.cdist(
            [self.old.codes[a:b].tolist() for a, b in old_left],
            [self.new.codes[a:b].tolist() for a, b in new_left],
            scorer=Indel.normalized_similarity,
        )
        rows, columns = np.nonzero(_convincing(alike))
        pairs = sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda p: (-alike[p], p))
        done_old, done_new = set[int](), set[int]()
        stretches = []
        for row, column in pairs:
            if row not in done_old and column not in done_new:
                done_old.add(row)
                done_new.add(column)
                stretches.append(_Stretch(*old_left[row], *new_left[column], -1))
        self.fill(stretches)

    @staticmethod
    def _left(text: Folded, free: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Name the paragraphs of which most is still free."""
        counted = np.concatenate(([0], np.cumsum(free)))
        share = counted[text.first[1:]] - counted[text.first[:-1]]
        length = np.diff(text.first)
        left = np.flatnonzero((length > 0) & (10 * share >= 7 * length) & (length <= 4000))
        return [(int(text.first[p]), int(text.first[p + 1])) for p in left]


class Alignment(NamedTuple):
    """Where each folded old character is among the new ones (-1: nowhere), and what may be mistaken.

    A contested old paragraph has a copy or a twin: its characters may as well be the other's.
    """

    place: NDArray[np.int64]
    contested: NDArray[np.bool_]


def align_texts(old: Folded, new: Folded) -> Alignment:
    """Align two texts, in time near linear in their length; what would take longer is left unaligned."""
    if np.array_equal(old.codes, new.codes):
        return Alignment(np.arange(len(old.codes), dtype=np.int64), np.zeros(len(old.first) - 1, dtype=bool))
    aligner = _Aligner(old, new)
    runs = find_runs(old, new)
    contested = find_contested(runs, old, new)
    originals = find_originals(runs, old, new)
    chains, copied = find_chains(originals, old, new)
    aligner.used |= copied
    pieces = chains[:1] + [
        piece for chain in chains[1:] for piece in _pieces(chain) if _believable(piece, old, new)
    ]
    firm = [_firm(piece, old, new) for piece in pieces]
    for owner, (piece, kept) in enumerate(zip(pieces, firm, strict=True)):
        aligner.own(piece, owner)
        for run in kept:
            count = np.arange(run.length, dtype=np.int64)
            aligner.give(run.old_start + count, run.new_start + count)
    if firm:
        # Moved pieces first: what lies between their runs is theirs, not the main chain's.
        moved = [aligner.stretches(kept, owner) for owner, kept in enumerate(firm) if owner]
        aligner.fill([stretch for stretches in moved for stretch in stretches])
        aligner.fill(aligner.stretches(firm[0], 0, whole=True))
        aligner.fall_back(originals.misread)
    aligner.match_left_over()
    return Alignment(aligner.place, contested)
