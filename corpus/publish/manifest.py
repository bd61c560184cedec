"""MANIFEST.json and SHA256SUMS: what a published folder holds, from what, made by what.

`write` tells what the Parquet files say, read back from disk; card and Croissant quote its digests. `seal`
ends the folder: it lists every file. Until then the manifest says `"complete": false`, which is how a folder
left by a crash is told from a published one.
"""

from __future__ import annotations

import hashlib
import json
import stat
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus.errors import PublishError
from corpus.publish.digest import ALGORITHM, Runs, digest_splits, is_plain, row_digests
from corpus.records import SPLITS
from corpus.schema.tables import PUBLISHED, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from corpus.schema.project import Project

FORMAT = "corpus-published"
MANIFEST = "MANIFEST.json"
SUMS = "SHA256SUMS"
_BATCH_ROWS = 10_000
_LEFT_BY_OTHERS = frozenset({".gitattributes", ".DS_Store", "Thumbs.db", "desktop.ini"})
DRAFT = ".MANIFEST.json.new"
"""The manifest while it is written: at every moment a folder of ours holds a whole one, or nothing else."""


def begin(to: Path) -> None:
    """Mark an empty folder as ours and not complete, so that what a crash leaves can be told and removed."""
    _dump({"format": FORMAT, "complete": False}, to / MANIFEST)


def write(  # noqa: PLR0913 - all that a manifest tells
    project: Project,
    inputs: Mapping[str, str],
    tables: Mapping[str, Any],
    full: Mapping[str, Mapping[str, str]],
    to: Path,
    *,
    counts: Mapping[str, int] | None = None,
) -> list[Path]:
    """Describe the tables written below `to`: rows, logical digest and files of each config and split.

    `full` has the digests of the full rows, where their text is withheld. `counts` tell of the run that made
    them: the pages that were read, and what was set aside; never how long it took.
    """
    manifest = {
        "format": FORMAT,
        "complete": False,
        "name": project.name,
        "version": project.version,
        "schema_version": SCHEMA_VERSION,
        "made_by": {"annotated-corpus": tool_version()},
        "digest": ALGORITHM,
        "text": project.text,
        "forgotten": [stone.document_id for stone in project.forgotten],
        "tables": tables,
        **({"run": dict(counts)} if counts else {}),
        "inputs": dict(sorted((dict(project.files) | dict(inputs)).items())),
        "files": {},
    }
    if project.text == "standoff":
        manifest["full"] = full
    return [_dump(manifest, to / MANIFEST)]


def write_hydrated(standoff_folder: Path, to: Path) -> list[Path]:
    """Describe the tables below `to` that were rebuilt from a folder without text, which says the rest."""
    old = read(standoff_folder)
    tables = {config: _table(to, config) for config in PUBLISHED if (to / config).is_dir()}
    made = {key: value for key, value in old.items() if key != "full"}
    return [_dump(made | {"complete": False, "text": "full", "tables": tables, "files": {}}, to / MANIFEST)]


def seal(to: Path, known: Mapping[str, str] | None = None) -> list[Path]:
    """List every file below `to` with size and SHA-256 in the manifest, and all of them in SHA256SUMS.

    `known` has the SHA-256 of files that were digested already, by name.
    """
    manifest, known = read(to), known or {}
    files = {
        name: {"bytes": path.stat().st_size, "sha256": known.get(name) or sha256(path)}
        for path in sorted(to.rglob("*"))
        if path.is_file() and path.name not in {MANIFEST, SUMS}
        for name in (path.relative_to(to).as_posix(),)
    }
    written = _dump(manifest | {"complete": True, "files": dict(sorted(files.items()))}, to / MANIFEST)
    sums = {name: file["sha256"] for name, file in files.items()} | {MANIFEST: sha256(written)}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (to / SUMS).write_text(lines, encoding="utf-8", newline="\n")
    return [written, to / SUMS]


def read(folder: Path) -> dict[str, Any]:
    """Read the manifest of a published folder; raises PublishError where there is none or it is not ours."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8")) if _regular(path) else None
    except (OSError, ValueError, RecursionError) as error:
        raise PublishError(
            f"{path}: found no manifest that can be read ({error}); expected a folder made by `corpus build`"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise PublishError(
            f"{path}: found another kind of file; expected a manifest of `corpus build`; build it"
        )
    return manifest


def _regular(path: Path) -> bool:
    """Whether a file can be read without end: no pipe, no device; FileNotFoundError where there is none."""
    return stat.S_ISREG(path.stat().st_mode)


def left_by_others(name: str) -> bool:
    """Whether a file of a published folder is no part of it: left there by the Hub's client or a desktop.

    >>> left_by_others(".cache/huggingface/download/README.md.lock"), left_by_others("notes.txt")
    (True, False)
    """
    return name.startswith(".cache/huggingface/") or name.rpartition("/")[2] in _LEFT_BY_OTHERS


def strangers(folder: Path) -> list[str]:
    """Name the files in a published folder that its manifest does not list: they are somebody's."""
    listed = read(folder).get("files")
    known = {MANIFEST, SUMS, DRAFT} | (listed.keys() if isinstance(listed, dict) else set())
    held = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = (path.relative_to(folder).as_posix() for path in held)
    return sorted(name for name in names if name not in known and not left_by_others(name))


def sha256(path: Path) -> str:
    """Digest a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def logical_digest(paths: list[Path]) -> tuple[int, str]:
    """Count and digest the rows of Parquet files, whatever wrote them; see `corpus.publish.digest`."""
    import pyarrow.parquet as pq

    with Runs() as runs:
        for path in paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                    runs.add(row_digests(_plain(batch)))
        return runs.rows, runs.hexdigest()


def _plain(batch: Any) -> pl.DataFrame | list[dict[str, Any]]:  # noqa: ANN401 - pyarrow is untyped
    """Give rows as a frame, or one by one where polars has no such columns or names them otherwise."""
    try:
        frame = pl.from_arrow(batch)
    except (pl.exceptions.PolarsError, TypeError, ValueError):
        frame = None
    if isinstance(frame, pl.DataFrame) and frame.columns == batch.schema.names and is_plain(frame):
        return frame
    rows: list[dict[str, Any]] = batch.to_pylist()
    return rows


def read_rows(paths: list[Path]) -> Iterator[dict[str, Any]]:
    """Yield the rows of Parquet files, one file after the other."""
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000):
                yield from batch.to_pylist()


def shards(folder: Path, config: str, split: str) -> list[Path]:
    """List the files of a split in order."""
    return sorted((folder / config).glob(f"{split}.parquet")) + sorted(
        (folder / config).glob(f"{split}-*-of-*.parquet")
    )


def _table(to: Path, config: str) -> dict[str, Any]:
    splits: dict[str, dict[str, Any]] = {}
    for split in SPLITS:
        files = shards(to, config, split)
        if files:
            rows, digest = logical_digest(files)
            names = [path.relative_to(to).as_posix() for path in files]
            splits[split] = {"rows": rows, "sha256": digest, "files": names}
    digest = digest_splits({split: part["sha256"] for split, part in splits.items()})
    return {"rows": sum(part["rows"] for part in splits.values()), "sha256": digest, "splits": splits}


def tool_version() -> str:
    """Tell the version of this package, `unknown` where it is none that was installed."""
    try:
        return version("annotated-corpus")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"


def _dump(manifest: dict[str, Any], path: Path) -> Path:
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    draft = path.with_name(DRAFT)
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
    return path
