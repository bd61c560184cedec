"""Declared tables as polars frames, and the Corpus that ties them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus.schema.tables import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.schema.declaration import Column, Kind, Table
    from corpus.schema.project import Project

_POLARS: dict[Kind, type[pl.DataType]] = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64}


@dataclass(frozen=True, slots=True)
class Corpus:
    """A whole corpus: the flat tables of FLAT by name, and the project that declares them.

    `inputs` holds the SHA-256 of every file it was made from, by its path below the project.
    """

    tables: Mapping[str, pl.DataFrame]
    project: Project
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def polars_type(column: Column) -> pl.DataType:
    """Tell the polars type of a column."""
    inner: pl.DataType = _POLARS[column.kind]()
    if column.fields:
        inner = pl.Struct({each.name: polars_type(each) for each in column.fields})
    return pl.List(inner) if column.many else inner


def polars_schema(table: Table) -> pl.Schema:
    """Tell the polars schema of a table.

    >>> polars_schema(FLAT["segments"])["raw_start"]
    Int64
    """
    return pl.Schema({column.name: polars_type(column) for column in table.columns})


def frame(name: str, rows: Iterable[Mapping[str, Any] | tuple[Any, ...]] = ()) -> pl.DataFrame:
    """Make the flat table `name` from rows: mappings by column name, or tuples in the declared order.

    >>> frame("segments", [("a#p-0", 0, 0, 2, 10, 12)]).height
    1
    """
    return pl.DataFrame(list(rows), schema=polars_schema(FLAT[name]), orient="row", strict=True)


def in_order(table: pl.DataFrame, key: Sequence[str]) -> bool:
    """Tell whether rows come in the order of a key of texts or whole numbers: no null, and no key twice.

    >>> in_order(pl.DataFrame({"id": ["a", "a", "b"], "position": [0, 1, 0]}), ("id", "position"))
    True
    >>> in_order(pl.DataFrame({"id": ["a", "b", "b"], "position": [0, 0, 0]}), ("id", "position"))
    False
    """
    above, same = pl.lit(value=False), pl.lit(value=True)
    for name in key:
        before = pl.col(name).shift(1)
        above |= same & (pl.col(name) > before)
        same &= pl.col(name) == before
    nulls = pl.sum_horizontal(pl.col(name).null_count() for name in key)
    told = table.select(above=above.slice(1).fill_null(value=False).all(), nulls=nulls)
    return table.height < 2 or told.row(0) == (True, 0)


def ordered(table: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return rows in the order of a key; most are, and to look costs a tenth of sorting."""
    return table if in_order(table, key) else table.sort(key)
