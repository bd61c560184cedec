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
    known = {name for name, follows in _FOLLOWS.items() if _in_runs(tables[name], FLAT[name].key[0], follows)}
    if not all(name in known or _keys_differ(table, tables[name]) for name, table in FLAT.items()):
        return False
    if not all(_refers(table, tables) for table in FLAT.values()):
        return False
    numbered = {name: tables[name].with_row_index("row") for name in FLAT}
    rules = (
        rule for rule in (*DOCUMENT_RULES, *ANNOTATION_RULES) if (rule.check, rule.table) not in _IMPLIED
    )
    implied = (
        rule for rule in DOCUMENT_RULES if (rule.check, rule.table) in _IMPLIED and rule.table not in known
    )
    return all(rule.failing(numbered).is_empty() for rule in (*rules, *implied))


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


def _refers(table: Table, tables: Mapping[str, pl.DataFrame]) -> bool:
    frame = tables[table.name]
    for reference in table.references if not frame.is_empty() else ():
        column = reference.columns[0]
        keys = tables[reference.table].select(pl.col(FLAT[reference.table].key[0]).alias(column))
        rows = frame.select(column).drop_nulls().unique()
        if not rows.join(keys, on=column, how="anti").is_empty():
            return False
    return True
