"""A part's pages as flat tables, from what cleaning them gave: without what the whole corpus decides.

The columns `split`, `licence` and `duplicate_cluster`, and a source's declared publisher, come later
(`corpus.parts.whole`): they change without the page.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from corpus import code
from corpus.cache import key as cache_key
from corpus.duplicates import sketch
from corpus.join import facts
from corpus.kept import recalled
from corpus.listing import Listing
from corpus.packing import unpack
from corpus.paragraphs import paragraphs
from corpus.parts.mapping import Damaged
from corpus.records import Document, Page
from corpus.schema import FLAT, polars_schema
from corpus.standing import trimmed
from corpus.store import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from corpus.listing import Listed
    from corpus.store import Store

    Columns = dict[str, dict[str, list[Any]]]

KIND = "pages"
COUNTS, DOCUMENT_SKETCHES, PARAGRAPH_SKETCHES = "counts.json", "documents.npy", "paragraphs.npy"
_TABLES = ("documents", "paragraphs", "segments", "blocks")
_LATER = {"documents": ("split", "licence", "duplicate_cluster"), "paragraphs": ("duplicate_cluster",)}


class Task(NamedTuple):
    """The pages of a part: those from `first` to `last` but `without`; lines that recur, by document."""

    key: str
    first: str
    last: str
    without: frozenset[str]
    recur: Mapping[str, bytes]


class Counts(NamedTuple):
    """How much a part holds."""

    documents: int
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Bench:
    """Where parts are made: the caches, the list and the store, the version of the code that cleaned.

    `run` is another word for each run, so that none reads by what an earlier one opened.
    """

    folders: tuple[Path, ...]
    listing: Path
    store: Store
    version: str
    run: str


TABLES_CODE = ("records.py", "schema/declaration.py", "schema/frames.py", "schema/tables.py", "store.py")
"""What decides how any table is kept."""

_CODE = (
    *("clean/recurring.py", "duplicates", "join.py", "packing.py", "paragraphs.py", "parts/pages.py"),
    "standing.py",
)


@cache
def code_version() -> str:
    """Return a digest of what makes rows of what cleaning gave."""
    return code.digest(("numpy", "opencc", "polars"), (*_CODE, *TABLES_CODE))


def told(page: Listed, recur: bytes) -> bytes:
    """Return what a page adds to the key of its part."""
    facts = [page.document_id, page.raw_path, page.raw_sha256, page.format, page.about.hex(), recur.hex()]
    return json.dumps(facts).encode()


@dataclass(frozen=True, slots=True)
class Making:
    """Makes the pages of a part and puts them into the store; it can be sent to another process."""

    bench: Bench

    def __call__(self, task: Task) -> tuple[str, ...]:
        """Make a part; returns the raw files whose pages the caches do not hold: then nothing was made."""
        columns, texts, missing = _empty(), [], []
        for page in listed(self.bench).between(task.first, task.last):
            if page.document_id in task.without:
                continue
            document = read(page, self.bench, task.recur.get(str(page.document_id), b""))
            if document is None:
                missing.append(page.raw_path)
            else:  # a document takes ten times the memory of its columns
                _add(document, page.raw_chars, columns)
                texts.append(document.text)
        if not missing:
            write = partial(_write, columns=columns, texts=texts)
            self.bench.store.put(KIND, task.key, write, (task.first, task.last))
        return tuple(missing)


def read(page: Listed, bench: Bench, recur: bytes, raw: str | None = None) -> Document | None:
    """Return the document of a page as the caches hold it, without lines that recur; None if none does."""
    packed = recalled(bench.folders, bench.run, cache_key(bench.version, page.about))
    document_id, form = str(page.document_id), page.format
    bare = Page(b"", form, page.raw_sha256, page.raw_path, document_id)  # type: ignore[arg-type]
    try:
        document = unpack(packed, bare, paragraphs, page.about, raw) if packed else None
    except ValueError:
        return None
    if document and recur:
        return trimmed(document, frozenset(recur[at : at + 8] for at in range(0, len(recur), 8)))
    return document


def listed(bench: Bench) -> Listing:
    """Open the list in this process."""
    return _listing(bench.listing, bench.run)


@lru_cache(maxsize=1)
def _listing(path: Path, run: str) -> Listing:  # noqa: ARG001 - part of the key
    return Listing(path)


def _write(to: Path, columns: Columns, texts: Sequence[str]) -> None:
    for name in _TABLES:
        kinds = {each: kind for each, kind in polars_schema(FLAT[name]).items() if each in columns[name]}
        rows = pl.DataFrame({each: columns[name].pop(each) for each in kinds}, kinds).sort(FLAT[name].key)
        write_frame(rows, to / f"{name}.arrow")
        if name == "paragraphs":
            ordered = rows["text"].to_list()
    np.save(to / PARAGRAPH_SKETCHES, sketch(ordered).packed())
    np.save(to / DOCUMENT_SKETCHES, sketch(texts).packed())
    (to / COUNTS).write_text(json.dumps(Counts(len(texts), len(ordered))), "utf-8")


def counts(store: Store, key: str) -> Counts | None:
    """Return how much a part holds; None where the store does not have it."""
    place = store.get(KIND, key, (COUNTS,))
    return Counts(*json.loads((place / COUNTS).read_text("utf-8"))) if place else None


def frames(store: Store, key: str, *names: str) -> list[pl.DataFrame]:
    """Read tables of a part; raises Damaged where the store does not have them whole."""
    files = [f"{name}.arrow" for name in names]
    place = found(store, key, *files)
    return [read_frame(place / name) for name in files]


def selected(store: Store, key: str, name: str, columns: list[str]) -> pl.DataFrame:
    """Read some columns of a table of a part; raises Damaged where the store does not have it whole."""
    file = f"{name}.arrow"
    return read_frame(found(store, key, file) / file, columns)


def found(store: Store, key: str, *files: str) -> Path:
    """Return where files of a part lie; raises Damaged where the store does not have them whole."""
    place = store.get(KIND, key, files)
    if place is None:
        raise Damaged(f"{store.folder}: found the part {key} damaged; build again")
    return place


def digest(*told: bytes) -> str:
    """Return a key of what a result is made from."""
    return hashlib.sha256(b"\0".join(told)).hexdigest()


def _empty() -> Columns:
    return {
        name: {each: [] for each in FLAT[name].names if each not in _LATER.get(name, ())} for name in _TABLES
    }


def _add(document: Document, raw_chars: int, columns: Columns) -> None:
    """Lay out a document as columns, a list each: rows would take several times as long."""
    for name, value in facts(document, raw_chars).items():
        columns["documents"][name].append(value)
    _add_paragraphs(document, columns["paragraphs"], columns["segments"])
    _add_blocks(document, columns["blocks"])


def _add_paragraphs(document: Document, rows: dict[str, list[Any]], segments: dict[str, list[Any]]) -> None:
    for paragraph in document.paragraphs:
        rows["paragraph_id"].append(paragraph.paragraph_id)
        rows["document_id"].append(document.document_id)
        rows["position"].append(paragraph.position)
        rows["role"].append(paragraph.role)
        rows["text"].append(paragraph.text)
        rows["language"].append(paragraph.language)
        rows["raw_start"].append(paragraph.raw_start)
        rows["raw_end"].append(paragraph.raw_end)
        count = len(paragraph.segments)
        segments["paragraph_id"].extend(repeat(paragraph.paragraph_id, count))
        segments["position"].extend(range(count))
        for name, column in zip(
            ("start", "end", "raw_start", "raw_end"), zip(*paragraph.segments, strict=True), strict=True
        ):
            segments[name].extend(column)


def _add_blocks(document: Document, rows: dict[str, list[Any]]) -> None:
    blocks = document.blocks
    rows["document_id"].extend(repeat(document.document_id, len(blocks)))
    rows["position"].extend(range(len(blocks)))
    for name in ("raw_start", "raw_end", "text", "role", "rule"):
        rows[name].extend(getattr(block, name) for block in blocks)
