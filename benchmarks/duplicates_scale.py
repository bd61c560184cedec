"""Near-duplicate clustering out of core: CPU and peak memory over simulated Chinese documents and paragraphs.

The text is drawn, not read: words of one to four characters by Zipf's law, a third of them from the subject
of the document, a seventh in set phrases, so that shingles recur from text to text as they do in a crawl. One
document in five is a repost: most of its paragraphs are copied to the letter, some edited; pages of one
source share their foot. `make` writes texts and sketches to a folder, and a process for each kind of text
reads and clusters them, which is what is measured: once from nothing, and once with the pairs known that were
compared before. Truth is known, so the share of reposts found, and of documents put to another's reposts, are
counted too. Prints Markdown.
Run: python benchmarks/duplicates_scale.py 100000 FOLDER
"""

from __future__ import annotations

import bisect
import resource
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from corpus.duplicates import Sketches, Verified, cluster, sketch

DOCUMENTS = 64
WORDS, PHRASES, TOPICS = 60_000, 200_000, 2_000


def make(count: int, folder: Path) -> None:
    """Write parts of 64 documents: texts, sketches of documents and of paragraphs, and the originals."""
    rnd = np.random.default_rng(5)
    draw = language(rnd)
    recent: list[tuple[int, list[str]]] = []
    spent, characters = 0.0, 0
    origins: dict[str, list[int]] = {"documents": [], "paragraphs": []}
    for part in range(0, count, DOCUMENTS):
        documents = []
        for place in range(part, min(count, part + DOCUMENTS)):
            origin, paragraphs = repost(rnd, recent) if recent and rnd.random() < 0.2 else (place, draw())
            if origin == place and len(recent) < 2_000:
                recent.append((place, paragraphs))
            elif origin == place:
                recent[rnd.integers(2_000)] = (place, paragraphs)
            documents.append([*paragraphs, foot(rnd, int(rnd.zipf(1.5)) % 500)])
            origins["documents"].append(origin)
            origins["paragraphs"] += [origin] * len(paragraphs) + [-1]
        texts = {
            "documents": ["\n".join(paragraphs) for paragraphs in documents],
            "paragraphs": [text for paragraphs in documents for text in paragraphs],
        }
        start = time.process_time()
        sketches = {kind: sketch(texts[kind]) for kind in texts}
        spent += time.process_time() - start
        characters += sum(map(len, texts["paragraphs"]))
        for kind, listed in texts.items():
            name = folder / kind / f"{part // DOCUMENTS:06}"
            name.parent.mkdir(parents=True, exist_ok=True)
            encoded = [text.encode() for text in listed]
            name.with_suffix(".text").write_bytes(b"".join(encoded))
            np.save(name.with_suffix(".ends.npy"), np.cumsum([0, *map(len, encoded)]))
            np.save(name.with_suffix(".npy"), sketches[kind].packed())
    for kind, origin in origins.items():
        np.save(folder / f"{kind}.npy", np.array(origin))
    paragraphs = len(origins["paragraphs"])
    print(f"{count:,} documents, {paragraphs:,} paragraphs, {characters / 1e6:,.0f} million characters.")
    print(f"Sketching both: {spent:.1f} s CPU, {spent / count * 1e3:.2f} ms a document.\n")


def language(rnd: np.random.Generator):
    """Return a function that draws the paragraphs of a document."""
    lengths = np.where(np.arange(WORDS) < 300, 1, rnd.choice([1, 2, 2, 2, 3, 4], WORDS))
    characters = 0x4E00 + rnd.permutation(6_000)[zipf(rnd, 6_000, 0.9)(lengths.sum())]
    ends = np.cumsum(lengths)
    letters = "".join(map(chr, characters.tolist()))
    words = np.array([letters[end - length : end] for end, length in zip(ends, lengths, strict=True)], object)
    common = zipf(rnd, WORDS, 1.05)
    phrases = np.array(["".join(words[common(rnd.integers(3, 7))]) for _ in range(PHRASES)], object)
    set_phrase = zipf(rnd, PHRASES, 1.0)
    topics = [rnd.integers(300, WORDS, 300) for _ in range(TOPICS)]
    of_topic = zipf(rnd, 300, 0.9)

    def draw() -> list[str]:
        topic = topics[rnd.integers(TOPICS)]
        sizes = np.clip(rnd.lognormal(4.0, 0.7, 1 + rnd.poisson(13)), 4, 500).astype(int)
        count = int(sizes.sum())
        chosen = words[np.where(rnd.random(count) < 0.35, topic[of_topic(count)], common(count))]
        said = rnd.random(count) < 0.035
        chosen[said] = phrases[set_phrase(int(said.sum()))]
        edges = np.cumsum(sizes).tolist()
        return ["".join(chosen[edge - size : edge]) + "。" for edge, size in zip(edges, sizes, strict=True)]

    return draw


def zipf(rnd: np.random.Generator, count: int, exponent: float):
    weights = np.cumsum(1 / (np.arange(count) + 2.7) ** exponent)
    return lambda size: np.searchsorted(weights, rnd.random(size) * weights[-1])


def repost(rnd: np.random.Generator, recent: list[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """Copy a document: a few are copied often; one paragraph in four is edited."""
    origin, paragraphs = recent[min(int(rnd.zipf(1.3)), len(recent)) - 1]
    return origin, [edited(rnd, text) if rnd.random() < 0.25 else text for text in paragraphs]


def edited(rnd: np.random.Generator, text: str) -> str:
    places = np.flatnonzero(rnd.random(len(text)) < rnd.choice([0.005, 0.01, 0.02, 0.05]))
    letters = list(text)
    for place in places.tolist():
        letters[place] = chr(0x4E00 + int(rnd.integers(3_000)))
    return "".join(letters)


def foot(rnd: np.random.Generator, source: int) -> str:
    """Write what a source has under every page: a fixed text, and who edited this one."""
    fixed = np.random.default_rng(source).integers(0x4E00, 0x6E00, 60)
    return "".join(map(chr, fixed.tolist())) + "责任编辑：" + chr(0x4E00 + int(rnd.integers(400)))


def measure(kind: str, folder: Path, known: Verified | None) -> None:
    files = sorted((folder / kind).glob("??????.npy"))
    starts: list[int] = []
    total = 0
    for file in files:
        starts.append(total)
        total += int(np.load(file, mmap_mode="r")[1])

    @lru_cache(maxsize=1)
    def opened(part: int):
        return files[part].with_suffix(".text").open("rb"), np.load(
            files[part].with_suffix(".ends.npy")
        ).tolist()

    asked = 0

    def texts_of(places):
        nonlocal asked
        asked += len(places)
        for place in places.tolist():
            part = bisect.bisect_right(starts, place) - 1
            texts, ends = opened(part)
            at = place - starts[part]
            texts.seek(ends[at])
            yield texts.read(ends[at + 1] - ends[at]).decode()

    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    found = cluster(lambda: (Sketches.unpacked(np.load(file)) for file in files), texts_of, known=known)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if known is None:
        np.save(folder / f"{kind}-verified.npy", found.verified.packed())
    print(
        f"| {kind} | {'again' if known else 'first'} | {total:,} | {spent:.1f} s | {peak:.0f} MB "
        f"| {floor:.0f} MB | {len(np.unique(found.first)):,} | {len(found.verified.shared):,} | {asked:,} "
        f"| {judged(found.first, np.load(folder / f'{kind}.npy')) if kind == 'documents' else '– | –'} |",
        flush=True,
    )


def judged(first, origins) -> str:
    """Return the share of reposts that are with their original, and how many texts are with another's."""
    copies = origins != np.arange(len(origins))
    recall = (first[copies] == first[origins[copies]]).mean()
    return f"{recall:.2%} | {(origins[first] != origins).sum():,}"


def main(count: int, folder: Path) -> None:
    print("## Out of core\n\nCommand: `python benchmarks/duplicates_scale.py 100000 FOLDER`.")
    print(
        "Drawn Chinese text, one document in five a repost; CPU of one process, which reads what it needs.\n"
    )
    # A child begins with its parent's peak memory, so this process must stay small.
    subprocess.run([sys.executable, __file__, "--make", str(count), str(folder)], check=True)
    print(
        "| texts | run | number | CPU | peak memory | at start | clusters | pairs | texts read "
        "| reposts found | wrong |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for kind in ("documents", "paragraphs"):
        for run in ("first", "again"):
            subprocess.run([sys.executable, __file__, "--measure", kind, run, str(folder)], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "--make":
        make(int(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1] == "--measure":
        kind, run, folder = sys.argv[2], sys.argv[3], Path(sys.argv[4])
        kept = folder / f"{kind}-verified.npy"
        measure(kind, folder, Verified.unpacked(np.load(kept)) if run == "again" else None)
    else:
        main(int(sys.argv[1]), Path(sys.argv[2]))
