"""The published rows as Parquet: one file a config and split, shards where a corpus is large.

zstd level 9, row groups of 50,000 rows with a page index, rows sorted by key and marked so, delta encodings
for ids, text and whole numbers, dictionaries for what repeats, no library's private metadata. The same rows
and the same pyarrow give the same bytes, in whatever pieces the rows come; no more than a row group is held.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from corpus.schema.forms import arrow_schema
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.schema.declaration import Column, Table

ROW_GROUP_ROWS = 50_000
SHARD_ROWS = 20 * ROW_GROUP_ROWS

_STORED = {"prefix": "DELTA_BYTE_ARRAY", "length": "DELTA_LENGTH_BYTE_ARRAY"}


def files(rows: int) -> int:
    """Tell in how many files so many rows are written."""
    return -(-rows // SHARD_ROWS)


def write(config: str, frames: Iterable[pl.DataFrame], paths: Sequence[Path]) -> None:
    """Write the rows of a config, which come sorted in frames of any size, to as many files as they need."""
    groups = _row_groups(frames)
    for path in paths:
        _write_file(PUBLISHED[config], islice(groups, SHARD_ROWS // ROW_GROUP_ROWS), path)
    _give_back()


def _give_back() -> None:
    """Give the system what Arrow and the C library hold for later: a third of 180 MB, file after file."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError, TypeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


def write_frames(frames: Mapping[str, Mapping[str, pl.DataFrame]], to: Path) -> list[Path]:
    """Write published frames below `to`, by the names of their files; `train.parquet` of a config, say."""
    written: list[Path] = []
    for config, named in frames.items():
        (to / config).mkdir(parents=True, exist_ok=True)
        for name, frame in named.items():
            _write_file(PUBLISHED[config], _row_groups([frame]), to / config / name)
            written.append(to / config / name)
    return written


def shard_name(split: str, number: int, shards: int) -> str:
    """Name a shard as `datasets` does; a single one bears the split's name alone.

    >>> shard_name("train", 0, 1), shard_name("train", 1, 3)
    ('train.parquet', 'train-00001-of-00003.parquet')
    """
    return f"{split}.parquet" if shards == 1 else f"{split}-{number:05d}-of-{shards:05d}.parquet"


def arrow_bytes(path: Path) -> int:
    """Tell how large the rows of a file are in memory, as Arrow."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return sum(batch.nbytes for batch in file.iter_batches())


def height(path: Path) -> int:
    """Count the rows of a file."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _row_groups(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Cut frames into frames of ROW_GROUP_ROWS rows each, the last one aside."""
    waiting: list[pl.DataFrame] = []
    count = 0
    for frame in frames:
        waiting.append(frame)
        count += frame.height
        while count >= ROW_GROUP_ROWS:
            rows = pl.concat(waiting)
            yield rows.slice(0, ROW_GROUP_ROWS)
            waiting, count = [rows.slice(ROW_GROUP_ROWS)], count - ROW_GROUP_ROWS
    if count:
        yield pl.concat(waiting)


def _write_file(table: Table, groups: Iterator[pl.DataFrame], path: Path) -> None:
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
        for rows in groups:
            # One chunk a column: pages of a file end where chunks do.
            writer.write_table(rows.rechunk().to_arrow().cast(schema), row_group_size=ROW_GROUP_ROWS)


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
