"""What a build reported, and whether it would report the same today: then nothing need be done.

A build notes, below the project's `.corpus/`, its report and two fingerprints: of what it read (raw files,
annotations, schema, datasheet, its own code and libraries) and of what it
published. Where both are the same, so is the report, and what is published stands. Files are told by their
size, times, number and kind, as git's index tells them; the time of change of a file (`ctime`) cannot be set
back by a program. A file changed less than QUIET_SECONDS before it was looked at may change again within one
tick of its clock: then nothing is noted.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import code
from corpus.records import Finding, Quarantined
from corpus.remote import RemotePath, files

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = Path(".corpus", "last-build.json")
"""Where it is noted, below the root of a project."""

QUIET_SECONDS = 2

READ = ("raw", "annotations", "schema")
"""The folders of a project that a build reads."""

LIBRARIES = (
    *("annotated-corpus", "datasets", "fastwarc", "langdetect", "numpy", "opencc", "pandera", "polars"),
    *("pyarrow", "pyyaml", "rapidfuzz", "regex", "turbohtml"),
)


class Moved(NamedTuple):
    """An annotation that stands elsewhere than where it was made, and how that was found."""

    where: str
    annotation_id: str
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did, and everything it set aside.

    `ledger` counts raw characters by (role, rule); they sum to `raw_chars`. `untagged` counts the mentions
    that IOB2 tags leave out, since a longer one covers them, and `widened` those that begin or end inside a
    token. `published` is None where errors kept the old folder in place.
    """

    documents: int
    paragraphs: int
    raw_chars: int
    annotations: int
    ledger: dict[tuple[str, str], int]
    quarantined: tuple[Quarantined, ...] = ()
    moved: tuple[Moved, ...] = ()
    orphans: tuple[Finding, ...] = ()
    untagged: int = 0
    widened: int = 0
    findings: tuple[Finding, ...] = ()
    published: Path | None = None
    files: tuple[Path, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing was set aside and nothing is wrong."""
        errors = [finding for finding in self.findings if finding.level == "error"]
        return not (errors or self.quarantined or self.orphans)


def inputs(root: Path, raw_root: Path | None = None) -> str | None:
    """Return a fingerprint of all that a build of `root` reads; None where a file is too new to tell.

    `raw_root` is where the raw files lie, if not in the project's raw/.
    """
    quiet = time.time_ns() - QUIET_SECONDS * 10**9
    told = hashlib.sha256(code.digest(LIBRARIES).encode())
    try:
        sheet = [path] if (path := root / "DATASHEET.md").exists() else []
        folders = [raw_root or root / READ[0], *(root / each for each in READ[1:])]
        for name, facts, changed in chain(_facts(sheet), *map(_walk, folders)):
            if changed > quiet:
                return None
            told.update(f"{name!r} {facts}\n".encode())
    except OSError:
        return None
    return told.hexdigest()


def facts(path: Path) -> tuple[str, int]:
    """Return what a raw file is known again by, and when it last changed (ns); raises OSError."""
    found = path.stat()
    return json.dumps(_tell(found)), found.st_ctime_ns


def note(root: Path, read: str | None, report: Report) -> None:
    """Note what a build reported that read what `read` tells of; nothing where that is None.

    A disk that refuses is let be: the next build does the work again.
    """
    path = root / NOTE
    if read is None or report.published is None:
        forget(root)
        return
    told = asdict(replace(report, files=(), published=None))
    told["ledger"] = [[*kind, count] for kind, count in report.ledger.items()]
    out = {"folder": str(report.published.absolute()), "facts": _published(report.published)}
    beside = path.with_name(f"{NOTE.name}.{secrets.token_hex(8)}.tmp")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", "utf-8")
        try:
            text = json.dumps({"read": read, "out": out, "report": told}, ensure_ascii=False, default=str)
            beside.write_text(text, "utf-8")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def recall(root: Path, to: Path, read: str | None) -> Report | None:
    """Return the report of the last build if it read the same and what it published in `to` still stands."""
    try:
        noted = json.loads((root / NOTE).read_text("utf-8"))
        out, told = noted["out"], noted["report"]
        same = read is not None and noted["read"] == read and out["folder"] == str(to.absolute())
        if not same or out["facts"] != _published(to):
            return None
        return _report(told, to)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def forget(root: Path) -> None:
    """Take the note away."""
    with suppress(OSError):
        (root / NOTE).unlink(missing_ok=True)


def _report(told: dict[str, Any], to: Path) -> Report:
    given = dict(told)
    given["ledger"] = {(role, rule): count for role, rule, count in told["ledger"]}
    given["quarantined"] = tuple(Quarantined(**each) for each in told["quarantined"])
    given["moved"] = tuple(Moved(*each) for each in told["moved"])
    for name in ("orphans", "findings"):
        given[name] = tuple(Finding(**each) for each in told[name])
    given["files"] = tuple(sorted(path for path in to.rglob("*") if path.is_file()))
    return Report(**given | {"published": to})


def _published(to: Path) -> list[str]:
    beside = to.parent / ".huggingface.yaml"
    facts = [*_walk(to), *_facts([beside] if beside.exists() else [])]
    return [f"{name!r} {told}" for name, told, _ in facts]


def _walk(folder: Path) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield the facts of everything below a folder, sorted by name; links are not followed but told."""
    if isinstance(folder, RemotePath):
        for name, told in files(folder):
            yield f"{folder}/{name}", _tell(told), told.st_ctime_ns
        return
    try:
        with os.scandir(folder) as entries:
            paths = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:
        return
    yield from _facts([folder / name for name, deep in paths if not deep])
    for name, deep in paths:
        if deep:
            yield from _walk(folder / name)


def _facts(paths: list[Path]) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield name, facts and time of change of each path; of a link, and of where it leads."""
    for path in paths:
        found = os.lstat(path)
        yield str(path), _tell(found), found.st_ctime_ns
        if stat.S_ISLNK(found.st_mode):
            with suppress(OSError):
                there = os.stat(path)  # noqa: PTH116 - beside os.lstat
                yield f"{path} ->", _tell(there), there.st_ctime_ns


def _tell(found: os.stat_result) -> tuple[int, ...]:
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
