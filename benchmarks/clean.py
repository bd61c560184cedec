"""Score the cleaning of HTML pages beside other extractors: `python benchmarks/clean.py --folds DIR`.

Ours is scored by cross-validation: every page is cleaned with a model trained on the other folds, and pages
of one site are in one fold. Models that are not in DIR yet are trained first. Without `--folds` the packaged
model is used, which saw all pages: good for speed, not for scores. The other extractors (those installed) see
the same pages in the same run; times are CPU time, and for each page all take turns. The scores are those of
evaluate.py beside the pages.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import io
import json
import os
import subprocess
import sys
import time
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from clean_pages import PAGES, TOKEN, Page, fold, raw_text, rows, site
from train_clean import FOLDS

from corpus.clean.html import Layout
from corpus.clean.model import Model, from_arrays, load
from corpus.clean.page import clean_html
from corpus.records import KEPT_ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    Extractor = Callable[[str], list[str] | str | None]


def trafilatura_(text: str) -> str | None:
    """trafilatura as it comes."""
    import trafilatura

    return trafilatura.extract(text)


def trafilatura_precision(text: str) -> str | None:
    """trafilatura without comments, favouring precision."""
    import trafilatura

    return trafilatura.extract(text, include_comments=False, favor_precision=True)


def resiliparse(text: str) -> str:
    """resiliparse, main content, without comments."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(text, main_content=True, comments=False, alt_texts=False, noscript=True)


def readability(text: str) -> str:
    """readability-lxml, its article's text."""
    from lxml import html
    from readability import Document

    return html.fromstring(Document(text).summary()).text_content()


def justext_(text: str) -> list[str]:
    """jusText with the stop words of all languages."""
    return [part.text for part in _justext().justext(text, _stop_words()) if not part.is_boilerplate]


@cache
def _justext():
    import justext

    return justext


@cache
def _stop_words() -> frozenset[str]:
    found = _justext()
    return frozenset(word for language in found.get_stoplists() for word in found.get_stoplist(language))


def newspaper4k(text: str) -> str:
    """newspaper4k."""
    import newspaper

    article = newspaper.Article("http://page.example/", fetch_images=False)
    article.download(input_html=text)
    article.parse()
    return article.text


def boilerpy3_(text: str) -> str:
    """boilerpy3, article extractor."""
    from boilerpy3 import extractors

    return extractors.ArticleExtractor(raise_on_failure=False).get_content(text)


def goose3_(text: str) -> str:
    """goose3, its article's text."""
    return _goose().extract(raw_html=text).cleaned_text


@cache
def _goose():
    from goose3 import Goose

    return Goose()


def gne_(text: str) -> str:
    """GNE, its article's text."""
    from gne import GeneralNewsExtractor

    return GeneralNewsExtractor().extract(text)["content"]


PEERS = {
    "trafilatura": ("trafilatura", trafilatura_),
    "trafilatura precision": ("trafilatura", trafilatura_precision),
    "resiliparse": ("resiliparse", resiliparse),
    "readability-lxml": ("readability-lxml", readability),
    "jusText": ("justext", justext_),
    "newspaper4k": ("newspaper4k", newspaper4k),
    "boilerpy3": ("boilerpy3", boilerpy3_),
    "goose3": ("goose3", goose3_),
    "GNE": ("gne", gne_),
}
"""Names, distributions and functions of the extractors compared."""

MEASURES = {
    "AEB": ("aeb", "f1"),
    "Chinese": ("zh", "f1"),
    "other articles": ("magic_other", "f1"),
    "forum": ("magic_forum", "f1"),
    "WCXB articles": ("wcxb_article", "f1"),
    "WCXB all types": ("wcxb_all", "f1"),
    "trafilatura's": ("trafeval", "f1"),
    "comment snippets left": ("trafeval", "comment_snippets_left"),
    "comment tokens left": ("comment_leak_html", "micro"),
}


def models(folder: Path | None, pages: Path) -> list[Model]:
    """The models of the folds; without a folder the one that comes with the package, which saw all pages."""
    if folder is None:
        return [load()] * FOLDS
    if not all((folder / f"fold{number}.npz").exists() for number in range(FOLDS)):
        script = Path(__file__).with_name("train_clean.py")
        subprocess.run(
            [sys.executable, str(script), "--pages", str(pages), "--folds", str(folder)], check=True
        )
    found = []
    for number in range(FOLDS):
        with np.load(folder / f"fold{number}.npz") as arrays:
            found.append(from_arrays(arrays))
    return found


def extracted(folder: Path, folds: Path | None, *, only: list[str], peers: list[str]) -> tuple[dict, dict]:
    """Run all extractors over all pages: their texts by page, and their CPU seconds."""
    by_fold = models(folds, folder)
    others = {
        name: run
        for name, (dist, run) in PEERS.items()
        if name in peers and importlib.util.find_spec(_module(dist))
    }
    texts: dict[str, dict[str, object]] = {name: {} for name in ("corpus", *others)}
    seconds = dict.fromkeys(texts, 0.0)
    for row in rows(folder, only):
        raw = raw_text(folder, row)
        model = by_fold[fold(Page(row, raw, site(row), Layout([], None, [], [])), FOLDS)]
        for name, run in {"corpus": lambda text, model=model: ours(text, model), **others}.items():
            began = time.process_time()
            try:
                found = run(raw)
            except Exception as error:  # noqa: BLE001 - a peer that fails has extracted nothing
                print(f"{name} on {row['id']}: {type(error).__name__}", file=sys.stderr)
                found = None
            seconds[name] += time.process_time() - began
            texts[name][row["id"]] = found or ""
    return texts, seconds


def _module(distribution: str) -> str:
    return {"readability-lxml": "readability", "newspaper4k": "newspaper"}.get(distribution, distribution)


def ours(text: str, model: Model) -> list[str]:
    """The kept paragraphs of a page."""
    return [block.text for block in clean_html(text, model=model) if block.role in KEPT_ROLES]


def scores(folder: Path, texts: dict, only: list[str]) -> dict:
    """Score one extractor's texts with the evaluation script beside the pages."""
    found = importlib.util.spec_from_file_location("evaluate", folder.parent / "evaluate.py")
    evaluate = importlib.util.module_from_spec(found)
    found.loader.exec_module(evaluate)
    results, scored = Path(f"/tmp/clean-{os.getpid()}.json"), Path(f"/tmp/clean-{os.getpid()}-scores.json")
    results.write_text(json.dumps(texts), "utf-8")
    sets = only or ["aeb", "zhwced", "magic_article", "magic_forum", "wcxb", "trafeval"]
    sys.argv = ["evaluate", "--pages", str(folder), "--results", str(results), "--json", str(scored)]
    sys.argv += ["--only", ",".join(sets)]
    with redirect_stdout(io.StringIO()):
        evaluate.main()
    out = json.loads(scored.read_text("utf-8"))
    results.unlink()
    scored.unlink()
    return out


def boundaries(folder: Path, texts: dict, only: list[str]) -> float:
    """F1 of paragraph ends (the last four tokens of a paragraph, of a line of the gold), mean over pages."""
    found = []
    for row in rows(folder, only):
        if row["dataset"] not in LINES or row["id"] not in texts:
            continue
        text = texts[row["id"]]
        ours = _ends(text if isinstance(text, list) else text.split("\n"))
        gold = _ends((folder / row["gt_path"]).read_text("utf-8").split("\n"))
        if gold:
            found.append(2 * len(ours & gold) / (len(ours) + len(gold)))
    return sum(found) / max(len(found), 1)


LINES = ("aeb", "zhwced", "magic_article")
"""Sets whose gold has a line for each paragraph, by and large."""


def _ends(lines: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tokens[-4:]) for line in lines if (tokens := TOKEN.findall(line))}


def table(found: dict[str, dict], seconds: dict[str, float], count: int) -> str:
    """The Markdown table."""
    lines = ["| extractor | " + " | ".join(MEASURES) + " | paragraph ends | pages/s | × trafilatura |"]
    lines.append("|---" * (len(MEASURES) + 4) + "|")
    slow = seconds.get("trafilatura")
    for name, score in found.items():
        cells = [f"{score[part][key]:.4f}" if part in score else "–" for part, key in MEASURES.values()]
        times = f"{slow / seconds[name]:.1f}" if slow else "–"
        cells.append(f"{score['paragraph_ends']:.4f}")
        lines.append(f"| {name} | {' | '.join(cells)} | {count / seconds[name]:.0f} | {times} |")
    return "\n".join(lines)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=Path, default=PAGES)
    asked.add_argument(
        "--folds", type=Path, help="folder of fold models; else the packaged model, not cross-validated"
    )
    asked.add_argument("--only", nargs="*", default=[], help="only these sets of pages")
    asked.add_argument("--ours", action="store_true", help="without the other extractors")
    asked.add_argument("--beside", nargs="*", default=list(PEERS), help="only these other extractors")
    asked.add_argument("--save", type=Path, help="write all texts to this JSON file")
    given = asked.parse_args()
    texts, seconds = extracted(
        given.pages, given.folds, only=given.only, peers=[] if given.ours else given.beside
    )
    if given.save:
        given.save.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    found = {name: scores(given.pages, some, given.only) for name, some in texts.items()}
    for name, some in texts.items():
        found[name]["paragraph_ends"] = boundaries(given.pages, some, given.only)
    print(table(found, seconds, len(texts["corpus"])))
    by_dist = sorted({dist for name, (dist, _) in PEERS.items() if name in texts})
    print("\n" + ", ".join(f"{dist} {importlib.metadata.version(dist)}" for dist in by_dist))
    print(json.dumps(found["corpus"], indent=1))


if __name__ == "__main__":
    main()
