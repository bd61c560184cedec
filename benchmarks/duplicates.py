"""Near-duplicate clustering on generated near-duplicates with known truth, against MinHash libraries.

Originals are articles with gold text from `pages/` of the test material, cut to 1,500 characters, and where
more are wanted texts of a chain model trained on them (two characters of Chinese or words of English give the
next, so that they share phrases as articles on one subject do). Prints Markdown. datasketch comes with the
package; where rensa is installed it is compared too.
Run: python benchmarks/duplicates.py ../shared > docs/benchmarks-duplicates.md
"""

from __future__ import annotations

import collections
import itertools
import json
import random
import sys
import time
from pathlib import Path

import numpy as np
import opencc

from corpus.duplicates import THRESHOLD, clusters, shingles, similarity

try:
    import rensa
except ImportError:
    rensa = None

LANGUAGES = ("zh", "en")
ORIGINALS = 300
SCALES = (1_000, 4_000, 16_000)
LENGTH = 1_500


def main(shared: Path) -> None:
    texts = articles(shared / "pages" / "dev")
    print("# Near-duplicates\n\nCommand: `python benchmarks/duplicates.py ../shared`.")
    print(
        "Truth is known by construction; 'wrong pairs' are pairs in one cluster that stem from two originals."
    )
    unrelated(texts)
    for language in LANGUAGES:
        rnd = random.Random(7)
        draw = model(texts[language])
        drawn = [draw(rnd, rnd.randint(300, LENGTH)) for _ in range(ORIGINALS)]
        pages = ([text[:LENGTH] for text in texts[language][: ORIGINALS // 2]] + drawn)[:ORIGINALS]
        kinds(f"{language}: pages", pages, variants(language), draw)
        paragraphs = [draw(rnd, rnd.randint(40, 150)) for _ in range(5 * ORIGINALS)]
        short = {kind: change for kind, change in variants(language).items() if "inside" not in kind}
        kinds(f"{language}: paragraphs of 40 to 150 characters", paragraphs, short, draw)
    peers(texts["zh"])
    speed(texts["zh"])


def articles(folder: Path) -> dict[str, list[str]]:
    texts = collections.defaultdict(list)
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        page = json.loads(line)
        if page["dataset"] != "plaindump" and page["language"] in LANGUAGES and page.get("gt_kind") == "text":
            text = (folder / page["gt_path"]).read_text(errors="replace")
            if len(text) > 600:
                texts[page["language"]].append(text)
    return texts


def model(texts: list[str]):
    """Return a generator of texts by a chain model over characters, or over words if there are spaces."""
    joint = " " if sum(text.count(" ") for text in texts) > sum(map(len, texts)) / 20 else ""
    following = collections.defaultdict(list)
    for text in texts:
        units = text.split() if joint else text
        for first, second, third in zip(units, units[1:], units[2:], strict=False):
            following[first, second].append(third)
    starts = sorted(following)

    def draw(rnd: random.Random, length: int) -> str:
        units: list[str] = []
        written = 0
        while written < length:
            after = following.get(tuple(units[-2:]))
            # Where one text only goes on, jump now and then, so as not to become a copy of it.
            new = (
                [rnd.choice(after)]
                if after and (len(after) > 1 or rnd.random() > 0.2)
                else rnd.choice(starts)
            )
            units += new
            written += sum(map(len, new)) + len(joint) * len(new)
        return joint.join(units)

    return draw


def edited(text: str, share: float, rnd: random.Random) -> str:
    """Replace, drop or double this share of the characters."""
    return "".join(
        char if rnd.random() > share else rnd.choice(("", char + rnd.choice(text), rnd.choice(text)))
        for char in text
    )


def variants(language: str):
    """Return the kinds of near-duplicates by name: (text, another text, random) -> text."""
    kinds = {
        f"{share:.0%} of characters replaced, dropped or doubled": lambda text, _, rnd, share=share: edited(
            text, share, rnd
        )
        for share in (0.01, 0.02, 0.05, 0.1)
    }
    kinds["new head and foot (a fifth)"] = lambda text, other, _: (
        other[: len(text) // 8] + text + other[-len(text) // 8 :]
    )
    kinds["a third cut off"] = lambda text, _, __: text[: len(text) * 2 // 3]
    kinds["paragraphs in another order"] = lambda text, _, rnd: shuffled(text, rnd)
    kinds["spaces, width, punctuation, case"] = lambda text, _, __: restyled(text)
    for times in (2, 4, 8, 16):
        kinds[f"inside a page {times}x as long"] = lambda text, other, _, times=times: inside(
            text, other, times
        )
    if language == "zh":
        for config in ("s2t", "s2tw", "s2hk", "s2twp"):
            kinds[f"in traditional characters ({config})"] = lambda text, _, __, config=config: converted(
                text, config
            )
    return kinds


def shuffled(text: str, rnd: random.Random) -> str:
    pieces = text.split("\n")
    rnd.shuffle(pieces)
    return "\n".join(pieces)


def restyled(text: str) -> str:
    wide = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
    return " ".join(text.upper().translate(wide)).replace("，", ",").replace("。", ".\u3000")


def inside(text: str, other: str, times: int) -> str:
    filler = other * (times * len(text) // max(1, len(other)) + 2)
    half = (times - 1) * len(text) // 2
    return filler[:half] + text + filler[half : 2 * half]


def converted(text: str, config: str, cache: dict = {}) -> str:  # noqa: B006
    return cache.setdefault(config, opencc.OpenCC(config)).convert(text)


def unrelated(texts: dict[str, list[str]]) -> None:
    print("\n## How alike are unrelated articles?\n")
    print(
        "| language | pairs | Jaccard: 99.9 % below | highest | contained: highest |\n|---|---|---|---|---|"
    )
    for language in LANGUAGES:
        pairs = list(itertools.islice(itertools.combinations(texts[language][:250], 2), 30_000))
        values = np.array([similarity(left, right) for left, right in pairs])
        figures = (
            f"{np.quantile(values[:, 0], 0.999):.3f} | {values[:, 0].max():.3f} | {values[:, 1].max():.3f}"
        )
        print(f"| {language} | {len(pairs):,} | {figures} |")


def kinds(title: str, originals: list[str], changes, draw) -> None:
    rnd = random.Random(8)
    print(f"\n## {title}, {len(originals)} originals and their near-duplicates, one kind at a time\n")
    print("| kind | Jaccard | contained | found | wrong pairs |\n|---|---|---|---|---|")
    for kind, change in changes.items():
        mixed, alike = {}, []
        for number, text in enumerate(originals):
            other = draw(rnd, len(text) * (17 if "inside" in kind else 1))
            mixed[f"{number}-a"], mixed[f"{number}-b"] = text, change(text, other, rnd)
            alike.append(similarity(text, mixed[f"{number}-b"]))
        found = clusters(mixed)
        recall = np.mean([found[f"{number}-a"] == found[f"{number}-b"] for number in range(len(originals))])
        jaccard, contained = np.mean(alike, axis=0)
        figures = f"{jaccard:.2f} | {contained:.2f} | {recall:.1%} | {wrong_pairs(found)}"
        print(f"| {kind} | {figures} |", flush=True)


def wrong_pairs(found: dict[str, str]) -> int:
    """Count pairs in one cluster that stem from different originals."""
    members = collections.defaultdict(collections.Counter)
    for identifier, cluster in found.items():
        members[cluster][identifier.partition("-")[0]] += 1
    return sum(
        (sum(counts.values()) ** 2 - sum(count**2 for count in counts.values())) // 2
        for counts in members.values()
    )


def mixture(texts: list[str], count: int) -> dict[str, str]:
    """Half originals, half edited copies of them."""
    rnd = random.Random(11)
    draw = model(texts)
    mixed = {}
    for number in range(count // 2):
        text = draw(rnd, rnd.randint(200, 4000))
        mixed[f"{number}-a"] = text
        mixed[f"{number}-b"] = edited(text, rnd.choice((0.002, 0.01, 0.02, 0.03, 0.05)), rnd)
    return mixed


def peers(texts: list[str]) -> None:
    mixed = mixture(texts, 4_000)
    sets = {identifier: shingles(text) for identifier, text in mixed.items()}
    exact = {
        number: similarity(mixed[f"{number}-a"], mixed[f"{number}-b"])[0] for number in range(len(mixed) // 2)
    }
    print(f"\n## Against MinHash with banding, Chinese, {len(mixed):,} texts of 200 to 4,000 characters\n")
    print("All see the same shingles; a pair is found if both are in one cluster. CPU includes the shingles;")
    print("`corpus` also compares every pair exactly, the others take what their index returns.\n")
    print(f"| | CPU a text | found, Jaccard >= 0.8 | >= {THRESHOLD} | wrong pairs |\n|---|---|---|---|---|")
    start = time.process_time()
    for text in mixed.values():
        shingles(text)
    hashing = time.process_time() - start
    readers = {
        "corpus": lambda: clusters(mixed),
        "datasketch, 128, 0.8": lambda: with_datasketch(sets, 0.8),
        "datasketch, 128, 0.5": lambda: with_datasketch(sets, 0.5),
    }
    if rensa:
        readers["rensa, 128, 0.8"] = lambda: with_rensa(sets, 0.8, 16)
        readers["rensa, 128, 0.5"] = lambda: with_rensa(sets, 0.5, 32)
    for name, read in readers.items():
        start = time.process_time()
        found = read()
        spent = time.process_time() - start + (0 if name == "corpus" else hashing)
        same = {number: found[f"{number}-a"] == found[f"{number}-b"] for number in exact}
        high, low = (np.mean([same[n] for n in exact if exact[n] >= least]) for least in (0.8, THRESHOLD))
        figures = f"{spent / len(mixed) * 1e3:.2f} ms | {high:.2%} | {low:.2%} | {wrong_pairs(found)}"
        print(f"| {name} | {figures} |", flush=True)
    print(f"\nShingles: {hashing / len(mixed) * 1e3:.2f} ms a text.")


def joined(pairs, identifiers) -> dict[str, str]:
    above = {identifier: identifier for identifier in identifiers}

    def of(identifier: str) -> str:
        while above[identifier] != identifier:
            identifier = above[identifier]
        return identifier

    for left, right in pairs:
        above[max(of(left), of(right))] = min(of(left), of(right))
    return {identifier: of(identifier) for identifier in identifiers}


def with_datasketch(sets, threshold: float) -> dict[str, str]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=128)
    pairs = []
    for identifier, hashes in sets.items():
        sketch = MinHash(num_perm=128, hashfunc=lambda value: value)
        sketch.update_batch((hashes & np.uint64(0xFFFFFFFF)).tolist())
        pairs += [(identifier, other) for other in index.query(sketch)]
        index.insert(identifier, sketch)
    return joined(pairs, sets)


def with_rensa(sets, threshold: float, bands: int) -> dict[str, str]:
    index = rensa.RMinHashLSH(threshold=threshold, num_perm=128, num_bands=bands)
    identifiers = list(sets)
    pairs = []
    for number, identifier in enumerate(identifiers):
        sketch = rensa.RMinHash(num_perm=128, seed=42)
        sketch.update([str(value) for value in sets[identifier].tolist()])
        pairs += [(identifier, identifiers[other]) for other in index.query(sketch)]
        index.insert(number, sketch)
    return joined(pairs, sets)


def speed(texts: list[str]) -> None:
    print("\n## Cost by size, Chinese, texts of 200 to 4,000 characters, half of them copies\n")
    print("| texts | CPU | a text | wrong pairs |\n|---|---|---|---|")
    for count in SCALES:
        mixed = mixture(texts, count)
        start = time.process_time()
        found = clusters(mixed)
        spent = time.process_time() - start
        print(f"| {count:,} | {spent:.1f} s | {spent / count * 1e3:.2f} ms | {wrong_pairs(found)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
