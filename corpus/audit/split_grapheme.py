"""A mention that begins or ends inside a character as readers see it.

What a reader sees as one character may be several code points: a letter with a combining accent, an emoji
with a skin tone, a flag, a Hangul syllable of several jamo. A mention that cuts one is a sign of offsets
in wrong units, and any tool that shows or tokenises the text will break on it.

Example: in `Tàixī` written with combining accents, `[0, 2)` ends between `a` and its accent.

Mend: move the offset to the edge of the character (Unicode extended grapheme clusters, UAX #29).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
import regex

from corpus.audit._marks import mentions, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

# Only such texts can have a character of several code points: anything but plain ASCII, Han, kana and the
# punctuation between them. It keeps the check fast; \\X decides.
_MAY_JOIN = (
    r"[^\x20-\x7E\u2010-\u2027\u2030-\u205E\u3000-\u3029\u3030-\u3098\u309B-\u30FF\u3400-\u9FFF\uFF01-\uFF9D]"
)
_CLUSTER = regex.compile(r"\X")


def check(view: AuditView) -> Iterator[Found]:
    """Hold the ends of mentions against the grapheme clusters of their paragraphs."""
    rows = (
        mentions(view).filter(pl.col("all").str.contains(_MAY_JOIN)).sort("paragraph_id", maintain_order=True)
    )
    text, edges = "", {0}
    for row in rows.iter_rows(named=True):
        if row["all"] != text:
            text = row["all"]
            edges = {0, *(match.end() for match in _CLUSTER.finditer(text))}
        for side in ("start", "end"):
            if row[side] not in edges:
                around = text[max(0, row[side] - 2) : row[side] + 2]
                message = (
                    f"{shown(row['quote'])}: its {side} at {row[side]} cuts a character in {shown(around)}"
                )
                hint = "move the offset to the edge of the character"
                yield found(
                    __name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']} {side}"
                )
