"""What must hold between rows and tables, a small rule each; within a row it is `corpus.schema.model`'s.

A rule gets the flat tables, each with its row number in a column `row`, and answers with the rows of its own
table that break it, their `row` and what was `found`: as a question, to be asked alone or with others. It may
assume that keys are unique, references hold and every row stands on its own. Lengths and slices count Unicode
code points.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


REBUILD = "run `corpus build` again; tables are made by it, not edited"
_ANCHOR = "re-anchor the annotations: `corpus build` names each one that moved or lost its place"
_MEND = "correct document_id or paragraph_id"
_SPLIT = "split again: no cluster may cross splits"


_REPEAT = re.compile(r"(-([2-9]|[1-9][0-9]+))?")


class Rule(NamedTuple):
    """A rule: its id, the table and column it blames, what it expects, the failing rows, and how to mend."""

    check: str
    table: str
    column: str
    expected: str
    failing: Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]
    hint: str = REBUILD


def _paragraph_id(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    paragraphs = tables["paragraphs"]
    columns = paragraphs.select("row", "document_id", "paragraph_id", "text")
    wrong = []
    for row, document_id, paragraph_id, text in columns.collect().iter_rows():
        stem = f"{document_id}#p-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        if not (paragraph_id.startswith(stem) and _REPEAT.fullmatch(paragraph_id, len(stem))):
            wrong.append((row, f"{paragraph_id}, where the text gives {stem}"))
    return pl.LazyFrame(wrong, schema={"row": pl.UInt32, "found": pl.String}, orient="row")


def _order_of(table: str, parent: str) -> Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]:
    def failing(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
        place = pl.int_range(pl.len()).over(parent)
        rows = tables[table].sort(parent, "position", maintain_order=True).with_columns(place=place)
        return _failing(rows, pl.col("position") != pl.col("place"), pl.col("position"))

    return failing


def _raw_bounds(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    rows = tables["paragraphs"].join(_documents(tables, "raw_chars"), on="document_id")
    found = pl.format("{} in a raw text of {}", "raw_end", "raw_chars")
    return _failing(rows, pl.col("raw_end") > pl.col("raw_chars"), found)


def _segment_order(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    rows = tables["segments"].sort("paragraph_id", "position", maintain_order=True).with_columns(
        end_before=pl.col("end").shift(1).over("paragraph_id").fill_null(0),
        raw_end_before=pl.col("raw_end").shift(1).over("paragraph_id").fill_null(0),
    )  # fmt: skip
    back = (pl.col("start") < pl.col("end_before")) | (pl.col("raw_start") < pl.col("raw_end_before"))
    found = pl.format(
        "{} (raw {}) after a segment that ends at {} (raw {})",
        "start",
        "raw_start",
        "end_before",
        "raw_end_before",
    )
    return _failing(rows, back, found)


def _segment_bounds(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    rows = tables["segments"].join(_paragraphs(tables), on="paragraph_id")
    found = pl.format("{} in a text of {}", "end", "chars")
    return _failing(rows, pl.col("end") > pl.col("chars"), found)


def _segment_cover(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    ends = tables["segments"].group_by("paragraph_id").agg(first=pl.min("raw_start"), last=pl.max("raw_end"))
    rows = tables["paragraphs"].join(ends, on="paragraph_id", how="left")
    same = (pl.col("first") == pl.col("raw_start")) & (pl.col("last") == pl.col("raw_end"))
    found = pl.format("segments over raw {} to {}", "first", "last").fill_null("no segment")
    return _failing(rows, same.not_().fill_null(value=True), found)


def _tiling(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    before = pl.col("raw_end").shift(1).over("document_id").fill_null(0)
    rows = tables["blocks"].sort("document_id", "position", maintain_order=True).with_columns(before=before)
    found = pl.format("{} after a block that ends at {}", "raw_start", "before")
    return _failing(rows, pl.col("raw_start") != pl.col("before"), found)


def _tiling_end(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    ends = tables["blocks"].group_by("document_id").agg(last=pl.max("raw_end"))
    rows = tables["documents"].join(ends, on="document_id", how="left")
    rows = rows.with_columns(pl.col("last").fill_null(0))
    found = pl.format("{}, where the blocks end at {}", "raw_chars", "last")
    return _failing(rows, pl.col("last") != pl.col("raw_chars"), found)


def _paragraph_count(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    counts = tables["paragraphs"].group_by("document_id").agg(count=pl.len().cast(pl.Int64))
    rows = (
        tables["documents"]
        .join(counts, on="document_id", how="left")
        .with_columns(pl.col("count").fill_null(0))
    )
    found = pl.format("{}, where the document has {}", "paragraphs", "count")
    return _failing(rows, pl.col("paragraphs") != pl.col("count"), found)


def _kept_chars(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    chars = pl.col("text").str.len_chars().cast(pl.Int64).sum()
    sums = tables["paragraphs"].group_by("document_id").agg(sum=chars)
    rows = (
        tables["documents"].join(sums, on="document_id", how="left").with_columns(pl.col("sum").fill_null(0))
    )
    found = pl.format("{}, where the paragraphs hold {}", "kept_chars", "sum")
    return _failing(rows, pl.col("kept_chars") != pl.col("sum"), found)


def _one_split(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    splits = pl.col("split").unique().sort().str.join(" and ").over("duplicate_cluster")
    rows = tables["documents"].with_columns(splits=splits)
    found = pl.format("{} for cluster {}", "splits", "duplicate_cluster")
    return _failing(rows, pl.col("split") != pl.col("splits"), found)


def _same_document(table: str) -> Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]:
    def failing(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
        owner = tables["paragraphs"].select("paragraph_id", owner="document_id")
        rows = tables[table].join(owner, on="paragraph_id")
        found = pl.format("{}, where the paragraph is in {}", "document_id", "owner")
        return _failing(rows, pl.col("document_id") != pl.col("owner"), found)

    return failing


def _offsets(table: str) -> Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]:
    def failing(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
        rows = tables[table].join(_paragraphs(tables), on="paragraph_id")
        found = pl.format("{} in a text of {}", "end", "chars")
        return _failing(rows, pl.col("end") > pl.col("chars"), found)

    return failing


def _quote(table: str, column: str) -> Callable[[Mapping[str, pl.LazyFrame]], pl.LazyFrame]:
    def failing(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
        rows = tables[table].join(_paragraphs(tables), on="paragraph_id")
        if table == "annotations":  # a fuzzy anchor is one whose text changed
            rows = rows.filter(pl.col("anchor").is_in(["exact", "moved"]))
        there = pl.col("paragraph").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
        rows = rows.filter(pl.col("end") <= pl.col("chars")).with_columns(there=there)
        found = pl.format("{}, where the paragraph has {} at {} to {}", column, "there", "start", "end")
        return _failing(rows, pl.col(column) != pl.col("there"), found)

    return failing


def _documents(tables: Mapping[str, pl.LazyFrame], column: str) -> pl.LazyFrame:
    return tables["documents"].select("document_id", column)


def _paragraphs(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    chars = pl.col("text").str.len_chars().cast(pl.Int64)
    return tables["paragraphs"].select("paragraph_id", paragraph="text", chars=chars)


def _failing(rows: pl.LazyFrame, wrong: pl.Expr, found: pl.Expr) -> pl.LazyFrame:
    return rows.filter(wrong).select("row", found=found.cast(pl.String)).sort("row")


DOCUMENT_RULES = (
    Rule("paragraph-id", "paragraphs", "paragraph_id", "the id that follows from the text", _paragraph_id),
    Rule("position-order", "paragraphs", "position", "0, 1, 2 …", _order_of("paragraphs", "document_id")),
    Rule("raw-bounds", "paragraphs", "raw_end", "an offset within the raw text", _raw_bounds),
    Rule("segment-cover", "paragraphs", "raw_end", "segments from raw_start to raw_end", _segment_cover),
    Rule("position-order", "segments", "position", "0, 1, 2 …", _order_of("segments", "paragraph_id")),
    Rule("segment-order", "segments", "start", "segments in order, without overlap", _segment_order),
    Rule("segment-bounds", "segments", "end", "an offset within the text", _segment_bounds),
    Rule("position-order", "blocks", "position", "0, 1, 2 …", _order_of("blocks", "document_id")),
    Rule("tiling", "blocks", "raw_start", "blocks without gap or overlap, from 0", _tiling),
    Rule("tiling-end", "documents", "raw_chars", "the end of the last block", _tiling_end),
    Rule("paragraph-count", "documents", "paragraphs", "the number of its paragraphs", _paragraph_count),
    Rule("kept-chars", "documents", "kept_chars", "the code points of its paragraphs", _kept_chars),
    Rule(
        "one-split", "documents", "split", "one split for a page and its near-duplicates", _one_split, _SPLIT
    ),
)
"""Rules on what a page is made of. A document breaks them as a whole."""

ANNOTATION_RULES = (
    *(
        Rule("same-document", table, "document_id", "its paragraph's document", _same_document(table), _MEND)
        for table in ("entities", "stances", "annotations")
    ),
    *(
        Rule("offset-bounds", table, "end", "an offset within the text", _offsets(table), _ANCHOR)
        for table in ("entities", "annotations")
    ),
    *(
        Rule("quote", table, column, "text[start:end] of the paragraph", _quote(table, column), _ANCHOR)
        for table, column in (("entities", "text"), ("annotations", "quote"))
    ),
)
"""Rules on what people said about a page. One row breaks them alone."""
