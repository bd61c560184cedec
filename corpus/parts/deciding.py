"""What only the whole corpus decides, from small facts of every document; and the parts with it."""

from __future__ import annotations

import hashlib
import json
from functools import cache, partial
from typing import TYPE_CHECKING

from corpus import code
from corpus.parts import near, pages, remarks, whole
from corpus.parts.whole import Loading
from corpus.schema.forgotten import digest
from corpus.splits import SplitUnit, assign
from corpus.standing import buried, copy_of_forgotten, gold_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.duplicates.meeting import Map
    from corpus.parts.making import Index, Placed
    from corpus.parts.near import Piece
    from corpus.parts.workspace import Workspace
    from corpus.records import Finding
    from corpus.schema import Project
    from corpus.schema.parts import Part
    from corpus.store import Store

_COPIES = "copies"


def parts(  # noqa: PLR0913 - what was made, and who helps
    work: Workspace,
    made: Index,
    cut: Sequence[Piece],
    placed: Placed,
    project: Project,
    *,
    map_: Map | None = None,
) -> Iterator[Part]:
    """Find near-duplicates, deal documents into splits, and yield every part with what was decided of it.

    With `map_` others help to find near-duplicates; they must see the folder of the build.
    """
    found = near.clusters(work.store, cut, work.folder or work.own, work.own, map_)
    clusters = [made.ids[first] for first in found.documents.tolist()]
    splits = _splits(made, clusters, placed, project)
    licences = [*(source.licence for source in project.sources), project.licence]
    publishers = [*(source.publisher for source in project.sources), None]
    for at, (piece, copies) in enumerate(
        zip(cut, near.copies(work.store, cut, found.paragraphs), strict=True)
    ):
        mine = slice(piece.start, piece.end)
        loading = Loading(
            work.store,
            piece.key,
            placed.keys.get(at),
            tuple(splits[mine]),
            tuple(clusters[mine]),
            copies,
            tuple(licences[source] for source in made.sources[mine]),
            tuple(publishers[source] for source in made.sources[mine]),
        )
        yield whole.part(loading, tuple(made.ids[mine]))


def _splits(made: Index, clusters: Sequence[str], placed: Placed, project: Project) -> list[str]:
    """Return the split of every document in order, near-duplicates together."""
    labels = gold_labels(placed.anchored)
    names = [*(source.name for source in project.sources), ""]
    units = [
        SplitUnit(document_id, cluster, names[source], published_at, tuple(labels.get(document_id, ())))
        for document_id, cluster, source, published_at in zip(
            made.ids, clusters, made.sources, made.published, strict=True
        )
    ]
    dealt = assign(units, project.split.policy, project.split.seed, project.split.ratios)
    return [dealt[document_id] for document_id in made.ids]


def copies_of_forgotten(store: Store, cut: Sequence[Piece], project: Project) -> list[Finding]:
    """Name the paragraphs that repeat one of a forgotten document, in the order of their documents."""
    forgotten = buried(project)
    return [finding for piece in cut if forgotten for finding in _copies(store, piece, forgotten)]


def _copies(store: Store, piece: Piece, forgotten: Mapping[str, str]) -> Iterator[Finding]:
    key = copies_key(piece.key, forgotten)
    place = store.get(_COPIES, key)
    if place is None:
        columns = ["document_id", "position", "paragraph_id", "text"]
        rows = pages.selected(store, piece.key, "paragraphs", columns).sort("document_id", "position")
        found = [
            (document_id, paragraph_id, source)
            for document_id, _, paragraph_id, text in rows.iter_rows()
            if (source := forgotten.get(digest(text) or ""))
        ]
        place = store.put(_COPIES, key, partial(_write, found))
    for document_id, paragraph_id, source in json.loads((place / "copies.json").read_text("utf-8")):
        yield copy_of_forgotten(document_id, paragraph_id, source)


@cache
def _code_version() -> str:
    return code.digest((), ("parts/deciding.py", "schema/forgotten.py", *pages.TABLES_CODE))


def copies_key(pages_key: str, forgotten: Mapping[str, str]) -> str:
    """Return the key of what a part repeats of forgotten documents."""
    return hashlib.sha256(json.dumps([_code_version(), pages_key, dict(forgotten)]).encode()).hexdigest()


def _write(found: Sequence[tuple[str, str, str]], to: Path) -> None:
    (to / "copies.json").write_text(json.dumps(found), "utf-8")


def used(cut: Sequence[Piece], placed: Placed, project: Project) -> set[tuple[str, str]]:
    """Return kind and key of what the store must keep for the next build."""
    forgotten = buried(project)
    kept = {(pages.KIND, piece.key) for piece in cut} | {(near.KIND, near.key(cut))}
    kept |= {(remarks.KIND, key) for key in placed.keys.values()}
    return kept | {(_COPIES, copies_key(piece.key, forgotten)) for piece in cut if forgotten}
