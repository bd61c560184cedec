"""A declared table as a pandera model: kinds, nulls, values, bounds, keys, and how columns of a row relate.

pandera checks values on eager frames only, so the model is for `pl.DataFrame`. Every check bears the name
that findings use. What needs a second table stands in `corpus.schema.checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from corpus.schema.forms import label_names
from corpus.schema.frames import polars_type

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandera.polars as pa
    from pandera.polars import PolarsData

    from corpus.schema.declaration import Column, Table
    from corpus.schema.project import Project


def model(table: Table, project: Project) -> pa.DataFrameSchema:
    """Build the pandera model of a table; validate an eager frame with `lazy=True` to get every failure."""
    import pandera.polars as pa

    return pa.DataFrameSchema(
        {column.name: _column(column, project) for column in table.columns},
        checks=_row_checks(table),
        unique=list(table.key),
        strict=True,
        ordered=True,
        name=table.name,
    )


def expectation(column: Column, check: str, project: Project) -> str:
    """Say what a check of `model` expects of a column, for messages."""
    names = column.values or (label_names(column.labels, project) if column.labels else ())
    low = "-∞" if column.low is None else f"{column.low:g}"
    high = "∞" if column.high is None else f"{column.high:g}"
    return {
        "not-null": "a value",
        "declared-label": f"one of {', '.join(names) or 'none, as labels.yaml declares none'}",
        "known-value": f"one of {', '.join(names)}",
        "bounds": f"a number from {low} to {high}",
        "pattern": f"text of the form {column.pattern}",
        "not-blank": "text that is not blank",
        "unique-key": "each key once",
        "offset-order": "start before end",
        "layer-target": "a target for a stance and none for an entity",
        "orphan-place": "paragraph_id, start and end together, null for an orphan only",
    }[check]


def _column(column: Column, project: Project) -> pa.Column:
    import pandera.polars as pa

    checks: list[pa.Check] = []
    if not column.many:
        checks = [pa.Check(_each(rule), name=name) for name, rule in value_rules(column, project)]
    return pa.Column(polars_type(column), checks, nullable=column.nullable)


def value_rules(column: Column, project: Project) -> list[tuple[str, Callable[[pl.Expr], pl.Expr]]]:
    """List what must hold of each value of a column, null aside: the check's name, and the rule."""
    rules: list[tuple[str, Callable[[pl.Expr], pl.Expr]]] = []
    if column.labels is not None:
        names = list(label_names(column.labels, project))
        rules.append(("declared-label", lambda value: value.is_in(names)))
    if column.values:
        rules.append(("known-value", lambda value: value.is_in(list(column.values))))
    if column.low is not None or column.high is not None:
        low = float("-inf") if column.low is None else column.low
        high = float("inf") if column.high is None else column.high
        rules.append(("bounds", lambda value: value.is_between(low, high)))
    if column.pattern is not None:
        rules.append(("pattern", lambda value: value.str.contains(rf"^(?:{column.pattern})$")))
    if column.kind == "text" and not column.blank:
        rules.append(("not-blank", lambda value: value.str.contains(r"\S")))
    return rules


def row_rules(table: Table) -> list[tuple[str, pl.Expr]]:
    """List what must hold between the columns of a row: check and column to blame, and the rule."""
    rules: list[tuple[str, pl.Expr]] = []
    for start, end in (("start", "end"), ("raw_start", "raw_end")):
        if start in table.names:
            # A segment may stand for text that no raw character spells, such as a break's space.
            bare = table.name == "segments" and start == "raw_start"
            ordered = pl.col(start) <= pl.col(end) if bare else pl.col(start) < pl.col(end)
            rules.append((f"offset-order:{end}", ordered))
    if table.name == "annotations":
        stance = (pl.col("layer") == "stance") == pl.col("target").is_not_null()
        rules.append(("layer-target:target", stance))
        nulls = pl.sum_horizontal(pl.col("paragraph_id", "start", "end").is_null())
        placed = nulls == pl.when(pl.col("anchor") == "orphan").then(3).otherwise(0)
        rules.append(("orphan-place:anchor", placed))
    return rules


def _row_checks(table: Table) -> list[pa.Check]:
    import pandera.polars as pa

    return [pa.Check(_row(rule), name=name) for name, rule in row_rules(table)]


def _each(rule: Callable[[pl.Expr], pl.Expr]) -> Callable[[PolarsData], pl.LazyFrame]:
    # Null is `not-null`'s business, so every other rule passes it.
    return lambda column: column.lazyframe.select(rule(pl.col(column.key)).fill_null(value=True))


def _row(rule: pl.Expr) -> Callable[[PolarsData], pl.LazyFrame]:
    return lambda row: row.lazyframe.select(rule.fill_null(value=True))
