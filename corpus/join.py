"""Documents and anchored annotations to flat tables, tied by ids."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.records import GOLD, Anchor, Annotation, Document, Finding
from corpus.schema import FLAT, Corpus, frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.schema import Project


class Anchored(NamedTuple):
    """An annotation and where it stands today; no anchor makes it an orphan."""

    annotation: Annotation
    anchor: Anchor | None


def admit(
    annotations: Iterable[Annotation], document_ids: Iterable[str], project: Project
) -> tuple[list[Annotation], list[Finding]]:
    """Split annotations into those that name a known document, label and target, and findings for the rest.

    `document_ids` are all the pages there are, quarantined ones included: a page that could not be read today
    makes its annotations orphans, while an id that no page bears is a mistake in the line.
    """
    known = set(document_ids)
    labels = {
        "entity": [label.name for label in project.entity_labels],
        "stance": [label.name for label in project.stance_labels],
    }
    targets = [target.target_id for target in project.targets]
    admitted, findings = [], []
    for annotation in annotations:
        refused = None
        if annotation.document_id not in known:
            refused = _unknown("document", annotation, annotation.document_id, [])
        elif annotation.label not in labels[annotation.layer] and not annotation.is_nothing:
            refused = _unknown("label", annotation, annotation.label, labels[annotation.layer])
        elif annotation.layer == "stance" and annotation.target not in targets:
            refused = _unknown("target", annotation, str(annotation.target), targets)
        if refused:
            findings.append(refused)
        else:
            admitted.append(annotation)
    return admitted, findings


def _unknown(what: str, annotation: Annotation, found: str, known: Sequence[str]) -> Finding:
    """A finding for an annotation that names something undeclared."""
    expected = f"; expected one of {', '.join(known)}" if known else "; no page below raw/ has that id"
    where = annotation.where or annotation.annotation_id
    hint = "mend the line" if what == "document" else "mend the line, or declare it in schema/labels.yaml"
    return Finding(f"unknown-{what}", "error", where, f"unknown {what} {found!r}{expected}", hint)


def join(
    documents: Sequence[Document],
    anchored: Sequence[Anchored],
    splits: Mapping[str, str],
    clusters: Mapping[str, str],
    project: Project,
) -> Corpus:
    """Make the flat tables of a corpus, each sorted by its key.

    `splits` maps every document id to its split, `clusters` every document and paragraph id to the name of
    its near-duplicate cluster (an id without one is its own cluster). Annotations by `gold` become entities
    and stances (but the decision that no mention is there), all others rows of `annotations`; an orphan keeps
    its row there, without a place, unless its page is not in `documents` at all.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in FLAT}
    for document in sorted(documents, key=lambda each: each.document_id):
        split = splits[document.document_id]
        rows["documents"].append(_document(document, split, clusters, project))
        rows["blocks"] += _blocks(document)
        for paragraph in document.paragraphs:
            rows["paragraphs"].append(
                {
                    "paragraph_id": paragraph.paragraph_id,
                    "document_id": document.document_id,
                    "position": paragraph.position,
                    "role": paragraph.role,
                    "text": paragraph.text,
                    "language": paragraph.language,
                    "raw_start": paragraph.raw_start,
                    "raw_end": paragraph.raw_end,
                    "duplicate_cluster": clusters.get(paragraph.paragraph_id, paragraph.paragraph_id),
                }
            )
            rows["segments"] += (
                {"paragraph_id": paragraph.paragraph_id, "position": position, **segment._asdict()}
                for position, segment in enumerate(paragraph.segments)
            )
    rows |= annotated(documents, anchored)
    return Corpus({name: frame(name, rows[name]).sort(FLAT[name].key) for name in FLAT}, project)


def _document(
    document: Document, split: str, clusters: Mapping[str, str], project: Project
) -> dict[str, Any]:
    """The row of one document."""
    row = facts(document, len(document.raw))
    source = project.source_of(document.raw_path)
    declared = source.publisher if source else None
    return row | {
        "split": split,
        "publisher": row["publisher"] or declared,
        "licence": project.licence_of(document.raw_path),
        "duplicate_cluster": clusters.get(document.document_id, document.document_id),
    }


def facts(document: Document, raw_chars: int) -> dict[str, Any]:
    """Return what the row of a document says of the page alone, whatever project it is in."""
    told = document.metadata
    return {
        "document_id": document.document_id,
        "raw_path": document.raw_path,
        "raw_sha256": document.raw_sha256,
        "url": told.value("url"),
        "title": told.value("title"),
        "publisher": told.value("publisher"),
        "author": told.value("author"),
        "published_at": told.value("published_at"),
        "published_at_evidence": told.published_at.evidence if told.published_at else None,
        "language": document.language,
        "script": document.script,
        "format": document.format,
        "encoding": document.encoding.name,
        "encoding_evidence": document.encoding.evidence,
        "raw_chars": raw_chars,
        "kept_chars": sum(len(paragraph.text) for paragraph in document.paragraphs),
        "paragraphs": len(document.paragraphs),
    }


def _blocks(document: Document) -> Iterable[dict[str, Any]]:
    """The rows of one document's ledger."""
    return (
        {
            "document_id": document.document_id,
            "position": position,
            "raw_start": block.raw_start,
            "raw_end": block.raw_end,
            "text": block.text,
            "role": block.role,
            "rule": block.rule,
        }
        for position, block in enumerate(document.blocks)
    )


def annotated(documents: Sequence[Document], anchored: Sequence[Anchored]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of `entities`, `stances` and `annotations` of some documents."""
    found = {document.document_id: document.paragraphs for document in documents}
    votes: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    rows: dict[str, list[dict[str, Any]]] = {"entities": [], "stances": [], "annotations": []}
    gold: list[tuple[Annotation, str, Anchor]] = []
    for annotation, anchor in anchored:
        paragraph = found[annotation.document_id][anchor.paragraph] if anchor else None
        if annotation.annotator == GOLD:
            if paragraph and anchor and not annotation.is_nothing:
                gold.append((annotation, paragraph.paragraph_id, anchor))
            continue
        if paragraph and annotation.layer == "stance":
            votes[paragraph.paragraph_id, annotation.target].append(annotation.label)
        if annotation.document_id not in found:
            continue
        rows["annotations"].append(
            {
                "annotation_id": annotation.annotation_id,
                "layer": annotation.layer,
                "document_id": annotation.document_id,
                "paragraph_id": paragraph.paragraph_id if paragraph else None,
                "start": anchor.start if anchor else None,
                "end": anchor.end if anchor else None,
                "quote": annotation.exact,
                "label": annotation.label,
                "target": annotation.target,
                "annotator": annotation.annotator,
                "guideline": annotation.guideline,
                "created_at": annotation.created_at,
                "anchor": anchor.method if anchor else "orphan",
            }
        )
    for annotation, paragraph_id, anchor in gold:
        place = {"paragraph_id": paragraph_id, "document_id": annotation.document_id}
        if annotation.layer == "entity":
            text = found[annotation.document_id][anchor.paragraph].text[anchor.start : anchor.end]
            span = {"start": anchor.start, "end": anchor.end, "text": text, "label": annotation.label}
            rows["entities"].append({"entity_id": annotation.annotation_id, **place, **span})
        else:
            chosen = votes[paragraph_id, annotation.target]
            agreement = chosen.count(annotation.label) / len(chosen) if chosen else None
            stance = {"target": annotation.target, "label": annotation.label, "agreement": agreement}
            rows["stances"].append({**place, **stance})
    return rows
