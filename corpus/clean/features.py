"""What is measured of each unit of an HTML page: numbers, and words of its tags and of its text.

The numbers come from the unit itself (its characters by class, links, place), from the elements around it
(what else they hold) and from the page. They are computed for all units at once. Words are the parts of class
names, ids and the like, and the words of short texts, as far as they are in a vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.clean.words import tag_bags, text_bags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.html import Layout, Nodes
    from corpus.clean.words import Bags, Vocabulary

CLASSES: Final = (
    "other",
    "space",
    "lower",
    "upper",
    "digit",
    "ideograph",
    "comma",
    "stop",
    "colon",
    "quote",
    "bracket",
    "separator",
    "symbol",
)
"""Classes of characters that are counted."""

_OF: Final = {
    "comma": ",，、;；",
    "stop": ".!?。！？…｡।؟",
    "colon": ":：",
    "quote": "\"'“”‘’„«»「」『』《》",
    "bracket": "()[]{}（）【】［］〔〕",
    "separator": "|/\\›·•●■▪→←>＞<~–—_=+*#丨｜",
    "symbol": "@©®™$€£¥￥%",
}

KINDS: Final = {
    "p": 1,
    "h1": 2,
    "h2": 3,
    "h3": 4,
    "h4": 5,
    "h5": 5,
    "h6": 5,
    "li": 6,
    "td": 7,
    "th": 7,
    "tr": 7,
    "div": 8,
    "section": 9,
    "article": 9,
    "main": 9,
    "blockquote": 10,
    "pre": 11,
    "dt": 12,
    "dd": 12,
    "figcaption": 13,
    "caption": 13,
    "button": 14,
    "option": 14,
    "select": 14,
    "textarea": 14,
    "fieldset": 14,
    "form": 14,
    "legend": 14,
    "summary": 15,
    "details": 15,
    "noscript": 16,
    "center": 17,
    "body": 17,
    "#page": 17,
}
"""Elements told apart as the home of a unit; 0 is any other."""

AROUND: Final = (
    "article",
    "main",
    "aside",
    "nav",
    "header",
    "footer",
    "form",
    "figure",
    "table",
    "ul",
    "ol",
    "dl",
    "blockquote",
    "section",
    "noscript",
    "button",
    "select",
    "pre",
    "p",
    "dialog",
    "figcaption",
    "fieldset",
)
"""Elements whose presence around a unit is a feature of its own."""

_BIT: Final = {name: 1 << at for at, name in enumerate(AROUND)}

PAGE_SIGNS: Final = (
    "DiscussionForumPosting",
    "QAPage",
    "Product",
    "NewsArticle",
    "BlogPosting",
    '"Article"',
    '"article"',
    "articleBody",
    "CollectionPage",
    "ItemList",
    "BreadcrumbList",
    "FAQPage",
    "TechArticle",
    "LocalBusiness",
    "Organization",
    "og:type",
    "article:published_time",
    "article:author",
    "og:price",
    "product:",
    "website",
    "viewport",
    "description",
    "keywords",
    "generator",
    "SearchAction",
)
"""Strings in `meta` tags and linked data that say what kind of page it is."""

LEVELS: Final = 5
"""How many elements around a unit, each holding more than the one inside it, are measured."""

_LEVEL: Final = (
    *("tokens", "links", "stops", "units", "long", "of_page", "place", "size_ratio", "bold"),
    *("link_units", "heading_units", "dated_units"),
)

NAMES: Final = (
    *(f"share_{name}" for name in CLASSES),
    *("tokens", "characters", "token_length", "links", "all_link", "bold", "all_bold", "stops", "commas"),
    *("first_upper", "first_digit", "first_ideograph", "first_symbol", "first_quote", "first_bracket"),
    *("last_stop", "last_colon", "last_quote", "last_bracket", "last_ideograph", "last_letter", "last_digit"),
    *(f"kind_{at}" for at in range(18)),
    *(f"in_{name}" for name in AROUND),
    *("hidden", "depth", "place_units", "place_text", "after_first_h1", "images", "inner", "gap", "breaks"),
    *("title_equal", "title_part", "title_has", "repeat_before", "repeat_any", "date", "time", "year"),
    *("same_tag", "same_path", "cell", "is_title", "page_title", "after_title", "from_title"),
    *(f"level{at}_{name}" for at in range(LEVELS) for name in _LEVEL),
    *(f"with_best{at}" for at in range(LEVELS)),
    "best_ratio",
    *("page_tokens", "page_units", "page_links", "page_stops", "page_ideographs", "page_long", "page_h1"),
    *(f"page_sign_{at}" for at in range(len(PAGE_SIGNS))),
)
"""The names of the numbers, in order."""

TAG: Final = 60
"""Start tags begin alike where so many code points of them are the same."""

FURTHER: Final = 8
"""How many elements beyond the third are asked for their words."""

# Beginning with a digit whatever follows, dates and times are looked for at digits alone.
_DATE: Final = re.compile(
    r"\d(?:\d{0,3}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4}|月\s?\d{1,2}日|\.?\s\w{3,10}\.?,?\s\d{4}"
    r"|(?:st|nd|rd|th)?,?\s(?:19|20)\d\d)"
)
_TIME: Final = re.compile(r"\d(?:[:：h]\d{2}|\s?(?:(?:秒|分钟|小时|天|个月|年)前|[a-z]{1,6}\.?\s+ago))")
_AGO: Final = re.compile(r"(?:vor|il y a|hace)\s+\d")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_TITLE: Final = re.compile(r"<title[^>]*>([^<]{1,400})", re.IGNORECASE)


class Elements(NamedTuple):
    """The block-level elements of a page: those around each, the units it holds, and its kind.

    `parent` is that of `Nodes`, but for element 0, which is its own. Elements of one `kind` have start tags
    that begin alike; it is that of the page, 0, where neither they nor those right inside them hold text.
    """

    parent: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    kind: NDArray[np.int64]


class Features(NamedTuple):
    """The measures of a page's units.

    `numbers` is (units x NAMES). `tags` holds a row of words for every element, and after them one for every
    unit's inner tag; `places` (units x 5 + further) points to such rows, -1 where there is none: own, parent,
    above, inner, page, then what lies further out. `text` holds a row for every unit. `around` names the
    elements around each unit, each holding more than the one inside it (units x LEVELS), `spans` is the range
    of units that they hold (units x LEVELS x 2), `tokens` the length of each unit.
    """

    numbers: NDArray[np.float32]
    tags: Bags
    places: NDArray[np.int64]
    text: Bags
    elements: Elements
    around: NDArray[np.int64]
    spans: NDArray[np.int64]
    tokens: NDArray[np.float64]


@cache
def _character_classes() -> NDArray[np.uint8]:
    """Make the table from code point to class; the last entry stands for all beyond the basic plane."""
    of_category = {
        "Lu": 3,
        "Lt": 3,
        "Ll": 2,
        "Lm": 2,
        "Lo": 2,
        "Mn": 2,
        "Mc": 2,
        "Nd": 4,
        "Zs": 1,
        "Zl": 1,
        "Zp": 1,
    }
    table = np.array(
        [of_category.get(unicodedata.category(chr(code)), 0) for code in range(0x10000)], np.uint8
    )
    for first, last in (
        (0x2E80, 0x2FFF),
        (0x3040, 0x31FF),
        (0x3400, 0x9FFF),
        (0xAC00, 0xD7AF),
        (0xF900, 0xFAFF),
    ):
        table[first : last + 1] = CLASSES.index("ideograph")
    for name, characters in _OF.items():
        table[[ord(character) for character in characters]] = CLASSES.index(name)
    table[9:14] = 1
    table[0xFFFF] = 0
    return table


def measure(raw: str, page: Layout, vocabulary: Vocabulary) -> Features:
    """Measure all units of a page, of which there must be one at least."""
    nodes = page.nodes
    starts, ends, texts, _, node, _, *counts = zip(*page.units, strict=True)
    columns = np.array((node, *counts, starts, ends), dtype=np.int64).T
    home = columns[:, 0]
    elements = _elements(raw, nodes, home)
    own = _own(texts, columns)
    around = _around(home, elements)
    spans = np.stack([elements.first[around], elements.last[around]], axis=2)
    homes = _homes(nodes, columns, own)
    compared = _texts(raw, texts, own)
    compared[:, 8:10] = _alike(home, elements)
    headings = np.asarray(homes[:, 2:6].any(axis=1))
    measured = (
        own.numbers,
        homes,
        compared,
        _from_title(compared, headings, own.tokens),
        _levels(spans, own, headings, np.asarray(compared[:, 5:7].any(axis=1))),
        _page(raw, page, own),
    )
    numbers = np.concatenate(measured, axis=1, dtype=np.float32)
    tags, text = tag_bags(raw, page, vocabulary), text_bags(texts, vocabulary)
    places = _places(home, elements.parent)
    return Features(numbers, tags, places, text, elements, around, spans, own.tokens)


def _elements(raw: str, nodes: Nodes, home: NDArray[np.int64]) -> Elements:
    """Take the elements of a page for what they hold, and number the beginnings of their start tags."""
    parent, first, last = (
        np.array(column, dtype=np.int64) for column in (nodes.parent, nodes.first, nodes.last)
    )
    parent[0] = 0
    starts, ends = nodes.start, nodes.end
    kinds: dict[str, int] = {}
    kind = np.zeros(len(parent), dtype=np.int64)
    numbered = last > first
    numbered[parent[home]] = True
    kind[numbered] = [
        kinds.setdefault(raw[starts[node] : ends[node]][:TAG], len(kinds))
        for node in np.flatnonzero(numbered).tolist()
    ]
    return Elements(parent, first, last, kind)


def _places(home: NDArray[np.int64], parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Say in which rows of the words of tags each unit's stand: home, two around it, inner, further."""
    places = np.empty((len(home), 5 + FURTHER), dtype=np.int64)
    places[:, 0] = home
    places[:, 3] = np.arange(len(parent), len(parent) + len(home))
    places[:, 4] = 0
    up = home
    for place in (1, 2, *range(5, 5 + FURTHER)):
        up = parent[up]
        places[:, place] = np.where(up == 0, -1, up)
    return places


class _Own(NamedTuple):
    """Measures of the units themselves: `numbers` for the features, the others for sums over elements."""

    numbers: NDArray[np.float64]
    counts: NDArray[np.float64]
    tokens: NDArray[np.float64]
    sizes: NDArray[np.float64]
    linked: NDArray[np.float64]
    bold: NDArray[np.float64]


def _own(texts: Sequence[str], columns: NDArray[np.int64]) -> _Own:
    """Measure each unit by itself: its characters by class, its links, its first and last character."""
    count, classes = len(texts), len(CLASSES)
    codes = np.frombuffer("\n".join((*texts, "")).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    found = _character_classes()[np.minimum(codes, 0xFFFF)]
    wide = codes >= 0x20000
    if wide.any():
        found[wide] = 5
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths + 1) - 1
    index = np.repeat(np.arange(count) * classes, lengths + 1)
    counts = np.bincount(index + found, minlength=count * classes).reshape(count, classes).astype(np.float64)
    counts[:, 1] -= 1
    tokens = counts[:, 1] + 1 + counts[:, 5]
    raw_size = np.maximum(columns[:, 2], 1)
    linked, bold = columns[:, 3] / raw_size, columns[:, 4] / raw_size
    head, tail = found[ends - lengths], found[ends - 1]
    numbers = np.empty((count, classes + 22))
    numbers[:, :classes] = counts / lengths[:, None]
    measured = (
        np.log1p(tokens) / 3,
        np.log1p(lengths) / 4,
        np.minimum(lengths / tokens, 20) / 5,
        linked,
        linked > 0.95,
        bold,
        bold > 0.95,
        np.log1p(counts[:, 7]),
        np.log1p(counts[:, 6]),
    )
    for at, column in enumerate(measured, classes):
        numbers[:, at] = column
    numbers[:, classes + 9 : classes + 15] = head[:, None] == np.array([3, 4, 5, 12, 9, 10])
    numbers[:, classes + 15 :] = tail[:, None] == np.array([7, 8, 9, 10, 5, 2, 4])
    return _Own(numbers, counts, tokens, lengths.astype(np.float64), linked * lengths, bold * lengths)


def _around(home: NDArray[np.int64], elements: Elements) -> NDArray[np.int64]:
    """Find the elements around each unit, each of which holds more than the one inside."""
    parent, first, last, _ = elements
    wider = (first[parent] != first) | (last[parent] != last)
    top = np.where(wider, np.arange(len(parent)), parent)
    while True:
        further = top[top]
        if np.array_equal(further, top):
            break
        top = further
    out = np.empty((len(home), LEVELS), dtype=np.int64)
    at = top[home]
    for level in range(LEVELS):
        out[:, level] = at
        at = top[parent[at]]
    return out


def _homes(nodes: Nodes, columns: NDArray[np.int64], own: _Own) -> NDArray[np.float64]:
    """Say what element each unit lies in, and where on the page."""
    count = len(columns)
    home = columns[:, 0]
    flags, depth = [0], [0]
    for name, parent in zip(nodes.name[1:], nodes.parent[1:], strict=True):
        bit = _BIT.get(name)
        flags.append(flags[parent] | bit if bit else flags[parent])
        depth.append(depth[parent] + 1)
    around = np.array(flags, dtype=np.int64)[home]
    kinds = np.array([KINDS.get(nodes.name[at], 0) for at in home.tolist()])
    before = np.cumsum(own.tokens) - own.tokens
    h1 = np.flatnonzero(kinds == 2)
    order = np.arange(count)
    gaps = columns[:, 6] - np.concatenate([[0], columns[:-1, 7]])
    out = np.zeros((count, 18 + len(AROUND) + 9))
    out[order, kinds] = 1
    out[:, 18 : 18 + len(AROUND)] = (around[:, None] >> np.arange(len(AROUND))) & 1
    measured = (
        np.array(nodes.hidden)[home],
        np.minimum(np.array(depth)[home], 40) / 15,
        order / count,
        before / max(float(own.tokens.sum()), 1),
        order > (h1[0] if len(h1) else count),
        np.log1p(columns[:, 1]),
        0,
        np.log1p(np.maximum(gaps, 0)) / 5,
        np.log1p(columns[:, 5]),
    )
    for at, column in enumerate(measured, 18 + len(AROUND)):
        out[:, at] = column
    return out


def _texts(raw: str, texts: Sequence[str], own: _Own) -> NDArray[np.float64]:
    """Compare each unit with the page's title and with the other units; look for dates and times."""
    out = np.zeros((len(texts), 11))
    seen: dict[str, int] = {}
    before, again = [], []
    for at, text in enumerate(texts):
        if text in seen:
            before.append(seen[text])
            again.append(at)
        seen[text] = at
    out[again, 3] = out[again, 4] = out[before, 4] = 1
    # Beyond the basic plane, where there are digits too, characters have no class.
    digits = (own.counts[:, 4] > 0) | (own.counts[:, 0] > 0)
    for at in np.flatnonzero(digits & (own.sizes <= 200)).tolist():
        out[at, 5:8] = _dated(texts[at])
    out[:, 10] = ["\t" in text for text in texts]
    match = _TITLE.search(raw, 0, 60_000)
    title = " ".join(match[1].split()).lower() if match else ""
    if title:
        for at, text in enumerate(texts):
            if 3 < len(text) <= 200:
                low = text.lower()
                if low in title or (len(title) > 8 and title in low):
                    out[at, :3] = low == title, len(low) > 8 and low in title, len(title) > 8 and title in low
    return out


@lru_cache(maxsize=1 << 14)
def _dated(text: str) -> tuple[bool, bool, bool]:
    """Tell whether a text names a date, a time, a year."""
    timed = _TIME.search(text) or _AGO.search(text)
    return bool(_DATE.search(text)), bool(timed), bool(_YEAR.search(text))


def _alike(home: NDArray[np.int64], elements: Elements) -> NDArray[np.float64]:
    """Count units whose element's start tag begins alike, and those whose element around that does too."""
    parent, _, _, kind = elements
    pairs = kind[home] * len(kind) + kind[parent[home]]
    counted = [np.bincount(group)[group] for group in (kind[home], np.unique(pairs, return_inverse=True)[1])]
    out: NDArray[np.float64] = np.log1p(np.stack(counted, axis=1))
    return out


def _from_title(
    compared: NDArray[np.float64], headings: NDArray[np.bool_], tokens: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find the unit that shows the page's title, and say which units follow it, and how far off."""
    count = len(tokens)
    out = np.zeros((count, 4))
    likeness = 3 * compared[:, 0] + 2 * compared[:, 1] + compared[:, 2]
    likeness = np.where(likeness > 0, likeness + 4 * headings, 0)
    at = int(likeness.argmax())
    if likeness[at] > 0:
        before = np.cumsum(tokens) - tokens
        out[at, 0] = 1
        out[:, 1] = 1
        out[:, 2] = np.arange(count) > at
        out[:, 3] = np.log1p(np.abs(before - before[at])) / 4
    return out


def _levels(
    spans: NDArray[np.int64], own: _Own, headings: NDArray[np.bool_], dated: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Measure the elements around each unit by what they hold in all, and against the richest one."""
    count = len(own.tokens)
    order = np.arange(count)
    stops = own.counts[:, 7] + own.counts[:, 6]
    long = own.tokens * (own.tokens > 20)
    linked = own.linked > 0.8 * own.sizes
    sums = np.zeros((count + 1, 10))
    columns = (
        own.tokens,
        own.linked,
        stops,
        np.ones(count),
        long,
        own.bold,
        own.sizes,
        linked,
        headings,
        dated,
    )
    np.cumsum(np.stack(columns, axis=1), axis=0, out=sums[1:])
    inside = sums[spans[:, :, 1]] - sums[spans[:, :, 0]]
    units, sizes = np.maximum(inside[:, :, 3], 1), np.maximum(inside[:, :, 6], 1)
    tokens = np.maximum(inside[:, :, 0], 1)
    out = np.empty((count, LEVELS, len(_LEVEL)))
    out[:, :, 0] = np.log1p(inside[:, :, 0]) / 3
    out[:, :, 1] = inside[:, :, 1] / sizes
    out[:, :, 2] = np.minimum(inside[:, :, 2] / tokens, 0.5) * 4
    out[:, :, 3] = np.log1p(inside[:, :, 3]) / 3
    out[:, :, 4] = inside[:, :, 4] / tokens
    out[:, :, 5] = inside[:, :, 0] / max(float(sums[-1, 0]), 1)
    out[:, :, 6] = (order[:, None] - spans[:, :, 0]) / units
    out[:, 0, 7] = own.tokens / tokens[:, 0]
    out[:, 1:, 7] = inside[:, :-1, 0] / tokens[:, 1:]
    out[:, :, 8] = inside[:, :, 5] / sizes
    out[:, :, 9:] = inside[:, :, 7:] / units[:, :, None]
    # The richest element: the one nearest around a unit, itself apart, with most running text outside links.
    nearest = np.where(inside[:, 0, 3] > 1, 0, 1)
    rich = inside[order, nearest, 4] * (1 - out[order, nearest, 1])
    best = int(rich.argmax())
    among = (order[:, None] >= spans[best, :, 0]) & (order[:, None] < spans[best, :, 1])
    ratio = rich / max(float(rich[best]), 1)
    return np.concatenate([out.reshape(count, -1), among, ratio[:, None]], axis=1)


def _page(raw: str, page: Layout, own: _Own) -> NDArray[np.float64]:
    """Measure the page as a whole."""
    count, total = len(own.tokens), float(own.tokens.sum())
    size = max(float(own.sizes.sum()), 1)
    signs = "".join(raw[start:end] for start, end in page.signs[:60])[:20_000]
    low = [
        np.log1p(total) / 4,
        np.log1p(count) / 4,
        float(own.linked.sum()) / size,
        float((own.counts[:, 7] + own.counts[:, 6]).sum()) / total * 4,
        float(own.counts[:, 5].sum()) / size,
        float((own.tokens * (own.tokens > 20)).sum()) / total,
        float(min(page.nodes.name.count("h1"), 5)),
        *(float(sign in signs) for sign in PAGE_SIGNS),
    ]
    return np.broadcast_to(np.array(low), (count, len(low)))
