"""A small corpus in code: three pages in three splits, astral and combining characters, two layers."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from corpus.schema import FLAT, Corpus, Label, Project, Source, SplitPolicy, Target, frame

if TYPE_CHECKING:
    import polars as pl

PAGES = {
    "harbour-daily/inspection": (
        "train",
        ["云岭海关周二查验了三只货柜🚢。", "Tàixī 公司说，货单写着“教学器材”。"],
    ),
    "river-post/budget": ("validation", ["预算案里，晶片补贴少了两成。"]),
    "river-post/letter": ("test", ["读者来信：规则该写得更清楚些。", "编辑部没有改动原信。"]),
}

PROJECT = Project(
    name="small",
    version="0.3.0",
    title="A small corpus: 小语料",
    description="Three pages written for tests.",
    languages=("zh",),
    licence="CC-BY-4.0",
    split=SplitPolicy("random", 7, (0.6, 0.2, 0.2)),
    sources=(Source("harbour-daily", "harbour-daily", "Harbour Daily", "CC0-1.0"),),
    targets=(Target("rules", "规则", "Whether the rules are right."),),
    stance_labels=tuple(Label(name, f"Is {name}.") for name in ("favor", "against", "neutral", "none")),
    entity_labels=(Label("ORG", "An organisation."), Label("PLACE", "A place.")),
    guideline_version="1.0",
    guidelines="# Guidelines, version 1.0\n",
    creators=("The makers",),
    released="2026-11-21",
)


def paragraph_id(document_id: str, text: str) -> str:
    return f"{document_id}#p-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def page(document_id: str, split: str, texts: list[str]) -> dict[str, list[tuple]]:
    """Lay a page out as `<p>…</p>` after a line of navigation, with blocks that tile it."""
    navigation = "首页 | 登录\n"
    blocks = [(document_id, 0, 0, len(navigation), navigation.strip(), "navigation", "links")]
    paragraphs, segments = [], []
    at = len(navigation)
    for position, text in enumerate(texts):
        start, end = at + 3, at + 3 + len(text)
        blocks.append((document_id, position + 1, at, end + 4, text, "paragraph", "prose"))
        key = paragraph_id(document_id, text)
        paragraphs.append((key, document_id, position, "paragraph", text, "zh", start, end, key))
        half = len(text) // 2
        segments += [(key, 0, 0, half, start, start + half), (key, 1, half, len(text), start + half, end)]
        at = end + 4
    kept = sum(map(len, texts))
    body = hashlib.sha256(document_id.encode()).hexdigest()
    url, title = f"https://{document_id}.example/", f"题：{document_id}"
    document = (
        *(
            document_id,
            split,
            f"{document_id}.html",
            body,
            url,
            title,
            "Harbour Daily",
            None,
            "2026-03",
            "byline",
        ),
        *("zh", "Hans", "html", "utf-8", "meta", "CC-BY-4.0", at, kept, len(texts), document_id),
    )
    return {"documents": [document], "paragraphs": paragraphs, "segments": segments, "blocks": blocks}


def remarks() -> dict[str, list[tuple]]:
    inspection, letter = "harbour-daily/inspection", "river-post/letter"
    quote = PAGES[letter][1][0]
    customs, reader = paragraph_id(inspection, PAGES[inspection][1][0]), paragraph_id(letter, quote)
    a1, a2 = ("a1", "1.0", "2026-11-21T08:00:00Z"), ("a2", "1.0", "2026-11-21T09:30:00+08:00")
    stance = (letter, reader, 0, len(quote), quote)
    return {
        "entities": [
            ("e1", customs, inspection, 0, 4, "云岭海关", "ORG"),
            ("e2", customs, inspection, 0, 2, "云岭", "PLACE"),
            ("e3", customs, inspection, 13, 14, "🚢", "PLACE"),
        ],
        "stances": [(reader, letter, "rules", "favor", 0.5)],
        "annotations": [
            ("a1-1", "entity", inspection, customs, 0, 4, "云岭海关", "ORG", None, *a1, "exact"),
            ("a1-2", "stance", *stance, "favor", "rules", *a1, "moved"),
            ("a2-1", "stance", *stance, "none", "rules", *a2, "exact"),
            ("a2-2", "entity", "river-post/budget", None, None, None, "不见了", "ORG", None, *a2, "orphan"),
        ],
    }


def small_corpus(pages: dict[str, tuple[str, list[str]]] | None = None) -> Corpus:
    rows: dict[str, list[tuple]] = {name: [] for name in FLAT}
    for document_id, (split, texts) in (PAGES if pages is None else pages).items():
        for name, found in page(document_id, split, texts).items():
            rows[name] += found
    if pages is None:
        rows |= remarks()
    tables = {name: frame(name, found) for name, found in rows.items()}
    return Corpus(tables, PROJECT, {"raw/harbour-daily/inspection.html": "0" * 64})


def with_table(corpus: Corpus, name: str, table: pl.DataFrame) -> Corpus:
    return replace(corpus, tables={**corpus.tables, name: table})


@pytest.fixture
def small() -> Corpus:
    return small_corpus()
