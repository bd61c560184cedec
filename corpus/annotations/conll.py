"""CoNLL columns with IOB2 labels: the token first, its label last, an empty line after each text.

IOB1 and BIOES are read too. The format has no offsets and no white space: a text is told by the tokens in
their order, or by `# text =` above them. Comment lines (`# key = value`) carry the ids and the annotator. It
holds one label a token: of overlapping mentions the longest is written. Label Studio's export of this format
cuts at white space alone, which makes a token of a Chinese sentence; such a file is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    bad,
    edges,
    lines,
    passed_over,
    shown,
    tokens,
)
from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit
    from corpus.records import Finding

suffixes = (".conll", ".iob2", ".bio", ".iob")
offset_unit: Unit = "code_point"
task_unit = "paragraph"
by_annotator = True
holds = frozenset({"control", "entity"})

_COMMENT = re.compile(r"#\s*(\w+)\s*=\s?(.*)")
_LABEL = re.compile(r"([BIESLUM])-(.+)")
_SENTENCE_END = re.compile(r"[。！？；]")


@dataclass(slots=True)
class _Text:
    """The lines of one text as they are gathered."""

    where: str = ""
    known: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str, int]] = field(default_factory=list)


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the texts of a file with their mentions; a line without columns or known label is named.

    Raises UnreadableError for a file whose tokens are whole sentences.
    """
    text = _Text()
    document: dict[str, str] = {}
    loose = 0
    for number, line in lines(path):
        where = f"{path}:{number}"
        if comment := _COMMENT.fullmatch(line):
            (text.known if comment[1] != "annotator" else document)[comment[1]] = comment[2]
        elif not line.strip() or line.startswith("-DOCSTART-"):
            loose += yield from _task(text, path, document)
            text = _Text()
        else:
            columns = line.split("\t") if "\t" in line else line.split()
            if len(columns) < 2 or not (columns[-1] == "O" or _LABEL.fullmatch(columns[-1])):
                message = f"{shown(line)}; expected a token and a label such as O, B-ORG or I-ORG"
                yield bad(where, message, "correct the line")
                text.rows.append((columns[0], "O", number))
            else:
                _refuse_sentence(columns, where)
                text.rows.append((columns[0], columns[-1], number))
    loose += yield from _task(text, path, document)
    if loose:
        yield passed_over(str(path), f"{loose} mentions begin with I-, as in IOB1: read as beginnings")


def _refuse_sentence(columns: list[str], where: str) -> None:
    inner = columns[0][:-1] if columns[-1] != "O" else ""
    if len(inner) > 1 and _SENTENCE_END.search(columns[0]):
        message = f"{where}: the token {shown(columns[0])} is a sentence; expected words or characters"
        raise UnreadableError(
            f"{message}; Label Studio's CoNLL export cuts at white space: export JSON instead"
        )


def _task(text: _Text, path: Path, document: dict[str, str]) -> Generator[Task | Finding, None, int]:
    """Yield the task that the gathered lines make, if any; return how many mentions begin with I-."""
    if not text.rows:
        return 0
    where = f"{path}:{text.rows[0][2]}"
    whole = text.known.get("text")
    places = _places([row[0] for row in text.rows], whole) if whole is not None else None
    if whole is not None and places is None:
        yield bad(where, f"the tokens are not those of `# text = {shown(whole)}`", "correct one of the two")
        return 0
    if whole is None or places is None:
        whole = " ".join(row[0] for row in text.rows)
        places = _places([row[0] for row in text.rows], whole)
    assert places is not None
    marks, loose = _marks(text.rows, places, path)
    known = text.known.get("document_id"), text.known.get("paragraph_id"), text.known.get("target")
    yield Task(whole, tuple(marks), *known, where=where, annotator=document.get("annotator"))
    return loose


def _places(words: list[str], text: str) -> list[tuple[int, int]] | None:
    """Find the tokens in the text, in order, with white space alone between them; None where they differ."""
    at = 0
    found: list[tuple[int, int]] = []
    for word in words:
        while at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(word, at):
            return None
        found.append((at, at + len(word)))
        at += len(word)
    return None if text[at:].strip() else found


def _marks(
    rows: list[tuple[str, str, int]], places: list[tuple[int, int]], path: Path
) -> tuple[list[Mark], int]:
    marks: list[Mark] = []
    loose = 0
    open_label: str | None = None
    for (_, tagged, number), (start, end) in zip(rows, places, strict=True):
        matched = _LABEL.fullmatch(tagged)
        if matched is None:
            open_label = None
            continue
        prefix, label = matched[1], matched[2]
        if prefix in "IMEL" and label == open_label:
            last = marks[-1]
            marks[-1] = Mark(label, ((last.pieces[0][0], end),), where=last.where)
        else:
            loose += prefix in "IMEL"
            marks.append(Mark(label, ((start, end),), where=f"{path}:{number}"))
        open_label = None if prefix in "ESLU" else label
    return marks, loose


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's entities as `name.conll`: token, tab, IOB2 label; marks must not overlap."""
    path = to / f"{name}.conll"
    native.write_whole(path, "".join(line + "\n" for task in tasks for line in _lines(task)).encode())
    return [path]


def _lines(task: Task) -> Iterator[str]:
    text = task.text or ""
    yield f"# document_id = {task.document_id}"
    yield f"# paragraph_id = {task.paragraph_id}"
    if task.annotator:
        yield f"# annotator = {task.annotator}"
    if text.isprintable() and text == text.strip():
        yield f"# text = {text}"
    begins = {mark.pieces[0][0]: mark for mark in task.marks}
    inside: Mark | None = None
    for start, end in tokens(text, edges(task.marks)):
        begun = begins.get(start)
        inside = begun or (inside if inside and start < inside.pieces[-1][1] else None)
        label = f"{'B' if begun else 'I'}-{inside.label}" if inside else "O"
        yield f"{text[start:end]}\t{label}"
    yield ""
