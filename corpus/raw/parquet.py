"""Parquet, one page a row.

Columns, all but the text optional, are the keys of a line of JSON Lines (see `corpus.raw.jsonl`); a column of
strings holds text, one of binary values holds a body as it was collected, still to be decoded. `fetched_at`
may be a timestamp. Other columns are not read. A row without an id is called by its number, from 1.

A large file is cut into row groups, and a row group that is itself large into at most CUTS pieces: rows inside
a group are found by decoding those before them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from corpus.errors import UnreadableError
from corpus.raw._ranges import CHANGED, RANGE_PAGES, Mark, Range, facts, grouped
from corpus.raw._record import KEYS, TEXT_KEYS, page_of
from corpus.records import Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

suffixes = (".parquet",)

_BATCH_ROWS = 16
"""Rows held at a time: a page may have tens of megabytes."""

_BUFFER_BYTES = 1 << 20
"""What is read at a time of a column, instead of all of it."""

CUTS = 4
"""Pieces of a row group: each more costs half a decoding of it."""


def read(path: Path, part: Range | None = None) -> Iterator[Page | Quarantined]:
    """Yield the page of each row of a file, or of a range of it; a row that holds none is named by its number.

    A row group that cannot be read on is named, and the next one read.
    """
    import pyarrow as pa

    if part and facts(path) != part.facts:
        raise UnreadableError(CHANGED)
    try:
        with path.open("rb") as whole, _opened(whole) as file:
            columns = [name for name in file.schema_arrow.names if name in KEYS]
            if not TEXT_KEYS.keys() & set(columns):
                found = ", ".join(file.schema_arrow.names[:8])[:200] or "none"
                wanted = ", ".join(TEXT_KEYS)
                reason = f"found no text: expected one of the columns {wanted}; found {found}"
                yield Quarantined(path.name, reason)
                return
            rows = range(part.start, part.stop or _END) if part else range(_END)
            any_row = _bounds(file)[-1] > 0
            yield from _rows(file, columns, rows, path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        yield Quarantined(path.name, f"no Parquet that can be read: {_told(error)}")
        return
    if not any_row:
        yield Quarantined(path.name, "found no row, expected one page a row")


_END = 1 << 62


def _opened(file: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow.parquet as pq

    return pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES)


def _rows(
    file: Any,  # noqa: ANN401 - pyarrow has no types
    columns: Sequence[str],
    rows: range,
    path: Path,
) -> Iterator[Page | Quarantined]:
    """Yield the pages of the rows that are asked for, counted from 0."""
    import pyarrow as pa

    seen: dict[str, int] = {}
    for group, (begin, end) in enumerate(pairwise(_bounds(file))):
        if end <= rows.start or begin >= rows.stop:
            continue
        number = begin
        try:
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns):
                wanted = number + len(batch) > rows.start
                for row in _listed(batch) if wanted else ():
                    number += 1
                    if number > rows.start:
                        yield _page(row, number, path, seen)
                number += 0 if wanted else len(batch)
                if number >= rows.stop:
                    break
        except (pa.ArrowException, OSError) as error:
            if number in rows:
                after = f" after row {number}" if number else ""
                yield Quarantined(path.name, f"no Parquet that can be read{after}: {_told(error)}")

def _listed(rows: Any) -> list[Any]:  # noqa: ANN401 - pyarrow has no types
    """Return rows or values in Python, None for one that holds text which is not UTF-8."""
    try:
        return cast("list[Any]", rows.to_pylist())
    except UnicodeDecodeError:
        if len(rows) == 1:
            return [None]
        return [each for at in range(len(rows)) for each in _listed(rows.slice(at, 1))]


def _told(error: Exception) -> str:
    """Return the first line of what Arrow says; it makes an OSError without a number of some damages too."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    return str(error).partition("\n")[0][:200]


def _bounds(file: Any) -> list[int]:  # noqa: ANN401 - pyarrow has no types
    """Return where each row group begins, and where the last one ends, counted in rows."""
    bounds = [0]
    for group in range(file.metadata.num_row_groups):
        bounds.append(bounds[-1] + file.metadata.row_group(group).num_rows)
    return bounds


def ranges(path: Path) -> list[Range]:
    """Cut a file into ranges of rows; none of a file that cannot be read."""
    import pyarrow as pa

    told = facts(path)
    try:
        with path.open("rb") as whole, _opened(whole) as file:
            any_text = TEXT_KEYS.keys() & set(file.schema_arrow.names)
            return grouped(_marks(file), told) if any_text else []
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        return []


def _marks(file: Any) -> Iterator[Mark]:  # noqa: ANN401 - pyarrow has no types
    columns = [name for name in file.schema_arrow.names if name == "id"]
    for group, (begin, end) in enumerate(pairwise(_bounds(file))):
        given = file.read_row_group(group, columns=columns).column(0) if columns else None
        names = [] if given is None else _listed(given)
        # A multiple of the rows held at a time, so that the same of them are read together, cut or whole.
        step = max(RANGE_PAGES, -(-(end - begin) // CUTS))
        step += -step % _BATCH_ROWS
        for row in range(begin, end):
            name = names[row - begin] if row - begin < len(names) else None
            yield Mark(row, (row - begin) % step == 0, str(row + 1) if name is None or name == "" else str(name))


def _page(row: dict[str, Any] | None, number: int, path: Path, seen: dict[str, int]) -> Page | Quarantined:
    if row is None:
        return Quarantined(path.name, f"row {number}: found text that is not UTF-8", str(number))
    fetched = row.get("fetched_at")
    if isinstance(fetched, datetime):
        row["fetched_at"] = fetched.isoformat()
    try:
        page = page_of(row, number, path, seen, "row")
        return replace(page, at=number - 1) if isinstance(page, Page) else page
    except UnreadableError as error:
        return Quarantined(path.name, f"row {number}: {error}", str(number))
