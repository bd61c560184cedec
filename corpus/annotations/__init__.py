"""Annotations on disk: `annotations/<layer>/<annotator>.jsonl`, and the formats of other tools.

A new format is one new file in this folder and its name in FORMATS; `Format` is what the file must have.
"""

from __future__ import annotations

import importlib
import os
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from corpus.annotations import native, placing
from corpus.annotations.exchange import Mark, Task, file_name, shown
from corpus.annotations.placing import Given
from corpus.annotations.shelf import Place, Shelf, place_of
from corpus.errors import CorpusError, ProjectError, UnreadableError
from corpus.records import Anchor, Annotation, Document, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus.annotations.offsets import Unit

FORMATS = {
    "labelstudio": "labelstudio",
    "doccano": "doccano",
    "brat": "brat",
    "cas": "cas",
    "cas-json": "casjson",
    "webanno": "webanno",
    "prodigy": "prodigy",
    "conll": "conll",
    "w3c": "w3c",
    "spacy": "spacy",
}
"""The formats by the names of the command line, each with its module."""


class Format(Protocol):
    """What a format's module has.

    `holds` says what survives in a file of this format beyond place and label: `entity` and `stance` (the
    layers), `overlap` (of marks, nested ones included), `discontinuity` (mentions in pieces), `control`
    (control characters in a text), `carried` (all else: id, annotator, guideline, time, note). What it lacks
    is reported by `export`.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of the files it reads."""

    @property
    def offset_unit(self) -> Unit:
        """What its offsets count."""

    @property
    def task_unit(self) -> str:
        """What an annotator is shown at once: `document` or `paragraph`."""

    @property
    def by_annotator(self) -> bool:
        """Whether a file holds the marks of one annotator only."""

    @property
    def holds(self) -> frozenset[str]:
        """What a file can hold."""

    def read(self, path: Path) -> Iterator[Task | Finding]:
        """Yield the tasks of a file; raises UnreadableError where the file as a whole is refused."""

    def write(self, tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
        """Write tasks into the folder `to` under a name of one's own, and give the files written."""


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

NOT_ANNOTATIONS = (".md", ".txt", ".yaml", ".yml")
"""Files of these kinds may lie in `annotations/` (a readme, waivers); they are passed over in silence."""


def load(root: Path) -> tuple[list[Annotation], list[Finding]]:
    """Read every annotation below `root/annotations`; every line or file not as it must be gives a finding.

    Files come sorted by path, lines in their order; a missing folder is an empty one. Whether document, label
    and target are known is not checked here: that takes the documents and the schema.
    """
    annotations: list[Annotation] = []
    findings: list[Finding] = []
    places: dict[str, str] = {}
    for path in _files(root / "annotations"):
        where = path.relative_to(root).as_posix()
        if misplaced := _misplaced(path, root, where):
            findings.append(misplaced)
            continue
        for found in _lines(path, where):
            if isinstance(found, Finding):
                findings.append(found)
            elif earlier := places.get(found.annotation_id):
                findings.append(native.duplicate(found, earlier))
            else:
                places[found.annotation_id] = found.where
                annotations.append(found)
    return annotations, findings


def _files(folder: Path) -> list[Path]:
    """Every file below `folder` that could hold annotations, and links to folders, which are not entered."""
    found: list[Path] = []
    for at, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        found += [Path(at) / name for name in (*links, *names)]
    return sorted(path for path in found if path.name[0] != "." and path.suffix not in NOT_ANNOTATIONS)


def _misplaced(path: Path, root: Path, where: str) -> Finding | None:
    """Why a path below `annotations/` is not read; None where it is a file of annotations in its place."""
    folders = path.relative_to(root / "annotations").parts[:-1]
    try:
        inside = path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        message = "a link that is broken or leads out of the project; it was not read"
        return Finding("annotation-file", "error", where, message, "put the file itself here")
    if not path.is_file():
        message = "not a file; expected annotations/<layer>/<annotator>.jsonl"
        return Finding("annotation-file", "error", where, message, "put the files themselves here")
    if path.suffix != ".jsonl":
        message = f"not read: the name ends in {path.suffix or 'nothing'!r}; annotations end in .jsonl"
        hint = "an export of another tool comes in by `corpus import`; else move the file away"
        return Finding("annotation-file", "warning", where, message, hint)
    if len(folders) != 1 or folders[0] not in native.LAYERS:
        known = ", ".join(native.LAYERS)
        message = f"not read: expected annotations/<layer>/<annotator>.jsonl, the layer one of {known}"
        return Finding("annotation-file", "error", where, message, "move the file")
    if not native.ANNOTATOR.fullmatch(path.stem):
        message = f"not read: {path.stem!r} cannot be an annotator's name"
        return Finding(
            "annotation-file", "error", where, message, "use letters, digits, and . _ @ + - inside"
        )
    return None


def _lines(path: Path, where: str) -> Iterator[Annotation | Finding]:
    try:
        yield from native.read(path, where)
    except UnreadableError as error:
        yield Finding("annotation-file", "error", where, str(error), "check its permissions")


class Added(NamedTuple):
    """What `add` did: the annotations that are new, and those whose judgement was there already."""

    new: list[Annotation]
    present: list[Annotation]


def format_named(name: str) -> Format:
    """Give the module of a format. Raises CorpusError naming the known formats."""
    if name not in FORMATS:
        raise CorpusError(f"no format {shown(name)}; known are {', '.join(FORMATS)}")
    return cast("Format", importlib.import_module(f"corpus.annotations.{FORMATS[name]}"))


def import_(
    format_name: str, paths: Iterable[Path], documents: Iterable[Document], given: Given | None = None
) -> tuple[list[Annotation], list[Finding]]:
    """Read files of another tool and place their marks in documents.

    Every quote is checked; every mark that is not imported, and every offset that was repaired, is a finding
    with file, record, what was found and what was expected. A judgement that a file holds twice comes once.
    A mark without a time is dated by its file. Nothing is written: see `add`.
    """
    module, shelf, given = format_named(format_name), Shelf(documents), given or Given()
    made: dict[str, Annotation] = {}
    findings: list[Finding] = []
    for path in _expanded(paths, module.suffixes):
        if isinstance(path, Finding):
            findings.append(path)
            continue
        try:
            tasks = list(module.read(path))
            dated = given._replace(created_at=given.created_at or _modified(path))
        except UnreadableError as error:
            findings.append(Finding("import", "error", str(path), str(error).removeprefix(f"{path}: ")))
            continue
        again = 0
        for found in placing.from_tasks(tasks, shelf, dated):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                again += made.setdefault(native.annotation_id(found), found) is not found
        if again:
            message = f"{again} marks say what another mark of the same annotator says: imported once"
            findings.append(Finding("import", "note", str(path), message))
    return list(made.values()), findings


def _expanded(paths: Iterable[Path], suffixes: tuple[str, ...]) -> Iterator[Path | Finding]:
    """Give the files named, and those of the right ending in the folders named; name every other file."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes and p.is_file())
        elif path.suffix.lower() in suffixes or not path.exists():
            yield path
        else:
            message = f"passed over: the name ends in {path.suffix!r}; expected {' or '.join(suffixes)}"
            yield Finding("import", "warning", str(path), message, "rename the file if it is an export")


def _modified(path: Path) -> str:
    try:
        when = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    return when.isoformat().replace("+00:00", "Z")


def add(root: Path, annotations: Iterable[Annotation]) -> Added:
    """Add annotations to the files below `root/annotations`; what is there stays, line for line.

    A judgement that is there already (layer, document, raw place, label, target, annotator) is not added, so
    that importing a file twice changes nothing. Raises ProjectError, and changes nothing, where a file that
    would be rewritten has lines that cannot be read: they would be lost.
    """
    there, findings = load(root)
    said = {native.annotation_id(row) for row in there}
    ids = {row.annotation_id for row in there}
    new: list[Annotation] = []
    present: list[Annotation] = []
    for row in annotations:
        judgement = native.annotation_id(row)
        if judgement in said:
            present.append(row)
            continue
        said.add(judgement)
        fresh = replace(row, annotation_id=judgement) if row.annotation_id in ids else row
        ids.add(fresh.annotation_id)
        new.append(fresh)
    touched = {f"annotations/{row.layer}/{row.annotator}.jsonl" for row in new}
    for finding in findings:
        if finding.level == "error" and finding.where.rpartition(":")[0] in touched:
            message = f"{finding.where}: {finding.message}; nothing was added, since the line would be lost"
            raise ProjectError(f"{message}; mend it first")
    for name in sorted(touched):
        path = root / name
        mine = [row for row in (*there, *new) if (row.layer, row.annotator) == (path.parent.name, path.stem)]
        native.write(mine, path)
    return Added(new, present)


def export(
    format_name: str,
    documents: Sequence[Document],
    annotations: Iterable[Annotation],
    to: Path,
    anchors: Mapping[str, Anchor] | None = None,
) -> tuple[list[Path], list[Finding]]:
    """Write documents and annotations for another tool; give the files, and what they could not hold.

    An annotation's place comes from `anchors` (by annotation id) where given there, else from its raw place
    while the raw file is the same. Every document is written, annotated or not, so that a tool can start.
    """
    module = format_named(format_name)
    placed, findings = _placed(documents, annotations, anchors or {}, module.holds, format_name)
    names = (
        sorted({row.annotator for rows in placed.values() for row, _ in rows}) if module.by_annotator else []
    )
    paths: list[Path] = []
    for annotator in names or (None,):
        mine = {
            key: [(a, p) for a, p in rows if annotator in {None, a.annotator}] for key, rows in placed.items()
        }
        tasks: list[Task] = []
        for task in placing.to_tasks(documents, mine, module.task_unit):
            fitted, lost = _fit(task.marks, module.holds, format_name)
            text, replaced = _text(task, module.holds, format_name)
            findings += lost + replaced
            tasks.append(replace(task, text=text, marks=fitted, annotator=annotator))
        paths += module.write(tasks, to, file_name(annotator or "annotations"))
    return paths, findings


def _placed(
    documents: Sequence[Document],
    annotations: Iterable[Annotation],
    anchors: Mapping[str, Anchor],
    holds: frozenset[str],
    name: str,
) -> tuple[dict[str, list[tuple[Annotation, Place]]], list[Finding]]:
    by_id = {document.document_id: document for document in documents}
    placed: dict[str, list[tuple[Annotation, Place]]] = defaultdict(list)
    findings: list[Finding] = []
    count = 0
    rows = sorted(annotations, key=native.position)
    if denied := sum(row.is_nothing for row in rows):
        message = f"{denied} decisions that no mention is there were not exported: {name} holds mentions only"
        findings.append(_lost(name, message))
    for row in (each for each in rows if not each.is_nothing):
        document, anchor = by_id.get(row.document_id), anchors.get(row.annotation_id)
        place = place_of(row, document) if document else None
        if document and anchor:
            place = Place(document.paragraphs[anchor.paragraph], anchor.start, anchor.end)
        if place is None:
            why = "its quote is not at its raw place today" if document else "its document is not here"
            findings.append(_lost(row.where, f"{shown(row.exact)} was not exported: {why}"))
        elif row.layer not in holds:
            findings.append(
                _lost(row.where, f"{shown(row.exact)} was not exported: {name} holds no {row.layer}")
            )
        else:
            placed[row.document_id].append((row, place))
            count += 1
    if count and "carried" not in holds:
        message = f"{name} holds no guideline, time and note: {count} annotations are written without them"
        findings.append(_lost(name, message))
    return placed, findings


def _lost(where: str, message: str) -> Finding:
    return Finding("export-lost", "warning", where, message, "annotations/ keeps it")


def _text(task: Task, holds: frozenset[str], name: str) -> tuple[str, list[Finding]]:
    """Give a task's text such as a format holds: XML has no control characters."""
    text = task.text or ""
    if "control" in holds or not (found := _CONTROL.findall(text)):
        return text, []
    message = f"{len(found)} control characters are written as U+FFFD: {name} holds none"
    return _CONTROL.sub("\ufffd", text), [_lost(task.where, message)]


def _fit(marks: tuple[Mark, ...], holds: frozenset[str], name: str) -> tuple[tuple[Mark, ...], list[Finding]]:
    """Make marks such as a format holds: in one piece, and without overlap, where it holds no others."""
    findings: list[Finding] = []
    made = list(marks)
    if "discontinuity" not in holds:
        made = [placing.in_one_piece(mark) for mark in marks]
        if "carried" not in holds:
            findings += [
                _lost(
                    mark.where, f"{shown(mark.exact)} has {len(mark.pieces)} pieces; {name} holds it as one"
                )
                for mark in marks
                if len(mark.pieces) > 1
            ]
    if "overlap" not in holds:
        made, left = placing.flat(made)
        for mark in left:
            message = f"{mark.label} on {shown(mark.exact)} overlaps a mention that is longer or earlier"
            findings.append(_lost(mark.where, f"{message}; {name} holds one label a token"))
    return tuple(made), findings
