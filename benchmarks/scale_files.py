"""Generated pages on disk: `python benchmarks/scale_files.py COUNT FOLDER [--form html|warc|parquet] …`.

Pages are written as they are made, none is kept. A WARC has one gzip stream a record, as crawlers write it, a
Parquet file row groups of 100. Beside the raw files may stand annotations: a stance toward the first
paragraph of every hundredth page.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from scale_pages import LARGEST, SMALLEST, made

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scale_pages import Made

ROW_GROUP = 100
ANNOTATED = 100
"""One page in so many has an annotation."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", choices=("html", "warc", "parquet"), default="warc")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--pages-a-file", type=int, help="pages of a WARC or Parquet file; all in one by default"
    )
    parser.add_argument("--untold", action="store_true", help="WARC records without their payload type")
    given = parser.parse_args()
    pages = (made(number, given.seed) for number in range(given.count))
    size = write(pages, given.folder, given.form, given.pages_a_file, told=not given.untold)
    print(f"{given.count} pages, {size / given.count / 1000:.1f} KB on average, in {given.folder}")


def write(
    pages: Iterable[Made], folder: Path, form: str, most: int | None = None, *, told: bool = True
) -> int:
    """Write pages below a folder, at most `most` in a WARC or Parquet file; return their bodies' bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    if form == "html":
        return sum(_html(page, folder) for page in pages)
    total = 0
    for number, some in enumerate(_batches(pages, most)):
        path = folder / f"crawl-{number:06}.{'warc.gz' if form == 'warc' else 'parquet'}"
        total += _warc(some, path, told=told) if form == "warc" else _parquet(some, path)
    return total


def project(
    root: Path,
    count: int,
    form: str,
    most: int | None = None,
    sizes: tuple[int, int] = (SMALLEST, LARGEST),
) -> tuple[Path, int]:
    """A project of `count` pages and its annotations (html alone), made once, and the bytes of the bodies."""
    noted = root / "bytes.txt"
    if not noted.exists():
        subprocess.run([sys.executable, "-m", "corpus", "init", root], check=True, stdout=subprocess.DEVNULL)
        size = write((made(number, 0, sizes) for number in range(count)), root / "raw", form, most)
        if form == "html":
            lines = annotations(count, 0, sizes)
            (root / "annotations/stance/gold.jsonl").write_text("".join(lines), "utf-8")
        noted.write_text(str(size), "utf-8")
    return root, int(noted.read_text("utf-8"))


def annotations(count: int, seed: int = 0, sizes: tuple[int, int] = (SMALLEST, LARGEST)) -> Iterator[str]:
    """The annotation lines of `count` pages that lie as HTML files."""
    for number in range(0, count, ANNOTATED):
        page = made(number, seed, sizes)
        encoding = "utf-8" if page.content_type.endswith("utf-8") else "gb18030"
        quote = page.paragraphs[0]
        start = page.body.decode(encoding).index(quote)
        line = {
            "id": f"gold-{number}",
            "document_id": page.path.removesuffix(".html"),
            "layer": "stance",
            "label": "favor",
            "target": "my-target",
            "quote": {"exact": quote, "prefix": "", "suffix": ""},
            "raw": {
                "sha256": hashlib.sha256(page.body).hexdigest(),
                "start": start,
                "end": start + len(quote),
            },
            "annotator": "gold",
            "guideline": "1.0",
            "created_at": "2025-12-01T00:00:00Z",
            "note": None,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _batches(pages: Iterable[Made], most: int | None) -> Iterator[Iterator[Made]]:
    """Yield iterators of at most `most` pages each; each must be used up before the next."""
    left = iter(pages)
    for first in left:
        yield _some(first, left, most)


def _some(first: Made, left: Iterator[Made], most: int | None) -> Iterator[Made]:
    yield first
    for number, page in enumerate(left, 2):
        yield page
        if number == most:
            return


def _html(page: Made, folder: Path) -> int:
    to = folder / page.path
    to.parent.mkdir(exist_ok=True)
    return to.write_bytes(page.body)


def _warc(pages: Iterable[Made], path: Path, *, told: bool) -> int:
    """Write an archive; `told` adds the payload type to each record, as Common Crawl's have it."""
    total = 0
    with path.open("wb") as file:
        note = b"software: generated pages\r\n"
        file.write(_record("warcinfo", path.name, b"application/warc-fields", note, b""))
        for page in pages:
            told_by_server = f"Content-Type: {page.content_type}\r\nContent-Length: {len(page.body)}"
            answer = f"HTTP/1.1 200 OK\r\n{told_by_server}\r\n\r\n"
            more = f"WARC-Target-URI: {page.url}\r\n" + "WARC-Identified-Payload-Type: text/html\r\n" * told
            kind = b"application/http; msgtype=response"
            file.write(_record("response", page.url, kind, answer.encode() + page.body, more.encode()))
            total += len(page.body)
    return total


def _record(kind: str, name: str, content_type: bytes, block: bytes, more: bytes) -> bytes:
    """One WARC record as a gzip stream of its own."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, name)
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{identifier}>\r\n"
        f"WARC-Date: 2025-12-01T00:00:00Z\r\nContent-Length: {len(block)}\r\nContent-Type: "
    ).encode()
    return gzip.compress(head + content_type + b"\r\n" + more + b"\r\n" + block + b"\r\n\r\n", 6, mtime=0)


def _parquet(pages: Iterable[Made], path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema({"id": "string", "url": "string", "html": "binary", "content_type": "string"})
    total = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for some in _batches(pages, ROW_GROUP):
            rows = [
                {
                    "id": page.path.removesuffix(".html"),
                    "url": page.url,
                    "html": page.body,
                    "content_type": page.content_type,
                }
                for page in some
            ]
            file.write_table(pa.Table.from_pylist(rows, schema))
            total += sum(len(row["html"]) for row in rows)
    return total


if __name__ == "__main__":
    main()
