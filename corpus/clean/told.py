"""What a page's head tells of its text: a description, headlines, sometimes the text itself.

Publishers write the beginning of the article into `meta` tags, for those who link to it, and some write all
of it into linked data. A unit that says the same is evidence of where the main text is, never a proof: on
many pages the description is that of the site.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

NAMES: Final = (
    *("described", "in_told_body", "headline", "page_described", "page_told_body", "after_described"),
    "from_described",
)
"""The names of the numbers, in order."""

SIGNS: Final = 60
"""So many `meta` tags and scripts are read."""

LONGEST: Final = 20_000
"""Of a text that is told, so many code points are compared."""

UNITS: Final = 2_000
"""So many units are compared, which keeps time linear."""

_SHOWS: Final = 4
_LEAST: Final = 12
_BEGINNING: Final = 24

_META: Final = re.compile(
    r"""(?:name|property|itemprop)\s*=\s*["']?(?:og:|twitter:)?(description|title|headline)\b""",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(r"""\bcontent\s*=\s*(?:"([^"]{12,3000})"|'([^']{12,3000})')""", re.IGNORECASE)
_LINKED: Final = re.compile(r'"(description|headline|articleBody)"\s*:\s*"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_SPACE: Final = re.compile(r"[\W_]+")


class Told(NamedTuple):
    """Descriptions, headlines and bodies, each folded."""

    descriptions: frozenset[str]
    headlines: frozenset[str]
    bodies: frozenset[str]


def told(raw: str, signs: Iterable[tuple[int, int]]) -> Told:
    """Read what `meta` tags and linked data at these places tell.

    >>> told('<meta name="description" content="How salt is made">', [(0, 52)]).descriptions
    frozenset({'howsaltismade'})
    """
    found: dict[str, set[str]] = {"description": set(), "headline": set(), "articlebody": set()}
    for start, end in list(signs)[:SIGNS]:
        source = raw[start : min(end, start + 10 * LONGEST)]
        if source[:5].lower() == "<meta":
            name, content = _META.search(source), _CONTENT.search(source)
            if name and content:
                kind = "description" if name[1].lower() == "description" else "headline"
                found[kind].add(folded(html.unescape(content[1] or content[2])))
            continue
        for kind, value in _LINKED.findall(source):
            found[kind.lower()].add(folded(_unescaped(value)))
    long = {kind: frozenset(text for text in texts if len(text) >= _LEAST) for kind, texts in found.items()}
    return Told(long["description"], long["headline"], long["articlebody"])


def folded(text: str) -> str:
    """Leave the letters and digits of a text, in one case.

    >>> folded("Salt, & light!")
    'saltlight'
    """
    return _SPACE.sub("", text[:LONGEST]).casefold()


def _unescaped(value: str) -> str:
    """Read a JSON string without its quotes; one that is broken is taken as it is."""
    try:
        text = str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        text = value
    return html.unescape(_TAG.sub(" ", text))


def compared(
    texts: Sequence[str], found: Told, tokens: NDArray[np.float64], chosen: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Compare the chosen texts of a page with what is told: one row of NAMES for each text of the page."""
    out = np.zeros((len(texts), len(NAMES)))
    if not any(found):
        return out
    beginnings = [(text, text[:_BEGINNING]) for text in found.descriptions]
    for at in chosen[:UNITS].tolist():
        if len(texts[at]) < _SHOWS:
            continue
        own = folded(texts[at])
        if len(own) >= _LEAST:
            head = own[:_BEGINNING]
            out[at, 0] = any(head in text or start in own for text, start in beginnings)
            out[at, 2] = own in found.headlines
        if found.bodies and own:
            out[at, 1] = any(own in body for body in found.bodies)
    described = np.flatnonzero(out[:, 0])
    out[:, 3] = len(described) > 0
    out[:, 4] = out[:, 1].sum() > 2
    if len(described):
        before = np.cumsum(tokens) - tokens
        first = int(described[0])
        out[:, 5] = np.arange(len(texts)) >= first
        out[:, 6] = np.log1p(np.abs(before - before[first])) / 4
    return out
