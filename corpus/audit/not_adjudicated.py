"""A page with judgements and no gold.

Only adjudicated annotations are published as labels. A page that annotators have worked on and that has
no gold of that layer is unfinished work, or its gold file was lost. It is a note, since work in progress
is no mistake.

Example: a1 and a2 have judged `harbour-daily/tides`, the layer's gold stops at `harbour-daily/storms`.

Mend: adjudicate the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["note"] = "note"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Find pages with annotators' lines of a layer and no gold of it."""
    for layer in ("entity", "stance"):
        rows = view.lines.filter(pl.col("layer") == layer)
        open_ = votes(rows.filter(pl.col("method") != "refused")).join(
            gold(rows), on="document_id", how="anti"
        )
        counts = open_.group_by("document_id", maintain_order=True).agg(
            pl.len(), names=pl.col("annotator").unique().sort().str.join(", ")
        )
        for document_id, count, names in counts.iter_rows():
            message = f"{count} {layer} lines by {names}, none of them adjudicated"
            hint = f"adjudicate the page in annotations/{layer}/gold.jsonl"
            yield found(__name__, Place(document_id=document_id), message, hint, layer)
