"""What every format of another tool is read into and written from: texts with marks on them.

Offsets here are code points, `end` exclusive. Files are read strictly: bytes that are not UTF-8, JSON with
NaN or half characters, and files too large for memory are refused by name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote as percent
from urllib.parse import unquote

from corpus.errors import UnreadableError
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes; an export above is refused rather than read into memory."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One judgement as a tool holds it, before it has a place in the corpus.

    `pieces` are ranges in the task's text, one of them unless the mention is discontinuous; none where the
    judgement is about the whole text. `exact` is what the tool says stands there, None where it does not say.
    `carried` is what an export of ours put beside the mark, to be trusted only as far as it fits.
    """

    label: str
    pieces: tuple[tuple[int, int], ...] = ()
    exact: str | None = None
    target: str | None = None
    annotator: str | None = None
    guideline: str | None = None
    created_at: str | None = None
    note: str | None = None
    carried: object = None
    where: str = ""
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One text as a tool shows it to an annotator, and the marks on it.

    `text` is None where the format holds places but not the text (W3C Web Annotation). The ids are None where
    the export does not say which document the text is. `target` is what a stance is asked toward.
    """

    text: str | None
    marks: tuple[Mark, ...] = ()
    document_id: str | None = None
    paragraph_id: str | None = None
    target: str | None = None
    where: str = ""
    annotator: str | None = None
    named: str | None = None


class Lines(NamedTuple):
    """A line of a file and its number, counted from 1."""

    number: int
    text: str


# ---------------------------------------------------------------- reading files


def content(path: Path) -> str:
    """Read a text file without touching its line ends; a byte order mark is dropped.

    Raises UnreadableError where it cannot be opened, is larger than LARGEST_FILE, or is not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableError(f"{path}: {size} bytes; expected at most {LARGEST_FILE}; split the export")
        body = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        found = body[error.start : error.start + 3].hex(" ")
        raise UnreadableError(f"{path}:{line}: not UTF-8: found {found}; save the export as UTF-8") from error


def lines(path: Path) -> Iterator[Lines]:
    """Yield the lines of a text file, cut at line feeds alone, without a trailing carriage return."""
    for number, line in enumerate(content(path).split("\n"), 1):
        yield Lines(number, line.removesuffix("\r"))


def decode_json(text: str, where: str) -> Any:  # noqa: ANN401 - JSON holds anything
    """Decode JSON strictly: no NaN, no lone surrogate. Raises UnreadableError naming the place."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        near = text[max(error.pos - 10, 0) : error.pos + 10]
        at = f"line {error.lineno}, column {error.colno}, near {near!r}"
        raise UnreadableError(f"{where}: not JSON: {error.msg} at {at}") from error
    except (RecursionError, ValueError) as error:
        raise UnreadableError(f"{where}: JSON that cannot be read: {str(error)[:80]}") from error
    if re.search(r"\\u[dD][89a-fA-F]", text):
        _whole_characters(value, where)
    return value


def _no_constant(name: str) -> None:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _whole_characters(value: object, where: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = f"{where}: half of a surrogate pair in a string; expected whole characters"
        raise UnreadableError(message) from error


def json_records(path: Path) -> Iterator[tuple[str, dict[str, Any] | Finding]]:
    """Yield the objects of a JSON or JSON Lines file with their place, or a Finding for a bad one.

    A file that is one JSON value (an object, or a list of them) is told from JSON Lines by decoding it.
    """
    whole = content(path)
    start = whole.lstrip()[:1]
    if start not in {"[", "{"}:
        message = f"{path}: not JSON: starts with {whole.lstrip()[:20]!r}; expected an object or a list"
        raise UnreadableError(message)
    try:
        value = decode_json(whole, str(path))
    except UnreadableError:
        if start == "[" or whole.lstrip().count("\n") == 0:
            raise
    else:
        rows = value if isinstance(value, list) else [value]
        for number, row in enumerate(rows, 1):
            yield f"{path}: record {number}", _object(row, f"{path}: record {number}")
        return
    for number, line in enumerate(whole.split("\n"), 1):
        if line.strip():
            yield f"{path}:{number}", _decoded(line, f"{path}:{number}")


def _decoded(line: str, where: str) -> dict[str, Any] | Finding:
    try:
        return _object(decode_json(line, where), where)
    except UnreadableError as error:
        return bad(where, str(error).removeprefix(f"{where}: "), "mend or delete the record")


def _object(row: object, where: str) -> dict[str, Any] | Finding:
    if isinstance(row, dict):
        return row
    return bad(where, f"{shown(row)}; expected an object", "export again, or delete the record")


def table(path: Path, delimiter: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a CSV or TSV file with their place, named by its first row."""
    rows = csv.reader(io.StringIO(content(path), newline=""), delimiter=delimiter)
    try:
        header = next(rows, [])
        for row in rows:
            yield f"{path}:{rows.line_num}", dict(zip(header, row, strict=False))
    except csv.Error as error:
        raise UnreadableError(f"{path}:{rows.line_num}: not a table: {error}") from error


def bad(where: str, message: str, hint: str = "") -> Finding:
    """Report something in an export that was not imported."""
    return Finding("import", "error", where, message, hint)


def passed_over(where: str, message: str) -> Finding:
    """Report something in an export that the corpus does not hold."""
    return Finding("import", "note", where, message)


def shown(value: object, most: int = 60) -> str:
    """Show a value in a message: its representation, cut short, printable."""
    text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------- tokens

# A run of letters and digits of an alphabet is a word; every other character is a token, Chinese among them.
_TOKEN = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|\s+|.", re.DOTALL)


def tokens(text: str, cuts: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Cut a text into tokens for formats that need them: words, single Chinese characters, punctuation.

    A token is cut in two at every offset in `cuts`, so that each mark begins and ends with a token. White
    space is no token.

    >>> [(t, "GPU芯片 v2"[t[0]:t[1]]) for t in tokens("GPU芯片 v2", [2])]
    [((0, 2), 'GP'), ((2, 3), 'U'), ((3, 4), '芯'), ((4, 5), '片'), ((6, 8), 'v2')]
    """
    at = sorted(set(cuts))
    made: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        if match[0].isspace():
            continue
        inner = at[bisect_left(at, match.start() + 1) : bisect_left(at, match.end())]
        edges = [match.start(), *inner, match.end()]
        made += pairwise(edges)
    return made


def attach(marks: Sequence[Mark], carried: object) -> tuple[Mark, ...]:
    """Give each mark the line an export of ours carried for it, in a list beside the text.

    A line belongs to the first mark with its place and its label; what fits no mark is left.
    """
    lines_left = [row for row in carried if isinstance(row, dict)] if isinstance(carried, list) else []
    made: list[Mark] = []
    for mark in marks:
        places = [list(piece) for piece in mark.pieces]
        fits = [
            row
            for row in lines_left
            if (not places or row.get("at") == places)
            and isinstance(row.get("line"), dict)
            and row["line"].get("label") == mark.label
        ]
        if fits:
            lines_left.remove(fits[0])
        made.append(replace(mark, carried=fits[0]) if fits else mark)
    return tuple(made)


def edges(marks: Sequence[Mark]) -> list[int]:
    """Give the offsets where marks begin and end."""
    return [offset for mark in marks for piece in mark.pieces for offset in piece]


# ---------------------------------------------------------------- names


def file_name(name: str) -> str:
    """Make a document's id or an annotator's name a file's name.

    Everything that could mean a folder is percent-encoded, so that no name leads out of the export, and
    `name_of` turns it back; a name too long for a file system is cut and ends in its digest.

    >>> file_name("harbour/a#1"), file_name(".."), name_of(file_name("港/a"))
    ('harbour%2Fa%231', '%2E.', '港/a')
    """
    made = "".join(c if c.isalnum() or c in "-_.@+" else percent(c, safe="") for c in name)
    made = "%2E" + made[1:] if made.startswith(".") else made
    if len(made.encode()) <= 200:
        return made
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return made.encode()[:160].decode(errors="ignore") + "~" + digest


def name_of(file: str) -> str:
    """Turn a name made by `file_name` back."""
    return unquote(file)


def text_of(row: dict[str, Any], key: str) -> str | None:
    """Give the string at `key`, None where there is none or it is something else."""
    value = row.get(key)
    return value if isinstance(value, str) and value else None
