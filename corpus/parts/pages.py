"""A part's pages as flat tables, from what cleaning them gave: without what the whole corpus decides.

The columns `split`, `licence` and `duplicate_cluster`, and a source's declared publisher, come later
(`corpus.parts.whole`): they change without the page.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from corpus import code
from corpus.cache import key as cache_key
from corpus.duplicates import sketch
from corpus.join import facts
from corpus.kept import recalled
from corpus.listing import Listing
from corpus.packing import Packed
from corpus.paragraphs import paragraphs
from corpus.parts.mapping import Damaged
from corpus.records import Page
from corpus.schema import FLAT, polars_schema
from corpus.standing import trimmed
from corpus.store import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from corpus.listing import Listed
    from corpus.packing import Columns
    from corpus.records import Block, Document
    from corpus.store import Store

KIND = "pages"
COUNTS, DOCUMENT_SKETCHES, PARAGRAPH_SKETCHES = "counts.json", "documents.npy", "paragraphs.npy"
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
        rows, missing = _Rows(), []
        for page in listed(self.bench).between(task.first, task.last):
            if page.document_id in task.without:
                continue
            known = _recalled(page, self.bench)
            if known is None or not rows.add(page, known, task.recur.get(str(page.document_id), b"")):
                missing.append(page.raw_path)
        if not missing:
            self.bench.store.put(KIND, task.key, rows.write, (task.first, task.last))
        return tuple(missing)


def read(page: Listed, bench: Bench, recur: bytes, raw: str) -> Document | None:
    """Return the document of a page as the caches hold it, without lines that recur; None if none does."""
    known = _recalled(page, bench, raw)
    try:
        document = known.document(_bare(page), paragraphs) if known else None
    except ValueError:
        return None
    return trimmed(document, _lines(recur)) if document and recur else document


def _recalled(page: Listed, bench: Bench, raw: str | None = None) -> Packed | None:
    packed = recalled(bench.folders, bench.run, cache_key(bench.version, page.about))
    try:
        return Packed(packed, page.about, raw) if packed else None
    except ValueError:
        return None


def _bare(page: Listed) -> Page:
    form: Any = page.format
    return Page(b"", form, page.raw_sha256, page.raw_path, str(page.document_id))


def _lines(recur: bytes) -> frozenset[bytes]:
    return frozenset(recur[at : at + 8] for at in range(0, len(recur), 8))


def listed(bench: Bench) -> Listing:
    """Open the list in this process."""
    return _listing(bench.listing, bench.run)


@lru_cache(maxsize=1)
def _listing(path: Path, run: str) -> Listing:  # noqa: ARG001 - part of the key
    return Listing(path)


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
        raise _damaged(store, key)
    return place


def held(store: Store, key: str, file: str) -> bytes:
    """Read a file of a part; raises Damaged where the store does not have it whole."""
    read = store.read(KIND, key, file)
    if read is None:
        raise _damaged(store, key)
    return read


def _damaged(store: Store, key: str) -> Damaged:
    return Damaged(f"{store.folder}: found the part {key} damaged; build again")


def digest(*told: bytes) -> str:
    """Return a key of what a result is made from."""
    return hashlib.sha256(b"\0".join(told)).hexdigest()


class _Rows:
    """The rows of a part's pages, as columns: a document as an object takes ten times as much memory.

    Most rows are blocks; no object is made of those that were not kept.
    """

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, list[Any]]] = {
            name: {each: [] for each in FLAT[name].names if each not in _LATER.get(name, ())}
            for name in ("documents", "paragraphs", "segments")
        }
        self._texts: list[str] = []
        self._blocks: list[Columns] = []

    def add(self, page: Listed, known: Packed, recur: bytes) -> bool:
        """Add a page, without lines that recur; False where the cache does not hold it whole."""
        kept = known.kept()
        try:
            document = known.document(_bare(page), paragraphs, kept)
        except ValueError:
            return False
        blocks = known.columns
        if recur:
            document = trimmed(document, _lines(recur))
            blocks = _renamed(blocks, kept, document.blocks)
        for name, value in facts(document, page.raw_chars).items():
            self._columns["documents"][name].append(value)
        _add_paragraphs(document, self._columns["paragraphs"], self._columns["segments"])
        self._blocks.append(blocks)
        self._texts.append(document.text)
        return True

    def write(self, to: Path) -> None:
        """Write the tables, and the sketches of documents and paragraphs."""
        for name, columns in self._columns.items():
            kinds = {each: kind for each, kind in polars_schema(FLAT[name]).items() if each in columns}
            rows = pl.DataFrame(columns, kinds).sort(FLAT[name].key)
            write_frame(rows, to / f"{name}.arrow")
            if name == "paragraphs":
                ordered = rows["text"].to_list()
        write_frame(_blocks(self._columns["documents"]["document_id"], self._blocks), to / "blocks.arrow")
        np.save(to / PARAGRAPH_SKETCHES, sketch(ordered).packed())
        np.save(to / DOCUMENT_SKETCHES, sketch(self._texts).packed())
        (to / COUNTS).write_text(json.dumps(Counts(len(self._texts), len(ordered))), "utf-8")


def _renamed(columns: Columns, kept: NDArray[np.int64], blocks: Sequence[Block]) -> Columns:
    """Give the kept blocks of a page the roles and rules that they have now."""
    kinds = dict.fromkeys([*columns.kinds, *((block.role, block.rule) for block in blocks)])
    numbers = {kind: number for number, kind in enumerate(kinds)}
    kind = columns.kind.copy()
    kind[kept] = [numbers[block.role, block.rule] for block in blocks]
    return columns._replace(kind=kind, kinds=list(kinds))


def _blocks(document_ids: Sequence[str], pages: Sequence[Columns]) -> pl.DataFrame:
    """Make the table of the blocks of documents, which come in the order of their ids."""
    counts = np.array([len(page.kind) for page in pages], np.int64)
    owners = np.repeat(np.arange(len(pages)), counts)
    begins = np.repeat(np.cumsum(counts) - counts, counts)
    kinds = [kind for page in pages for kind in page.kinds]
    before = np.cumsum([0, *(len(page.kinds) for page in pages)])[:-1]
    kind = pl.Series(_joined(page.kind for page in pages) + np.repeat(before, counts))
    columns = {
        "document_id": pl.Series(document_ids, dtype=pl.String).gather(owners),
        "position": np.arange(len(owners)) - begins,
        "raw_start": _joined(page.raw_start for page in pages),
        "raw_end": _joined(page.raw_end for page in pages),
        "text": list(chain.from_iterable(page.text for page in pages)),
        "role": pl.Series([role for role, _ in kinds], dtype=pl.String).gather(kind),
        "rule": pl.Series([rule for _, rule in kinds], dtype=pl.String).gather(kind),
    }
    return pl.DataFrame(columns, polars_schema(FLAT["blocks"]))


def _joined(arrays: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


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
