"""The forms a declared table takes: Arrow schema, `datasets` Features, card YAML, the docs' column table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

    from corpus.schema.declaration import Column, Kind, LabelSet, Table
    from corpus.schema.project import Project

_ARROW: dict[Kind, str] = {"text": "string", "integer": "int64", "number": "float64"}
"""Arrow and `datasets` agree on these names."""


def label_names(labels: LabelSet, project: Project) -> tuple[str, ...]:
    """List the names a set of labels holds in this project, in the order they are declared."""
    stance = tuple(label.name for label in project.stance_labels)
    entity = tuple(label.name for label in project.entity_labels)
    match labels:
        case "stance":
            return stance
        case "entity":
            return entity
        case "iob2":
            return ("O", *(f"{place}-{name}" for name in entity for place in "BI"))
        case "annotation":
            return tuple(dict.fromkeys((*stance, *entity)))
        case "target":
            return tuple(target.target_id for target in project.targets)


def arrow_schema(table: Table) -> pa.Schema:
    """Tell the Arrow schema a table is stored with: labels are strings.

    >>> from corpus.schema.tables import PUBLISHED
    >>> arrow_schema(PUBLISHED["blocks"]).field("raw_start").type
    DataType(int64)
    """
    import pyarrow as pa

    return pa.schema([_arrow_field(column) for column in table.columns])


def _arrow_field(column: Column) -> pa.Field:
    import pyarrow as pa

    inner = pa.type_for_alias(_ARROW[column.kind])
    if column.fields:
        inner = pa.struct([_arrow_field(each) for each in column.fields])
    # Every field is nullable to Arrow: `datasets` casts to nullable ones, and pandera has checked the nulls.
    return pa.field(column.name, pa.list_(inner) if column.many else inner)


def features(table: Table, project: Project) -> Features:
    """Tell the `datasets` Features a table loads with: labels are ClassLabel, in the declared order."""
    from datasets import Features

    return Features({column.name: _feature(column, project) for column in table.columns})


def _feature(column: Column, project: Project) -> Any:  # noqa: ANN401 - a datasets feature is one of many
    from datasets import ClassLabel, List, Value

    names = _class_names(column, project)
    inner = ClassLabel(names=list(names)) if names else Value(_ARROW[column.kind])
    if column.fields:
        inner = {each.name: _feature(each, project) for each in column.fields}
    return List(inner) if column.many else inner


def card_features(table: Table, project: Project) -> list[dict[str, Any]]:
    """Tell a table's features as a card's YAML spells them; `datasets` reads the same Features back."""
    return [{"name": column.name, **_card_feature(column, project)} for column in table.columns]


def _card_feature(column: Column, project: Project) -> dict[str, Any]:
    names = _class_names(column, project)
    inner: Any = _ARROW[column.kind]
    if names:
        inner = {"class_label": {"names": {str(i): name for i, name in enumerate(names)}}}
    if column.fields:
        inner = [{"name": each.name, **_card_feature(each, project)} for each in column.fields]
    return {"list": inner} if column.many else {"dtype": inner}


def _class_names(column: Column, project: Project) -> tuple[str, ...]:
    # A target stays text: a model that reads it wants its words, and unseen ones must not shift the numbers.
    # A project without a layer has no labels for it; ClassLabel cannot be empty.
    if column.labels is None or column.labels == "target":
        return ()
    return label_names(column.labels, project)


def column_rows(table: Table) -> list[tuple[str, str, str]]:
    """Tell name, kind and description of each column, for cards and docs; nested columns follow with a dot.

    >>> from corpus.schema.tables import PUBLISHED
    >>> column_rows(PUBLISHED["stance"])[-1][:2]
    ('agreement', 'number or null')
    """
    return [row for column in table.columns for row in _column_rows(column, "")]


def _column_rows(column: Column, prefix: str) -> list[tuple[str, str, str]]:
    kind = "label" if column.labels not in {None, "target"} else str(column.kind)
    kind = "rows" if column.fields else kind
    shown = f"list of {kind}" if column.many else kind
    description = column.description
    if column.values:
        description = f"{description}: {', '.join(f'`{value}`' for value in column.values)}"
    row = (prefix + column.name, f"{shown} or null" if column.nullable else shown, description)
    nested = [each for field in column.fields for each in _column_rows(field, f"{prefix}{column.name}.")]
    return [row, *nested]
