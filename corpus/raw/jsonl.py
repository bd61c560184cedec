"""JSON Lines, one page a line, plain or gzipped.

Keys of a line, all but the text optional: the text under `html`, `markdown`, `text`, `content` or `body` (the
first of these that is there; under the last two its format is told by `content_type`, or by looking); `url`,
`id`, `content_type`, `fetched_at` (ISO 8601). Other keys are left alone. A line without an id is called by
its number.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from corpus.errors import UnreadableError
from corpus.raw._content import PAGE_BYTES, make_page, too_large
from corpus.records import Format, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

suffixes = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")

_TEXT_KEYS: dict[str, Format | None] = {
    "html": "html",
    "markdown": "markdown",
    "text": "text",
    "content": None,
    "body": None,
}
_BY_CONTENT_TYPE: dict[str, Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/plain": "text",
}
# Escaped as \uXXXX a Chinese character takes six bytes where UTF-8 takes three; the rest of a line is small.
_LINE_BYTES = 2 * PAGE_BYTES + 65_536
_ID_CHARS = 200
_CHARSET = re.compile(r";?\s*charset\s*=[^;]*", re.IGNORECASE)


def read(path: Path) -> Iterator[Page | Quarantined]:
    """Yield the page of each line; a line that holds none is named by its number, and the rest goes on."""
    seen: dict[str, int] = {}
    number = 0
    with _open(path) as file:
        try:
            for number, line in enumerate(_lines(file), 1):
                try:
                    page = _page(line, number, path, seen)
                    if page:
                        yield page
                except UnreadableError as error:
                    yield Quarantined(path.name, f"line {number}: {error}", str(number))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            yield Quarantined(path.name, f"the gzip stream breaks off after line {number}: {error}")
    if not number:
        yield Quarantined(path.name, "found an empty file, expected one JSON object a line")


def _open(path: Path) -> BinaryIO:
    """Open a file for its bytes, unpacked if they begin as gzip does, whatever the name says."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path) if packed else path.open("rb"))


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
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
    record = _record(line, number)
    key = _text_key(record)
    name = str(number) if record.get("id") in {None, ""} else str(record["id"])
    if name in seen:
        raise UnreadableError(f"the id '{name}' was used in line {seen[name]} already")
    seen[name] = number
    said = record.get("content_type") or ""
    form = _TEXT_KEYS[key] or _BY_CONTENT_TYPE.get(said.partition(";")[0].strip().lower())
    # A lone surrogate, which JSON can write and UTF-8 cannot, stays visible as undecodable bytes.
    try:
        page = make_page(record[key].encode("utf-8", "surrogatepass"), path, form, name)
    except UnreadableError as error:
        return Quarantined(path.name, f"line {number}: {error}", name)
    # What a server or the page said of its encoding was true of other bytes than these.
    mime = _CHARSET.sub("", said).strip() or f"text/{_SUBTYPES[page.format]}"
    return replace(
        page,
        url=record.get("url"),
        content_type=f"{mime}; charset=utf-8",
        fetched_at=record.get("fetched_at"),
    )


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
        raise UnreadableError(f"found {_named(record)}, expected a JSON object")
    return record


_SUBTYPES = {"html": "html", "markdown": "markdown", "text": "plain"}


def _text_key(record: dict[str, Any]) -> str:
    """Return the key that holds a record's text; raises UnreadableError if the record is not sound."""
    key = next((key for key in _TEXT_KEYS if record.get(key) is not None), None)
    if key is None:
        found = ", ".join(sorted(record)[:8]) or "none"
        raise UnreadableError(
            f"found no text: expected one of the keys {', '.join(_TEXT_KEYS)}; found {found[:200]}"
        )
    for name in (key, "url", "content_type", "fetched_at"):
        if not isinstance(record.get(name), str | None):
            raise UnreadableError(f"found {_named(record[name])} under '{name}', expected a string")
    given = record.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise UnreadableError(f"found {_named(given)} under 'id', expected a string")
    if isinstance(given, str) and (
        len(given) > _ID_CHARS or not given.isprintable() or given != given.strip()
    ):
        raise UnreadableError(f"the id must be one printable line of at most {_ID_CHARS} characters")
    return key


def _named(value: object) -> str:
    """Name the kind of a JSON value."""
    return _JSON_NAMES.get(type(value), "a number")


_JSON_NAMES = {str: "a string", list: "a list", dict: "an object", bool: "true or false", type(None): "null"}
