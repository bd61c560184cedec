"""A judgement that an annotator left out although they judged all around it.

Where annotators judge every paragraph toward every target, a hole is a judgement that was lost, and
agreement is then computed on the units that happen to be there. Reported is a paragraph and target that
others judged and this annotator did not, if the annotator judged at least nine in ten of those the others
judged on that page, and ten or more.

Example: a2 judged 59 of the 60 units of `harbour-daily/tides`; the sixtieth has a line by a1 only.

Mend: bring the lost line back, or ask the annotator for the judgement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import judgements, shown, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

FEWEST = 10
"""Judgements of an annotator on a page below which a hole says nothing."""

SHARE = 0.9
"""Share of the others' units that an annotator must have judged for the rest to be holes."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare, page by page, the units each annotator judged with those anybody judged."""
    rows = votes(judgements(view))
    units = rows.select("document_id", "paragraph_id", "target", "quote").unique(maintain_order=True)
    pages = rows.select("document_id", "annotator").unique(maintain_order=True)
    wanted = pages.join(units, on="document_id", maintain_order="left")
    all_ = wanted.group_by("document_id", "annotator").agg(wanted=pl.len())
    given = rows.group_by("document_id", "annotator").agg(
        given=pl.struct("paragraph_id", "target").n_unique()
    )
    nearly = all_.join(given, on=["document_id", "annotator"]).filter(
        (pl.col("given") >= FEWEST) & (pl.col("given") >= SHARE * pl.col("wanted"))
    )
    holes = wanted.join(nearly, on=["document_id", "annotator"], maintain_order="left").join(
        rows, on=["paragraph_id", "target", "annotator"], how="anti"
    )
    for row in holes.sort("document_id", "paragraph_id", "target", "annotator").iter_rows(named=True):
        judged = f"{row['given']} of the page's {row['wanted']} units"
        message = f"{row['annotator']} judged {judged}, and not {shown(row['quote'])} toward {row['target']}"
        hint = f"bring the line of {row['annotator']} back, or have the unit judged"
        yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['target']}")
