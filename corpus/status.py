"""What a build would do again, and why: pages, annotations and declarations against the last build.

A raw file that is as it was when the last build listed its pages (`corpus.listing`) is not opened, however
many there are. Nothing is cleaned, and nothing is written but the index of the cache, where that is behind;
a disk that refuses is let be.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus import last_build, raw
from corpus.cache import Cache, key
from corpus.cleaning_run import CACHE, code_version, reading_version, seen
from corpus.errors import CorpusError, PublishError
from corpus.folders import FOLDER
from corpus.listing import Listing
from corpus.parts.workspace import LISTING, STORE
from corpus.publish import editions, manifest
from corpus.records import Page
from corpus.remote import RemotePath, located

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

What = Literal["page", "file", "edition"]
Why = Literal["new", "changed", "gone", "code", "cache"]

MEANING: dict[tuple[What, Why], str] = {
    ("page", "new"): "was not there for the last build",
    ("page", "changed"): "is not what the last build read",
    ("page", "gone"): "is there no more",
    ("page", "code"): "was cleaned by another version of the code",
    ("page", "cache"): "what cleaning it gave is not kept any more",
    ("file", "new"): "was not there for the last edition",
    ("file", "changed"): "is not what the last edition was made from",
    ("file", "gone"): "is there no more",
    ("edition", "new"): "is not published there",
    ("edition", "changed"): "was touched, or the datasheet or the code behind cleaning changed",
}

FOLLOWS = {
    "annotations": "its annotations are placed again, and the parts with their documents made again",
    "schema/corpus.yaml": "splits, licences and the card are made again",
    "schema/labels.yaml": "all rows are validated again, and the card is made again",
    "schema/guidelines.md": "the card is made again",
    "schema/forgotten.yaml": "pages are set aside, and copies of their text sought",
}
"""What a build does after a change to a file that is no raw file, by its path or its folder."""


class Stale(NamedTuple):
    """One thing that a build would do again; `what` is `file` for annotations and declarations.

    `cleaned` where the cache holds nothing for it, so that a page must be cleaned.
    """

    what: What
    name: str
    why: Why
    cleaned: bool = False


class Status(NamedTuple):
    """How a project stands to what is published: `current` where a build would do nothing at all."""

    current: bool
    pages: int
    stale: tuple[Stale, ...]


class _Known(NamedTuple):
    """What is kept of the last build: the list, the cache (each None where there is none), the edition."""

    listing: Listing | None
    cache: Cache | None
    store: bool
    before: Mapping[str, str]


def status(root: Path, out: str | os.PathLike[str] | None = None) -> Status:
    """Tell what `corpus build` would do again for the project at `root`.

    `out` is a folder or an address, `root/published` by default. Raises CorpusError where the raw files
    cannot be found or reached.
    """
    place = located(out or root / "published")
    raw_root = raw.root_of(root)
    to = editions.stage_of(place, root) if isinstance(place, RemotePath) else place
    recalled = last_build.recall(root, to, last_build.inputs(root, raw_root))
    if recalled and (not isinstance(place, RemotePath) or editions.stands(place, root)):
        return Status(current=True, pages=recalled.documents, stale=())
    before = _before(to)
    with ExitStack() as stack:
        listing = _listing(root)
        if listing:
            stack.enter_context(closing(listing))
        cache = _cache(root)
        if cache:
            stack.enter_context(closing(cache))
        known = _Known(listing, cache, (root / FOLDER / STORE).is_dir(), before)
        pages, read, stale = _pages(raw_root, known)
    stale = [*_files(before, _now(root)), *stale]
    if not (to / manifest.MANIFEST).is_file():
        stale.append(Stale("edition", str(place), "new"))
    elif not (stale or read):  # a file that was only touched is reason enough for a build to look
        stale.append(Stale("edition", str(place), "changed"))
    return Status(current=False, pages=pages, stale=tuple(stale))


def follows(name: str) -> str:
    """Return what a build does after a change to a file of annotations or declarations.

    >>> follows("schema/guidelines.md")
    'the card is made again'
    """
    return FOLLOWS.get(name) or FOLLOWS.get(name.partition("/")[0], "")


def _listing(root: Path) -> Listing | None:
    try:
        return Listing(root / FOLDER / LISTING, look=True)
    except (sqlite3.Error, OSError):
        return None


def _cache(root: Path) -> Cache | None:
    """Open the cache, whose index may have to catch up; None where there is none, or a disk refuses that."""
    with suppress(CorpusError):
        return Cache(root / CACHE) if (root / CACHE).is_dir() else None
    return None


def _before(to: Path) -> dict[str, str]:
    """Return what the last edition was made from: the digest of each file by its path."""
    try:
        inputs = manifest.read(to).get("inputs")
    except PublishError:
        return {}
    return {str(name): str(told) for name, told in inputs.items()} if isinstance(inputs, dict) else {}


def _now(root: Path) -> dict[str, str]:
    """Return the digests of annotations and declarations by path."""
    files = [*(root / "annotations").rglob("*.jsonl"), *(root / "schema").glob("*.*")]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Stale]:
    for name in sorted(before.keys() | now.keys()):
        if name.startswith("raw/"):
            continue
        if name not in now:
            yield Stale("file", name, "gone")
        elif name not in before:
            yield Stale("file", name, "new")
        elif before[name] != now[name]:
            yield Stale("file", name, "changed")


def _pages(raw_root: Path, known: _Known) -> tuple[int, int, list[Stale]]:
    """Count pages and files that were read, and tell of pages that are new, changed, gone, or not kept."""
    facts = {name: last_build.facts(found) for name, found in raw.walk(raw_root, [])}
    told = known.listing.facts() if known.listing else {}
    listed: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for raw_path, document_id, about in known.listing.abouts() if known.listing else ():
        listed[raw_path][document_id] = about
    stale: list[Stale] = []
    count = read = 0
    for raw_path in raw.in_order(facts, raw_root):
        pages = listed.pop(raw_path, {})
        before, version = told.get(raw_path, (None, ""))
        if before == facts[raw_path]:
            stale += _unread(pages, version, known)
        else:
            had, pages = pages, _read(raw_root / raw_path, raw_root)
            read += 1
            stale += _compared(raw_root / raw_path, raw_path, pages, had, known)
        count += len(pages)
    stale += (Stale("page", name, "gone") for pages in listed.values() for name in pages)
    return count, read, sorted(stale, key=lambda each: each.name)


def _unread(pages: Mapping[str, bytes], version: str, known: _Known) -> Iterator[Stale]:
    """Tell of the pages of a file that is as it was listed."""
    if version == _version() and (known.store or not pages):
        return
    why: Why = "cache" if version == _version() else "code"
    for name, about in pages.items():
        if not _kept(about, known):
            yield Stale("page", name, why, cleaned=True)


def _read(path: Path, raw_root: Path) -> dict[str, bytes]:
    return {page.document_id: seen(page) for page in raw.read(path, raw_root) if isinstance(page, Page)}


def _compared(
    path: Path, raw_path: str, pages: Mapping[str, bytes], had: Mapping[str, bytes], known: _Known
) -> Iterator[Stale]:
    """Tell of the pages of a file that was read."""
    name_before = f"raw/{raw_path}"
    same_file = not had and name_before in known.before and _sha256(path) == known.before[name_before]
    for name, about in pages.items():
        kept = _kept(about, known)
        if name in had:
            why: Why | None = None if had[name] == about else "changed"
        elif same_file:  # the list was lost
            why = None
        else:
            why = "changed" if not had and name_before in known.before else "new"
        if why is None and not kept:
            why = "code" if known.cache and known.cache.versions(about) else "cache"
        if why:
            yield Stale("page", name, why, cleaned=not kept)
    yield from (Stale("page", name, "gone") for name in had if name not in pages)


def _kept(about: bytes, known: _Known) -> bool:
    return bool(known.cache and known.cache.holds(key(code_version(), about)))


def _version() -> str:
    return f"{code_version()}{reading_version()}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
