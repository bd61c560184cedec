"""JSON Lines, one page a line, plain or gzipped.

Keys of a line, all but the text optional: the text under `html`, `markdown`, `text`, `content` or `body` (the
first of these that is there; under the last two its format is told by `content_type`, or by looking); `url`,
`id`, `content_type`, `fetched_at` (ISO 8601). Other keys are left alone. A line without an id is called by
its number.

A large plain file is cut at line feeds (`ranges`); a packed one is not, since it can only be read from its start.
"""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from corpus.errors import UnreadableError
from corpus.raw._content import PAGE_BYTES, too_large
from corpus.raw._ranges import Mark, Range, facts, Window, grouped, opened
from corpus.raw._record import named, page_of
from corpus.records import Page, Quarantined
from corpus.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

suffixes = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

# Escaped as \uXXXX a Chinese character takes six bytes where UTF-8 takes three; the rest of a line is small.
_LINE_BYTES = 2 * PAGE_BYTES + 65_536


def read(path: Path, part: Range | None = None) -> Iterator[Page | Quarantined]:
    """Yield the page of each line of a file, or of a range of it; a line that holds none is named by number."""
    seen: dict[str, int] = {}
    number = part.before if part else 0
    with opened(path, part) if part else _open(path) as file:
        at = None if isinstance(file, gzip.GzipFile) else file.tell()
        try:
            for number, line in enumerate(_lines(file), number + 1):
                begin, at = at, None if at is None else file.tell()
                try:
                    page = _page(line, number, path, seen)
                    if page:
                        yield replace(page, at=begin) if isinstance(page, Page) else page
                except UnreadableError as error:
                    yield Quarantined(path.name, f"line {number}: {error}", str(number))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield Quarantined(path.name, f"the gzip stream breaks off after line {number}: {error}")
    if not number:
        yield Quarantined(path.name, "found an empty file, expected one JSON object a line")


def ranges(path: Path) -> list[Range]:
    """Cut a plain file into ranges of whole lines; none of a packed one."""
    if isinstance(path, RemotePath):  # the walk would fetch all of it, and its ranges again
        return []
    told = facts(path)
    with path.open("rb") as file:
        if file.read(2) == b"\x1f\x8b":
            return []
        file.seek(0)
        return grouped(_marks(file), told)


def _marks(file: BinaryIO) -> Iterator[Mark]:
    at = 0
    for number, line in enumerate(_lines(file), 1):
        yield Mark(at, cut=True, name=_candidate(line, number))
        at = file.tell()


def _candidate(line: bytes | None, number: int) -> str:
    """Return what the page of a line is called if the line is sound."""
    try:
        given = json.loads(line or b"").get("id")
    except (ValueError, RecursionError, AttributeError):
        return str(number)
    return str(number) if given is None or given == "" else str(given)


def without(path: Path, record_id: str) -> bytes:
    """Return the file's bytes with the line of one page left empty, so that the others keep their numbers."""
    kept, seen = [], dict[str, int]()
    with _open(path) as file:
        for number, line in enumerate(_lines(file), 1):
            if line is None:
                raise UnreadableError(f"line {number}: {too_large(_LINE_BYTES)}; take it out by hand first")
            try:
                page = _page(line, number, path, seen)
            except UnreadableError:
                page = None
            kept.append(b"\n" if page and page.record_id == record_id else line)
    body = b"".join(kept)
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.compress(body, mtime=0) if packed else body


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    """Open a file for its bytes, unpacked if they begin as gzip does, whatever the name says."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if packed:
            with gzip.open(file) as unpacked:
                yield cast("BinaryIO", unpacked)
        else:
            yield file


def _lines(file: BinaryIO | Window) -> Iterator[bytes | None]:
    """Yield the lines of a file, None for one that is too long; only a line feed ends a line of JSON."""
    while line := file.readline(_LINE_BYTES):
        if line.endswith(b"\n") or len(line) < _LINE_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_LINE_BYTES)
        yield None


def _page(line: bytes | None, number: int, path: Path, seen: dict[str, int]) -> Page | Quarantined | None:
    """Make a page of a line, None of a blank one; raises UnreadableError with the reason if it holds none."""
    if line is None:
        raise UnreadableError(too_large(_LINE_BYTES))
    if not line.strip():
        return None
    return page_of(_record(line, number), number, path, seen, "line")


def _record(line: bytes, number: int) -> dict[str, Any]:
    """Parse a line; raises UnreadableError, with the reason, if it is no JSON object."""
    try:
        record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"found bytes that are not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise UnreadableError(f"no JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits; brackets nested too deep
        raise UnreadableError(f"no JSON that can be read: {error}") from None
    if not isinstance(record, dict):
        raise UnreadableError(f"found {named(record)}, expected a JSON object")
    return record
