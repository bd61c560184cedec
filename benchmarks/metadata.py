"""Score titles and dates on hand-labelled development pages, ours beside its peers in one run.

    python benchmarks/metadata.py [--pages ../shared/pages/dev] [--labels FILE] [--json FILE] [--misses]

Labels are in metadata_labels.jsonl: for a page's id the SHA-256 of each acceptable title (letters and digits
only, without case, first 16 hex digits: the pages' words are not ours to copy) and the acceptable dates;
`null` where people could not tell, an empty list where the page shows none. A title is right if it is one of
those, a date if its day is. Peers (PyPI: trafilatura, newspaper4k, htmldate) run where they are installed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from corpus.clean import clean
from corpus.metadata import extract
from corpus.metadata.titles import folded

HERE = Path(__file__).resolve().parent


class Page(NamedTuple):
    """A labelled page and its gold. The part `tune` was looked at while rules were written, `test` not."""

    page_id: str
    part: str
    text: str
    url: str | None
    titles: list[str] | None
    dates: list[str] | None


Answer = tuple[str | None, str | None]
Extractor = Callable[[Page], Answer]


def digest(title: str) -> str:
    """Return what a label keeps of a title."""
    return hashlib.sha256(folded(title).encode()).hexdigest()[:16]


def labelled(pages: Path, labels: Path) -> Iterator[Page]:
    rows = {}
    with (pages / "manifest.jsonl").open(encoding="utf-8") as manifest:
        for line in manifest:
            row = json.loads(line)
            rows[row["id"]] = row
    for line in labels.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        row = rows[label["id"]]
        text = gzip.decompress((pages / row["path"]).read_bytes()).decode(
            row["encoding"].split()[0], "replace"
        )
        yield Page(label["id"], label["part"], text, row["url"] or None, label["titles"], label["dates"])


class Ours:
    """The product: cleaning is timed apart, since a build cleans anyway."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, page: Page) -> Answer:
        blocks = clean(page.text, "html", page.url)
        begun = time.process_time()
        found = extract(page.text, "html", blocks, page.url)
        self.seconds += time.process_time() - begun
        return (
            found.title.value if found.title else None,
            found.published_at.value if found.published_at else None,
        )


def peers() -> Iterator[tuple[str, Extractor]]:
    try:
        from trafilatura.metadata import extract_metadata

        def trafilatura(page: Page) -> Answer:
            found = extract_metadata(page.text, default_url=page.url)
            return (found.title, found.date) if found else (None, None)

        yield "trafilatura", trafilatura
    except ImportError:
        pass
    try:
        import newspaper

        def newspaper4k(page: Page) -> Answer:
            article = newspaper.Article(
                url=page.url or "http://page.example/", language="en", fetch_images=False
            )
            article.download(input_html=page.text)
            article.parse()
            moment = article.publish_date
            return article.title or None, moment.isoformat() if moment else None

        yield "newspaper4k", newspaper4k
    except ImportError:
        pass
    try:
        from htmldate import find_date

        yield "htmldate", lambda page: (None, find_date(page.text, original_date=True, url=page.url))
    except ImportError:
        pass


def score(pages: list[Page], extractor: Extractor, *, misses: bool) -> dict[str, float]:
    """Count what is right, wrong, missing, and invented (a date where the page shows none)."""
    counts: Counter[str] = Counter()
    begun = time.process_time()
    for page in pages:
        try:
            title, day = extractor(page)
        except Exception as fault:  # noqa: BLE001  (a peer's fault is its result)
            title = day = None
            counts["faults"] += 1
            print(f"{page.page_id}: {type(fault).__name__}")
        if page.titles is not None:
            counts["titles"] += 1
            right = title is not None and digest(title) in page.titles
            counts["titles_right"] += right
            if misses and not right:
                print(f"title {page.page_id} {title!r}")
        if page.dates is not None:
            right = (day[:10] if day else None) in (page.dates or (None,))
            if misses and not right:
                print(f"date  {page.page_id} {day!r} for {page.dates}")
            if page.dates:
                counts["dates"] += 1
                counts["dates_right"] += right
                counts["dates_wrong"] += day is not None and not right
            else:
                counts["undated"] += 1
                counts["dates_invented"] += not right
    seconds = extractor.seconds if isinstance(extractor, Ours) else time.process_time() - begun
    return {**counts, "ms": round(seconds / max(1, len(pages)) * 1000, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, default=HERE.parents[1] / "shared/pages/dev")
    parser.add_argument("--labels", type=Path, default=HERE / "metadata_labels.jsonl")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--misses", action="store_true", help="print what ours gets wrong")
    options = parser.parse_args()
    pages = list(labelled(options.pages, options.labels))
    results: dict[str, dict[str, dict[str, float]]] = {}
    for part in sorted({page.part for page in pages}):
        own = [page for page in pages if page.part == part]
        results[part] = {"ours": score(own, Ours(), misses=options.misses)}
        for name, peer in peers():
            results[part][name] = score(own, peer, misses=False)
        print(f"\n{part}: {len(own)} pages")
        print(f"{'':12} {'title':>9} {'date right':>11} {'wrong':>6} {'invented':>9} {'ms':>8}")
        for name, row in results[part].items():
            title = f"{row.get('titles_right', 0):.0f}/{row.get('titles', 0):.0f}"
            dated = f"{row.get('dates_right', 0):.0f}/{row.get('dates', 0):.0f}"
            invented = f"{row.get('dates_invented', 0):.0f}/{row.get('undated', 0):.0f}"
            wrong = f"{row.get('dates_wrong', 0):.0f}"
            print(f"{name:12} {title:>9} {dated:>11} {wrong:>6} {invented:>9} {row['ms']:>8}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
