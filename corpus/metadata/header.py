"""The header of a feed dump: epoch comment, title as a Markdown link, a rule of dashes, the body's date."""

from __future__ import annotations

import re
from datetime import date

from corpus.metadata.claims import Claim, tidy
from corpus.metadata.dates import epoch, is_full, read

LONGEST = 4_000
"""Code points of the beginning of a text in which a header is looked for."""

_EPOCH = re.compile(r"[\s\ufeff]{0,20}<!--\s{0,9}(\d{10}(?:\d{3})?)\s{0,9}-->")
_LINK = re.compile(
    r"[\s\ufeff]{0,20}(?:<!--[^>]{0,200}-->\s{0,20}){0,3}(?:#{1,2} {1,3})?"
    r"\[((?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]){1,600})\]"
    r"\(\s{0,3}<?((?:[^\s()<>]|\([^\s()<>]{0,300}\)){1,2000})>?(?:\s[^()\n]{0,200})?\)[ \t]{0,9}\r?(?:\n|$)"
)
_HEADING = re.compile(r"[\s\ufeff]{0,20}(?:<!--[^>]{0,200}-->\s{0,20}){0,3}# {1,3}([^\n]{1,500})")
_DATE = re.compile(r"<(i|em|time|small|span|p)\b[^<>]{0,200}>([^<>]{6,80})</\1\s{0,3}>")
_SIGNED = re.compile(r"(?<=\n)([*_]{1,2})([^*_\n·|]{2,60}?)\s?[·|•,，]\s?([^*_\n]{6,80})\1[ \t]*\r?(?:\n|$)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def claims(raw: str) -> list[Claim]:
    r"""Read the header of a Markdown text; what is not there is not claimed.

    The epoch comment is when the feed's reader noted the page: a second witness for a date of that day or the
    day before, and evidence for the time of publication only where the page states none.

    >>> for claim in claims("<!--1741070820000-->\n[Port opens](https://port.example/a)\n------\n"):
    ...     print(*claim)
    title Port opens markdown:link
    url https://port.example/a markdown:link
    published_at 2025-03-04T06:47:00Z markdown:epoch
    """
    head = raw[:LONGEST]
    found = []
    body = 0
    if link := _LINK.match(head):
        body = link.end()
        found.append(Claim("title", tidy(_ESCAPE.sub(r"\1", link[1])), "markdown:link"))
        found.append(Claim("url", link[2], "markdown:link"))
    elif heading := _HEADING.match(head):
        body = heading.end()
        found.append(Claim("title", tidy(_ESCAPE.sub(r"\1", heading[1])).rstrip("# "), "markdown:heading"))
    noted = _EPOCH.match(head)
    moment = epoch(noted[1]) if noted else None
    if body:
        # The feed's date stands before the text: the first small element, or none.
        dated = _DATE.search(head, body, body + 600)
        iso = read(tidy(dated[2])) if dated else None
        signed = _SIGNED.search(head, body - 1, body + 600)
        if signed and (on := read(tidy(signed[3]))):
            found.append(Claim("author", tidy(signed[2]), "markdown:date"))
            iso = iso or on
        if iso:
            confirmed = moment is not None and _within_a_day(iso, moment)
            found.append(Claim("published_at", iso, "markdown:date+epoch" if confirmed else "markdown:date"))
    if moment:
        found.append(Claim("published_at", moment, "markdown:epoch"))
    return found


def _within_a_day(iso: str, moment: str) -> bool:
    """Whether a stated date is of the day of a moment or the day before it."""
    if not is_full(iso):
        return False
    days = (date.fromisoformat(moment[:10]) - date.fromisoformat(iso[:10])).days
    return 0 <= days <= 1
