"""Between tasks with marks and annotations with a raw place: into the corpus, and out of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus.annotations import native
from corpus.annotations.exchange import Mark, Task, bad, passed_over, shown
from corpus.annotations.offsets import Offsets, Span, check
from corpus.annotations.shelf import Place, Shelf, View, view_of
from corpus.errors import UnreadableError
from corpus.places import raw_range
from corpus.records import Annotation, Document, Finding, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class Given(NamedTuple):
    """What the person who imports says about marks that do not say it themselves.

    `layer` limits the import to one layer. `target` is what labels of whole texts are stances toward.
    """

    annotator: str | None = None
    guideline: str = "unknown"
    created_at: str | None = None
    layer: Literal["entity", "stance"] | None = None
    target: str | None = None


# ---------------------------------------------------------------- into the corpus


def from_tasks(tasks: Iterable[Task | Finding], shelf: Shelf, given: Given) -> Iterator[Annotation | Finding]:
    """Make the annotations that tasks hold; every mark not imported gives a Finding with its reason."""
    for task in tasks:
        if isinstance(task, Finding):
            yield task
            continue
        if not task.marks:
            continue
        if task.text is None:
            yield from _by_quote(task, shelf, given)
            continue
        view = shelf.view(task)
        if isinstance(view, Finding):
            count = len(task.marks)
            yield replace(view, message=f"{view.message}; {count} marks were not imported")
            continue
        if view is None:
            yield _edited(task)
        for mark in task.marks:
            yield _annotation(mark, task, view, shelf, given)


def _edited(task: Task) -> Finding:
    message = (
        f"the text differs from the document {shown(task.document_id or task.named)} as it is cleaned today: "
        f"its {len(task.marks)} marks keep their quotes, and the next build finds their place"
    )
    return Finding("import-edited", "warning", task.where, message, "look at how the build anchored them")


class _Judgement(NamedTuple):
    """What a mark says, and of which ranges of the task's text."""

    layer: Literal["entity", "stance"]
    label: str
    target: str | None
    pieces: tuple[tuple[int, int], ...]


def _annotation(
    mark: Mark, task: Task, view: View | None, shelf: Shelf, given: Given
) -> Annotation | Finding:
    where = mark.where or task.where
    judgement = _judgement(mark, task, given, where)
    if isinstance(judgement, Finding):
        return judgement
    if carried := _carried(mark, judgement, task, shelf):
        return replace(carried, where=where)
    said = _said(mark, task, given, where)
    if isinstance(said, Finding):
        return said
    return _placed(judgement, view, said) if view else _quoted(judgement, task, said)


def _judgement(mark: Mark, task: Task, given: Given, where: str) -> _Judgement | Finding:
    target = mark.target or (None if mark.pieces else task.target or given.target)
    layer: Literal["entity", "stance"] = "entity" if mark.pieces and target is None else "stance"
    if given.layer and layer != given.layer:
        return passed_over(where, f"a mark of the layer {layer}: only {given.layer} is imported")
    if not mark.label:
        return bad(where, "a mark without a label", "give it one in the tool, or delete it")
    if layer == "stance" and target is None:
        message = f"the label {shown(mark.label)} is about a whole text, and names no target"
        return bad(where, message, "say what it is a stance toward: --target")
    return _Judgement(layer, mark.label, target, mark.pieces or ((0, len(task.text or "")),))


class _Said(NamedTuple):
    """Who said it, when, under which guideline, with which note."""

    annotator: str
    guideline: str
    created_at: str
    note: str | None
    where: str


def _said(mark: Mark, task: Task, given: Given, where: str) -> _Said | Finding:
    annotator = mark.annotator or task.annotator
    if annotator is None or not native.ANNOTATOR.fullmatch(annotator):
        annotator = given.annotator or annotator
    if annotator is None:
        return bad(where, "the export does not say who made the mark", "say it: --annotator NAME")
    if not native.ANNOTATOR.fullmatch(annotator):
        message = f"the annotator {shown(annotator)} has a name that cannot be a file's name"
        return bad(where, message, "rename the annotator in the export, or give --annotator NAME")
    created_at = mark.created_at or given.created_at
    if created_at is None or not native.is_time(created_at):
        message = f"made at {shown(created_at)}; expected ISO 8601 with an offset: 2026-11-21T08:00:00Z"
        return bad(where, message, "correct it, or leave it out and give --created-at")
    return _Said(annotator, mark.guideline or given.guideline, created_at, mark.note, where)


def _carried(mark: Mark, judgement: _Judgement, task: Task, shelf: Shelf) -> Annotation | None:
    """Give the annotation an export of ours carried beside the mark, if the mark still says the same."""
    places = [list(piece) for piece in judgement.pieces]
    if not isinstance(mark.carried, dict) or mark.carried.get("at") != places:
        return None
    try:
        line = native.parse(mark.carried.get("line"))
    except UnreadableError:
        return None
    same = (line.layer, line.label, line.target) == judgement[:3]
    known = line.document_id in shelf.by_id and task.document_id in {None, line.document_id}
    return line if same and known else None


def _placed(judgement: _Judgement, view: View, said: _Said) -> Annotation | Finding:
    layer, label, target, pieces = judgement
    places = [view.place(start, end) for start, end in pieces]
    first, last = places[0], places[-1]
    if first is None or last is None or any(p is None or p.paragraph is not first.paragraph for p in places):
        message = f"the mark {shown(label)} at {pieces[0][0]}-{pieces[-1][1]} is not inside one paragraph"
        return bad(said.where, message, "mark each paragraph's part by itself")
    paragraph, text = first.paragraph, first.paragraph.text
    start, end = first.start, last.end
    if layer == "stance" and (start, end) != (0, len(text)):
        message = f"the stance {shown(label)} is about {shown(text[start:end])}; expected a whole paragraph"
        return bad(said.where, message, "mark the whole paragraph")
    raw_start, raw_end = raw_range(paragraph, start, end)
    relative = [(p.start - start, p.end - start) for p in places if p]
    made = Annotation(
        annotation_id="",
        document_id=view.document.document_id,
        layer=layer,
        label=label,
        target=target,
        exact=text[start:end],
        prefix=text[max(start - native.CONTEXT, 0) : start],
        suffix=text[end : end + native.CONTEXT],
        raw_sha256=view.document.raw_sha256,
        raw_start=raw_start,
        raw_end=raw_end,
        annotator=said.annotator,
        guideline=said.guideline,
        created_at=said.created_at,
        note=native.note_with_parts(said.note, relative),
        where=said.where,
    )
    return replace(made, annotation_id=native.annotation_id(made))


def _quoted(judgement: _Judgement, task: Task, said: _Said) -> Annotation:
    """Make an annotation whose place is the exported text itself: anchoring then goes by the quote."""
    layer, label, target, pieces = judgement
    text = task.text or ""
    start, end = pieces[0][0], pieces[-1][1]
    made = Annotation(
        annotation_id="",
        document_id=task.document_id or task.named or "",
        layer=layer,
        label=label,
        target=target,
        exact=text[start:end],
        prefix=text[max(start - native.CONTEXT, 0) : start],
        suffix=text[end : end + native.CONTEXT],
        raw_sha256=hashlib.sha256(text.encode()).hexdigest(),
        raw_start=start,
        raw_end=end,
        annotator=said.annotator,
        guideline=said.guideline,
        created_at=said.created_at,
        note=native.note_with_parts(said.note, [(a - start, b - start) for a, b in pieces]),
        where=said.where,
    )
    return replace(made, annotation_id=native.annotation_id(made))


def _by_quote(task: Task, shelf: Shelf, given: Given) -> Iterator[Annotation | Finding]:
    """Place marks that come with a document's name and a quote, but without the text they were made on."""
    source = task.document_id or ""
    documents = [shelf.by_id[source]] if source in shelf.by_id else shelf.by_url.get(source, [])
    if len(documents) != 1:
        count = f"{len(documents)} documents have" if documents else "no document has"
        message = f"{count} the id or url {shown(source)}; {len(task.marks)} marks were not imported"
        yield bad(task.where, message, "name the document by its document_id")
        return
    (document,) = documents
    if not document.paragraphs:
        yield bad(
            task.where, f"the document {shown(document.document_id)} has no paragraphs", "look at its page"
        )
        return
    view = view_of(document, None, None)
    whole = replace(task, text=document.text, document_id=document.document_id)
    offsets = Offsets(document.text)
    for mark in task.marks:
        found = _quote_place(offsets, mark)
        if found[1]:
            yield found[1]
        if found[0]:
            yield _annotation(replace(mark, pieces=found[0]), whole, view, shelf, given)


def _quote_place(offsets: Offsets, mark: Mark) -> tuple[tuple[tuple[int, int], ...] | None, Finding | None]:
    finding = None
    if mark.pieces:
        place, finding = check(offsets, Span(*mark.pieces[0], mark.exact), "code_point", mark.where)
        if place:
            return (place,), finding
    if mark.exact is None:
        return None, finding or bad(mark.where, "neither quote nor position", "add a TextQuoteSelector")
    wanted = mark.prefix + mark.exact + mark.suffix
    if offsets.text.count(wanted) == 1:
        start = offsets.text.index(wanted) + len(mark.prefix)
        message = f"the quote {shown(mark.exact)} stands once in the document, at {start}: placed there"
        warning = Finding("import-repaired", "warning", mark.where, message)
        return ((start, start + len(mark.exact)),), warning if mark.pieces else None
    count = offsets.text.count(wanted)
    return None, finding or bad(
        mark.where, f"the quote {shown(wanted)} stands {count} times in the document", "add its surroundings"
    )


# ---------------------------------------------------------------- out of the corpus


def to_tasks(
    documents: Sequence[Document], placed: Mapping[str, Sequence[tuple[Annotation, Place]]], unit: str
) -> list[Task]:
    """Make the tasks that show documents to annotators, one a document or one a paragraph, with their marks.

    `placed` holds the annotations of each document with their places. A paragraph's stances come as tasks of
    their own, one a target, since that is how tools ask for a label of a text.
    """
    made: list[Task] = []
    for document in documents:
        found = placed.get(document.document_id, ())
        if unit == "document":
            made.append(_document_task(document, found))
        else:
            for paragraph in document.paragraphs:
                inside = [(a, p) for a, p in found if p.paragraph.paragraph_id == paragraph.paragraph_id]
                made += _paragraph_tasks(document, paragraph, inside)
    return made


def _document_task(document: Document, found: Sequence[tuple[Annotation, Place]]) -> Task:
    lengths = (len(p.text) + 1 for p in document.paragraphs)
    starts = dict(
        zip((p.paragraph_id for p in document.paragraphs), accumulate(lengths, initial=0), strict=False)
    )
    marks = tuple(_mark(a, p, starts[p.paragraph.paragraph_id]) for a, p in found)
    return Task(document.text, marks, document.document_id, where=document.document_id)


def _paragraph_tasks(
    document: Document, paragraph: Paragraph, found: Sequence[tuple[Annotation, Place]]
) -> Iterator[Task]:
    task = Task(
        paragraph.text, (), document.document_id, paragraph.paragraph_id, where=paragraph.paragraph_id
    )
    yield replace(task, marks=tuple(_mark(a, p, 0) for a, p in found if a.layer == "entity"))
    for target in sorted({a.target for a, _ in found if a.target is not None}):
        marks = (_whole(_mark(a, p, 0), paragraph) for a, p in found if a.target == target)
        yield replace(task, marks=tuple(marks), target=target)


def _whole(mark: Mark, paragraph: Paragraph) -> Mark:
    carried = mark.carried | {"at": [[0, len(paragraph.text)]]} if isinstance(mark.carried, dict) else None
    return replace(mark, pieces=(), carried=carried)


def _mark(annotation: Annotation, place: Place, shift: int) -> Mark:
    text = place.paragraph.text
    start, end, exact = place.start + shift, place.end + shift, text[place.start : place.end]
    # The pieces are ranges of the quote: where another text stands there today, they mean nothing.
    parts = native.parts(annotation) if exact == annotation.exact else ()
    pieces = tuple((start + a, start + b) for a, b in parts)
    return Mark(
        label=annotation.label,
        pieces=pieces or ((start, end),),
        exact=exact,
        target=annotation.target,
        annotator=annotation.annotator,
        guideline=annotation.guideline,
        created_at=annotation.created_at,
        note=native.note_without_parts(annotation.note),
        carried={"at": [list(p) for p in pieces or ((start, end),)], "line": native.as_json(annotation)},
        where=annotation.where,
        prefix=text[max(place.start - native.CONTEXT, 0) : place.start],
        suffix=text[place.end : place.end + native.CONTEXT],
    )


def in_one_piece(mark: Mark) -> Mark:
    """Give a mark from its first piece to its last, for formats that hold no pieces."""
    if len(mark.pieces) < 2:
        return mark
    start, end = mark.pieces[0][0], mark.pieces[-1][1]
    carried = mark.carried | {"at": [[start, end]]} if isinstance(mark.carried, dict) else mark.carried
    return replace(mark, pieces=((start, end),), carried=carried)


def flat(marks: Sequence[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Choose marks that do not overlap, for formats that hold one label a token; the second list is the rest.

    The rule: the longest first, among equals the earlier, then by label. So of nested mentions the outermost
    is kept.
    """
    kept: list[Mark] = []
    left: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.pieces[0][0] - m.pieces[-1][1], m.pieces[0][0], m.label)):
        start, end = mark.pieces[0][0], mark.pieces[-1][1]
        free = all(end <= k.pieces[0][0] or k.pieces[-1][1] <= start for k in kept)
        (kept if free else left).append(mark)
    return sorted(kept, key=lambda m: m.pieces), left
