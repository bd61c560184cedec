"""The tables while they are sifted: rows that break a rule go, with what depends on them, and are noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from corpus.schema.checks import REBUILD

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_TABLES = ("documents", "paragraphs", "segments", "blocks")
"""What a page is made of: one wrong row sets the whole document aside."""

REMARK_TABLES = ("entities", "stances", "annotations")
"""What people said about pages: a wrong row goes alone."""


class Failure(NamedTuple):
    """What breaks a rule in a column: `rows` has `row` and `found`, None where the table itself is wrong."""

    check: str
    table: str
    column: str
    expected: str
    rows: pl.DataFrame | None = None
    hint: str = REBUILD


class Sieve:
    """All tables with row numbers (`given`), what is left of them (`live`), and the failures met so far."""

    def __init__(self, given: Mapping[str, pl.DataFrame]) -> None:
        self.given = dict(given)
        self.live = dict(given)
        self.failures: list[Failure] = []
        self._lost: set[str] = set()

    def blame(self, failure: Failure) -> None:
        """Remember a failure and take its rows out; `settle` then takes out what belongs to them."""
        self.failures.append(failure)
        if failure.rows is None:
            return
        table = failure.table
        if table in PAGE_TABLES:
            rows = self.given[table].join(failure.rows.select("row").unique(), on="row")
            if table == "segments":
                owners = self.given["paragraphs"].select("paragraph_id", "document_id")
                rows = rows.join(owners, on="paragraph_id")
            self._lost.update(rows["document_id"].drop_nulls().to_list())
        self.live[table] = self.live[table].join(failure.rows.select("row"), on="row", how="anti")

    def give_up(self, failure: Failure) -> None:
        """Remember a failure of a whole table; without one of PAGE_TABLES no document can be sound."""
        self.failures.append(failure)
        for table in self.given if failure.table in PAGE_TABLES else (failure.table,):
            self.live[table] = self.live[table].clear()

    def settle(self) -> None:
        """Take out documents that have a wrong row, and all rows whose document or paragraph went."""
        lost = pl.DataFrame({"document_id": sorted(self._lost)}, schema={"document_id": pl.String})
        for table in ("documents", "paragraphs", "blocks", *REMARK_TABLES):
            self.live[table] = self.live[table].join(
                lost, on="document_id", how="anti", maintain_order="left"
            )
        documents = self.live["documents"].select("document_id").unique()
        for table in ("paragraphs", "blocks", *REMARK_TABLES):
            self.live[table] = self.live[table].join(
                documents, on="document_id", how="semi", maintain_order="left"
            )
        paragraphs = self.live["paragraphs"].select("paragraph_id").unique()
        for table in ("segments", *REMARK_TABLES):
            placed = self.live[table].join(paragraphs, on="paragraph_id", how="semi", maintain_order="left")
            orphans = self.live[table].filter(pl.col("paragraph_id").is_null())
            self.live[table] = pl.concat([placed, orphans]).sort("row")

    def set_aside(self, table: str) -> int:
        """Count the rows of a table that are gone though no rule blames them: their page went."""
        blamed = [
            failure.rows.select("row")
            for failure in self.failures
            if failure.table == table and failure.rows is not None
        ]
        wrong = pl.concat(blamed).unique().height if blamed else 0
        return self.given[table].height - self.live[table].height - wrong
