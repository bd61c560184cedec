"""Re-anchor annotations after perturbations whose truth is known, ours beside its peers in one run.

    python benchmarks/anchoring.py [--pages ../shared/pages/dev] [--rate 0.02] [--texts 40] [--json FILE]

Texts are the Chinese gold texts of the pages where present, else generated ones; docs/benchmarks-anchoring.md
says what is counted. diff-match-patch runs where it is installed (PyPI: diff-match-patch).
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import perturbations
from perturbations import PERTURBATIONS, Text, everything, read, trace
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from corpus.anchor import reanchor

Span = tuple[int, int, int]
Found = tuple[int, int, int] | None
Method = Callable[[Sequence[Span], Sequence[str], Sequence[str]], list[Found]]

OUTCOMES = ("right", "moved wrong", "on a copy", "imprecise", "orphaned wrongly")


class Truth(NamedTuple):
    """Where a mention's characters are now, and where the same characters of a copy are; `size` is how many it had.

    Copies are the paragraphs printed again, and the twins of the mention's paragraph that the old text had.
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
                rng.choice(names) if rng.random() < 0.15 else chr(rng.randint(0x4E00, 0x62FF)) + rng.choice(perturbations.COMMON)
                for _ in range(rng.randint(4, 20))
            ]
            paragraph += "".join(words) + rng.choice("。。。！？")
        paragraphs.append(paragraph)
        size += len(paragraph)
    return paragraphs


def _is_name(text: str) -> bool:
    return all(unicodedata.category(c)[0] in "LN" for c in text) and not any(c in "的了是在和" for c in text)


def choose_mentions(paragraphs: Sequence[str], rng: random.Random, count: int) -> list[Span]:
    """Choose mentions of two to five characters (three on average): half of them words that the text repeats."""
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


# --- peers --------------------------------------------------------------------------------------------------


def offset_only(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Keep the paragraph index and the offsets."""
    return [span if span[0] < len(new) and span[2] <= len(new[span[0]]) else None for span in spans]


def exact_quote(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Search the quote with 32 characters of context, then with less; a quote that is not unique is an orphan."""
    text, start = _joined(new)
    answers: list[Found] = []
    for index, low, high in spans:
        answer = None
        for context in (32, 16, 8, 0):
            before = old[index][max(0, low - context) : low]
            wanted = before + old[index][low : high + context]
            at = text.find(wanted)
            if at >= 0 and text.find(wanted, at + 1) < 0:
                answer = _place(start, new, at + len(before), at + len(before) + high - low)
                break
        answers.append(answer)
    return answers


def _joined(paragraphs: Sequence[str]) -> tuple[str, list[int]]:
    start = [0]
    for paragraph in paragraphs:
        start.append(start[-1] + len(paragraph) + 1)
    return "\n".join(paragraphs), start


def _place(start: Sequence[int], new: Sequence[str], low: int, high: int) -> Found:
    paragraph = int(np.searchsorted(start, low, "right")) - 1
    if high <= low or paragraph >= len(new):
        return None
    end = min(high - start[paragraph], len(new[paragraph]))
    return (paragraph, low - start[paragraph], end) if end > low - start[paragraph] else None


def _by_pairs(spans: Sequence[Span], old_start: Sequence[int], new: Sequence[str], start: Sequence[int], to: dict[int, int]) -> list[Found]:
    answers: list[Found] = []
    for index, low, high in spans:
        kept = [to[at] for at in range(old_start[index] + low, old_start[index] + high) if at in to]
        answers.append(_place(start, new, min(kept), max(kept) + 1) if 2 * len(kept) >= high - low else None)
    return answers


def with_difflib(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Map offsets through difflib's matching blocks of the joined texts; half the characters must map."""
    (one, old_start), (two, start) = _joined(old), _joined(new)
    blocks = difflib.SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    to = {block.a + k: block.b + k for block in blocks for k in range(block.size)}
    return _by_pairs(spans, old_start, new, start, to)


def with_diff_match_patch(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Map offsets through diff-match-patch's diff of the joined texts, cleaned up semantically."""
    from diff_match_patch import diff_match_patch

    (one, old_start), (two, start) = _joined(old), _joined(new)
    differ = diff_match_patch()
    differ.Diff_Timeout = 5.0
    diffs = differ.diff_main(one, two, checklines=False)
    differ.diff_cleanupSemantic(diffs)
    to, a, b = dict[int, int](), 0, 0
    for op, text in diffs:
        if op == 0:
            to.update((a + k, b + k) for k in range(len(text)))
        a += len(text) if op <= 0 else 0
        b += len(text) if op >= 0 else 0
    return _by_pairs(spans, old_start, new, start, to)


def _approximate(pattern: str, codes: np.ndarray, most: int) -> list[tuple[int, int]]:
    """Return (end, errors) of the matches with at most `most` errors that are the best around (Sellers 1980)."""
    column = np.arange(len(codes) + 1)
    row = np.zeros(len(codes) + 1, dtype=np.int64)
    for at, character in enumerate(pattern):
        fresh = np.empty_like(row)
        fresh[0] = at + 1
        fresh[1:] = np.minimum(row[:-1] + (codes != ord(character)), row[1:] + 1)
        row = np.minimum.accumulate(fresh - column) + column
    best = np.flatnonzero(row == min(int(row.min()), most))
    return [(int(end), int(row[end])) for end in best[:200]] if row.min() <= most else []


def fuzzy_search(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Search as annotation clients do: all quotes with up to half their length of errors, rated by context and place.

    Weights: quote 50, prefix 20, suffix 20, place 2, as the Hypothes.is client's quote matching has them.
    """
    (one, old_start), (two, start) = _joined(old), _joined(new)
    codes = np.array([ord(c) for c in two])
    answers: list[Found] = []
    for index, low, high in spans:
        a, b = old_start[index] + low, old_start[index] + high
        quote, best, answer = one[a:b], -1.0, None
        for end, errors in _approximate(quote, codes, min(256, len(quote) // 2)):
            begin = max(0, end - len(quote))
            score = (
                50 * (1 - errors / len(quote))
                + 20 * fuzz.ratio(one[max(0, a - 32) : a], two[max(0, begin - 32) : begin]) / 100
                + 20 * fuzz.ratio(one[b : b + 32], two[end : end + 32]) / 100
                + 2 * (1 - abs(begin - a) / max(1, len(two)))
            )
            if score > best:
                best, answer = score, _place(start, new, begin, end)
        answers.append(answer)
    return answers


def by_paragraph(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Normalise, pair each paragraph with the likest new one, map through the edit script of the two."""
    from corpus.anchor.folding import fold_text

    folded_old, folded_new = [fold_text(t) for t in old], [fold_text(t) for t in new]
    answers: list[Found] = []
    alike = process.cdist([f[0] for f in folded_old], [f[0] for f in folded_new], scorer=fuzz.ratio)
    for index, low, high in spans:
        best = int(alike[index].argmax())
        if alike[index, best] < 50:
            answers.append(None)
            continue
        text, begins, ends = folded_old[index]
        wanted = [k for k in range(len(text)) if ends[k] > low and begins[k] < high]
        to = {}
        for op in Indel.opcodes(text, folded_new[best][0]):
            if op.tag == "equal":
                to.update(zip(range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True))
        kept = [to[k] for k in wanted if k in to]
        good = wanted and 2 * len(kept) >= len(wanted)
        answers.append((best, folded_new[best][1][min(kept)], folded_new[best][2][max(kept)]) if good else None)
    return answers


def ours(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Ours."""
    return [a and (a.paragraph, a.start, a.end) for a in reanchor(spans, old, new)]


PEERS: dict[str, Method] = {
    "ours": ours,
    "offset only": offset_only,
    "exact quote": exact_quote,
    "difflib": with_difflib,
    "diff-match-patch": with_diff_match_patch,
    "fuzzy quote search": fuzzy_search,
    "paragraph by paragraph": by_paragraph,
}


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
        wanted = [o for o in range(start[index] + low, start[index] + high) if old[index][o - start[index]].isalnum()]
        here = {(p, at): o for o in wanted for p, at, copied in places.get(o, []) if not copied}
        twins = [start[k] for k, text in enumerate(old) if k != index and text == old[index]]
        same = {(p, at) for t in twins for o in wanted for p, at, _ in places.get(t + o - start[index], [])}
        copies = frozenset({(p, at) for o in wanted for p, at, copied in places.get(o, []) if copied} | same)
        truths.append(Truth(here, copies, len(wanted)))
    return truths


def judge(found: Found, truth: Truth, text: Text) -> str:
    """Say what an answer is.

    Gone text (no letter or digit of it is left) must be an orphan. Of text that is there, the answer must hold
    every character that is left, nothing else of the old text but punctuation and space, and at most as many strange characters at its edges
    as the mention had (a replaced character may be taken or left). Where fewer than half is left, an orphan is
    right too. Text split over two paragraphs is right on the larger part.
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
    strange = [
        place for place in inside - truth.places.keys() if text[p][place[1]].text.isalnum()
    ]
    first, last = min(at for _, at in here), max(at for _, at in here)
    edge = [place for place in strange if not first < place[1] < last]
    foreign = [at for _, at in edge if text[p][at].origin is not None and not text[p][at].rough]
    good = parts[p] == max(parts.values()) and sure <= inside and not foreign and len(edge) <= truth.size
    return "right" if good else "imprecise"


class Tally:
    """Counts of outcomes for one method under one perturbation."""

    def __init__(self) -> None:
        self.there, self.gone, self.seconds = Counter[str](), Counter[str](), 0.0
        self.sharp: list[tuple[float, bool]] = []

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
            "ms each": 1000 * self.seconds / max(1, there + gone),
        }


def run(
    texts: Sequence[Sequence[str]], mentions: Sequence[Sequence[Span]], peers: dict[str, Method], names: Sequence[str], rate: float, seed: int
) -> Iterator[tuple[str, str, Tally]]:
    """Perturb every text in every way, ask every method, judge."""
    for name in names:
        tallies = {peer: Tally() for peer in peers}
        for at, (old, spans) in enumerate(zip(texts, mentions, strict=True)):
            rng = random.Random(f"{seed} {name} {at}")
            perturb = everything if name == "all together" else PERTURBATIONS[name]
            text = perturb(trace(old), rng, rate)
            new = read(text)
            truths = find_truths(spans, old, text)
            for peer, method in peers.items():
                started = time.perf_counter()
                found = method(spans, old, new)
                tallies[peer].seconds += time.perf_counter() - started
                for answer, truth in zip(found, truths, strict=True):
                    verdict = judge(answer, truth, text)
                    (tallies[peer].there if truth.places or truth.copies else tallies[peer].gone)[verdict] += 1
        for peer, tally in tallies.items():
            yield name, peer, tally


def show(name: str, peer: str, figures: dict[str, float]) -> None:
    """Print one row."""
    shares = "".join(f"{100 * figures[outcome]:9.2f}" for outcome in OUTCOMES)
    print(
        f"{name:14s} {peer:23s} {int(figures['annotations']):7d}{shares}{int(figures['gone']):7d}"
        f"{100 * figures['gone, reported']:8.2f} {figures['ms each']:8.2f}",
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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="perturbations, separated by commas")
    parser.add_argument("--peers", help="methods, separated by commas")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    texts = load_texts(arguments.pages, arguments.language, arguments.texts, arguments.characters)
    choose = {"names": choose_mentions, "lengths": choose_lengths, "paragraphs": choose_paragraphs}[arguments.choose]
    mentions = [choose(text, random.Random(f"{arguments.seed} {at}"), arguments.mentions) for at, text in enumerate(texts)]
    wanted = arguments.peers.split(",") if arguments.peers else list(PEERS)
    peers = {peer: PEERS[peer] for peer in wanted}
    if "diff-match-patch" in peers:
        try:
            import diff_match_patch  # noqa: F401
        except ImportError:
            print("diff-match-patch is not installed: left out")
            del peers["diff-match-patch"]
    names = arguments.only.split(",") if arguments.only else [*PERTURBATIONS, "all together"]
    print(f"{len(texts)} texts, {sum(map(len, mentions))} mentions, rate {arguments.rate}, seed {arguments.seed}")
    print(f"{'':38s} {'annot.':>7s}" + "".join(f"{o.split()[-1]:>9s}" for o in OUTCOMES) + "   gone  orphan  ms each")
    rows = []
    for name, peer, tally in run(texts, mentions, peers, names, arguments.rate, arguments.seed):
        figures = tally.figures()
        show(name, peer, figures)
        rows.append({"perturbation": name, "method": peer, **figures})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
