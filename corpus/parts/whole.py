"""A part with what only the whole corpus tells of it: splits, near-duplicates, licences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from corpus import code
from corpus.parts import pages, remarks
from corpus.parts.mapping import Damaged
from corpus.schema import FLAT, frame
from corpus.schema.parts import Part
from corpus.store import read_frame

if TYPE_CHECKING:
    from corpus.store import Store


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
    return code.digest(("polars",), ("parts/remarks.py", "parts/whole.py", *pages.TABLES_CODE))


def part(loading: Loading, document_ids: tuple[str, ...]) -> Part:
    """Make a part that `loading` loads."""
    told = [getattr(loading, name) for name in Loading.__slots__ if name != "store"]
    key = hashlib.sha256(json.dumps([code_version(), told]).encode()).hexdigest()
    return Part(key, document_ids, loading)
