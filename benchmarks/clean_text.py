"""Score the reading of plain-text pages by cross-validation: `python benchmarks/clean_text.py [--pages DIR]`.

No page is scored by a model that saw its site: pages of one host, or sharing a good part of their short
lines, are one group, and groups are dealt to folds. Measures: F1 of four-token shingles as evaluate.py beside
the pages defines it, comment shingles left, F1 of paragraph boundaries, pages a second.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import train_text

from corpus.clean import text, text_model
from corpus.records import KEPT_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def shingles(content: str) -> Counter[tuple[str, ...]]:
    """Four-token shingles; a text of fewer tokens is one shingle."""
    tokens = train_text.TOKEN.findall(content)
    return (
        Counter(tuple(tokens[at : at + 4]) for at in range(max(1, len(tokens) - 3))) if tokens else Counter()
    )


def confusion(gold: str, found: str) -> tuple[float, float, float]:
    """Shares of true positives, false positives and false negatives."""
    wanted, got = shingles(gold), shingles(found)
    both = sum((wanted & got).values())
    extra, missing = sum(got.values()) - both, sum(wanted.values()) - both
    total = both + extra + missing
    return (both / total, extra / total, missing / total) if total else (0.0, 0.0, 0.0)


def f1(rows: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """F1, precision and recall of macro averages, as the benchmark defines them."""
    precision = statistics.mean(
        1.0 if extra == missing == 0 else both / (both + extra)
        for both, extra, missing in rows
        if both + extra
    )
    recall = statistics.mean(
        1.0 if extra == missing == 0 else both / (both + missing)
        for both, extra, missing in rows
        if both + missing
    )
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0, precision, recall


def leaked(page: train_text.Page, found: str) -> tuple[int, int]:
    """Shingles of the comments in the text found, and all there are; (0, 0) where there are few."""
    zone = shingles(page.comments)
    if sum(zone.values()) < 60:
        return 0, 0
    gold = shingles(page.gold)
    zone = Counter({shingle: count for shingle, count in zone.items() if shingle not in gold})
    return sum((zone & shingles(found)).values()), sum(zone.values())


def boundaries(gold: str, paragraphs: Sequence[str]) -> tuple[int, int, int]:
    """Paragraph ends right, found, wanted, counted at places in the tokens both texts share in order.

    An end is known by the four tokens before it; gold text parts paragraphs by newlines.
    """

    def ends(pieces: Sequence[str]) -> Counter[tuple[str, ...]]:
        tokens = [train_text.TOKEN.findall(piece) for piece in pieces]
        return Counter(tuple(some[-4:]) for some in tokens if some)

    wanted, got = ends(gold.split("\n")), ends(paragraphs)
    return sum((wanted & got).values()), sum(got.values()), sum(wanted.values())


def cross_validated(
    pages: Sequence[train_text.Page], more: Sequence[train_text.Page], count: int
) -> list[list[str]]:
    """The paragraphs of each page, by models that saw no page of its site; `more` is never scored."""
    everything = [*pages, *more]
    fold = train_text.folds(everything, count)
    trainer = train_text.Trainer(everything, fold)
    kept: list[list[str]] = [[] for _ in pages]
    for number in range(count):
        model = trainer.trained(frozenset({number}))
        text_model.forests.cache_clear()
        original, text_model.forests = text_model.forests, lambda model=model: model
        for at, page in enumerate(pages):
            if fold[at] == number:
                kept[at] = [block.text for block in text.clean(page.raw) if block.role in KEPT_ROLES]
        text_model.forests = original
    return kept


def best_run(raw: str) -> list[str]:
    """A baseline: the run of lines with the most tokens after twelve are taken from each line."""
    lines = [line for line in raw.splitlines() if line.strip()]
    best = (0, 0, 0)
    start = total = 0
    for at, line in enumerate(lines):
        total += min(len(train_text.TOKEN.findall(line)), 80) - 12
        if total <= 0:
            start, total = at + 1, 0
        elif total > best[0]:
            best = (total, start, at + 1)
    return lines[best[1] : best[2]]


def marked_up(raw: str) -> str:
    """A dump as HTML, so that a peer that wants markup can read it: every line is a paragraph."""
    return (
        "<html><body>"
        + "".join(f"<p>{html.escape(line)}</p>" for line in raw.splitlines() if line.strip())
        + "</body></html>"
    )


def peers() -> dict[str, Callable[[str], Sequence[str]]]:
    """The baseline, and of the peers those that are installed."""
    found: dict[str, Callable[[str], Sequence[str]]] = {"best_run": best_run}
    with contextlib.suppress(ImportError):
        from boilerpy3.extractors import ArticleExtractor

        boilerpy = ArticleExtractor(raise_on_failure=False)
        found["boilerpy3"] = lambda raw: boilerpy.get_content(marked_up(raw)).splitlines()
    with contextlib.suppress(ImportError):
        import trafilatura

        found["trafilatura"] = lambda raw: (
            trafilatura.extract(marked_up(raw), include_comments=False) or ""
        ).splitlines()
    return found


def report(pages: Sequence[train_text.Page], kept: Sequence[Sequence[str]]) -> dict[str, float]:
    """All figures of one run."""
    rows = [confusion(page.gold, "\n".join(found)) for page, found in zip(pages, kept, strict=True)]
    figures: dict[str, float] = {}
    for name, chosen in (("all", None), ("zh", True), ("other", False)):
        part = [
            row
            for row, page in zip(rows, pages, strict=True)
            if chosen is None or (page.language == "zh") is chosen
        ]
        figures[f"{name}_f1"], figures[f"{name}_precision"], figures[f"{name}_recall"] = f1(part)
    leaks = [leaked(page, "\n".join(found)) for page, found in zip(pages, kept, strict=True)]
    figures["comments_left"] = sum(left for left, _ in leaks) / max(1, sum(total for _, total in leaks))
    right, found, wanted = map(
        sum, zip(*(boundaries(page.gold, some) for page, some in zip(pages, kept, strict=True)), strict=True)
    )
    figures["boundary_f1"] = 2 * right / (found + wanted)
    return figures


def speed(pages: Sequence[train_text.Page]) -> float:
    """Pages a second of one core, by processor time, of the model as committed."""
    text.clean(pages[0].raw)
    began = time.process_time()
    for page in pages:
        text.clean(page.raw)
    return len(pages) / (time.process_time() - began)


def show(name: str, figures: dict[str, float]) -> None:
    """Print the figures of one reader of pages."""
    print(name, *(f"{figure}={number:.4f}" for figure, number in figures.items()))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=train_text.PAGES)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pages, more = train_text.everything(options.pages)
    kept = cross_validated(pages, more, options.folds)
    figures = report(pages, kept)
    figures["pages_per_second"] = speed(pages)
    show("ours", figures)
    for name, extract in peers().items():
        show(name, report(pages, [list(extract(page.raw)) for page in pages]))
    if options.json:
        found = [
            {"id": page.name, "confusion": confusion(page.gold, "\n".join(some)), "paragraphs": some}
            for page, some in zip(pages, kept, strict=True)
        ]
        options.json.write_text(json.dumps({"figures": figures, "pages": found}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
