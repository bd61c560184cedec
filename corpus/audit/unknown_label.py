"""A label that the schema does not declare.

Annotators choose from the labels of `schema/labels.yaml`. Any other is a slip or a label that was dropped
from the schema; it would reach no table and train nobody's model.

Example: `"label": "ROG"` where `ORG` is declared, or `support` for a stance that is called `favor`.

Mend: correct the label, or declare it with its definition in `schema/labels.yaml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import NOTHING_HERE, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Compare every line's label with those declared for its layer."""
    declared = {
        "entity": [label.name for label in view.project.entity_labels],
        "stance": [label.name for label in view.project.stance_labels],
    }
    for layer, names in declared.items():
        rows = view.lines.filter((pl.col("layer") == layer) & ~pl.col("label").is_in(names) & ~NOTHING_HERE)
        for row in rows.iter_rows(named=True):
            message = (
                f"{shown(row['quote'])} has the label {shown(row['label'])}; declared are {', '.join(names)}"
            )
            hint = "correct the label, or declare it in schema/labels.yaml"
            yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']}")
