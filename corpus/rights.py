"""What is owed to those whose texts a corpus holds: to forget a document for good, to publish without text.

A forgotten document's raw page and annotations are removed and a tombstone is written, from which every later
build refuses to publish it again and names the copies of its text that other pages still hold. A corpus that
was published without text is filled again by `hydrate`, by whoever has the raw pages.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import unicodedata
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from corpus import last_build, raw
from corpus.annotations.native import write_whole
from corpus.cleaning_run import prune
from corpus.duplicates import clusters
from corpus.errors import CorpusError, ProjectError, PublishError
from corpus.folders import FOLDER
from corpus.pages import clean_page
from corpus.parts.workspace import STORE
from corpus.publish import card, datasheet, manifest, parquet, standoff, verify
from corpus.publish.swap import replacing
from corpus.records import SPLITS, Page
from corpus.remote import RemotePath, replaced
from corpus.schema import load_project, polars_schema
from corpus.schema.forgotten import FORGOTTEN_FILE, Forgotten, digest, written
from corpus.schema.tables import PUBLISHED
from corpus.standing import standing
from corpus.store import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.records import Document
    from corpus.standing import Standing


class Hydrated(NamedTuple):
    """What became of a folder without text: the folder written, None where pages are missing or differ.

    `missing` are documents whose raw page was not found, `different` those in which today's cleaning finds
    other text than was published.
    """

    folder: Path | None
    missing: tuple[str, ...]
    different: tuple[str, ...]


class Removal(NamedTuple):
    """What forgetting a document removes, and where its text stands besides.

    `raw_path` is the raw file below `raw/` and `record_id` its record, None where the file is the page;
    `lines` counts annotation lines by file. `identical` are documents of the same bytes, which no later build
    publishes either; `elsewhere` are others that hold its text too, and stay.
    """

    tombstone: Forgotten
    raw_path: str
    record_id: str | None
    lines: dict[str, int]
    identical: tuple[str, ...]
    elsewhere: tuple[str, ...]


def forget(root: Path, document_id: str, reason: str, today: str, *, write: bool) -> Removal:
    """Remove a document from the project at `root`: its page, its annotation lines; leave a tombstone.

    Without `write` only tells what would be removed. The tombstone is written first, so that a removal that
    broke off is finished by the same call. A page of a file of many is cut out of it, at an address too. What
    the cache held of it goes too, where the page could be removed: else it stays until the page is gone.
    `published/` is left to the next build. Raises ProjectError for a document
    that is not there, or whose page cannot be cut out or removed, and for a reason that is blank or no plain
    line of text.
    """
    document_id, reason = unicodedata.normalize("NFC", document_id), reason.strip()
    if not reason or not reason.isprintable():
        raise ProjectError(
            f"found the reason {reason[:60]!r}; expected a line of text for the tombstone; say why it must go"
        )
    project = load_project(root)
    stand = standing(root, replace(project, forgotten=()))  # a removal that broke off finds its page again
    document = _document(stand, document_id)
    record_id = raw.record_id(document_id)
    raw_root = raw.root_of(root)
    shorn = raw.without(raw_root / document.raw_path, record_id) if record_id else None
    lines = {
        path: _without_lines(path, document_id) for path in sorted((root / "annotations").rglob("*.jsonl"))
    }
    removal = Removal(
        _tombstone(document, reason, today),
        document.raw_path,
        record_id,
        {path.relative_to(root).as_posix(): count for path, (_, count) in lines.items() if count},
        tuple(each.document_id for each in _others(stand, document) if _same_bytes(each, document)),
        tuple(_elsewhere(stand, document)),
    )
    if write:
        others = [each for each in project.forgotten if each.document_id != document_id]
        write_whole(root / FORGOTTEN_FILE, written([*others, removal.tombstone]).encode())
        for path, (content, count) in lines.items():
            if count:
                write_whole(path, content)
        last_build.forget(root)
        _forget_results(root, document_id)
        _remove(raw_root / document.raw_path, shorn)
        prune(root)
    return removal


def _remove(path: Path, shorn: bytes | None) -> None:
    """Put what is left of a raw file in its place; nothing is left where None."""
    if not isinstance(path, RemotePath):
        path.unlink() if shorn is None else write_whole(path, shorn)
        return
    try:
        replaced(path, shorn)
    except CorpusError as error:
        raise ProjectError(
            f"{error}; the tombstone is written, and keeps the page from being published, but what the cache "
            "holds of it stays until it is gone; have it removed there and run `corpus cache prune`, or run "
            "`corpus forget` again with the right to"
        ) from None


def _forget_results(root: Path, document_id: str) -> None:
    """Remove what builds worked out of a document, with that of the pages that lie in one part with it."""
    folder = root / FOLDER / STORE
    if folder.is_dir():
        opened(folder).forget(document_id)


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


def _others(stand: Standing, document: Document) -> Iterator[Document]:
    return (each for each in stand.documents if each is not document)


def _same_bytes(one: Document, other: Document) -> bool:
    return one.raw_sha256 == other.raw_sha256


def _elsewhere(stand: Standing, document: Document) -> Iterator[str]:
    """Other pages that are near-duplicates of this one, or that repeat one of its longer paragraphs."""
    same = clusters({each.document_id: each.text for each in stand.documents})
    mine = {digest(paragraph.text) for paragraph in document.paragraphs} - {None}
    for each in _others(stand, document):
        near = same[each.document_id] == same[document.document_id]
        repeats = near or any(digest(p.text) in mine for p in each.paragraphs)
        if repeats and not _same_bytes(each, document):
            yield each.document_id


def _without_lines(path: Path, document_id: str) -> tuple[bytes, int]:
    """Return a file of annotations without a document's lines, and how many those were; others stay as is."""
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if _document_of(line) != document_id]
    return b"".join(kept), len(lines) - len(kept)


def _document_of(line: bytes) -> str | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = row.get("document_id") if isinstance(row, dict) else None
    return unicodedata.normalize("NFC", name) if isinstance(name, str) else None


def hydrate(published: Path, raw_root: Path, to: Path) -> Hydrated:
    """Put the texts of raw pages back into a folder that was published without them, and write it to `to`.

    Pages are known by their bytes, whatever file below `raw_root` holds them. Nothing is written unless every
    text is found and the rows are, by their digests, those that the publisher withheld. Raises PublishError
    for a folder that is no such edition, does not verify, or stands where it is to be written.
    """
    if to.resolve().is_relative_to(published.resolve()):
        raise PublishError(f"{to}: found the edition without text itself; expected another folder; name one")
    said = manifest.read(published)
    if said.get("text") != "standoff":
        raise PublishError(f"{published}: found an edition with its texts; there is nothing to put back")
    findings = verify(published)
    if findings:
        raise PublishError(f"{published}: {findings[0].message}; fetch it again; `corpus verify` tells all")
    frames = {config: _frames(published, config) for config in PUBLISHED if config in said["tables"]}
    wanted: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for frame in frames.get("documents", {}).values():
        for row in frame.select("document_id", "raw_sha256", "encoding").iter_rows(named=True):
            wanted[row["raw_sha256"]].append(row)
    texts = _texts(wanted, raw_root)
    every = {row["document_id"] for rows in wanted.values() for row in rows}
    missing = tuple(sorted(every - texts.titles.keys()))
    full = standoff.restored(frames, texts)
    different = () if missing else tuple(_different(full, said))
    if missing or different:
        return Hydrated(None, missing, different)
    with replacing(to) as fresh:
        parquet.write_frames(_by_file(published, full), fresh)
        manifest.write_hydrated(published, fresh)
        card.write_hydrated(published, fresh)
        if sheet := datasheet.read(published):
            datasheet.publish_copy(sheet, fresh)
        manifest.seal(fresh)
    return Hydrated(to, (), ())


def _frames(published: Path, config: str) -> dict[str, pl.DataFrame]:
    kinds = polars_schema(PUBLISHED[config])
    files = {split: manifest.shards(published, config, split) for split in SPLITS}
    try:
        return {
            split: pl.read_parquet(paths, columns=list(kinds), hive_partitioning=False).cast(kinds)
            for split, paths in files.items()
            if paths
        }
    except pl.exceptions.PolarsError as error:
        raise PublishError(
            f"{published / config}: found rows of other columns than this version of Corpus has ({error}); "
            f"expected those of docs/tables.md; `made_by` in {manifest.MANIFEST} names the version to use"
        ) from error


def _by_file(published: Path, full: standoff.Frames) -> dict[str, dict[str, pl.DataFrame]]:
    """Cut rows by split into rows by file, as the edition without text has them."""
    made: dict[str, dict[str, pl.DataFrame]] = {}
    for config, splits in full.items():
        for split, frame in splits.items():
            at = 0
            for path in manifest.shards(published, config, split):
                count = parquet.height(path)
                made.setdefault(config, {})[path.name] = frame.slice(at, count)
                at += count
    return made


def _texts(wanted: Mapping[str, Sequence[Mapping[str, str]]], raw_root: Path) -> standoff.Texts:
    """Clean the raw pages that are wanted, by digest, in the encoding they were published with.

    Several documents may be of the same bytes.
    """
    texts = standoff.Texts({}, {}, {})
    for file in raw.find(raw_root, distinct=False)[0]:
        for page in raw.read(file, raw_root):
            for row in wanted.get(page.sha256, ()) if isinstance(page, Page) else ():
                if isinstance(page, Page) and row["document_id"] not in texts.titles:
                    read = replace(page, content_type=f"text/html; charset={row['encoding']}")
                    _add(clean_page(read), row["document_id"], texts)
    return texts


def _add(document: Document, name: str, texts: standoff.Texts) -> None:
    """Add the texts of a document under the name that it was published with."""
    texts.titles[name] = document.title
    for block in document.blocks:
        texts.blocks[name, block.raw_start, block.raw_end] = block.text
        if block.segments:
            place = (name, block.segments[0].raw_start, block.segments[-1].raw_end)
            texts.paragraphs[place] = block.text


def _different(full: standoff.Frames, said: Mapping[str, Any]) -> Iterator[str]:
    """Documents with a text that is not the one published; the splits whose rows differ, if none is."""
    digests = standoff.digests(full)
    splits = [
        f"{c}/{s}" for c, each in said["full"].items() for s in each if digests.get(c, {}).get(s) != each[s]
    ]
    if not splits:
        return
    named = set()
    for frame in full.get("paragraphs", {}).values():
        for row in frame.select("paragraph_id", "document_id", "text").iter_rows(named=True):
            half = row["paragraph_id"].rpartition("#p-")[2].partition("-")[0]
            if row["text"] is None or hashlib.sha256(row["text"].encode()).hexdigest()[:8] != half:
                named.add(row["document_id"])
    yield from sorted(named) or splits
