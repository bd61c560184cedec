"""Label Studio: JSON, JSON_MIN, CSV and TSV exports; JSON tasks with annotations for import.

The browser counts UTF-16 units; spans posted to the API may count code points. Every span comes with its
text, so each is checked and the unit told apart. A task is a paragraph, and a paragraph and a target for a
stance. The labelling interface needs `<Labels name="label" toName="text">`, `<Choices name="stance"
toName="text">` and `<Text name="text" value="$text"/>`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    bad,
    decode_json,
    json_records,
    passed_over,
    shown,
    table,
    text_of,
)
from corpus.annotations.offsets import Offsets, Span, check
from corpus.errors import UnreadableError
from corpus.records import GOLD, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit

suffixes = (".json", ".csv", ".tsv")
offset_unit: Unit = "utf16"
task_unit = "paragraph"
by_annotator = False
holds = frozenset({"control", "entity", "stance", "overlap", "carried"})


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the tasks of an export with the marks of every annotator; cancelled annotations are passed over.

    JSON_MIN, CSV and TSV do not say which of their columns are labels: spans are known by their shape, and of
    the others only a column named `stance` is read.
    """
    if path.suffix.lower() in {".csv", ".tsv"}:
        for where, cells in table(path, "," if path.suffix.lower() == ".csv" else "\t"):
            yield from _minimal(_cells(cells, where), where)
        return
    for where, row in json_records(path):
        if isinstance(row, Finding):
            yield row
        elif "annotations" in row:
            yield from _full(row, where)
        elif "annotation_id" in row or "annotator" in row:
            yield from _minimal(row, where)
        else:
            message = f"keys {shown(sorted(row))}; expected a task with data and annotations"
            yield bad(where, message, "export from Label Studio as JSON")


def _full(row: dict[str, Any], where: str) -> Iterator[Task | Finding]:
    where = f"{where} (task {row['id']})" if isinstance(row.get("id"), int) else where
    shown_to = row.get("data")
    text = text_of(shown_to, "text") if isinstance(shown_to, dict) else None
    if text is None or not isinstance(shown_to, dict):
        keys = sorted(shown_to) if isinstance(shown_to, dict) else shown_to
        yield bad(
            where, f"the task's data has no text, but {shown(keys)}", "only tasks with data.text hold text"
        )
        return
    if not isinstance(row["annotations"], list):
        yield bad(where, f"annotations are {shown(row['annotations'])}; expected a list", "export again")
        return
    offsets = Offsets(text)
    marks: list[Mark] = []
    for annotation in row["annotations"]:
        for found in _annotation(annotation, offsets, where):
            if isinstance(found, Finding):
                yield found
            else:
                marks.append(found)
    ids = text_of(shown_to, "document_id"), text_of(shown_to, "paragraph_id"), text_of(shown_to, "target")
    yield Task(text, tuple(marks), *ids, where=where)


def _annotation(annotation: object, offsets: Offsets, where: str) -> Iterator[Mark | Finding]:
    if not isinstance(annotation, dict) or not isinstance(annotation.get("result"), list):
        yield bad(where, f"the annotation {shown(annotation)} has no list of results", "export again")
        return
    if isinstance(annotation.get("id"), int):
        where = f"{where}, annotation {annotation['id']}"
    if annotation.get("was_cancelled"):
        yield passed_over(where, "the annotator skipped the task: nothing to import")
        return
    made: dict[str, Any] = {
        "annotator": _annotator(annotation.get("completed_by")),
        "created_at": _time(annotation),
    }
    for number, result in enumerate(annotation["result"], 1):
        place = f"{where}, result {number}"
        if isinstance(result, dict) and isinstance(result.get("value"), dict):
            yield from _result(result, offsets, made, place)
        elif isinstance(result, dict) and result.get("type") == "relation":
            yield passed_over(place, "a relation: the corpus holds entities and stances")
        else:
            yield bad(place, f"{shown(result)}; expected a result with a value", "export again")


def _result(
    result: dict[str, Any], offsets: Offsets, made: dict[str, Any], where: str
) -> Iterator[Mark | Finding]:
    kind, value = result.get("type"), result["value"]
    labels = value.get(kind) if isinstance(kind, str) else None
    if kind not in {"labels", "choices", "hypertextlabels"} or not isinstance(labels, list):
        yield passed_over(where, f"a result of the kind {shown(kind)}: not a label on text")
        return
    meta = result.get("meta")
    carried = meta.get("corpus") if isinstance(meta, dict) else None
    pieces: tuple[tuple[int, int], ...] = ()
    exact = text_of(value, "text")
    if kind != "choices":
        if kind == "hypertextlabels" or isinstance(value.get("start"), str):
            message = f"a place in HTML ({shown(value.get('start'))}), not in the text"
            yield bad(where, message, "annotate the text with <Text>, not <HyperText>")
            return
        place, finding = check(offsets, Span(value.get("start"), value.get("end"), exact), offset_unit, where)
        if finding:
            yield finding
        if not place:
            return
        pieces = (place,)
    for label in labels:
        if isinstance(label, str):
            yield Mark(label, pieces, exact, carried=carried, where=where, **made)
        else:
            yield bad(where, f"the label {shown(label)}; expected a string", "export again")


def _annotator(completed_by: object) -> str | None:
    """Name an annotator: by the address where the export has it, else by the number in Label Studio."""
    if isinstance(completed_by, dict):
        return text_of(completed_by, "email") or _annotator(completed_by.get("id"))
    if isinstance(completed_by, (int, str)) and not isinstance(completed_by, bool) and completed_by != "":
        return str(completed_by)
    return None


def _time(row: dict[str, Any]) -> str | None:
    return text_of(row, "created_at")


def _cells(cells: dict[str, str], where: str) -> dict[str, Any]:
    """Decode the cells of a table that hold spans; every other cell stays the text it is."""
    made: dict[str, Any] = dict(cells)
    for key, cell in cells.items():
        if key != "text" and cell.startswith("[{"):
            try:
                made[key] = decode_json(cell, where)
            except UnreadableError:
                continue
    return made


def _minimal(row: dict[str, Any], where: str) -> Iterator[Task | Finding]:
    text = text_of(row, "text")
    if text is None:
        yield bad(where, f"no text, but {shown(sorted(map(str, row)))}", "export as JSON")
        return
    offsets = Offsets(text)
    made: dict[str, Any] = {"annotator": _annotator(row.get("annotator")), "created_at": _time(row)}
    marks: list[Mark] = []
    for key, value in row.items():
        for number, span in enumerate(value if isinstance(value, list) else [], 1):
            if not isinstance(span, dict) or not isinstance(span.get("labels"), list):
                continue
            place = f"{where}, {key} {number}"
            for found in _result({"type": "labels", "value": span}, offsets, made, place):
                if isinstance(found, Finding):
                    yield found
                else:
                    marks.append(found)
    if stance := text_of(row, "stance"):
        marks.append(Mark(stance, where=where, **made))
    ids = text_of(row, "document_id"), text_of(row, "paragraph_id"), text_of(row, "target")
    yield Task(text, tuple(marks), *ids, where=where)


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write all tasks into one JSON file that Label Studio imports, with every annotator's annotations."""
    path = to / f"{name}.json"
    rows = [_task(task) for task in tasks]
    native.write_whole(path, json.dumps(rows, ensure_ascii=False, indent=1).encode())
    return [path]


def _task(task: Task) -> dict[str, Any]:
    assert task.text is not None
    offsets = Offsets(task.text)
    results: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for mark in task.marks:
        results[mark.annotator or ""].append(_written(mark, offsets))
    ids = {"document_id": task.document_id, "paragraph_id": task.paragraph_id, "target": task.target}
    annotations = [
        {"result": rows, "ground_truth": annotator == GOLD} for annotator, rows in sorted(results.items())
    ]
    return {"data": {"text": task.text, **{k: v for k, v in ids.items() if v}}, "annotations": annotations}


def _written(mark: Mark, offsets: Offsets) -> dict[str, Any]:
    carried = mark.carried if isinstance(mark.carried, dict) else {}
    made: dict[str, Any] = {"to_name": "text", "meta": {"corpus": carried}}
    if "line" in carried:
        made["id"] = str(carried["line"]["id"])
    if not mark.pieces:
        return made | {"from_name": "stance", "type": "choices", "value": {"choices": [mark.label]}}
    start, end = (offsets.in_unit(x, offset_unit) for x in (mark.pieces[0][0], mark.pieces[-1][1]))
    value = {"start": start, "end": end, "text": mark.exact, "labels": [mark.label]}
    return made | {"from_name": "label", "type": "labels", "value": value}
