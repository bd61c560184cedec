"""brat standoff: `.ann` beside `.txt`, one pair a document.

Offsets are code points of the `.txt` as it is, line ends included. A mention may be discontinuous; its text
is then the pieces joined by spaces. Pieces parted by a line end alone are one mention in one piece. A stance
is a mark over its whole paragraph with an attribute `target`. Events, relations, equivalences and other
attributes are passed over.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote as percent
from urllib.parse import unquote

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    bad,
    content,
    decode_json,
    file_name,
    lines,
    name_of,
    passed_over,
    shown,
)
from corpus.annotations.offsets import Offsets, Span, check, same_words
from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit
    from corpus.records import Finding

suffixes = (".ann",)
offset_unit: Unit = "code_point"
task_unit = "document"
by_annotator = True
holds = frozenset({"control", "entity", "stance", "overlap", "discontinuity", "carried"})

_PIECES = re.compile(r"(\S+) (\d{1,15} \d{1,15}(?:;\d{1,15} \d{1,15})*)")
_TARGET = re.compile(r"[AM]\S*\ttarget (T\S+) (\S+)")
_WORD = re.compile(r"[^\w-]|%")
_CARRIED = "corpus "
_KINDS = {"R": "relations", "E": "events", "*": "equivalences", "A": "attributes", "M": "attributes"}
_KINDS |= {"N": "references", "#": "notes"}


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the document of one `.ann` file with its mentions; every line that is no standoff is named.

    Raises UnreadableError where the `.txt` beside it is missing.
    """
    source = path.with_suffix(".txt")
    if not source.is_file():
        raise UnreadableError(f"{path}: no {source.name} beside it; brat keeps the text there, put it back")
    text = content(source)
    offsets = Offsets(text)
    marks: dict[str, Mark] = {}
    known = _Known({}, {}, Counter())
    for number, line in lines(path):
        where = f"{path}:{number}"
        if line.startswith("T"):
            key, mark, finding = _mention(line, offsets, where)
            if finding:
                yield finding
            if mark:
                marks[key] = mark
        elif line.strip() and not _about(line, known):
            message = f"{shown(line)}; expected an identifier such as T1, then a tab"
            yield bad(where, message, "brat writes a mention on one line; join it to the line before")
    for what, count in sorted(known.skipped.items()):
        yield passed_over(str(path), f"{count} {what}: the corpus holds entities and stances")
    finished = tuple(
        _finished(mark, known.notes.get(key), known.targets.get(key)) for key, mark in marks.items()
    )
    yield Task(text, finished, where=str(path), named=name_of(path.stem))


class _Known(NamedTuple):
    """What other lines say of the mentions: notes, targets, and a count of what is passed over."""

    notes: dict[str, str]
    targets: dict[str, str]
    skipped: Counter[str]


def _about(line: str, known: _Known) -> bool:
    """Note what a line says that is no mention; False where it is no line of brat's."""
    if target := _TARGET.fullmatch(line):
        known.targets[target[1]] = unquote(target[2])
    elif line.startswith("#") and line.count("\t") >= 2:
        _, about, note = line.split("\t", 2)
        known.notes[about.split(" ")[-1]] = note
    elif line[0] in _KINDS:
        known.skipped[_KINDS[line[0]]] += 1
    return line[0] in _KINDS


class _Found(NamedTuple):
    key: str
    mark: Mark | None
    finding: Finding | None


def _mention(line: str, offsets: Offsets, where: str) -> _Found:
    """Read a line such as `T1<tab>ORG 0 2;5 7<tab>晨星 芯片`; each piece is checked."""
    key, *rest = line.split("\t", 2)
    matched = _PIECES.fullmatch(rest[0]) if rest else None
    if len(rest) != 2 or not matched:
        message = f"{shown(line)}; expected T<number>, a tab, label and offsets, a tab, and the text"
        return _Found(key, None, bad(where, message, "correct the line"))
    spans = [tuple(int(x) for x in piece.split(" ")) for piece in matched[2].split(";")]
    quotes = _quotes([end - start for start, end in spans], rest[1])
    if not quotes:
        message = f"offsets {matched[2]} and the text {shown(rest[1])} differ in length"
        return _Found(key, None, bad(where, message, "correct the offsets or the text"))
    pieces: list[tuple[int, int]] = []
    finding = None
    for (start, end), exact in zip(spans, quotes, strict=True):
        place, found = check(offsets, Span(start, end, exact), offset_unit, where)
        finding = found or finding
        if not place:
            return _Found(key, None, found)
        pieces.append(place)
    if any(a[1] > b[0] for a, b in pairwise(pieces)):
        return _Found(key, None, bad(where, f"the pieces {matched[2]} overlap", "put them in order"))
    joined = _joined(pieces, offsets.text)
    return _Found(key, Mark(unquote(matched[1]), joined, rest[1], where=where), finding)


def _joined(pieces: list[tuple[int, int]], text: str) -> tuple[tuple[int, int], ...]:
    """Join pieces with nothing but line ends between them: brat cuts a mention there, not the annotator."""
    made = pieces[:1]
    for start, end in pieces[1:]:
        between = text[made[-1][1] : start]
        if between and not between.strip("\r\n"):
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return tuple(made)


def _quotes(lengths: list[int], exact: str) -> list[str] | None:
    """Cut the text of a mention into its pieces; one piece is left as it is, whatever its length."""
    if len(lengths) == 1:
        return [exact]
    made: list[str] = []
    at = 0
    for length in lengths:
        made.append(exact[at : at + length])
        at += length + 1
    joined = " ".join(made)
    return made if len(joined) == len(exact) and same_words(joined, exact) else None


def _finished(mark: Mark, note: str | None, target: str | None) -> Mark:
    carried: object = None
    if note and note.startswith(_CARRIED):
        try:
            carried = decode_json(note.removeprefix(_CARRIED), mark.where)
        except UnreadableError:
            carried = None
        note = None
    return replace(mark, note=note, target=target, carried=carried)


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's documents as pairs of `.txt` and `.ann` in the folder `name`.

    What brat has no field for travels as the mention's note. Characters that brat does not take in a label
    are percent-encoded.
    """
    paths: list[Path] = []
    for task in tasks:
        assert task.text is not None
        stem = file_name(task.document_id or task.where)
        source, marks = to / name / f"{stem}.txt", to / name / f"{stem}.ann"
        native.write_whole(source, task.text.encode())
        native.write_whole(marks, "".join(_lines(task)).encode())
        paths += [source, marks]
    return paths


def _lines(task: Task) -> Iterator[str]:
    text = task.text or ""
    attributes = 0
    for number, mark in enumerate(task.marks, 1):
        label = _WORD.sub(lambda m: percent(m[0], safe=""), mark.label)
        pieces = [piece for whole in mark.pieces for piece in _by_line(text, whole)]
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(text[start:end] for start, end in pieces)
        yield f"T{number}\t{label} {places}\t{words}\n"
        if mark.target is not None:
            attributes += 1
            yield f"A{attributes}\ttarget T{number} {percent(mark.target, safe='')}\n"
        if mark.carried:
            carried = json.dumps(mark.carried, ensure_ascii=True)
            yield f"#{number}\tAnnotatorNotes T{number}\t{_CARRIED}{carried}\n"


def _by_line(text: str, piece: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Cut a piece at line ends, which brat allows inside no piece."""
    at = piece[0]
    for match in re.finditer(r"[\r\n]+", text[piece[0] : piece[1]]):
        if piece[0] + match.start() > at:
            yield at, piece[0] + match.start()
        at = piece[0] + match.end()
    yield at, piece[1]
