"""The order of the steps, from raw files to a published folder: the only file that knows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import last_build
from corpus.anchor import anchor
from corpus.annotations import load
from corpus.cleaning_run import UNCACHED, Run, clean_all, failed
from corpus.duplicates import clusters
from corpus.errors import ProjectError
from corpus.join import Anchored, admit, join
from corpus.last_build import Moved, Report
from corpus.pages import clean_body, clean_page
from corpus.publish import VersionError, datasheet, editions, publish, write_repository_card
from corpus.publish.manifest import sha256
from corpus.publish.tokens import misfits
from corpus.raw import document_id, record_id
from corpus.records import GOLD, Document, Finding, Quarantined
from corpus.remote import RemotePath, located
from corpus.schema import load_project, validate
from corpus.schema.forgotten import digest
from corpus.splits import SplitUnit, assign

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus.cleaning_run import Progress
    from corpus.records import Annotation
    from corpus.schema import Corpus, Project

__all__ = [
    "Dealt",
    "Moved",
    "Report",
    "Standing",
    "build",
    "clean_body",
    "clean_page",
    "deal",
    "standing",
    "tables",
]


class Standing(NamedTuple):
    """The pages of a project as they are today, and where its annotations stand in them.

    `findings` name the annotation lines that could not be read or admitted.
    """

    documents: list[Document]
    quarantined: list[Quarantined]
    anchored: list[Anchored]
    findings: list[Finding]


class Dealt(NamedTuple):
    """A document's split and the name of its near-duplicate cluster."""

    split: str
    duplicate_cluster: str


def build(  # noqa: PLR0913 - what the contract names, and what the command line shows and says
    root: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    engine: str = "local",
    workers: int | None = None,
    progress: Progress | None = None,
    *,
    cache: bool = True,
    raw: str | os.PathLike[str] | None = None,
) -> Report:
    """Build the project at `root` into `out`, `root/published` by default; see `corpus.build`.

    The raw files lie in `raw`, `root/raw` by default. Both may be addresses, such as `s3://bucket/prefix`:
    raw files are read from there by whoever cleans them, editions go there as `corpus.publish.editions` says.

    In its default place the folder gets a `.huggingface.yaml` beside it, which makes `root` a dataset too.
    Rows that would change what stands in the folder under a version that does not say so are an error.
    `progress` is called as `corpus.cleaning_run.Progress` says. With `cache`, what was cleaned before is
    taken from the project's cache; the bytes that are published are the same without.
    """
    root, to = Path(root), located(out or Path(root, "published"))
    if isinstance(to, RemotePath):
        with editions.staged(to, root) as stage:
            report = build(root, stage.folder, engine, workers, progress, cache=cache, raw=raw)
            return replace(report, published=report.published and editions.send(stage, to))
    raw_root = located(raw) if raw else root / "raw"
    read = last_build.inputs(root, raw_root) if cache else None
    if same := last_build.recall(root, to, read):
        return same
    project = load_project(root)
    stand = standing(root, project, Run(engine, workers, cache, raw_root), progress)
    documents, quarantined, anchored = stand.documents, stand.quarantined, stand.anchored
    set_aside = {document_id(each.raw_path, each.record_id) for each in quarantined}
    corpus, invalid = validate(
        replace(tables(stand, project), inputs=_inputs(root, raw_root, documents, project))
    )
    findings = [*stand.findings, *invalid, *_without_gold(each.annotation for each in anchored)]
    sheet = datasheet.read(root)
    findings += datasheet.problems(sheet or "")
    untagged, widened = _misfits(corpus)
    report = Report(
        documents=corpus.tables["documents"].height,
        paragraphs=corpus.tables["paragraphs"].height,
        raw_chars=sum(len(document.raw) for document in documents),
        annotations=len(anchored),
        ledger=_ledger(documents),
        quarantined=tuple(quarantined),
        moved=tuple(_moved(anchored)),
        orphans=tuple(_orphan(each.annotation, set_aside) for each in anchored if not each.anchor),
        findings=tuple(findings),
        untagged=untagged,
        widened=widened,
    )
    if any(finding.level == "error" for finding in findings):
        return report
    if not documents:
        raise ProjectError(f"{raw_root}: no page could be read there, so there is nothing to publish")
    try:
        files = publish(corpus, to, sheet, versioned=True)
    except VersionError as error:
        return replace(report, findings=(*findings, error.finding))
    if not out:
        write_repository_card(to)
    findings += datasheet.review(sheet, to)
    report = replace(report, published=to, files=tuple(files), findings=tuple(findings))
    if cache:
        last_build.note(root, None if any(map(failed, quarantined)) else read, report)
    return report


def standing(
    root: Path,
    project: Project,
    run: Run = UNCACHED,
    progress: Progress | None = None,
) -> Standing:
    """Clean every page of the project at `root` and anchor every annotation in it.

    Nothing is written, but what `run` says of the cache.
    """
    documents, quarantined, uncached = clean_all(root, project, run, progress)
    documents, refused_again = _without_forgotten(documents, project)
    quarantined += refused_again
    annotations, findings = load(root)
    findings = [*uncached, *findings, *_copies_of_forgotten(documents, project)]
    known = {document_id(each.raw_path, each.record_id) for each in quarantined}
    known.update(document.document_id for document in documents)
    admitted, refused = admit(annotations, known, project)
    return Standing(documents, quarantined, _anchor_all(admitted, documents), [*findings, *refused])


def _without_forgotten(
    documents: Iterable[Document], project: Project
) -> tuple[list[Document], list[Quarantined]]:
    """Set aside documents that were forgotten, told by their id or by their body."""
    graves = {name: stone for stone in project.forgotten for name in (stone.document_id, stone.raw_sha256)}
    kept, refused = [], []
    for document in documents:
        stone = graves.get(document.document_id) or graves.get(document.raw_sha256)
        if stone:
            reason = f"it was forgotten on {stone.on} ({stone.reason}); take it out of raw/ again"
            refused.append(Quarantined(document.raw_path, reason, record_id(document.document_id)))
        else:
            kept.append(document)
    return kept, refused


def _copies_of_forgotten(documents: Iterable[Document], project: Project) -> Iterator[Finding]:
    """Name the paragraphs that repeat one of a forgotten document."""
    buried = {each: stone.document_id for stone in project.forgotten for each in stone.paragraphs}
    for document in documents if buried else ():
        for paragraph in document.paragraphs:
            if source := buried.get(digest(paragraph.text) or ""):
                message = f"the paragraph repeats one of {source}, which was forgotten"
                hint = f"`corpus forget {document.document_id}` too, if it must be"
                yield Finding("copy-of-forgotten", "warning", paragraph.paragraph_id, message, hint)


def tables(stand: Standing, project: Project) -> Corpus:
    """Make the flat tables of a project as it stands: near-duplicates, splits, join; not yet validated."""
    documents = stand.documents
    same = clusters({document.document_id: document.text for document in documents})
    texts = {p.paragraph_id: p.text for document in documents for p in document.paragraphs}
    splits = _splits(documents, same, stand.anchored, project)
    return join(documents, stand.anchored, splits, same | clusters(texts), project)


def _splits(
    documents: Iterable[Document], same: Mapping[str, str], anchored: Iterable[Anchored], project: Project
) -> dict[str, str]:
    """The split of every document, near-duplicates together."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for annotation, place in anchored:
        if place and annotation.annotator == GOLD and annotation.layer == "stance":
            labels[annotation.document_id].append(f"{annotation.target}={annotation.label}")
    units = [
        SplitUnit(
            document.document_id,
            same[document.document_id],
            source.name if (source := project.source_of(document.raw_path)) else "",
            document.metadata.value("published_at"),
            tuple(labels[document.document_id]),
        )
        for document in documents
    ]
    return assign(units, project.split.policy, project.split.seed, project.split.ratios)


def deal(
    documents: Sequence[Mapping[str, Any]] | Sequence[tuple[str, str]],
    policy: str,
    seed: int,
    ratios: Sequence[float],
) -> list[Dealt]:
    """Deal documents into splits: see `corpus.split`. A document without an id is called by its number."""
    width = len(str(len(documents)))
    rows = [
        {"text": given[0], "source": given[1]} if isinstance(given, tuple) else given for given in documents
    ]
    ids = [str(row.get("document_id", f"{number:0{width}}")) for number, row in enumerate(rows)]
    same = clusters({name: row["text"] for name, row in zip(ids, rows, strict=True)})
    units = [
        SplitUnit(
            *(name, same[name], str(row.get("source") or "")),
            *(row.get("published_at"), tuple(row.get("labels", ()))),
        )
        for name, row in zip(ids, rows, strict=True)
    ]
    splits = assign(units, policy, seed, ratios)
    return [Dealt(splits[name], same[name]) for name in ids]


def _anchor_all(annotations: Sequence[Annotation], documents: Sequence[Document]) -> list[Anchored]:
    """Anchor each document's annotations together, since they tell of each other's places."""
    by_document: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_document[annotation.document_id].append(annotation)
    anchored: list[Anchored] = []
    for document in documents:
        mine = by_document.pop(document.document_id, [])
        anchored += map(Anchored, mine, anchor(mine, document))
    anchored += (Anchored(each, None) for rest in by_document.values() for each in rest)
    return anchored


def _moved(anchored: Iterable[Anchored]) -> Iterator[Moved]:
    for annotation, place in anchored:
        if place and place.method != "exact":
            yield Moved(annotation.where, annotation.annotation_id, place.method, place.confidence)


def _orphan(annotation: Annotation, set_aside: set[str]) -> Finding:
    gone = annotation.document_id in set_aside
    why = "its page is quarantined" if gone else "its text stands in no paragraph of the page any more"
    message = f"orphan: {annotation.exact[:40]!r} in {annotation.document_id}: {why}"
    hint = (
        "mend the page" if gone else "see `corpus trace` for the page's paragraphs; mend or remove the line"
    )
    return Finding("orphan", "error", annotation.where or annotation.annotation_id, message, hint)


def _without_gold(annotations: Iterable[Annotation]) -> Iterator[Finding]:
    """A layer that was annotated but not adjudicated publishes nothing: say so."""
    annotators: defaultdict[str, set[str]] = defaultdict(set)
    for annotation in annotations:
        annotators[annotation.layer].add(annotation.annotator)
    for layer, names in sorted(annotators.items()):
        if GOLD not in names:
            message = f"annotated by {', '.join(sorted(names))} but not adjudicated: no {layer} is published"
            hint = f"write annotations/{layer}/{GOLD}.jsonl, the adjudicated layer"
            yield Finding("without-gold", "warning", f"annotations/{layer}", message, hint)


def _ledger(documents: Iterable[Document]) -> dict[tuple[str, str], int]:
    """Raw characters by the role and rule of their block."""
    counts: Counter[tuple[str, str]] = Counter()
    for document in documents:
        for block in document.blocks:
            counts[block.role, block.rule] += block.raw_end - block.raw_start
    return dict(sorted(counts.items()))


def _misfits(corpus: Corpus) -> tuple[int, int]:
    """How many adjudicated mentions the IOB2 view leaves out, and how many it widens."""
    texts = dict(corpus.tables["paragraphs"].select("paragraph_id", "text").iter_rows())
    spans: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for name, start, end, label in (
        corpus.tables["entities"].select("paragraph_id", "start", "end", "label").iter_rows()
    ):
        spans[name].append((start, end, label))
    counts = [misfits(texts[name], found) for name, found in spans.items()]
    return sum(left for left, _ in counts), sum(wider for _, wider in counts)


def _inputs(root: Path, raw_root: Path, documents: Iterable[Document], project: Project) -> dict[str, str]:
    """The SHA-256 of every file that the corpus is made from, by its path below the project."""
    read = {f"raw/{document.raw_path}": raw_root / document.raw_path for document in documents}
    read |= {path.relative_to(root).as_posix(): path for path in (root / "annotations").rglob("*.jsonl")}
    made = {name: sha256(path) for name, path in read.items()}
    return dict(sorted((made | dict(project.files)).items()))
