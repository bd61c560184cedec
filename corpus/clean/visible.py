"""From pieces of raw text to the text a reader sees, traced back to the raw text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from corpus.records import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Piece = tuple[int, int, str | None, int]
"""`(raw_start, raw_end, value, style)`: a run of raw text, or, with a value, raw text that stands for it: a
resolved reference, or a `LINE` or `CELL` break. `style` sums the flags below."""

Trace = tuple[int, int, int, int]
"""The four numbers of a `Segment`."""

_SEGMENT: Final = tuple.__new__  # half the time of `Segment._make`

LINK: Final = 1
BOLD: Final = 2

LINE: Final = "\n"
"""A line break inside a unit (`<br>`)."""

CELL: Final = "\t"
"""The border between two cells of a table row."""

UNSEEN: Final = "\xad\u200b\u2060\ufeff\x00"
"""Characters without width that a reader does not see: break hints, byte-order marks, NUL."""

_RUN: Final = re.compile(rf"[^\s{UNSEEN}]+(?: [^\s{UNSEEN}]+)*")
_IDEOGRAPH: Final = re.compile(
    "[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)


def visible(raw: str, pieces: Sequence[Piece]) -> tuple[str, list[Trace]]:
    r"""Join pieces as a browser shows them: white space folded, breaks kept, unseen characters dropped.

    A line of the source that ends between two ideographs continues without a space, as readers of Chinese and
    Japanese expect; other lines with one. Traces whose two sides are equally long match character by
    character; a folded run of white space, or a resolved reference, is one piece.

    >>> visible("salt  <b>lick</b>", [(0, 6, None, 0), (9, 13, None, 2)])
    ('salt lick', [(0, 4, 0, 4), (4, 5, 4, 6), (5, 9, 9, 13)])
    """
    if len(pieces) == 1:
        start, end, value, _ = pieces[0]
        if value is None:
            text = raw[start:end]
            # Printable text holds no white space but U+0020, and no unseen characters.
            if text.isprintable() and "  " not in text and text[0] != " " and text[-1] != " ":
                return text, [(0, end - start, start, end)]
    line = _Line()
    for start, end, value, _ in pieces:
        if value is None:
            line.text(raw, start, end)
        elif value in {LINE, CELL}:
            line.gap(start, end, value, wraps=False)
        elif value.isspace():
            line.gap(start, end, " ", wraps=False)
        elif value.strip(UNSEEN):
            line.chunk(value, start, end)
    return "".join(line.out), line.traces


def joined(pieces: Iterable[Piece], runs: Iterable[str]) -> list[Trace]:
    """Trace pieces each of which is seen as its run, one right behind the other.

    >>> joined([(3, 8, None, 0), (11, 12, "&", 0), (12, 15, None, 0)], ["salt ", "&", " it"])
    [(0, 5, 3, 8), (5, 9, 11, 15)]
    """
    traces: list[Trace] = []
    at, open_end = 0, -1
    for (start, end, _, _), run in zip(pieces, runs, strict=True):
        stop = at + len(run)
        matches = end - start == stop - at
        if matches and start == open_end:
            first, _, raw_first, _ = traces[-1]
            traces[-1] = (first, stop, raw_first, end)
        else:
            traces.append((at, stop, start, end))
        at, open_end = stop, end if matches else -1
    return traces


def segments(traces: Iterable[Trace]) -> tuple[Segment, ...]:
    """Name the numbers of traces."""
    return tuple([_SEGMENT(Segment, trace) for trace in traces])


class _Line:
    """The visible text under construction: what is out, and the gap of white space not yet out."""

    __slots__ = ("between", "gap_end", "gap_start", "length", "out", "traces", "wraps")

    def __init__(self) -> None:
        self.out: list[str] = []
        self.traces: list[Trace] = []
        self.length = 0
        self.between = ""
        self.gap_start = self.gap_end = 0
        self.wraps = False

    def text(self, raw: str, start: int, end: int) -> None:
        """Take a run of raw text."""
        text = raw[start:end]
        if text.isprintable() and "  " not in text:
            self.plain(text, start, end)
            return
        at = start
        for run in _RUN.finditer(raw, start, end):
            first, last = run.span()
            if first > at:
                self.space(raw, at, first)
            self.chunk(run[0], first, last)
            at = last
        if at < end:
            self.space(raw, at, end)

    def plain(self, text: str, start: int, end: int) -> None:
        """Take a run that holds no white space but single spaces."""
        if text[0] == " ":
            self.gap(start, start + 1, " ", wraps=False)
            text, start = text[1:], start + 1
        if text:
            spaced = text[-1] == " "
            self.chunk(text[:-1] if spaced else text, start, end - spaced)
            if spaced:
                self.gap(end - 1, end, " ", wraps=False)

    def space(self, raw: str, start: int, end: int) -> None:
        """Take what lies between visible runs: white space, unless it is unseen characters alone."""
        found = raw[start:end]
        if found.strip(UNSEEN):
            self.gap(start, end, " ", wraps="\n" in found or "\r" in found)

    def gap(self, start: int, end: int, between: str, *, wraps: bool) -> None:
        """Remember white space; a break outweighs a space, a cell border a line."""
        if not self.between:
            self.gap_start = start
        self.gap_end = end
        self.between = min(self.between or between, between)
        self.wraps = self.wraps or wraps

    def chunk(self, text: str, start: int, end: int) -> None:
        """Put out visible text, after the gap before it."""
        if self.between:
            joined = not self.out or (
                self.wraps and self.between == " " and _ideographs(self.out[-1][-1], text[0])
            )
            if not joined:
                self.out.append(self.between)
                self._trace(1, self.gap_start, self.gap_end)
            self.between = ""
            self.wraps = False
        self.out.append(text)
        self._trace(len(text), start, end)

    def _trace(self, length: int, start: int, end: int) -> None:
        """Add a trace, or lengthen the last one where both match character by character."""
        at = self.length
        self.length += length
        if self.traces and end - start == length:
            last = self.traces[-1]
            if last[3] == start and last[3] - last[2] == last[1] - last[0]:
                self.traces[-1] = (last[0], self.length, last[2], end)
                return
        self.traces.append((at, self.length, start, end))


def _ideographs(left: str, right: str) -> bool:
    """Tell whether two characters join without a space where a line of the source ends."""
    return bool(_IDEOGRAPH.match(left) and _IDEOGRAPH.match(right))
