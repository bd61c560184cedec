"""The corpus's own annotation lines: read strictly, written canonically.

A line is one JSON object of the contract's shape. A line that is not as it must be becomes a Finding that
says where, what was found, what was expected and what to do; every other line is kept. Lines end at a line
feed alone: `str.splitlines` would also cut at U+2028 or U+0085, which occur inside quotes of real pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, cast

from corpus.errors import ProjectError, UnreadableError
from corpus.records import Annotation, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Literal

LAYERS = ("entity", "stance")
"""The layers an annotation can be in; each is a folder below `annotations/`."""

KEYS = (
    "id",
    "document_id",
    "layer",
    "label",
    "target",
    "quote",
    "raw",
    "annotator",
    "guideline",
    "created_at",
    "note",
)
"""The keys of a line, in the order they are written."""

CONTEXT = 32
"""Code points of paragraph text kept before and after a quote."""

ANNOTATOR = re.compile(r"\w[\w.@+\-]{0,99}")
"""An annotator's name is also a file's name: letters and digits of any script, and `. _ @ + -` inside."""

_OPTIONAL = {"target", "note"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PARTS = re.compile(r"parts ((?:\d{1,9}-\d{1,9} ?)+)(?:; )?")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST = 2**53
"""Offsets above are no code point counts, and JSON readers that use doubles would change them."""


class BadLineError(UnreadableError):
    """A line is not as it must be: `check`, `message` and `hint` of the finding to be."""

    def __init__(self, check: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.check, self.message, self.hint = check, message, hint


def annotation_id(annotation: Annotation) -> str:
    """Make the id that follows from an annotation's layer, document, raw place, label, target and annotator.

    The same judgement made twice has one id, so that importing a file again adds nothing. Note, time and
    guideline do not take part; the parts of a discontinuous mention do.
    """
    said = [
        annotation.layer,
        annotation.document_id,
        annotation.raw_sha256,
        annotation.raw_start,
        annotation.raw_end,
        annotation.label,
        annotation.target,
        annotation.annotator,
    ]
    if pieces := parts(annotation):
        said.append(" ".join(f"{start}-{end}" for start, end in pieces))
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()[:16]


def parts(annotation: Annotation) -> tuple[tuple[int, int], ...]:
    """Read the pieces of a discontinuous mention as ranges in its quote; empty for a mention of one piece.

    The quote spans from the first piece to the last; the pieces are written at the head of `note`
    (`parts 0-2 5-7; what the annotator noted`), so that every reader of quotes works unchanged.
    """
    found = _PARTS.match(annotation.note or "")
    if not found:
        return ()
    pairs = (piece.split("-") for piece in found[1].split())
    return tuple((int(start), int(end)) for start, end in pairs)


def note_with_parts(note: str | None, pieces: Sequence[tuple[int, int]]) -> str | None:
    """`note` with the pieces of a discontinuous mention at its head; unchanged for one piece or none.

    >>> note_with_parts("sic", [(0, 2), (5, 7)])
    'parts 0-2 5-7; sic'
    """
    if len(pieces) < 2:
        return note
    head = "parts " + " ".join(f"{start}-{end}" for start, end in pieces)
    return f"{head}; {note}" if note else head


def note_without_parts(note: str | None) -> str | None:
    """Give what the annotator noted, without the pieces of a discontinuous mention.

    >>> note_without_parts("parts 0-2 5-7; sic"), note_without_parts("parts 0-2 5-7")
    ('sic', None)
    """
    if not note:
        return note
    return note[found.end() :] or None if (found := _PARTS.match(note)) else note


def line(annotation: Annotation) -> str:
    """Write the canonical line of an annotation, without its line end.

    Line separators that some readers cut at (U+0085, U+2028, U+2029) are escaped.
    """
    written = json.dumps(as_json(annotation), ensure_ascii=False)
    for separator in ("\x85", "\u2028", "\u2029"):
        written = written.replace(separator, f"\\u{ord(separator):04x}")
    return written


def as_json(annotation: Annotation) -> dict[str, Any]:
    """Give the annotation as the object a line holds, keys in the order of KEYS."""
    return {
        "id": annotation.annotation_id,
        "document_id": annotation.document_id,
        "layer": annotation.layer,
        "label": annotation.label,
        "target": annotation.target,
        "quote": {"exact": annotation.exact, "prefix": annotation.prefix, "suffix": annotation.suffix},
        "raw": {
            "sha256": annotation.raw_sha256,
            "start": annotation.raw_start,
            "end": annotation.raw_end,
        },
        "annotator": annotation.annotator,
        "guideline": annotation.guideline,
        "created_at": annotation.created_at,
        "note": annotation.note,
    }


def position(annotation: Annotation) -> tuple[str, str, int, int, str, str, str]:
    """Give what lines are sorted by: document and place first, so that a diff reads well."""
    return (
        annotation.document_id,
        annotation.raw_sha256,
        annotation.raw_start,
        annotation.raw_end,
        annotation.target or "",
        annotation.label,
        annotation.annotation_id,
    )


def write(annotations: Iterable[Annotation], path: Path) -> None:
    """Write one annotator's annotations of one layer: sorted, beside the old file, then renamed over it.

    Raises ProjectError, and leaves the old file whole, where an annotation belongs to another layer or
    annotator than the path says, where two share an id, or where the disk refuses.
    """
    rows = sorted(annotations, key=position)
    seen: set[str] = set()
    for row in rows:
        if (row.layer, row.annotator) != (path.parent.name, path.stem):
            where = f"{row.layer}/{row.annotator}.jsonl"
            raise ProjectError(f"{path}: annotation {row.annotation_id} belongs in {where}; write it there")
        if row.annotation_id in seen:
            raise ProjectError(f"{path}: two annotations have the id {row.annotation_id}; give each its own")
        seen.add(row.annotation_id)
    write_whole(path, "".join(line(row) + "\n" for row in rows).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader or a crash meets the old content or the new, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ProjectError(f"{path}: cannot be written ({error.strerror}); the old file is whole") from error


def read(path: Path, where: str | None = None) -> Iterator[Annotation | Finding]:
    """Each line of `annotations/<layer>/<annotator>.jsonl` as an Annotation, or a Finding where it is bad.

    `where` is the path that messages show. Raises UnreadableError where the file cannot be opened.
    """
    where = where or str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{where}: cannot be read ({error.strerror}); check its permissions") from error
    first_places: dict[str, str] = {}
    for number, raw_line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        place = f"{where}:{number}"
        if not raw_line.strip():
            continue
        try:
            annotation = parse(_json(raw_line), place)
            _in_its_file(annotation, path)
        except BadLineError as bad:
            yield Finding(bad.check, "error", place, bad.message, bad.hint)
            continue
        earlier = first_places.setdefault(annotation.annotation_id, place)
        yield annotation if earlier == place else duplicate(annotation, earlier)


def duplicate(annotation: Annotation, earlier: str) -> Finding:
    """Report an annotation whose id is taken, naming both places."""
    message = f"the id {annotation.annotation_id!r} is taken by {earlier}; expected ids unique in the corpus"
    hint = "delete this line if it repeats the other, else give it an id of its own"
    return Finding("annotation-duplicate", "error", annotation.where, message, hint)


def _json(raw_line: bytes) -> object:
    try:
        text = raw_line.decode("utf-8")
    except UnicodeDecodeError as error:
        found = raw_line[error.start : error.start + 3].hex(" ")
        cesu = re.match(rb"\xed[\xa0-\xbf][\x80-\xbf]", raw_line[error.start : error.start + 3])
        kind = " (a surrogate half: the file is CESU-8, not UTF-8)" if cesu else ""
        message = f"byte {error.start + 1} of the line is not UTF-8: found {found}{kind}"
        raise BadLineError("annotation-encoding", message, "save the file as UTF-8") from error
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except json.JSONDecodeError as error:
        near = text[max(error.pos - 10, 0) : error.pos + 10]
        message = f"not JSON: {error.msg} at column {error.colno}, near {near!r}; expected one JSON object"
        raise BadLineError("annotation-json", message, "mend or delete the line") from error
    except (RecursionError, ValueError) as error:
        message = "not JSON that can be read: nested too deep, or a number too long; expected one JSON object"
        raise BadLineError("annotation-json", message, "mend or delete the line") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadLineError(
            "annotation-key", f"the key {twice!r} stands twice in one object", "keep one of the two"
        )
    return dict(pairs)


def _constant(name: str) -> NoReturn:
    raise BadLineError("annotation-json", f"{name} is no JSON number", "write a whole number, or null")


def parse(row: object, where: str = "") -> Annotation:
    """Make the annotation that a decoded JSON object holds; `where` goes into the annotation, for messages.

    Raises BadLineError where it is not of the contract's shape: nothing is filled in or converted.
    """
    top = _keys(row, KEYS, "the line", _OPTIONAL)
    quote = _keys(top["quote"], ("exact", "prefix", "suffix"), "quote", {"prefix", "suffix"})
    raw = _keys(top["raw"], ("sha256", "start", "end"), "raw", set())
    layer = _string(top, "layer")
    if layer not in LAYERS:
        known = " or ".join(LAYERS)
        raise BadLineError("annotation-kind", f"layer is {layer!r}; expected {known}", "correct the layer")
    start, end = _offset(raw, "start"), _offset(raw, "end")
    if start >= end:
        message = f"raw.start is {start} and raw.end is {end}; expected start before end (end exclusive)"
        raise BadLineError("annotation-place", message, "correct the offsets")
    if not _SHA256.fullmatch(sha256 := _string(raw, "sha256")):
        message = f"raw.sha256 is {_short(sha256)}; expected 64 lower-case hexadecimal digits"
        raise BadLineError("annotation-kind", message, "write the raw file's SHA-256")
    return Annotation(
        annotation_id=_string(top, "id"),
        # Ids of pages are NFC; an editor or a file system may have handed the same id in another form.
        document_id=unicodedata.normalize("NFC", _string(top, "document_id")),
        layer=cast("Literal['entity', 'stance']", layer),
        label=_string(top, "label"),
        target=_target(top, layer),
        exact=_string(quote, "exact"),
        prefix=_string(quote, "prefix", may_be_empty=True),
        suffix=_string(quote, "suffix", may_be_empty=True),
        raw_sha256=sha256,
        raw_start=start,
        raw_end=end,
        annotator=_annotator(top),
        guideline=_string(top, "guideline"),
        created_at=_time(top),
        note=None if top.get("note") is None else _string(top, "note", may_be_empty=True),
        where=where,
    )


def _keys(row: object, known: tuple[str, ...], name: str, optional: set[str]) -> dict[str, object]:
    if not isinstance(row, dict):
        raise BadLineError(
            "annotation-kind", f"{name} is {_kind(row)}; expected an object", "write it as {…}"
        )
    if missing := [key for key in known if key not in row and key not in optional]:
        message = f"{name} lacks {', '.join(missing)}; expected the keys {', '.join(known)}"
        raise BadLineError("annotation-key", message, f"add {missing[0]!r}")
    if unknown := [key for key in row if key not in known]:
        message = f"{name} has the unknown key {_short(unknown[0])}; known are {', '.join(known)}"
        raise BadLineError("annotation-key", message, "correct the spelling, or move what it says into note")
    return row


def _string(row: dict[str, object], key: str, *, may_be_empty: bool = False) -> str:
    value = row.get(key, "" if may_be_empty else None)
    if not isinstance(value, str):
        raise BadLineError(
            "annotation-kind", f"{key} is {_kind(value)}; expected a string", "write it in quotes"
        )
    if not value and not may_be_empty:
        raise BadLineError("annotation-kind", f"{key} is empty; expected some text", f"fill in {key}")
    if _LONE_SURROGATE.search(value):
        message = f"{key} holds half of a surrogate pair ({_short(value)}); expected whole characters"
        raise BadLineError(
            "annotation-encoding", message, "write the character itself, or both its \\u escapes"
        )
    return value


def _offset(row: dict[str, object], key: str) -> int:
    value = row[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadLineError(
            "annotation-kind", f"raw.{key} is {_kind(value)}; expected a whole number", "correct it"
        )
    if not 0 <= value <= _LARGEST:
        message = f"raw.{key} is {value}; expected 0 or more, counted in code points"
        raise BadLineError("annotation-place", message, "correct the offset")
    return value


def _target(row: dict[str, object], layer: str) -> str | None:
    target = row.get("target")
    if layer == "stance" and target is None:
        message = "a stance has no target; expected the name of one of the targets in schema/labels.yaml"
        raise BadLineError("annotation-kind", message, "fill in target")
    if layer == "entity" and target is not None:
        message = f"an entity has the target {_short(target)}; expected null"
        raise BadLineError("annotation-kind", message, "write null, or move the line to annotations/stance")
    return None if target is None else _string(row, "target")


def _annotator(row: dict[str, object]) -> str:
    name = _string(row, "annotator")
    if not ANNOTATOR.fullmatch(name):
        message = f"annotator is {_short(name)}; expected a name that can be a file's name"
        raise BadLineError("annotation-kind", message, "use letters, digits, and . _ @ + - inside")
    return name


def _time(row: dict[str, object]) -> str:
    value = _string(row, "created_at")
    if not is_time(value):
        message = f"created_at is {_short(value)}; expected ISO 8601 with an offset: 2026-11-21T08:00:00Z"
        raise BadLineError("annotation-time", message, "write date, time and offset (Z for UTC)")
    return value


def is_time(value: str) -> bool:
    """Whether `value` is an ISO 8601 date and time with an offset from UTC.

    >>> is_time("2026-11-21T08:00:00Z"), is_time("2026-11-21"), is_time("2026-02-30T08:00:00Z")
    (True, False, False)
    """
    try:
        return "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _in_its_file(annotation: Annotation, path: Path) -> None:
    for name, found, expected in (
        ("layer", annotation.layer, path.parent.name),
        ("annotator", annotation.annotator, path.stem),
    ):
        if found != expected:
            message = f"{name} is {found!r}, but the file's place says {expected!r}"
            hint = (
                f"move the line to annotations/{annotation.layer}/{annotation.annotator}.jsonl, or correct it"
            )
            raise BadLineError("annotation-file", message, hint)


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"the number {value}"
    return kinds.get(type(value), "something else")


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…" + shown[-1]
