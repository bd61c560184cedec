"""A stance toward a target that the schema does not declare.

A stance is taken toward a target of `schema/labels.yaml`, named by its id. A target spelt in two ways
splits its stances, which has spoilt published stance corpora.

Example: `"target": "export-control"` where `export-controls` is declared.

Mend: correct the target, or declare it with its definition in `schema/labels.yaml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Compare every stance line's target with those declared."""
    names = [target.target_id for target in view.project.targets]
    rows = view.lines.filter((pl.col("layer") == "stance") & ~pl.col("target").is_in(names))
    for row in rows.iter_rows(named=True):
        target = row["target"] or ""
        message = f"the stance {row['label']} is toward {shown(target)}; declared are {', '.join(names)}"
        hint = "correct the target, or declare it in schema/labels.yaml"
        yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {target}")
