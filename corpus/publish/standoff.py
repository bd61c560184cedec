"""Published rows without their text, for pages that may not be passed on, and the way back.

What is withheld is null: paragraph text, titles, mentions, tokens, quotes, the text of blocks. What stays are
ids, offsets, labels, roles, rules and digests, so that whoever has the raw files can put every text back in
its place and prove, by the digests of the full rows, that it is the one that was annotated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from corpus.publish.digest import digest_rows
from corpus.publish.tokens import tokens
from corpus.schema.frames import polars_schema
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Frames = Mapping[str, Mapping[str, pl.DataFrame]]
    Place = tuple[str, int, int]

WITHHELD: dict[str, tuple[str, ...]] = {
    "paragraphs": ("text", "title", "entities.text"),
    "stance": ("text", "title"),
    "entities": ("tokens", "spans.text"),
    "documents": ("title",),
    "annotations": ("quote",),
    "blocks": ("text",),
}
"""The columns of each config that hold text of the pages; a dot leads into a list of rows."""


class Texts(NamedTuple):
    """The texts of documents, made anew from their raw pages.

    `blocks` and `paragraphs` are keyed by document, raw_start and raw_end, as each table has them.
    """

    titles: dict[str, str | None]
    blocks: dict[Place, str]
    paragraphs: dict[Place, str]


def withheld(frames: Frames) -> dict[str, dict[str, pl.DataFrame]]:
    """Return published frames without their text."""
    return {
        config: {split: blank(config, frame) for split, frame in splits.items()}
        for config, splits in frames.items()
    }


def blank(config: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a config without their text."""
    kinds = polars_schema(PUBLISHED[config])
    for name in WITHHELD[config]:
        column, _, field = name.partition(".")
        if field:
            nothing = pl.element().struct.with_fields(pl.lit(None, pl.String).alias(field))
            frame = frame.with_columns(pl.col(column).list.eval(nothing))
        else:
            frame = frame.with_columns(pl.lit(None, kinds[column]).alias(column))
    return frame


def digests(frames: Frames) -> dict[str, dict[str, str]]:
    """Digest the rows of full frames, by config and split, as they can be had back.

    The quote of an orphan stands nowhere in its page any more and cannot.
    """
    made: dict[str, dict[str, str]] = {}
    for config, splits in frames.items():
        for split, frame in splits.items():
            rows = recoverable(config, frame)
            made.setdefault(config, {})[split] = digest_rows(rows.iter_rows(named=True))
    return made


def recoverable(config: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a full frame as they can be had back: without the quotes of orphans."""
    if config != "annotations":
        return frame
    here = pl.when(pl.col("paragraph_id").is_not_null()).then(pl.col("quote"))
    return frame.with_columns(here.alias("quote"))


def restored(frames: Frames, texts: Texts) -> dict[str, dict[str, pl.DataFrame]]:
    """Return frames that were published without text with the texts in their places.

    A text that is not in `texts` stays null.
    """
    paragraphs = {
        row["paragraph_id"]: texts.paragraphs.get((row["document_id"], row["raw_start"], row["raw_end"]))
        for frame in frames["paragraphs"].values()
        for row in frame.select("paragraph_id", "document_id", "raw_start", "raw_end").iter_rows(named=True)
    }
    fill: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "paragraphs": lambda row: _paragraph(row, paragraphs[row["paragraph_id"]], texts),
        "stance": lambda row: (
            row | {"text": paragraphs[row["paragraph_id"]], "title": texts.titles.get(row["document_id"])}
        ),
        "entities": lambda row: _tokens(row, paragraphs[row["paragraph_id"]]),
        "documents": lambda row: row | {"title": texts.titles.get(row["document_id"])},
        "annotations": lambda row: row | {"quote": _slice(paragraphs.get(row["paragraph_id"]), row)},
        "blocks": lambda row: (
            row | {"text": texts.blocks.get((row["document_id"], row["raw_start"], row["raw_end"]))}
        ),
    }
    return {
        config: {
            split: pl.DataFrame(
                [fill[config](row) for row in frame.iter_rows(named=True)],
                schema=polars_schema(PUBLISHED[config]),
            )
            for split, frame in splits.items()
        }
        for config, splits in frames.items()
    }


def _paragraph(row: dict[str, Any], text: str | None, texts: Texts) -> dict[str, Any]:
    entities = [each | {"text": _slice(text, each)} for each in row["entities"]]
    return row | {"text": text, "title": texts.titles.get(row["document_id"]), "entities": entities}


def _tokens(row: dict[str, Any], text: str | None) -> dict[str, Any]:
    spans = [each | {"text": _slice(text, each)} for each in row["spans"]]
    cut = None if text is None else [token.text for token in tokens(text)]
    return row | {"tokens": cut, "spans": spans}


def _slice(text: str | None, place: Mapping[str, Any]) -> str | None:
    return None if text is None else text[place["start"] : place["end"]]
