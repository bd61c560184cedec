"""Markdown pages and the hybrids feed readers dump: parts, then roles, then blocks.

Such a page has been through a reader view or a feed already, so most of it is body: what is looked for is
what such tools add (title line, date, picture captions, their own footer) or leave in (links, comments,
notices).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.clean import text_words as words
from corpus.clean.markdown_parts import Part, parts
from corpus.clean.text_features import FLAGS, flags
from corpus.clean.text_lines import columns
from corpus.records import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

_DATELINE = re.compile(r"[^\s，。！？,.!?][^。！？!?]{0,40}\s*[—–-]{1,2}\s*$")
# What feeds write around an entry: the time in the form of RFC 822, and below it where the entry is from.
_STAMP = re.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d{2}")
_FEED_END = re.compile(r"the (?:post|entry) .{1,200} appeared first (?:on|at) .{1,100}", re.IGNORECASE)


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
    r"""Cut a Markdown or Markdown/HTML page into blocks that tile it exactly and give each a role.

    A dateline that stands before the first paragraph, in an element of its own, is a byline. Never raises for
    any text. The address is not looked at: nothing here knows a site.

    >>> [(block.role, block.text) for block in clean("# Salt\n\nIt is *white*.\n")]
    [('title', 'Salt'), ('markup', ''), ('paragraph', 'It is white.'), ('markup', '')]
    """
    del url
    found = parts(raw)
    named = _fates(found)
    blocks: list[Block] = []
    at = 0
    for part, (role, rule) in zip(found, named, strict=True):
        if at < part.start:
            blocks.append(Block(at, part.start, "", "markup", _gap_rule(raw, at, part.start)))
        blocks.append(Block(part.start, part.end, part.text, role, rule, part.segments))
        at = part.end
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


def _signs(part: Part) -> frozenset[str]:
    """The tell-tales a part shows."""
    return frozenset(name for name, shown in zip(FLAGS, flags(part.text[:160]), strict=True) if shown)


def _fates(found: Sequence[Part]) -> list[tuple[str, str]]:
    """Name the role and rule of every part."""
    signs = [_signs(part) if part.text else frozenset() for part in found]
    title = _title_row(found)
    passages = [row for row, part in enumerate(found) if _passage(part)]
    first = passages[0] if passages else len(found)
    footer = _footer_row(found)
    comments = _comments_row(found, signs, passages)
    named: list[tuple[str, str]] = []
    related = False
    for row, part in enumerate(found):
        if part.sort == "heading":
            related = "related" in signs[row] and row > first
        again = title is not None and part.text == found[title].text and (row < first or part.level > 0)
        head = row < first and part.sort not in {"image", "code"}
        cases = (
            (part.sort in {"markup", "rule"}, ("markup", part.name)),
            (row == title, ("title", part.name or "title")),
            (again, ("duplicate", "title_again")),
            (footer is not None and row >= footer, ("advertisement", "feed_footer")),
            (row == comments, ("interface", "comment_count")),
            (comments is not None and row > comments, ("comment", "comment_section")),
            (related, ("related", "related_list")),
            (head and _dateline(found, row), ("byline", "dateline")),
            (head and _byline(part, signs[row]), ("byline", "byline")),
        )
        named.append(next((fate for holds, fate in cases if holds), None) or _plain_fate(part, signs[row]))
    return _without_notices(found, signs, named)


_KEPT = {"heading": "heading", "list_item": "list_item", "quote": "quote"}


def _plain_fate(part: Part, signs: frozenset[str]) -> tuple[str, str]:
    """What a part is by itself."""
    if not part.text:
        return ("caption", "image") if part.sort == "image" else ("markup", part.name or "tags")
    width = columns(part.text)
    below_image = (
        part.images and width <= 120 and ("caption" in signs or part.text[-1] not in words.SENTENCE_END)
    )
    advert = "advert" in signs and words.ADVERT.fullmatch(part.text.lower()) is not None
    links = (
        part.linked > 0.8 * len(part.text)
        and (part.sort == "list_item" or width < 60)
        and part.sort != "heading"
    )
    cases = (
        (part.sort == "image", ("caption", "image_text")),
        (part.name in {"small", "figcaption"}, ("caption", part.name)),
        ("image" in signs, ("caption", "image_placeholder")),
        (below_image, ("caption", "below_image")),
        ("interface" in signs and width <= 24, ("interface", "button")),
        (advert, ("advertisement", "advert_label")),
        ("prompt" in signs and width <= 60, ("interface", "comment_prompt")),
        ("breadcrumb" in signs and part.linked, ("navigation", "breadcrumb")),
        (links, ("navigation", "links")),
    )
    body = (_KEPT.get(part.sort, "paragraph"), f"body_{part.sort}")
    return next((fate for holds, fate in cases if holds), body)


def _passage(part: Part) -> bool:
    """Whether a part is running text."""
    if part.sort not in {"paragraph", "quote", "list_item"} or part.name in {"small", "figcaption"}:
        return False
    return columns(part.text) > 60 and part.linked < len(part.text) / 2 and not _stamped(part)


def _stamped(part: Part) -> bool:
    """Whether a part is a line with the time a feed gives an entry."""
    return columns(part.text) <= 160 and _STAMP.search(part.text) is not None


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


def _dateline(found: Sequence[Part], row: int) -> bool:
    """Whether a part is the place name and dash that opens the sentence right after it."""
    if found[row].sort != "paragraph" or not _DATELINE.fullmatch(found[row].text):
        return False
    after = next((part for part in found[row + 1 :] if part.sort != "markup"), None)
    return (
        after is not None
        and after.sort == "paragraph"
        and after.text[-1:] in (*words.SENTENCE_END, *words.CLOSERS)
    )


def _byline(part: Part, signs: frozenset[str]) -> bool:
    """Whether a line above the body tells who wrote it and when."""
    if _stamped(part):
        return True
    return columns(part.text) <= 120 and not part.level and bool(signs & {"byline", "date", "time"})


def _footer_row(found: Sequence[Part]) -> int | None:
    """The row a feed's footer begins at: it names the feed, or is a few links behind a last rule."""
    ends = [row for row, part in enumerate(found) if _FEED_END.fullmatch(part.text)]
    if ends:
        return ends[-1]
    rules = [row for row, part in enumerate(found) if part.sort == "rule"]
    texts = [
        row for row, part in enumerate(found) if part.text and part.sort == "paragraph" and not part.linked
    ]
    if not rules or not texts or rules[-1] < texts[0]:
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
    """The row readers' comments begin at: a header below running text, with signs of replies."""
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
