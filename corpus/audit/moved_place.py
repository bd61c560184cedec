"""An annotation made on an earlier version of its page.

The raw file is another than the one annotated. The quote was found unchanged, so the line is used; it
stays a note until the new place is accepted, because a paragraph around it may have changed.

Example: the page was collected again and a byline was added above.

Mend: `corpus anchor --write` accepts the new places after you have looked at some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["note"] = "note"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Find lines that were anchored as `moved` although their raw file is another than today's."""
    rows = view.lines.filter((pl.col("method") == "moved") & ~pl.col("current"))
    texts = view.texts() if rows.height else {}
    for row in rows.iter_rows(named=True):
        now = texts.get(row["paragraph_id"], "")[row["start"] : row["end"]]
        what = f"{shown(row['quote'])} ({row['label']} by {row['annotator']})"
        place = f"{row['start']}-{row['end']}: {shown(now)}"
        message = f"{what} was made on an earlier raw file and now stands at {place}"
        hint = "look at the place, then accept it with `corpus anchor --write`"
        yield found(
            __name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']} {row['target'] or ''}"
        )
