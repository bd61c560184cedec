"""What is known of every raw file and its pages, without their texts: one SQLite file, read in order of ids.

A raw file is known again by its facts (size, times, number and kind, `corpus.last_build.facts`), so that it
need not be opened. What is kept of a page is what the steps over all pages need: id, place, digests, length,
time, and the digests of its lines. A build works from this list; where it is lost it is made again.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_LAYOUT = 2
_BUSY_SECONDS = 60
_MANY = 500


class Listed(NamedTuple):
    """A page of a raw file; `number` orders the pages of a file. One with a `reason` was set aside for it.

    `about` is the digest of all that cleaning sees of it, by which the cache holds what cleaning gave.
    `lines` are the kept lines, 8 bytes of digest and 4 of length each. `at` is where its record begins in the
    file (`corpus.records.Page.at`).
    """

    raw_path: str
    number: int
    record_id: str | None
    reason: str | None
    document_id: str | None = None
    raw_sha256: str = ""
    format: str = ""
    about: bytes = b""
    raw_chars: int = 0
    published_at: str | None = None
    lines: bytes = b""
    at: int | None = None


class ListedFile(NamedTuple):
    """A raw file that was read through; `facts` is None where it must be read again by the next build."""

    raw_path: str
    facts: str | None
    version: str
    sha256: str


_COLUMNS = (
    "raw_path text, number integer, record_id text, reason text, document_id text, raw_sha256 text, "
    "format text, about blob, raw_chars integer, published_at text, lines blob, at integer"
)


class Listing:
    """The list in a file, which is made where it is missing or damaged; raises sqlite3.Error, OSError.

    To `look` at it changes nothing; one that is missing or damaged is an error then.
    """

    def __init__(self, path: Path, *, look: bool = False) -> None:
        if look:
            self._base = _looked_at(path)
            return
        if path.is_symlink():
            path.unlink()
        try:
            self._base = _connected(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # locked, or a disk that refuses: the list may be as it should be
            for each in (path, path.with_name(f"{path.name}-journal")):
                each.unlink(missing_ok=True)
            self._base = _connected(path)

    def __del__(self) -> None:
        with suppress(AttributeError):  # one that could not be opened
            self._base.close()

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def known(self, facts: Mapping[str, str], version: str) -> set[str]:
        """Return those raw files that are listed with these facts under this version of the code.

        Not those with a page whose id another has too: were it the list that is wrong, it would stay so.
        """
        query = (
            "select distinct raw_path from pages where document_id in (select document_id from pages "
            "where document_id is not null group by document_id having count(*) > 1)"
        )
        doubled = {path for (path,) in self._base.execute(query)}
        rows = self._base.execute("select raw_path, facts from files where version = ?", (version,))
        alike = {path for path, told in rows if told is not None and facts.get(path) == told}
        return alike - doubled

    def keep(self, raw_paths: Collection[str]) -> None:
        """Drop every raw file but these."""
        listed = [str(path) for (path,) in self._base.execute("select raw_path from files")]
        listed += [str(path) for (path,) in self._base.execute("select distinct raw_path from pages")]
        gone = [(path,) for path in sorted(set(listed) - set(raw_paths))]
        if gone:
            with self._writing():
                self._base.executemany("delete from pages where raw_path = ?", gone)
                self._base.executemany("delete from files where raw_path = ?", gone)

    def add(self, pages: Iterable[Listed], files: Iterable[ListedFile] = ()) -> None:
        """List pages, and files that are read through."""
        with self._writing():
            self._base.executemany("insert into pages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", pages)
            self._base.executemany("insert or replace into files values (?, ?, ?, ?)", files)

    def pages(self) -> Iterator[Listed]:
        """Yield the pages that were read, in the order of their ids; not their lines."""
        query = (
            "select raw_path, number, record_id, reason, document_id, raw_sha256, format, about, raw_chars, "
            "published_at from pages where document_id is not null order by document_id"
        )
        return (Listed(*row) for row in self._base.execute(query))

    def between(self, first: str, last: str) -> list[Listed]:
        """Return the pages from one id to another, in the order of their ids."""
        query = "select * from pages where document_id between ? and ? order by document_id"
        return [Listed(*row) for row in self._base.execute(query, (first, last))]

    def of(self, document_ids: Sequence[str]) -> list[Listed]:
        """Return the pages of these ids, in the order of their files and of their places in them."""
        found: list[Listed] = []
        for at in range(0, len(document_ids), _MANY):
            some = document_ids[at : at + _MANY]
            query = f"select * from pages where document_id in ({','.join('?' * len(some))})"  # noqa: S608 - signs
            found += (Listed(*row) for row in self._base.execute(query, some))
        return sorted(found, key=lambda page: (page.raw_path, page.number))

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Yield the id and the lines of every page, in the order of the ids."""
        query = "select document_id, lines from pages where document_id is not null order by document_id"
        return iter(self._base.execute(query))

    def set_aside(self) -> list[tuple[str, str, str | None]]:
        """Return raw path, reason and record of what was set aside, in order."""
        query = (
            "select raw_path, reason, record_id from pages where reason is not null order by raw_path, number"
        )
        return list(self._base.execute(query))

    def twice(self) -> list[str]:
        """Return the ids that more than one page has, sorted."""
        query = (
            "select document_id from pages where document_id is not null "
            "group by document_id having count(*) > 1 order by document_id"
        )
        return [str(each) for (each,) in self._base.execute(query)]

    def facts(self) -> dict[str, tuple[str | None, str]]:
        """Return the facts of every raw file and the version of the code that read it, by its path."""
        rows = self._base.execute("select raw_path, facts, version from files")
        return {path: (told, version) for path, told, version in rows}

    def abouts(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield raw path, id and digest of every page that was read, in the order of their files."""
        query = "select raw_path, document_id, about from pages where document_id is not null"
        return iter(self._base.execute(f"{query} order by raw_path, number"))

    def file(self, raw_path: str) -> ListedFile | None:
        """Return what is known of a raw file."""
        row = self._base.execute("select * from files where raw_path = ?", (raw_path,)).fetchone()
        return ListedFile(*row) if row else None

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield each raw file and the SHA-256 of its bytes, in order."""
        return iter(self._base.execute("select raw_path, sha256 from files order by raw_path"))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._base.execute("rollback")
            raise
        self._base.execute("commit")


def _looked_at(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
    try:
        base.execute("pragma trusted_schema = off")
        if base.execute("pragma user_version").fetchone() != (_LAYOUT,):
            raise sqlite3.DatabaseError("another layout")
    except sqlite3.Error:
        base.close()
        raise
    return base


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        # A power cut may then lose or damage the list, which is made again from the raw files and the cache.
        base.execute("pragma synchronous = off")
        base.execute("pragma trusted_schema = off")
        (layout,) = base.execute("pragma user_version").fetchone()
        if layout not in {0, _LAYOUT}:
            raise sqlite3.DatabaseError("another layout")
        base.execute(f"create table if not exists pages({_COLUMNS})")
        base.execute("create index if not exists pages_document on pages(document_id)")
        base.execute("create index if not exists pages_path on pages(raw_path)")
        base.execute(
            "create table if not exists files"
            "(raw_path text primary key, facts text, version text, sha256 text) without rowid"
        )
        base.execute(f"pragma user_version = {_LAYOUT}")
        base.execute("select count(*) from files").fetchone()
    except sqlite3.Error:
        base.close()
        raise
    return base
