"""Prodigy: JSON Lines of span, text-category and choice tasks.

Offsets are code points. A span may come with its text; else the `tokens` beside it are its check. Only
accepted tasks are judgements the corpus holds: a rejected one says what a text is not.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    bad,
    edges,
    json_records,
    passed_over,
    shown,
    text_of,
    tokens,
)
from corpus.annotations.offsets import Offsets, Span, check
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit

suffixes = (".jsonl",)
offset_unit: Unit = "code_point"
task_unit = "paragraph"
by_annotator = True
holds = frozenset({"control", "entity", "stance", "overlap", "carried"})


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the accepted tasks; rejected and ignored ones, and relations, are counted and passed over."""
    skipped: Counter[str] = Counter()
    for where, row in json_records(path):
        if isinstance(row, Finding):
            yield row
            continue
        answer, text = row.get("answer", "accept"), text_of(row, "text")
        if text is None or not {"spans", "label", "accept", "answer"} & row.keys():
            message = f"keys {shown(sorted(row))}; expected a task with text, spans and answer"
            yield bad(where, message, "export by `prodigy db-out`")
        elif answer != "accept":
            skipped[f"tasks answered {shown(answer)}"] += 1
        else:
            yield from _task(row, text, where)
            skipped["relations"] += len(row["relations"]) if isinstance(row.get("relations"), list) else 0
    for what, count in sorted(skipped.items()):
        if count:
            yield passed_over(str(path), f"{count} {what}: not a judgement the corpus holds")


def _task(row: dict[str, Any], text: str, where: str) -> Iterator[Task | Finding]:
    made: dict[str, Any] = {"created_at": _time(row.get("_timestamp"))}
    marks: list[Mark] = []
    for found in (*_spans(row, text, where), *_labels(row, where)):
        if isinstance(found, Finding):
            yield found
        else:
            marks.append(found)
    meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
    assert isinstance(meta, dict)
    ids = text_of(meta, "document_id"), text_of(meta, "paragraph_id"), text_of(meta, "target")
    annotator = text_of(row, "_annotator_id") or text_of(row, "_session_id")
    dated = tuple(Mark(m.label, m.pieces, m.exact, carried=m.carried, where=m.where, **made) for m in marks)
    yield Task(text, dated, *ids, where=where, annotator=annotator)


def _spans(row: dict[str, Any], text: str, where: str) -> Iterator[Mark | Finding]:
    spans = row.get("spans") or []
    if not isinstance(spans, list):
        yield bad(where, f"spans are {shown(spans)}; expected a list", "export again")
        return
    offsets = Offsets(text)
    for number, span in enumerate(spans, 1):
        place_of_span = f"{where}, span {number}"
        if not isinstance(span, dict) or not isinstance(span.get("label"), str):
            yield bad(place_of_span, f"{shown(span)}; expected start, end and label", "export again")
            continue
        exact = text_of(span, "text") or _exact(row, span, text)
        place, finding = check(
            offsets, Span(span.get("start"), span.get("end"), exact), offset_unit, place_of_span
        )
        if finding:
            yield finding
        if place:
            yield Mark(span["label"], (place,), exact, carried=span.get("corpus"), where=place_of_span)


def _exact(row: dict[str, Any], span: dict[str, Any], text: str) -> str | None:
    """Give what the span's first and last token say it covers; None without tokens that say it."""
    made = row.get("tokens")
    first, last = span.get("token_start"), span.get("token_end")
    if not isinstance(made, list) or not isinstance(first, int) or not isinstance(last, int):
        return None
    if not 0 <= first <= last < len(made) or not all(isinstance(t, dict) for t in made):
        return None
    start, end = made[first].get("start"), made[last].get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return None
    words = [str(token.get("text", "")) for token in made[first : last + 1]]
    said = text[start:end]
    return said if said.startswith(words[0]) and said.endswith(words[-1]) else "".join(words)


def _labels(row: dict[str, Any], where: str) -> Iterator[Mark | Finding]:
    accepted = row.get("accept") if isinstance(row.get("accept"), list) else []
    assert isinstance(accepted, list)
    carried = row.get("corpus") if isinstance(row.get("corpus"), list) else []
    assert isinstance(carried, list)
    labels = [label for label in (row.get("label"), *accepted) if label]
    for number, label in enumerate(labels):
        if isinstance(label, str):
            line = carried[number] if number < len(carried) else None
            yield Mark(label, carried=line, where=where)
        else:
            yield bad(where, f"the label {shown(label)}; expected a string", "export again")


def _time(timestamp: object) -> str | None:
    if not isinstance(timestamp, (int, float)) or not 0 < timestamp < 2**40:
        return None
    try:
        return datetime.fromtimestamp(timestamp, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's tasks as JSON Lines that `prodigy db-in` takes, tokens included."""
    path = to / f"{name}.jsonl"
    body = "".join(json.dumps(_row(task), ensure_ascii=True) + "\n" for task in tasks)
    native.write_whole(path, body.encode())
    return [path]


def _row(task: Task) -> dict[str, Any]:
    assert task.text is not None
    cut = tokens(task.text, edges(task.marks))
    starts = {start: number for number, (start, _) in enumerate(cut)}
    ends = {end: number for number, (_, end) in enumerate(cut)}
    spans = [
        {
            "start": mark.pieces[0][0],
            "end": mark.pieces[-1][1],
            "token_start": starts.get(mark.pieces[0][0]),
            "token_end": ends.get(mark.pieces[-1][1]),
            "text": mark.exact,
            "label": mark.label,
            "corpus": mark.carried,
        }
        for mark in task.marks
        if mark.pieces
    ]
    ids = {"document_id": task.document_id, "paragraph_id": task.paragraph_id, "target": task.target}
    row: dict[str, Any] = {"text": task.text, "meta": {k: v for k, v in ids.items() if v}, "answer": "accept"}
    if task.target is None:
        made = (
            {"text": task.text[a:b], "start": a, "end": b, "id": i, "ws": task.text[b : b + 1] == " "}
            for i, (a, b) in enumerate(cut)
        )
        row |= {"tokens": list(made), "spans": spans}
    else:
        row |= {"accept": [m.label for m in task.marks], "corpus": [m.carried for m in task.marks]}
        row["options"] = [{"id": m.label, "text": m.label} for m in task.marks]
    return row | ({"_annotator_id": task.annotator} if task.annotator else {})
