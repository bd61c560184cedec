"""From the list of pages to parts: which pages there are, their tables, their annotations in their places."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus import raw
from corpus.cleaning_run import list_again
from corpus.errors import ProjectError
from corpus.join import Anchored
from corpus.parts import lines, pages, remarks
from corpus.parts.mapping import Damaged, mapped
from corpus.parts.near import Piece
from corpus.parts.pages import Bench, Making
from corpus.parts.remarks import Anchoring
from corpus.records import Quarantined
from corpus.schema.parts import PART_DOCUMENTS, parts
from corpus.standing import folder_of, forgotten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from corpus.cleaning_run import Run
    from corpus.listing import Listed, Listing
    from corpus.parts.workspace import Workspace
    from corpus.records import Anchor, Annotation
    from corpus.schema import Project


@dataclass(slots=True)
class Index:
    """The documents of a corpus in the order of their ids, with what the steps over all of them need.

    `sources` number the declared sources, -1 where there is none. `without` are documents that were
    forgotten, `refused` why; `recur` the lines of each document that recur in its source.
    """

    ids: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    published: list[str | None] = field(default_factory=list)
    raw_paths: set[str] = field(default_factory=set)
    raw_chars: int = 0
    without: frozenset[str] = frozenset()
    refused: list[Quarantined] = field(default_factory=list)
    recur: dict[str, bytes] = field(default_factory=dict)


class Placed(NamedTuple):
    """Annotations in their places, in the order of files and pages; the key of their rows by part."""

    anchored: list[Anchored]
    keys: dict[int, str]


def index(listing: Listing, project: Project) -> Index:
    """Look through the list of pages; raises ProjectError where two have one id."""
    if twice := listing.twice():
        raise ProjectError(f"documents that occur twice cannot be dealt: {', '.join(twice[:5])}")
    made = Index()
    source_of, reason_for = _sources(project), forgotten(project)
    names: dict[str, int] = {}
    line_sources: list[int] = []
    every: list[str] = []
    without: set[str] = set()
    gone: list[tuple[str, int, Quarantined]] = []
    for page in listing.pages():
        number, name = source_of(page.raw_path)
        line_sources.append(names.setdefault(name, len(names)))
        document_id = str(page.document_id)
        every.append(document_id)
        if reason := reason_for(document_id, page.raw_sha256):
            aside = Quarantined(page.raw_path, reason, raw.record_id(document_id))
            gone.append((page.raw_path, page.number, aside))
            without.add(document_id)
            continue
        made.ids.append(document_id)
        made.sources.append(number)
        made.published.append(page.published_at)
        made.raw_paths.add(page.raw_path)
        made.raw_chars += page.raw_chars
    made.without = frozenset(without)
    made.refused = [aside for _, _, aside in sorted(gone, key=lambda each: each[:2])]
    hits = lines.hits(listing.lines, np.array(line_sources, np.int32))
    made.recur = {every[number]: digests for number, digests in hits.items()}
    return made


def _sources(project: Project) -> Callable[[str], tuple[int, str]]:
    """Return what tells the number of a raw file's declared source, and the name its lines recur under.

    Files of one folder are of one source, but for a source that is a file.
    """
    numbers = {source.name: number for number, source in enumerate(project.sources)}
    files = {source.path for source in project.sources}
    known: dict[str, tuple[int, str]] = {}

    def source(raw_path: str) -> tuple[int, str]:
        place = raw_path if raw_path in files else raw_path.rpartition("/")[0]
        if place not in known or not place:
            found = project.source_of(raw_path)
            known[place] = (numbers[found.name], found.name) if found else (-1, folder_of(raw_path))
        return known[place]

    return source


def pieces(
    work: Workspace, bench: Bench, made: Index, run: Run, average: int = PART_DOCUMENTS
) -> list[Piece]:
    """Have every part's pages in the store; raises Damaged where the caches had to be filled again."""
    cut = list(parts(made.ids, average))
    keys = list(_keys(work.listing, made, cut, bench.version))
    known = [pages.counts(work.store, key) for key in keys]
    todo = [
        pages.Task(
            keys[at],
            made.ids[start],
            made.ids[end - 1],
            made.without,
            {each: made.recur[each] for each in made.ids[start:end] if each in made.recur},
        )
        for at, (start, end) in enumerate(cut)
        if known[at] is None
    ]
    _all(work, run, mapped(Making(bench), todo, run.workers, run.behind))
    found = []
    for key, counts, (start, end) in zip(keys, known, cut, strict=True):
        held = counts or pages.counts(work.store, key)
        if held is None:
            raise Damaged(f"{work.store.folder}: found the part {key} damaged; build again")
        found.append(Piece(key, start, end, held))
    return found


def _keys(listing: Listing, made: Index, cut: Iterable[tuple[int, int]], version: str) -> Iterable[str]:
    """Yield the key of each part's pages, which were cleaned by a version of the code."""
    ends = iter(cut)
    _, end = next(ends, (0, 0))
    begun, at = _begun(version), 0
    for page in listing.pages():
        if page.document_id in made.without:
            continue
        if at == end:
            yield begun.hexdigest()
            begun, (_, end) = _begun(version), next(ends)
        begun.update(pages.told(page, made.recur.get(str(page.document_id), b"")))
        at += 1
    if at:
        yield begun.hexdigest()


def _begun(version: str) -> hashlib._Hash:
    return hashlib.sha256(f"{pages.code_version()}{version}".encode())


def _all(work: Workspace, run: Run, missing: Iterable[tuple[str, ...]]) -> None:
    """Wait for parts to be made; clean again what the caches did not hold, and raise Damaged then."""
    raw_paths = {path for paths in missing for path in paths}
    if raw_paths:
        list_again(work.raw_root, raw_paths, run, work.kept, work.listing)
        work.keep_list()
        raise Damaged(
            f"{work.kept.folders[0]}: found entries damaged, of {len(raw_paths)} raw files; build again"
        )


def place(  # noqa: PLR0913 - what a build knows by then
    work: Workspace,
    bench: Bench,
    made: Index,
    cut: Sequence[Piece],
    *,
    admitted: Iterable[Annotation],
    run: Run,
) -> Placed:
    """Have every part's annotations anchored; raises Damaged where the caches had to be filled again."""
    by_document: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in admitted:
        by_document[annotation.document_id].append(annotation)
    there = [page for page in work.listing.of(sorted(by_document)) if page.document_id not in made.without]
    tasks = _tasks(there, made, cut, by_document, bench.version)
    todo = [task for task in tasks.values() if remarks.anchors(work.store, task.key) is None]
    _all(work, run, mapped(Anchoring(bench, work.raw_root), todo, run.workers, run.behind))
    found: dict[str, list[Anchor | None]] = {}
    for task in tasks.values():
        told = remarks.anchors(work.store, task.key)
        if told is None:
            raise Damaged(f"{work.store.folder}: found the annotations {task.key} damaged; build again")
        found |= told
    anchored: list[Anchored] = []
    for page in there:
        document_id = str(page.document_id)
        anchored += map(Anchored, by_document.pop(document_id), found[document_id])
    anchored += (Anchored(each, None) for rest in by_document.values() for each in rest)
    return Placed(anchored, {at: task.key for at, task in tasks.items()})


def _tasks(
    there: Iterable[Listed],
    made: Index,
    cut: Sequence[Piece],
    by_document: Mapping[str, Sequence[Annotation]],
    version: str,
) -> dict[int, remarks.Task]:
    """Put the annotations of each part together, by the number of the part."""
    ends = [piece.end for piece in cut]
    by_part: defaultdict[int, list[Listed]] = defaultdict(list)
    for page in sorted(there, key=lambda page: str(page.document_id)):
        by_part[bisect_left(ends, bisect_left(made.ids, str(page.document_id)) + 1)].append(page)
    tasks = {}
    for at, held in sorted(by_part.items()):
        mine = {str(page.document_id): tuple(by_document[str(page.document_id)]) for page in held}
        recur = {each: made.recur[each] for each in mine if each in made.recur}
        told = [remarks.code_version().encode(), version.encode()]
        for page in held:
            told.append(pages.told(page, recur.get(str(page.document_id), b"")))
            told.append(remarks.told(mine[str(page.document_id)]))
        tasks[at] = remarks.Task(pages.digest(*told), mine, recur)
    return tasks
