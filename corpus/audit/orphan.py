"""An annotation whose text is gone from the page.

The line's quote was looked for in every paragraph of its page, by place and by text, and stands in none.
It takes no part in the published corpus, although a person once judged it.

Example: the page was collected again after its publisher had rewritten the paragraph.

Mend: look at the page (`corpus trace DOCUMENT_ID`), then mark the new text or delete the line. A page
that could not be read today makes orphans of all its lines: mend the page first.
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
    """Find lines that anchor nowhere, but for those whose place is a dropped block (`dropped_block`)."""
    orphans = view.lines.filter(pl.col("method") == "orphan")
    for row in orphans.iter_rows(named=True):
        if row["role"] is not None and row["role"] not in KEPT_ROLES:
            continue
        gone = row["document_id"] not in view.raw
        why = "its page could not be read" if gone else "its text stands in no paragraph of the page"
        hint = (
            "mend the page"
            if gone
            else "see `corpus trace` for the page's paragraphs; mark it anew or delete it"
        )
        message = f"{shown(row['quote'])} ({row['label']} by {row['annotator']}) is an orphan: {why}"
        yield found(
            __name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']} {row['target'] or ''}"
        )
