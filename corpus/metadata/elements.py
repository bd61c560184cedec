"""Claims from a page's elements: meta, link, title, h1, time, microdata, and the JSON-LD scripts.

The page is not parsed again: one scan stops at the few elements that carry metadata and leaps over comments,
scripts, styles and drawings, so it costs a few hundred microseconds on a page of 100,000 code points and is
linear in its size. What it takes for a tag is what the WHATWG tokenizer does, except in malformed markup,
where a claim may be missed but none is made up.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from corpus.markup import attributes, resolved
from corpus.metadata.claims import Claim, Field, tidy

MOST = 1500
"""Elements looked at in a page; the development pages have 400 at most."""

LONGEST_TAG = 16_000
LONGEST_TEXT = 4_000

_META_KEYS: dict[Field, str] = {
    "title": """
        og:title citation_title dc.title dcterms.title parsely-title sailthru.title twitter:title headline""",
    "author": """
        article:author og:article:author citation_author dc.creator dcterms.creator parsely-author
        sailthru.author cxenseparse:author byl author""",
    "publisher": """
        og:site_name dc.publisher dcterms.publisher citation_publisher publisher contentsource
        application-name apple-mobile-web-app-title""",
    "url": "og:url parsely-link twitter:url",
    "published_at": """
        article:published_time og:article:published_time article:published og:published_time datepublished
        citation_publication_date citation_online_date citation_date dc.date.issued dcterms.issued dc.date
        dcterms.date dcterms.created dc.date.created parsely-pub-date sailthru.date cxenseparse:publishtime
        cxenseparse:recs:publishtime bytedance:published_time publishdate publish_date publish-date
        publishtime publication_date pub_date pubdate og:release_date rnews:datepublished datecreated date""",
    "modified_at": """
        article:modified_time og:updated_time og:article:modified_time article:modified datemodified
        dcterms.modified dc.date.modified bytedance:updated_time last-modified lastmod""",
    "language": "content-language dc.language dcterms.language og:locale inlanguage language",
}
_META: dict[str, Field] = {key: field for field, keys in _META_KEYS.items() for key in keys.split()}
_ITEMPROP: dict[str, Field] = {
    "headline": "title",
    "datepublished": "published_at",
    "datemodified": "modified_at",
    "author": "author",
}

_NAMES = ("html", "meta", "link", "title", "h1", "time", "script", "style", "svg", "textarea")


def _any_case(name: str) -> str:
    """Match a name in either case without IGNORECASE, which would cost the fast search for its first `<`."""
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in name)


# Of the links only the canonical one matters, and a page has dozens of others; most tags begin otherwise.
_FIND = re.compile(
    rf"<(?=[!HhLlMmSsTt])(?:!--"
    rf"|(?P<name>{'|'.join(_any_case(name) for name in _NAMES if name != 'link')})(?=[\s/>])"
    rf"|(?P<link>{_any_case('link')})(?=\s[^<>]{{0,2000}}{_any_case('canonical')}))"
)
_TAG_END = re.compile(r"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ENDS = {name: re.compile(rf"</{_any_case(name)}(?=[\s/>])") for name in _NAMES}
_KEY = re.compile(r"""=\s{0,9}["']?\s{0,9}([A-Za-z][\w:.-]{2,40})""")
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"<(script|style|svg)\b.{0,3000}?</\1", re.IGNORECASE | re.DOTALL)


class Timed(NamedTuple):
    """A `time` element: where it starts, its `datetime` or text, and the words of its attributes."""

    start: int
    value: str
    words: str


class Elements(NamedTuple):
    """What the scan found, in the page's order. `headings` are the `h1` with their places."""

    claims: list[Claim]
    title: str | None
    headings: list[tuple[int, str]]
    times: list[Timed]
    scripts: list[str]


def scan(raw: str) -> Elements:
    """Collect the elements that carry metadata; work is bounded by MOST elements and one look at the text."""
    found = Elements([], None, [], [], [])
    title = None
    at = 0
    for _ in range(MOST):
        match = _FIND.search(raw, at)
        if match is None:
            break
        name = match["name"] or match["link"]
        if name is None:
            end = raw.find("-->", match.end() - 1)
            if end < 0:
                break
            at = end + 3
            continue
        name = name.lower()
        tag_end = _end_of_tag(raw, match.end())
        if tag_end is None:
            at = match.end()
            continue
        at = _take(raw, name, (match.start(), tag_end), found)
        if name == "title" and title is None:
            title = _text(raw, tag_end, at)
    return found._replace(title=title)


def _take(raw: str, name: str, tag: tuple[int, int], found: Elements) -> int:
    """Note what one element claims; return where the scan goes on."""
    start, end = tag
    if name in {"html", "meta", "link"}:
        found.claims.extend(_of_tag(name, raw[start:end]))
        return end
    if name in {"h1", "time"}:
        text = _text(raw, end, _close(raw, name, end, LONGEST_TEXT))
        if name == "h1" and text:
            found.headings.append((start, text))
        elif name == "time":
            given = attributes(raw[start:end])
            words = " ".join(f"{key} {value}" for key, value in given.items() if key != "datetime")
            found.times.append(Timed(start, tidy(given.get("datetime") or text), words.lower()))
        return end
    close = _close(raw, name, end, len(raw))
    if name == "script" and "ld+json" in raw[start:end].lower():
        found.scripts.append(raw[end:close])
    return close


def _close(raw: str, name: str, start: int, longest: int) -> int:
    """Return where an element's text ends: at its end tag, or after `longest` where there is none."""
    match = _ENDS[name].search(raw, start, start + longest)
    return match.start() if match else min(len(raw), start + longest)


def _end_of_tag(raw: str, at: int) -> int | None:
    """Return the end of a start tag; an unclosed quote ends at the next `>` after all."""
    match = _TAG_END.match(raw, at, at + LONGEST_TAG)
    if match:
        return match.end()
    end = raw.find(">", at, at + LONGEST_TAG)
    return None if end < 0 else end + 1


def _text(raw: str, start: int, end: int) -> str:
    """Return what a reader sees of a piece of markup."""
    piece = raw[start : min(end, start + LONGEST_TEXT)]
    if "<" in piece:
        piece = _MARKUP.sub(" ", _HIDDEN.sub(" ", piece))
    return tidy(resolved(piece))


def _of_tag(name: str, source: str) -> list[Claim]:
    """Read a `html`, `link` or `meta` tag; most `meta` claim nothing and are not taken apart."""
    if name == "meta" and not any(key.lower() in _META for key in _KEY.findall(source)):
        return []
    given = attributes(source)
    if name == "html":
        lang = given.get("lang") or given.get("xml:lang") or ""
        return [Claim("language", tidy(lang), "html:lang")] if lang else []
    if name == "link":
        href = given.get("href", "")
        return (
            [Claim("url", href.strip(), "link:canonical")]
            if "canonical" in given.get("rel", "").lower().split()
            else []
        )
    value = tidy(given.get("content", ""))
    claims = []
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        for key in given.get(attribute, "").lower().split():
            if value and key in _META:
                evidence = f"microdata:{key}" if attribute == "itemprop" else f"meta:{key}"
                claims.append(Claim(_META[key], value, evidence))
    return claims


_PROPERTY = re.compile(
    r"""itemprop\s{0,9}=\s{0,9}["']?\s{0,9}(headline|datePublished|dateModified|author)\b""", re.IGNORECASE
)
_REL_AUTHOR = 'rel="author"'


def microdata(raw: str) -> list[Claim]:
    """Read `itemprop` and `rel=author` of visible elements (those of meta elements `scan` reads).

    They lie anywhere in the page, so that this costs another two looks at all of it.
    """
    claims: list[Claim] = []
    at = raw.find("itemprop")
    for _ in range(MOST):
        if at < 0:
            break
        match = _PROPERTY.match(raw, at)
        if match and (value := _itemprop(raw, at, match[1].lower())):
            key = match[1].lower()
            claims.append(Claim(_ITEMPROP[key], value, f"microdata:{key}"))
        at = raw.find("itemprop", at + 8)
    at = raw.find(_REL_AUTHOR)
    element = _element(raw, at) if at >= 0 else None
    if element and element[1]:
        claims.append(Claim("author", element[1], "rel:author"))
    return claims


def _itemprop(raw: str, at: int, key: str) -> str:
    """Return the value of a property: its attribute, its text, or the name inside it."""
    element = _element(raw, at)
    if element is None or element[0].startswith(("<meta", "<META")):
        return ""
    source, text = element
    given = attributes(source)
    if key.startswith("date"):
        return tidy(given.get("datetime") or given.get("content") or text)
    if given.get("content"):
        return tidy(given["content"])
    if key == "author" and "itemscope" in given:
        inner = raw.find('itemprop="name"', at, at + 1500)
        named = _element(raw, inner) if inner > 0 else None
        if named is None:
            return ""
        return tidy(attributes(named[0]).get("content") or named[1])
    return text


def _element(raw: str, at: int) -> tuple[str, str] | None:
    """Return the start tag around a place and the text up to the next end tag of a block."""
    start = raw.rfind("<", max(0, at - 2000), at)
    if start < 0 or not raw[start + 1 : start + 2].isalpha():
        return None
    end = _end_of_tag(raw, start + 1)
    if end is None or end < at:
        return None
    name = re.match(r"[A-Za-z][\w-]*", raw[start + 1 : start + 40])
    stop = raw.find(f"</{name[0]}", end, end + 1500) if name else -1
    return raw[start:end], _text(raw, end, stop if stop >= 0 else end)
