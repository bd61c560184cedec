"""Units of text: what lies between two block boundaries, made of pieces of raw text."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.clean.visible import BOLD, CELL, LINE, LINK, UNSEEN, Piece, Trace, joined, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BLANK: Final = "".join(
    chr(code)
    for first, last in ((9, 13), (28, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A))
    for code in range(first, last + 1)
) + ("\u2028\u2029\u202f\u205f\u3000" + UNSEEN)
"""Characters that show nothing: white space, and those without width."""

_BREAKS: Final = frozenset((LINE, CELL))
_INDENT: Final = re.compile("[ \t\r\n]*(?:\u3000|\xa0[ \xa0])")
_SENTENCE_END: Final = re.compile('[.!?…。！？:：”"』」’）)]$')


class Unit(NamedTuple):
    """A unit of text, from its first visible character to its last.

    `text` is what a reader sees, `traces` tie it to the raw text; `node` is the element it lies in. `inner`
    is the place of the start tag of an inline element with attributes that opens just before its first
    character (`(0, 0)` without one). `images` counts the images since the unit before it; `size`, `linked`
    and `bold` count raw characters of text, in links, and in bold; `breaks` counts `<br>` and cell borders.
    """

    start: int
    end: int
    text: str
    traces: list[Trace]
    node: int
    inner: tuple[int, int]
    images: int
    size: int
    linked: int
    bold: int
    breaks: int


_UNIT: Final = partial(tuple.__new__, Unit)  # half the time of `Unit._make`


def plain_unit(raw: str, pieces: list[Piece], node: int, inner: tuple[int, int], images: int) -> Unit | None:
    """Make a unit of plain text, the common case, without looking for white space piece by piece.

    White space behind the text is taken off the pieces; None where they are more than such text.
    """
    while len(pieces) > 1 and pieces[-1][2] is None and raw[pieces[-1][0] : pieces[-1][1]].isspace():
        pieces.pop()
    start, end, value, style = pieces[0]
    if value is not None or len(pieces) > 1:
        return _plain_runs(raw, pieces, node, inner, images)
    whole = raw[start:end]
    text = whole.strip()
    size = len(text)
    # Printable text holds no white space but U+0020, and no unseen characters.
    if not size or not text.isprintable() or "  " in text:
        return None
    if size != end - start:
        start = end - len(whole.lstrip())
    return _UNIT(
        (
            start,
            start + size,
            text,
            [(0, size, start, start + size)],
            node,
            inner,
            images,
            size,
            size if style & LINK else 0,
            size if style & BOLD else 0,
            0,
        )
    )


def _plain_runs(raw: str, pieces: list[Piece], node: int, inner: tuple[int, int], images: int) -> Unit | None:
    """Make a unit of several runs of plain text; None where they do not join as they stand."""
    runs = [raw[start:end] if value is None else value or LINE for start, end, value, _ in pieces]
    runs[0], runs[-1] = runs[0].lstrip(), runs[-1].rstrip()
    text = "".join(runs)
    if not (runs[0] and runs[-1] and text.isprintable()) or "  " in text:
        return None
    kept = pieces.copy()
    start, end, value, style = kept[0]
    if value is None:
        kept[0] = (end - len(runs[0]), end, None, style)
    start, end, value, style = kept[-1]
    if value is None:
        kept[-1] = (start, start + len(runs[-1]), None, style)
    traces = joined(kept, runs)
    return _UNIT((kept[0][0], kept[-1][1], text, traces, node, inner, images, *_counts(kept)))


def unit(raw: str, pieces: list[Piece], node: int, inner: tuple[int, int], images: int) -> Unit | None:
    """Make a unit of pieces, from their first visible character to their last; None where there is none."""
    first, last = 0, len(pieces)
    while first < last and _blank(raw, pieces[first]):
        first += 1
    while first < last and _blank(raw, pieces[last - 1]):
        last -= 1
    if first == last:
        return None
    kept = pieces[first:last]
    start, end, value, style = kept[0]
    if value is None:
        start = end - len(raw[start:end].lstrip(BLANK))
        kept[0] = (start, end, None, style)
    start, end, value, style = kept[-1]
    if value is None:
        end = start + len(raw[start:end].rstrip(BLANK))
        kept[-1] = (start, end, None, style)
    text, traces = visible(raw, kept)
    return _UNIT((kept[0][0], end, text, traces, node, inner, images, *_counts(kept)))


def _counts(pieces: Iterable[Piece]) -> tuple[int, int, int, int]:
    """Count characters of raw text, those in links, those in bold, and breaks."""
    size = linked = bold = breaks = 0
    for start, end, value, style in pieces:
        if value in _BREAKS:
            breaks += 1
        else:
            size += end - start
            if style & LINK:
                linked += end - start
            if style & BOLD:
                bold += end - start
    return size, linked, bold, breaks


def is_row(pieces: Sequence[Piece], cells: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the cells of a row are short enough to be values in a table, not parts of a layout."""
    begins = [begin for begin, _ in cells] + [len(pieces)]
    sizes = [sum(end - start for start, end, _, _ in pieces[begin:stop]) for begin, stop in pairwise(begins)]
    # Calibrated by eye on pages laid out with tables: prose begins at some 300 characters a cell.
    return max(sizes) <= 300 and sum(sizes) <= 900


def paragraphs(raw: str, pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Cut pieces where breaks part paragraphs."""
    if len(pieces) < 3 or not any(piece[2] == LINE for piece in pieces):
        yield pieces
        return
    group: list[Piece] = []
    size = 0
    for line in _lines(pieces):
        if group and _parts(raw, group, size, line):
            yield group
            group, size = [], 0
        group += line
        size += sum(end - start for start, end, value, _ in line if value is None)
    yield group


def _parts(raw: str, before: list[Piece], size: int, line: list[Piece]) -> bool:
    """Tell whether a line that follows a `<br>` begins a paragraph of its own.

    It does after an empty line, when it is indented as Chinese paragraphs are, or when what stands before
    it is long and ends a sentence.
    """
    first = next((at for at, piece in enumerate(line) if not _blank(raw, piece)), None)
    if first is None or all(_blank(raw, piece) for piece in before[-2:]):
        return True
    start, end, value, _ = line[first]
    spaces = sum(value is not None and value.isspace() for _, _, value, _ in line[1:first])
    if spaces > 1 or (value is None and _INDENT.match(raw, start, end)):
        return True
    tail = next((raw[s:e] if v is None else v for s, e, v, _ in reversed(before) if v != LINE), "")
    # Two printed lines; an ideograph counts for two characters, and raw text says which script it is in.
    return size >= (30 if tail[-1:] > "\u2e80" else 60) and bool(_SENTENCE_END.search(tail.rstrip()))


def _blank(raw: str, piece: Piece) -> bool:
    """Tell whether a piece shows nothing: white space, a break, unseen characters."""
    start, end, value, _ = piece
    if value is None:
        return not raw[start:end].strip(BLANK)
    return not value.strip(BLANK)


def _lines(pieces: list[Piece]) -> list[list[Piece]]:
    """Cut pieces at their line breaks; each line but the first begins with its break."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece[2] == LINE:
            lines.append([])
        lines[-1].append(piece)
    return lines
