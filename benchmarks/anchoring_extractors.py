"""Re-anchor annotations from one extractor's text of a page to another's, with the truth marked in the page.

    python benchmarks/anchoring_extractors.py [--pages ../shared/pages/dev] [--mentions 60] [--json FILE]

Extractors: ours, and trafilatura, readability-lxml and resiliparse where installed. Before extraction each
mention is put between two rare characters in the page's HTML; both extractors carry them along like any
other text, so where the mention stands in either text is read off, and the marks are then taken out. Marks
are letters (CJK extension B) because extractors drop what is not printable; pages that hold such characters
are left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from pathlib import Path

from anchoring_peers import Found, Method, Span, choose

OPENING, CLOSING = 0x20000, 0x24000
_MARKS = re.compile("[\U00020000-\U00027fff]")
_SKIPPED = re.compile(
    r"<(script|style|head|noscript|textarea|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_TEXT = re.compile(r">([^<>]{2,})<")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,5}")

Extractor = Callable[[str], list[str]]
Extracted = tuple[list[str], dict[int, set[Span]]]
"""A page's paragraphs, and where each marked mention stands in them."""


def with_trafilatura(html: str) -> list[str]:
    """Return trafilatura's lines."""
    import trafilatura

    return _lines(trafilatura.extract(html, include_comments=False) or "")


def with_readability(html: str) -> list[str]:
    """Return the text of readability's summary, one paragraph a block element."""
    import lxml.html
    import readability

    tree = lxml.html.fromstring(readability.Document(html).summary(html_partial=True))
    for block in tree.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "td", "blockquote", "section"):
        block.tail = "\n" + (block.tail or "")
        block.text = "\n" + (block.text or "")
    return _lines(tree.text_content())


def with_resiliparse(html: str) -> list[str]:
    """Return resiliparse's lines of main content."""
    from resiliparse.extract.html2text import extract_plain_text

    return _lines(extract_plain_text(html, main_content=True))


def with_corpus(html: str) -> list[str]:
    """Return our own paragraphs."""
    from corpus.clean import clean
    from corpus.records import KEPT_ROLES

    return [block.text for block in clean(html, "html", None) if block.role in KEPT_ROLES]


EXTRACTORS: dict[str, Extractor] = {
    "corpus": with_corpus,
    "trafilatura": with_trafilatura,
    "readability": with_readability,
    "resiliparse": with_resiliparse,
}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def load_pages(pages: Path) -> Iterator[str]:
    """Return the HTML of the Chinese article pages."""
    for line in (pages / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["dataset"] in {"zhwced", "magic_article"} and row["language"].startswith("zh"):
            html = gzip.decompress((pages / row["path"]).read_bytes()).decode(
                row["encoding"], errors="replace"
            )
            if not _MARKS.search(html):
                yield html


def mark(html: str, rng: random.Random, count: int) -> str:
    """Put marks around `count` mentions: names that the page repeats, and any others, half and half."""
    skipped = [match.span() for match in _SKIPPED.finditer(html)]
    spans = []
    for node in _TEXT.finditer(html):
        if not any(low <= node.start() < high for low, high in skipped):
            spans += [
                (node.start(1) + m.start(), node.start(1) + m.end()) for m in _NAME.finditer(node.group(1))
            ]
    seen = Counter(html[low:high] for low, high in spans)
    often = [span for span in spans if seen[html[slice(*span)]] > 1]
    chosen = set(rng.sample(often, min(len(often), count // 2)))
    rest = [span for span in spans if span not in chosen]
    chosen.update(rng.sample(rest, min(len(rest), count - len(chosen))))
    for number, (low, high) in sorted(enumerate(sorted(chosen)), reverse=True):
        marked = chr(OPENING + number) + html[low:high] + chr(CLOSING + number)
        html = html[:low] + marked + html[high:]
    return html


def unmark(paragraphs: Sequence[str]) -> tuple[list[str], dict[int, set[Span]]]:
    """Take the marks out; return the paragraphs and each mention's places (two where it is printed twice)."""
    places: dict[int, set[Span]] = {}
    texts = []
    for index, marked in enumerate(paragraphs):
        opened: dict[int, int] = {}
        text: list[str] = []
        for character in marked:
            code = ord(character)
            if OPENING <= code < CLOSING:
                opened[code - OPENING] = len(text)
            elif CLOSING <= code < 2 * CLOSING - OPENING:
                if code - CLOSING in opened:
                    span = (index, opened.pop(code - CLOSING), len(text))
                    places.setdefault(code - CLOSING, set()).add(span)
            else:
                text.append(character)
        texts.append("".join(text))
    return texts, places


def judge(found: Found, truth: set[Span]) -> str:
    """Say what an answer is: right is the very place, or an orphan where the other text has none."""
    if found is None:
        return "orphaned wrongly" if truth else "right"
    if found in truth:
        return "right"
    touching = [span for span in truth if span[0] == found[0] and span[1] < found[2] and found[1] < span[2]]
    return "imprecise" if touching else "moved wrong"


def extract(pages: Path, names: Sequence[str], mentions: int, most: int) -> dict[str, list[Extracted]]:
    """Return what each installed extractor makes of each marked page."""
    extractors = {name: EXTRACTORS[name] for name in names}
    for name, extractor in list(extractors.items()):
        try:
            extractor("<html><body><p>试一试。</p></body></html>")
        except ImportError as error:
            print(f"{name} is left out: {error}")
            del extractors[name]
    read: dict[str, list[Extracted]] = {name: [] for name in extractors}
    for at, html in enumerate(load_pages(pages)):
        marked = mark(html, random.Random(at), mentions)
        answers = {name: unmark(extractor(marked)) for name, extractor in extractors.items()}
        if all(sum(map(len, texts)) <= most for texts, _ in answers.values()):
            for name, answer in answers.items():
                read[name].append(answer)
    return read


def compare(method: Method, one: Sequence[Extracted], two: Sequence[Extracted]) -> tuple[Counter[str], float]:
    """Re-anchor every mention of one extractor's texts in the other's; count outcomes and seconds."""
    counts, seconds = Counter[str](), 0.0
    for (old, here), (new, there) in zip(one, two, strict=True):
        spans = [(span, there.get(k, set())) for k, found in sorted(here.items()) for span in sorted(found)]
        started = time.perf_counter()
        answers = method([span for span, _ in spans], old, new)
        seconds += time.perf_counter() - started
        for answer, (_, truth) in zip(answers, spans, strict=True):
            counts[judge(answer, truth)] += 1
            counts["gone"] += not truth
            counts["gone, reported"] += answer is None and not truth
    return counts, seconds


def main() -> None:
    """Run every method on every ordered pair of extractors and print."""
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=root.parent / "shared" / "pages" / "dev")
    parser.add_argument("--mentions", type=int, default=60, help="a page")
    parser.add_argument("--extractors", default=",".join(EXTRACTORS))
    parser.add_argument("--peers", help="methods, separated by commas")
    parser.add_argument("--most", type=int, default=20_000, help="leave out pages with more text")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not (arguments.pages / "manifest.jsonl").exists():
        print(f"no pages at {arguments.pages}: nothing to measure")
        return
    read = extract(arguments.pages, arguments.extractors.split(","), arguments.mentions, arguments.most)
    rows = []
    for name, method in choose(arguments.peers).items():
        total, in_all = Counter[str](), 0.0
        for one, two in permutations(read, 2):
            counts, seconds = compare(method, read[one], read[two])
            rows.append(show(name, f"{one} -> {two}", counts, seconds))
            total.update(counts)
            in_all += seconds
        rows.append(show(name, "all pairs", total, in_all))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def show(method: str, pair: str, counts: Counter[str], seconds: float) -> dict[str, object]:
    """Print and return one row."""
    names = ("right", "moved wrong", "imprecise", "orphaned wrongly")
    total = sum(counts[name] for name in names)
    shares = {name: counts[name] / max(1, total) for name in names}
    reported = counts["gone, reported"] / max(1, counts["gone"])
    print(
        f"{method:23s} {pair:28s} {total:6d}"
        + "".join(f"{100 * share:9.2f}" for share in shares.values())
        + f"{counts['gone']:7d}{100 * reported:8.2f} {1000 * seconds / max(1, total):8.2f}",
        flush=True,
    )
    return {
        "method": method,
        "pair": pair,
        "annotations": total,
        **shares,
        "gone": counts["gone"],
        "gone, reported": reported,
    }


if __name__ == "__main__":
    main()
