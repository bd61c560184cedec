"""What only the whole corpus tells of a part: near-duplicates, splits, licences; and the part with them."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from corpus import code
from corpus.duplicates import Sketches, Verified, cluster
from corpus.parts import pages, remarks
from corpus.parts.mapping import Damaged
from corpus.schema import FLAT, frame
from corpus.schema.parts import Part
from corpus.store import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.parts.pages import Counts
    from corpus.store import Store

MEMORY = 64 << 20
"""Bytes that looking for near-duplicates may take."""


class Piece(NamedTuple):
    """A part's pages in the store: documents `start` to `end` of the corpus, end exclusive."""

    key: str
    start: int
    end: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Loading:
    """Loads the flat tables of a part. `copies` are places and clusters of repeated paragraphs."""

    store: Store
    pages: str
    remarks: str | None
    splits: tuple[str, ...]
    clusters: tuple[str, ...]
    copies: tuple[tuple[int, str], ...]
    licences: tuple[str, ...]
    publishers: tuple[str | None, ...]

    def __call__(self) -> dict[str, pl.DataFrame]:
        """Read the tables; raises Damaged where the store does not have them whole."""
        documents, paragraphs, segments, blocks = pages.frames(
            self.store, self.pages, "documents", "paragraphs", "segments", "blocks"
        )
        documents = documents.with_columns(
            pl.Series("split", self.splits, pl.String),
            pl.Series("duplicate_cluster", self.clusters, pl.String),
            pl.Series("licence", self.licences, pl.String),
            pl.coalesce("publisher", pl.Series(self.publishers, dtype=pl.String)).alias("publisher"),
        ).select(FLAT["documents"].names)
        names = paragraphs["paragraph_id"]
        if self.copies:
            places, clusters = zip(*self.copies, strict=True)
            names = names.scatter(list(places), list(clusters))
        paragraphs = paragraphs.with_columns(names.alias("duplicate_cluster"))
        made = {"documents": documents, "paragraphs": paragraphs, "segments": segments, "blocks": blocks}
        return made | self._remarks()

    def _remarks(self) -> dict[str, pl.DataFrame]:
        if self.remarks is None:
            return {name: frame(name) for name in remarks.TABLES}
        place = self.store.get(remarks.KIND, self.remarks)
        if place is None:
            raise Damaged(f"{self.store.folder}: found the annotations {self.remarks} damaged; build again")
        return {name: read_frame(place / f"{name}.arrow") for name in remarks.TABLES}


@cache
def code_version() -> str:
    """Return a digest of what puts the tables of a part together."""
    return code.digest(("polars",), ("parts", "schema"))


def part(loading: Loading, document_ids: tuple[str, ...]) -> Part:
    """Make a part that `loading` loads."""
    told = [getattr(loading, name) for name in Loading.__slots__ if name != "store"]
    key = hashlib.sha256(json.dumps([code_version(), told]).encode()).hexdigest()
    return Part(key, document_ids, loading)


def document_clusters(store: Store, pieces: Sequence[Piece], known: Path, scratch: Path) -> NDArray[np.int64]:
    """Return, for each document by its place among all, the place of the first of its near-duplicates."""

    def texts(piece: Piece, places: NDArray[np.int64]) -> Iterator[str]:
        [paragraphs] = pages.frames(store, piece.key, "paragraphs")
        whole = paragraphs.sort("document_id", "position").group_by("document_id", maintain_order=True)
        held = dict(whole.agg(pl.col("text").str.join("\n")).iter_rows())
        [documents] = pages.frames(store, piece.key, "documents")
        ids = documents["document_id"]
        return (held.get(ids[place], "") for place in places.tolist())

    begins = np.array([piece.start for piece in pieces], np.int64)
    near = _Near(pages.DOCUMENT_SKETCHES, begins, texts)
    return _clusters(store, pieces, near, known, scratch)


def paragraph_clusters(
    store: Store, pieces: Sequence[Piece], known: Path, scratch: Path
) -> NDArray[np.int64]:
    """Return, for each paragraph by its place among all, the place of the first of its near-duplicates."""

    def texts(piece: Piece, places: NDArray[np.int64]) -> Iterator[str]:
        column = read_frame(pages.found(store, piece.key, "paragraphs.arrow") / "paragraphs.arrow", ["text"])[
            "text"
        ]
        return iter(column.gather(places).to_list())

    near = _Near(pages.PARAGRAPH_SKETCHES, starts(pieces), texts)
    return _clusters(store, pieces, near, known, scratch)


def starts(pieces: Sequence[Piece]) -> NDArray[np.int64]:
    """Return the place of each part's first paragraph among all paragraphs."""
    counts = np.array([piece.counts.paragraphs for piece in pieces], np.int64)
    return np.cumsum(counts) - counts


class _Near(NamedTuple):
    """Texts of a kind: the file of a part's sketches, the place of its first, and how its texts are read."""

    file: str
    begins: NDArray[np.int64]
    texts: Callable[[Piece, NDArray[np.int64]], Iterator[str]]


def _clusters(
    store: Store, pieces: Sequence[Piece], near: _Near, known: Path, scratch: Path
) -> NDArray[np.int64]:
    def sketches() -> Iterator[Sketches]:
        for piece in pieces:
            yield Sketches.unpacked(
                np.load(pages.found(store, piece.key, near.file) / near.file, mmap_mode="r")
            )

    def texts_of(places: NDArray[np.int64]) -> Iterator[str]:
        owners = np.searchsorted(near.begins, places, "right") - 1
        for owner in np.unique(owners).tolist():
            yield from near.texts(pieces[owner], places[owners == owner] - near.begins[owner])

    verified = None
    with suppress(OSError, ValueError):
        verified = Verified.unpacked(np.load(known, allow_pickle=False))
    made = cluster(sketches, texts_of, memory=MEMORY, known=verified, scratch=scratch)
    with suppress(OSError):
        np.save(known, made.verified.packed(), allow_pickle=False)
    return made.first


def copies(
    store: Store, pieces: Sequence[Piece], first: NDArray[np.int64]
) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield, for each part, the places of paragraphs that repeat others, with the name of their cluster."""
    others = np.flatnonzero(first != np.arange(len(first)))
    begins = starts(pieces)
    names = _names(store, pieces, begins, np.unique(first[others]))
    for begin, piece in zip(begins.tolist(), pieces, strict=True):
        end = begin + piece.counts.paragraphs
        mine = others[np.searchsorted(others, begin) : np.searchsorted(others, end)]
        yield tuple((place - begin, names[int(first[place])]) for place in mine.tolist())


def _names(
    store: Store, pieces: Sequence[Piece], begins: NDArray[np.int64], places: NDArray[np.int64]
) -> Mapping[int, str]:
    """Return the ids of paragraphs by their places among all."""
    owners = np.searchsorted(begins, places, "right") - 1
    found: dict[int, str] = {}
    for owner in np.unique(owners).tolist():
        mine = places[owners == owner]
        place = pages.found(store, pieces[owner].key, "paragraphs.arrow")
        ids = read_frame(place / "paragraphs.arrow", ["paragraph_id"])["paragraph_id"]
        found |= zip(mine.tolist(), ids.gather(mine - begins[owner]).to_list(), strict=True)
    return found
