"""An annotation on a page that is not in the corpus.

A line names its page by `document_id`, the raw file's path below `raw/` without its suffix. No page of
that name was found, not even among those that could not be read, so the line stands for nothing.

Example: the file `raw/harbour-daily/tides.html` was renamed, and the lines still say
`harbour-daily/tide`.

Mend: correct `document_id`, or bring the raw file back.
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
    """Find refused lines whose page is not there, not even among the quarantined."""
    unknown = {each.where for each in view.problems if each.check == "unknown-document"}
    for row in view.lines.filter(pl.col("method") == "refused").iter_rows(named=True):
        if row["document_id"] not in view.raw and (row["where"] or row["annotation_id"]) in unknown:
            message = (
                f"{shown(row['quote'])} is on the page {shown(row['document_id'])}, which raw/ does not hold"
            )
            hint = "correct document_id, or put the page back below raw/"
            yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']}")
