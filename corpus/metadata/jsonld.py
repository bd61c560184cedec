"""Claims from JSON-LD: schema.org articles inside `<script type="application/ld+json">`.

Only what stands at the top, in a list, in `@graph`, or as `mainEntity` of a page speaks for the page; an
article inside an `ItemList` or a comment does not. Names behind an `@id` are looked up. What is not JSON gets
the three mendings that real pages need (comment wrappers, references, trailing commas); what still is none,
or nests too deep, is no evidence.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import Claim, Field, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Node = dict[str, object]

LONGEST = 1_000_000
"""Code points of JSON-LD that are read in a page; the largest on a development page has a fifth of them."""

MOST = 500
"""Nodes of a page that are looked at."""

EVIDENCE = "json-ld"

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Blog|Review|Recipe|Question|Thread|Essay|CreativeWork)$")
_PAGE = re.compile(
    r"(?:WebPage|ItemPage|AboutPage|QAPage|FAQPage|VideoObject|Event|Product|HowTo|Book|Dataset)$"
)
_WRAPPER = re.compile(
    r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?://\s*)?(?:-->|\]\]>|/\*\s*\]\]>\s*\*/)\s*$"
)
_TRAILING = re.compile(r",(?=\s{0,200}[}\]])")


def claims(scripts: Sequence[str]) -> list[Claim]:
    """Return what the page's JSON-LD claims of it, from the node that most looks like its article.

    >>> script = '{"@type": "Article", "headline": "A", "author": [{"name": "B"}, {"name": "C"}]}'
    >>> for claim in claims([script]):
    ...     print(*claim)
    title A json-ld
    author B, C json-ld
    """
    nodes: list[Node] = []
    left = LONGEST
    for script in scripts:
        if len(script) <= left:
            left -= len(script)
            nodes += _speaking(_parsed(script), MOST - len(nodes))
    names = {str(node["@id"]): node for node in nodes if "@id" in node and node.get("name")}
    ranked = sorted((rank, order) for order, node in enumerate(nodes) if (rank := _rank(node)) is not None)
    found: dict[Field, Claim] = {}
    for _, order in ranked:
        for claim in _of_node(nodes[order], names):
            found.setdefault(claim.field, claim)
    best = list(found.values())
    if ranked and isinstance(name := nodes[ranked[0][1]].get("name"), str):
        best.append(Claim("title", tidy(html.unescape(name)), EVIDENCE))  # some headlines are descriptions
    return best


def _parsed(script: str) -> object:
    for read in (str, _mended):  # mending costs more than reading, and most scripts need none
        try:
            return json.loads(read(script), strict=False)
        except ValueError:
            continue
        except RecursionError:
            return None
    return None


def _mended(script: str) -> str:
    text = _WRAPPER.sub("", _WRAPPER.sub("", script.strip())).strip().rstrip(";")
    if "&quot;" in text:
        text = html.unescape(text)
    return _TRAILING.sub("", text)


def _speaking(parsed: object, most: int) -> list[Node]:
    """Return the nodes that speak for the page, in the order they stand."""
    found: list[Node] = []
    waiting = [parsed]
    while waiting and len(found) < most:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting = [*node[:most], *waiting][: 2 * most]
        elif isinstance(node, dict):
            found.append(node)
            waiting = [
                *(node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node),
                *waiting,
            ]
    return found


def _rank(node: Node) -> int | None:
    """Rank articles before pages that have a headline or date before nothing."""
    named = node.get("@type")
    kinds = [kind for kind in (named if isinstance(named, list) else [named]) if isinstance(kind, str)]
    if any(_ARTICLE.search(kind) for kind in kinds):
        return 0
    if any(_PAGE.search(kind) for kind in kinds):
        return 1
    return None


def _of_node(node: Node, names: dict[str, Node]) -> Iterator[Claim]:
    fields: tuple[tuple[Field, tuple[str, ...]], ...] = (
        ("title", ("headline", "name")),
        ("author", ("author", "creator")),
        ("publisher", ("publisher", "sourceOrganization")),
        ("url", ("url", "mainEntityOfPage", "@id")),
        ("published_at", ("datePublished", "uploadDate", "dateCreated")),
        ("modified_at", ("dateModified",)),
        ("language", ("inLanguage",)),
    )
    for field, keys in fields:
        for key in keys:
            if value := _value(node.get(key), field, names):
                yield Claim(field, value, EVIDENCE)
                break


def _value(value: object, field: Field, names: dict[str, Node]) -> str:
    """Read a string, or the name (for a url the `@id`) of a node, or several of them."""
    named = field in {"author", "publisher", "language"}
    if isinstance(value, list):
        parts = [_value(part, field, names) for part in value[:20] if not isinstance(part, list)]
        distinct = list(dict.fromkeys(part for part in parts if part))
        return ", ".join(distinct if field == "author" else distinct[:1])
    if isinstance(value, dict):
        if field == "url":
            return str(value.get("@id") or value.get("url") or "")[:2001]
        return (_name(value) or _name(names.get(str(value.get("@id")), {}))) if named else ""
    if not isinstance(value, str):
        return ""
    return _name(names[value]) if named and value in names else tidy(html.unescape(value))


def _name(node: Node) -> str:
    name = node.get("name") or node.get("alternateName") or ""
    if isinstance(name, list):
        name = next((part for part in name if isinstance(part, str)), "")
    return tidy(html.unescape(name)) if isinstance(name, str) else ""
