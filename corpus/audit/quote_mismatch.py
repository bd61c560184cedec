"""A quote that is not the text at its offsets.

Each line says twice what it is about: by the quoted text and by its place in the raw text. While the raw
file is the one it was made on, both must agree. Where they do not, the build believes the quote and looks
for it, which may find another occurrence than the annotator meant. The likely cause is named, because one
cause usually spoils a whole export:

- *UTF-16 units*: the tool counted an emoji or a rare Han character as two (JavaScript, Java);
- *bytes*: the tool counted UTF-8 bytes;
- *inclusive end*: the last character was taken for the end;
- *paragraph offsets*: the tool counted from the paragraph's start instead of the page's;
- *line ends*: CR LF was counted as one character;
- *shift*: start and end are both off by the same few characters, often by a byte order mark or counting
  from one;
- *moved text*: the quote stands elsewhere on the page.

Example: the quote says `云岭海关`, `raw[812:816]` says `海关周二`: after two emoji, offsets in UTF-16
units are two too large.

Mend: convert the offsets where the export is made; `corpus import` converts what it can prove. For single
lines, `corpus anchor --write` accepts the place where the quote was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from corpus.anchor.folding import fold_text
from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

FARTHEST = 8
"""Characters that both offsets may be off by to be called a shift."""

_CONVERT = "convert them to code points of the raw text where the export is made"

SHORTEST = 2
"""Characters of a quote that can tell its place: one character stands everywhere."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare quotes with the text at their raw places, white space aside, on pages that have not changed."""
    squeezed = pl.col("quote").str.replace_all(r"\s", "")
    there = pl.col("there").fill_null("").str.replace_all(r"\s", "")
    rows = view.lines.filter(pl.col("current") & (pl.col("method") != "exact") & (squeezed != there))
    if rows.is_empty():
        return
    paragraphs: dict[str, list[str]] = {
        key[0]: group["text"].to_list()
        for key, group in view.tables["paragraphs"]
        .filter(pl.col("document_id").is_in(rows["document_id"].unique().to_list()))
        .group_by("document_id")
        if isinstance(key[0], str)
    }
    for row in rows.iter_rows(named=True):
        raw = view.raw[row["document_id"]]
        if row["there"] is None and row["quote"] in raw[row["raw_start"] : row["raw_end"]]:
            continue  # in markup: it stands where it says, see orphan
        if row["there"] is not None and fold_text(row["quote"])[0] == fold_text(row["there"])[0]:
            continue  # written otherwise (width, quotation marks), but the same words
        why, hint = _cause(row, raw, paragraphs.get(row["document_id"], []))
        held = shown(row["there"] or raw[row["raw_start"] : row["raw_end"]])
        place = f"raw[{row['raw_start']}:{row['raw_end']}]"
        message = f"the quote is {shown(row['quote'])}, {place} holds {held}: {why}"
        yield found(__name__, Place.of(row), message, hint, f"{row['annotator']} {row['label']}")


def _cause(row: Mapping[str, Any], raw: str, paragraphs: list[str]) -> tuple[str, str]:
    """Name the likely cause and its cure."""
    quote, start, end = row["quote"], row["raw_start"], row["raw_end"]
    if len(quote) < SHORTEST:
        return "a quote of one character does not tell its place", "mark the text anew"
    readings = (
        (_units(raw, "utf-16-le", 2, start, end), "the offsets count UTF-16 units", _CONVERT),
        (_units(raw, "utf-8", 1, start, end), "the offsets count UTF-8 bytes", _CONVERT),
        (raw[start : end + 1], "the end is inclusive", "add 1 to raw.end in all lines of that export"),
        *((text[start:end], "the offsets count from the paragraph's start", _CONVERT) for text in paragraphs),
        (raw.replace("\r\n", "\n")[start:end], "the offsets count CR LF as one character", _CONVERT),
    )
    for reading, why, hint in readings:
        if reading == quote:
            return why, hint
    near = raw.find(quote, max(0, start - FARTHEST), end + FARTHEST)
    if near >= 0:
        return f"both offsets are off by {start - near}", "correct them in all lines of that export"
    return _elsewhere(row, raw)


def _elsewhere(row: Mapping[str, Any], raw: str) -> tuple[str, str]:
    """Say where the quote of a line stands that is not near its place."""
    quote = row["quote"]
    if row["paragraph_id"]:
        place = f"{row['paragraph_id']} {row['start']}-{row['end']}"
        return f"moved text, now found at {place}", "look, then accept the place with `corpus anchor --write`"
    if raw.count(quote) == 1:
        return f"moved text, now at raw {raw.index(quote)}", "look, then correct the offsets"
    if quote in raw:
        return f"moved text: the quote stands in {raw.count(quote)} places", "mark the right one anew"
    return "the quote stands nowhere on the page", "mark the text anew, or delete the line"


def _units(raw: str, encoding: str, width: int, start: int, end: int) -> str:
    """Read `start` to `end` as if they counted units of an encoding."""
    # No more than `end` code points can lie before unit `end`: the rest of a long page need not be encoded.
    units = raw[: end + 1].encode(encoding, "surrogatepass")
    return units[start * width : end * width].decode(encoding, "replace")
