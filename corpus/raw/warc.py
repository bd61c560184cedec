"""WARC archives: the pages among the records of a crawl, one at a time, plain or compressed.

A page is a `response` with an HTML or text body, a `resource`, or the text of a `conversion` (WET). Requests,
metadata and notes of the crawler are no pages and passed over; everything else that holds none (an image, a
redirect, a revisit without body) is named with the reason. The record's id is its WARC-Record-ID without
`urn:uuid:`.

FastWARC reports no error on a file that is cut off. So the length of each block is held against the length
its header states, and behind the last record the file is looked at once more for an unfinished record or gzip
stream.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from corpus.errors import UnreadableError
from corpus.raw._content import PAGE_BYTES, make_page, too_large
from corpus.raw._http import parse
from corpus.records import Format, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

suffixes = (".warc", ".warc.gz", ".warc.wet", ".warc.wet.gz")

_PAGES = (WarcRecordType.response, WarcRecordType.resource, WarcRecordType.conversion)
_NO_PAGES = (WarcRecordType.warcinfo, WarcRecordType.request, WarcRecordType.metadata)
_FORMATS: dict[str, Format | None] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/plain": None,
    "": None,
}
_ID = re.compile(r"<?(?:urn:uuid:)?([^<>\s]{1,200})>?")
# HTTP headers come on top of the body; a body may be packed, but not to more than itself.
_BLOCK_BYTES = PAGE_BYTES + 1024**2
_CHUNK_BYTES = 1 << 16
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$")


def read(path: Path) -> Iterator[Page | Quarantined]:
    """Yield the pages of an archive; what is broken is named, whole records before it are kept."""
    seen: set[str] = set()
    position = None
    try:
        for number, record in enumerate(ArchiveIterator(str(path), parse_http=False, fsspec_args=False), 1):
            position = record.stream_pos
            if record.record_type in _NO_PAGES or _crawl_note(record.headers):
                continue
            name = _name(record, number)
            if name in seen:
                yield Quarantined(path.name, f"byte {position:,}: the WARC-Record-ID was used already", name)
                continue
            seen.add(name)
            try:
                yield _page(record, name, path)
            except _CutOffError as error:
                yield Quarantined(path.name, f"byte {position:,}: {error}", name)
                return
            except UnreadableError as error:
                yield Quarantined(path.name, f"byte {position:,}: {error}", name)
    except OSError as error:
        if error.errno is not None:
            raise
        after = "from the start" if position is None else f"behind the record at byte {position:,}"
        yield Quarantined(
            path.name, f"no WARC record can be read {after}: {error}; nothing after that was read"
        )
        return
    if position is None:
        yield Quarantined(path.name, "found no WARC record")
    elif reason := _cut_off(path, position):
        yield Quarantined(path.name, f"byte {position:,}: {reason}; the file was probably cut off")


def without(path: Path, record_id: str) -> bytes:
    """Return the archive's bytes without one record and without those that were written concurrently to it.

    Records are cut out whole, all other bytes stay as they are; an archive in one gzip stream is unpacked and
    packed again. Raises UnreadableError where pages are called by their number, which would change.
    """
    body = path.read_bytes()
    one_stream = body.startswith(b"\x1f\x8b") and _packed_as_one(path)
    if one_stream:
        body = gzip.decompress(body)
    records = list(ArchiveIterator(io.BytesIO(body), parse_http=False, fsspec_args=False))
    named = [
        (record.stream_pos, _name(record, n), record.headers.get("WARC-Concurrent-To") or "")
        for n, record in enumerate(records, 1)
    ]
    if any(_ID.fullmatch((r.headers.get("WARC-Record-ID") or "").strip()) is None for r in records):
        raise UnreadableError(
            f"{path.name}: records without an id, which are called by number; give them ids"
        )
    ends = [start for start, _, _ in named[1:]] + [len(body)]
    kept = b"".join(
        body[start:end]
        for (start, name, beside), end in zip(named, ends, strict=True)
        if name != record_id and record_id not in beside
    )
    return gzip.compress(kept, mtime=0) if one_stream else kept


def _packed_as_one(path: Path) -> bool:
    """Whether one gzip stream holds all records, so that none can be cut out of the packed bytes."""
    starts = [record.stream_pos for record in ArchiveIterator(str(path), parse_http=False, fsspec_args=False)]
    body = path.read_bytes()
    return not all(body[start : start + 2] == b"\x1f\x8b" for start in starts)


class _CutOffError(UnreadableError):
    """The file ends inside a record."""


def _page(record: Any, name: str, path: Path) -> Page:  # noqa: ANN401 - FastWARC has no types
    """Make a page of a record; raises UnreadableError with the reason if it holds none."""
    kind = record.record_type
    if kind not in _PAGES:
        raise UnreadableError(
            f"found a record of type '{record.headers.get('WARC-Type', '')[:40]}', which holds no page"
        )
    block = _block(record)
    content_type = record.headers.get("Content-Type", "")
    if kind == WarcRecordType.response and not content_type.lower().startswith("text/"):
        status, headers, block = parse(block)
        if not 200 <= status < 300:
            raise UnreadableError(f"found an answer with HTTP status {status}, expected 200")
        content_type = headers.get("content-type", "")
    mime = content_type.partition(";")[0].strip().lower()
    if mime not in _FORMATS:
        raise UnreadableError(f"found content of type '{mime[:60]}', expected HTML or text")
    form: Format | None = "text" if kind == WarcRecordType.conversion else _FORMATS[mime]
    page = make_page(block, path, form, name)
    return replace(
        page,
        url=_given(record.headers, "WARC-Target-URI"),
        content_type=content_type or None,
        fetched_at=_given(record.headers, "WARC-Date"),
    )


def _block(record: Any) -> bytes:  # noqa: ANN401
    """Read a record's block, if it has the length its header states and not more than a page may have."""
    stated = record.headers.get("Content-Length", "").strip()
    if not re.fullmatch("[0-9]{1,18}", stated):
        raise _CutOffError(
            "the record's header has no Content-Length that could be; nothing after it was read"
        )
    if int(stated) > _BLOCK_BYTES:
        raise UnreadableError(too_large(int(stated)))
    block: bytes = record.reader.read(int(stated))
    if len(block) < int(stated):
        raise _CutOffError(
            f"the file breaks off inside a record, after {len(block):,} of {int(stated):,} bytes"
        )
    return block


def _name(record: Any, number: int) -> str:  # noqa: ANN401
    """Return what to call a record: its id, or its number in the file if it has none that can be one."""
    found = _ID.fullmatch((record.headers.get("WARC-Record-ID") or "").strip())
    return found[1] if found and found[1].isprintable() else f"record-{number}"


def _crawl_note(headers: Any) -> bool:  # noqa: ANN401
    """Whether a record is what wget tells of its own run, kept as a resource under an address of its own."""
    return (headers.get("WARC-Target-URI") or "").lstrip("<").startswith("metadata:")


def _given(headers: Any, name: str) -> str | None:  # noqa: ANN401
    """Return a header's value without the angle brackets that wget puts around addresses, None if empty."""
    return (headers.get(name) or "").strip().removeprefix("<").removesuffix(">") or None


def _cut_off(path: Path, position: int) -> str | None:
    """Say what is missing at the end of a file whose last record begins at `position`, None if nothing."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(position)
        if packed and file.read(2) != b"\x1f\x8b":  # one gzip stream around all records
            position = 0
        file.seek(position)
        unpacker = zlib.decompressobj(31) if packed else None
        head, size, rest = b"", 0, b""
        while chunk := rest or file.read(_CHUNK_BYTES):
            rest = b""
            if unpacker:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(31)
                plain = unpacker.decompress(chunk, _CHUNK_BYTES * 16)
                rest = unpacker.unconsumed_tail or unpacker.unused_data.lstrip(b"\0")
                chunk = plain
            head += chunk[: _CHUNK_BYTES - len(head)]
            size += len(chunk)
    if unpacker and not unpacker.eof:
        return "the gzip stream has no end"
    stated, end = _LENGTH.search(head), re.search(rb"\r?\n\r?\n", head)
    if position or not packed:
        if not (stated and end):
            return "the header of the last record has no end"
        if size < end.end() + int(stated[1]):
            return f"the last record breaks off after {size - end.end():,} of {int(stated[1]):,} bytes"
    return None
