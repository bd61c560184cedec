"""published/ -> its rows as JSON Lines or CSV, for those who cannot read Parquet; a config a folder.

The text, its labels and offsets are the published ones. Nothing is read back from these files.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.records import SPLITS
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from corpus.schema.declaration import Table

# What a spreadsheet takes for the start of a formula, as OWASP's page on CSV injection lists it, and the
# full-width signs that some take for the same: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def export(format_name: str, folder: Path, to: Path) -> list[Path]:
    """Write every config and split of the published `folder` as `to/<config>/<split>.<format>`.

    `format_name` is one of FORMATS. Raises PublishError where `folder` holds no published corpus, `to` exists
    already and is not empty (nothing is overwritten), the disk refuses, or a file is no such table.
    """
    if not manifest.read(folder).get("complete"):
        raise PublishError(f"{folder}: found an unfinished folder; run `corpus build`")
    if to.exists() and any(to.iterdir()):
        raise PublishError(f"{to}: found a folder that is not empty; expected a new one; name another")
    written = []
    for config, table in PUBLISHED.items():
        for split in SPLITS:
            files = manifest.shards(folder, config, split)
            if files:
                path = to / config / f"{split}.{format_name}"
                _export(format_name, path, table, files)
                written.append(path)
    return written


def _export(format_name: str, path: Path, table: Table, files: list[Path]) -> None:
    """Write one file; what stands there of a file that could not be written whole is removed."""
    import pyarrow as pa

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        FORMATS[format_name](path, [column.name for column in table.columns], manifest.read_rows(files))
    except (OSError, pa.ArrowException, KeyError) as error:
        path.unlink(missing_ok=True)
        raise PublishError(
            f"{path}: cannot be written ({error}); expected room and permission there and rows of "
            f"`{table.name}` in the published folder; see `corpus verify`, and export to a new folder"
        ) from error


def _write_jsonl(path: Path, columns: list[str], rows: Iterator[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")


def _write_csv(path: Path, columns: list[str], rows: Iterator[Mapping[str, Any]]) -> None:
    # The byte-order mark tells spreadsheets that Chinese text is UTF-8; line ends are those of RFC 4180.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(row[name]) for name in columns])


def _cell(value: object) -> object:
    """A value as a cell: lists as JSON, and text that a spreadsheet would run is made plain by an apostrophe.

    >>> _cell("=HYPERLINK(1)"), _cell("港口"), _cell(-1), _cell([{"start": 0}])
    ("'=HYPERLINK(1)", '港口', -1, '[{"start": 0}]')
    """
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


FORMATS: dict[str, Callable[[Path, list[str], Iterator[Mapping[str, Any]]], None]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
}
"""What the rows can be written as."""
