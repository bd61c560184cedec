"""How well encodings are told: decoders against encoding_rs, detectors and claims on real pages.

Needs the folders `hostile/` and `pages/` of test material; prints Markdown.
Run: python benchmarks/decode.py ../shared > docs/benchmarks-decode.md
"""

from __future__ import annotations

import collections
import gzip
import json
import re
import sys
import time
from pathlib import Path

import chardet
import opencc
from turbohtml.detect import detect

from corpus.decode import decode

LEGACY = {
    "zh": ["gbk"],
    "zh-Hant": ["big5"],
    "ja": ["shift_jis", "euc-jp", "iso-2022-jp"],
    "ko": ["euc-kr"],
    "ru": ["windows-1251", "koi8-r"],
    "de": ["windows-1252"],
    "fr": ["windows-1252"],
    "es": ["windows-1252"],
    "pl": ["iso-8859-2", "windows-1250"],
    "hu": ["iso-8859-2"],
    "it": ["windows-1252"],
}
PYTHON = {"gbk": "gb18030", "big5": "big5hkscs", "euc-kr": "cp949", "shift_jis": "cp932"}
DOUBLE = {"gbk", "big5", "shift_jis", "euc-jp", "euc-kr"}
WRONG = ["gbk", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1252", "utf-8", "no-such-label"]
REFERENCE = {
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "big5": "big5",
    "euc-kr": "euc_kr",
    "shift_jis": "shift_jis",
    "euc-jp": "jis0208",
    "iso-2022-jp": "iso_2022_jp",
}


def main(shared: Path) -> None:
    print("# Encodings\n\nCommand: `python benchmarks/decode.py ../shared`\n")
    decoders(shared / "hostile" / "encoding_rs" / "tests" / "test_data")
    pages = list(excerpts(shared / "pages" / "dev"))
    detectors(pages)
    claims(pages)
    speed()


def decoders(folder: Path) -> None:
    print("## Decoders: lines that differ from the reference of encoding_rs\n")
    print("| encoding | lines | used here | Python's own |\n|---|---|---|---|")
    for label, file in REFERENCE.items():
        bodies = (folder / f"{file}_in.txt").read_bytes().split(b"\n")
        wanted = (folder / f"{file}_in_ref.txt").read_bytes().decode().split("\n")
        wrong = [
            sum(body.decode(codec, "replace") != want for body, want in zip(bodies, wanted, strict=True))
            for codec in (f"whatwg-{label}", label)
        ]
        print(f"| {label} | {len(bodies):,} | {wrong[0]:,} | {wrong[1]:,} |")


def excerpts(folder: Path):
    """Yield (language, encoding, kind, body): pages and pieces in legacy encodings of their language."""
    to_traditional = opencc.OpenCC("s2t")
    texts = collections.defaultdict(list)
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        page = json.loads(line)
        if page["dataset"] == "plaindump" or len(texts[page["language"]]) >= 25:
            continue
        body = gzip.decompress((folder / page["path"]).read_bytes())
        text = body.decode(page["encoding"].split()[0], "replace").replace("\ufffd", "").lstrip("\ufeff")
        texts[page["language"]].append(re.sub(r"(?s)<(script|style).*?</\1>", " ", text))
    texts["zh-Hant"] = [to_traditional.convert(text) for text in texts["zh"]]
    for language, encodings in LEGACY.items():
        for encoding in encodings:
            for text in texts[language]:
                plain = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))
                at = len(plain) // 3
                for kind, piece in (
                    ("page", text),
                    ("2,000 characters", plain[at : at + 2000]),
                    ("200", plain[at : at + 200]),
                    ("40", plain[at : at + 40]),
                ):
                    body = piece.encode(PYTHON.get(encoding, encoding), "ignore")
                    if not body.isascii() or b"\x1b" in body:
                        yield language, encoding, kind, body


def detectors(pages) -> None:
    print("\n## Detection without a declaration: right texts\n")
    names = " | ".join(f"{width}: {name}" for width in ("double-byte", "single-byte") for name in READERS)
    print(f"| excerpt | {names} |\n|---|---|---|---|---|---|---|")
    right, total, spent = collections.Counter(), collections.Counter(), collections.Counter()
    for _, encoding, kind, body in pages:
        wanted = body.decode(f"whatwg-{encoding}")
        width = encoding in DOUBLE or encoding == "iso-2022-jp"
        total[kind, width] += 1
        for name, read in READERS.items():
            start = time.process_time()
            text = read(body)
            spent[name] += time.process_time() - start
            right[kind, width, name] += text == wanted
    for kind in ("page", "2,000 characters", "200", "40"):
        cells = [
            f"{right[kind, width, name]}/{total[kind, width]}" for width in (True, False) for name in READERS
        ]
        print(f"| {kind} | {' | '.join(cells)} |")
    print("\nCPU: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in spent.items()) + ".")


def claims(pages) -> None:
    print("\n## Declarations: right texts\n")
    print("| excerpt | right claim | wrong claim, one side double-byte | no such label, or utf-8 |")
    print("|---|---|---|---|")
    right, total = collections.Counter(), collections.Counter()
    for _, encoding, kind, body in pages:
        wanted = body.decode(f"whatwg-{encoding}")
        for claim in {*WRONG, encoding}:
            sort = (
                "right" if claim == encoding else "none" if claim in {"utf-8", "no-such-label"} else "wrong"
            )
            if sort == "wrong" and not {claim, encoding} & DOUBLE:
                continue
            total[kind, sort] += 1
            right[kind, sort] += decode(body, f"text/html; charset={claim}", "text").text == wanted
    for kind in ("page", "2,000 characters", "200", "40"):
        print(
            f"| {kind} | "
            + " | ".join(f"{right[kind, sort]}/{total[kind, sort]}" for sort in ("right", "wrong", "none"))
            + " |"
        )


def speed() -> None:
    page = "<html><head><meta charset=utf-8></head>" + "<p>港口海关昨天公布了检查结果。</p>\n" * 2200
    print("\n## Speed\n\n| 100 KB page | best of 50 |\n|---|---|")
    for codec in ("utf-8", "gbk"):
        body = page.replace("utf-8", codec).encode(codec)[:100_000]
        best = min(timed(body) for _ in range(50))
        print(f"| {codec} | {best * 1e3:.2f} ms |")


def timed(body: bytes) -> float:
    start = time.perf_counter()
    decode(body)
    return time.perf_counter() - start


def with_turbohtml(body: bytes) -> str:
    return body.decode(detect(b" " * 1024 + body).codec or "latin-1")


def with_chardet(body: bytes) -> str:
    found = chardet.detect(body, prefer_superset=True, compat_names=False)["encoding"]
    return body.decode(found or "latin-1", "replace")


READERS = {
    "corpus.decode": lambda body: decode(body, format="text").text,
    "turbohtml": with_turbohtml,
    "chardet": with_chardet,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
