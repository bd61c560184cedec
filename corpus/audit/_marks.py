"""Mentions and judgements as the checks compare them, and the facts of characters they share."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING

import polars as pl

from corpus.records import GOLD, NOTHING

if TYPE_CHECKING:
    from corpus.audit._view import AuditView

NOTHING_HERE = (
    (pl.col("layer") == "entity") & (pl.col("annotator") == GOLD) & (pl.col("label") == NOTHING)
).fill_null(value=False)
"""Gold lines by which a person decided that no mention stands there."""


def mentions(view: AuditView) -> pl.DataFrame:
    """Return entity lines that stand in a valid paragraph, gold too, with the paragraph's text as `all`.

    `quote` is what stands at the place today. Decisions that nothing is there are no mentions.
    """
    return _standing(view, "entity").filter(~NOTHING_HERE)


def judgements(view: AuditView) -> pl.DataFrame:
    """Return stance lines that stand in a valid paragraph, gold too, with the paragraph's text as `all`."""
    return _standing(view, "stance")


def gold(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the lines of the adjudicated layer."""
    return rows.filter(pl.col("annotator") == GOLD)


def votes(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the lines of annotators."""
    return rows.filter(pl.col("annotator") != GOLD)


def sampled(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Keep at most so many rows, chosen by a hash of their paragraph, so that the same ones stay chosen."""
    if rows.height <= most:
        return rows
    chosen = {
        paragraph_id: hashlib.blake2b(paragraph_id.encode(), digest_size=8).digest()
        for paragraph_id in rows["paragraph_id"].unique()
    }
    kept = sorted(chosen, key=lambda paragraph_id: chosen[paragraph_id])[:most]
    return rows.filter(pl.col("paragraph_id").is_in(kept)).head(most)


def _standing(view: AuditView, layer: str) -> pl.DataFrame:
    paragraphs = view.tables["paragraphs"].select(
        "paragraph_id", "position", "role", "duplicate_cluster", all="text"
    )
    rows = view.placed.filter(pl.col("layer") == layer).join(
        paragraphs, on="paragraph_id", maintain_order="left"
    )
    there = pl.col("all").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    return rows.with_columns(quote=there)


def shown(text: str, limit: int = 40) -> str:
    """Quote a text in a message: cut short, with control characters spelt out.

    >>> shown("云岭海关周二查验", 6)
    "'云岭海关周…'"
    """
    return repr(text if len(text) <= limit else f"{text[: limit - 1]}…")


def is_han(char: str) -> bool:
    """Whether a character is a Han ideograph (of the planes and blocks Unicode 16 has them in)."""
    code = ord(char)
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF


def is_numeric(char: str) -> bool:
    """Whether a character can be part of a number: digits of any script and Chinese numerals."""
    return unicodedata.category(char)[0] == "N" or char in "〇一二两三四五六七八九十百千万亿零兩萬億几幾第"


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` begins or ends inside a number or a word of an alphabet.

    >>> cuts_word("十三人到场", 1, 3), cuts_word("三人到场", 0, 2), cuts_word("Dellings", 0, 4)
    (True, False, True)
    """
    return _inside(text, start) or _inside(text, end)


def _inside(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if is_numeric(before) and is_numeric(after):
        return True
    return _alphabetic(before) and _alphabetic(after)


def _alphabetic(char: str) -> bool:
    return char.isalnum() and not is_han(char) and not 0x3040 <= ord(char) <= 0x30FF
