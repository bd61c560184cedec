"""Tell originals from copies and twins: which old stretch each new one came from, before anything is chained.

Every new stretch was made from one old stretch, and every old stretch has one original; what else reads like
it is a copy. So of several old paragraphs that may be the source of a new stretch, the one that explains it
best is; of copies printed one after another, the first is the original; and a copy takes nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.anchor.runs import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

# Chosen on seeds 1 to 6 of benchmarks/anchoring.py (dev pages), re-run it when one moves.
_BETTER = 2
"""Characters by which another source must explain a stretch better: fewer are a typing error."""
_MOSTLY = 0.8
"""Share of a stretch that the better sources must explain."""
_LOST = 3
"""The most that a gap within a source counts against it, in characters: an editor cuts a gap in one go."""
_COPY = 0.5
"""Share of a placement's old characters that stand elsewhere already, for it to be a copy."""
_JUMP = 30
"""The most that a placement may leave out of the new text beyond what it leaves out of the old."""
_WORTH = 8
"""Characters from which on a placement is worth being called a copy, or stands between copies."""


class Placement(NamedTuple):
    """A stretch of one old paragraph that reads on in one new paragraph.

    `rows` are its runs, `source` the old paragraph, `score` the characters it explains less what it lacks;
    `new_start` and `new_end` enclose its new characters. `alone`: no other source may have been meant.
    """

    rows: NDArray[np.int64]
    source: int
    score: float
    new_start: int
    new_end: int
    alone: bool = True


class Originals(NamedTuple):
    """The runs worth chaining, the placements they make up, runs to fall back on; copies, as new ranges."""

    runs: NDArray[np.int64]
    placements: list[Placement]
    misread: NDArray[np.int64]
    repeats: list[tuple[int, int]]


def _characters(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of all characters of some runs, one after another."""
    skipped = np.cumsum(lengths) - lengths
    return np.repeat(starts - skipped, lengths) + np.arange(int(lengths.sum()), dtype=np.int64)


def _place(rows: NDArray[np.int64], runs: NDArray[np.int64], source: int) -> Placement:
    """Make a placement of runs that are in order."""
    old, new, length = runs[rows].T
    between = old[1:] - (old + length)[:-1]
    lost = np.clip(between, 0, _LOST).sum() + np.clip(-between, 0, None).sum()
    return Placement(rows, source, float(length.sum() - lost), int(new.min()), int((new + length).max()))


def _find_placements(runs: NDArray[np.int64], old: Folded, new: Folded) -> list[Placement]:
    """Group runs into placements: chains between one old and one new paragraph, each run in one of them."""
    p, q = old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]]
    order = np.lexsort((runs[:, 0] + runs[:, 2], q, p))
    cuts = np.flatnonzero((np.diff(p[order]) != 0) | (np.diff(q[order]) != 0)) + 1
    placements = []
    for rows in np.split(order, cuts):
        score, before = link(runs[rows], p[rows], q[rows], _JUMP)
        seen = np.zeros(len(rows), dtype=bool)
        for last in np.argsort(-score, kind="stable"):
            at, chain = int(last), list[int]()
            while at >= 0 and not seen[at]:
                seen[at] = True
                chain.append(at)
                at = int(before[at])
            if chain:
                placements.append(_place(rows[chain[::-1]], runs, int(p[rows[0]])))
    return placements


def _find_misread(placements: Sequence[Placement], runs: NDArray[np.int64], new: Folded) -> list[bool]:
    """Tell the placements whose new stretch other ones explain better."""
    places = [_characters(runs[each.rows, 1], runs[each.rows, 2]) for each in placements]
    best = np.full(len(new.codes), -np.inf)
    for each, place in zip(placements, places, strict=True):
        best[place] = np.maximum(best[place], each.score)
    return [
        bool((best[place] >= each.score + _BETTER).mean() >= _MOSTLY)
        for each, place in zip(placements, places, strict=True)
    ]


def _find_alone(placements: Sequence[Placement], runs: NDArray[np.int64], new: Folded) -> list[Placement]:
    """Say of each placement whether its new stretch, or most of it, has no other source."""
    places = [_characters(runs[each.rows, 1], runs[each.rows, 2]) for each in placements]
    owner = np.full(len(new.codes), -1, dtype=np.int64)
    shared = np.zeros(len(new.codes), dtype=bool)
    for each, place in zip(placements, places, strict=True):
        shared[place] |= (owner[place] >= 0) & (owner[place] != each.source)
        owner[place] = each.source
    return [
        each._replace(alone=bool(2 * shared[place].sum() < len(place)))
        for each, place in zip(placements, places, strict=True)
    ]


def _read_anew(
    order: Iterable[int], placements: Sequence[Placement], runs: NDArray[np.int64], held: NDArray[np.bool_]
) -> Iterator[tuple[list[int], int]]:
    """Cut placements of one old paragraph where they begin it anew; with each part the characters it holds.

    `held` is a blank to note held characters in. A placement across another is no copy: it is left out.
    """
    part, size, reached = list[int](), 0, 0
    for k in order:
        place = _characters(runs[placements[k].rows, 0], runs[placements[k].rows, 2])
        if held[place].mean() >= _COPY:
            if placements[k].new_start < reached:
                continue
            yield part, size
            part, size = [], 0
            held[:] = False
        size += int((~held[place]).sum())
        held[place] = True
        part.append(k)
        reached = max(reached, placements[k].new_end)
    yield part, size


def _find_repeats(placements: Sequence[Placement], runs: NDArray[np.int64], old: Folded) -> set[int]:
    """Name the placements of paragraphs printed again, with nothing old between the printings.

    Only printings of half a paragraph or more count: a list of contents repeats a page's headings, too.
    """
    size = np.diff(old.first)
    order = [k for k, each in enumerate(placements) if each.score >= min(_WORTH, 0.6 * size[each.source])]
    order.sort(key=lambda k: (placements[k].new_start, placements[k].new_end))
    blank = np.zeros(len(old.codes), dtype=bool)
    repeats = set[int]()
    for source, group in groupby(order, lambda k: placements[k].source if placements[k].alone else -1):
        if source < 0:
            continue
        blank[old.first[source] : old.first[source + 1]] = False
        parts = _read_anew(group, placements, runs, blank)
        printings = [part for part, held in parts if held >= _COPY * size[source]]
        repeats.update(k for part in printings[1:] for k in part)
    return repeats


def find_originals(runs: NDArray[np.int64], old: Folded, new: Folded) -> Originals:
    """Set aside the runs that read what came from elsewhere, and those of copies right after the original."""
    if not len(runs):
        return Originals(runs, [], runs, [])
    placements = _find_placements(runs, old, new)
    misread = _find_misread(placements, runs, new)
    own = _find_alone([p for p, wrong in zip(placements, misread, strict=True) if not wrong], runs, new)
    repeats = _find_repeats(own, runs, old)
    kept = np.zeros(len(runs), dtype=bool)
    wrong = np.ones(len(runs), dtype=bool)
    for k, each in enumerate(own):
        kept[each.rows], wrong[each.rows] = k not in repeats, False
    index = np.cumsum(kept) - 1
    firsts = [
        each._replace(rows=index[each.rows])
        for k, each in enumerate(own)
        if k not in repeats and each.alone and each.score >= _WORTH
    ]
    copies = [(own[k].new_start, own[k].new_end) for k in sorted(repeats)]
    return Originals(runs[kept], firsts, runs[wrong], copies)


class Rivals:
    """The placements not chosen yet: once their old stretch has its place, they are copies of it.

    `copied` says which new characters belong to copies. Placements that may have come from elsewhere (twins
    in the old text) are no rivals.
    """

    def __init__(self, originals: Originals, new_length: int) -> None:
        self.copied = np.zeros(new_length, dtype=bool)
        for low, high in originals.repeats:
            self.copied[low:high] = True
        self._runs = originals.runs
        self._of: defaultdict[int, list[Placement]] = defaultdict(list)
        for each in originals.placements:
            self._of[each.source].append(each)

    def rule_out(
        self, sources: Iterable[int], used_old: NDArray[np.bool_], used_new: NDArray[np.bool_]
    ) -> None:
        """Find the copies of old paragraphs that have just been placed, and mark them in `used_new`."""
        for source in sources:
            left = []
            for each in self._of[source]:
                length = self._runs[each.rows, 2]
                here = used_old[_characters(self._runs[each.rows, 0], length)]
                there = used_new[_characters(self._runs[each.rows, 1], length)]
                if (here & ~there).mean() < _COPY:
                    left.append(each)
                    continue
                copy = slice(each.new_start, each.new_end)
                self.copied[copy] |= ~used_new[copy]
                used_new[copy] = True
            self._of[source] = left
