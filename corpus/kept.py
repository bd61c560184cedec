"""The caches of a run: read by every process, written by the one that runs it; a spare for a full disk."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.cache import Cache
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from corpus.cache import Entry


def recalled(folders: tuple[Path, ...], run: str, wanted: bytes) -> bytes | None:
    """Return what the first of some caches holds under a key; `run` is another word for each run."""
    for folder in folders:
        there = _opened(folder, run)
        found = there.get(wanted) if there else None
        if found is not None:
            return found
    return None


@lru_cache(maxsize=2)
def _opened(folder: Path, run: str) -> Cache | None:  # noqa: ARG001 - part of the key
    """Open the cache in this process; a worker that cannot reach it works without."""
    try:
        return Cache(folder)
    except CorpusError:
        return None


class Kept:
    """The caches of a run: what the first refuses, on a full disk say, goes to a spare one."""

    def __init__(self, there: Cache, spare: Path | None = None) -> None:
        self.caches = [there]
        self._spare = spare

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where they lie."""
        return tuple(each.folder for each in self.caches)

    def put(self, entries: Sequence[Entry]) -> None:
        """Keep entries; raises CorpusError where no disk takes them."""
        self.caches[-1].put(entries)
        if not self.caches[-1].refused:
            return
        if self._spare is None:
            where = self.caches[-1]
            raise CorpusError(
                f"{where.folder}: found that it cannot be written: {where.refused}; make room there"
            )
        self.caches.append(Cache(self._spare))
        self._spare = None
        self.put(entries)

    def close(self) -> None:
        """Let go of them."""
        for each in self.caches:
            each.close()
