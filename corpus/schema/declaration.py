"""What a table is, declared once: pandera model, Arrow schema, Features, card and docs follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number"]
"""`text` is a UTF-8 string, `integer` a signed 64-bit whole number, `number` a 64-bit float."""

Stored = Literal["dictionary", "prefix", "length"]
"""How text is stored: by `dictionary` where values repeat, by the `prefix` shared with the row before for
sorted ids (DELTA_BYTE_ARRAY), `length` and characters apart for running text (DELTA_LENGTH_BYTE_ARRAY)."""

LabelSet = Literal["stance", "entity", "iob2", "annotation", "target"]
"""A closed set of names that the project declares in `schema/labels.yaml`; see `label_names`."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `many` makes it a list, `fields` a list of rows with those columns.

    `labels` names the declared set a value must come from, `values` a fixed one. `low` and `high` bound
    numbers, both included; `pattern` is a regular expression that text must match from end to end; `blank`
    allows empty text. `stored` says how text is laid down in Parquet.
    """

    name: str
    kind: Kind
    description: str
    nullable: bool = False
    many: bool = False
    fields: tuple[Column, ...] = ()
    labels: LabelSet | None = None
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    pattern: str | None = None
    blank: bool = False
    stored: Stored = "dictionary"


@dataclass(frozen=True, slots=True)
class Reference:
    """`columns` of this table name a row of `table` by its key; rows where they are null refer to none."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, the key that is unique and sorts it, and what it refers to."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
