"""UIMA CAS as XMI or JSON, as INCEpTION and dkpro-cassis exchange it: one file a document and annotator.

Offsets are UTF-16 units. Both notations are read here rather than by cassis, which keeps an offset it cannot
convert, names no line, and needs the type system that most exports lie apart from; files are written by
cassis. XML with a document type is refused before anything in it is expanded: XMI never has one.

Entities are written as DKPro named entities, stances as `webanno.custom.Stance` over their paragraph, with
tokens and a sentence a paragraph, and what else is known as `webanno.custom.CorpusLine` over the same text.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn
from xml.parsers import expat

from corpus.annotations import native
from corpus.annotations.exchange import (
    Mark,
    Task,
    attach,
    bad,
    content,
    decode_json,
    edges,
    file_name,
    name_of,
    passed_over,
    shown,
    text_of,
    tokens,
)
from corpus.annotations.offsets import Offsets, Span, check
from corpus.errors import CorpusError, UnreadableError
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit

suffixes = (".xmi", ".json")
offset_unit: Unit = "utf16"
task_unit = "document"
by_annotator = True
holds = frozenset({"entity", "stance", "overlap", "carried"})

NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
DOCUMENT = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"  # noqa: S105 - a type's name
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
STANCE = "webanno.custom.Stance"
LINE = "webanno.custom.CorpusLine"
LABEL_FEATURES = ("value", "label", "Label", "name")

_STRUCTURE = {TOKEN, SENTENCE, DOCUMENT, "uima.tcas.DocumentAnnotation"}


@dataclass(frozen=True, slots=True)
class _Feature:
    """A structure with a place: its type, its simple features, its view, and where it stands in the file."""

    type_name: str
    features: dict[str, Any]
    sofa: str
    where: str


@dataclass(frozen=True, slots=True)
class _Cas:
    """The views of a CAS by their ids, each with its text, and the structures on them."""

    texts: dict[str, str]
    features: list[_Feature]


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the views of a CAS with their marks; tokens, sentences and linguistic layers are passed over.

    Raises UnreadableError where the file is neither XMI nor JSON CAS, or declares a document type.
    """
    text = content(path)
    cas = _read_json(text, str(path)) if text.lstrip().startswith("{") else _read_xmi(text, str(path))
    if not cas.texts:
        raise UnreadableError(f"{path}: no view with a text (sofaString); export the CAS with its document")
    skipped: Counter[str] = Counter()
    for sofa, whole in cas.texts.items():
        here = [feature for feature in cas.features if feature.sofa == sofa]
        names = [text_of(f.features, "documentId") for f in here if f.type_name == DOCUMENT]
        carried: list[object] = []
        marks: list[Mark] = []
        for found in _marks(here, Offsets(whole), carried, skipped):
            if isinstance(found, Finding):
                yield found
            else:
                marks.append(found)
        named = next((name for name in names if name), None) or name_of(path.stem)
        yield Task(whole, attach(marks, carried), where=str(path), named=named)
    for what, count in sorted(skipped.items()):
        yield passed_over(str(path), f"{count} marks of {what}: the corpus holds entities and stances")


def _marks(
    features: list[_Feature], offsets: Offsets, carried: list[object], skipped: Counter[str]
) -> Iterator[Mark | Finding]:
    for feature in features:
        if feature.type_name in _STRUCTURE or "begin" not in feature.features:
            continue
        if ".dkpro.core.api." in feature.type_name and feature.type_name != NAMED_ENTITY:
            skipped[f"the linguistic layer {feature.type_name}"] += 1
            continue
        if feature.type_name == LINE:
            carried.append(_carried(feature))
            continue
        place, finding = check(offsets, _span(feature), offset_unit, feature.where)
        if finding:
            yield finding
        if not place:
            continue
        label = next((v for f in LABEL_FEATURES if (v := text_of(feature.features, f))), None)
        if label is None:
            words = shown(offsets.text[place[0] : place[1]])
            message = f"a {feature.type_name} on {words} has no {' or '.join(LABEL_FEATURES)}"
            yield bad(feature.where, message, "label it in the tool")
            continue
        target = text_of(feature.features, "target") if feature.type_name == STANCE else None
        yield Mark(label, (place,), target=target, where=feature.where)


def _carried(feature: _Feature) -> object:
    try:
        return decode_json(str(feature.features.get("line")), feature.where)
    except UnreadableError:
        return None


def _span(feature: _Feature) -> Span:
    return Span(_whole(feature.features.get("begin")), _whole(feature.features.get("end")))


def _whole(number: object) -> object:
    """Give the number that an XML attribute writes; anything else as it is, for the message."""
    simple = isinstance(number, str) and number.isascii() and number.isdecimal() and len(number) < 16
    return int(number) if simple else number  # type: ignore[call-overload]


def _read_json(text: str, where: str) -> _Cas:
    cas = decode_json(text, where)
    rows = cas.get("%FEATURE_STRUCTURES")
    if isinstance(rows, dict):
        rows = [row | {"%ID": key} for key, row in rows.items() if isinstance(row, dict)]
    if not isinstance(rows, list):
        message = f"{where}: keys {shown(sorted(cas))}; expected %FEATURE_STRUCTURES, as in UIMA CAS JSON 0.4"
        raise UnreadableError(f"{message}; export as UIMA CAS JSON")
    texts: dict[str, str] = {}
    features: list[_Feature] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            continue
        if row.get("%TYPE") == "uima.cas.Sofa" and (sofa_text := text_of(row, "sofaString")):
            texts[str(row.get("%ID"))] = sofa_text
        elif "@sofa" in row:
            place = f"{where}: feature structure {row.get('%ID', number)}"
            features.append(_Feature(str(row.get("%TYPE")), row, str(row["@sofa"]), place))
    return _Cas(texts, features)


class _Xmi:
    """Gathers the views and structures of XMI as expat meets them, and refuses what could expand."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.cas = _Cas({}, [])
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_: object) -> NoReturn:
        place = f"{self.where}:{self.parser.CurrentLineNumber}"
        message = (
            "a document type or entity declaration; XMI has none, and one can make a parser read other files"
        )
        raise UnreadableError(f"{place}: {message}; delete it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        uri, _, local = name.rpartition(" ")
        place = f"{self.where}:{self.parser.CurrentLineNumber}"
        if uri == "http:///uima/cas.ecore" and local == "Sofa":
            if attributes.get("sofaString"):
                self.cas.texts[attributes.get("http://www.omg.org/XMI id", "")] = attributes["sofaString"]
        elif "sofa" in attributes and "begin" in attributes:
            package = uri.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
            self.cas.features.append(_Feature(f"{package}.{local}", attributes, attributes["sofa"], place))


def _read_xmi(text: str, where: str) -> _Cas:
    xmi = _Xmi(where)
    try:
        xmi.parser.Parse(text, True)  # noqa: FBT003 - the parser takes it by position only
    except expat.ExpatError as error:
        message = (
            f"{where}:{error.lineno}: not XML: {expat.ErrorString(error.code)} at column {error.offset + 1}"
        )
        raise UnreadableError(f"{message}; export the CAS again") from error
    return xmi.cas


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's documents as XMI in the folder `name`, with their type system beside them.

    Raises CorpusError where dkpro-cassis is not installed.
    """
    return _write(tasks, to / name, "xmi")


def write_json(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write as `write` does, in the JSON notation, which carries its type system inside."""
    return _write(tasks, to / name, "json")


def _write(tasks: Sequence[Task], to: Path, notation: str) -> list[Path]:
    try:
        import cassis  # noqa: F401 - asked for here, so that the message is ours
    except ImportError as error:
        message = "writing UIMA CAS takes dkpro-cassis: pip install 'annotated-corpus[annotate]'"
        raise CorpusError(message) from error
    system = _type_system()
    paths: list[Path] = []
    if notation == "xmi" and tasks:
        paths.append(to / "TypeSystem.xml")
        native.write_whole(paths[0], system.to_xml().encode())
    for task in tasks:
        cas = _cas(task, system)
        written = (
            cas.to_xmi() if notation == "xmi" else json.dumps(json.loads(cas.to_json()), ensure_ascii=True)
        )
        path = to / f"{file_name(task.document_id or task.where)}.{notation}"
        native.write_whole(path, written.encode())
        paths.append(path)
    return paths


def _type_system() -> Any:  # noqa: ANN401 - cassis is untyped here
    from cassis import TypeSystem

    system = TypeSystem()
    annotation, string = "uima.tcas.Annotation", "uima.cas.String"
    for name, parent, features in (
        (DOCUMENT, "uima.tcas.DocumentAnnotation", ("documentId", "documentTitle")),
        (SENTENCE, annotation, ()),
        (TOKEN, annotation, ()),
        (NAMED_ENTITY, annotation, ("value", "identifier")),
        (STANCE, annotation, ("value", "target")),
        (LINE, annotation, ("line",)),
    ):
        made = system.create_type(name, parent)
        for feature in features:
            system.create_feature(made, feature, string)
    return system


def _cas(task: Task, system: Any) -> Any:  # noqa: ANN401 - cassis is untyped here
    from cassis import Cas

    text = task.text or ""
    cas = Cas(typesystem=system)
    cas.sofa_string, cas.sofa_mime = text, "text/plain"

    def add(name: str, start: int, end: int, **features: str | None) -> None:
        cas.add(system.get_type(name)(begin=start, end=end, **features))

    add(DOCUMENT, 0, len(text), language="x-unspecified", documentId=task.document_id)
    at = 0
    for line in text.split("\n"):
        add(SENTENCE, at, at + len(line))
        at += len(line) + 1
    for start, end in tokens(text, edges(task.marks)):
        add(TOKEN, start, end)
    for mark in task.marks:
        start, end = mark.pieces[0][0], mark.pieces[-1][1]
        if mark.target is None:
            add(NAMED_ENTITY, start, end, value=mark.label)
        else:
            add(STANCE, start, end, value=mark.label, target=mark.target)
        add(LINE, start, end, line=json.dumps(mark.carried, ensure_ascii=True))
    return cas
