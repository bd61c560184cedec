"""The published tables on disk: a config of a dataset folder, all splits together, whole or asked of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from corpus.errors import CorpusError
from corpus.records import SPLITS
from corpus.schema import PUBLISHED, polars_schema

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, config: str) -> pl.DataFrame:
    """Read a config of the dataset folder with a column `split`, in the order of splits and rows.

    A config that is not there is an empty table, as publishing leaves out what has no row. Raises CorpusError
    for a folder that holds no published dataset, or a file that is no Parquet of that table.
    """
    return asked(scan(folder, config))


def scan(folder: Path, config: str) -> pl.LazyFrame:
    """Give what `read` reads as a question to ask on (see `asked`): what it does not need is not read."""
    if not (folder / "MANIFEST.json").is_file():
        raise CorpusError(
            f"{folder}: found no published dataset (no MANIFEST.json there); run `corpus build`"
        )
    schema = polars_schema(PUBLISHED[config])
    frames = [pl.LazyFrame(schema={**schema, "split": pl.String})]
    for split in SPLITS:
        rows = _scanned(sorted((folder / config).glob(f"{split}*.parquet")), config, schema)
        frames += [each.cast(schema).with_columns(pl.lit(split).alias("split")) for each in rows]
    return pl.concat(frames)


def _scanned(paths: list[Path], config: str, schema: pl.Schema) -> list[pl.LazyFrame]:
    """Give the rows of files as one question where all are as they were written, else as one each."""
    frames, same = [], True
    for path in paths:
        try:
            rows = pl.scan_parquet(path, hive_partitioning=False, glob=False)
            same = same and rows.collect_schema() == schema
            rows = rows.select(list(schema))
            if not same:
                rows.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise CorpusError(f"{path}: cannot be read as `{config}` rows: {error}") from error
        frames.append(rows)
    if same and len(paths) > 1:
        return [pl.scan_parquet(paths, hive_partitioning=False, glob=False)]
    return frames


def asked(question: pl.LazyFrame) -> pl.DataFrame:
    """Answer a question on published tables, file by file; CorpusError where a file cannot be read."""
    try:
        return question.collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CorpusError(
            f"found published rows that cannot be read: {error}; see `corpus verify`, or build again"
        ) from error
