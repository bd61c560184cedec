"""Markdown pages and the hybrids feed readers dump: parts, then roles, then blocks.

Such a page has been through a reader view or a feed already, so most of it is body: what is looked for is what
such tools add (title line, date, picture captions, their own footer) or leave in (links, comments, notices).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.clean import text_words as words
from corpus.clean.markdown_parts import Part, parts
from corpus.clean.text_features import FLAGS, flags
from corpus.clean.text_lines import columns
from corpus.records import Block, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATELINE = re.compile(r"[^\s，。！？,.!?][^。！？!?]{0,40}\s*[—–-]{1,2}\s*$")


class Explained(NamedTuple):
    """A part, the tell-tales it shows, and the fate it met."""

    raw_start: int
    raw_end: int
    text: str
    sort: str
    role: str
    rule: str
    seen: tuple[str, ...]


def clean(raw: str, url: str | None = None) -> tuple[Block, ...]:
    """Cut a Markdown or Markdown/HTML page into blocks that tile it exactly and give each a role.

    A dateline that stands before the first paragraph becomes its beginning. Never raises for any text. The
    address is not looked at: nothing here knows a site.

    >>> [(block.role, block.text) for block in clean("# Salt\\n\\nIt is *white*.\\n")]
    [('title', 'Salt'), ('markup', ''), ('paragraph', 'It is white.'), ('markup', '')]
    """
    del url
    found = parts(raw)
    named = _fates(found)
    blocks: list[Block] = []
    at = row = 0
    while row < len(found):
        part, (role, rule) = found[row], named[row]
        if at < part.start:
            blocks.append(Block(at, part.start, "", "markup", _gap_rule(raw, at, part.start)))
        stop = row + 1
        if rule == "dateline":
            stop = _joined_row(found, named, row)
            blocks.append(_with_dateline(raw, part, found[stop - 1]))
        else:
            blocks.append(Block(part.start, part.end, part.text, role, rule, part.segments))
        at, row = found[stop - 1].end, stop
    if at < len(raw):
        blocks.append(Block(at, len(raw), "", "markup", _gap_rule(raw, at, len(raw))))
    return tuple(blocks)


def explain(raw: str, url: str | None = None) -> list[Explained]:
    """Tell of every part of a Markdown page what was seen of it and what became of it."""
    del url
    found = parts(raw)
    return [
        Explained(part.start, part.end, part.text, part.sort, *fate, tuple(sorted(_signs(part))))
        for part, fate in zip(found, _fates(found), strict=True)
    ]


def _gap_rule(raw: str, start: int, end: int) -> str:
    return "blank" if raw[start:end].isspace() else "tags" if "<" in raw[start:end] else "marks"


def _joined_row(found: Sequence[Part], named: Sequence[tuple[str, str]], row: int) -> int:
    """The row behind the paragraph a dateline opens."""
    return next(at for at in range(row + 1, len(found)) if named[at][0] == "paragraph") + 1


def _with_dateline(raw: str, dateline: Part, paragraph: Part) -> Block:
    """Join a dateline and its paragraph as one, a space between them."""
    end = dateline.segments[-1].raw_end
    space = end + 1 if raw[end : end + 1].isspace() else paragraph.segments[0].raw_start
    lead = len(dateline.text)
    segments = (
        *dateline.segments,
        Segment(lead, lead + 1, end, space),
        *(Segment(a + lead + 1, b + lead + 1, c, d) for a, b, c, d in paragraph.segments),
    )
    text = f"{dateline.text} {paragraph.text}"
    return Block(dateline.start, paragraph.end, text, "paragraph", "dateline_joined", segments)


def _signs(part: Part) -> frozenset[str]:
    """The tell-tales a part shows."""
    return frozenset(name for name, shown in zip(FLAGS, flags(part.text[:160]), strict=True) if shown)


def _fates(found: Sequence[Part]) -> list[tuple[str, str]]:
    """Name the role and rule of every part."""
    signs = [_signs(part) if part.text else frozenset() for part in found]
    title = _title_row(found)
    passages = [row for row, part in enumerate(found) if _passage(part)]
    first = passages[0] if passages else len(found)
    footer = _footer_row(found, passages)
    comments = _comments_row(found, signs, passages)
    named: list[tuple[str, str]] = []
    related = False
    for row, part in enumerate(found):
        if part.sort == "heading":
            related = "related" in signs[row] and row > first
        fate = _plain_fate(part, signs[row])
        if part.sort in {"markup", "rule"}:
            fate = ("markup", part.name)
        elif row == title:
            fate = ("title", part.name or "title")
        elif (
            title is not None and part.text and part.text == found[title].text and (row < first or part.level)
        ):
            fate = ("duplicate", "title_again")
        elif footer is not None and row >= footer:
            fate = ("advertisement", "feed_footer")
        elif comments is not None and row >= comments:
            fate = ("interface", "comment_count") if row == comments else ("comment", "comment_section")
        elif related:
            fate = ("related", "related_list")
        elif row < first and _dateline(found, row, passages):
            fate = ("paragraph", "dateline")
        elif row < first and part.sort not in {"image", "code"} and _byline(part, signs[row]):
            fate = ("byline", "byline")
        named.append(fate)
    return _without_notices(found, signs, named)


def _plain_fate(part: Part, signs: frozenset[str]) -> tuple[str, str]:
    """What a part is by itself."""
    if not part.text:
        return ("caption", "image") if part.sort == "image" else ("markup", part.name or "tags")
    width = columns(part.text)
    if part.sort == "image" or part.name in {"small", "figcaption"}:
        return "caption", "image_text" if part.sort == "image" else part.name
    if "image" in signs:
        return "caption", "image_placeholder"
    if part.images and width <= 120 and ("caption" in signs or part.text[-1] not in words.SENTENCE_END):
        return "caption", "below_image"
    if "interface" in signs and width <= 24:
        return "interface", "button"
    if "advert" in signs and words.ADVERT.fullmatch(part.text.lower()):
        return "advertisement", "advert_label"
    if "prompt" in signs and width <= 60:
        return "interface", "comment_prompt"
    if "breadcrumb" in signs and part.linked:
        return "navigation", "breadcrumb"
    if (
        part.linked > 0.8 * len(part.text)
        and (part.sort == "list_item" or width < 60)
        and part.sort != "heading"
    ):
        return "navigation", "links"
    kept = {"heading": "heading", "list_item": "list_item", "quote": "quote"}
    return kept.get(part.sort, "paragraph"), f"body_{part.sort}"


def _passage(part: Part) -> bool:
    """Whether a part is running text."""
    if part.sort not in {"paragraph", "quote", "list_item"} or part.name in {"small", "figcaption"}:
        return False
    return columns(part.text) > 60 and part.linked < len(part.text) / 2


def _title_row(found: Sequence[Part]) -> int | None:
    """The row of the title: named in front matter, a first heading, or one link above a rule."""
    for row, part in enumerate(found[:12]):
        if part.sort == "title" or (part.level == 1 and part.text):
            return row
        below = next((later for later in found[row + 1 : row + 3] if later.sort != "markup"), None)
        if (
            part.sort == "paragraph"
            and part.linked >= 0.9 * len(part.text) > 0
            and below
            and below.sort == "rule"
        ):
            return row
        if _passage(part) and part.linked < len(part.text) / 2:
            break
    early = [row for row, part in enumerate(found[:6]) if part.sort == "heading"]
    return early[0] if early and not any(_passage(part) for part in found[: early[0]]) else None


def _dateline(found: Sequence[Part], row: int, passages: Sequence[int]) -> bool:
    """Whether a part is the place name and dash that opens the first paragraph right after it."""
    if not passages or not _DATELINE.fullmatch(found[row].text) or found[row].sort != "paragraph":
        return False
    between = found[row + 1 : passages[0]]
    return found[passages[0]].sort == "paragraph" and all(part.sort == "markup" for part in between)


def _byline(part: Part, signs: frozenset[str]) -> bool:
    """Whether a line above the body tells who wrote it and when."""
    if columns(part.text) > 120 or part.level:
        return False
    return bool(signs & {"byline", "date", "time"})


def _footer_row(found: Sequence[Part], passages: Sequence[int]) -> int | None:
    """The row of a last rule behind which there are only a few links: the footer of the service that made the feed."""
    rules = [row for row, part in enumerate(found) if part.sort == "rule"]
    if not rules or not passages or rules[-1] < passages[0]:
        return None
    tail = [part for part in found[rules[-1] + 1 :] if part.text]
    linked = sum(part.linked for part in tail)
    total = sum(len(part.text) for part in tail)
    short = total <= 400 and len(tail) <= 6
    urls = any(words.URL.search(part.text.lower()) for part in tail)
    return rules[-1] + 1 if tail and short and (linked * 2 >= total or urls) else None


def _comments_row(
    found: Sequence[Part], signs: Sequence[frozenset[str]], passages: Sequence[int]
) -> int | None:
    """The row a section of readers' comments begins at: its header, below running text, with signs of replies."""
    for row, part in enumerate(found):
        if "comments" not in signs[row] or not passages or row <= passages[0] or columns(part.text) > 60:
            continue
        after = signs[row + 1 : row + 13]
        evidence = sum(bool(seen & {"reply", "ago", "prompt", "date", "time"}) for seen in after)
        if evidence >= 1 or not any(_passage(later) for later in found[row + 1 :]):
            return row
    return None


def _without_notices(
    found: Sequence[Part], signs: Sequence[frozenset[str]], named: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Take notices of copyright and the like from the end of the body."""
    kept = [row for row, (role, _) in enumerate(named) if role in {"paragraph", "quote", "list_item"}]
    for row in kept[-5:]:
        if "disclaimer" in signs[row]:
            named[row] = ("disclaimer", "disclaimer")
        elif "copyright" in signs[row] and columns(found[row].text) <= 160:
            named[row] = ("disclaimer", "copyright")
        elif row == kept[-1] and "byline" in signs[row] and columns(found[row].text) <= 60:
            named[row] = ("byline", "byline")
    return named
