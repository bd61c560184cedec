"""HTML into layout: units of text with their places, inside a light tree of block-level elements.

A unit is what lies between two block boundaries: a paragraph, a heading, a list entry, a table row, a part of
a `<br><br>`-separated text. Inline markup inside a unit belongs to it. The tree holds block-level elements
only; it follows the standard where that decides what belongs to what (void elements, implied end tags, scopes),
and skips what does not (foster parenting, the adoption agency): units keep the order of the raw text, so that
they tile it. Time is linear: every search through open elements is bounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.clean.visible import BOLD, CELL, LINE, LINK, UNSEEN, Piece
from corpus.markup import END, REFERENCE, START, TEXT, VOID, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


INLINE: Final = _names(
    "a abbr acronym b basefont bdi bdo big blink cite code data del dfn em font g-emoji i ins kbd label mark nobr"
    " output q rb rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr img input path area"
    " meter progress picture source track slot math mi mo mn mrow msup msub mfrac msqrt mtext semantics"
)
"""Elements that do not end a unit."""

UNSHOWN: Final = {
    "script": "script",
    "style": "style",
    "template": "template",
    "noscript": "noscript",
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
_SCOPES: Final = _names("table td th caption html template button")
_HEADINGS: Final = _names("h1 h2 h3 h4 h5 h6")
_BOLD: Final = _names("b strong")
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
"""How many open elements are searched for the partner of a tag: real pages need fewer, and time stays linear."""

_HIDDEN: Final = re.compile(
    r"""\shidden(?=[\s>=/])(?!\s*=\s*["']?until)|\sstyle\s*=\s*["'][^"'>]*(?:display\s*:\s*none|visibility\s*:\s*hidden)""",
    re.IGNORECASE,
)
_BLANK: Final = "".join(
    map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)))
) + ("\u2028\u2029\u202f\u205f\u3000" + UNSEEN)
_NOT_BLANK: Final = re.compile(rf"[^\s{UNSEEN}]")
_INDENT: Final = re.compile("[ \t\r\n]*(?:\u3000|\xa0[ \xa0])")
_SENTENCE_END: Final = re.compile('[.!?…。！？：:”"』」’）)]$')


class Node(NamedTuple):
    """A block-level element: its parent's index, its name, its start tag `raw[start:end]`, and its units.

    `first` and `last` (exclusive) count units of the layout; `hidden` says that it, or an element around it, is
    not displayed.
    """

    parent: int
    name: str
    start: int
    end: int
    hidden: bool
    first: int
    last: int


class Unit(NamedTuple):
    """A unit of text: its pieces from the first visible character to the last, and the element it lies in.

    `inner` is the place of the start tag of an inline element with a class or an id that opens before its first
    character, `(0, 0)` without one; `images` counts the images since the unit before it.
    """

    pieces: tuple[Piece, ...]
    node: int
    inner: tuple[int, int]
    images: int

    @property
    def start(self) -> int:
        """Where the unit begins in the raw text."""
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        """Where the unit ends in the raw text."""
        return self.pieces[-1][1]


class Put(NamedTuple):
    """A stretch of raw text put away as not displayed, and the rule that says why."""

    start: int
    end: int
    rule: str


class Layout(NamedTuple):
    """A page as units in raw order, elements (`nodes[0]` stands for the page itself), and what is put away."""

    units: list[Unit]
    nodes: list[Node]
    put: list[Put]


def layout(raw: str, start: int = 0, end: int | None = None) -> Layout:
    """Lay out `raw[start:end]` as HTML; positions are those of `raw`. Never raises."""
    stop = len(raw) if end is None else end
    shown: frozenset[str] = frozenset()
    while True:
        page = _Page(raw, start, stop, shown)
        page.run(start, stop)
        if not page.unclosed:
            return page.laid_out()
        # An element such as <object> that is never closed would swallow the rest of the page: show it instead.
        shown |= {page.unclosed}


class _Page:
    """The state of one pass over the tokens of a page."""

    def __init__(self, raw: str, start: int, end: int, shown: frozenset[str]) -> None:
        self.raw = raw
        self.shown = shown
        self.units: list[Unit] = []
        self.put: list[Put] = []
        self.parents, self.names, self.tags = [-1], ["#page"], [(start, start)]
        self.hides, self.firsts, self.lasts = [False], [0], [0]
        self.open = [0]
        self.counts: dict[str, int] = {}
        self.pieces: list[Piece] = []
        self.cells: list[tuple[int, int]] = []
        self.breaks = False
        self.inner = (0, 0)
        self.images = 0
        self.style = 0
        self.link_depth = self.bold_depth = 0
        self.head_start = start
        self.in_head = True
        self.unclosed = ""
        self.skipped = ""
        self.skip_rule = ""
        self.skip_start = 0
        self.skip_counts: dict[str, int] = {}
        self.hiding = _hiding_places(raw, start, end)
        self.next_hiding = next(self.hiding, end)
        self.openers: dict[str, Callable[[str, int, int], None]] = {
            **dict.fromkeys(INLINE, self.open_inline),
            **dict.fromkeys(VOID, self.open_void),
            **dict.fromkeys(UNSHOWN, self.open_unshown),
            **dict.fromkeys(("td", "th"), self.open_cell),
            **dict.fromkeys(("html", "body", "head"), self.open_page),
            "a": self.open_link,
            "b": self.open_bold,
            "strong": self.open_bold,
            "br": self.line_break,
            "img": self.image,
        }

    def run(self, start: int, end: int) -> None:
        """Take all tokens of `raw[start:end]`."""
        raw, openers, block = self.raw, self.openers, self.open_block
        seen = _NOT_BLANK.search
        for kind, at, stop, value in tokens(raw, start, end):
            if self.skipped and not self.skip_ends(kind, stop, value):
                continue
            if kind == TEXT:
                if self.pieces or seen(raw, at, stop):
                    self.text(at, stop, None)
            elif kind == START:
                if self.in_head and value not in _HEAD:
                    self.leave_head(at)
                openers.get(value, block)(value, at, stop)
            elif kind == END:
                self.close(value, at, stop)
            elif kind == REFERENCE:
                if self.pieces or not value.isspace():
                    self.text(at, stop, value)
            elif not self.in_head:
                self.put.append(Put(at, stop, "comment_markup"))
        self.finish(end)

    def finish(self, end: int) -> None:
        """Close what the page left open."""
        if self.skipped:
            if self.skip_rule in {"script", "style", "head"}:
                self.put.append(Put(self.skip_start, end, self.skip_rule))
            else:
                self.unclosed = self.skipped
        if self.in_head:
            self.leave_head(end)
        self.flush(row=True)
        while len(self.open) > 1:
            self.pop()
        self.lasts[0] = len(self.units)

    def laid_out(self) -> Layout:
        """Hand out what was found."""
        columns = zip(self.parents, self.names, self.tags, self.hides, self.firsts, self.lasts, strict=True)
        nodes = [Node(above, name, *tag, hides, first, last) for above, name, tag, hides, first, last in columns]
        return Layout(self.units, nodes, self.put)

    def text(self, start: int, end: int, value: str | None) -> None:
        """Take a run of text or a resolved reference."""
        if self.in_head:
            self.leave_head(start)
        self.pieces.append((start, end, value, self.style))

    def leave_head(self, at: int) -> None:
        """End the head of the page where the first element or text of its body begins."""
        self.in_head = False
        if at > self.head_start:
            self.put.append(Put(self.head_start, at, "head"))

    def open_page(self, name: str, start: int, end: int) -> None:
        """Take a start tag of the page itself: its attributes are the page's."""
        if name != "head":
            self.flush(row=True)
            if name == "body" or self.tags[0][0] == self.tags[0][1]:
                self.tags[0] = (start, end)

    def open_inline(self, _name: str, start: int, end: int) -> None:
        """Take a start tag that leaves the unit whole."""
        if self.next_hiding < end and self.hidden(start, end):
            self.skip(_name, start, "hidden")
        elif not self.pieces and self.raw.find("=", start, end) > 0:
            self.inner = (start, end)

    def open_link(self, name: str, start: int, end: int) -> None:
        """Take the start tag of a link."""
        self.open_inline(name, start, end)
        if self.raw.find("href", start, end) > 0 or self.raw.find("HREF", start, end) > 0:
            self.style |= LINK
            self.link_depth = len(self.open)

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
            self.breaks = True
            self.pieces.append((start, end, LINE, 0))

    def open_void(self, name: str, _start: int, _end: int) -> None:
        """Take an element without content: a rule ends the unit."""
        if name == "hr":
            self.flush(row=False)

    def open_unshown(self, name: str, start: int, end: int) -> None:
        """Begin to skip an element whose content is not displayed."""
        if name not in self.shown and self.raw[end - 2] != "/":
            self.skip(name, start, UNSHOWN[name])

    def open_cell(self, name: str, start: int, end: int) -> None:
        """Open a table cell; the cells of a row are one unit as long as they hold inline markup only."""
        self.imply(name)
        if self.pieces:
            if self.names[self.open[-1]] != "tr":
                self.flush(row=False)
            else:
                self.pieces.append((start, end, CELL, 0))
        self.push(name, start, end)
        self.cells.append((len(self.pieces), self.open[-1]))

    def open_block(self, name: str, start: int, end: int) -> None:
        """Open a block-level element, after those its start tag ends."""
        self.flush(row=name == "tr")
        above = self.names[self.open[-1]]
        if above == "p" or (above in _HEADINGS and name in _HEADINGS):
            self.pop()
        self.imply(name)
        if self.raw[end - 2] != "/" or name in _TABLE or name in _HEADINGS or "-" not in name:
            self.push(name, start, end)

    def imply(self, name: str) -> None:
        """End the open elements that a start tag ends by implication, such as `li` before `li`."""
        closes, stops = _CLOSES.get(name, (frozenset(), frozenset()))
        for back, node in enumerate(reversed(self.open[-_DEEP:] if closes else ()), 1):
            if self.names[node] in closes:
                for _ in range(back):
                    self.pop()
                return
            if self.names[node] in stops:
                return

    def push(self, name: str, start: int, end: int) -> None:
        """Open an element."""
        parent = self.open[-1]
        hidden = self.hides[parent] or (self.next_hiding < end and self.hidden(start, end))
        self.open.append(len(self.names))
        self.parents.append(parent)
        self.names.append(name)
        self.tags.append((start, end))
        self.hides.append(hidden)
        self.firsts.append(len(self.units))
        self.lasts.append(len(self.units))
        self.counts[name] = self.counts.get(name, 0) + 1

    def pop(self) -> None:
        """Close the innermost element."""
        node = self.open.pop()
        self.counts[self.names[node]] -= 1
        self.lasts[node] = len(self.units)
        depth = len(self.open)
        if self.style:
            if depth < self.link_depth:
                self.style &= ~LINK
            if depth < self.bold_depth:
                self.style &= ~BOLD

    def close(self, name: str, start: int, end: int) -> None:
        """Take an end tag."""
        if name in INLINE:
            if name == "a":
                self.style &= ~LINK
            elif name in _BOLD:
                self.style &= ~BOLD
            return
        if name in {"html", "body", "head"}:
            if name == "head" and self.in_head:
                self.leave_head(end)
            return
        if name == "br":
            self.line_break(name, start, end)
            return
        if name not in {"td", "th"} or not self.cells:
            self.flush(row=name in {"tr", "table", "tbody"})
        if self.counts.get(name):
            self.close_block(name)

    def close_block(self, name: str) -> None:
        """Close the nearest open element of that name, unless a table cell or the like shields it."""
        for back, node in enumerate(reversed(self.open[-_DEEP:]), 1):
            found = self.names[node]
            if found == name:
                for _ in range(back):
                    self.pop()
                return
            if found in _SCOPES and name not in _TABLE:
                return

    def hidden(self, start: int, end: int) -> bool:
        """Tell whether a start tag says that its element is not displayed."""
        while self.next_hiding < start:
            self.next_hiding = next(self.hiding, len(self.raw))
        return self.next_hiding < end and bool(_HIDDEN.search(self.raw, start, end))

    def skip(self, name: str, start: int, rule: str) -> None:
        """Begin to skip an element."""
        if name in self.shown or name in VOID:
            return
        self.skipped, self.skip_start, self.skip_rule = name, start, rule
        self.skip_counts = {name: 1}

    def skip_ends(self, kind: int, end: int, value: str) -> bool:
        """Take a token inside a skipped element; True where the token ends it and is not part of it."""
        counts = self.skip_counts
        if kind == START and value not in VOID:
            counts[value] = counts.get(value, 0) + 1
        elif kind == END:
            if counts.get(value):
                counts[value] -= 1
                if value == self.skipped and not counts[value]:
                    self.put.append(Put(self.skip_start, end, self.skip_rule))
                    self.skipped = ""
            elif self.counts.get(value):
                # The end tag of an element around it: the skipped element was never closed.
                self.put.append(Put(self.skip_start, end, self.skip_rule))
                self.skipped = ""
                return True
        return False

    def flush(self, *, row: bool) -> None:
        """End the unit."""
        if self.pieces:
            cells = self.cells
            if len(cells) > 1 and not (row and self.plain_row()):
                self.split_cells()
            else:
                self.emit(self.pieces, self.open[-1])
            self.pieces = []
            self.inner = (0, 0)
            self.breaks = False
        if self.cells:
            self.cells = []

    def plain_row(self) -> bool:
        """Tell whether the cells of a row are short enough to be values in a table, not parts of a layout."""
        begins = [begin for begin, _ in self.cells] + [len(self.pieces)]
        sizes = [
            sum(end - start for start, end, _, _ in self.pieces[begin:stop])
            for begin, stop in zip(begins, begins[1:], strict=False)
        ]
        return max(sizes) <= 300 and sum(sizes) <= 600

    def split_cells(self) -> None:
        """Make each cell of a row a unit of its own."""
        begins = [*self.cells, (len(self.pieces), 0)]
        for (begin, node), (stop, _) in zip(begins, begins[1:], strict=False):
            at = len(self.units)
            self.emit(self.pieces[begin:stop], node)
            self.firsts[node], self.lasts[node] = at, len(self.units)

    def emit(self, pieces: list[Piece], node: int) -> None:
        """Make one unit of pieces, or several where breaks part paragraphs."""
        if not self.breaks:
            self.unit(pieces, node)
            return
        group: list[Piece] = []
        for line in _lines(pieces):
            if group and self.parts(group, line):
                self.unit(group, node)
                group = []
            group += line
        self.unit(group, node)

    def parts(self, before: list[Piece], line: list[Piece]) -> bool:
        """Tell whether a line that follows a `<br>` begins a paragraph of its own."""
        raw = self.raw
        first = next((at for at, piece in enumerate(line) if not _blank(raw, piece)), None)
        if first is None:
            # An empty line: it ends what stands before it.
            return True
        if not any(not _blank(raw, piece) for piece in before[-3:]):
            return True
        start, end, value, _ = line[first]
        if first > 2 or (value is None and _INDENT.match(raw, start, end)):
            return True
        size = sum(len(value or raw[start:end].strip()) for start, end, value, _ in before if value != LINE)
        tail = next((raw[s:e] if v is None else v for s, e, v, _ in reversed(before) if v != LINE), "")
        return size >= 60 and bool(_SENTENCE_END.search(tail.rstrip()))

    def unit(self, pieces: list[Piece], node: int) -> None:
        """Make a unit of pieces, from their first visible character to their last."""
        raw = self.raw
        first, last = 0, len(pieces)
        while first < last and _blank(raw, pieces[first]):
            first += 1
        while first < last and _blank(raw, pieces[last - 1]):
            last -= 1
        if first == last:
            return
        kept = pieces[first:last]
        start, end, value, style = kept[0]
        if value is None:
            found = _NOT_BLANK.search(raw, start, end)
            kept[0] = (found.start() if found else start, end, None, style)
        start, end, value, style = kept[-1]
        if value is None:
            kept[-1] = (start, start + len(raw[start:end].rstrip(_BLANK)), None, style)
        self.units.append(Unit(tuple(kept), node, self.inner, self.images))
        self.images = 0


def _blank(raw: str, piece: Piece) -> bool:
    """Tell whether a piece shows nothing: white space, a break, unseen characters."""
    start, end, value, _ = piece
    if value is None:
        return not _NOT_BLANK.search(raw, start, end)
    return not value.strip(_BLANK)


def _lines(pieces: list[Piece]) -> list[list[Piece]]:
    """Cut pieces at their line breaks; each line but the first begins with its break."""
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece[2] == LINE:
            lines.append([])
        lines[-1].append(piece)
    return lines


def _hiding_places(raw: str, start: int, end: int) -> Iterator[int]:
    """Find where a word stands that may hide an element, in order."""
    found: list[int] = []
    for word in ("hidden", "none", "HIDDEN", "NONE"):
        at = raw.find(word, start, end)
        while at >= 0:
            found.append(at)
            at = raw.find(word, at + 1, end)
    return iter(sorted(found))
