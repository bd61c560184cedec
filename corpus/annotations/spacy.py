"""spaCy DocBin (`.spacy`): token-based documents with entities, span groups and categories.

spaCy counts tokens and code points. It is an extra that is not installed by default. A paragraph is a Doc;
its entities are all in the span group `corpus`, and in `ents` as far as they do not overlap; a stance is a
category of a Doc of its own. What spaCy has no field for travels in `user_data`.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from corpus.annotations import native
from corpus.annotations.exchange import (
    LARGEST_FILE,
    Mark,
    Task,
    attach,
    decode_json,
    edges,
    shown,
    text_of,
    tokens,
)
from corpus.errors import CorpusError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from corpus.annotations.offsets import Unit
    from corpus.records import Finding

suffixes = (".spacy",)
offset_unit: Unit = "code_point"
task_unit = "paragraph"
by_annotator = True
holds = frozenset({"control", "entity", "stance", "overlap", "carried"})

GROUP = "corpus"


def read(path: Path) -> Iterator[Task | Finding]:
    """Yield the documents of a DocBin with their spans and categories.

    Raises CorpusError where spaCy is not installed, UnreadableError where the file is no DocBin.
    """
    docs = _docs(path)
    for number, doc in enumerate(docs, 1):
        where = f"{path}: document {number}"
        known: dict[str, Any] = (
            dict(doc.user_data.get("corpus", {})) if isinstance(doc.user_data, dict) else {}
        )
        spans = doc.spans[GROUP] if GROUP in doc.spans else [*doc.ents, *_grouped(doc)]
        found = dict.fromkeys((span.label_, span.start_char, span.end_char) for span in spans)
        marks = [Mark(label, ((a, b),), doc.text[a:b], where=where) for label, a, b in found if a < b]
        marks += [Mark(label, where=where) for label, score in doc.cats.items() if score >= 0.5]
        ids = text_of(known, "document_id"), text_of(known, "paragraph_id"), text_of(known, "target")
        annotator = text_of(known, "annotator")
        yield Task(doc.text, attach(marks, _carried(known, where)), *ids, where=where, annotator=annotator)


def _carried(known: dict[str, Any], where: str) -> object:
    try:
        return decode_json(text_of(known, "lines") or "[]", where)
    except UnreadableError:
        return None


def _grouped(doc: Any) -> Iterator[Any]:  # noqa: ANN401 - spaCy is not installed where types are checked
    for group in doc.spans.values():
        yield from group


def _docs(path: Path) -> list[Any]:
    spacy = _spacy()
    try:
        body = path.read_bytes()
        _refuse_bomb(body, path)
        binary = spacy.tokens.DocBin(store_user_data=True).from_bytes(body)
        return list(binary.get_docs(spacy.blank("xx").vocab))
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnreadableError:
        raise
    except Exception as error:  # any: spaCy checks nothing, and raises what its readers raise
        message = f"{path}: not a spaCy DocBin: {shown(str(error))}; write it by DocBin.to_disk"
        raise UnreadableError(message) from error


def _refuse_bomb(body: bytes, path: Path) -> None:
    unpacking = zlib.decompressobj()
    unpacking.decompress(body, LARGEST_FILE)
    if unpacking.unconsumed_tail:
        raise UnreadableError(f"{path}: unpacks to more than {LARGEST_FILE} bytes; split it")


def _spacy() -> Any:  # noqa: ANN401 - spaCy is not installed where types are checked
    try:
        import spacy
        import spacy.tokens
    except ImportError as error:
        raise CorpusError("spaCy files take spaCy: pip install 'annotated-corpus[spacy]'") from error
    return spacy


def write(tasks: Sequence[Task], to: Path, name: str) -> list[Path]:
    """Write one annotator's tasks as `name.spacy`. Raises CorpusError where spaCy is not installed."""
    spacy = _spacy()
    vocab = spacy.blank("xx").vocab
    binary = spacy.tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for task in tasks:
        binary.add(_doc(task, spacy, vocab))
    path = to / f"{name}.spacy"
    native.write_whole(path, binary.to_bytes())
    return [path]


def _doc(task: Task, spacy: Any, vocab: Any) -> Any:  # noqa: ANN401 - spaCy is not installed where types are checked
    words, spaces = _words(task.text or "", edges(task.marks))
    doc = spacy.tokens.Doc(vocab, words=words, spaces=spaces)
    spans = [doc.char_span(m.pieces[0][0], m.pieces[-1][1], label=m.label) for m in task.marks if m.pieces]
    doc.spans[GROUP] = spans
    doc.set_ents(spacy.util.filter_spans(spans))
    doc.cats = {mark.label: 1.0 for mark in task.marks if not mark.pieces}
    known = {
        "document_id": task.document_id,
        "paragraph_id": task.paragraph_id,
        "target": task.target,
        "annotator": task.annotator,
        "lines": json.dumps([mark.carried for mark in task.marks], ensure_ascii=True),
    }
    doc.user_data["corpus"] = known
    return doc


def _words(text: str, cuts: list[int]) -> tuple[list[str], list[bool]]:
    """Cut a text so that words and spaces give it back: one space follows a word, other spaces are words."""
    words: list[str] = []
    spaces: list[bool] = []
    at = 0
    for start, end in (*tokens(text, cuts), (len(text), len(text))):
        if start > at:
            gap = text[at:start]
            if words and gap.startswith(" "):
                spaces[-1], gap = True, gap[1:]
            if gap:
                words.append(gap)
                spaces.append(False)
        if end > start:
            words.append(text[start:end])
            spaces.append(False)
        at = end
    return words, spaces
