"""Metadata: what a page says about itself, each value with the place it was found in.

Every source of evidence is a module that returns claims: the page's elements (`elements`, with `jsonld`), the
header of a feed dump (`header`), the lines readers see (`byline`, `forum`), the site's frame (`sites`), its
urls (`addresses`). Here they are weighed. For each field the first believable claim in this order wins:

- title: the visible headline (`h1`) that a machine-readable title confirms; then JSON-LD, `og:title` and
  other meta elements, the title block found by cleaning, `<title>`, each without the site's name; the link
  or heading of a Markdown header; the first line of a dump, if a byline follows it; the line above the byline
  of a page that marks no title at all.
- author: JSON-LD, meta elements, microdata, `rel=author`, the signed line of a Markdown header, byline, the
  member who began a forum's topic. A newsroom's desk is nobody.
- publisher: JSON-LD, `og:site_name` and other meta elements, the footer of a feed, the site's name where two
  places of its frame agree (`sites`), an outlet or source in a byline, the end of `<title>`, one place of the
  frame.
- url: `<link rel=canonical>`, `og:url`, JSON-LD, where another witness agrees on the host; else as fetched.
- published and modified: JSON-LD, meta elements, microdata, the date of a Markdown header, a byline, a `time`
  element beside the headline, other lines around the title, the page's path, the epoch of a Markdown header.
  A full date beats an incomplete one; a date without a year gets it only from another claim on the same day.
- language: `<html lang>`, JSON-LD, meta elements. It is a claim: `corpus.language` decides.

A copyright line is no evidence for a date.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.metadata import addresses, byline, dates, elements, forum, header, jsonld, sites, titles
from corpus.metadata.claims import LONGEST, Claim, tidy
from corpus.metadata.names import is_desk
from corpus.records import KEPT_ROLES, Fact, Metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.metadata.claims import Field
    from corpus.records import Block, Format

NEAR = 25
"""Visible blocks around the title that are read for a byline."""

LONGEST_NEAR = 120
"""Code points such a block may have: what is longer is text, not a byline that cleaning missed."""

SHORTEST_TITLE = 5
"""Code points a line needs to be taken for the title by its place alone."""

# A rule of dashes is a line of a dump, and no title.
_SPOKEN = re.compile(r"[^\W_]")
_NO_TITLE = re.compile(r"[>|»›]|^[\W\d_]*$|https?:|(?:首页|网站|登录|客户端|APP)$|^skip to", re.IGNORECASE)

# Raised and lowered signs belong to their word, as in `4<sup>th</sup>`.
_BOUNDARY = re.compile(r"<(?!/?(?:su[bp]|wbr)\b)")

# Evidence in order of trust, by prefix; the longest prefix that fits counts, what fits none comes last.
_TRUST: tuple[str, ...] = (
    "markdown:link",
    "json-ld",
    "meta:article:",
    "meta:og:article:",
    "meta:",
    "microdata:",
    "html:lang",
    "rel:author",
    "markdown:heading",
    "markdown:date",
    "feed:footer",
    "site",
    "byline",
    "time",
    "text",
    "text:bare",
    "title",
    "frame",
    "meta:date",
    "url",
    "markdown:epoch",
    "time:far",
)
_MACHINE = ("json-ld", "meta:", "microdata:")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "author",
        "editor",
        "unknown",
        "anonymous",
        "null",
        "none",
        "undefined",
        "guest",
    )
)
_BY = re.compile(r"^(?:by|von|par|por|di|作者|文)[\s:：/|]+", re.IGNORECASE)


def extract(raw: str, format: Format, blocks: Sequence[Block], url: str | None = None) -> Metadata:  # noqa: A002
    """Weigh what a page says about itself. Never raises; what cannot be believed is None.

    `raw` is the decoded text, `blocks` the result of cleaning it, `url` what the collector knows. Nothing is
    guessed: no date from the clock, no publisher from a host name, no author from the text.

    >>> site = '<meta property="og:site_name" content="Harbour Daily">'
    >>> found = extract(f"<title>Port opens - Harbour Daily</title>{site}", "html", ())
    >>> found.title, found.publisher
    (Fact(value='Port opens', evidence='title'), Fact(value='Harbour Daily', evidence='meta:og:site_name'))
    """
    page = elements.scan(raw) if format == "html" else None
    claims = header.claims(raw) if format == "markdown" else []
    if page is not None:
        claims += jsonld.claims(page.scripts) + page.claims
        if not {"title", "author", "published_at"} <= {claim.field for claim in claims}:
            claims += elements.microdata(raw)
    address = _address(claims, url, raw)
    title = _title(claims, page, blocks, address)
    day_first = _day_first(claims, address.value if address else "")
    if page is not None:
        claims += _timed(page)
    claims += _of_lines(claims, raw, blocks, title, day_first)
    if not any(claim.field == "publisher" and claim.evidence.startswith(_MACHINE) for claim in claims):
        headline = title.value if title else ""
        titled = page.title if page is not None else _doubled(headline, blocks)
        claims += sites.claims(titled, headline, blocks)
        claims += _site(titled, address)
    if address and (in_path := addresses.dated(address.value)):
        claims.append(Claim("published_at", in_path, "url"))
    claims.sort(key=_rank)
    return Metadata(
        title=title,
        author=_name(claims, "author"),
        publisher=_name(claims, "publisher"),
        url=address,
        published_at=_moment(claims, "published_at", day_first),
        modified_at=_moment(claims, "modified_at", day_first),
        language=_language(claims),
    )


def _rank(claim: Claim) -> int:
    return _trust(claim.evidence)


@cache
def _trust(evidence: str) -> int:
    """Return the place of a kind of evidence in _TRUST; there are some hundred kinds."""
    fitting = [place for place, prefix in enumerate(_TRUST) if evidence.startswith(prefix)]
    return max(fitting, key=lambda place: len(_TRUST[place]), default=len(_TRUST))


def _of_lines(
    known: Sequence[Claim], raw: str, blocks: Sequence[Block], title: Fact | None, day_first: bool | None
) -> list[Claim]:
    """Read the bylines; where they and the page leave something open, the lines around the title too."""
    claims: list[Claim] = []
    bylines = [block for block in blocks if block.role == "byline"]
    for block in bylines[:NEAR]:
        claims += byline.claims(_parted(block, raw), "byline", is_byline=True, day_first=day_first)
    if not {"author", "publisher", "published_at"} <= {claim.field for claim in (*known, *claims)}:
        for block in _near(blocks, title.value if title else ""):
            claims += byline.claims(_parted(block, raw), "text", is_byline=False, day_first=day_first)
    if not any(claim.field == "author" for claim in (*known, *claims)):
        claims += forum.claims(blocks, raw)
    if not any(claim.field == "published_at" for claim in (*known, *claims)):
        claims += _labelled(blocks, day_first)
    return claims


def _doubled(title: str, blocks: Sequence[Block]) -> str | None:
    """Return the line of a dump that was its page's `<title>`: the title again, and something after it."""
    first = (block.text for _, block in zip(range(5), blocks, strict=False))
    return next((line for line in first if title and line.startswith(title) and len(line) > len(title)), None)


def _site(titled: str | None, address: Fact | None) -> list[Claim]:
    """Claim the site's name at the end of `<title>` as the publisher, for want of a better."""
    name = titles.site(titled or "", addresses.host(address.value) if address else "")
    return [Claim("publisher", name, "title")] if name else []


def _parted(block: Block, raw: str) -> str:
    """Return a line with a wide space where two elements meet: `<b>林一</b><a>港口日报</a>` is two names."""
    if len(block.segments) < 2 or len(block.text) > byline.LONGEST_LINE:
        return block.text
    pieces, start = [], 0
    for before, after in pairwise(block.segments):
        at = after.start
        if (
            after.raw_start > before.raw_end
            and before.end == at
            and not block.text[at - 1].isspace()
            and not block.text[at].isspace()
            and _BOUNDARY.search(raw, before.raw_end, after.raw_start)
        ):
            pieces.append(block.text[start:at])
            start = at
    return "\u3000".join([*pieces, block.text[start:]])


def _near(blocks: Sequence[Block], title: str) -> list[Block]:
    """Return the short lines around the title and before the text, where pages say who wrote it and when."""
    visible = [block for block in blocks if block.text and block.role not in {"byline", "comment", "related"}]
    body = next((at for at, block in enumerate(visible) if _is_body(block)), len(visible))
    wanted = titles.folded(title)
    places = {at for at, block in enumerate(visible) if block.role == "title"}
    if wanted:
        starts = (
            at
            for at, block in enumerate(visible)
            if title[:4] in block.text[:20] and titles.folded(block.text[:200]).startswith(wanted)
        )
        places |= {at for _, at in zip(range(3), starts, strict=False)}
    # Below the title first, then upwards from the text: a site's own date of today stands above both.
    lines = [at for place in sorted(places) for at in range(place, place + 9)]
    lines += [*range(body - 1, body - 9, -1), body, body + 1]
    near = [visible[at] for at in dict.fromkeys(lines) if 0 <= at < len(visible)]
    return [block for block in near if len(block.text) <= LONGEST_NEAR][:NEAR]


def _labelled(blocks: Sequence[Block], day_first: bool | None) -> list[Claim]:
    """Return the first date that a short line anywhere in the page labels as that of publication."""
    for block in blocks:
        if 8 <= len(block.text) <= byline.LONGEST_LINE and block.role not in {"comment", "related", "byline"}:
            dated = byline.labelled_date(block.text, day_first=day_first)
            if dated:
                return [Claim("published_at", dated, "text")]
    return []


def _is_body(block: Block) -> bool:
    return block.role in KEPT_ROLES and len(block.text) > 60


def _address(claims: Sequence[Claim], url: str | None, raw: str) -> Fact | None:
    for claim in claims:
        if (
            claim.evidence == "markdown:link"
            and claim.field == "url"
            and (found := addresses.absolute(claim.value))
        ):
            return Fact(found, claim.evidence)
    order = {"link:canonical": 0, "meta:og:url": 1, "json-ld": 2}
    ranked = sorted(
        (claim for claim in claims if claim.field == "url"), key=lambda claim: order.get(claim.evidence, 3)
    )
    believed = addresses.canonical(ranked, url, raw)
    return Fact(*believed) if believed else None


def _day_first(claims: Iterable[Claim], url: str) -> bool | None:
    """Say whether days or months come first in `03/04/2025`: known by region, not by English alone."""
    for claim in claims:
        if claim.field == "language" and _LANGUAGE.fullmatch(claim.value):
            tag = claim.value.lower().replace("_", "-").split("-")
            if tag[0] in {"zh", "ja", "ko"}:
                return None
            if tag[0] != "en":
                return True
            if len(tag) > 1:
                return tag[-1] not in {"us", "ph"}
    suffix = addresses.host(url).rpartition(".")[2]
    return {
        "uk": True,
        "au": True,
        "nz": True,
        "ie": True,
        "in": True,
        "za": True,
        "gov": False,
        "us": False,
    }.get(suffix)


def _title(
    claims: Sequence[Claim], page: elements.Elements | None, blocks: Sequence[Block], address: Fact | None
) -> Fact | None:
    ranked = sorted((claim for claim in claims if claim.field == "title"), key=_rank)
    candidates = [Fact(claim.value, claim.evidence) for claim in ranked]
    headings = [Fact(text, "h1") for _, text in page.headings] if page is not None else []
    block = next(
        (tidy(block.text) for block in blocks if block.role == "title" and _SPOKEN.search(block.text)), None
    )
    if page is None and not candidates and not block:
        block = _opening(blocks)
    if page is not None and page.title:
        candidates.append(Fact(page.title, "title"))
    if block:
        (headings if page is not None else candidates).append(Fact(block, "block:title"))
    elif page is not None and not headings and not candidates and (above := _above_byline(blocks)):
        candidates.append(Fact(above, "block:above-byline"))
    sites = [claim.value for claim in claims if claim.field == "publisher"]
    return titles.choose(candidates, headings, sites, addresses.host(address.value) if address else "")


def _opening(blocks: Sequence[Block]) -> str | None:
    """Return the first line of a dump that has no other title, if a byline follows it closely."""
    shown = [block for _, block in zip(range(5), (block for block in blocks if block.text), strict=False)]
    if not any(block.role == "byline" for block in shown[1:]):
        return None
    line = tidy(shown[0].text)
    is_menu = len(line.split()) > 2 and not line.isascii()
    is_word = len(line) < SHORTEST_TITLE and shown[1].role != "byline"
    is_title = len(line) <= LONGEST_NEAR and not (is_menu or is_word or _NO_TITLE.search(line))
    return line if is_title else None


def _above_byline(blocks: Sequence[Block]) -> str | None:
    """Return the line above the first dated byline of a page that marks no title at all."""
    shown = [block for block in blocks if block.text]
    at = next((at for at, block in enumerate(shown) if block.role == "byline" and dates.find(block.text)), 0)
    line = (
        tidy(shown[at - 1].text)
        if at and shown[at - 1].role not in {"comment", "related", "advertisement"}
        else ""
    )
    is_title = (
        SHORTEST_TITLE <= len(line) <= LONGEST_NEAR
        and not _NO_TITLE.search(line)
        and not line.endswith(("。", "."))
    )
    return line if is_title and not dates.find(line) else None


def _name(claims: Iterable[Claim], field: Field) -> Fact | None:
    """Return the first claim that is a name: no url, account handle, number, or word for nobody."""
    for claim in claims:
        value = _BY.sub("", tidy(claim.value)).strip(" ,;|/") if claim.field == field else ""
        if not 1 < len(value) <= LONGEST[field] or value.lower() in _NOBODY:
            continue
        if field == "author" and is_desk(value):
            continue
        if (
            "://" in value
            or value.startswith(("@", "/", "www."))
            or not any(char.isalpha() for char in value)
        ):
            continue
        return Fact(value, claim.evidence)
    return None


def _moment(claims: Iterable[Claim], field: Field, day_first: bool | None) -> Fact | None:
    """Return the first full date; else the first partial one, with its year where another claim knows it."""
    known = [
        Fact(iso, claim.evidence)
        for claim in claims
        if claim.field == field and (iso := dates.read(claim.value, day_first=day_first))
    ]
    full = [fact for fact in known if dates.is_full(fact.value)]
    partial = [fact for fact in known if not dates.is_full(fact.value)]
    for fact in partial if full else ():
        # A byline's `03-04 06:47` and a path's /2025/03/04/ are one date, told in two places.
        joined = dates.completed(fact.value, full[0].value)
        if joined and len(joined) > len(full[0].value):
            return Fact(joined, f"{fact.evidence}+{full[0].evidence}")
    near = [fact for fact in full if fact.evidence != "time:far"]
    with_month = [fact for fact in partial if len(fact.value) > 4]
    return next(iter(near + with_month + full + partial), None)


def _timed(page: elements.Elements) -> list[Claim]:
    """Claim the `time` elements: the one that says it is the page's, or the first beside the headline."""
    found = []
    heading = page.headings[-1][0] if len(page.headings) == 1 else None
    for number, timed in enumerate(page.times[:20]):
        modified = any(word in timed.words for word in ("modified", "updated"))
        published = any(word in timed.words for word in ("publish", "pubdate", "entry-date", "datecreated"))
        near = heading is None or -3000 <= timed.start - heading <= 12_000
        field: Field = "modified_at" if modified and not published else "published_at"
        if (published or modified or number == 0) and near:
            found.append(Claim(field, timed.value, "time"))
        elif number == 0:
            found.append(Claim(field, timed.value, "time:far"))
    return found


def _language(claims: Iterable[Claim]) -> Fact | None:
    """Return the declared language as a BCP 47 tag; `html lang` first, being set page by page."""
    told = [claim for claim in claims if claim.field == "language" and _LANGUAGE.fullmatch(claim.value)]
    told.sort(key=lambda claim: claim.evidence != "html:lang")
    return Fact(told[0].value.replace("_", "-"), told[0].evidence) if told else None
