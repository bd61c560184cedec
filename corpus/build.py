"""The order of the steps, from raw files to a published folder: the only file that knows it.

A build that finds nothing changed needs none of them, so they are imported when they are needed: those that
clean first, and polars only when the processes that clean have begun, which can then be forked from this one.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import last_build
from corpus.errors import CorpusError, ProjectError
from corpus.last_build import Moved, Report
from corpus.raw import root_of
from corpus.records import GOLD, Finding, Quarantined
from corpus.remote import RemotePath, located

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus.cleaning_run import Progress, Run
    from corpus.join import Anchored
    from corpus.listing import Listing
    from corpus.parts.workspace import Workspace
    from corpus.records import Annotation
    from corpus.schema import Project
    from corpus.schema.parts import Part


class Dealt(NamedTuple):
    """A document's split and the name of its near-duplicate cluster."""

    split: str
    duplicate_cluster: str


ATTEMPTS = 3
"""How often a build begins again where it finds what it keeps damaged, and takes that away."""

SHOWN = 5
"""Reasons shown where no page could be read."""


class Whole(NamedTuple):
    """A corpus in parts, and what was set aside on the way to it."""

    parts: list[Part]
    raw_chars: int
    inputs: dict[str, str]
    quarantined: list[Quarantined]
    anchored: list[Anchored]
    findings: list[Finding]
    used: set[tuple[str, str]]


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

    The raw files lie in `raw`, by default where the project says (`corpus.raw.root_of`). It and `out` may be
    addresses, such as `s3://bucket/prefix`: raw files are read from there by whoever cleans them, editions go
    there as `corpus.publish.editions` says.

    In its default place the folder gets a `.huggingface.yaml` beside it, which makes `root` a dataset too.
    Rows that would change what stands in the folder under a version that does not say so are an error.
    `progress` is called as `corpus.cleaning_run.Progress` says. With `cache`, what was worked out before is
    taken from the project's `.corpus/`; the bytes that are published are the same without.
    """
    root, to = Path(root), located(out or Path(root, "published"))
    if isinstance(to, RemotePath):
        from corpus.publish import editions

        with editions.staged(to, root) as stage:
            report = build(root, stage.folder, engine, workers, progress, cache=cache, raw=raw)
            return replace(report, published=report.published and editions.send(stage, to))
    raw_root = located(raw) if raw else root_of(root)
    read = last_build.inputs(root, raw_root) if cache else None
    if same := last_build.recall(root, to, read):
        return same
    import sqlite3

    from corpus.cleaning_run import Run, failed
    from corpus.parts.mapping import IMPORTS
    from corpus.parts.workspace import workspace
    from corpus.schema.project import load_project

    _load_what_cleans()
    project = load_project(root)
    try:
        with workspace(root, to, cache=cache, raw_root=raw_root) as work:
            run = Run(engine, workers, IMPORTS, raw_root, _behind(engine, work, to))
            report, used = _attempts(work, to, project, run, progress)
    except (OSError, sqlite3.Error) as error:
        raise CorpusError(
            f"{root}: found that the disk refuses what a build works with ({error}); make room there and for "
            "temporary files; what was published before still stands"
        ) from None
    if report.published is None:
        return report
    from corpus.publish import datasheet, write_repository_card

    if not out:
        write_repository_card(to)
    report = replace(report, findings=(*report.findings, *datasheet.review(datasheet.read(root), to)))
    if cache:
        work.store.sweep(used)
        last_build.note(root, None if any(map(failed, report.quarantined)) else read, report)
    return report


def _behind(engine: str, work: Workspace, to: Path) -> str:
    """Return the engine that makes and writes parts: that of the pages, if all its nodes see the folders."""
    from corpus.engine import engine as engine_named

    if engine == "local":
        return engine
    beside = next(each for each in to.absolute().parents if each.is_dir())
    folders = (work.own, work.store.folder, beside)
    return engine if engine_named(engine).shared(folders) else "local"


def _load_what_cleans() -> None:
    """Load what cleans, so that processes that are forked from this one share it.

    Where numpy would start threads, nothing is: they would keep this process from being forked.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        from corpus.raw import formats

        import_module("corpus.clean.page")
        formats()


def _attempts(
    work: Workspace, to: Path, project: Project, run: Run, progress: Progress | None
) -> tuple[Report, set[tuple[str, str]]]:
    """Build, and again where something kept was found damaged: it was taken away and is made anew."""
    from corpus.parts.mapping import Damaged

    for attempt in range(ATTEMPTS):
        try:
            return _build(work, to, project, run, None if attempt else progress)
        except Damaged as error:
            found = error
    raise CorpusError(f"{found}; found it so {ATTEMPTS} times: look after the disk, or build with --no-cache")


def _build(
    work: Workspace, to: Path, project: Project, run: Run, progress: Progress | None
) -> tuple[Report, set[tuple[str, str]]]:
    quarantined = _listed(work, run, progress)
    if work.scattered:  # a disk refused what other machines would read
        run = run._replace(behind="local")
    made = _whole(work, project, run, quarantined)
    from corpus.parts.mapping import mapped
    from corpus.publish import VersionError, datasheet, finish, publish_parts
    from corpus.raw import document_id

    set_aside = {document_id(each.raw_path, each.record_id) for each in made.quarantined}
    map_ = partial(mapped, workers=run.workers, engine=run.behind)
    finished = finish(made.parts, project, work.store, map_)
    sheet = datasheet.read(work.root)
    findings = [
        *work.told(),
        *made.findings,
        *finished.findings,
        *_without_gold(each.annotation for each in made.anchored),
        *datasheet.problems(sheet or ""),
    ]
    report = Report(
        documents=finished.documents,
        paragraphs=finished.paragraphs,
        raw_chars=made.raw_chars,
        annotations=len(made.anchored),
        ledger=finished.ledger,
        quarantined=tuple(made.quarantined),
        moved=tuple(_moved(made.anchored)),
        orphans=tuple(_orphan(each.annotation, set_aside) for each in made.anchored if not each.anchor),
        findings=tuple(findings),
        untagged=finished.untagged,
        widened=finished.widened,
    )
    used = made.used | finished.used
    if any(finding.level == "error" for finding in findings):
        return report, used
    if not made.parts:
        raise ProjectError(_nothing(work.raw_root, made.quarantined))
    counts = {"pages": finished.documents, "quarantined": len(made.quarantined)}
    try:
        files = publish_parts(finished, made.inputs, to, sheet, versioned=True, map_=map_, counts=counts)
    except VersionError as error:
        return replace(report, findings=(*findings, error.finding)), used
    return replace(report, published=to, files=tuple(files)), used


def _listed(work: Workspace, run: Run, progress: Progress | None) -> list[Quarantined]:
    """Have every page cleaned and listed; return what was set aside."""
    import sqlite3

    from corpus.cleaning_run import list_all

    try:
        quarantined = list_all(work.raw_root, run, work.kept, work.listing, progress)
    except sqlite3.Error:  # a disk that refuses
        work.list_elsewhere()
        quarantined = list_all(work.raw_root, run, work.kept, work.listing)
    work.keep_list()
    return quarantined


def _whole(work: Workspace, project: Project, run: Run, quarantined: list[Quarantined]) -> Whole:
    """Have every part in the store, and tell what each is: near-duplicates, splits, annotations."""
    from corpus.annotations import load
    from corpus.join import admit
    from corpus.parts import deciding, making
    from corpus.parts.mapping import mapped
    from corpus.raw import document_id

    index = making.index(work.listing, project)
    quarantined = [*quarantined, *index.refused]
    bench = work.bench()
    pieces = making.pieces(work, bench, index, run)
    annotations, findings = load(work.root)
    findings += deciding.copies_of_forgotten(work.store, pieces, project)
    known = {document_id(each.raw_path, each.record_id) for each in quarantined}
    admitted, refused = admit(annotations, known.union(index.ids), project)
    placed = making.place(work, bench, index, pieces, admitted=admitted, run=run)
    others = partial(mapped, workers=run.workers, engine=run.behind) if run.behind != "local" else None
    parts = list(deciding.parts(work, index, pieces, placed, project, map_=others))
    inputs = _inputs(work.root, work.listing, index.raw_paths, project)
    used = deciding.used(pieces, placed, project)
    return Whole(parts, index.raw_chars, inputs, quarantined, placed.anchored, [*findings, *refused], used)


def _nothing(raw_root: Path, quarantined: Sequence[Quarantined]) -> str:
    """Say why nothing is published: no page, or why none could be read."""
    shown = [
        f"{each.raw_path}{f'#{each.record_id}' if each.record_id else ''}: {each.reason}"
        for each in quarantined[:SHOWN]
    ]
    more = f"; and {len(quarantined) - SHOWN} more" if len(quarantined) > SHOWN else ""
    why = f": {'; '.join(shown)}{more}" if shown else ""
    return f"{raw_root}: no page could be read there, so there is nothing to publish{why}"


def deal(
    documents: Sequence[Mapping[str, Any]] | Sequence[tuple[str, str]],
    policy: str,
    seed: int,
    ratios: Sequence[float],
) -> list[Dealt]:
    """Deal documents into splits: see `corpus.split`. A document without an id is called by its number."""
    from corpus.duplicates import clusters
    from corpus.splits import SplitUnit, assign

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


def _inputs(root: Path, listing: Listing, raw_paths: set[str], project: Project) -> dict[str, str]:
    """The SHA-256 of every file that the corpus is made from, by its path below the project."""
    made = {f"raw/{name}": sha256 for name, sha256 in listing.files() if name in raw_paths}
    for path in (root / "annotations").rglob("*.jsonl"):
        made[path.relative_to(root).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return dict(sorted((made | dict(project.files)).items()))
