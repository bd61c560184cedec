"""Flat tables -> published ones by config and split: the last step, where facts are joined and nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from corpus.publish.tokens import iob2, tokens
from corpus.records import GOLD, SPLITS
from corpus.schema.frames import ordered, polars_schema
from corpus.schema.tables import FLAT, PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from corpus.schema.frames import Corpus


def nest(corpus: Corpus) -> dict[str, dict[str, pl.DataFrame]]:
    """Make the published frames of a valid corpus, by config and split, each sorted by its key.

    A split without rows is left out, and so is a config without any: `datasets` reads no empty split. Every
    row goes to the split of its document.
    """
    published: dict[str, dict[str, pl.DataFrame]] = {}
    for config, split, rows in nested(corpus):
        published.setdefault(config, {})[split] = rows
    return published


def nested(corpus: Corpus) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield the published frames one after the other, so that none need be held beside the next."""
    splits = corpus.tables["documents"].select("document_id", "split")
    owners = {split: splits.filter(pl.col("split") == split) for split in SPLITS}
    for config, (make, rows_of) in _MAKERS.items():
        if corpus.tables[rows_of].is_empty():
            continue
        columns = [pl.col(name).cast(kind) for name, kind in polars_schema(PUBLISHED[config]).items()]
        frame = make(corpus.tables)
        for split, mine in owners.items():
            rows = frame.join(mine, on="document_id", how="semi", maintain_order="left").select(columns)
            if rows.height:
                yield config, split, ordered(rows, PUBLISHED[config].key)


def _documents(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return tables["documents"].drop("split")


def _flat(name: str) -> Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame]:
    return lambda tables: tables[name]


def _paragraphs(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    page = tables["documents"].select("document_id", "title", "url", "publisher", "published_at", "licence")
    entities = tables["entities"].sort(
        "paragraph_id", "start", "end", "entity_id", descending=[False, False, True, False]
    )
    stances = tables["stances"].sort("paragraph_id", "target")
    segments = tables["segments"].sort("paragraph_id", "position")
    frame = tables["paragraphs"].join(page, on="document_id", how="left")
    for name, rows in (("entities", entities), ("stances", stances), ("segments", segments)):
        frame = _gather(frame, name, rows, "paragraphs", ("paragraph_id",))
    return frame


def _stance(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    key = ("paragraph_id", "target")
    text = tables["paragraphs"].select("paragraph_id", "text")
    title = tables["documents"].select("document_id", "title")
    single = pl.col("layer") == "stance", pl.col("annotator") != GOLD, pl.col("paragraph_id").is_not_null()
    votes = tables["annotations"].filter(*single).sort(*key, "annotator", "annotation_id")
    frame = tables["stances"].join(text, on="paragraph_id").join(title, on="document_id", how="left")
    return _gather(frame, "annotator_labels", votes, "stance", key)


def _entities(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Make the rows of pages with an adjudicated mention: in others, `O` may mean that nobody looked."""
    seen = tables["entities"].select("document_id").unique()
    frame = tables["paragraphs"].join(seen, on="document_id", how="semi")
    spans = tables["entities"].sort(
        "paragraph_id", "start", "end", "label", descending=[False, False, True, False]
    )
    frame = _gather(frame, "spans", spans, "entities", ("paragraph_id",))
    cut = [tokens(text) for text in frame["text"]]
    tags = [
        iob2(each, [(span["start"], span["end"], span["label"]) for span in spans])
        for each, spans in zip(cut, frame["spans"], strict=True)
    ]
    texts = pl.List(pl.String)
    return frame.with_columns(
        pl.Series("tokens", [[token.text for token in each] for each in cut], dtype=texts),
        pl.Series("tags", [list(each) for each in tags], dtype=texts),
    )


def _gather(
    frame: pl.DataFrame, name: str, rows: pl.DataFrame, config: str, key: tuple[str, ...]
) -> pl.DataFrame:
    """Add the list column `name` to a frame from the rows that share its key; empty where there are none."""
    column = PUBLISHED[config][name]
    kind = polars_schema(PUBLISHED[config])[name]
    empty = pl.lit([], dtype=kind)
    if rows.is_empty():
        return frame.with_columns(empty.alias(name))
    fields = pl.struct(*(field.name for field in column.fields))
    lists = rows.lazy().group_by(key, maintain_order=True).agg(fields.alias(name))
    joined = frame.lazy().join(lists, on=key, how="left", maintain_order="left")
    return joined.with_columns(pl.col(name).cast(kind).fill_null(empty)).collect()


_MAKERS: dict[str, tuple[Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame], str]] = {
    "paragraphs": (_paragraphs, "paragraphs"),
    "stance": (_stance, "stances"),
    "entities": (_entities, "entities"),
    "documents": (_documents, "documents"),
    "annotations": (_flat("annotations"), "annotations"),
    "blocks": (_flat("blocks"), "blocks"),
}
"""What makes the rows of a config, and the flat table without a row of which there is none."""

assert tuple(_MAKERS) == tuple(PUBLISHED)
assert set(FLAT) >= {"annotations", "blocks"}
