"""An HTTP response as crawlers keep it: status, headers, and the body with its codings undone.

Written out rather than left to the WARC library, because a body that breaks a coding must cost this one
record, not the rest of the file, and must not unpack to more than a page may hold.
"""

from __future__ import annotations

import io
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

from fastwarc.stream_io import BrotliReader, ZstdReader

from corpus.errors import UnreadableError
from corpus.raw._content import PAGE_BYTES, too_large

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


class Response(NamedTuple):
    """What a server answered. Header names are lower case; of a repeated header the first counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse(message: bytes) -> Response:
    """Take an HTTP message apart; raises UnreadableError if it is none, or if its body cannot be unpacked."""
    status = _STATUS.match(message)
    if not status:
        raise UnreadableError(f"found {message[:20]!r}, expected an HTTP status line")
    end = _HEAD_END.search(message)
    head, body = (message[: end.start()], message[end.end() :]) if end else (message, b"")
    headers: dict[str, str] = {}
    for line in head.splitlines()[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(name.decode("latin-1").strip().lower(), value.decode("latin-1").strip())
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    for coding in reversed(headers.get("content-encoding", "").lower().split(",")):
        body = _unpacked(body, coding.strip())
    return Response(int(status[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    """Join the chunks of a body; one that a crawler joined already under a header left standing stays."""
    pieces: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        if not size:
            return b"".join(pieces)
        piece = body[chunk.end() : chunk.end() + size]
        if len(piece) < size:
            raise UnreadableError("the body breaks off inside a chunk")
        pieces.append(piece)
        at = chunk.end() + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    if not pieces:
        return body
    raise UnreadableError(
        "the body breaks off after a chunk" if at >= len(body) else "the sizes of chunks are wrong"
    )


def _unpacked(body: bytes, coding: str) -> bytes:
    """Undo one content coding; a body unpacked already under a header left standing stays."""
    if coding in {"", "identity", "none", "utf-8"}:
        return body
    if coding in {"gzip", "x-gzip"}:
        return _inflated(body, 31, coding) if body.startswith(b"\x1f\x8b") else body
    if coding == "deflate":  # by RFC 9110 with zlib's header; many servers sent it bare
        zlib_header = len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
        return _inflated(body, 15 if zlib_header else -15, coding)
    if coding in {"br", "zstd"}:
        try:
            unpacked: bytes = (BrotliReader if coding == "br" else ZstdReader)(io.BytesIO(body)).read(
                PAGE_BYTES + 1
            )
        except (OSError, ValueError) as error:
            raise UnreadableError(f"the body is not whole {coding}: {error}") from None
        return _within_limit(unpacked)
    raise UnreadableError(
        f"the content coding '{coding[:40]}' is not known; known are gzip, deflate, br and zstd"
    )


def _inflated(body: bytes, window: int, coding: str) -> bytes:
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, PAGE_BYTES + 1)
    except zlib.error as error:
        raise UnreadableError(f"the body is not {coding}: {error}") from None
    _within_limit(unpacked)
    if not unpacker.eof:
        raise UnreadableError(f"the {coding} body breaks off after {len(unpacked):,} bytes")
    return unpacked


def _within_limit(unpacked: bytes) -> bytes:
    if len(unpacked) > PAGE_BYTES:
        raise UnreadableError(
            too_large(len(unpacked)).replace("a page of", "a page that unpacks to more than")
        )
    return unpacked
