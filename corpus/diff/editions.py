"""An edition: the rows and columns of a published folder, of this version of the tool or another."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
import yaml

from corpus.errors import CorpusError
from corpus.records import SPLITS
from corpus.schema import PUBLISHED, polars_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


_PAIRED_BY = {
    "paragraphs": ("document_id", "position"),
    "annotations": ("annotator", "layer", "document_id", "label"),
}
_NESTED = {"paragraphs": {"entities": {"entity_id", "start", "end", "label"}, "stances": {"label", "target"}}}
"""What a comparison reads of rows besides their keys."""

_MISSHAPEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading YAML of another shape than a card's ends in."""

_MOST_COLUMNS = 10_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Edition(NamedTuple):
    """A published dataset: its rows by config with their split, and its columns as the card declares them.

    `columns` maps `config/column` to its kind, with class labels as `label: a, b`, and `schema` to the
    version of the tables' meaning; `released` is a day.
    """

    name: str
    version: str
    released: str | None
    tables: Mapping[str, pl.DataFrame]
    columns: Mapping[str, str]


def edition(folder: Path, configs: Sequence[str] | None = None) -> Edition:
    """Read the published folder, of this version of the tool or another; only some configs where asked.

    Raises CorpusError for a folder without manifest or card, or with files that are no Parquet. Nothing is
    read but what lies in the folder.
    """
    manifest = _json(folder / "MANIFEST.json")
    described = _json(folder / "croissant.json") if (folder / "croissant.json").is_file() else {}
    return Edition(
        name=str(manifest.get("name")),
        version=str(manifest.get("version")),
        released=released if _DAY.fullmatch(released := str(described.get("datePublished"))) else None,
        tables={
            config: _rows(folder, config)
            for config in _configs(folder)
            if configs is None or config in configs
        },
        columns=columns(folder) | {"schema": f"version {manifest.get('schema_version')}"},
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8")) if _plain(path) else None
    except (OSError, ValueError, RecursionError) as error:
        raise CorpusError(
            f"{path}: cannot be read ({error}); expected a published dataset; run `corpus build`"
        ) from None
    if not isinstance(read, dict):
        raise CorpusError(f"{path}: found no object; expected a published dataset; run `corpus build`")
    return read


def _plain(path: Path) -> bool:
    """Whether a file ends: a pipe or a device would be waited for; FileNotFoundError where there is none."""
    return stat.S_ISREG(path.stat().st_mode)


def _configs(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.parquet")))


def _rows(folder: Path, config: str) -> pl.DataFrame:
    """Read all columns that there are, not those that are declared today."""
    frames = []
    for path in sorted((folder / config).glob("*.parquet")):
        split = next((name for name in SPLITS if path.name.startswith(name)), path.stem)
        try:
            rows = pl.read_parquet(path, hive_partitioning=False) if _plain(path) else pl.DataFrame()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise CorpusError(f"{path}: cannot be read as Parquet: {error}") from error
        _insist(rows, config, path)
        frames.append(rows.with_columns(pl.lit(split).alias("split")))
    return pl.concat(frames, how="diagonal_relaxed")


def _insist(rows: pl.DataFrame, config: str, path: Path) -> None:
    """Raise CorpusError for a config we know whose rows lack what pairs them, whatever version wrote them."""
    if config not in PUBLISHED:
        return
    ours = polars_schema(PUBLISHED[config])
    for name in (*PUBLISHED[config].key, *_PAIRED_BY.get(config, ())):
        if rows.schema.get(name) != ours[name]:
            raise CorpusError(
                f"{path}: found {rows.schema.get(name, 'no')} column `{name}`; expected {ours[name]} in rows "
                f"of `{config}`; see `corpus verify`"
            )
    for name, fields in _NESTED.get(config, {}).items():
        kind = rows.schema.get(name)
        inner = kind.inner if isinstance(kind, pl.List) else None
        held = {field.name for field in inner.fields} if isinstance(inner, pl.Struct) else set()
        if kind is not None and not fields <= held:
            raise CorpusError(
                f"{path}: found {kind} as `{name}`; expected a list of rows with {', '.join(sorted(fields))}"
            )


def columns(folder: Path) -> dict[str, str]:
    """Read the columns that a published folder's card declares: `config/column` -> kind, labels in order."""
    path = folder / "README.md"
    try:
        card = path.read_text(encoding="utf-8") if _plain(path) else ""
        front = yaml.safe_load(card.split("\n---\n", 1)[0].removeprefix("---\n"))
        found: dict[str, str] = {}
        for table in front["dataset_info"]:
            _declared(table["features"], f"{table['config_name']}/", found)
    except (yaml.YAMLError, OSError, *_MISSHAPEN) as error:
        raise CorpusError(
            f"{path}: no card that can be read ({type(error).__name__}: {error}); run `corpus build`"
        ) from None
    return found


def _declared(features: Iterable[dict[str, Any]], prefix: str, found: dict[str, str]) -> None:
    for feature in features:
        if len(found) > _MOST_COLUMNS:  # aliases in YAML can make thousands of lines of millions of columns
            raise ValueError(f"more than {_MOST_COLUMNS:,} columns")
        name = prefix + feature["name"]
        inner = feature.get("list", feature.get("dtype"))
        many = "list of " if "list" in feature else ""
        if isinstance(inner, list):
            found[name] = f"{many}rows"
            _declared(inner, f"{name}.", found)
        elif isinstance(inner, dict):
            names = inner.get("class_label", {}).get("names", {})
            ordered = [str(names[key]) for key in sorted(names, key=int)]
            found[name] = f"{many}label: {', '.join(ordered)}"
        else:
            found[name] = f"{many}{inner}"


def keyed(given: Edition, config: str) -> dict[Any, dict[str, Any]]:
    """Give a config's rows by their key, one value or a tuple of them."""
    if config not in given.tables:
        return {}
    table = given.tables[config]
    key = [name for name in (PUBLISHED[config].key if config in PUBLISHED else ()) if name in table.columns]
    key = key or [name for name, kind in table.schema.items() if not kind.is_nested()][:1]
    rows = table.iter_rows(named=True)
    if len(key) == 1:
        return {row[key[0]]: row for row in rows}
    return {tuple(row[name] for name in key): row for row in rows}
