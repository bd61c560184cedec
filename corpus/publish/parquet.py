"""The published rows as Parquet: one file a config and split, shards where a corpus is large.

zstd level 9, row groups of 50,000 rows or some 4 MB with a page index, rows sorted by key and marked so,
delta encodings for ids, text and whole numbers, dictionaries for what repeats, no library's private metadata.
The same rows and the same pyarrow give the same bytes, in whatever pieces the rows come; no more than a row
group is held.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from corpus.schema.forms import arrow_schema
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

    from corpus.schema.declaration import Column, Table

ROW_GROUP_ROWS = 50_000
SHARD_ROWS = 20 * ROW_GROUP_ROWS

ROW_GROUP_BYTES = 4 << 20
"""Bytes of rows after which a row group ends before it has its rows: writing takes five times as much."""

_STORED = {"prefix": "DELTA_BYTE_ARRAY", "length": "DELTA_LENGTH_BYTE_ARRAY"}


def files(rows: int) -> int:
    """Tell in how many files so many rows are written."""
    return -(-rows // SHARD_ROWS)


def write(config: str, tables: Iterable[pa.Table], paths: Sequence[Path]) -> None:
    """Write the rows of a config, which come sorted in tables of any size, to as many files as they need.

    The tables have the columns of `corpus.schema.forms.arrow_schema`.
    """
    groups = _row_groups(tables)
    with lean():
        for path in paths:
            _write_file(PUBLISHED[config], _of_a_file(groups), path)


def _of_a_file(groups: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Take the row groups of one file from all."""
    count = 0
    while count < SHARD_ROWS and (rows := next(groups, None)) is not None:
        yield rows
        count += rows.num_rows


@contextmanager
def lean() -> Iterator[None]:
    """Have Arrow take memory from the system and give it back: its own pool keeps 70 MB for later."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)
        with suppress(AttributeError, OSError, TypeError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)


def write_frames(frames: Mapping[str, Mapping[str, pl.DataFrame]], to: Path) -> list[Path]:
    """Write published frames below `to`, by the names of their files; `train.parquet` of a config, say."""
    written: list[Path] = []
    for config, named in frames.items():
        (to / config).mkdir(parents=True, exist_ok=True)
        for name, frame in named.items():
            rows = frame.rechunk().to_arrow().cast(arrow_schema(PUBLISHED[config]))
            _write_file(PUBLISHED[config], _row_groups([rows]), to / config / name)
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

    with lean(), pq.ParquetFile(path) as file:
        groups = ([number] for number in range(file.num_row_groups))
        return sum(batch.nbytes for each in groups for batch in file.iter_batches(row_groups=each))


def height(path: Path) -> int:
    """Count the rows of a file."""
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cut tables into row groups: none outgrows its rows, and none its bytes by more than its last row."""
    waiting: list[pa.Table] = []
    before = rows = size = 0  # rows of the file that are in groups, and what waits
    for table in tables:
        ends = np.cumsum(_sizes(table))
        start = 0
        while start < table.num_rows:
            done = int(ends[start - 1]) if start else 0
            full = int(np.searchsorted(ends, done + ROW_GROUP_BYTES - size)) + 1
            end = min(full, start + ROW_GROUP_ROWS - rows, start + SHARD_ROWS - before - rows, table.num_rows)
            waiting.append(table.slice(start, end - start))
            rows, size, start = rows + end - start, size + int(ends[end - 1]) - done, end
            if rows == ROW_GROUP_ROWS or size >= ROW_GROUP_BYTES or before + rows == SHARD_ROWS:
                yield _one(waiting)
                waiting, before, rows, size = [], (before + rows) % SHARD_ROWS, 0, 0
    if rows:
        yield _one(waiting)


def _one(tables: Sequence[pa.Table]) -> pa.Table:
    """Put tables together, a chunk a column: pages of a file end where chunks do."""
    import pyarrow as pa

    return pa.concat_tables(tables).combine_chunks()


def _sizes(table: pa.Table) -> NDArray[np.int64]:
    """Tell about how many bytes each row is, by its values alone; texts in lists count as other values do."""
    import pyarrow as pa
    import pyarrow.compute as pc

    sizes = np.zeros(table.num_rows, np.int64)
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_string(field.type):
            sizes += _numbers(pc.binary_length(column))
        elif pa.types.is_list(field.type):
            inner = field.type.value_type
            sizes += _numbers(pc.list_value_length(column)) * 8 * max(1, inner.num_fields)
        else:
            sizes += 8
    return sizes


def _numbers(counts: pa.ChunkedArray) -> NDArray[np.int64]:
    """Read counts as they lie, null as nothing: pyarrow's own ways load pandas for it, 26 MB a process."""
    numbers = [np.zeros(0, np.int64)]
    for chunk in counts.chunks:
        valid, values = chunk.buffers()
        held = np.frombuffer(values, np.int32, len(chunk), 4 * chunk.offset).astype(np.int64)
        if valid is not None:
            bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")
            held *= bits[chunk.offset : chunk.offset + len(chunk)]
        numbers.append(held)
    return np.concatenate(numbers)


def _write_file(table: Table, groups: Iterator[pa.Table], path: Path) -> None:
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
