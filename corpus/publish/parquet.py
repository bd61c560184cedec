"""The published rows as Parquet: one file a config and split, shards above SHARD_ROWS.

zstd level 9, row groups of 50,000 rows with a page index, rows sorted by key and marked so, delta encodings
for ids, text and whole numbers, dictionaries for what repeats, no library's private metadata. The same rows
and the same pyarrow give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.publish import standoff
from corpus.publish.nest import nest
from corpus.schema.forms import arrow_schema
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import polars as pl

    from corpus.schema.declaration import Column, Table
    from corpus.schema.frames import Corpus

ROW_GROUP_ROWS = 50_000
SHARD_ROWS = 20 * ROW_GROUP_ROWS

_STORED = {"prefix": "DELTA_BYTE_ARRAY", "length": "DELTA_LENGTH_BYTE_ARRAY"}


def write(corpus: Corpus, to: Path) -> list[Path]:
    """Write `<config>/<split>.parquet` below `to` for every config and split that has rows."""
    frames = nest(corpus)
    return write_frames(standoff.withheld(frames) if corpus.project.text == "standoff" else frames, to)


def write_frames(frames: Mapping[str, Mapping[str, pl.DataFrame]], to: Path) -> list[Path]:
    """Write published frames, by config and split, below `to`."""
    written: list[Path] = []
    for config, splits in frames.items():
        (to / config).mkdir(parents=True, exist_ok=True)
        for split, frame in splits.items():
            shards = list(_shards(frame))
            for number, shard in enumerate(shards):
                path = to / config / shard_name(split, number, len(shards))
                _write_file(PUBLISHED[config], shard, path)
                written.append(path)
    return written


def shard_name(split: str, number: int, shards: int) -> str:
    """Name a shard as `datasets` does; a single one bears the split's name alone.

    >>> shard_name("train", 0, 1), shard_name("train", 1, 3)
    ('train.parquet', 'train-00001-of-00003.parquet')
    """
    return f"{split}.parquet" if shards == 1 else f"{split}-{number:05d}-of-{shards:05d}.parquet"


def _shards(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for start in range(0, frame.height, SHARD_ROWS):
        yield frame.slice(start, SHARD_ROWS)


def _write_file(table: Table, frame: pl.DataFrame, path: Path) -> None:
    import pyarrow.parquet as pq

    schema = arrow_schema(table)
    leaves = dict(_leaves(table.columns))
    encodings = {leaf: encoding for leaf, encoding in leaves.items() if encoding is not None}
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=9,
        write_page_index=True,
        use_dictionary=[leaf for leaf, encoding in leaves.items() if encoding is None],
        column_encoding=encodings,
        sorting_columns=[pq.SortingColumn(table.names.index(name)) for name in table.key],
    ) as writer:
        for start in range(0, frame.height, ROW_GROUP_ROWS):
            rows = frame.slice(start, ROW_GROUP_ROWS).to_arrow().cast(schema)
            writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)


def _leaves(columns: tuple[Column, ...], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Yield each Parquet leaf by its path with its encoding, None for a dictionary."""
    for column in columns:
        path = f"{prefix}{column.name}.list.element" if column.many else prefix + column.name
        if column.fields:
            yield from _leaves(column.fields, f"{path}.")
        elif column.kind == "integer":
            yield path, "DELTA_BINARY_PACKED"
        elif column.kind == "number":
            yield path, "PLAIN"
        else:
            yield path, _STORED.get(column.stored)
