"""The development pages as training and test material: units, features, labels, folds.

A unit's label comes from the gold text of its page: the page's tokens are aligned with the gold's (longest
common subsequence), and a unit is main text where most of its four-token shingles are gold too and are
aligned there, so that of two copies one counts. Pages whose gold is snippets label the units that hold one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from rapidfuzz.distance import LCSseq

from corpus.clean.features import Features, measure
from corpus.clean.html import Layout, layout
from corpus.clean.roles import GROUPS
from corpus.clean.words import Vocabulary, tag_words, text_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PAGES = Path(__file__).resolve().parents[2] / "shared" / "pages" / "dev"
CJK = "\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af\uf900-\ufaff"
TOKEN = re.compile(rf"[{CJK}]|[^\W{CJK}]+")


class Page(NamedTuple):
    """A development page: its row of the manifest, its raw text, its site and its layout."""

    row: dict
    raw: str
    site: str
    layout: Layout

    @property
    def name(self) -> str:
        """The page's id."""
        return self.row["id"]


class Lesson(NamedTuple):
    """A page to learn from: features, and for each unit target and weight, of main text and of comment."""

    page: Page
    features: Features
    main: np.ndarray
    main_weight: np.ndarray
    comment: np.ndarray
    comment_weight: np.ndarray


def rows(folder: Path = PAGES, only: Sequence[str] = ()) -> Iterator[dict]:
    """The rows of the manifest for HTML pages."""
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["dataset"] != "plaindump" and (not only or row["dataset"] in only):
            yield row


def raw_text(folder: Path, row: dict) -> str:
    """The page as text, decoded as the manifest says."""
    body = (folder / row["path"]).read_bytes()
    if row["path"].endswith(".gz"):
        body = gzip.decompress(body)
    return body.decode(row["encoding"].split(" ")[0], "replace")


def read(folder: Path = PAGES, only: Sequence[str] = ()) -> list[Page]:
    """All HTML pages, laid out."""
    pages = []
    for row in rows(folder, only):
        raw = raw_text(folder, row)
        pages.append(Page(row, raw, site(row), layout(raw)))
    return pages


def site(row: dict) -> str:
    """The registrable part of a page's host, by rule of thumb; a page without a url is a site of its own."""
    host = urlsplit(row.get("url") or "").hostname or row["id"]
    parts = host.split(".")
    short = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3
    return ".".join(parts[-3:] if short else parts[-2:])


def fold(page: Page, count: int) -> int:
    """The fold of a page: pages of one site are in one fold."""
    return int(hashlib.sha1(page.site.encode()).hexdigest(), 16) % count


def vocabulary(pages: Iterable[Page]) -> Vocabulary:
    """Words on several sites (of tags on 8, of texts on 24, pairs of ideographs on 6), and those of rules."""
    tags: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        nodes, raw = page.layout.nodes, page.raw
        places = [*zip(nodes.start, nodes.end, strict=True), *(unit.inner for unit in page.layout.units)]
        for source in {raw[start : min(end, start + 1000)] for start, end in places}:
            for word in tag_words(source):
                tags[word].add(page.site)
        for word in {word for unit in page.layout.units for word in text_words(unit.text)}:
            texts[word].add(page.site)
    named = {word for words in GROUPS.values() for word in words.split()}
    tag = sorted({word for word, sites in tags.items() if len(sites) >= 8} | (named & set(tags)))
    text = sorted(
        {word for word, sites in texts.items() if len(sites) >= (6 if word[0] >= "\u2e80" else 24)} | named
    )
    return Vocabulary({word: at for at, word in enumerate(tag)}, {word: at for at, word in enumerate(text)})


def coverage(texts: Sequence[str], gold: str) -> np.ndarray:
    """The share of each text that is gold: of its shingles if it has five, else all or nothing."""
    units = [TOKEN.findall(text) for text in texts]
    wanted = TOKEN.findall(gold)
    shingles = {tuple(wanted[at : at + 4]) for at in range(len(wanted) - 3)}
    flat = [token for unit in units for token in unit]
    place = np.full(len(flat), -1)
    for step in LCSseq.opcodes(flat, wanted):
        if step.tag == "equal":
            place[step.src_start : step.src_end] = np.arange(step.dest_start, step.dest_end)
    out, at = np.zeros(len(units)), 0
    for number, unit in enumerate(units):
        spot = place[at : at + len(unit)]
        at += len(unit)
        hit = spot[spot >= 0]
        aligned = len(hit) / max(len(unit), 1)
        if len(unit) >= 8:
            found = np.mean([tuple(unit[k : k + 4]) in shingles for k in range(len(unit) - 3)])
            out[number] = found if aligned >= 0.5 else min(found, aligned)
        elif len(hit) and aligned > 0.99 and hit[-1] - hit[0] < 1.3 * len(unit) + 2:
            out[number] = 1
    return out


IMPORTANCE = {
    "aeb": 3.0,
    "zhwced": 1.5,
    "magic_article": 2.0,
    "magic_forum": 1.0,
    "wcxb": 0.8,
    "trafeval": 1.0,
}
"""How much a page of a set weighs: small sets, and those whose gold is what a reader takes for it, more."""


def lesson(folder: Path, page: Page, words: Vocabulary) -> Lesson | None:
    """Label a page; None where it holds no text."""
    if not page.layout.units:
        return None
    texts = [unit.text for unit in page.layout.units]
    size = np.array([len(TOKEN.findall(text)) for text in texts], dtype=float)
    features = measure(page.raw, page.layout, words)
    labelled = _by_text if page.row.get("gt_path") else _by_snippets
    main, weight, comment = labelled(folder, page.row, texts, size)
    if page.row.get("comment_zone_path"):
        zone = coverage(texts, (folder / page.row["comment_zone_path"]).read_text("utf-8"))
        comment[(zone >= 0.8) & (main < 0.5)] = 1
    comment_weight = np.select(
        [comment == 1, comment == 0], [np.minimum(1, (size + 2) / 60), np.minimum(1, (size + 2) / 200)], 0
    )
    importance = IMPORTANCE[page.row["dataset"]] * (2 if page.row["language"] == "zh" else 1)
    return Lesson(page, features, main, weight * importance, comment == 1, comment_weight / 2)


def _by_text(folder: Path, row: dict, texts: Sequence[str], size: np.ndarray) -> tuple:
    """Target, weight and comment mark by the gold text: every unit weighs its share of the gold's length."""
    gold = (folder / row["gt_path"]).read_text("utf-8")
    share = coverage(texts, gold)
    main = share >= 0.5
    weight = np.minimum((size + 2) / max(float(size[main].sum()), 20), 1)
    weight[(share > 0.2) & (share < 0.8)] /= 2
    if not gold.strip():
        weight[:] = 0
    return main.astype(float), weight, np.where(main, 0, -1)


def _by_snippets(_folder: Path, row: dict, texts: Sequence[str], _size: np.ndarray) -> tuple:
    """Target, weight and comment mark by the snippets that must, and must not, be in the main text."""
    main, weight, comment = np.zeros(len(texts)), np.zeros(len(texts)), np.full(len(texts), -1)

    def folded(text: str) -> str:
        return re.sub(r"\s+", " ", text).strip()

    for at, text in enumerate(map(folded, texts)):
        wanted = any(folded(snippet) in text for snippet in row["must"])
        unwanted = any(folded(snippet) in text for snippet in row["must_not"])
        commented = any(folded(snippet) in text for snippet in row.get("comment_snippets", ()))
        if wanted != unwanted or commented:
            main[at] = float(wanted)
            weight[at] = 1 / 6
            comment[at] = 1 if commented and not wanted else 0 if wanted else -1
    return main, weight, comment


def site_counts(pages: Iterable[Page]) -> Counter[str]:
    """How many pages each site has."""
    return Counter(page.site for page in pages)
