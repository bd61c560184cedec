"""WARC archives: the pages among the records of a crawl, one at a time, plain or compressed.

A page is a `response` with an HTML or text body, a `resource`, or the text of a `conversion` (WET). Requests,
metadata and notes of the crawler are no pages and passed over; everything else that holds none (an image, a
redirect, a revisit without body) is named with the reason. The record's id is its WARC-Record-ID without
`urn:uuid:`.

FastWARC reports no error on a file that is cut off. So the length of each block is held against the length
its header states, and behind the last record the file is looked at once more for an unfinished record or gzip
stream.

A large archive is cut between records that a walk over all of them has found (`ranges`), never by looking for
what a record begins with, which a page may hold too. Of a packed one every record before a cut must be a gzip
member of its own: the last bytes of a member state its length. That a range ends where it must is seen again
when it is read.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from corpus.errors import UnreadableError
from corpus.raw._content import PAGE_BYTES, make_page, too_large
from corpus.raw._http import parse
from corpus.raw._ranges import Mark, Range, Window, facts, grouped, opened
from corpus.records import Format, Page, Quarantined
from corpus.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

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


def read(path: Path, part: Range | None = None) -> Iterator[Page | Quarantined]:
    """Yield the pages of an archive, or of a range of it; what is broken is named, whole records before kept."""
    seen: set[str] = set()
    position = None
    with opened(path, part) as file:
        records = ArchiveIterator(file, parse_http=False)
        for number in count(part.before + 1 if part else 1):
            try:
                record = next(records, None)
            except OSError as error:
                if error.errno is not None:
                    raise
                after = "from the start" if position is None else f"behind the record at byte {position:,}"
                reason = f"no WARC record can be read {after}: {error}; nothing after that was read"
                yield Quarantined(path.name, reason)
                return
            if record is None:
                break
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
    if position is None:
        yield Quarantined(path.name, "found no WARC record")
    elif part and part.records is not None and number != part.before + part.records + 1:
        yield Quarantined(path.name, f"byte {part.stop:,}: {_WRONG_CUT}")
    elif missing := _cut_off(path, position, part and part.stop):
        if part and part.stop is not None:
            yield Quarantined(path.name, f"byte {part.stop:,}: {_WRONG_CUT}")
        else:
            yield Quarantined(path.name, f"byte {position:,}: {missing}; the file was probably cut off")


_WRONG_CUT = (
    "no record ends here, though the archive was made to look so; pages that are named after this place may be "
    "parts of other pages: take the archive out, or pack it with a gzip member a record"
)


def ranges(path: Path) -> list[Range]:
    """Cut an archive into ranges of whole records; none where it is not packed so that one can begin anywhere.

    From a record that is not sound on, all that follows is one range.
    """
    if isinstance(path, RemotePath):  # the walk would fetch all of it, and its ranges again
        return []
    told = facts(path)
    with path.open("rb") as file:
        head = file.read(5)
    if head[:2] == b"\x1f\x8b" or head == b"WARC/":
        return grouped(_marks(path, packed=head[:2] == b"\x1f\x8b"), told)
    return []


def _marks(path: Path, *, packed: bool) -> Iterator[Mark]:
    """Walk over the records of an archive; where it cannot be read further the walk ends as reading does."""
    sound, before, long = True, 0, 0
    with path.open("rb") as file, path.open("rb") as walked:
        try:
            for number, record in enumerate(ArchiveIterator(walked, parse_http=False), 1):
                at = record.stream_pos
                sound = sound and (number == 1 or _begins(file, before, at, long, packed=packed))
                passed = record.record_type in _NO_PAGES or _crawl_note(record.headers)
                yield Mark(at, sound, None if passed else _name(record, number))
                length: str = (record.headers.get("Content-Length") or "").strip()
                sound = sound and bool(_DIGITS.fullmatch(length)) and int(length) == record.content_length
                before, long = at, _length(record)
        except OSError as error:
            if error.errno is not None:
                raise


def _begins(file: BinaryIO, before: int, at: int, long: int, *, packed: bool) -> bool:
    """Whether a range may begin at `at`, behind a record of `long` bytes that began at `before`."""
    file.seek(at - 4)
    beside = file.read(9)
    if not packed:
        return at > before and beside[4:] == b"WARC/"
    # RFC 1952: a member ends with the length of what it holds, modulo 2**32.
    alone = int.from_bytes(beside[:4], "little") == long % (1 << 32)
    return at > before and beside[4:6] == b"\x1f\x8b" and alone


def _length(record: Any) -> int:  # noqa: ANN401 - FastWARC has no types
    """Return the length of a record as it is usually written, with one space behind a header's colon."""
    headers = record.headers
    lines = sum(len(name) + len(value) + 4 for name, value in headers.items_bytes())
    return len(headers.status_line_bytes) + 2 + lines + 2 + int(record.content_length) + 4


_DIGITS = re.compile("[0-9]{1,18}")


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
    with path.open("rb") as file:
        starts = [record.stream_pos for record in ArchiveIterator(file, parse_http=False)]
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
        at=record.stream_pos,
    )


def _block(record: Any) -> bytes:  # noqa: ANN401
    """Read a record's block, if it has the length its header states and not more than a page may have."""
    stated = record.headers.get("Content-Length", "").strip()
    if not _DIGITS.fullmatch(stated):
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


def _cut_off(path: Path, position: int, stop: int | None = None) -> str | None:
    """Say what is missing at the end of a file whose last record begins at `position`, None if nothing.

    With `stop`, the end of a range is looked at instead.
    """
    with path.open("rb") as whole:
        packed = whole.read(2) == b"\x1f\x8b"
        whole.seek(position)
        if packed and whole.read(2) != b"\x1f\x8b":  # one gzip stream around all records
            position = 0
        file = Window(whole, position, stop)
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
