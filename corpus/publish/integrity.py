"""A published folder checked against itself: every file by its bytes, every table by what its rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.publish.digest import ALGORITHM, digest_splits
from corpus.publish.shape import misshapen
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HINT = "fetch the folder again, or run `corpus build`; a published folder is never edited"


def verify(folder: Path) -> tuple[Finding, ...]:
    """Check a published folder: SHA256SUMS, the manifest's files, and the logical digest of every table.

    No finding means that it is complete, that nothing was added, lost or changed, and that the rows are what
    was published. Names in SHA256SUMS and the manifest are untrusted: nothing outside the folder is read, and
    no link is followed. Raises PublishError where there is no published folder to check.
    """
    read = manifest.read(folder)
    sums = _sums(folder)
    if read.get("complete") is not True:
        return (
            _finding("incomplete", manifest.MANIFEST, "a folder that was not finished, expected a whole one"),
        )
    held = _held(folder)
    findings = list(_files(held, sums))
    for name in misshapen(read):
        found = f"`{name}` of another shape, expected the one that `corpus build` writes"
        return (*findings, _finding("manifest", manifest.MANIFEST, found))
    findings += _listed(read, sums)
    findings += _tables(read, held)
    return tuple(findings)


def _sums(folder: Path) -> dict[str, str]:
    path = folder / manifest.SUMS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PublishError(
            f"{path}: found no list of files that can be read ({error}); expected one; {_HINT}"
        ) from None
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _held(folder: Path) -> dict[str, Path]:
    """Find what the folder holds besides folders, by name; links are not followed, into folders neither."""
    held = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }
    return {name: path for name, path in held.items() if not manifest.left_by_others(name)}


def _files(held: dict[str, Path], sums: dict[str, str]) -> Iterator[Finding]:
    for name, digest in sums.items():
        if name not in held:
            yield _finding("file-missing", name, "no such file, expected the one SHA256SUMS lists")
        elif held[name].is_symlink():
            yield _finding("file-link", name, "a link, expected a file")
        elif not held[name].is_file():
            yield _finding("file-kind", name, "a pipe, socket or device, expected a file")
        elif (found := manifest.sha256(held[name])) != digest:
            yield _finding("file-changed", name, f"SHA-256 {found}, expected {digest}")
    for name in held:
        if name not in sums and name != manifest.SUMS:
            yield _finding("file-unknown", name, "a file that SHA256SUMS does not list, expected none")


def _listed(read: dict[str, Any], sums: dict[str, str]) -> Iterator[Finding]:
    listed = {name: file["sha256"] for name, file in read["files"].items()}
    for name in sorted(set(listed) ^ (set(sums) - {manifest.MANIFEST})):
        yield _finding(
            "manifest", name, "a file that only one of manifest and SHA256SUMS lists, expected both"
        )
    for name in sorted(set(listed) & set(sums)):
        if listed[name] != sums[name]:
            yield _finding("manifest", name, f"SHA-256 {listed[name]} in the manifest, expected {sums[name]}")


def _tables(read: dict[str, Any], held: dict[str, Path]) -> Iterator[Finding]:
    """Check the rows; only plain files of the folder are read, whatever names the manifest has."""
    import pyarrow as pa

    if read["digest"] != ALGORITHM:
        yield _finding("digest", manifest.MANIFEST, f"digests by {read['digest']}, expected {ALGORITHM}")
        return
    plain = {name: path for name, path in held.items() if path.is_file() and not path.is_symlink()}
    parts = [part for table in read["tables"].values() for part in table["splits"].values()]
    in_tables = {name for part in parts for name in part["files"]}
    for name in sorted(name for name in read["files"] if name.endswith(".parquet")):
        if name not in in_tables:
            yield _finding("rows", name, "a file of rows that belongs to no table, expected its table")
    for config, table in read["tables"].items():
        digests = {}
        for split, part in table["splits"].items():
            gone = next((name for name in part["files"] if name not in plain), None)
            if gone is not None:
                found = f"rows in {gone}, which is no file of the folder, expected Parquet"
                yield _finding("rows", f"{config}/{split}", found)
                continue
            files = [plain[name] for name in part["files"]]
            try:
                rows, digests[split] = manifest.logical_digest(files)
            except (OSError, TypeError, ValueError, pa.ArrowException) as error:
                yield _finding(
                    "rows", f"{config}/{split}", f"rows that cannot be read ({error}), expected Parquet"
                )
                continue
            if (rows, digests[split]) != (part["rows"], part["sha256"]):
                found = f"{rows} rows of digest {digests[split]}"
                yield _finding(
                    "rows", f"{config}/{split}", f"{found}, expected {part['rows']} of {part['sha256']}"
                )
        if digests.keys() == table["splits"].keys() and digest_splits(digests) != table["sha256"]:
            yield _finding("rows", config, f"digest {digest_splits(digests)}, expected {table['sha256']}")


def _finding(check: str, where: str, message: str) -> Finding:
    return Finding(check, "error", _shown(where), f"found {_shown(message)}", _HINT)


def _shown(text: str) -> str:
    """Leave out control characters: names from elsewhere are shown, never obeyed by a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
