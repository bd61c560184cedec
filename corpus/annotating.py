"""What annotators and their coordinators do with a project: exchange, accept new places, compare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from corpus import agreement
from corpus.adjudicate import propose
from corpus.annotations import Added, add, export, import_, native
from corpus.errors import ProjectError
from corpus.places import raw_range
from corpus.records import GOLD
from corpus.schema.project import load_project
from corpus.standing import standing
from corpus.trace import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from corpus.adjudicate import Proposal
    from corpus.annotations.placing import Given
    from corpus.join import Anchored
    from corpus.records import Annotation, Finding
    from corpus.standing import Standing


class Exchanged(NamedTuple):
    """What an import did: what is new, what was there already, and everything worth saying about the rest."""

    added: Added
    findings: list[Finding]


class Accepted(NamedTuple):
    """Annotations that stand elsewhere than where they were made, orphans, and the files rewritten."""

    anchored: list[Anchored]
    orphans: list[Annotation]
    files: list[Path]


def standing_of(root: Path) -> Standing:
    """Clean the project at `root` and anchor its annotations, as `corpus build` would."""
    return standing(root, load_project(root))


def import_files(root: Path, format_name: str, paths: Sequence[Path], given: Given) -> Exchanged:
    """Import other tools' files into `root/annotations`; what is there already is not added again."""
    stand = standing_of(root)
    made, findings = import_(format_name, paths, stand.documents, given)
    return Exchanged(add(root, made), findings)


def export_files(
    root: Path, format_name: str, to: Path, layer: str | None = None, annotator: str | None = None
) -> tuple[list[Path], list[Finding]]:
    """Export the project's documents and annotations for another tool, each where it stands today."""
    stand = standing_of(root)
    chosen = [
        each
        for each in stand.anchored
        if layer in {None, each.annotation.layer} and annotator in {None, each.annotation.annotator}
    ]
    anchors = {each.annotation.annotation_id: each.anchor for each in chosen if each.anchor}
    return export(format_name, stand.documents, [each.annotation for each in chosen], to, anchors)


def agreement_of(root: Path, *, with_gamma: bool = False) -> list[agreement.Row]:
    """Measure how far the annotators of the project agree, at the places where annotations stand today."""
    stand = standing_of(root)
    paragraphs = {document.document_id: document.paragraphs for document in stand.documents}
    placed = [each for each in stand.anchored if each.anchor]
    places = {
        each.annotation.annotation_id: (
            paragraphs[each.annotation.document_id][each.anchor.paragraph].paragraph_id,
            each.anchor.start,
            each.anchor.end,
        )
        for each in placed
        if each.anchor
    }
    return agreement.report([each.annotation for each in placed], places, with_gamma=with_gamma)


def propose_gold(root: Path, *, write: bool) -> tuple[list[Proposal], list[Path]]:
    """Propose the gold layer from the annotations there are; with `write`, write it beside decisions.

    Annotations are compared where they stand today. A person's decision in `gold.jsonl` stays as it is;
    earlier proposals are replaced. Orphans take no part, but decisions among them stay in the file. Raises
    ProjectError, and writes nothing, where a line of the files could not be read.
    """
    stand = standing_of(root)
    if write:
        _refuse_unread(stand.findings)
    today = _today(stand)
    decisions = {row.annotation_id: row for row, _ in stand.anchored if row.annotator == GOLD}
    proposals = [
        replace(each, annotation=decisions[each.annotation.annotation_id])
        if each.decided and each.annotation
        else each
        for each in propose(
            [row for row, anchor in today if anchor and row.annotator != GOLD],
            [row for row, _ in today if row.annotator == GOLD],
        )
    ]
    layers: defaultdict[str, list[Annotation]] = defaultdict(list)
    for proposal in proposals:
        if proposal.annotation:
            layers[proposal.annotation.layer].append(proposal.annotation)
    written = []
    for layer, chosen in sorted(layers.items()) if write else []:
        path = root / "annotations" / layer / f"{GOLD}.jsonl"
        native.write(chosen, path)
        written.append(path)
    return proposals, written


def _refuse_unread(findings: Sequence[Finding]) -> None:
    if findings:
        where = ", ".join(finding.where for finding in findings[:3])
        raise ProjectError(f"{where}: cannot be read; nothing was written, since the line would be lost")


def _today(stand: Standing) -> list[Anchored]:
    """Give every annotation quote, context and raw place of the text it stands on; orphans keep theirs."""
    documents = {document.document_id: document for document in stand.documents}
    rows = []
    for each in stand.anchored:
        annotation, anchor = each
        if anchor and anchor.method != "exact":
            document = documents[annotation.document_id]
            paragraph = document.paragraphs[anchor.paragraph]
            start, end = raw_range(paragraph, anchor.start, anchor.end)
            annotation = replace(
                annotation,
                exact=paragraph.text[anchor.start : anchor.end],
                prefix=paragraph.text[max(0, anchor.start - CONTEXT) : anchor.start],
                suffix=paragraph.text[anchor.end : anchor.end + CONTEXT],
                raw_sha256=document.raw_sha256,
                raw_start=start,
                raw_end=end,
            )
        rows.append(each._replace(annotation=annotation))
    return rows


def accept(root: Path, *, write: bool) -> Accepted:
    """Find the annotations whose place or quote is not today's; with `write`, bring their lines up to date.

    An annotation keeps its id, label, annotator, time and note; its quote, context and raw place become those
    of the text it stands on. Orphans stay as they are. Raises ProjectError, and writes nothing, where a line
    of the files could not be read, since it would be lost.
    """
    stand = standing_of(root)
    changed: list[Anchored] = []
    files: defaultdict[tuple[str, str], list[Annotation]] = defaultdict(list)
    touched: set[tuple[str, str]] = set()
    for each, today in zip(stand.anchored, _today(stand), strict=True):
        key = (each.annotation.layer, each.annotation.annotator)
        if each.anchor and each.anchor.method != "exact":
            changed.append(each)
            touched.add(key)
        files[key].append(today.annotation)
    if write:
        _refuse_unread(stand.findings)
    written = []
    for layer, annotator in sorted(touched) if write else []:
        path = root / "annotations" / layer / f"{annotator}.jsonl"
        native.write(files[layer, annotator], path)
        written.append(path)
    orphans = [each.annotation for each in stand.anchored if not each.anchor]
    return Accepted(changed, orphans, written)
