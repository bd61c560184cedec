"""Shards: Parquet files called by the SHA-256 of their bytes, so that none is trusted that is not whole."""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = "shards"
_NAME = re.compile(r"[0-9a-f]{64}\.parquet")
_COLUMNS = ("key", "about", "version", "payload")


class Entry(NamedTuple):
    """What is kept under a key, the content it is about (a digest), and the version of what made it."""

    key: bytes
    about: bytes
    version: str
    payload: bytes


def names(folder: Path) -> list[str]:
    """Return the names of the shards in a cache folder, sorted."""
    return sorted(path.name for path in (folder / FOLDER).iterdir() if _NAME.fullmatch(path.name))


def write(folder: Path, entries: Sequence[Entry]) -> str:
    """Write a shard beside and rename it; return its name. The same entries give the same shard."""
    import polars as pl  # not pyarrow, which is 30 MB more in every process that cleans

    schema = dict(zip(_COLUMNS, (pl.Binary, pl.Binary, pl.String, pl.Binary), strict=True))
    sink = io.BytesIO()
    table = pl.DataFrame(list(entries), schema=schema, orient="row")
    table.write_parquet(sink, compression="zstd", statistics=False)
    made = sink.getvalue()
    name = f"{hashlib.sha256(made).hexdigest()}.parquet"
    beside = folder / FOLDER / f"{secrets.token_hex(8)}.tmp"
    try:
        beside.write_bytes(made)
        beside.replace(folder / FOLDER / name)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    return name


def read(folder: Path, name: str) -> list[Entry] | None:
    """Read a shard; None where it is gone, or its bytes are not those that it was named for."""
    path = folder / FOLDER / name
    try:
        if path.is_symlink():
            return None
        held = path.read_bytes()
    except OSError:
        return None
    if f"{hashlib.sha256(held).hexdigest()}.parquet" != name:
        return None
    import polars as pl

    try:
        table = pl.read_parquet(io.BytesIO(held), columns=list(_COLUMNS))
        kept = [Entry(*row) for row in table.iter_rows()]
    except (pl.exceptions.PolarsError, OSError, ValueError, TypeError):
        return None
    whole = all(isinstance(each.payload, bytes) and isinstance(each.key, bytes) for each in kept)
    return kept if whole else None


def remove(folder: Path, name: str) -> None:
    """Take a shard away."""
    (folder / FOLDER / name).unlink(missing_ok=True)


def sweep(folder: Path, before: float) -> None:
    """Take away what writers that were killed left unfinished, if it is older than a moment."""
    for path in (folder / FOLDER).glob("*.tmp"):
        with suppress(OSError):
            if path.stat().st_mtime < before:
                path.unlink()
