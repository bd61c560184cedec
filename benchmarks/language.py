"""Score language and script on development pages, ours beside langdetect alone.

    python benchmarks/language.py [--pages ../shared/pages/dev] [--most 2000]

Three tests. *Paragraphs*: lines of gold text, labelled with the language their page declares (a page in one
language holds names, code and quotes in others, so no method reaches 100 %). *Scripts*: Chinese lines
converted by OpenCC to simplified and to traditional (Taiwan, Hong Kong). *Mixed*: lines of Chinese pages in
which a fifth or more of the letters are Latin. Lines are sampled with a fixed seed; speed is CPU time a line.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from langdetect import DetectorFactory
from langdetect import detect as langdetect_detect
from langdetect.lang_detect_exception import LangDetectException
from opencc import OpenCC

from corpus import language

HERE = Path(__file__).resolve().parent
LENGTHS = (10, 20, 40, 80, 160)
Detector = Callable[[str], tuple[str | None, str | None]]


def ours(text: str) -> tuple[str | None, str | None]:
    found = language.detect(text)
    return found.language, found.script


def alone(text: str) -> tuple[str | None, str | None]:
    """langdetect as it comes, with a seed; its zh-cn and zh-tw read as the two scripts."""
    try:
        found = langdetect_detect(text)
    except LangDetectException:
        return None, None
    return found.split("-")[0], {"zh-cn": "Hans", "zh-tw": "Hant"}.get(found)


def lines(pages: Path, most: int) -> Iterator[tuple[str, str]]:
    """Yield (declared language, line), at most `most` a language, sampled from all pages that declare one."""
    found = defaultdict(list)
    with (pages / "manifest.jsonl").open(encoding="utf-8") as manifest:
        for row in map(json.loads, manifest):
            if row["dataset"] == "plaindump" or row["language"] == "und":
                continue
            gold = (pages / row["gt_path"]).read_text(encoding="utf-8") if row.get("gt_path") else ""
            texts = gold.split("\n") if gold else row.get("must", [])
            found[row["language"]] += [text.strip() for text in texts if text.strip()]
    sampled = random.Random(1)
    for code in sorted(found):
        for text in sampled.sample(found[code], min(most, len(found[code]))):
            yield code, text


def letters(text: str) -> int:
    return sum(char.isalpha() for char in text)


def table(rows: Iterable[tuple[str, str]], detector: Detector) -> dict[str, Counter[str]]:
    """Count right, wrong and abstained by number of letters."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for code, text in rows:
        size = letters(text)
        bucket = f"{max((least for least in LENGTHS if least <= size), default=0):>3}+"
        found = detector(text)[0]
        counts[bucket]["right" if found == code else "none" if found is None else "wrong"] += 1
    return counts


def show(name: str, counts: dict[str, Counter[str]]) -> None:
    for bucket in sorted(counts):
        row = counts[bucket]
        told = row["right"] + row["wrong"]
        share = 100 * row["right"] / told if told else 0.0
        left = row["none"]
        print(f"{name:8} {bucket} letters: {told:>5} told, {share:5.1f} % of them right, {left:>4} left open")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, default=HERE.parents[1] / "shared/pages/dev")
    parser.add_argument("--most", type=int, default=2000, help="lines a language")
    options = parser.parse_args()
    DetectorFactory.seed = 0
    rows = list(lines(options.pages, options.most))
    detectors: dict[str, Detector] = {"ours": ours, "langdetect": alone}
    for name, detector in detectors.items():
        detector("ein Satz zum Laden der Profile, und nichts weiter")
        detector("加载字表")
        begun = time.process_time()
        english = table([row for row in rows if row[0] == "en"], detector)
        chinese = table([row for row in rows if row[0] == "zh"], detector)
        others = table([row for row in rows if row[0] not in {"en", "zh"}], detector)
        spent = (time.process_time() - begun) / len(rows) * 1000
        print(f"\n{name}: {len(rows)} lines, {spent:.3f} ms a line")
        show("English", english)
        show("Chinese", chinese)
        show("others", others)
        scripts(name, detector, [text for code, text in rows if code == "zh"])
        mixed(name, detector, [text for code, text in rows if code == "zh"])


def scripts(name: str, detector: Detector, chinese: list[str]) -> None:
    texts = [text for text in chinese if ours(text)[0] == "zh" and letters(text) >= 10]
    for config, script in (("t2s", "Hans"), ("s2t", "Hant"), ("s2twp", "Hant"), ("s2hk", "Hant")):
        converter = OpenCC(config)
        found = Counter(detector(converter.convert(text)) for text in texts)
        right = found["zh", script]
        right_language = sum(times for (code, _), times in found.items() if code == "zh")
        print(f"{name:12} {config:6}: zh {right_language}/{len(texts)}, {script} {right}/{len(texts)}")


def mixed(name: str, detector: Detector, chinese: list[str]) -> None:
    """Lines with at least four Han characters, in which Latin has a fifth to four fifths of the letters."""
    texts = []
    for text in chinese:
        latin = sum(char.isascii() and char.isalpha() for char in text)
        han = sum("\u4e00" <= char <= "\u9fff" for char in text)
        if han >= 4 and 0.2 <= latin / (latin + han) <= 0.8:
            texts.append(text)
    right = sum(detector(text)[0] == "zh" for text in texts)
    print(f"{name:12} mixed : zh {right}/{len(texts)}")


if __name__ == "__main__":
    main()
