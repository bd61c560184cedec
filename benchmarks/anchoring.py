"""Re-anchor annotations after perturbations whose truth is known, ours beside its peers in one run.

    python benchmarks/anchoring.py [--pages ../shared/pages/dev] [--rate 0.02] [--seeds 1 2 3] [--json FILE]

Texts are the Chinese gold texts of the pages where present, else generated ones;
docs/benchmarks-anchoring.md says what is counted. diff-match-patch runs where it is installed (PyPI:
diff-match-patch).
"""

from __future__ import annotations

import argparse
import json
import random
import time
import unicodedata
from collections import Counter
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import perturbations
from anchoring_peers import Found, Method, Span, choose
from perturbations import PERTURBATIONS, Text, everything, read, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OUTCOMES = ("right", "moved wrong", "on a copy", "imprecise", "orphaned wrongly")


class Truth(NamedTuple):
    """Where a mention's characters are now, and where those of its copies; `size` is how many it had.

    Copies are paragraphs printed again, and the twins of the mention's paragraph that the old text had.
    """

    places: dict[tuple[int, int], int]
    copies: frozenset[tuple[int, int]]
    size: int


# --- texts and mentions -------------------------------------------------------------------------------------


def load_texts(pages: Path, language: str, count: int, most: int) -> list[list[str]]:
    """Return the gold texts of the pages as lists of paragraphs, cut at `most` characters."""
    if not (pages / "manifest.jsonl").exists():
        return [generate(random.Random(seed), most) for seed in range(count)]
    rows = map(json.loads, (pages / "manifest.jsonl").read_text(encoding="utf-8").splitlines())
    wanted = {"zh": ("zhwced", "magic_article"), "en": ("aeb",)}[language]
    texts = []
    for row in rows:
        if row["dataset"] not in wanted or not row["language"].startswith(language):
            continue
        gold = (pages / row["gt_path"]).read_text(encoding="utf-8")
        paragraphs = [line.strip() for line in gold.split("\n") if line.strip()]
        kept, size = [], 0
        for paragraph in paragraphs:
            if size + len(paragraph) > most:
                break
            kept.append(paragraph)
            size += len(paragraph)
        if size >= 200:
            texts.append(kept)
    return texts[:count]


def generate(rng: random.Random, most: int) -> list[str]:
    """Write a text of random common characters with names that come back; for when there are no pages."""
    names = ["".join(rng.choice(perturbations.COMMON) for _ in range(rng.randint(2, 4))) for _ in range(12)]
    paragraphs, size = [], 0
    while size < min(most, 1500):
        paragraph = ""
        for _ in range(rng.randint(1, 6)):
            words = [
                rng.choice(names)
                if rng.random() < 0.15
                else chr(rng.randint(0x4E00, 0x62FF)) + rng.choice(perturbations.COMMON)
                for _ in range(rng.randint(4, 20))
            ]
            paragraph += "".join(words) + rng.choice("。。。！？")
        paragraphs.append(paragraph)
        size += len(paragraph)
    return paragraphs


def _is_name(text: str) -> bool:
    return all(unicodedata.category(c)[0] in "LN" for c in text) and not any(c in "的了是在和" for c in text)


def choose_mentions(paragraphs: Sequence[str], rng: random.Random, count: int) -> list[Span]:
    """Choose mentions of two to five characters (three on average), half of them words that come back."""
    spans, repeated = [], Counter[str]()
    for paragraph in paragraphs:
        for at in range(len(paragraph)):
            for size in (2, 3, 4):
                if at + size <= len(paragraph) and _is_name(paragraph[at : at + size]):
                    repeated[paragraph[at : at + size]] += 1
    for index, paragraph in enumerate(paragraphs):
        for at in range(len(paragraph)):
            size = rng.choices([2, 3, 4, 5], [35, 35, 20, 10])[0]
            text = paragraph[at : at + size]
            if len(text) == size and _is_name(text):
                spans.append((index, at, at + size, repeated[text] > 2))
    often = [span[:3] for span in spans if span[3]]
    seldom = [span[:3] for span in spans if not span[3]]
    chosen = rng.sample(often, min(len(often), count // 2))
    return sorted(chosen + rng.sample(seldom, min(len(seldom), count - len(chosen))))


def choose_lengths(paragraphs: Sequence[str], rng: random.Random, count: int) -> list[Span]:
    """Choose stretches of 1 to 30 characters anywhere, white space at their edges excepted."""
    spans = set[Span]()
    for _ in range(20 * count):
        index = rng.randrange(len(paragraphs))
        size = rng.randint(1, 30)
        if size <= len(paragraphs[index]) and len(spans) < count:
            at = rng.randint(0, len(paragraphs[index]) - size)
            text = paragraphs[index][at : at + size]
            if text == text.strip() and any(c.isalnum() for c in (text[0], text[-1])):
                spans.add((index, at, at + size))
    return sorted(spans)


def choose_paragraphs(paragraphs: Sequence[str], rng: random.Random, count: int) -> list[Span]:
    """Choose whole paragraphs, as stance annotations quote them."""
    wanted = [at for at, text in enumerate(paragraphs) if len(text) >= 10]
    return [(at, 0, len(paragraphs[at])) for at in sorted(rng.sample(wanted, min(len(wanted), count)))]


# --- right and wrong ----------------------------------------------------------------------------------------


def find_truths(spans: Sequence[Span], old: Sequence[str], perturbed: Text) -> list[Truth]:
    """Return where the characters of each mention are in the perturbed text."""
    start = np.cumsum([0, *map(len, old)])
    places: dict[int, list[tuple[int, int, bool]]] = {}
    for p, paragraph in enumerate(perturbed):
        for at, character in enumerate(paragraph):
            if character.origin is not None:
                places.setdefault(character.origin, []).append((p, at, character.copied))
    truths = []
    for index, low, high in spans:
        wanted = [
            o
            for o in range(start[index] + low, start[index] + high)
            if old[index][o - start[index]].isalnum()
        ]
        here = {(p, at): o for o in wanted for p, at, copied in places.get(o, []) if not copied}
        twins = [start[k] for k, text in enumerate(old) if k != index and text == old[index]]
        same = {(p, at) for t in twins for o in wanted for p, at, _ in places.get(t + o - start[index], [])}
        copies = frozenset({(p, at) for o in wanted for p, at, copied in places.get(o, []) if copied} | same)
        truths.append(Truth(here, copies, len(wanted)))
    return truths


def judge(found: Found, truth: Truth, text: Text) -> str:
    """Say what an answer is.

    Gone text (no letter or digit of it is left) must be an orphan. Of text that is there, the answer must
    hold every character that is left, nothing else of the old text but punctuation and space, and at most as
    many strange characters at its edges as the mention had (a replaced character may be taken or left).
    Where fewer than half is left, an orphan is right too. Text split over two paragraphs is right on the
    larger part.
    """
    left = len(set(truth.places.values()))
    if found is None:
        return "right" if 2 * left < truth.size or not left else "orphaned wrongly"
    p, low, high = found
    inside = {(p, at) for at in range(low, high)}
    if not inside & truth.places.keys():
        return "on a copy" if inside & truth.copies else "moved wrong"
    parts = Counter(place[0] for place in truth.places)
    here = {place for place in truth.places if place[0] == p}
    # Of a converted word of another length, no part is known to be a given part of the old one.
    sure = {place for place in here if not text[p][place[1]].rough}
    strange = [place for place in inside - truth.places.keys() if text[p][place[1]].text.isalnum()]
    first, last = min(at for _, at in here), max(at for _, at in here)
    edge = [place for place in strange if not first < place[1] < last]
    foreign = [at for _, at in edge if text[p][at].origin is not None and not text[p][at].rough]
    good = parts[p] == max(parts.values()) and sure <= inside and not foreign and len(edge) <= truth.size
    return "right" if good else "imprecise"


def find_undecidable(old: Sequence[str], text: Text) -> set[int]:
    """Name the old paragraphs whose copy nothing tells from the original, or that look like it more.

    A reader who knew of every new stretch which old paragraph it came from, but not which is the copy, would
    take the one between most of its old neighbours, and of two the first. Where that is the copy, no method
    can be right but by chance.
    """
    starts = np.cumsum([0, *map(len, old)])
    stretches: list[tuple[int, bool, int]] = []
    for character in (c for paragraph in text for c in paragraph if c.origin is not None):
        key = int(np.searchsorted(starts, character.origin, "right")) - 1, character.copied
        size = stretches.pop()[2] if stretches and stretches[-1][:2] == key else 0
        stretches.append((*key, size + 1))
    places: dict[int, list[int]] = {}
    for at, (p, _, size) in enumerate(stretches):
        if 4 * size >= len(old[p]):
            places.setdefault(p, []).append(at)

    def neighbours(at: int) -> int:
        p = stretches[at][0]
        before = next((q for q, _, _ in reversed(stretches[:at]) if q != p), -1)
        after = next((q for q, _, _ in stretches[at + 1 :] if q != p), len(old))
        return (before == p - 1) + (after == p + 1)

    return {
        p
        for p, of in places.items()
        if not all(stretches[at][1] for at in of)
        and stretches[max(of, key=lambda at: (neighbours(at), -at))][1]
    }


class Tally:
    """Counts of outcomes for one method under one perturbation."""

    def __init__(self) -> None:
        self.there, self.gone, self.seconds = Counter[str](), Counter[str](), 0.0
        self.undecidable = 0

    def figures(self) -> dict[str, float]:
        """Return shares of all annotations, and of those whose text is gone the share reported so."""
        there, gone = sum(self.there.values()), sum(self.gone.values())
        everything = self.there + self.gone
        shares = {name: everything[name] / max(1, there + gone) for name in OUTCOMES}
        return {
            "annotations": there + gone,
            "gone": gone,
            **shares,
            "gone, reported": self.gone["right"] / gone if gone else 1.0,
            "undecidable": self.undecidable / max(1, there + gone),
            "ms each": 1000 * self.seconds / max(1, there + gone),
        }


def run(  # noqa: PLR0913, PLR0917 - one argument a setting
    texts: Sequence[Sequence[str]],
    pick: Callable[[Sequence[str], random.Random, int], list[Span]],
    count: int,
    peers: dict[str, Method],
    names: Sequence[str],
    rate: float,
    seeds: Sequence[int],
) -> Iterator[tuple[str, str, Tally]]:
    """Choose mentions in every text, perturb it in every way, ask every method, judge."""
    for name in names:
        tallies = {peer: Tally() for peer in peers}
        for seed, (at, old) in product(seeds, enumerate(texts)):
            spans = pick(old, random.Random(f"{seed} {at}"), count)
            rng = random.Random(f"{seed} {name} {at}")
            perturb = everything if name == "all together" else PERTURBATIONS[name]
            text = perturb(trace(old), rng, rate)
            new = read(text)
            truths = find_truths(spans, old, text)
            hopeless = find_undecidable(old, text)
            for peer, method in peers.items():
                started = time.perf_counter()
                found = method(spans, old, new)
                tally = tallies[peer]
                tally.seconds += time.perf_counter() - started
                tally.undecidable += sum(span[0] in hopeless for span in spans)
                for answer, truth in zip(found, truths, strict=True):
                    (tally.there if truth.places or truth.copies else tally.gone)[
                        judge(answer, truth, text)
                    ] += 1
        for peer, tally in tallies.items():
            yield name, peer, tally


def show(name: str, peer: str, figures: dict[str, float]) -> None:
    """Print one row."""
    shares = "".join(f"{100 * figures[outcome]:9.2f}" for outcome in OUTCOMES)
    copies = f"{100 * figures['undecidable']:8.2f}"
    print(
        f"{name:14s} {peer:23s} {int(figures['annotations']):7d}{shares}{int(figures['gone']):7d}"
        f"{100 * figures['gone, reported']:8.2f}{copies} {figures['ms each']:8.2f}",
        flush=True,
    )


def main() -> None:
    """Run and print."""
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=root.parent / "shared" / "pages" / "dev")
    parser.add_argument("--language", choices=["zh", "en"], default="zh")
    parser.add_argument("--texts", type=int, default=60)
    parser.add_argument("--characters", type=int, default=6000, help="cut each text here")
    parser.add_argument("--mentions", type=int, default=60, help="a text")
    parser.add_argument("--choose", choices=["names", "lengths", "paragraphs"], default="names")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="counted together")
    parser.add_argument("--only", help="perturbations, separated by commas")
    parser.add_argument("--peers", help="methods, separated by commas")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    texts = load_texts(arguments.pages, arguments.language, arguments.texts, arguments.characters)
    pick = {"names": choose_mentions, "lengths": choose_lengths, "paragraphs": choose_paragraphs}[
        arguments.choose
    ]
    peers = choose(arguments.peers)
    names = arguments.only.split(",") if arguments.only else [*PERTURBATIONS, "all together"]
    seeds = " ".join(map(str, arguments.seeds))
    print(f"{len(texts)} texts, rate {arguments.rate}, seeds {seeds}")
    print(
        f"{'':38s} {'annot.':>7s}"
        + "".join(f"{o.split()[-1]:>9s}" for o in OUTCOMES)
        + "   gone  orphan undecid.  ms each"
    )
    rows = []
    for name, peer, tally in run(
        texts, pick, arguments.mentions, peers, names, arguments.rate, arguments.seeds
    ):
        figures = tally.figures()
        show(name, peer, figures)
        rows.append({"perturbation": name, "method": peer, **figures})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
