"""Predictions from JSON Lines, Parquet, a folder saved by `datasets`, or an object in memory.

Files are read as rows of plain values; nothing in them is run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SUFFIXES = (".jsonl", ".ndjson", ".json", ".parquet")


def read(path: Path, split: str | None = None) -> list[dict[str, Any]]:
    """Read the rows of a file of predictions, or of a folder that `Dataset.save_to_disk` wrote.

    Raises UnreadableError, with file and line, for what is none. Of a DatasetDict `split` is read.
    """
    if path.is_dir():
        return rows_of(_from_disk(path), split)
    if path.suffix == ".parquet":
        return _parquet(path)
    if path.suffix not in SUFFIXES:
        raise UnreadableError(
            f"{path}: found the suffix `{path.suffix}`; expected one of {', '.join(SUFFIXES)}, or a folder "
            "saved by datasets; write the predictions as one of them"
        )
    return _lines(path)


def rows_of(given: Any, split: str | None = None) -> list[dict[str, Any]]:  # noqa: ANN401 - datasets is untyped
    """Give the rows of an iterable of mappings or a `datasets` object; ClassLabel numbers become names."""
    if hasattr(given, "keys") and not hasattr(given, "column_names"):
        raise UnreadableError(
            f"found {type(given).__name__}; expected rows of predictions; give a list of them"
        )
    if hasattr(given, "keys"):  # a DatasetDict
        names = list(given)
        if split not in names:
            raise UnreadableError(
                f"found the splits {', '.join(map(str, names))}; expected `{split}` among them; choose one"
            )
        given = given[split]
    named = {
        name: feature.names
        for name, feature in (getattr(given, "features", None) or {}).items()
        if hasattr(feature, "names")
    }
    return [{**row, **_named(row, named)} for row in given]


def _named(row: Mapping[str, Any], named: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: names[row[name]]
        for name, names in named.items()
        if isinstance(row.get(name), int) and 0 <= row[name] < len(names)
    }


def _from_disk(path: Path) -> Iterable[Mapping[str, Any]]:
    from datasets import load_from_disk

    try:
        made: Iterable[Mapping[str, Any]] = load_from_disk(str(path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableError(
            f"{path}: found no dataset that can be read ({error}); expected one saved by save_to_disk"
        ) from None
    return made


def _parquet(path: Path) -> list[dict[str, Any]]:
    import polars as pl

    try:
        return pl.read_parquet(path, hive_partitioning=False).to_dicts()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableError(
            f"{path}: found no Parquet that can be read ({error}); expected rows of predictions"
        ) from None


def _lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                rows.append(_row(line, f"{path}:{number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(
            f"{path}: found a file that cannot be read ({error}); expected UTF-8 text"
        ) from None
    return rows


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            f"{where}: found a line that is no JSON ({error}); expected one object a line"
        ) from None
    if not isinstance(row, dict):
        raise UnreadableError(f"{where}: found {type(row).__name__}; expected one JSON object a line")
    return row
