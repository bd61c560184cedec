"""A project as it stands, in memory: pages as documents, annotations in their places, the flat tables.

For what looks at one project closely (audit, suggestions, forgetting), and the measure for `corpus.parts`,
which makes the same tables of corpora that no memory holds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from corpus import raw
from corpus.annotations import load
from corpus.clean.recurring import dropped, recurring
from corpus.cleaning_run import set_aside
from corpus.duplicates import clusters
from corpus.engine import Broken, engine
from corpus.join import Anchored, admit, join
from corpus.pages import CLEANING, sources
from corpus.pages import units as units_of
from corpus.paragraphs import paragraphs
from corpus.records import GOLD, Document, Finding, Quarantined
from corpus.schema.forgotten import digest
from corpus.splits import SplitUnit, assign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.cleaning_run import Progress
    from corpus.records import Annotation
    from corpus.schema import Corpus, Project


class Standing(NamedTuple):
    """The pages of a project as they are today, and where its annotations stand in them.

    `findings` name the annotation lines that could not be read or admitted.
    """

    documents: list[Document]
    quarantined: list[Quarantined]
    anchored: list[Anchored]
    findings: list[Finding]


def standing(
    root: Path, project: Project, workers: int | None = None, progress: Progress | None = None
) -> Standing:
    """Clean every page of the project at `root` and anchor every annotation in it; nothing is written.

    `progress` is called as `corpus.cleaning_run.Progress` says.
    """
    documents, quarantined = _cleaned(root, workers, progress)
    documents, refused_again = _without_forgotten(_without_recurring(documents, project), project)
    quarantined += refused_again
    annotations, findings = load(root)
    findings = [*findings, *_copies_of_forgotten(documents, project)]
    known = {raw.document_id(each.raw_path, each.record_id) for each in quarantined}
    known.update(document.document_id for document in documents)
    admitted, refused = admit(annotations, known, project)
    return Standing(documents, quarantined, _anchor_all(admitted, documents), [*findings, *refused])


def tables(stand: Standing, project: Project) -> Corpus:
    """Make the flat tables of a project as it stands: near-duplicates, splits, join; not yet validated."""
    documents = stand.documents
    same = clusters({document.document_id: document.text for document in documents})
    texts = {p.paragraph_id: p.text for document in documents for p in document.paragraphs}
    splits = _splits(documents, same, stand.anchored, project)
    return join(documents, stand.anchored, splits, same | clusters(texts), project)


def _cleaned(
    root: Path, workers: int | None, progress: Progress | None
) -> tuple[list[Document], list[Quarantined]]:
    """Clean every page of the project at `root`."""
    raw_root = raw.root_of(root)
    files, quarantined = raw.find(raw_root)
    units = units_of(sources(raw_root, files))
    documents: list[Document] = []
    begun: set[str] = set()
    for results in engine("local").map(CLEANING, units, workers):
        for result in results:
            if isinstance(result, Document):
                documents.append(result)
            else:
                quarantined.append(set_aside(result) if isinstance(result, Broken) else result)
            begun.add(result.raw_path if isinstance(result, Document) else quarantined[-1].raw_path)
            if progress:
                progress(len(begun), len(files), len(quarantined))
    return documents, quarantined


def source_name(project: Project, raw_path: str) -> str:
    """Tell the source whose lines recur together: the declared one, else the folder."""
    source = project.source_of(raw_path)
    return source.name if source else folder_of(raw_path)


def folder_of(raw_path: str) -> str:
    """Return the first folder of a raw path, the file where it lies in none: a source that nobody declared.

    >>> folder_of("harbour-daily/2025/arrests.html")
    'harbour-daily'
    """
    return raw_path.partition("/")[0]


def _without_recurring(documents: Sequence[Document], project: Project) -> list[Document]:
    """Drop the lines that recur from page to page of one source."""
    by_source: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        by_source[source_name(project, document.raw_path)].append(document)
    lines = {name: recurring(each.blocks for each in pages) for name, pages in by_source.items()}
    made = {
        document.document_id: trimmed(document, lines[name])
        for name, pages in by_source.items()
        for document in (pages if lines[name] else [])
    }
    return [made.get(document.document_id, document) for document in documents]


def trimmed(document: Document, lines: frozenset[bytes]) -> Document:
    """Drop lines that recur from a document."""
    blocks = dropped(document.blocks, lines)
    told = {paragraph.segments: paragraph.language for paragraph in document.paragraphs}
    kept = tuple(
        replace(paragraph, language=told[paragraph.segments])
        for paragraph in paragraphs(document.document_id, blocks)
    )
    return replace(document, blocks=blocks, paragraphs=kept)


def _without_forgotten(
    documents: Iterable[Document], project: Project
) -> tuple[list[Document], list[Quarantined]]:
    """Set aside documents that were forgotten, told by their id or by their body."""
    kept, refused = [], []
    reason_for = forgotten(project)
    for document in documents:
        reason = reason_for(document.document_id, document.raw_sha256)
        if reason:
            refused.append(Quarantined(document.raw_path, reason, raw.record_id(document.document_id)))
        else:
            kept.append(document)
    return kept, refused


def forgotten(project: Project) -> Callable[[str, str], str | None]:
    """Return what tells, by id and SHA-256 of the body, why a document that was forgotten is set aside."""
    graves = {name: stone for stone in project.forgotten for name in (stone.document_id, stone.raw_sha256)}

    def reason(document_id: str, raw_sha256: str) -> str | None:
        stone = graves.get(document_id) or graves.get(raw_sha256)
        return stone and f"it was forgotten on {stone.on} ({stone.reason}); take it out of raw/ again"

    return reason


def buried(project: Project) -> dict[str, str]:
    """Return the digests of paragraphs of forgotten documents, with the document of each."""
    return {each: stone.document_id for stone in project.forgotten for each in stone.paragraphs}


def _copies_of_forgotten(documents: Iterable[Document], project: Project) -> Iterator[Finding]:
    """Name the paragraphs that repeat one of a forgotten document."""
    paragraphs_of = buried(project)
    for document in documents if paragraphs_of else ():
        for paragraph in document.paragraphs:
            if source := paragraphs_of.get(digest(paragraph.text) or ""):
                yield copy_of_forgotten(document.document_id, paragraph.paragraph_id, source)


def copy_of_forgotten(document_id: str, paragraph_id: str, source: str) -> Finding:
    """Name a paragraph that repeats one of a forgotten document."""
    message = f"the paragraph repeats one of {source}, which was forgotten"
    hint = f"`corpus forget {document_id}` too, if it must be"
    return Finding("copy-of-forgotten", "warning", paragraph_id, message, hint)


def _splits(
    documents: Iterable[Document], same: Mapping[str, str], anchored: Iterable[Anchored], project: Project
) -> dict[str, str]:
    """The split of every document, near-duplicates together."""
    labels = gold_labels(anchored)
    units = [
        SplitUnit(
            document.document_id,
            same[document.document_id],
            source.name if (source := project.source_of(document.raw_path)) else "",
            document.metadata.value("published_at"),
            tuple(labels.get(document.document_id, ())),
        )
        for document in documents
    ]
    return assign(units, project.split.policy, project.split.seed, project.split.ratios)


def gold_labels(anchored: Iterable[Anchored]) -> dict[str, list[str]]:
    """Return the adjudicated stances that stand in each document, as `target=label`."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for annotation, place in anchored:
        if place and annotation.annotator == GOLD and annotation.layer == "stance":
            labels[annotation.document_id].append(f"{annotation.target}={annotation.label}")
    return dict(labels)


def _anchor_all(annotations: Sequence[Annotation], documents: Sequence[Document]) -> list[Anchored]:
    """Anchor each document's annotations together, since they tell of each other's places."""
    from corpus.anchor import anchor

    by_document: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_document[annotation.document_id].append(annotation)
    anchored: list[Anchored] = []
    for document in documents:
        mine = by_document.pop(document.document_id, [])
        anchored += map(Anchored, mine, anchor(mine, document))
    anchored += (Anchored(each, None) for rest in by_document.values() for each in rest)
    return anchored
