"""Finished pieces -> the files of a published folder; those that are as they were are taken over.

The pieces are dealt to groups (`corpus.schema.parts.groups`), and the rows of a group in a config and split
are one file, or several where they are more than a file holds. A lot of files is called by the digests of its
rows: where the folder that is to be replaced has them, by the note of the last build and by their SHA-256,
they are linked or copied. So one changed page costs the files of its group.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import code
from corpus.publish import manifest, parquet
from corpus.publish.digest import Runs, digest_splits
from corpus.records import SPLITS
from corpus.schema.parts import groups
from corpus.schema.tables import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from corpus.publish.finished import Finished, Piece

    Map = Callable[[Callable[["Lot"], Sequence["Laid"]], Sequence["Lot"]], Iterable[Sequence["Laid"]]]

NOTE = "published.json"
_PARTS = (
    *("publish/digest.py", "publish/finished.py", "publish/manifest.py", "publish/parquet.py"),
    *("publish/shards.py", "records.py", "schema/declaration.py", "schema/forms.py", "schema/tables.py"),
)
_LIBRARIES = ("numpy", "polars", "pyarrow")


class Laid(NamedTuple):
    """A file of rows: its name below the folder, size and SHA-256, and the size of its rows as Arrow."""

    name: str
    bytes: int
    sha256: str
    arrow_bytes: int


@dataclass(frozen=True, slots=True)
class Lot:
    """The rows of a group of pieces in a config and split, and the files that they are written to."""

    config: str
    split: str
    pieces: tuple[Piece, ...]
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """What it is known by: its rows, and the code that writes them."""
        digests = [piece.rows(self.config, self.split).digest for piece in self.pieces]
        told = json.dumps([_code(), parquet.SHARD_ROWS, self.config, self.split, digests])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes a lot below a folder; it can be sent to other processes."""

    to: Path

    def __call__(self, lot: Lot) -> list[Laid]:
        paths = [self.to / name for name in lot.names]
        with parquet.lean():
            parquet.write(lot.config, _merged(lot), paths)
        return [
            Laid(name, path.stat().st_size, manifest.sha256(path), parquet.arrow_bytes(path))
            for name, path in zip(lot.names, paths, strict=True)
        ]


class Noted(NamedTuple):
    """What the next build may know: the folder, its lots of files by key, and digests of rows by theirs."""

    folder: str
    lots: Mapping[str, list[Laid]]
    digests: Mapping[str, str]


class Edition(NamedTuple):
    """What was laid: the files by name, what the manifest tells of tables and full rows, and what to note."""

    files: Mapping[str, Laid]
    tables: Mapping[str, Any]
    full: Mapping[str, Mapping[str, str]]
    noted: Noted


def lay(finished: Finished, to: Path, old: Path, map_: Map = map) -> Edition:
    """Lay the files of a finished corpus below the new folder `to`, from those of `old` where it has them.

    `map_` calls a function on lots, in any processes, and gives the results in their order.
    """
    noted = _noted(finished, old)
    dealt = [finished.pieces[start:end] for start, end in groups([piece.part for piece in finished.pieces])]
    lots = [lot for config in PUBLISHED for split in SPLITS for lot in _lots(dealt, config, split)]
    for config in dict.fromkeys(lot.config for lot in lots):
        (to / config).mkdir()
    laid = {lot.key: taken for lot in lots if (taken := _taken(lot, noted.lots.get(lot.key), old, to))}
    todo = [lot for lot in lots if lot.key not in laid]
    laid |= {lot.key: list(made) for lot, made in zip(todo, map_(_Writing(to), todo), strict=True)}
    digests = _digests(finished, lots, noted.digests)
    return Edition(
        {each.name: each for lot in lots for each in laid[lot.key]},
        {config: _table(finished, config, mine, digests) for config, mine in _by_config(lots).items()},
        {config: _full(finished, config, mine, digests) for config, mine in _by_config(lots).items()},
        Noted(str(old), laid, digests),
    )


def _by_config(lots: Iterable[Lot]) -> dict[str, list[Lot]]:
    found: dict[str, list[Lot]] = {}
    for lot in lots:
        found.setdefault(lot.config, []).append(lot)
    return found


def _table(
    finished: Finished, config: str, lots: Sequence[Lot], digests: Mapping[str, str]
) -> dict[str, Any]:
    """Tell of the rows of a config as the manifest does."""
    splits: dict[str, dict[str, Any]] = {}
    for lot in lots:
        told = splits.setdefault(lot.split, {"rows": 0, "sha256": "", "files": []})
        told["rows"] += sum(piece.height(config, lot.split) for piece in lot.pieces)
        told["sha256"] = digests[_rows_key(finished, config, lot.split, full=False)]
        told["files"] += lot.names
    rows = sum(told["rows"] for told in splits.values())
    return {
        "rows": rows,
        "sha256": digest_splits({s: t["sha256"] for s, t in splits.items()}),
        "splits": splits,
    }


def _full(finished: Finished, config: str, lots: Sequence[Lot], digests: Mapping[str, str]) -> dict[str, str]:
    """Give the digests of the full rows by split, where their text is withheld."""
    if finished.work.project.text != "standoff":
        return {}
    return {lot.split: digests[_rows_key(finished, config, lot.split, full=True)] for lot in lots}


def note(finished: Finished, edition: Edition) -> None:
    """Note what was laid, for the next build; a disk that refuses makes that one write all files."""
    finished.work.store.note(NOTE, json.dumps(edition.noted, ensure_ascii=False))


def _noted(finished: Finished, old: Path) -> Noted:
    try:
        folder, lots, digests = json.loads(finished.work.store.noted(NOTE))
        read = {key: [Laid(*each) for each in made] for key, made in lots.items()}
        if folder == str(old):
            return Noted(folder, read, dict(digests))
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    return Noted(str(old), {}, {})


def _lots(dealt: Sequence[Sequence[Piece]], config: str, split: str) -> Iterator[Lot]:
    mine = [[piece for piece in group if piece.height(config, split)] for group in dealt]
    counts = [parquet.files(sum(piece.height(config, split) for piece in pieces)) for pieces in mine]
    number, total = 0, sum(counts)
    for pieces, count in zip(mine, counts, strict=True):
        if pieces:
            numbers = range(number, number + count)
            names = (f"{config}/{parquet.shard_name(split, each, total)}" for each in numbers)
            yield Lot(config, split, tuple(pieces), tuple(names))
            number += count


def _taken(lot: Lot, made: Sequence[Laid] | None, old: Path, to: Path) -> list[Laid] | None:
    """Take the files of a lot over from the old folder; None where not all stand there as they were made."""
    if (
        made is None
        or len(made) != len(lot.names)
        or not all(_stands(old / each.name, each) for each in made)
    ):
        return None
    for each, name in zip(made, lot.names, strict=True):
        try:
            os.link(old / each.name, to / name)
        except OSError:  # a file system without links, or with too many
            shutil.copyfile(old / each.name, to / name)
    return [each._replace(name=name) for each, name in zip(made, lot.names, strict=True)]


def _stands(path: Path, made: Laid) -> bool:
    try:
        known = not path.is_symlink() and path.is_file() and path.stat().st_size == made.bytes
        return known and manifest.sha256(path) == made.sha256
    except OSError:
        return False


def _merged(lot: Lot) -> Iterator[pa.Table]:
    """Give the rows of a lot in the order of their keys.

    Most pieces follow one another; one that begins before others have ended is sorted with them.
    """
    import pyarrow as pa

    key = PUBLISHED[lot.config].key
    queue = sorted((piece.rows(lot.config, lot.split).first, n) for n, piece in enumerate(lot.pieces))
    held: pa.Table | None = None
    for place, (_, number) in enumerate(queue):
        rows = lot.pieces[number].table(lot.config, lot.split)
        if held is not None and held.num_rows:
            rows = pa.concat_tables([held, rows]).sort_by([(name, "ascending") for name in key])
        count = _before(rows.select(key), queue[place + 1][0]) if place + 1 < len(queue) else rows.num_rows
        yield rows.slice(0, count)
        held = rows.slice(count)


def _before(keys: pa.Table, bound: tuple[object, ...]) -> int:
    """Count the rows whose key is below a bound; they are sorted by it."""

    def key(number: int) -> tuple[Any, ...]:
        return tuple(column[number].as_py() for column in keys.columns)

    if key(keys.num_rows - 1) < bound:
        return int(keys.num_rows)
    return bisect_left(range(keys.num_rows), bound, key=key)


def _digests(finished: Finished, lots: Iterable[Lot], noted: Mapping[str, str]) -> dict[str, str]:
    """Digest the rows of all pieces by config and split, where the last build did not; by `_rows_key`."""
    made = {}
    fulls = (False, True) if finished.work.project.text == "standoff" else (False,)
    for config, split in dict.fromkeys((lot.config, lot.split) for lot in lots):
        for full in fulls:
            key = _rows_key(finished, config, split, full=full)
            made[key] = noted.get(key) or _merged_digest(finished, config, split, full=full)
    return made


def _rows_key(finished: Finished, config: str, split: str, *, full: bool) -> str:
    found = [piece.rows(config, split) for piece in finished.pieces if piece.height(config, split)]
    told = [_code(), config, split, full, [rows.full if full else rows.digest for rows in found]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _merged_digest(finished: Finished, config: str, split: str, *, full: bool) -> str:
    with Runs(finished.work.store.folder) as runs:
        for piece in finished.pieces:
            if piece.height(config, split):
                runs.add(piece.digests(config, split, full=full))
        return runs.hexdigest()


@cache
def _code() -> str:
    return code.digest(_LIBRARIES, _PARTS)
