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
import stat
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import code
from corpus.folders import FOLDER
from corpus.records import Finding, Quarantined
from corpus.remote import RemotePath, files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTE = FOLDER / "last-build.json"
"""Where it is noted, below the root of a project."""

QUIET_SECONDS = 2

READ = ("raw", "annotations", "schema")
"""The folders of a project that a build reads."""

LIBRARIES = (
    *("annotated-corpus", "datasets", "fastwarc", "fsspec", "langdetect", "numpy", "opencc", "pandera"),
    *("polars", "pyarrow", "pyyaml", "rapidfuzz", "regex", "turbohtml"),
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
    newest = time.time_ns() - QUIET_SECONDS * 10**9
    told = hashlib.sha256(code.digest(LIBRARIES).encode())
    top = os.path.abspath(root)  # noqa: PTH100 - as everything here: once a file of 100,000
    folders = [raw_root or f"{top}/{READ[0]}", *(f"{top}/{each}" for each in READ[1:])]
    try:
        for text, changed in chain([_alone(top, "DATASHEET.md")], *map(_walk, folders)):
            if changed > newest:
                return None
            told.update(text.encode())
    except OSError:
        return None
    return told.hexdigest()


def facts(found: os.stat_result) -> str:
    """Return what a raw file is known again by."""
    return f"{found.st_mode} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def quiet(told: str, before: int) -> bool:
    """Tell whether a file with these facts last changed so long before a time (ns) that they tell of it.

    >>> quiet("33188 9 5 5 77", 5), quiet("33188 9 5 5 77", 10**10)
    (False, True)
    """
    return int(told.split()[3]) <= before - QUIET_SECONDS * 10**9


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
    beside = path.with_name(f"{NOTE.name}.{os.urandom(8).hex()}.tmp")
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


def _published(to: Path) -> str:
    """Return a fingerprint of what is published in `to`, and of the card beside it."""
    top = os.path.abspath(to)  # noqa: PTH100
    told = hashlib.sha256()
    for text, _ in (*_walk(top), _alone(os.path.dirname(top), ".huggingface.yaml")):  # noqa: PTH120
        told.update(text.encode())
    return told.hexdigest()


def _walk(folder: str | os.PathLike[str]) -> Iterator[tuple[str, int]]:
    """Yield the facts of all that lies in a folder, and when some last changed (ns); so each folder below.

    Links are not followed but told. A folder that cannot be read is as one that is not there.
    """
    if isinstance(folder, RemotePath):
        listed = list(files(folder))
        text = "".join(f"{name!r} {facts(told)}\n" for name, told in listed)
        yield f"{str(folder)!r}\n{text}", max((told.st_ctime_ns for _, told in listed), default=0)
        return
    folders = [os.fspath(folder)]
    while folders:
        current = folders.pop()
        try:
            with os.scandir(current) as found:
                entries = sorted(found, key=_name)
        except OSError:
            continue
        lines, newest, deeper = [f"{current!r}\n"], 0, []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                deeper.append(entry.path)
                continue
            told = entry.stat(follow_symlinks=False)
            lines.append(f"{entry.name!r} {facts(told)}\n")
            newest = max(newest, told.st_ctime_ns)
            if stat.S_ISLNK(told.st_mode):
                text, changed = _there(entry.path)
                lines.append(text)
                newest = max(newest, changed)
        yield "".join(lines), newest
        folders += reversed(deeper)


_name = attrgetter("name")


def _alone(folder: str, name: str) -> tuple[str, int]:
    """Return the facts of a file, where there is one, as those of a folder."""
    path = f"{folder}/{name}"
    try:
        told = os.lstat(path)
    except FileNotFoundError:
        return "", 0
    text, changed = _there(path) if stat.S_ISLNK(told.st_mode) else ("", 0)
    return f"{path!r} {facts(told)}\n{text}", max(told.st_ctime_ns, changed)


def _there(path: str) -> tuple[str, int]:
    """Return the facts of what a link leads to, nothing where that is nothing."""
    try:
        told = os.stat(path)  # noqa: PTH116
    except OSError:
        return "", 0
    return f"-> {facts(told)}\n", told.st_ctime_ns
