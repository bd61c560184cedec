"""Plain text to lines, and lines to units: what a reader takes for one line or one hard-wrapped paragraph.

A unit knows how many blank lines stand before it, how deep it is indented and which mark opens it, because in
a page without markup the white space is all the structure there is. Work is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from corpus.records import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

# The line ends of Unicode 16, section 5.8: CR, LF, CRLF, NEL, VT, FF, LS, PS.
_LINE_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
_LINE = re.compile(f"[^{_LINE_ENDS}]+")
_LINE_END = re.compile(f"\r\n|[{_LINE_ENDS}]")
# White space and marks without width at the edges of a line; NUL too, which some tools leave as padding.
_EDGE = (
    " \t\xa0\u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\x00\x1c\x1d\x1e\x1f\xad" + _LINE_ENDS
)
# Inside a line: any run of white space, and any single one that is neither a plain nor an ideographic space.
_FOLD = re.compile(r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]{2,}|[\t\xa0\u1680\u2000-\u200a\u202f\u205f]")
_BULLET = re.compile(r"[•‣◦⁃∙·▪▫◾◽➤►▸]+\s*|[-*+–—●○■□◆◇★☆→»]\s+")
_NUMBER = re.compile(
    r"(?:\d{1,3}[.)]\s+|\d{1,2}[、．]\s*|[(（]\d{1,2}[)）]\s*|[①-⑳]\s*|[a-zA-Z][.)]\s+(?=\S{2})|"
    r"[一二三四五六七八九十]{1,3}、)"
)
_QUOTE = re.compile(r"(?:[>＞]\s?)+(?=\S)")
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]"
)
_CJK = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
# Scripts that write words without spaces between them; Hangul is not one of them.
_UNSPACED = re.compile(f"[{_CJK}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_FIRST_WORD = re.compile(r"\S+")
_SHOWS = re.compile(r"\w")  # a line without a letter or digit is drawn, not written

_SHORTEST_WRAP, _LONGEST_WRAP = 24, 140  # columns: between a narrow newspaper column and a wide terminal
_MOSTLY_WIDE = 1.7  # columns a character of a line that is Chinese but for a number
_HAND_RUNS = 3  # paragraphs of several lines that a page wrapped by hand has
_HAND_WIDTH = 40  # columns: a line of verse is shorter


class Line(NamedTuple):
    """A line that shows something: `raw[start:end]` without white space at its edges.

    `blanks` is the number of empty lines before it, `indent` its depth in columns.
    """

    start: int
    end: int
    blanks: int
    indent: int


class Unit(NamedTuple):
    """One or more lines that read as one. `text` is what a reader sees, without the mark that opens it.

    `mark` is `bullet`, `number`, `quote` or empty. A number is part of the text, a bullet or quote mark is
    not.
    """

    start: int
    end: int
    blanks: int
    indent: int
    mark: str
    text: str
    segments: tuple[Segment, ...]


def lines(raw: str) -> list[Line]:
    r"""Every line of `raw` that shows something, in order.

    >>> [(raw_line.start, raw_line.end, raw_line.blanks) for raw_line in lines("a\r\n\r\n b \n")]
    [(0, 1, 0), (6, 7, 1)]
    """
    found: list[Line] = []
    last, blank_runs = 0, 0
    for match in _LINE.finditer(raw):
        start, end = match.span()
        line = match[0]
        stripped = line.lstrip(_EDGE)
        ends = len(_LINE_END.findall(raw, last, start)) if start - last > 1 else int(start > last)
        blank_runs += ends
        last = end
        if not stripped:
            continue
        lead = len(line) - len(stripped)
        stripped = stripped.rstrip(_EDGE)
        blanks = max(0, blank_runs - 1) if found else blank_runs
        found.append(
            Line(start + lead, start + lead + len(stripped), blanks, columns(line[:lead]) if lead else 0)
        )
        blank_runs = 0
    return found


def columns(text: str) -> int:
    """Width of `text` on a fixed grid: East Asian wide characters take two columns, a tab four.

    >>> columns("中文ab")
    6
    """
    if text.isascii():
        return len(text) + 3 * text.count("\t")
    return len(text) + len(_WIDE.findall(text)) + 3 * text.count("\t")


def joint(before: str, after: str) -> str:
    """What a reader puts between two lines of one paragraph: nothing in Chinese or Japanese, else a space.

    >>> joint("电", "话"), joint("wrapped", "line"), joint("well-", "known")
    ('', ' ', '')
    """
    if not before or not after:
        return ""
    if _UNSPACED.match(before[-1]) or _UNSPACED.match(after[0]):
        return ""
    hyphenated = before[-1] in "-\xad\u2010" and before[-2:-1].isalpha() and after[0].islower()
    return "" if hyphenated else " "


def render(raw: str, spans: Sequence[tuple[int, int]]) -> tuple[str, tuple[Segment, ...]]:
    """The text of `spans` of `raw` read as one paragraph, and the segments that trace it.

    Runs of white space become one space; between spans stands what `joint` says.

    >>> text, segments = render("ab  cd", [(0, 6)])
    >>> text, segments[1]
    ('ab cd', Segment(start=2, end=3, raw_start=2, raw_end=4))
    """
    if len(spans) == 1:
        start, end = spans[0]
        text = raw[start:end]
        if not _FOLD.search(text):
            return text, ((Segment(0, end - start, start, end),) if text else ())
    pieces: list[str] = []
    segments: list[Segment] = []
    length, last = 0, -1

    def put(text: str, start: int, end: int) -> None:
        nonlocal length
        if text:
            pieces.append(text)
            segments.append(Segment(length, length + len(text), start, end))
            length += len(text)

    for start, end in spans:
        if pieces:
            put(joint(raw[max(0, last - 2) : last], raw[start : start + 1]), last, start)
        at = start
        for fold in _FOLD.finditer(raw, start, end):
            put(raw[at : fold.start()], at, fold.start())
            put(" ", *fold.span())
            at = fold.end()
        put(raw[at:end], at, end)
        last = end
    return "".join(pieces), tuple(segments)


def units(raw: str) -> list[Unit]:
    """The lines of `raw`, hard-wrapped ones joined."""
    found: list[Unit] = []
    for run in _wrapped(raw, lines(raw)):
        first = run[0]
        mark, lead = _mark(raw, first.start, first.end)
        spans = [(first.start + lead, first.end)]
        for line in run[1:]:
            again = _QUOTE.match(raw, line.start, line.end) if mark == "quote" else None
            spans.append((again.end() if again else line.start, line.end))
        text, segments = render(raw, spans)
        found.append(Unit(first.start, run[-1].end, first.blanks, first.indent, mark, text, segments))
    return found


def _mark(raw: str, start: int, end: int) -> tuple[str, int]:
    """Which mark opens the line, and how many characters of it are not text."""
    head = raw[start : start + 1]
    if not head.isalpha() or "一" <= head <= "鿿":
        if (match := _BULLET.match(raw, start, end)) and match.end() < end:
            return "bullet", match.end() - start
        if _NUMBER.match(raw, start, end):
            return "number", 0
        if match := _QUOTE.match(raw, start, end):
            return "quote", match.end() - start
    elif head.isascii() and _NUMBER.match(raw, start, end):
        return "number", 0
    return "", 0


def _wrapped(raw: str, found: list[Line]) -> list[list[Line]]:
    """Lines grouped into paragraphs where a run without blank lines is wrapped, at one width or by hand."""
    runs: list[list[Line]] = []
    for line in found:
        if line.blanks or not runs:
            runs.append([])
        runs[-1].append(line)
    widths = [_wrap_width(raw, run) for run in runs]
    known = sorted(width for width in widths if width)
    # A paragraph of two lines says nothing alone; the other paragraphs of the page tell the width.
    usual = known[len(known) // 2] if known else 0
    # Where most runs are wrapped at a width, the others are what they look like.
    by_hand = 2 * len(known) <= sum(len(run) > 1 for run in runs) and _by_hand(raw, runs)
    grouped: list[list[Line]] = []
    for run, width in zip(runs, widths, strict=True):
        if by_hand and not any(_mark(raw, line.start, line.end)[0] for line in run):
            grouped.append(run)
        elif width or (usual and (len(run) == 2 or _hanging(raw, run, usual))):
            grouped.extend(_unwrap(raw, run, width or usual))
        else:
            grouped.extend([line] for line in run)
    return grouped


def _by_hand(raw: str, runs: list[list[Line]]) -> bool:
    """Whether a page is wrapped by hand: blank lines part its paragraphs, and lines break at commas.

    No paragraph ends with a comma or a colon, so where half of the lines that another follows at once do,
    line breaks mean nothing. Verse breaks so too, in short lines.
    """
    inner = [line for run in runs for line in run[:-1]]
    if sum(len(run) > 1 for run in runs) < _HAND_RUNS or not inner:
        return False
    broken = sum(raw[line.end - 1] in ",，、:：;；" for line in inner)
    widths = sorted(_width(raw, line) for line in inner)
    return 2 * broken >= len(inner) and _HAND_WIDTH <= widths[len(widths) // 2] <= _LONGEST_WRAP


def _wrap_width(raw: str, run: list[Line]) -> int:
    """The width a run of adjacent lines is wrapped at, 0 where nothing says it is.

    A line is full when the first word of the next one would not have fitted. Wrapped text has full lines but
    for the last of each paragraph; menus, verse and addresses do not.
    """
    if len(run) < 3 or any(line.end - line.start > _LONGEST_WRAP for line in run):
        return 0
    widest = max(_width(raw, line) for line in run)
    if not _SHORTEST_WRAP <= widest <= _LONGEST_WRAP:
        return 0
    # A deeper line begins a paragraph: that the one before it is not full says nothing.
    inner = [pair for pair in pairwise(run) if pair[1].indent <= pair[0].indent + 1]
    full = sum(_is_full(raw, *pair, widest) for pair in inner)
    # Two thirds full: a wrapped page of short paragraphs still reaches it, a menu of equal words hardly.
    return widest if full >= max(2, len(inner) * 2 / 3) and _prose(raw, run) else 0


def _hanging(raw: str, run: list[Line], width: int) -> bool:
    """Whether a run holds a paragraph whose first line is indented, full, and followed by one that is not."""
    return any(
        line.indent > after.indent + 1 and _is_full(raw, line, after, width) for line, after in pairwise(run)
    )


def _width(raw: str, line: Line) -> int:
    """Columns of a line with its indent; lines too long to be wrapped are not measured."""
    if line.end - line.start > _LONGEST_WRAP:
        return line.end - line.start
    return line.indent + columns(raw[line.start : line.end])


def _is_full(raw: str, line: Line, after: Line, width: int) -> bool:
    """Whether the first word of the next line would not have fitted on this one.

    Some wrap Chinese at a number of characters, digits as wide as the rest.
    """
    own, length = _width(raw, line), line.end - line.start
    wide = _UNSPACED.match(raw, after.start) and own - line.indent >= _MOSTLY_WIDE * length
    counted = line.indent + 2 * length if wide else 0
    return own <= width and (own + _next_word(raw, after) > width or counted + 4 > width)


def _unwrap(raw: str, run: list[Line], width: int) -> list[list[Line]]:
    """Split a wrapped run into paragraphs: at lines that are not full, at deeper indents, at list marks."""
    paragraphs = [[run[0]]]
    for before, after in pairwise(run):
        deeper = after.indent > before.indent + 1 and not _mark(raw, paragraphs[-1][0].start, before.end)[0]
        marked = _mark(raw, after.start, after.end)[0] not in ("", "quote")
        ruled = not _SHOWS.search(raw, before.start, before.end)
        if _is_full(raw, before, after, width) and not (deeper or marked or ruled):
            paragraphs[-1].append(after)
        else:
            paragraphs.append([after])
    return paragraphs


def _next_word(raw: str, line: Line) -> int:
    """Columns the first word of `line` would need on the line before; a wide character stands for a word."""
    quoted = _QUOTE.match(raw, line.start, line.end)
    start = quoted.end() if quoted else line.start
    if _UNSPACED.match(raw, start):
        return 4  # two characters: punctuation may not open a line and is pushed over with its neighbour
    match = _FIRST_WORD.match(raw, start, line.end)
    return 1 + min(24, match.end() - match.start()) if match else 0


def _prose(raw: str, run: list[Line]) -> bool:
    """Whether most lines of the run break off inside a sentence and at least one holds punctuation."""
    inner = [raw[line.end - 1] for line in run[:-1]]
    open_ended = sum(unicodedata.category(mark)[0] in "LN" or mark in ",，、;；" for mark in inner)
    text = raw[run[0].start : run[-1].end]
    return open_ended * 2 > len(inner) and any(mark in text for mark in "。，.,!?！？；;")
