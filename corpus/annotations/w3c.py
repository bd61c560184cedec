"""W3C Web Annotation as JSON-LD: one file, an annotation an object, no text inside.

Positions are code points of the document's main text, as the model has it; clients written in JavaScript
count UTF-16 units, which the quote shows. The source of a target names the document by its id or its url.
Where position and quote disagree, the quote decides if it stands once, and that is named. Nothing is fetched,
and no context is resolved.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as percent
from urllib.parse import unquote

from corpus.annotations import native
from corpus.annotations.exchange import Mark, Task, bad, json_records, shown, text_of
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit

suffixes = (".jsonld", ".json")
offset_unit: Unit = "code_point"
task_unit = "document"
by_annotator = False
holds = frozenset({"control", "entity", "stance", "overlap", "carried"})

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
DOCUMENT = "urn:corpus:document:"


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield each annotation as a task without text; one without a tag or a place in a text is named.

    Collections and pages are opened where their annotations are inside; a link to them is not followed.
    """
    for where, row in json_records(path):
        if isinstance(row, Finding):
            yield row
        else:
            yield from _rows(row, where, 0)


def _rows(row: dict[str, Any], where: str, depth: int) -> Iterator[Task | Finding]:
    kinds = row.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "AnnotationCollection" in kinds or "AnnotationPage" in kinds:
        inside = row.get("items", row.get("first"))
        inside = inside if isinstance(inside, list) else [inside]
        if depth > 2 or not all(isinstance(one, dict) for one in inside):
            message = (
                f"a collection whose annotations are elsewhere ({shown(inside)}), and links are not followed"
            )
            yield bad(where, message, "download its pages and import those")
            return
        for number, one in enumerate(inside, 1):
            yield from _rows(one, f"{where}, item {number}", depth + 1)
    elif "Annotation" in kinds:
        yield _task(row, where)
    else:
        yield bad(where, f"type {shown(row.get('type'))}; expected Annotation", "import Web Annotations only")


def _task(row: dict[str, Any], where: str) -> Task | Finding:
    where = f"{where} ({shown(row['id'])})" if isinstance(row.get("id"), str) else where
    bodies = row.get("body", [])
    bodies = [b for b in (bodies if isinstance(bodies, list) else [bodies]) if isinstance(b, dict)]
    if isinstance(row.get("bodyValue"), str):
        bodies.append({"type": "TextualBody", "value": row["bodyValue"], "purpose": "tagging"})
    labels = _values(bodies, ("tagging", "classifying"))
    if not labels:
        return bad(where, "no body that tags or classifies: no label to import", "give it a tag")
    target = row.get("target")
    if not isinstance(target, dict):
        return bad(where, f"the target is {shown(target)}: no place in a text", "select a quote in the text")
    source = target.get("source")
    source = source.get("id") if isinstance(source, dict) else source
    place = _selected(target.get("selector"))
    if not place:
        return bad(where, f"the target selects {shown(target.get('selector'))}: no quote", "select a quote")
    if not isinstance(source, str):
        return bad(where, "the target names no source: which document it is cannot be told", "add its source")
    creator = row.get("creator")
    names = (
        (text_of(creator, "nickname"), text_of(creator, "name"), text_of(creator, "id"))
        if isinstance(creator, dict)
        else (creator if isinstance(creator, str) else None,)
    )
    made: dict[str, Any] = {
        "annotator": next((name for name in names if name), None),
        "created_at": text_of(row, "created"),
        "note": next(iter(_values(bodies, ("describing", "commenting"))), None),
        "target": next(iter(_values(bodies, ("identifying",))), None),
    }
    marks = tuple(Mark(label, carried=row.get("corpus"), where=where, **place, **made) for label in labels)
    return Task(None, marks, _document(source), where=where)


def _values(bodies: list[dict[str, Any]], purposes: tuple[str, ...]) -> list[str]:
    return [b["value"] for b in bodies if b.get("purpose") in purposes and isinstance(b.get("value"), str)]


def _document(source: str) -> str:
    return unquote(source.removeprefix(DOCUMENT)) if source.startswith(DOCUMENT) else source


def _selected(selectors: object) -> dict[str, Any]:
    """Give quote and position that the selectors name; nothing for selectors of images or of markup."""
    made: dict[str, Any] = {}
    for selector in selectors if isinstance(selectors, list) else [selectors]:
        if not isinstance(selector, dict):
            continue
        start, end = selector.get("start"), selector.get("end")
        if selector.get("type") == "TextQuoteSelector" and text_of(selector, "exact"):
            made["exact"] = selector["exact"]
            made["prefix"] = text_of(selector, "prefix") or ""
            made["suffix"] = text_of(selector, "suffix") or ""
        elif (
            selector.get("type") == "TextPositionSelector" and isinstance(start, int) and isinstance(end, int)
        ):
            made["pieces"] = ((start, end),)
    return made


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write the marks of all documents and annotators as one list of annotations; texts stay here."""
    path = to / f"{name}.jsonld"
    rows = [_annotation(task, mark) for task in tasks for mark in task.marks]
    native.write_whole(path, json.dumps(rows, ensure_ascii=False, indent=1).encode())
    return [path]


def _annotation(task: Task, mark: Mark) -> dict[str, Any]:
    stance = mark.target is not None
    body = [{"type": "TextualBody", "purpose": "classifying" if stance else "tagging", "value": mark.label}]
    if stance:
        body.append({"type": "TextualBody", "purpose": "identifying", "value": str(mark.target)})
    if mark.note:
        body.append({"type": "TextualBody", "purpose": "describing", "value": mark.note})
    start, end = mark.pieces[0][0], mark.pieces[-1][1]
    line = mark.carried.get("line", {}) if isinstance(mark.carried, dict) else {}
    return {
        "@context": CONTEXT,
        "id": f"urn:corpus:annotation:{percent(str(line.get('id', '')), safe='')}",
        "type": "Annotation",
        "motivation": "classifying" if stance else "tagging",
        "creator": {"type": "Person", "nickname": mark.annotator},
        "created": mark.created_at,
        "body": body,
        "target": {
            "source": DOCUMENT + percent(task.document_id or "", safe="/"),
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "exact": mark.exact,
                    "prefix": mark.prefix,
                    "suffix": mark.suffix,
                },
                {"type": "TextPositionSelector", "start": start, "end": end},
            ],
        },
        "corpus": mark.carried,
    }
