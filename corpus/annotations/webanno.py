"""WebAnno TSV 3.3, as WebAnno and INCEpTION export and import it: one file a document and annotator.

Offsets are UTF-16 units from the document's start; each token's text is its check. Span layers are read,
chains and relations passed over, and so are the linguistic layers of DKPro Core other than named entities.
Entities are written as DKPro named entities, stances as `webanno.custom.Stance`; both with an identifier that
names the annotator.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote as percent
from urllib.parse import unquote

from corpus.annotations import native
from corpus.annotations.exchange import (
    Lines,
    Mark,
    Task,
    bad,
    edges,
    file_name,
    lines,
    name_of,
    passed_over,
    shown,
    tokens,
)
from corpus.annotations.offsets import Offsets, Span, check
from corpus.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit
    from corpus.records import Finding

    _Feature = Callable[[Mark], str]

suffixes = (".tsv",)
offset_unit: Unit = "utf16"
task_unit = "document"
by_annotator = True
holds = frozenset({"control", "entity", "stance", "overlap"})

NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
STANCE = "webanno.custom.Stance"
LABEL_FEATURES = ("value", "label", "Label", "name")
"""Features that hold a mark's label, the first that a layer has; else its first feature."""

_TOKEN = re.compile(r"(\d+-\d+(?:\.\d+)?)\t(\d{1,15})-(\d{1,15})\t([^\t]*)(?:\t(.*))?")
_IDENTIFIER = re.compile(r"urn:corpus:([^:]+):.*")
_ESCAPED = re.compile(r"\\(->|.)")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


class _Layer(NamedTuple):
    """A span layer: its name and its features, each a column."""

    name: str
    features: tuple[str, ...]

    @property
    def linguistic(self) -> bool:
        return ".dkpro.core.api." in self.name and ".ner." not in self.name


@dataclass(slots=True)
class _Document:
    """A document as it is put together from its sentences; offsets in code points."""

    text: str = ""
    utf16: int = 0
    spans: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    values: dict[tuple[str, str], dict[str, str | None]] = field(default_factory=dict)
    wheres: dict[tuple[str, str], str] = field(default_factory=dict)


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the document of a file with its marks.

    Raises UnreadableError where the first line does not say WebAnno TSV 3, or no sentence can be read.
    """
    rows = list(lines(path))
    if not re.fullmatch(r"#FORMAT=WebAnno TSV 3(\.\d+)?", rows[0].text.rstrip()):
        message = f"{path}:1: {shown(rows[0].text)}; expected #FORMAT=WebAnno TSV 3.3"
        raise UnreadableError(f"{message}; export from INCEpTION as WebAnno TSV v3.3")
    layers: list[_Layer] = []
    skipped: Counter[str] = Counter()
    for _, line in rows:
        name, *features = line.partition("=")[2].split("|")
        if line.startswith("#T_SP="):
            layers.append(_Layer(name, tuple(features)))
        elif line.startswith(("#T_CH=", "#T_RL=")):
            skipped[f"the layer {name} of chains or relations"] += 1
    document = _Document()
    findings = [f for sentence in _sentences(rows) for f in _read_sentence(sentence, layers, document, path)]
    yield from findings
    if not document.text:
        if findings:
            return
        message = f"{path}: no sentence with tokens; expected #Text= and numbered tokens below it"
        raise UnreadableError(message)
    marks, findings = _marks(document, layers, skipped)
    yield from findings
    for what, count in sorted(skipped.items()):
        yield passed_over(str(path), f"{what}: {count} passed over; the corpus holds entities and stances")
    yield Task(document.text, tuple(marks), where=str(path), named=name_of(path.stem))


def _sentences(rows: list[Lines]) -> Iterator[list[Lines]]:
    gathered: list[Lines] = []
    for row in rows:
        if row.text.startswith("#Text=") and gathered and not gathered[-1].text.startswith("#Text="):
            yield gathered
            gathered = []
        if row.text.startswith("#Text=") or (gathered and row.text and not row.text.startswith("#")):
            gathered.append(row)
    if gathered:
        yield gathered


def _read_sentence(
    rows: list[Lines], layers: list[_Layer], document: _Document, path: Path
) -> Iterator[Finding]:
    """Put a sentence after what is there, and gather the marks on its tokens."""
    text = "\n".join(_plain(row.text[len("#Text=") :]) for row in rows if row.text.startswith("#Text="))
    offsets = Offsets(text)
    begin: int | None = None
    for number, line in rows:
        where = f"{path}:{number}"
        if line.startswith("#Text="):
            continue
        matched = _TOKEN.fullmatch(line)
        if not matched:
            yield bad(where, f"{shown(line)}; expected 1-1, a tab, 0-4, a tab, the token", "correct the line")
            continue
        start, end, word = int(matched[2]), int(matched[3]), _plain(matched[4])
        if begin is None:
            if word not in text:
                yield bad(
                    where, f"the token {shown(word)} is not in its sentence {shown(text)}", "export again"
                )
                return
            begin = start - offsets.in_unit(text.index(word), "utf16")
            gap = max(begin - document.utf16, 0)
            base = len(document.text) + gap if document.text else 0
            document.text += ("\n" * gap if document.text else "") + text
            document.utf16 = begin + offsets.in_unit(len(text), "utf16")
        place, finding = check(offsets, Span(start - begin, end - begin, word), offset_unit, where)
        if finding:
            yield finding
        if place:
            columns = (matched[5] or "").split("\t")
            _gather(columns, layers, (base + place[0], base + place[1]), document, where)


def _gather(
    columns: list[str], layers: list[_Layer], place: tuple[int, int], document: _Document, where: str
) -> None:
    """Note what a token's columns say: each mark on it by its layer and number, or by the token's place."""
    at = 0
    for layer in layers:
        cells = columns[at : at + len(layer.features)] or [""]
        at += len(layer.features)
        for feature, cell in zip(layer.features, cells, strict=False):
            if cell in {"_", ""}:
                continue
            for stacked in re.split(r"(?<!\\)\|", cell):
                numbered = re.fullmatch(r"(.*?)(?<!\\)\[(\d+)\]", stacked)
                value, number = (numbered[1], numbered[2]) if numbered else (stacked, f"at {place[0]}")
                key = (layer.name, number)
                spans = document.spans.setdefault(key, [])
                if place not in spans:
                    spans.append(place)
                document.values.setdefault(key, {})[feature] = None if value == "*" else _plain(value)
                document.wheres.setdefault(key, where)


def _marks(
    document: _Document, layers: list[_Layer], skipped: Counter[str]
) -> tuple[list[Mark], list[Finding]]:
    marks: list[Mark] = []
    findings: list[Finding] = []
    by_name = {layer.name: layer for layer in layers}
    for key, spans in document.spans.items():
        layer, values, where = by_name[key[0]], document.values[key], document.wheres[key]
        if layer.linguistic:
            skipped[f"the linguistic layer {layer.name}"] += 1
            continue
        feature = next((f for f in LABEL_FEATURES if f in layer.features), (*layer.features, "")[0])
        label = values.get(feature)
        place = (min(start for start, _ in spans), max(end for _, end in spans))
        if not label:
            words = shown(document.text[place[0] : place[1]])
            findings.append(
                bad(where, f"the mark on {words} has no {feature or 'label'}", "label it in the tool")
            )
            continue
        target = values.get("target") if layer.name == STANCE else None
        known = _IDENTIFIER.fullmatch(values.get("identifier") or "")
        annotator = unquote(known[1]) if known else None
        exact = document.text[place[0] : place[1]]
        marks.append(Mark(label, (place,), exact, target, annotator, where=where))
    return marks, findings


def _plain(text: str) -> str:
    r"""Undo the escapes of the format.

    >>> _plain(r"a\tb\_c\->d"), _plain("1")
    ('a\tb_c->d', '1')
    """
    return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), text)


def _escaped(text: str) -> str:
    made = re.sub(r"->|[\\\[\]|_;*]", lambda m: "\\" + m[0], text)
    return made.replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's documents as files in the folder `name`, a paragraph a sentence."""
    paths: list[Path] = []
    for task in tasks:
        path = to / name / f"{file_name(task.document_id or task.where)}.tsv"
        native.write_whole(path, "".join(line + "\n" for line in _lines(task)).encode())
        paths.append(path)
    return paths


def _lines(task: Task) -> Iterator[str]:
    text = task.text or ""
    offsets = Offsets(text)
    entities = [m for m in task.marks if m.target is None]
    stances = [m for m in task.marks if m.target is not None]
    yield "#FORMAT=WebAnno TSV 3.3"
    yield f"#T_SP={NAMED_ENTITY}|identifier|value"
    if stances:
        yield f"#T_SP={STANCE}|identifier|value|target"
    yield ""
    cut = tokens(text, edges(task.marks))
    at = 0
    for number, line in enumerate(text.split("\n"), 1):
        words = [(a, b) for a, b in cut if at <= a < at + len(line)]
        yield from ("", f"#Text={_escaped_text(line)}")
        for position, (start, end) in enumerate(words, 1):
            place = f"{offsets.in_unit(start, 'utf16')}-{offsets.in_unit(end, 'utf16')}"
            columns = _cells(entities, 1, (start, end), (_identifier, _value))
            if stances:
                columns += _cells(stances, 1 + len(entities), (start, end), (_identifier, _value, _target))
            cells = "\t".join(columns)
            yield f"{number}-{position}\t{place}\t{_escaped_text(text[start:end])}\t{cells}\t"
        at += len(line) + 1


def _escaped_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


def _cells(
    marks: list[Mark], first: int, place: tuple[int, int], features: tuple[_Feature, ...]
) -> list[str]:
    """Write a token's columns of one layer; every mark is numbered, so that stacked ones are told."""
    on = [
        (number, mark)
        for number, mark in enumerate(marks, first)
        if mark.pieces[0][0] <= place[0] and place[1] <= mark.pieces[-1][1]
    ]
    return ["|".join(f"{feature(mark)}[{number}]" for number, mark in on) or "_" for feature in features]


def _value(mark: Mark) -> str:
    return _escaped(mark.label)


def _target(mark: Mark) -> str:
    return _escaped(mark.target or "") or "*"


def _identifier(mark: Mark) -> str:
    line = mark.carried.get("line") if isinstance(mark.carried, dict) else None
    if not line:
        return "*"
    names = (percent(str(line[key]), safe="") for key in ("annotator", "id"))
    return _escaped(":".join(("urn:corpus", *names)))
