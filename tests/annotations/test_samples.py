"""Real exports of each tool: every file imports, or is refused for a stated reason."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pytest

from corpus.annotations import Given, format_named, import_
from corpus.errors import UnreadableError
from corpus.records import Document, Encoding, Finding, Metadata, Paragraph, Segment

SHARED = Path(__file__).resolve().parents[3] / "shared" / "annotations"
FOLDERS = {
    "argilla": "labelstudio",
    "brat_en": "brat",
    "brat_zh": "brat",
    "cassis": "cas",
    "doccano": "doccano",
    "inception": "webanno",
    "labelstudio": "labelstudio",
    "prodigy": "prodigy",
    "spacy": "spacy",
    "w3c": "w3c",
    "webanno_tsv": "webanno",
}
PATHS = sorted(p for p in (SHARED / "samples").rglob("*") if p.is_file()) if SHARED.is_dir() else []

needs_shared = pytest.mark.skipif(not PATHS, reason="the samples are not beside this checkout")


def format_of(path):
    by_suffix = {".xmi": "cas", ".conll": "conll", ".tsv": None, ".spacy": "spacy"}
    if path.parent.name == "spacy" and path.suffix == ".jsonl":
        return "prodigy"
    return by_suffix.get(path.suffix) or FOLDERS.get(path.parent.name, "labelstudio")


def as_documents(tasks):
    """The texts of an export as documents, so that its marks have somewhere to go."""
    for task in tasks:
        if isinstance(task, Finding) or task.text is None:
            continue
        digest = hashlib.sha256(task.text.encode()).hexdigest()
        identity = task.document_id or digest[:12]
        whole = (Segment(0, len(task.text), 0, len(task.text)),)
        paragraph = Paragraph(f"{identity}#p-{digest[:8]}", 0, "paragraph", task.text, whole)
        encoding = Encoding("utf-8", "given")
        yield Document(identity, "x", digest, "text", task.text, encoding, Metadata(), (paragraph,), ())


@needs_shared
@pytest.mark.parametrize("path", PATHS, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_a_sample_imports_or_is_refused_for_a_stated_reason(path):
    name = format_of(path)
    if name == "spacy":
        pytest.importorskip("spacy")
    documents = []
    if path.suffix in format_named(name).suffixes:
        with contextlib.suppress(UnreadableError):  # import_ refuses it too, and says why
            documents = list(as_documents(format_named(name).read(path)))
    made, findings = import_(name, [path], documents, Given("me", target="x"))
    texts = {d.document_id: d.raw for d in documents}
    assert all(texts[a.document_id][a.raw_start : a.raw_end] == a.exact for a in made)
    assert all(str(path) in f.where and f.message for f in findings)
    assert made or findings or "curator" in path.name  # the curator marked nothing


@needs_shared
def test_label_studio_posted_in_either_unit_gives_the_same_places():
    path = SHARED / "samples" / "labelstudio" / "live_v1.23.2_JSON.json"
    documents = list(as_documents(format_named("labelstudio").read(path)))
    made, findings = import_("labelstudio", [path], documents)
    assert sorted(a.exact for a in made if a.layer == "entity") == ["古特雷斯", "ＡＢＣ公司", "𠮷野家"]
    assert sum(f.check == "import-repaired" for f in findings) == 2
    assert sum(a.layer == "stance" for a in made) == 6


@needs_shared
def test_label_studio_conll_is_refused_because_its_tokens_are_sentences():
    path = SHARED / "samples" / "labelstudio" / "live_v1.23.2_CONLL2003.conll"
    made, (finding,) = import_("conll", [path], [])
    assert made == []
    assert "is a sentence" in finding.message


@needs_shared
def test_lines_of_brat_that_disagree_with_their_text_are_named_and_the_rest_imported():
    read = format_named("brat").read
    named = marks = pieces = 0
    for path in sorted((SHARED / "zh_literature_brat").glob("*.ann")):
        for found in read(path):
            if isinstance(found, Finding):
                named += "the export says" in found.message
            else:
                marks += len(found.marks)
                pieces += sum(len(mark.pieces) > 1 for mark in found.marks)
    assert (marks, named, pieces) == (20968, 173, 0)  # every one of its 499 gaps is a line end
