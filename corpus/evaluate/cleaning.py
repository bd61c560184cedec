"""Scores of cleaning: main text against gold blocks, by runs of tokens and, where told, by raw characters.

Runs of four tokens (a Han character or a word each) are compared as in scrapinghub's article-extraction
benchmark: each document counts the same, whatever its length.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import regex

from corpus.evaluate.matching import match, refusal
from corpus.evaluate.scores import Metric, Sheet, f1, mean, ratio
from corpus.records import KEPT_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.records import Finding

    Row = Mapping[str, Any]

RUN = 4
_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}]|[\p{L}\p{M}\p{N}--\p{Han}]+", regex.V1)


def sheet(
    gold: Sequence[Row],
    predictions: Sequence[Row],
    labels: Sequence[str] = (),  # noqa: ARG001 - as other tasks
) -> tuple[Sheet | None, tuple[Finding, ...]]:
    """Count what was kept of what should be, by document.

    `gold` are blocks; those of kept roles are the main text. A prediction is what `corpus clean --json`
    prints of a page, or `document_id` and `text` from any extractor; raw characters are scored where all
    predictions name the places of their paragraphs. Refuses places that are none.
    """
    blocks: dict[str, list[Row]] = {}
    for row in gold:
        blocks.setdefault(row["document_id"], []).append(row)
    pages = [{"document_id": name, "blocks": rows} for name, rows in sorted(blocks.items())]
    pairs, findings = match(pages, predictions, ("document_id",))
    for page, given in pairs:
        findings += _wrong(page["document_id"], given)
    if findings:
        return None, tuple(findings)
    placed = all(given.get("paragraphs") is not None for _, given in pairs)
    counts = np.array(
        [[*_runs(page["blocks"], given), *_characters(page["blocks"], given)] for page, given in pairs]
    )
    documents = tuple(page["document_id"] for page, _ in pairs)
    notes = () if placed else ("no scores by raw character: they need the places of paragraphs",)
    settings = {"run": str(RUN), "kept": "+".join(KEPT_ROLES)}
    return Sheet("cleaning", documents, counts, _metrics(placed=placed), len(pages), settings, {}, notes), ()


def runs(text: str) -> Counter[tuple[str, ...]]:
    """Count the runs of RUN tokens of a text; a shorter text is one run.

    >>> sum(runs("云岭卖出 H100").values()), sum(runs("H100").values()), sum(runs("").values())
    (2, 1, 0)
    """
    tokens = _TOKEN.findall(text)
    if len(tokens) <= RUN:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(*(tokens[at:] for at in range(RUN)), strict=False))


def _wrong(where: str, given: Row) -> Iterable[Finding]:
    paragraphs = given.get("paragraphs")
    if paragraphs is None:
        if not isinstance(given.get("text"), str):
            yield refusal("no-text", where, f"{type(given.get('text')).__name__} as text", "the main text")
        return
    for paragraph in paragraphs:
        found = [paragraph.get(name) for name in ("text", "raw_start", "raw_end")]
        if not isinstance(found[0], str) or type(found[1]) is not int or type(found[2]) is not int:
            yield refusal("no-place", where, f"{found}", "text, raw_start and raw_end of every paragraph")
        elif not 0 <= found[1] <= found[2]:
            yield refusal("no-place", where, f"{found[1]} to {found[2]}", "a place in the raw text")


def _text(given: Row) -> str:
    if given.get("paragraphs") is not None:
        return "\n".join(paragraph["text"] for paragraph in given["paragraphs"])
    return str(given["text"])


def _runs(blocks: Sequence[Row], given: Row) -> tuple[float, ...]:
    """Shares of right, made up and missed runs, and the runs of comments: left and all."""
    kept = runs("\n".join(block["text"] for block in blocks if block["role"] in KEPT_ROLES))
    found = runs(_text(given))
    right = (kept & found).total()
    wrong, missed = found.total() - right, kept.total() - right
    whole = right + wrong + missed or 1
    comments = sum((runs(block["text"]) for block in blocks if block["role"] == "comment"), Counter[Any]())
    left = ((comments - kept) & found).total()
    return right / whole, wrong / whole, missed / whole, float(left), float((comments - kept).total())


def _characters(blocks: Sequence[Row], given: Row) -> tuple[float, ...]:
    """Raw characters: kept rightly, to be kept, kept."""
    length = max((block["raw_end"] for block in blocks), default=0)
    marks = np.zeros((2, length), dtype=np.bool_)
    for block in blocks:
        if block["role"] in KEPT_ROLES:
            marks[0, block["raw_start"] : block["raw_end"]] = True
    for paragraph in given.get("paragraphs") or ():
        marks[1, paragraph["raw_start"] : paragraph["raw_end"]] = True
    return float(marks.all(axis=0).sum()), float(marks[0].sum()), float(marks[1].sum())


def _metrics(*, placed: bool) -> tuple[Metric, ...]:
    made = [
        Metric("precision", "", lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 1])),
        Metric("recall", "", lambda sums: ratio(sums[:, 0], sums[:, 0] + sums[:, 2])),
        Metric("f1", "", lambda s: f1(s[:, 0], s[:, 0] + s[:, 2], s[:, 0] + s[:, 1])),
        Metric("comments_left", "", lambda sums: mean(sums[:, 3], sums[:, 4])),
    ]
    if placed:
        made += [
            Metric("raw_precision", "", lambda sums: ratio(sums[:, 5], sums[:, 7])),
            Metric("raw_recall", "", lambda sums: ratio(sums[:, 5], sums[:, 6])),
            Metric("raw_f1", "", lambda sums: f1(sums[:, 5], sums[:, 6], sums[:, 7])),
        ]
    return tuple(made)
