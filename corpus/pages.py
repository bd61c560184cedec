"""One page, from its body to a document: decode, clean, extract, tell the language."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from corpus import raw
from corpus.clean import clean
from corpus.decode import decode
from corpus.engine import Work
from corpus.language import detect
from corpus.metadata import extract
from corpus.paragraphs import paragraphs
from corpus.records import Document, Encoding, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class RawFile(NamedTuple):
    """A raw file and the folder below which it is named; `part` where only a range of it is meant."""

    raw_root: Path
    path: Path
    part: raw.Range | None = None


UNIT_FILES = 25
"""Raw files a unit of work, at most: enough that handing one over is nothing beside it."""

UNITS_LEFT = 16
"""Of the last files so many units are made at least, so that no process waits long for another at the end."""


def sources(raw_root: Path, files: Iterable[Path]) -> list[RawFile]:
    """List what is read of raw files, in their order: large files of many pages in ranges, others whole.

    A large file is walked through for it; one that need not be read should not be among `files`.
    """
    whole: list[raw.Range | None] = [None]
    return [RawFile(raw_root, path, part) for path in files for part in raw.ranges(path) or whole]


def units(listed: Sequence[RawFile]) -> list[Sequence[RawFile]]:
    """Put sources together into units of work: a range is one; so are files, fewer of the last ones."""
    made: list[list[RawFile]] = []
    room = 0
    for number, source in enumerate(listed):
        if not room or source.part or made[-1][0].part:
            made.append([])
            room = max(1, min(UNIT_FILES, (len(listed) - number) // UNITS_LEFT))
        made[-1].append(source)
        room -= 1
    return list(made)


def clean_text(text: str, page: Page, encoding: Encoding) -> Document:
    """Clean decoded text: blocks, paragraphs and metadata, without language."""
    blocks = clean(text, page.format, page.url)
    return Document(
        document_id=page.document_id,
        raw_path=page.raw_path,
        raw_sha256=page.sha256,
        format=page.format,
        raw=text,
        encoding=encoding,
        metadata=extract(text, page.format, blocks, page.url),
        paragraphs=paragraphs(page.document_id, blocks),
        blocks=blocks,
    )


def clean_page(page: Page) -> Document:
    """Decode and clean one page, without language."""
    text, encoding = decode(page.body, page.content_type, page.format)
    return clean_text(text, page, encoding)


def clean_body(body: bytes | str, url: str | None = None, content_type: str | None = None) -> Document:
    """Clean a body that is no file's: see `corpus.clean`."""
    if isinstance(body, bytes):
        return clean_page(_page(body, url, content_type))
    text, replaced = body, 0
    try:
        encoded = body.encode("utf-8")
    except UnicodeEncodeError:
        text, replaced = _LONE_SURROGATE.subn("\N{REPLACEMENT CHARACTER}", body)
        encoded = text.encode("utf-8")
    page = _page(encoded, url, content_type)
    return clean_text(text, page, Encoding("utf-8", "given", replacements=replaced))


def _page(body: bytes, url: str | None, content_type: str | None) -> Page:
    digest = hashlib.sha256(body).hexdigest()
    return Page(body, raw.sniff(body), digest, "", "page", url=url, content_type=content_type)


def tell_language(document: Document) -> Document:
    """Tell the language of a document and of each of its paragraphs.

    What a paragraph is too short to tell it takes from its document, if it is written in the same script.
    """
    declared = document.metadata.value("language")
    whole = detect(document.text, declared)
    told = []
    for paragraph in document.paragraphs:
        own = detect(paragraph.text, whole.language)
        same = own.script and whole.script and own.script[:2] == whole.script[:2]
        told.append(replace(paragraph, language=own.language or (whole.language if same else None)))
    return replace(document, paragraphs=tuple(told), language=whole.language, script=whole.script)


def read_pages(file: RawFile) -> Iterator[Page | Quarantined]:
    """Read the pages of a raw file, and why there are none."""
    return raw.read(file.path, file.raw_root, file.part)


def clean_or_quarantine(page: Page | Quarantined) -> Document | Quarantined:
    """Clean a page and tell its language; what was set aside when it was read stays so."""
    return page if isinstance(page, Quarantined) else tell_language(clean_page(page))


def place(page: Page | Quarantined) -> tuple[str, str | None]:
    """Return the raw file and the record that a page was read from."""
    return page.raw_path, page.record_id


CLEANING = Work(read=read_pages, do=clean_or_quarantine, name=place)
"""The work of an engine: a page that breaks a step, or its process, is quarantined with the reason."""
