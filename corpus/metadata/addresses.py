"""URLs: which are believed, which are the page's own, and the date some carry in their path."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from corpus.metadata.claims import LONGEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.metadata.claims import Claim

_PATH_DATE = re.compile(
    r"(?<![0-9])(?P<y>(?:19[89]|20[0-4])\d)(?P<sep>[/_-]?)(?P<m>0[1-9]|1[0-2]|(?<=[/_-])[1-9](?=[/_-]))(?P=sep)?"
    r"[/_-]?(?P<d>0[1-9]|[12]\d|3[01]|(?<=[/_-])[1-9](?=[/_-]))(?![0-9])"
)
_REFUSED = re.compile(r"""[\s<>"\\^`{|}\x00-\x1f\x7f-\x9f\ud800-\udfff]""")
_SHORT = re.compile(r"^(?:www\d?|m|mobile|wap|amp|3g)\.")


def absolute(url: str, page: str | None = None) -> str | None:
    """Return an absolute http or https url, None for any other and for what is no url.

    >>> absolute("/a?b=1", "https://news.example/x"), absolute("javascript:alert(1)")
    ('https://news.example/a?b=1', None)
    """
    url = url.strip()
    if not url or len(url) > LONGEST["url"] or _REFUSED.search(url):
        return None
    try:
        joined = urljoin(page, url) if page else url
        parts = urlsplit(joined)
        host = parts.hostname
    except ValueError:
        return None
    if (
        parts.scheme.lower() not in {"http", "https"}
        or not host
        or "." not in host
        or parts.username is not None
    ):
        return None
    return joined


def host(url: str) -> str:
    """Return the host without what only marks a variant of it.

    >>> host("https://m.news.example:443/a"), host("https://www.news.example")
    ('news.example', 'news.example')
    """
    try:
        return _SHORT.sub("", (urlsplit(url).hostname or "").lower())
    except ValueError:
        return ""


def canonical(claims: Sequence[Claim], given: str | None, raw: str) -> tuple[str, str] | None:
    """Return the page's url and its evidence from what the collector knew and what the page claims.

    A page may claim any address as its own, so a claim counts only where something else agrees on the host:
    the url it was fetched from, another claim, or the page's own links; a saved page that claims one address
    and was fetched from nowhere known is believed, since nothing contradicts it. One that points to the front
    page of the host while the page was fetched from elsewhere on it is a template's mistake.
    """
    fetched = absolute(given) if given else None
    claimed = [
        (url, claim.evidence)
        for claim in claims
        if claim.field == "url" and (url := absolute(claim.value, fetched))
    ]
    for url, evidence in claimed:
        own = host(url)
        if fetched:
            agreed = own == host(fetched) and not (_is_front(url) and not _is_front(fetched))
        else:
            others = [host(other) == own for other, place in claimed if place != evidence]
            agreed = (
                any(others)
                or not (others or _is_front(url))
                or raw.count(f"//{urlsplit(url).netloc}/", 0, 300_000) >= 3
            )
        if agreed:
            return url, evidence
    return (fetched, "given") if fetched else None


def dated(url: str) -> str | None:
    """Return the date in a url's path, None where there is none or a number only looks like one.

    >>> dated("https://news.example/2025/03/04/ports"), dated("https://news.example/a-20250304-1.html")
    ('2025-03-04', '2025-03-04')
    >>> dated("https://news.example/2025/0304/c1.html"), dated("https://news.example/id/12025030499")
    ('2025-03-04', None)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    for match in _PATH_DATE.finditer(parts.path[:500]):
        try:
            return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()
        except ValueError:
            continue
    return None


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query
