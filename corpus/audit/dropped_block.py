"""An annotation on text that the cleaning dropped.

The place is there, but it is in a block that is no main text: navigation, a caption, a comment, an
advertisement. Either somebody annotated what guidelines leave out, or the cleaning drops a paragraph that
people took for main text. The rule that dropped it is named.

Example: `图：港务处供图` is marked ORG, and the block is a `caption` by the rule `caption-words`.

Mend: delete the line if the text is no main text; otherwise the cleaning is wrong about this page: see
`corpus trace DOCUMENT_ID --at OFFSET`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found
from corpus.records import KEPT_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Find orphans whose raw place lies in a block that is not kept."""
    rows = view.lines.filter((pl.col("method") == "orphan") & pl.col("role").is_not_null())
    for row in rows.filter(~pl.col("role").is_in(list(KEPT_ROLES))).iter_rows(named=True):
        what = f"{shown(row['quote'])} ({row['label']} by {row['annotator']})"
        message = f"{what} stands in a block of role {row['role']}, dropped by the rule {row['rule']}"
        hint = f"delete the line, or see `corpus trace {row['document_id']} --at {row['raw_start']}`"
        yield found(
            __name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']} {row['target'] or ''}"
        )
