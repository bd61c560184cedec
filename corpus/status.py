"""What a build would do again, and why: pages, annotations and declarations against the last edition."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus import last_build
from corpus.cache import Cache, key
from corpus.cleaning_run import CACHE, code_version, present
from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.raw import document_id as document_id_of
from corpus.raw import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Why = Literal["new", "changed", "gone", "code", "cache"]

MEANING: dict[Why, str] = {
    "new": "was not there for the last edition",
    "changed": "is not what the last edition was made from",
    "gone": "is there no more",
    "code": "was cleaned by another version of the code",
    "cache": "its result is not in the cache",
}


class Stale(NamedTuple):
    """One thing that a build would do again: `what` is `page`, or `file` for all that is no raw page."""

    what: Literal["page", "file"]
    name: str
    why: Why


class Status(NamedTuple):
    """How a project stands to what is published: `current` where a build would do nothing at all."""

    current: bool
    pages: int
    stale: tuple[Stale, ...]


def status(root: Path, out: Path | None = None) -> Status:
    """Tell what `corpus build` would do again for the project at `root`; nothing is cleaned or written.

    Raw files are compared with the last edition by digest, pages with the cache. Raises CorpusError where
    `root` has no raw/.
    """
    to = out or root / "published"
    found, _ = present(root)
    if last_build.recall(root, to, last_build.inputs(root)):
        return Status(current=True, pages=len(found), stale=())
    before, now = _before(to), _now(root)
    stale = list(_files(before, now))
    stale += _pages(root, found, before, now)
    return Status(current=False, pages=len(found), stale=tuple(stale))


def _before(to: Path) -> dict[str, str]:
    """Return what the last edition was made from: the digest of each file by its path."""
    try:
        inputs = manifest.read(to).get("inputs")
    except PublishError:
        return {}
    return {str(name): str(told) for name, told in inputs.items()} if isinstance(inputs, dict) else {}


def _now(root: Path) -> dict[str, str]:
    files = [*find(root / "raw")[0], *(root / "annotations").rglob("*.jsonl"), *(root / "schema").glob("*.*")]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Stale]:
    for name in sorted(before.keys() | now.keys()):
        page = name.startswith("raw/")
        if name not in now:
            yield Stale("page" if page else "file", name, "gone")
        elif not page and name not in before:
            yield Stale("file", name, "new")
        elif not page and before[name] != now[name]:
            yield Stale("file", name, "changed")


def _pages(
    root: Path, found: Mapping[str, bytes], before: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[Stale]:
    """Name the pages that must be cleaned, those of which the cache holds nothing."""
    raw_files = [name for name in now if name.startswith("raw/")]
    by_file = {document_id_of(name.removeprefix("raw/")): name for name in raw_files}
    there = Cache(root / CACHE) if (root / CACHE).is_dir() else None
    try:
        for document_id, about in found.items():
            if there and there.holds(key(code_version(), about)):
                continue
            name = by_file.get(document_id.partition("#")[0], "")
            if name not in before:
                yield Stale("page", document_id, "new")
            elif before[name] != now[name]:
                yield Stale("page", document_id, "changed")
            else:
                yield Stale("page", document_id, "code" if there and there.versions(about) else "cache")
    finally:
        if there:
            there.close()
