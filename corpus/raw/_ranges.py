"""Large files of many pages, cut into ranges that are read apart: the unit of work of a crawl.

A format that can be cut walks its file once and tells of each record where it begins, whether the file may be
cut there, and what the page would be called. Ranges read one after the other give what the whole file gives:
the same pages in the same order, the same reasons for what is none. For that a range carries the number of
records before it, and two records that might go by one name are never put in different ranges, since the
second is refused.
"""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

LARGE_BYTES = 8 << 20
"""The size from which a file is cut: what is smaller is cleaned in a second or two."""

RANGE_PAGES = 100
RANGE_BYTES = 4 << 20
"""A range ends behind the page that fills either."""


class Range(NamedTuple):
    """A run of records in one raw file, from `start` to `stop`: bytes, or rows of Parquet.

    `before` records stand before it and `records` in it. The last range of a file has neither `stop` nor
    `records`: it goes on to the end, whatever is there. `facts` are the size and time of change of the file
    that was cut.
    """

    start: int
    stop: int | None
    before: int
    records: int | None
    facts: tuple[int, int]


class Mark(NamedTuple):
    """A record as the walk meets it: where it begins, whether a range may, and the page's name if any."""

    at: int
    cut: bool
    name: str | None


class _Begin(NamedTuple):
    at: int
    before: int


def facts(path: Path) -> tuple[int, int]:
    """Return size and time of change of a file, by which a range knows that it is still the one that was cut."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def grouped(marks: Iterable[Mark], told: tuple[int, int]) -> list[Range]:
    """Cut a file, known by its facts, along its marks; no range where it is one.

    >>> marks = [Mark(at, True, str(at)) for at in range(0, 300, 1)]
    >>> [(part.start, part.stop, part.before) for part in grouped(marks, (0, 0))]
    [(0, 100, 0), (100, 200, 100), (200, None, 200)]
    """
    begins: list[_Begin] = []
    first: dict[str, int] = {}
    reaches: dict[int, int] = {}
    pages = 0
    for number, mark in enumerate(marks):
        full = begins and (pages >= RANGE_PAGES or mark.at - begins[-1].at >= RANGE_BYTES)
        if not begins or (full and mark.cut):
            begins.append(_Begin(mark.at if begins else 0, number))
            pages = 0
        if mark.name is not None:
            pages += 1
            here = len(begins) - 1
            since = first.setdefault(mark.name, here)
            if since < here:
                reaches[since] = here
    ends = [*_apart(begins, reaches), None]
    if len(ends) < 3:
        return []
    return [
        Range(begin.at, end and end.at, begin.before, end and end.before - begin.before, told)
        for begin, end in pairwise(ends)
        if begin
    ]


def _apart(begins: list[_Begin], reaches: dict[int, int]) -> Iterator[_Begin]:
    """Leave out the cuts between records of one name; `reaches` tells how far each range's names recur."""
    until = -1
    for number, begin in enumerate(begins):
        if number > until:
            yield begin
        until = max(until, reaches.get(number, -1))


class Window(io.RawIOBase):
    """The bytes of an open file from `start` to `stop` (None: its end), which count as in the file."""

    def __init__(self, file: BinaryIO, start: int = 0, stop: int | None = None) -> None:
        self._file, self._stop = file, stop
        file.seek(start)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, all that are left for less than 0."""
        if self._stop is None:
            return self._file.read(size)
        left = max(0, self._stop - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read to the end of the line, at most `size` bytes."""
        left = -1 if self._stop is None else max(0, self._stop - self._file.tell())
        limit = -1 if size is None else size
        return self._file.readline(max(limit, left) if min(limit, left) < 0 else min(limit, left))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def opened(path: Path, part: Range | None) -> Window:
    """Open a file, or a range of it; raises UnreadableError where it is not the file any more that was cut."""
    if part is None:
        return Window(path.open("rb"))
    if facts(path) != part.facts:
        raise UnreadableError(CHANGED)
    return Window(path.open("rb"), part.start, part.stop)


CHANGED = "the file was changed while a build read it; build again"
