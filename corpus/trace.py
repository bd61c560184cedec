"""Trace a published text to its place in the raw file, and a place in the raw file to its fate."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus import last_build, raw
from corpus.errors import CorpusError
from corpus.folders import FOLDER
from corpus.listing import Listing
from corpus.pages import clean_page
from corpus.parts.workspace import LISTING
from corpus.places import raw_range
from corpus.records import Quarantined

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.records import Block, Document, Page, Paragraph

CONTEXT = 32
"""Code points of prefix and suffix in an annotation's quote."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A piece of raw text and what became of it.

    `line` and `column` (from 1) are where it begins in the raw text. `paragraph_id`, `start` and `end` are
    None where it was dropped; `role` and `rule` are those of its block.
    """

    document_id: str
    raw_path: str
    raw_sha256: str
    raw_start: int
    raw_end: int
    line: int
    column: int
    raw: str
    role: str
    rule: str
    text: str
    paragraph_id: str | None = None
    start: int | None = None
    end: int | None = None
    prefix: str = ""
    suffix: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the trace with `quote` and `raw` in the form an annotation line has them."""
        return {
            "document_id": self.document_id,
            "raw_path": self.raw_path,
            "paragraph_id": self.paragraph_id,
            "start": self.start,
            "end": self.end,
            "quote": {"exact": self.text, "prefix": self.prefix, "suffix": self.suffix},
            "raw": {"sha256": self.raw_sha256, "start": self.raw_start, "end": self.raw_end},
            "line": self.line,
            "column": self.column,
            "raw_text": self.raw,
            "role": self.role,
            "rule": self.rule,
        }


def page_of(root: Path, document_id: str) -> Page:
    """Find the page of a document of the project at `root`; raises CorpusError where there is none.

    Where the last build listed its file, and that is as it was, only its record is read.
    """
    raw_root = raw.root_of(root)
    if listed := _listed(root, raw_root, document_id):
        return listed
    files, quarantined = raw.find(raw_root)
    ids = []
    for file in files:
        stem = raw.document_id(file.relative_to(raw_root).as_posix())
        if document_id != stem and not document_id.startswith(f"{stem}#"):
            continue
        for page in raw.read(file, raw_root):
            if isinstance(page, Quarantined):
                quarantined.append(page)
            elif page.document_id == document_id:
                return page
            else:
                ids.append(page.document_id)
    known = f" that file's documents are {', '.join(ids[:5])}" if ids else ""
    set_aside = "; ".join(f"{each.raw_path}: {each.reason}" for each in quarantined[:3])
    raise CorpusError(
        f"no document {document_id!r} below {raw_root};{known or ' ids are paths below raw/ without suffix'}"
        + (f" (quarantined: {set_aside})" if set_aside else "")
    )


def _listed(root: Path, raw_root: Path, document_id: str) -> Page | None:
    """Read a page from where the last build found it; None where it is not known to be there still."""
    try:
        listing = Listing(root / FOLDER / LISTING, look=True)
        try:
            [told] = listing.of([document_id])
            file = listing.file(told.raw_path)
        finally:
            listing.close()
        path = raw_root / told.raw_path
        if not file or told.at is None or file.facts != last_build.facts(path.stat()):
            return None
        page = raw.read_at(path, raw_root, told.at, told.record_id or "")
    except (sqlite3.Error, OSError, ValueError, TypeError):  # no list, no such page in it, no such file
        return None
    return page if page and page.sha256 == told.raw_sha256 else None


def trace(root: Path, what: str, text: str | None = None, at: int | None = None) -> list[Trace]:
    """Trace `what` (a document id or a paragraph id) in the project at `root`.

    With `text`, every place where the document's paragraphs hold that text; with `at`, the block at that
    offset of the raw text; otherwise the paragraph, or all paragraphs of the document. Works on the raw files
    as they are now, so nothing need be built before. Raises CorpusError for an unknown id or offset.
    """
    document_id, _, digest = what.partition("#p-")
    document = clean_page(page_of(root, document_id))
    if at is not None:
        return [_at(document, at)]
    chosen = [p for p in document.paragraphs if not digest or p.paragraph_id == what]
    if not chosen:
        raise CorpusError(f"no paragraph {what!r}; the document has {len(document.paragraphs)} paragraphs")
    if text is None:
        return [_within(document, paragraph, 0, len(paragraph.text)) for paragraph in chosen]
    return [
        _within(document, paragraph, start, start + len(text))
        for paragraph in chosen
        for start in _occurrences(paragraph.text, text)
    ]


def _occurrences(text: str, sought: str) -> list[int]:
    starts = []
    start = text.find(sought) if sought else -1
    while start >= 0:
        starts.append(start)
        start = text.find(sought, start + 1)
    return starts


def _within(document: Document, paragraph: Paragraph, start: int, end: int) -> Trace:
    """The trace of `paragraph.text[start:end]`."""
    raw_start, raw_end = raw_range(paragraph, start, end)
    block = _block(document, raw_start)
    line, column = _line(document.raw, raw_start)
    return replace(
        _of_block(document, block),
        raw_start=raw_start,
        raw_end=raw_end,
        line=line,
        column=column,
        raw=document.raw[raw_start:raw_end],
        text=paragraph.text[start:end],
        paragraph_id=paragraph.paragraph_id,
        start=start,
        end=end,
        prefix=paragraph.text[max(0, start - CONTEXT) : start],
        suffix=paragraph.text[end : end + CONTEXT],
    )


def _of_block(document: Document, block: Block) -> Trace:
    """The trace of a whole block."""
    line, column = _line(document.raw, block.raw_start)
    return Trace(
        document_id=document.document_id,
        raw_path=document.raw_path,
        raw_sha256=document.raw_sha256,
        raw_start=block.raw_start,
        raw_end=block.raw_end,
        line=line,
        column=column,
        raw=document.raw[block.raw_start : block.raw_end],
        role=block.role,
        rule=block.rule,
        text=block.text,
    )


def _at(document: Document, offset: int) -> Trace:
    """The trace of the block at an offset of the raw text."""
    if not 0 <= offset < len(document.raw):
        raise CorpusError(f"offset {offset} is not in the raw text, which has {len(document.raw)} characters")
    block = _block(document, offset)
    kept = next(
        (p for p in document.paragraphs if p.segments == block.segments and p.text == block.text), None
    )
    if kept:
        return _within(document, kept, 0, len(kept.text))
    return _of_block(document, block)


def _block(document: Document, offset: int) -> Block:
    return next(block for block in document.blocks if block.raw_start <= offset < block.raw_end)


def _line(text: str, offset: int) -> tuple[int, int]:
    """The line and column, from 1, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")
