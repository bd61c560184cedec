"""HTML into layout: units of text with their places, inside a light tree of block-level elements.

A unit is what lies between two block boundaries: a paragraph, a heading, a list entry, a table row, a part of
a `<br><br>`-separated text. Inline markup inside a unit belongs to it. The tree holds block-level elements
only; it follows the standard where that decides what belongs to what (void elements, implied end tags,
scopes), and skips what does not (foster parenting, the adoption agency): units keep the order of the raw
text, so that they tile it. Time is linear: every search through open elements is bounded.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.clean.units import BLANK, Unit, is_row, paragraphs, plain_unit, unit
from corpus.clean.visible import BOLD, CELL, LINE, LINK, Piece
from corpus.markup import END, REFERENCE, START, TEXT, VOID, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.markup import Kind


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


INLINE: Final = _names(
    "a abbr acronym b basefont bdi bdo big blink cite code data del dfn em font g-emoji i ins kbd label mark"
    " nobr output q rb rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr img input"
    " path area meter progress picture source track slot math mi mo mn mrow msup msub mfrac msqrt mtext"
    " semantics"
)
"""Elements that do not end a unit."""

UNSHOWN: Final = {
    "script": "script",
    "style": "style",
    "template": "template",
    "svg": "figure_markup",
    "iframe": "embedded",
    "object": "embedded",
    "canvas": "embedded",
    "video": "embedded",
    "audio": "embedded",
    "map": "embedded",
    "noembed": "embedded",
    "noframes": "embedded",
    "datalist": "embedded",
    "title": "head",
}
"""Elements whose content a reader does not see as text, and the rule it is put away under."""

_HEAD: Final = _names("title meta link script style base noscript template bgsound basefont html head")
_TABLE: Final = _names("table td th tr tbody thead tfoot caption")
_CELLS: Final = _names("td th")
_PAGE: Final = _names("html body head")
_SCOPES: Final = _names("table td th caption html template button")
_HEADINGS: Final = _names("h1 h2 h3 h4 h5 h6")
_STYLES: Final = {"a": ~LINK, "b": ~BOLD, "strong": ~BOLD}
_CLOSES: Final = {
    "li": (_names("li"), _names("ul ol menu table td th")),
    "dt": (_names("dt dd"), _names("dl table td th")),
    "dd": (_names("dt dd"), _names("dl table td th")),
    "td": (_names("td th"), _names("table tr")),
    "th": (_names("td th"), _names("table tr")),
    "tr": (_names("tr"), _names("table")),
    "tbody": (_names("tbody thead tfoot"), _names("table")),
    "thead": (_names("tbody thead tfoot"), _names("table")),
    "tfoot": (_names("tbody thead tfoot"), _names("table")),
    "option": (_names("option"), _names("select optgroup")),
    "optgroup": (_names("optgroup"), _names("select")),
}
"""For a start tag: the open elements it ends, and those the search for them stops at."""

_DEEP: Final = 200
"""So many open elements are searched for the partner of a tag: real pages need fewer; time stays linear."""

_REREAD: Final = 20
"""So deep may `<noscript>` stand in `<noscript>`: each is read once more."""

_HIDDEN: Final = re.compile(
    r"""\shidden(?=[\s>=/])(?!\s*=\s*["']?until)"""
    r"""|\sstyle\s*=\s*["'][^"'>]*(?:display\s*:\s*none|visibility\s*:\s*hidden)""",
    re.IGNORECASE,
)


class Nodes(NamedTuple):
    """The block-level elements of a page, column by column, in the order of their start tags.

    Element 0 stands for the page itself. `parent` is an index (-1 for element 0), the start tag is
    `raw[start:end]`, `hidden` says that the element, or one around it, is not displayed, and the element
    holds the units from `first` to `last` (exclusive).
    """

    parent: list[int]
    name: list[str]
    start: list[int]
    end: list[int]
    hidden: list[bool]
    first: list[int]
    last: list[int]


class Put(NamedTuple):
    """A stretch of raw text put away as not displayed, and the rule that says why."""

    start: int
    end: int
    rule: str


class Layout(NamedTuple):
    """A page: units in raw order, elements, what is put away, and where its head speaks of its kind.

    `signs` are the places of `meta` tags and of scripts with linked data.
    """

    units: list[Unit]
    nodes: Nodes
    put: list[Put]
    signs: list[tuple[int, int]]


def layout(raw: str, start: int = 0, end: int | None = None) -> Layout:
    """Lay out `raw[start:end]` as HTML; positions are those of `raw`. Never raises."""
    stop = len(raw) if end is None else end
    shown: frozenset[str] = frozenset()
    while True:
        page = _Page(raw, start, shown)
        page.run(start, stop)
        page.finish(stop)
        if not page.unclosed:
            return Layout(page.units, page.nodes, page.put, page.signs)
        # An element such as <object> that is never closed would swallow the page's rest: show it instead.
        shown |= {page.unclosed}


def _hides(source: str) -> bool:
    """Tell whether a start tag says that its element is not displayed."""
    return ("none" in source or "idden" in source or "NONE" in source) and bool(_HIDDEN.search(source))


class _Page:
    """The state of one pass over the tokens of a page."""

    def __init__(self, raw: str, start: int, shown: frozenset[str]) -> None:
        self.raw = raw
        self.shown = shown
        self.units: list[Unit] = []
        self.put: list[Put] = []
        self.signs: list[tuple[int, int]] = []
        self.nodes = Nodes([-1], ["#page"], [start], [start], [False], [0], [0])
        self.open = [0]
        self.pieces: list[Piece] = []
        self.cells: list[tuple[int, int]] = []
        self.inner = (0, 0)
        self.images = 0
        self.style = 0
        self.link_depth = self.bold_depth = 0
        self.head_start = start
        self.in_head = True
        self.in_noscript = 0
        self.reading: list[tuple[int, int]] = []
        self.unclosed = ""
        self.skipped = ""
        self.skip_rule = ""
        self.skip_start = 0
        self.skip_counts: dict[str, int] = {}

    def run(self, start: int, end: int) -> None:  # noqa: C901, PLR0912 - what is done for every token of a page
        """Take all tokens of `raw[start:end]`."""
        opener, pieces, stop = _OPENERS.get, self.pieces, start
        raw = self.raw
        for token in tokens(raw[start:end] if end - start < len(raw) else raw):
            kind, at = token.type, stop
            if kind is TEXT:
                data: str = token.data  # type: ignore[assignment]
                stop += len(data)
                if self.skipped:
                    continue
                if pieces and not self.in_noscript:
                    pieces.append((at, stop, None, self.style))
                elif pieces or not data.isspace():
                    self.text(at, stop)
                continue
            stop += len(token.source)  # type: ignore[arg-type]
            value: str = token.tag  # type: ignore[assignment]
            if self.skipped and not self.skip_ends(kind, stop, value):
                continue
            if kind is START:
                if self.in_head and value not in _HEAD:
                    self.leave_head(at)
                opener(value, _Page.open_block)(self, value, at, stop)
            elif kind is END:
                if value in INLINE:
                    self.style &= _STYLES.get(value, -1)
                else:
                    self.close(value, at, stop)
            else:
                self.other(kind, at, stop, token.data or "")
        if stop < end and not self.skipped:
            self.other(None, stop, end, "")

    def finish(self, end: int) -> None:
        """Close what the page left open."""
        if self.skipped:
            if self.skip_rule in {"script", "style", "head"}:
                self.skip_done(end)
            else:
                self.unclosed = self.skipped
        if self.in_head:
            self.leave_head(end)
        self.flush(row=True)
        self.pop(len(self.open) - 1)
        self.nodes.last[0] = len(self.units)

    def text(self, start: int, end: int) -> None:
        """Take a run of text."""
        if self.in_head:
            if not self.raw[start:end].strip(BLANK):
                return
            self.leave_head(start)
        reread = self.in_noscript and len(self.reading) < _REREAD and (start, end) not in self.reading
        if reread and self.raw.find("<", start, end) >= 0:
            # The tokenizer reads <noscript> as a browser with scripts does: its content is one text.
            self.reading.append((start, end))
            self.run(start, end)
            self.reading.pop()
        else:
            self.pieces.append((start, end, None, self.style))

    def other(self, kind: Kind | None, start: int, end: int, value: str) -> None:
        """Take a resolved reference, a comment or a declaration."""
        if kind is REFERENCE:
            if self.pieces or not value.isspace():
                if self.in_head:
                    self.leave_head(start)
                self.pieces.append((start, end, value, self.style))
        elif not self.in_head:
            self.put.append(Put(start, end, "comment_markup"))

    def leave_head(self, at: int) -> None:
        """End the head of the page where the first element or text of its body begins."""
        self.in_head = False
        if at > self.head_start:
            self.put.append(Put(self.head_start, at, "head"))

    def open_page(self, name: str, start: int, end: int) -> None:
        """Take a start tag of the page itself: its attributes are the page's."""
        if name != "head":
            self.flush(row=True)
            if name == "body" or self.nodes.start[0] == self.nodes.end[0]:
                self.nodes.start[0], self.nodes.end[0] = start, end

    def open_inline(self, name: str, start: int, end: int) -> None:
        """Take a start tag that leaves the unit whole."""
        if end - start > len(name) + 3:
            if _hides(self.raw[start:end]):
                self.skip(name, start, "hidden")
            elif not self.pieces:
                self.inner = (start, end)

    def open_link(self, name: str, start: int, end: int) -> None:
        """Take the start tag of a link."""
        if end - start > 8:
            if not self.pieces:
                self.inner = (start, end)
            source = self.raw[start:end]
            if "href" in source or "HREF" in source:
                self.style |= LINK
                self.link_depth = len(self.open)
            if _hides(source):
                self.skip(name, start, "hidden")

    def open_bold(self, name: str, start: int, end: int) -> None:
        """Take the start tag of bold text."""
        self.open_inline(name, start, end)
        self.style |= BOLD
        self.bold_depth = len(self.open)

    def image(self, _name: str, _start: int, _end: int) -> None:
        """Count an image."""
        self.images += 1

    def line_break(self, _name: str, start: int, end: int) -> None:
        """Take a `<br>`: a break inside the unit, or its end where two of them follow each other."""
        if self.pieces:
            self.pieces.append((start, end, LINE, 0))

    def open_void(self, name: str, start: int, end: int) -> None:
        """Take an element without content: a rule ends the unit."""
        if name == "hr":
            self.flush(row=False)
        elif name == "meta":
            self.signs.append((start, end))

    def open_unshown(self, name: str, start: int, end: int) -> None:
        """Begin to skip an element whose content is not displayed."""
        if name not in self.shown and self.raw[end - 2] != "/":
            self.skip(name, start, UNSHOWN[name])

    def open_noscript(self, name: str, start: int, end: int) -> None:
        """Open `<noscript>`: in the head it is put away, in the body it may hold all text of a forum page."""
        if self.in_head:
            self.skip(name, start, "head")
        else:
            self.open_block(name, start, end)
            self.in_noscript += 1

    def open_cell(self, name: str, start: int, end: int) -> None:
        """Open a table cell; the cells of a row are one unit as long as they hold inline markup only."""
        self.imply(*_CLOSES[name])
        if self.pieces:
            if self.nodes.name[self.open[-1]] != "tr":
                self.flush(row=False)
            else:
                self.pieces.append((start, end, CELL, 0))
        self.push(name, start, end)
        self.cells.append((len(self.pieces), self.open[-1]))

    def open_block(self, name: str, start: int, end: int) -> None:
        """Open a block-level element, after those its start tag ends."""
        if self.pieces:
            if "-" in name:
                # A custom element in running text is displayed inline; elsewhere it is a part of the page.
                self.open_inline(name, start, end)
                return
            self.flush(row=name == "tr")
        elif self.cells:
            self.cells = []
        above = self.nodes.name[self.open[-1]]
        if above == "p" or (above in _HEADINGS and name in _HEADINGS):
            self.pop(1)
        if name in _CLOSES:
            self.imply(*_CLOSES[name])
        if "-" not in name or self.raw[end - 2] != "/":
            self.push(name, start, end)

    def imply(self, closes: frozenset[str], stops: frozenset[str]) -> None:
        """End the open elements that a start tag ends by implication, such as `li` before `li`."""
        names, opened = self.nodes.name, self.open
        for back in range(1, min(len(opened), _DEEP)):
            name = names[opened[-back]]
            if name in closes:
                self.pop(back)
                return
            if name in stops:
                return

    def push(self, name: str, start: int, end: int) -> None:
        """Open an element."""
        opened, (parents, names, starts, ends, hidden, first, last) = self.open, self.nodes
        parent = opened[-1]
        opened.append(len(names))
        parents.append(parent)
        names.append(name)
        starts.append(start)
        ends.append(end)
        hidden.append(hidden[parent] or (end - start > 10 and _hides(self.raw[start:end])))
        first.append(len(self.units))
        last.append(0)

    def pop(self, count: int) -> None:
        """Close the innermost elements."""
        opened, last, at = self.open, self.nodes.last, len(self.units)
        for _ in range(count):
            last[opened.pop()] = at
        if self.style:
            self.unstyle()

    def unstyle(self) -> None:
        """End the styles that began inside elements now closed."""
        depth = len(self.open)
        if depth < self.link_depth:
            self.style &= ~LINK
        if depth < self.bold_depth:
            self.style &= ~BOLD

    def close(self, name: str, start: int, end: int) -> None:
        """Take the end tag of an element that ends a unit."""
        opened = self.open
        matches = self.nodes.name[opened[-1]] == name
        if self.pieces and self.stays(name, start, end, matches=matches):
            return
        if matches and len(opened) > 1:
            self.nodes.last[opened.pop()] = len(self.units)
            if self.style:
                self.unstyle()
        elif name not in _PAGE:
            self.close_block(name)
        elif name == "head" and self.in_head:
            self.leave_head(end)
        if self.in_noscript and name == "noscript":
            self.in_noscript -= 1

    def stays(self, name: str, start: int, end: int, *, matches: bool) -> bool:
        """Take an end tag in running text: True where it leaves the unit open, which it may end else."""
        if name == "br" or ("-" in name and not matches):
            self.pieces.append((start, end, LINE if name == "br" else "", 0))
            return True
        if not self.cells or name not in _CELLS:
            self.flush(row=name in _TABLE)
        return False

    def close_block(self, name: str) -> None:
        """Close the nearest open element of that name, unless a table cell or the like shields it."""
        names, opened = self.nodes.name, self.open
        for back in range(1, min(len(opened), _DEEP)):
            found = names[opened[-back]]
            if found == name:
                self.pop(back)
                return
            if found in _SCOPES and name not in _TABLE:
                return

    def skip(self, name: str, start: int, rule: str) -> None:
        """Begin to skip an element."""
        if name not in self.shown and name not in VOID:
            self.skipped, self.skip_start, self.skip_rule = name, start, rule
            self.skip_counts = {name: 1}

    def skip_ends(self, kind: Kind, end: int, value: str) -> bool:
        """Take a token inside a skipped element; True where it lies behind it after all."""
        counts = self.skip_counts
        if kind is START and value not in VOID:
            counts[value] = counts.get(value, 0) + 1
        elif kind is END:
            if counts.get(value):
                counts[value] -= 1
                if value == self.skipped and not counts[value]:
                    self.skip_done(end)
            elif self.is_open(value):
                # The end tag of an element around it: the skipped element was never closed.
                self.skip_done(end)
                return True
        return False

    def skip_done(self, end: int) -> None:
        """Put the skipped element away; the head is put away as a whole."""
        if not self.in_head:
            self.put.append(Put(self.skip_start, end, self.skip_rule))
        if self.skipped == "script" and "ld+json" in self.raw[self.skip_start : self.skip_start + 200]:
            self.signs.append((self.skip_start, end))
        self.skipped = ""

    def is_open(self, name: str) -> bool:
        """Tell whether an element of that name is open."""
        names, opened = self.nodes.name, self.open
        return any(names[opened[-back]] == name for back in range(1, min(len(opened), _DEEP)))

    def flush(self, *, row: bool) -> None:
        """End the unit."""
        pieces = self.pieces
        if pieces:
            cells = self.cells
            if len(cells) > 1 and not (row and is_row(pieces, cells)):
                self.split_cells()
            else:
                made = None if cells else plain_unit(self.raw, pieces, self.open[-1], self.inner, self.images)
                if made:
                    self.units.append(made)
                    self.images = 0
                else:
                    self.emit(pieces, self.open[-1])
            pieces.clear()
            self.inner = (0, 0)
        self.cells = []

    def split_cells(self) -> None:
        """Make each cell of a row a unit of its own."""
        for (begin, node), (stop, _) in pairwise([*self.cells, (len(self.pieces), 0)]):
            at = len(self.units)
            self.emit(self.pieces[begin:stop], node)
            self.nodes.first[node], self.nodes.last[node] = at, len(self.units)

    def emit(self, pieces: list[Piece], node: int) -> None:
        """Make one unit of pieces, or several where breaks part paragraphs."""
        for group in paragraphs(self.raw, pieces):
            made = unit(self.raw, group, node, self.inner, self.images)
            if made:
                self.units.append(made)
                self.images = 0


_OPENERS: Final[dict[str, Callable[[_Page, str, int, int], None]]] = {
    **dict.fromkeys(INLINE, _Page.open_inline),
    **dict.fromkeys(VOID, _Page.open_void),
    **dict.fromkeys(UNSHOWN, _Page.open_unshown),
    **dict.fromkeys(("td", "th"), _Page.open_cell),
    **dict.fromkeys(("html", "body", "head"), _Page.open_page),
    "noscript": _Page.open_noscript,
    "a": _Page.open_link,
    "b": _Page.open_bold,
    "strong": _Page.open_bold,
    "br": _Page.line_break,
    "img": _Page.image,
}
"""What is done at a start tag; any other opens a block-level element."""
