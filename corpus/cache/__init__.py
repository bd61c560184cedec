"""What was worked out before, kept on disk by content: Parquet shards, and an SQLite index to find them.

A shard holds some entries and is called by the SHA-256 of its bytes; it is written beside and renamed, and
never changed. A shard whose bytes do not give its name is not read: its entries are worked out again. The
index only says which shard holds a key. It is made again from the shards where it is missing, damaged or does
not know one of them, so that a crash between the two costs nothing. Nothing is unpickled or run.

Two processes may read and write one cache at once; only `prune` wants it for itself. What cannot be written,
on a full disk say, is not kept, and whoever asks is told so: a cache never stops a build.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from corpus.cache import _shards
from corpus.cache._shards import Entry
from corpus.errors import CorpusError
from corpus.folders import locked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

__all__ = ["Cache", "Counts", "Entry", "key"]

_INDEX = "index.sqlite"
_LAYOUT = 1
_BUSY_SECONDS = 60
_ABANDONED_SECONDS = 3600


class Counts(NamedTuple):
    """How much a cache holds: entries, shards and bytes on disk."""

    entries: int
    shards: int
    bytes: int


class Cache:
    """A cache folder, which is made where it is missing.

    Raises CorpusError where the folder is a link or cannot be made or read: then work without it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: tuple[str, dict[bytes, bytes]] = ("", {})
        self.refused: str | None = None
        try:
            if folder.is_symlink() or folder.parent.is_symlink():
                raise CorpusError(f"{folder}: found a link, expected a folder of its own; remove the link")
            (folder / _shards.FOLDER).mkdir(parents=True, exist_ok=True)
            (folder / ".gitignore").write_text("*\n", "utf-8")
            self._index = self._opened()
            self._catch_up()
        except (OSError, sqlite3.Error) as error:
            raise CorpusError(
                f"{folder}: found a cache that cannot be used ({error}); remove it, or build with --no-cache"
            ) from None

    def __del__(self) -> None:
        with suppress(AttributeError):  # one that could not be opened
            self._index.close()

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under a key; None where there is nothing, or nothing that can be trusted."""
        try:
            found = self._index.execute("select shard from entries where key = ?", (key,)).fetchone()
        except sqlite3.Error:
            return None
        if not found:
            return None
        name = str(found[0])
        if self._read[0] != name:
            self._read = name, {each.key: each.payload for each in _shards.read(self.folder, name) or ()}
        return self._read[1].get(key)

    def put(self, entries: Sequence[Entry]) -> None:
        """Keep entries as one shard. What a disk refuses is not kept, and `refused` says why."""
        if not entries or self.refused:
            return
        try:
            name = _shards.write(self.folder, entries)
        except OSError as error:
            self.refused = error.strerror or str(error)
            return
        with suppress(sqlite3.Error):  # locked for long, or damaged: the next to open the cache catches up
            self._note(name, entries)

    def versions(self, about: bytes) -> set[str]:
        """Return the versions under which something is kept about this content."""
        rows = self._index.execute("select version from entries where about = ?", (about,))
        return {str(version) for (version,) in rows}

    def holds(self, key: bytes) -> bool:
        """Tell whether the index knows a key; only `get` tells whether its shard can be read."""
        return bool(self._index.execute("select 1 from entries where key = ?", (key,)).fetchone())

    def counts(self) -> Counts:
        """Count what there is."""
        (entries,) = self._index.execute("select count(*) from entries").fetchone()
        sizes = [path.stat().st_size for path in self.folder.rglob("*") if path.is_file()]
        return Counts(int(entries), len(_shards.names(self.folder)), sum(sizes))

    def verify(self) -> list[str]:
        """Read every shard; take those away that are damaged and return their names.

        Their entries are worked out again by the next build.
        """
        damaged = [name for name in _shards.names(self.folder) if _shards.read(self.folder, name) is None]
        for name in damaged:
            _shards.remove(self.folder, name)
        self._read = ("", {})
        self._catch_up()
        return damaged

    def prune(self, keep: Collection[bytes]) -> int:
        """Keep the entries of these keys alone and return how many went.

        A shard that loses some is written anew. Wants the cache for itself: raises CorpusError where a build
        is at work on it.
        """
        gone = 0
        with self.held(alone=True):
            for name in _shards.names(self.folder):
                entries = _shards.read(self.folder, name) or []
                kept = [entry for entry in entries if entry.key in keep]
                if entries and len(kept) == len(entries):
                    continue
                if kept:
                    self._note(_shards.write(self.folder, kept), kept)
                gone += len(entries) - len(kept)
                _shards.remove(self.folder, name)
            self._catch_up()
            with closing(self._index.cursor()) as cursor:
                cursor.execute("vacuum")
        return gone

    @contextmanager
    def held(self, *, alone: bool = False) -> Iterator[None]:
        """Hold the cache while it is used, or `alone`; the lock goes with the process, however it ends."""
        with locked(self.folder, alone=alone) as had:
            if had is False:
                other = "a build" if alone else "`corpus cache prune`"
                raise CorpusError(
                    f"{self.folder}: found {other} at work on it; wait for its end, or build with --no-cache"
                )
            yield

    def _opened(self) -> sqlite3.Connection:
        path = self.folder / _INDEX
        if path.is_symlink():
            path.unlink()
        try:
            return self._connected(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # locked, or a disk that refuses: the index may be as it should be
            for each in (path, path.with_name(f"{_INDEX}-journal")):
                each.unlink(missing_ok=True)
            return self._connected(path)

    @staticmethod
    def _connected(path: Path) -> sqlite3.Connection:
        index = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            # A power cut may then lose or damage the index, which is made again from the shards.
            index.execute("pragma synchronous = off")
            index.execute("pragma trusted_schema = off")
            (layout,) = index.execute("pragma user_version").fetchone()
            if layout not in {0, _LAYOUT}:
                raise sqlite3.DatabaseError("another layout")
            index.execute(
                "create table if not exists entries"
                "(key blob primary key, about blob, version text, shard text) without rowid"
            )
            index.execute("create table if not exists shards(name text primary key) without rowid")
            index.execute("create index if not exists entries_about on entries(about)")
            index.execute("create index if not exists entries_shard on entries(shard)")
            index.execute(f"pragma user_version = {_LAYOUT}")
            index.execute("select count(*) from shards").fetchone()
        except sqlite3.Error:
            index.close()
            raise
        return index

    def _catch_up(self) -> None:
        """Make the index say what the shards there are hold."""
        there = set(_shards.names(self.folder))
        known = {str(name) for (name,) in self._index.execute("select name from shards")}
        for name in sorted(known - there):
            self._forget(name)
        for name in sorted(there - known):
            entries = _shards.read(self.folder, name)
            if entries is not None:
                self._note(name, entries)
        _shards.sweep(self.folder, time.time() - _ABANDONED_SECONDS)

    def _note(self, name: str, entries: Sequence[Entry]) -> None:
        rows = [(each.key, each.about, each.version, name) for each in entries]
        with self._writing():
            self._index.executemany("insert or replace into entries values (?, ?, ?, ?)", rows)
            self._index.execute("insert or ignore into shards values (?)", (name,))

    def _forget(self, name: str) -> None:
        with self._writing():
            self._index.execute("delete from entries where shard = ?", (name,))
            self._index.execute("delete from shards where name = ?", (name,))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._index.execute("begin immediate")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._index.execute("rollback")
            raise
        self._index.execute("commit")


def key(version: str, about: bytes) -> bytes:
    """Return the key of what a version of the code makes of a content.

    >>> len(key("1", b"page"))
    32
    """
    return hashlib.sha256(hashlib.sha256(version.encode()).digest() + about).digest()
