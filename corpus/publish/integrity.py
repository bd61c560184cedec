"""A published folder checked against itself: every file by its bytes, every table by what its rows say."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.publish.digest import ALGORITHM, digest_splits
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_HINT = "fetch the folder again, or run `corpus build`; a published folder is never edited"


def verify(folder: Path) -> tuple[Finding, ...]:
    """Check a published folder: SHA256SUMS, the manifest's files, and the logical digest of every table.

    No finding means that it is complete, that nothing was added, lost or changed, and that the rows are what
    was published. Names in SHA256SUMS and the manifest are untrusted: nothing outside the folder is read, and
    no link is followed. Raises PublishError where there is no published folder to check.
    """
    read = manifest.read(folder)
    sums = _sums(folder)
    if not read.get("complete"):
        return (
            _finding("incomplete", manifest.MANIFEST, "a folder that was not finished, expected a whole one"),
        )
    findings = list(_files(folder, sums))
    try:
        findings += _listed(read, sums)
        findings += _tables(folder, read)
    except (AttributeError, KeyError, TypeError) as error:
        found = f"a manifest of another shape ({error!r}), expected the one that `corpus build` writes"
        findings.append(_finding("manifest", manifest.MANIFEST, found))
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


def _files(folder: Path, sums: dict[str, str]) -> Iterator[Finding]:
    held = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir()
    }
    for name, digest in sums.items():
        if name not in held:
            yield _finding("file-missing", name, "no such file, expected the one SHA256SUMS lists")
        elif held[name].is_symlink():
            yield _finding("file-link", name, "a link, expected a file")
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


def _tables(folder: Path, read: dict[str, Any]) -> Iterator[Finding]:
    import pyarrow as pa

    if read["digest"] != ALGORITHM:
        yield _finding("digest", manifest.MANIFEST, f"digests by {read['digest']}, expected {ALGORITHM}")
        return
    for config, table in read["tables"].items():
        digests = {}
        for split, part in table["splits"].items():
            files = [folder / name for name in part["files"] if _inside(name)]
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


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _finding(check: str, where: str, message: str) -> Finding:
    return Finding(check, "error", where, f"found {message}", _HINT)
