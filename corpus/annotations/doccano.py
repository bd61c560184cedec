"""doccano: JSON Lines (and JSON) exports of sequence labelling, text classification and relation projects.

Offsets are code points; spans come without their text, so that a unit error shows only where a span leaves
the text. A file is one annotator's, or all annotators' where the project is collaborative.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    attach,
    bad,
    json_records,
    passed_over,
    shown,
    text_of,
)
from corpus.annotations.offsets import Offsets, Span, check
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit

suffixes = (".jsonl", ".json")
offset_unit: Unit = "code_point"
task_unit = "paragraph"
by_annotator = True
holds = frozenset({"control", "entity", "stance", "overlap", "carried"})


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the texts of an export with their spans and labels; relations and comments are passed over."""
    relations = 0
    for where, row in json_records(path):
        if isinstance(row, Finding):
            yield row
            continue
        text = text_of(row, "text") or text_of(row, "data")
        if text is None or not {"label", "labels", "entities", "cats"} & row.keys():
            message = f"keys {shown(sorted(row))}; expected text with label, entities or cats"
            yield bad(where, message, "export from doccano as JSONL")
            continue
        marks: list[Mark] = []
        for found in _marks(row, text, where):
            if isinstance(found, Finding):
                yield found
            else:
                marks.append(found)
        relations += len(row["relations"]) if isinstance(row.get("relations"), list) else 0
        ids = text_of(row, "document_id"), text_of(row, "paragraph_id"), text_of(row, "target")
        annotator = text_of(row, "annotator")
        yield Task(text, attach(marks, row.get("corpus")), *ids, where=where, annotator=annotator)
    if relations:
        yield passed_over(str(path), f"{relations} relations: the corpus holds entities and stances")


def _marks(row: dict[str, Any], text: str, where: str) -> Iterator[Mark | Finding]:
    offsets = Offsets(text)
    for key in ("label", "labels", "entities", "cats"):
        found = row.get(key) or []
        found = [found] if isinstance(found, str) else found
        if not isinstance(found, list):
            yield bad(where, f"{key} is {shown(found)}; expected a list", "export again")
            continue
        for number, label in enumerate(found, 1):
            yield from _mark(label, offsets, f"{where}, {key} {number}")


def _mark(label: object, offsets: Offsets, where: str) -> Iterator[Mark | Finding]:
    span = label
    if isinstance(label, dict):
        span = [label.get("start_offset"), label.get("end_offset"), label.get("label")]
    if isinstance(span, str) and span:
        yield Mark(span, where=where)
        return
    if not isinstance(span, list) or len(span) != 3 or not isinstance(span[2], str):
        yield bad(where, f"{shown(label)}; expected a label, or start, end and label", "export again")
        return
    place, finding = check(offsets, Span(span[0], span[1]), offset_unit, where)
    if finding:
        yield finding
    if place:
        yield Mark(span[2], (place,), where=where)


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's spans as `name.jsonl` and, where there are any, stances as `name.stance.jsonl`.

    doccano keeps keys it does not know with the text and exports them again.
    """
    paths: list[Path] = []
    for path, rows in (
        (to / f"{name}.jsonl", [t for t in tasks if t.target is None]),
        (to / f"{name}.stance.jsonl", [t for t in tasks if t.target is not None]),
    ):
        if rows:
            body = "".join(json.dumps(_row(task), ensure_ascii=True) + "\n" for task in rows)
            native.write_whole(path, body.encode())
            paths.append(path)
    return paths


def _row(task: Task) -> dict[str, Any]:
    spans = [[mark.pieces[0][0], mark.pieces[-1][1], mark.label] for mark in task.marks if mark.pieces]
    row: dict[str, Any] = {
        "text": task.text,
        "label": spans or [mark.label for mark in task.marks],
        "document_id": task.document_id,
        "paragraph_id": task.paragraph_id,
        "target": task.target,
        "annotator": task.annotator,
        "corpus": [mark.carried for mark in task.marks],
    }
    return {key: value for key, value in row.items() if value is not None}
