"""Measure what a page costs, step by step: `python benchmarks/speed.py`.

CPU time of one process, for each page the least of several runs in which all steps, and trafilatura where it
is installed, take turns. What stands below `language` is part of `clean`. What is told of texts (language,
known words, dates) is not remembered from one run to the next.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from clean_pages import PAGES, raw_text, rows

from corpus import language
from corpus.clean import features
from corpus.clean.features import measure
from corpus.clean.html import layout
from corpus.clean.margins import settle
from corpus.clean.model import load, probabilities
from corpus.clean.page import clean_html
from corpus.clean.roles import judge
from corpus.clean.second import revised
from corpus.clean.standing import Look
from corpus.decode import decode
from corpus.metadata import extract
from corpus.pages import clean_body, tell_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Step = tuple[str, Callable[[], object]]


def steps(raw: str, url: str | None) -> Iterator[Step]:
    """The steps of a page, each with what it does; a step may use what those before it have made."""
    body, made = raw.encode("utf-8", "replace"), {}
    model = load()

    def step(name: str, run: Callable[[], object]) -> Step:
        return name, lambda: made.__setitem__(name, run())

    yield step("decode", lambda: decode(body))
    yield step("clean", lambda: clean_html(raw))
    yield step("metadata", lambda: extract(raw, "html", made["clean"], url))
    document = clean_body(body, url)
    yield step("language", lambda: tell_language(document))
    yield step("layout", lambda: layout(raw))
    if layout(raw).units:
        yield step("features", lambda: measure(raw, made["layout"], model.vocabulary))
        yield step("first look", lambda: probabilities(model, made["features"]))
        yield step(
            "second look",
            lambda: revised(
                Look(raw, made["layout"], made["features"], model.vocabulary, made["first look"]),
                model.trees,
            ),
        )
        yield step(
            "roles",
            lambda: judge(raw, made["layout"], made["features"], made["second look"], model.vocabulary),
        )
        yield step("margins", lambda: settle(raw, made["layout"], made["roles"]))
    if find_spec("trafilatura"):
        import trafilatura

        yield step("trafilatura", lambda: trafilatura.extract(raw))


def seconds(todo: list[Step], times: int) -> dict[str, float]:
    """The least CPU time of each step."""
    least: dict[str, float] = {}
    for _ in range(times):
        # A page is seen once, a benchmark sees it again.
        language._detect.cache_clear()  # noqa: SLF001
        features._dated.cache_clear()  # noqa: SLF001
        load().vocabulary.of_texts.clear()
        for name, run in todo:
            began = time.process_time()
            run()
            least[name] = min(least.get(name, 9e9), time.process_time() - began)
    return least


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=Path, default=PAGES)
    asked.add_argument("--only", nargs="*", default=[], help="only these sets of pages")
    asked.add_argument("--every", type=int, default=1, help="only every so manieth page")
    asked.add_argument("--times", type=int, default=3)
    given = asked.parse_args()
    total: dict[str, float] = defaultdict(float)
    count = size = 0
    for row in list(rows(given.pages, given.only))[:: given.every]:
        raw = raw_text(given.pages, row)
        count += 1
        size += len(raw)
        for name, spent in seconds(list(steps(raw, row.get("url"))), given.times).items():
            total[name] += spent
    print(f"{count} pages, {size / count / 1000:.0f} K code points each; ms a page:")
    for name, spent in total.items():
        print(f"{name:12} {spent / count * 1000:6.2f}")
    whole = sum(total[name] for name in ("decode", "clean", "metadata", "language"))
    print(f"whole page {whole / count * 1000:.2f}, language's share {total['language'] / whole:.2f}")


if __name__ == "__main__":
    main()
