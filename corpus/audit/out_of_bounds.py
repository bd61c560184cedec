"""Offsets that lie outside the page's raw text.

A line says by `raw.start` and `raw.end` where in the decoded page it was made. While the file is the one
it was made on, these must lie within it. An end beyond the text is usually a count in other units (UTF-16
units, bytes) or a page that was decoded differently.

Example: `"raw": {"start": 18950, "end": 18961}` on a page of 12,300 code points whose Chinese text has
three bytes a character.

Mend: convert the offsets to Unicode code points (`corpus import` does), or mark the text anew.
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
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Compare offsets with the length of the raw text they were made on."""
    for row in view.lines.filter(pl.col("current")).iter_rows(named=True):
        chars = len(view.raw[row["document_id"]])
        if row["raw_end"] > chars:
            message = f"{shown(row['quote'])} ends at {row['raw_end']} of a raw text of {chars} code points"
            hint = "count in Unicode code points, end exclusive, or mark the text anew"
            yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']}")
