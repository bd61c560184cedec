"""What is owed to those whose texts a corpus holds: to forget a document for good, everywhere.

A forgotten document's raw page and annotations are removed and a tombstone is written, from which every later
build refuses to publish it again and names the copies of its text that other pages still hold.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from corpus import raw
from corpus.annotations.native import write_whole
from corpus.build import standing
from corpus.duplicates import clusters
from corpus.errors import ProjectError
from corpus.schema import load_project
from corpus.schema.forgotten import FORGOTTEN_FILE, Forgotten, digest, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus.build import Standing
    from corpus.records import Document


class Removal(NamedTuple):
    """What forgetting a document removes, and where its text stands besides.

    `raw_path` is the raw file below `raw/` and `record_id` its record, None where the file is the page;
    `lines` counts annotation lines by file; `elsewhere` are documents that hold its text too.
    """

    tombstone: Forgotten
    raw_path: str
    record_id: str | None
    lines: dict[str, int]
    elsewhere: tuple[str, ...]


def forget(root: Path, document_id: str, reason: str, today: str, *, write: bool) -> Removal:
    """Remove a document from the project at `root`: its page, its annotation lines; leave a tombstone.

    Without `write` only tells what would be removed. The tombstone is written first, so that a removal that
    broke off is finished by the same call. A page of a file of many is cut out of it. `published/` is left to
    the next build. Raises ProjectError for a document that is not there, or whose page cannot be cut out.
    """
    project = load_project(root)
    stand = standing(root, replace(project, forgotten=()))  # a removal that broke off finds its page again
    document = _document(stand, document_id)
    record_id = document_id.partition("#")[2] or None
    shorn = raw.without(root / "raw" / document.raw_path, record_id) if record_id else None
    lines = {
        path: _without_lines(path, document_id) for path in sorted((root / "annotations").rglob("*.jsonl"))
    }
    removal = Removal(
        _tombstone(document, reason, today),
        document.raw_path,
        record_id,
        {path.relative_to(root).as_posix(): count for path, (_, count) in lines.items() if count},
        tuple(_elsewhere(stand, document)),
    )
    if write:
        others = [each for each in project.forgotten if each.document_id != document_id]
        write_whole(root / FORGOTTEN_FILE, written([*others, removal.tombstone]).encode())
        for path, (content, count) in lines.items():
            if count:
                write_whole(path, content)
        if shorn is None:
            (root / "raw" / document.raw_path).unlink()
        else:
            write_whole(root / "raw" / document.raw_path, shorn)
    return removal


def _document(stand: Standing, document_id: str) -> Document:
    ids = {document.document_id: document for document in stand.documents}
    if document_id in ids:
        return ids[document_id]
    set_aside = [raw.document_id(each.raw_path, each.record_id) for each in stand.quarantined]
    if document_id in set_aside:
        raise ProjectError(
            f"{document_id}: its page is quarantined, so nothing of it is published; remove it"
        )
    near = difflib.get_close_matches(document_id, ids, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else "`corpus stats` and the config `documents` list them"
    raise ProjectError(f"found no document {document_id!r}; expected the id of a page below raw/; {remedy}")


def _tombstone(document: Document, reason: str, today: str) -> Forgotten:
    digests = {digest(paragraph.text) for paragraph in document.paragraphs} - {None}
    named = tuple(sorted(each for each in digests if each))
    return Forgotten(document.document_id, document.raw_sha256, today, reason, named)


def _elsewhere(stand: Standing, document: Document) -> Iterator[str]:
    """Documents that are near-duplicates of this one, or that repeat one of its longer paragraphs."""
    same = clusters({each.document_id: each.text for each in stand.documents})
    mine = {digest(paragraph.text) for paragraph in document.paragraphs} - {None}
    for each in stand.documents:
        near = same[each.document_id] == same[document.document_id]
        if each is not document and (near or any(digest(p.text) in mine for p in each.paragraphs)):
            yield each.document_id


def _without_lines(path: Path, document_id: str) -> tuple[bytes, int]:
    """Return a file of annotations without a document's lines, and how many those were; others stay as is."""
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _document_of(line) != document_id]
    return b"".join(kept), len(lines) - len(kept)


def _document_of(line: bytes) -> str | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row.get("document_id") if isinstance(row, dict) else None
