"""An annotation that stands on a text other than it quotes.

The page or its cleaning changed, and the quote was found only in an altered form. The label may no longer
be true of the new text, and only a person can tell.

Example: the line quotes `南屿贸易公司`, today's page says `南屿国际贸易公司`.

Mend: read the place. If the label still holds, `corpus anchor --write` brings the line up to date; else
mark it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Find lines that were anchored as `fuzzy` although their raw file is another than today's."""
    rows = view.lines.filter((pl.col("method") == "fuzzy") & pl.lit(value=True))
    texts = view.texts() if rows.height else {}
    for row in rows.iter_rows(named=True):
        now = texts.get(row["paragraph_id"], "")[row["start"] : row["end"]]
        message = f"{shown(row['quote'])} ({row['label']} by {row['annotator']}) now stands on {shown(now)}"
        hint = "look at the place, then accept it with `corpus anchor --write`"
        yield found(
            __name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']} {row['target'] or ''}"
        )
