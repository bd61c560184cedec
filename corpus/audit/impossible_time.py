"""A publication or annotation time that cannot be.

A page cannot be published after the audit or before the web (1991); a calendar has no 31 April; and
nobody annotates a page before it is published. Such a time is a date of something else that was taken for
the publication (an event announced, a copyright year), or a clock gone wrong, and a split by time would
be dealt by it. A day is allowed for time zones. Times without a year are not judged.

Example: a page published `2052-03-04` (2025), or one of 4 March annotated on 2 March.

Mend: see which evidence the time rests on (`published_at_evidence`); correct the page's metadata or the
line's `created_at`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

FIRST = "1991"
"""The first web page was published in 1991."""


def check(view: AuditView) -> Iterator[Found]:
    """Hold times against the calendar, the day of the audit and each other."""
    last = (date.fromisoformat(view.today) + timedelta(days=1)).isoformat()
    published: dict[str, str] = {}
    dated = view.tables["documents"].filter(pl.col("published_at").str.contains(r"^\d{4}"))
    for row in dated.iter_rows(named=True):
        time, evidence = row["published_at"], row["published_at_evidence"]
        why = _impossible(time, last)
        if why:
            message = f"published at {time} (evidence: {evidence}), {why}"
            hint = "correct the page's metadata, or waive it with the right time"
            yield found(__name__, Place(document_id=row["document_id"]), message, hint, time)
        else:
            published[row["document_id"]] = time[:10]
    lines = view.lines.select("document_id", "annotator", "layer", "created_at", "where").unique(
        ["document_id", "annotator", "layer", "created_at"], maintain_order=True
    )
    for row in lines.iter_rows(named=True):
        day, page = row["created_at"][:10], published.get(row["document_id"], "")
        early = len(page) == 10 and (date.fromisoformat(page) - date.fromisoformat(day)).days > 1
        why = f"before its page was published ({page})" if early else "in the future" if day > last else None
        if why:
            message = f"{row['layer']} annotated by {row['annotator']} at {row['created_at']}, {why}"
            place = Place(document_id=row["document_id"], line=row["where"])
            yield found(
                __name__,
                place,
                message,
                "correct created_at, or the page's time",
                f"{row['annotator']} {row['layer']} {row['created_at']}",
            )


def _impossible(time: str, last: str) -> str | None:
    day = time[:10]
    if day[:4] < FIRST:
        return f"before the web ({FIRST})"
    try:
        date.fromisoformat(f"{day}-01-01"[:10] if len(day) == 4 else f"{day}-01"[:10])
    except ValueError:
        return "a day that no calendar has"
    return "in the future" if day > last[: len(day)] else None
