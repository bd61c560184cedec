"""Words of 64 bits sorted into buckets, in memory as long as they fit there, else in one temporary file."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import ExitStack
from functools import cached_property
from typing import IO, TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


class Bucket(NamedTuple):
    """A bucket in a file that other processes see: where its pieces begin, and how many words each has."""

    path: str
    pieces: tuple[tuple[int, int], ...]

    def words(self) -> NDArray[np.uint64]:
        """Read the words, in no order; raises OSError."""
        with open(self.path, "rb") as file:  # noqa: PTH123 - a name, to be sent
            return _words(file, self.pieces)


class Buckets:
    """As many buckets as told, which together hold at most `memory` bytes outside of the file.

    The file has no name where the system allows it, so a process that is killed leaves nothing behind. A full
    disk raises OSError.
    """

    def __init__(self, count: int, memory: int, scratch: Path | None) -> None:
        self._held: list[list[NDArray[np.uint64]]] = [[] for _ in range(count)]
        self._written: list[list[tuple[int, int]]] = [[] for _ in range(count)]
        self._memory, self._bytes = memory, 0
        self._scratch = scratch
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def put(self, words: NDArray[np.uint64], edges: NDArray[np.int64]) -> None:
        """Put `words[edges[i]:edges[i + 1]]` into bucket i, for each i; edges begin with 0."""
        ends = edges.tolist()
        for bucket in np.flatnonzero(np.diff(edges)).tolist():
            self._held[bucket].append(words[ends[bucket] : ends[bucket + 1]])
        self._bytes += words.nbytes
        if self._bytes > self._memory:
            self._spill()

    def shared(self, folder: Path) -> list[Bucket]:
        """Write all buckets to a file in a folder, which goes with this object, for others to read."""
        file = tempfile.NamedTemporaryFile(dir=folder)  # noqa: SIM115 - it goes with this object
        self._opened.enter_context(file)
        made: list[Bucket] = []
        for words in self.taken():
            made.append(Bucket(file.name, ((file.tell(), len(words)),)))
            file.write(words.data)
        file.flush()
        os.fsync(file.fileno())  # over a network others see no more than what is on the disk
        return made

    def taken(self) -> Iterator[NDArray[np.uint64]]:
        """Empty one bucket after the other: yields each one's words, in no order."""
        for bucket, (held, written) in enumerate(zip(self._held, self._written, strict=True)):
            there = _words(self._file, written) if written else _NONE
            yield np.concatenate([there, *held])
            held.clear()
            self._written[bucket] = []

    @cached_property
    def _file(self) -> IO[bytes]:
        return self._opened.enter_context(tempfile.TemporaryFile(dir=self._scratch))

    def _spill(self) -> None:
        self._file.seek(0, 2)
        for held, written in zip(self._held, self._written, strict=True):
            if held:
                words = np.concatenate(held)
                written.append((self._file.tell(), len(words)))
                self._file.write(words.data)
                held.clear()
        self._bytes = 0


_NONE = np.zeros(0, np.uint64)


def _words(file: IO[bytes], pieces: Iterable[tuple[int, int]]) -> NDArray[np.uint64]:
    read = [_NONE]
    for offset, count in pieces:
        file.seek(offset)
        words = file.read(8 * count)
        if len(words) != 8 * count:
            raise OSError(errno.EIO, "found a file of hashes that breaks off")
        read.append(np.frombuffer(words, np.uint64))
    return np.concatenate(read)
