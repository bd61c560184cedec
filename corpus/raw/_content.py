"""What a body is, by looking at it: a page of some format, or something that is no page at all.

The looks are at bytes: everything they search for is ASCII, which all encodings of web pages share (NUL bytes
are dropped first, for UTF-16).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.records import Format, Page

if TYPE_CHECKING:
    from pathlib import Path

# The largest body that is read. Common Crawl cuts pages at 5 MiB; what is six times as large is a dump, a
# data file or an attack, and parsing it would take gigabytes.
PAGE_BYTES = 32 * 1024**2

_HEAD = 8192

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive (or an office document or e-book, which are zip archives)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"WARC/1.", "a WARC archive (its suffix should be .warc)"),
    (b"bplist00", "a Safari web archive"),
)
_MHTML = re.compile(rb"\A(?:[A-Za-z-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)*?(?i:mime-version):")
# Tabs, newlines, form feeds and escapes (ISO-2022-JP) occur in text; of random bytes a tenth are others.
_CONTROL = bytes(sorted(set(range(32)) - {9, 10, 11, 12, 13, 27}))

_LEAD = re.compile(r"\A(?:\s|<!--.*?-->)*", re.DOTALL)
_DUMP = re.compile(r"\[[^\n]*\]\(\S+?\)[ \t]*\r?\n[ \t]*-{3,}[ \t]*(?:\r?\n|\Z)")
_DOCUMENT = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|base|main|article|section|div|h[1-6]|p|"
    r"\?xml\b[^>]*>\s*<(?:!doctype\s+)?html)\b",
    re.IGNORECASE,
)
_ELEMENT = re.compile(
    r"</(?:p|div|span|a|li|ul|ol|h[1-6]|table|tr|td|section|article|blockquote)\s*>|<(?:br|img|p)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]\n]*\]\(\S+?\)")


def make_page(body: bytes, path: Path, form: Format | None, record_id: str | None = None) -> Page:
    """Make a page of a body, of the format it seems to be if `form` is None.

    Raises UnreadableError for an empty body, a foreign one, and one over PAGE_BYTES.
    """
    if not body.strip(b"\0\t\n\f\r "):
        raise UnreadableError("found nothing but white space" if body else "found an empty page")
    if len(body) > PAGE_BYTES:
        raise UnreadableError(too_large(len(body)))
    if found := foreign(body):
        raise UnreadableError(f"found {found}, expected the text of a page")
    digest = hashlib.sha256(body).hexdigest()
    return Page(body, form or sniff(body), digest, path.name, path.name, record_id)


def read_body(path: Path) -> bytes:
    """Read a file that is one page; raises UnreadableError if it is too large."""
    with path.open("rb") as file:
        body = file.read(PAGE_BYTES + 1)
    if len(body) > PAGE_BYTES:
        raise UnreadableError(too_large(path.stat().st_size))
    return body


def too_large(size: int) -> str:
    """Say that a page of `size` bytes is over the limit."""
    return (
        f"found a page of {size:,} bytes, expected at most {PAGE_BYTES:,} (32 MiB); split it or leave it out"
    )


def foreign(body: bytes) -> str | None:
    """Name what a body is if it is no text, None if it is; by magic numbers, then by its control characters.

    >>> foreign(b"%PDF-1.7 ..."), foreign(b"<p>text"), foreign(bytes(range(32)) * 9)
    ('a PDF document', None, 'binary content')
    """
    for magic, found in _MAGIC:
        if body.startswith(magic):
            return found
    if body[4:8] == b"ftyp":
        return "a video"
    head = body[:_HEAD]
    if _MHTML.match(head):
        return "an MHTML archive"
    if len(head) - len(head.translate(None, _CONTROL)) > len(head) / 50 and not (
        b"\0" in head and _wide(head)
    ):
        return "binary content"
    return None


def _wide(head: bytes) -> bool:
    """Whether bytes with NULs read as UTF-16 text: nearly all units are assigned, printable characters.

    Of random bytes about five units in six are.
    """
    for codec in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) & ~1].decode(codec, "replace")
        if sum(char in "\t\n\f\r" or unicodedata.category(char)[0] in "LMNPSZ" for char in text) > 0.95 * len(
            text
        ):
            return True
    return False


def sniff(body: bytes) -> Format:
    r"""Tell what the text of a page is: an HTML page, a Markdown dump or plain text.

    Behind white space and comments, in this order: a linked title over a rule of dashes is the head of an
    RSS-to-Markdown dump, whatever follows; a doctype, or an element that begins a page or a part of one
    (`html`, `title`, `p`, `div` …), makes HTML; so do three elements in the first 8 KiB, and ten tags of any
    kind in the first 64 KiB of what begins with one; headings with links, or three links, make Markdown; the
    rest is plain text.

    >>> sniff(b"<!--1--> [Harbour](http://a.example/1)\n-----\n<p>a</p><p>b</p><p>c</p>")
    'markdown'
    >>> sniff(b"a <b>c</b>"), sniff(b"<p>a</p><p>b</p><div>"), sniff(b"# A\n[b](http://c.example)")
    ('text', 'html', 'markdown')
    """
    long = body[: 8 * _HEAD].replace(b"\0", b"").decode("latin-1")
    head = body[:_HEAD].replace(b"\0", b"").decode("latin-1")
    for mark in ("\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"):
        head = head.removeprefix(mark)
    start = _LEAD.match(head)
    at = start.end() if start else 0
    if _DUMP.match(head, at):
        return "markdown"
    if _DOCUMENT.match(head, at) or len(_ELEMENT.findall(head)) >= 3:
        return "html"
    if _TAG.match(head, at) and len(_TAG.findall(long)) >= 10:
        return "html"
    links = len(_LINK.findall(head))
    if links >= 3 or (links and _HEADING.search(head)):
        return "markdown"
    return "text"
