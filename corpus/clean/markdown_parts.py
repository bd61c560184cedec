"""Markdown, or a hybrid of Markdown and HTML, cut into parts in the order of the raw text.

Block structure follows CommonMark 0.31.2, abridged to what a reader sees: containers are flattened, a part is
a heading, a paragraph, a list item, a quoted paragraph, a table row, a code block or a stretch of HTML.
Linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from corpus.clean.html import layout
from corpus.clean.markdown_inline import inline
from corpus.clean.visible import segments as named_segments
from corpus.records import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.clean.html import Nodes

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|(?=\S))(?!\s)(.*?)[ \t]*#*[ \t]*$")
_RULE = re.compile(r" {0,3}(?:-[ \t]*){3,}$| {0,3}(?:\*[ \t]*){3,}$| {0,3}(?:_[ \t]*){3,}$| {0,3}=+[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)")
_QUOTE = re.compile(r" {0,3}>[ \t]?")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]{1,200}\]:[ \t]*\S")
_CELLS = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_DASHES = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_HTML = re.compile(
    r"[ \t]*<(?:!--|\?|![a-zA-Z]|/?(?:address|article|aside|blockquote|body|br|center|dd|details|div|"
    r"dl|dt|fieldset|"
    r"figcaption|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|img|li|link|main|menu|"
    r"meta|nav|noframes|ol|"
    r"p|pre|script|section|small|style|summary|table|tbody|td|template|textarea|tfoot|th|thead|title|"
    r"tr|track|ul|video)"
    r"(?=[\s/>]|$))",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"[ \t]*<!--(?:[^-]|-(?!->)){0,2000}-->[ \t]*$")
_FRONT = re.compile(r"(?:---|\+\+\+)[ \t]*$")
_FRONT_LINES = 200  # lines of front matter searched for its end
_CODE_INDENT = re.compile(r"(?: {4}|\t)")


class Part(NamedTuple):
    """A part: its place in raw, what it shows, and its sort.

    `sort` is `title`, `heading`, `paragraph`, `list_item`, `quote`, `row`, `code`, `image`, `rule`, or
    `markup` for what shows nothing; `name` says what it is (an HTML element, `front_matter` …). `level` is
    that of a heading, `linked` counts characters in links, `images` the images in it or right before it.
    """

    start: int
    end: int
    text: str
    segments: tuple[Segment, ...]
    sort: str
    name: str = ""
    level: int = 0
    linked: int = 0
    images: int = 0


class _Line(NamedTuple):
    start: int
    end: int  # without the line end
    text: str


_Reader = Callable[[str, list[_Line], int], tuple[int, list[Part]]]


def parts(raw: str) -> list[Part]:
    """Cut `raw` into parts; what lies between two parts is white space or marks."""
    rows = [
        _Line(match.start(), match.start() + len(match[0].rstrip("\r\n")), match[0].rstrip("\r\n"))
        for match in _LINE.finditer(raw)
        if match[0]
    ]
    return list(_blocks(raw, rows))


def _blocks(raw: str, rows: list[_Line]) -> Iterator[Part]:
    """Go down the page line by line."""
    at = _blank(rows, 0)
    front = _front_end(rows, at)
    if front:
        yield from _front_matter(rows, at, front)
        at = front
    if _mostly_html(raw, rows, at):
        while at < len(rows) and not _HTML.match(rows[at].text):
            at, found = _one(raw, rows, at)
            yield from found
        if at < len(rows):
            if _COMMENT.match(rows[at].text):
                yield Part(rows[at].start, rows[at].end, "", (), "markup", "html_comment")
                at += 1
                while at < len(rows) and not _HTML.match(rows[at].text):
                    at, found = _one(raw, rows, at)
                    yield from found
            if at < len(rows):
                yield from _html(raw, rows[at].start, rows[-1].end)
        return
    while at < len(rows):
        at, found = _one(raw, rows, at)
        yield from found


def _mostly_html(raw: str, rows: list[_Line], at: int) -> bool:
    """Whether what follows the head of the page is HTML: more block tags than lines that are none."""
    if at >= len(rows):
        return False
    tags = len(re.findall(r"<(?:p|br|div|li|tr|h[1-6])[\s/>]", raw[rows[at].start :], re.IGNORECASE))
    plain = sum(1 for row in rows[at:] if row.text.strip() and not _HTML.match(row.text))
    return tags > 2 and tags > plain


def _one(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read the block that begins at row `at`; return the row behind it."""
    text = rows[at].text
    if not text.strip():
        return at + 1, []
    for pattern, read in _READERS:
        if pattern.match(text):
            return read(raw, rows, at)
    return _paragraph(raw, rows, at)


def _silent(sort: str, name: str) -> _Reader:
    """A reader of lines that show nothing."""
    return lambda _, rows, at: (at + 1, [Part(rows[at].start, rows[at].end, "", (), sort, name)])


def _heading(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a heading that is marked with `#`."""
    row = rows[at]
    match = _HEADING.match(row.text)
    if match is None or not match[2]:
        return at + 1, [Part(row.start, row.end, "", (), "markup", "empty_heading")]
    span = (row.start + match.start(2), row.start + match.end(2))
    return at + 1, [_part(raw, [span], row.start, row.end, "heading")._replace(level=len(match[1]))]


def _part(raw: str, spans: list[tuple[int, int]], start: int, end: int, sort: str) -> Part:
    """A part of Markdown text; one that shows only images is an `image` and shows their descriptions."""
    seen = inline(raw, spans)
    if not seen.text and seen.images:
        if len(seen.alts) != 1:
            return Part(start, end, "", (), "image", images=seen.images)
        first, last = seen.alts[0]
        segments = (Segment(0, last - first, first, last),)
        return Part(start, end, raw[first:last], segments, "image", images=seen.images)
    return Part(start, end, seen.text, seen.segments, sort, linked=seen.linked, images=seen.images)


def _paragraph(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read lines up to a blank one or the start of another block; an underline makes them a heading."""
    stop = at + 1
    while stop < len(rows):
        text = rows[stop].text
        underline = _UNDERLINE.match(text)
        if underline and stop - at <= 3 and not (stop - at == 1 and _dump_link(rows[at].text)):
            spans = [(row.start, row.end) for row in rows[at:stop]]
            found = _part(raw, spans, rows[at].start, rows[stop].end, "heading")
            return stop + 1, [found._replace(level=1 if underline[1][0] == "=" else 2)]
        if not text.strip() or _begins_block(text):
            break
        stop += 1
    spans = [_inner(row) for row in rows[at:stop]]
    return stop, [_part(raw, spans, rows[at].start, rows[stop - 1].end, "paragraph")]


def _dump_link(text: str) -> bool:
    """Whether a line is one link: the way feed dumps give the title, above a rule of dashes."""
    return re.fullmatch(r"\s*\[.*\]\(\S+\)\s*", text) is not None


def _begins_block(text: str) -> bool:
    """Whether a line ends the paragraph before it."""
    patterns = (_FENCE, _RULE, _HEADING, _HTML, _QUOTE, _ITEM, _CELLS)
    return any(pattern.match(text) is not None for pattern in patterns)


def _inner(row: _Line) -> tuple[int, int]:
    """The span of a line without its indent."""
    return row.start + len(row.text) - len(row.text.lstrip()), row.end


def _quoted(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a block quote: a paragraph of it is a part."""
    found: list[Part] = []
    spans: list[tuple[int, int]] = []
    stop = at
    while stop < len(rows):
        match = _QUOTE.match(rows[stop].text)
        if not match and (not spans or not rows[stop].text.strip() or _begins_block(rows[stop].text)):
            break
        start = rows[stop].start
        text = rows[stop].text
        while match := _QUOTE.match(text):
            start += match.end()
            text = text[match.end() :]
        if item := _ITEM.match(text):
            start += item.end()
        if item or not text.strip():
            found.extend(_quote_part(raw, spans))
            spans = []
        if text.strip():
            spans.append((start, rows[stop].end))
        stop += 1
    found.extend(_quote_part(raw, spans))
    return max(stop, at + 1), found


def _quote_part(raw: str, spans: list[tuple[int, int]]) -> list[Part]:
    return [_part(raw, spans, spans[0][0], spans[-1][1], "quote")] if spans else []


def _item(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a list item with the lines that continue it."""
    match = _ITEM.match(rows[at].text)
    lead = match.end() if match else 0
    number = match is not None and match[0].strip()[0].isdigit()
    first = rows[at].start + (len(rows[at].text) - len(rows[at].text.lstrip()) if number else lead)
    spans = [(first, rows[at].end)]
    stop = at + 1
    while stop < len(rows) and rows[stop].text.strip() and not _begins_block(rows[stop].text):
        spans.append(_inner(rows[stop]))
        stop += 1
    return stop, [_part(raw, spans, rows[at].start, rows[stop - 1].end, "list_item")]


def _table_row(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a row of a table: its cells parted by tabs; the line of dashes below the head shows nothing."""
    row = rows[at]
    if _DASHES.match(row.text):
        return at + 1, [Part(row.start, row.end, "", (), "markup", "table_rule")]
    text, segments, linked = "", [], 0
    first = len(row.text) - len(row.text.lstrip()) + 1
    for cell in re.finditer(r"((?:[^|\\]|\\.)*)\|", row.text[first:].rstrip()):
        start, end = row.start + first + cell.start(1), row.start + first + cell.end(1)
        seen = inline(raw, [(start, end)])
        if text:
            segments.append(Segment(len(text), len(text) + 1, start - 1, start))
            text += "\t"
        segments.extend(
            part._replace(start=part.start + len(text), end=part.end + len(text)) for part in seen.segments
        )
        text += seen.text
        linked += seen.linked
    stripped = text.rstrip("\t")
    kept = tuple(segment for segment in segments if segment.end <= len(stripped))
    return at + 1, [Part(row.start, row.end, stripped, kept, "row", linked=linked)]


def _fenced(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a fenced code block as it stands, its lines kept."""
    fence = rows[at].text.strip()[:3]
    stop = at + 1
    while stop < len(rows) and not rows[stop].text.strip().startswith(fence):
        stop += 1
    last = rows[min(stop, len(rows) - 1)].end
    if stop == at + 1:
        return stop + 1, [Part(rows[at].start, last, "", (), "markup", "code_fence")]
    start, end = rows[at + 1].start, rows[stop - 1].end
    text = raw[start:end]
    segments = (Segment(0, len(text), start, end),) if text else ()
    return min(stop + 1, len(rows)), [Part(rows[at].start, last, text, segments, "code", "code_block")]


def _blank(rows: list[_Line], at: int) -> int:
    while at < len(rows) and not rows[at].text.strip("\ufeff \t"):
        at += 1
    return at


def _front_end(rows: list[_Line], at: int) -> int:
    """The row behind front matter, 0 where there is none."""
    if at >= len(rows) or not _FRONT.match(rows[at].text):
        return 0
    mark = rows[at].text.strip()
    for stop in range(at + 1, min(len(rows), at + _FRONT_LINES)):
        if rows[stop].text.strip() in {mark, "..."}:
            keyed = sum(re.match(r"\s*[\w-]+\s*[:=]", row.text) is not None for row in rows[at + 1 : stop])
            return stop + 1 if keyed else 0
    return 0


def _front_matter(rows: list[_Line], at: int, stop: int) -> Iterator[Part]:
    """Front matter shows nothing but the title it names."""
    for row in rows[at:stop]:
        match = re.match(r"title\s*[:=]\s*(['\"]?)(?P<title>\S.*?)\1\s*$", row.text)
        if match:
            start, end = row.start + match.start("title"), row.start + match.end("title")
            yield Part(
                row.start,
                row.end,
                match["title"],
                (Segment(0, end - start, start, end),),
                "title",
                "front_matter",
            )
        elif row.text.strip():
            yield Part(row.start, row.end, "", (), "markup", "front_matter")


def _html_block(raw: str, rows: list[_Line], at: int) -> tuple[int, list[Part]]:
    """Read a stretch of HTML: up to a blank line (CommonMark 4.6, start condition 6)."""
    stop = at + 1
    while stop < len(rows) and rows[stop].text.strip():
        stop += 1
    return stop, list(_html(raw, rows[at].start, rows[stop - 1].end))


_SORTS = {
    "li": "list_item",
    "dd": "list_item",
    "dt": "list_item",
    "blockquote": "quote",
    "tr": "row",
    "pre": "code",
}


def _html(raw: str, start: int, end: int) -> Iterator[Part]:
    """Read `raw[start:end]` as HTML: its units are parts, what is put away is markup, `<hr>` a rule."""
    page = layout(raw, start, end)
    rules = [
        Part(match.start(), match.end(), "", (), "rule", "hr")
        for match in re.finditer(r"<hr\b[^<>]{0,200}>", raw[start:end], re.IGNORECASE)
    ]
    found = [Part(put.start, put.end, "", (), "markup", put.rule) for put in page.put if put.start < put.end]
    found.extend(part._replace(start=part.start + start, end=part.end + start) for part in rules)
    for unit in page.units:
        name = page.nodes.name[unit.node]
        if page.nodes.hidden[unit.node]:
            found.append(Part(unit.start, unit.end, "", (), "markup", "hidden"))
            continue
        level = int(name[1]) if re.fullmatch(r"h[1-6]", name) else 0
        sort = "heading" if level else _SORTS.get(name, "paragraph")
        if sort == "paragraph" and _within(page.nodes, unit.node, "blockquote"):
            sort = "quote"
        inner = raw[unit.inner[0] : unit.inner[1]][:9].lower()
        kind = "small" if inner.startswith("<small") else "figcaption" if name == "figcaption" else name
        found.append(
            Part(
                unit.start,
                unit.end,
                unit.text,
                named_segments(unit.traces),
                sort,
                kind,
                level,
                unit.linked,
                unit.images,
            )
        )
    at = start
    for part in sorted(found):
        if part.start >= at:
            yield part
            at = part.end


def _within(nodes: Nodes, node: int, name: str) -> bool:
    """Whether a node lies within an element of that name, looking a few levels up."""
    for _ in range(6):
        if node <= 0:
            return False
        if nodes.name[node] == name:
            return True
        node = nodes.parent[node]
    return False


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_FENCE, _fenced),
    (_COMMENT, _silent("markup", "html_comment")),
    (_RULE, _silent("rule", "rule_line")),
    (_HEADING, _heading),
    (_HTML, _html_block),
    (_DEFINITION, _silent("markup", "link_definition")),
    (_CELLS, _table_row),
    (_QUOTE, _quoted),
    (_ITEM, _item),
)
"""What a line begins with, and what reads the block it begins; the first that matches."""
