"""Whether nothing is wrong with some tables, told in a tenth of the time that it takes to say what is wrong.

The rules are those of `corpus.schema.validate`, asked of all rows at once. Where one does not hold, or tables
are not of the declared columns and kinds, `validate` says the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from corpus.schema.checks import ANNOTATION_RULES, DOCUMENT_RULES
from corpus.schema.frames import in_order, polars_schema
from corpus.schema.model import row_rules, value_rules
from corpus.schema.tables import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.schema.declaration import Table
    from corpus.schema.project import Project


def sound(tables: Mapping[str, pl.DataFrame], project: Project) -> bool:
    """Tell whether flat tables are valid as they stand; False where `validate` has to look.

    True means that `validate` finds nothing and changes nothing.
    """
    declared = {name: polars_schema(table) for name, table in FLAT.items()}
    if any(name not in tables or tables[name].schema != schema for name, schema in declared.items()):
        return False
    if not all(_rows_hold(table, tables[name], project) for name, table in FLAT.items()):
        return False
    there = {name for name, frame in tables.items() if frame.height}
    runs = {name for name, follows in _FOLLOWS.items() if _in_runs(tables[name], FLAT[name].key[0], follows)}
    if not all(_keys_differ(FLAT[name], tables[name]) for name in FLAT if name in there - runs):
        return False
    numbered = {name: tables[name].lazy().with_row_index("row") for name in FLAT}
    questions = [
        rule.failing(numbered).select(pl.len())
        for rule in (*DOCUMENT_RULES, *ANNOTATION_RULES)
        if rule.table in there and not (rule.table in runs and (rule.check, rule.table) in _IMPLIED)
    ]
    questions += [stray for name in FLAT if name in there for stray in _stray(FLAT[name], numbered)]
    return not any(answer.item() for answer in pl.collect_all(questions))


def _rows_hold(table: Table, frame: pl.DataFrame, project: Project) -> bool:
    return frame.is_empty() or bool(frame.select(pl.all_horizontal(_all_hold(table, project))).item())


def _keys_differ(table: Table, frame: pl.DataFrame) -> bool:
    return in_order(frame, table.key) or bool(
        frame.select(pl.struct(table.key).n_unique()).item() == frame.height
    )


def _before(name: str) -> pl.Expr:
    return pl.col(name).shift(1).fill_null(0)


_FOLLOWS = {
    "blocks": pl.col("raw_start") == _before("raw_end"),
    "segments": (pl.col("start") >= _before("end")) & (pl.col("raw_start") >= _before("raw_end")),
}
"""The tables with most rows, and how a row follows the one before it in its document or paragraph."""

_IMPLIED = frozenset(
    {("position-order", "blocks"), ("tiling", "blocks")}
    | {("position-order", "segments"), ("segment-order", "segments")}
)
"""The rules that hold, as unique keys do, where such rows come in order: which is how they are made."""


def _in_runs(frame: pl.DataFrame, owner: str, follows: pl.Expr) -> bool:
    """Tell whether rows come in the order of their owners and of their positions, each as it follows.

    The first row of an owner follows nothing: it is at position 0, and begins where a text does.
    """
    same = pl.col(owner) == pl.col(owner).shift(1)
    again = same & (pl.col("position") == _before("position") + 1) & follows
    begins = (pl.col("position") == 0) & (
        pl.col("raw_start") == 0 if "start" not in frame.columns else pl.col("start") >= 0
    )
    new = begins & (pl.col(owner) > pl.col(owner).shift(1)).fill_null(value=True)
    return bool(frame.select((again.fill_null(value=False) | new).all()).item())


def _all_hold(table: Table, project: Project) -> Iterator[pl.Expr]:
    for column in table.columns:
        value = pl.col(column.name)
        if not column.nullable:
            yield (value.null_count() == 0).alias(f"{column.name} not-null")
        few = value.unique() if column.kind == "text" and column.stored != "length" else value
        for name, rule in value_rules(column, project):
            yield rule(few).fill_null(value=True).all().alias(f"{column.name} {name}")
    for name, holds in row_rules(table):
        yield holds.fill_null(value=True).all().alias(name)


def _stray(table: Table, tables: Mapping[str, pl.LazyFrame]) -> Iterator[pl.LazyFrame]:
    """Ask how many of the keys that rows refer to are no rows of the other tables."""
    for reference in table.references:
        column = reference.columns[0]
        keys = tables[reference.table].select(pl.col(FLAT[reference.table].key[0]).alias(column))
        rows = tables[table.name].select(column).drop_nulls().unique()
        yield rows.join(keys, on=column, how="anti").select(pl.len())
