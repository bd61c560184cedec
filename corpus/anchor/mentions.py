"""Give each annotation its place in new paragraphs, or none, by the alignment of the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus.anchor.alignment import align_texts
from corpus.anchor.folding import fold
from corpus.anchor.phrases import match_phrases
from corpus.records import Anchor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

_CONTEXT = 12
"""Folded characters on each side of a mention that are asked whether they came along."""


_LEAST_CONTEXT = 0.4
"""Share of the context that must have come along; below it, most of what was found was chance."""
_LONG = 12
"""Folded characters from which on a mention needs no context."""


def _rate(share: float, context: float, *, contested: bool) -> float:
    """Return how likely an anchor is right: fitted to benchmarks/anchoring.py, which prints what came out."""
    return round(1 - (0.002 + 0.3 * (1 - context) ** 2 + 0.06 * (1 - share)) - (0.03 if contested else 0), 3)


def _keep_together(places: NDArray[np.int64], new: Folded) -> NDArray[np.int64]:
    """Return the indices of the largest group of places that lie in one paragraph, close to one another."""
    paragraph = new.paragraph[places]
    apart = (np.diff(paragraph) != 0) | (np.abs(np.diff(places)) > 8 + len(places))
    groups = np.split(np.arange(len(places)), np.flatnonzero(apart) + 1)
    return max(groups, key=len)


def _context(
    place: NDArray[np.int64], low: int, high: int, kept: NDArray[np.int64], edges: tuple[int, int]
) -> float:
    """Return the share of the characters around a mention that came along with it; 1 where it has none."""
    before = np.arange(max(edges[0], low - _CONTEXT), low)
    after = np.arange(high, min(edges[1], high + _CONTEXT))
    around = np.concatenate([before, after])
    if not len(around):
        return 1.0
    anchor = np.where(around < low, kept[0], kept[-1])
    expected = anchor + np.where(around < low, around - low, around - high + 1)
    there = (place[around] >= 0) & (np.abs(place[around] - expected) <= _CONTEXT)
    return float(there.sum()) / len(around)


class _Reanchoring:
    """Two texts, folded and aligned once, that any number of annotations can be asked of."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        self.old_texts, self.new_texts = old, new
        self.old, self.new = fold(old), fold(new)
        aligned = align_texts(self.old, self.new)
        self.contested = aligned.contested
        self.place, self.until = match_phrases(aligned.place, self.old, self.new, old, new)

    def find(self, index: int, start: int, end: int) -> Anchor | None:
        """Return where `old[index][start:end]` stands in the new paragraphs, None if it was deleted."""
        edges = int(self.old.first[index]), int(self.old.first[index + 1])
        low = edges[0] + int(np.searchsorted(self.old.end[edges[0] : edges[1]], start, "right"))
        high = edges[0] + int(np.searchsorted(self.old.start[edges[0] : edges[1]], end, "left"))
        mention = np.arange(low, high)
        mention = mention[self.place[low:high] >= 0]
        if not len(mention):
            return None
        kept = mention[_keep_together(self.place[mention], self.new)]
        share = len(kept) / (high - low)
        context = _context(self.place, low, high, self.place[kept], edges)
        if share < 0.5 or (context < _LEAST_CONTEXT and high - low < _LONG):
            return None
        confidence = _rate(share, context, contested=bool(self.contested[index]))
        return self._anchor((index, start, end), (low, high), kept, confidence)

    def _anchor(
        self,
        annotation: tuple[int, int, int],
        span: tuple[int, int],
        kept: NDArray[np.int64],
        confidence: float,
    ) -> Anchor:
        """Turn the characters of a mention that are left into its place, and say how it was found."""
        index, start, end = annotation
        first, last = int(self.place[kept[0]]), int(self.until[kept[-1]])
        paragraph = int(self.new.paragraph[first])
        new_start, new_end = int(self.new.start[first]), int(self.new.end[last])
        whole = len(kept) == span[1] - span[0] and bool(
            np.all(self.place[kept[1:]] == self.until[kept[:-1]] + 1)
        )
        quote = self.old_texts[index][start:end]
        # Verbatim text keeps its edges to the letter, white space included, which folding does not see.
        verbatim = new_start + start - int(self.old.start[span[0]])
        if whole and verbatim >= 0 and self.new_texts[paragraph][verbatim : verbatim + len(quote)] == quote:
            new_start, new_end = verbatim, verbatim + len(quote)
            if (paragraph, new_start, new_end) == annotation:
                return Anchor(paragraph, new_start, new_end, "exact", confidence)
        return Anchor(paragraph, new_start, new_end, "moved" if whole else "fuzzy", confidence)


def reanchor(
    annotations: Sequence[tuple[int, int, int]], old: Sequence[str], new: Sequence[str]
) -> list[Anchor | None]:
    """Return, for each annotation of `old`, its place in `new`, or None for an orphan.

    An annotation is (paragraph index, start, end) in code points, end exclusive; `old` and `new` are lists
    of paragraph texts. Both are folded (width, script, punctuation, white space) and aligned as wholes,
    paragraphs moved, merged, split and repeated included; an annotation goes where its own characters went.
    It covers only characters that were annotated, and what was put between them. Where fewer than half of
    them are left, or they are left without anything that stood around them, it is an orphan: nothing is
    attached to other text that happens to read the same. Raises ValueError for an annotation that is no
    range of `old`.

    `method` is `exact` (same place, same quote), `moved` (same quote up to folding) or `fuzzy`.

    >>> reanchor([(0, 3, 5)], ["记者在北京报道。"], ["编者按", "記者 在 北京 報道。"])
    [Anchor(paragraph=1, start=5, end=7, method='moved', confidence=0.998)]
    >>> reanchor([(0, 3, 5)], ["记者在北京报道。"], ["编者按"])
    [None]
    """
    for index, start, end in annotations:
        if not (0 <= index < len(old) and 0 <= start < end <= len(old[index])):
            raise ValueError(
                f"annotation ({index}, {start}, {end}) is no range of the old text: expected a paragraph "
                f"index below {len(old)} and 0 <= start < end <= its length"
            )
    if not annotations:
        return []
    if list(old) == list(new):
        return [Anchor(index, start, end, "exact", 1.0) for index, start, end in annotations]
    texts = _Reanchoring(old, new)
    found = {annotation: texts.find(*annotation) for annotation in set(annotations)}
    return [found[annotation] for annotation in annotations]
