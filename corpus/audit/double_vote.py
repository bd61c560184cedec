"""One annotator who says two things of one place.

A unit – a paragraph and a target, or the same stretch of text – has one judgement by each annotator. Two
of them are a line that was corrected by adding instead of changing, or an export imported twice.
Agreement and adjudication then depend on which line comes first.

Example: a2 gives the paragraph both `favor` and `neutral` toward `export-controls`.

Mend: delete the line that does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import judgements, mentions, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Count the lines of each annotator on each unit."""
    for rows, unit in (
        (judgements(view), ("annotator", "paragraph_id", "target")),
        (mentions(view), ("annotator", "paragraph_id", "start", "end")),
    ):
        twice = rows.filter(pl.len().over(unit) > 1)
        for _, group in twice.group_by(unit, maintain_order=True):
            row = group.row(0, named=True)
            labels = group["label"].to_list()
            toward = f" toward {row['target']}" if row["target"] else ""
            message = f"{row['annotator']} says {' and '.join(labels)}{toward} of {shown(row['quote'])}"
            hint = f"delete all but one: {', '.join(filter(None, group['where'].to_list()))}"
            yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['target'] or ''}")
