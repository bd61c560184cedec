"""A mention with white space or punctuation at its edge.

`南屿公司，` and `南屿公司` are two mentions to every model and to every agreement figure. White space and
the marks that end a sentence never belong to a name. Brackets and quotation marks are reported where only
one of the pair is inside, and, where both are, if the corpus otherwise leaves them outside for that
label: so guidelines that include them are respected without being told. Marks that are part of names and
amounts are left alone: `%`, `°`, `S$500`, `Inc.`, `U.S.`, `Yahoo!`.

Example: `南屿公司，` (ORG) with the comma, or `《数据条例` without the closing bracket.

Mend: move the offset inward, or take the missing half of the pair in.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from corpus.audit._marks import is_han, mentions, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

_PAIRS = dict(zip("《〈「『【〔（(［[{“‘＜", "》〉」』】〕）)］]}”’＞", strict=True))
_CLOSING = {close: opening for opening, close in _PAIRS.items()}
_ENDS = frozenset("，。；：、！？,;:…—·.!?")
_LATIN_ENDS = frozenset(".!?")
_EDGE = r"^[\p{P}\p{Z}\p{C}\s]|[\p{P}\p{Z}\p{C}\s]$"


def check(view: AuditView) -> Iterator[Found]:
    """Look at the first and last character of each mention."""
    rows = mentions(view)
    inside, outside = _habits(rows)
    for row in rows.filter(pl.col("quote").str.contains(_EDGE)).iter_rows(named=True):
        text, label = row["quote"], row["label"]
        wrong = _wrong(text)
        enclosed = text[0] in _PAIRS and text[-1] == _PAIRS[text[0]]
        if not wrong and enclosed and outside[label, text[0]] > inside[label, text[0]]:
            wrong = f"is enclosed in {text[0]}{text[-1]}, which other {label} mentions leave outside"
        if wrong:
            hint = "move the offset to the edge of the name"
            message = f"{shown(text)} ({label} by {row['annotator']}) {wrong}"
            yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {label}")


def _wrong(text: str) -> str | None:
    """Say what is wrong with the edges of a mention, None where nothing is for sure."""
    if text != text.strip():
        return "has white space at its edge"
    first, last = text[0], text[-1]
    if first in _ENDS and first not in "·—." and len(text) > 1:
        return f"begins with {first!r}"
    if last in _ENDS and not (last in _LATIN_ENDS and len(text) > 1 and not is_han(text[-2])):
        return f"ends with {last!r}"
    for mark in (first, last):
        if mark == "’" and text.rfind(mark) and text[text.rfind(mark) - 1].isascii():
            continue  # an apostrophe
        opening = mark if mark in _PAIRS else _CLOSING.get(mark)
        if opening and text.count(opening) != text.count(_PAIRS[opening]):
            return f"holds {mark!r} without its other half"
    return None


def _habits(rows: pl.DataFrame) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Count, by label and opening mark, mentions that take an enclosing pair in and that leave it outside."""
    inside: Counter[tuple[str, str]] = Counter()
    outside: Counter[tuple[str, str]] = Counter()
    marks = "".join(_PAIRS)
    before = pl.col("all").str.slice(pl.col("start") - 1, 1)
    near = rows.filter(
        (pl.col("start") > 0) & before.is_in(list(marks)) | pl.col("quote").str.slice(0, 1).is_in(list(marks))
    )
    for row in near.iter_rows(named=True):
        opening = row["quote"][:1]
        if opening in _PAIRS and row["quote"].endswith(_PAIRS[opening]):
            inside[row["label"], opening] += 1
        elif opening := _around(row):
            outside[row["label"], opening] += 1
    return inside, outside


def _around(row: Mapping[str, Any]) -> str:
    text, start, end = row["all"], row["start"], row["end"]
    opening: str = text[start - 1] if start else ""
    return opening if opening in _PAIRS and text[end : end + 1] == _PAIRS[opening] else ""
