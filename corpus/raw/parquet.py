"""Parquet, one page a row.

Columns, all but the text optional, are the keys of a line of JSON Lines (see `corpus.raw.jsonl`); a column of
strings holds text, one of binary values holds a body as it was collected, still to be decoded. `fetched_at`
may be a timestamp. Other columns are not read. A row without an id is called by its number, from 1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableError
from corpus.raw._record import KEYS, TEXT_KEYS, page_of
from corpus.records import Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

suffixes = (".parquet",)

_BATCH_ROWS = 16
"""Rows held at a time: a page may have tens of megabytes."""


def read(path: Path) -> Iterator[Page | Quarantined]:
    """Yield the page of each row; a row that holds none is named by its number, and the rest goes on."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if name in KEYS]
            if not TEXT_KEYS.keys() & set(columns):
                found = ", ".join(file.schema_arrow.names[:8])[:200] or "none"
                wanted = ", ".join(TEXT_KEYS)
                reason = f"found no text: expected one of the columns {wanted}; found {found}"
                yield Quarantined(path.name, reason)
                return
            seen: dict[str, int] = {}
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    yield _page(row, number, path, seen)
    except pa.ArrowException as error:
        first_line = str(error).partition("\n")[0][:200]
        after = f" after row {number}" if number else ""
        yield Quarantined(path.name, f"no Parquet that can be read{after}: {first_line}")
        return
    if not number:
        yield Quarantined(path.name, "found no row, expected one page a row")


def _page(row: dict[str, Any], number: int, path: Path, seen: dict[str, int]) -> Page | Quarantined:
    fetched = row.get("fetched_at")
    if isinstance(fetched, datetime):
        row["fetched_at"] = fetched.isoformat()
    try:
        return page_of(row, number, path, seen, "row")
    except UnreadableError as error:
        return Quarantined(path.name, f"row {number}: {error}", str(number))
