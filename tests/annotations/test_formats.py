"""Each format's module: what it declares, and round trips of texts and marks nobody chose."""

from __future__ import annotations

import importlib
import json
import pkgutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import annotations as package
from corpus.annotations import FORMATS, Given, export, format_named, import_, native
from corpus.annotations.offsets import NAMES
from corpus.records import Finding

OTHERS = {"native", "exchange", "offsets", "shelf", "placing"}
"""Modules of the folder that are no format of another tool."""

DOCS = Path(__file__).resolve().parents[2] / "docs" / "annotations.md"


def test_every_module_of_the_folder_is_a_format_or_known_to_be_none():
    found = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert found == OTHERS | set(FORMATS.values())


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_keeps_the_contract(name):
    module = format_named(name)
    plain = importlib.import_module(f"corpus.annotations.{FORMATS[name]}")
    assert plain.__doc__
    assert module.suffixes
    assert all(suffix.startswith(".") for suffix in module.suffixes)
    assert module.offset_unit in NAMES
    assert module.task_unit in {"document", "paragraph"}
    assert module.holds <= {"entity", "stance", "overlap", "discontinuity", "control", "carried"}
    assert "entity" in module.holds
    assert module.read.__doc__
    assert module.write.__doc__


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_documented_under_its_name(name):
    assert f"### `{name}`" in DOCS.read_text("utf-8")


letters = st.sampled_from("甲乙丙丁abc12😀𠮷é́ \u3000\t-_|*;[]\\#&<>\"'%。，=:{}\u2028\x85\xa0\u200d")
texts = st.lists(
    st.text(letters, min_size=1, max_size=25).filter(lambda t: t.strip()), min_size=1, max_size=3
)
labels = st.sampled_from(["ORG", "PER.NOM", "地点", "A_B", "x|y", "*", "_", "a b", "100%", "[3]", "->"])
cuts = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 24), st.integers(1, 9), labels), max_size=5)


@pytest.mark.parametrize("name", [n for n in FORMATS if n != "spacy"])
@given(st.tuples(texts, cuts))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_and_marks_come_back(name, tmp_path_factory, make_document, make_annotation, chosen):
    pytest.importorskip("cassis")
    texts, cuts = chosen
    document = make_document("river/one", *texts)
    made = {}
    for paragraph, start, length, label in cuts:
        text = texts[paragraph % len(texts)]
        exact = text[start % len(text) :][:length]
        row = make_annotation(document, paragraph % len(texts), exact, label)
        if exact.strip() == exact:
            made[row.annotation_id] = row
    rows = list(made.values())
    to = tmp_path_factory.mktemp(name)
    paths, lost = export(name, [document], rows, to)
    back, findings = import_(name, paths, [document], Given("a1", created_at="2030-01-01T00:00:00Z"))
    assert [f for f in findings if f.level == "error"] == []
    if "carried" in format_named(name).holds:
        assert sorted(map(native.line, back)) == sorted(map(native.line, rows))
    else:
        left = sum("one label a token" in f.message for f in lost)
        assert {a.annotation_id for a in back} <= {a.annotation_id for a in rows}
        assert len(back) == len(rows) - left


def test_a_carriage_return_in_a_paragraph_survives(make_document, make_annotation, tmp_path):
    pytest.importorskip("cassis")
    document = make_document("river/one", "甲\r乙公司")
    row = make_annotation(document, 0, "甲\r乙")
    for name in ("brat", "webanno", "cas", "cas-json", "labelstudio"):
        paths, _ = export(name, [document], [row], tmp_path / name)
        (back,), _ = import_(name, paths, [document], Given("a1"))
        assert back == replace(row, where=back.where) or name == "webanno"
        assert (back.exact, back.note) == ("甲\r乙", None)


def test_control_characters_that_xml_cannot_hold_are_named_and_the_lines_survive(
    make_document, make_annotation, tmp_path
):
    pytest.importorskip("cassis")
    document = make_document("river/one", "甲\x0b乙公司")
    row = make_annotation(document, 0, "乙公司")
    paths, (lost,) = export("cas", [document], [row], tmp_path)
    assert "1 control characters" in lost.message
    (back,), findings = import_("cas", paths[1:], [document])
    assert back == replace(row, where=back.where)
    assert [f.check for f in findings] == ["import-edited"]


def test_cassis_reads_what_is_written_and_sees_the_same_places(documents, annotations, tmp_path):
    cassis = pytest.importorskip("cassis")
    paths, _ = export("cas", documents, annotations, tmp_path)
    expected = {a.exact for a in annotations if a.layer == "entity"}
    found = set()
    for path in (p for p in paths if p.suffix == ".xmi"):
        with (path.parent / "TypeSystem.xml").open("rb") as stream:
            system = cassis.load_typesystem(stream)
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("error")
            cas = cassis.load_cas_from_xmi(stream, typesystem=system)
        found |= {
            cas.sofa_string[mark.begin : mark.end]
            for mark in cas.select("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity")
        }
    assert found == expected


def test_utf16_is_written_where_the_format_counts_it(documents, annotations, tmp_path):
    (path,), _ = export("labelstudio", documents, annotations[:1], tmp_path / "ls")
    result = json.loads(path.read_text("utf-8"))[0]["annotations"][0]["result"][0]
    assert (result["value"]["start"], result["value"]["end"]) == (2, 7)
    paths, _ = export("brat", documents, annotations[:1], tmp_path / "brat")
    assert "T1\tORG 1 6\t晨星半导体" in paths[1].read_text("utf-8")
    (path, *_), _ = export("webanno", documents, annotations[:1], tmp_path / "tsv")
    assert "\n1-1\t0-2\t😀\t_\t_\t\n1-2\t2-3\t晨\t" in path.read_text("utf-8")


def test_brat_shows_a_discontinuous_mention_in_its_pieces(documents, annotations, tmp_path):
    paths, lost = export("brat", documents, annotations[5:6], tmp_path)
    assert lost == []
    assert "T1\tPART 1 3;7 8\t晨星 A\n" in paths[1].read_text("utf-8")


def test_a_discontinuous_mention_of_a_foreign_file_keeps_its_pieces(documents, tmp_path):
    (tmp_path / "x.txt").write_bytes(documents[1].text.encode())
    (tmp_path / "x.ann").write_text("T1\tORG 4 8;9 12\tfirm A&B\n#1\tAnnotatorNotes T1\tboth\n", "utf-8")
    ((made,), findings) = import_("brat", [tmp_path], documents, Given("a1"))
    assert findings == []
    assert made.exact == "firm A&B"
    assert native.parts(made) == ((0, 4), (5, 8))
    assert native.note_without_parts(made.note) == "both"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("甲\tB-A\n乙\tI-A\n丙\tB-A\n", ["甲乙", "丙"]),
        ("甲\tI-A\n乙\tI-A\n丙\tI-B\n", ["甲乙", "丙"]),
        ("甲\tS-A\n乙\tB-A\n丙\tE-A\n", ["甲", "乙丙"]),
        ("甲\tU-A\n乙\tB-A\n丙\tL-A\n", ["甲", "乙丙"]),
        ("-DOCSTART- -X- O\n\n甲 NN B-A\n乙 NN O\n丙 NN O", ["甲"]),
    ],
)
def test_conll_dialects(body, expected, make_document, tmp_path):
    (tmp_path / "x.conll").write_text(body, "utf-8")
    made, findings = import_("conll", [tmp_path / "x.conll"], [make_document("d", "甲乙丙")], Given("a1"))
    assert [a.exact for a in made] == expected
    assert all(f.level == "note" for f in findings)


def test_w3c_places_by_quote_where_a_browser_counted_utf16(documents, tmp_path):
    target = {
        "source": "https://harbour.example/1",
        "selector": [
            {"type": "TextQuoteSelector", "exact": "𠮷野市"},
            {"type": "TextPositionSelector", "start": 13, "end": 17},
        ],
    }
    row = {"type": "Annotation", "bodyValue": "LOC", "creator": "a7", "target": target}
    (tmp_path / "x.json").write_text(json.dumps(row), "utf-8")
    ((made,), (finding,)) = import_("w3c", [tmp_path / "x.json"], documents)
    assert (made.exact, made.annotator) == ("𠮷野市", "a7")
    assert "UTF-16" in finding.message


def test_prodigy_answers_that_are_no_judgement_are_counted(documents, tmp_path):
    text = documents[1].paragraphs[0].text
    span = {"start": 9, "end": 12, "label": "ORG", "text": "A&B"}
    rows = [
        {"text": text, "spans": [span], "answer": "reject"},
        {"text": text, "spans": [span], "answer": "ignore"},
        {"text": text, "spans": [span], "answer": "accept", "_annotator_id": "eve", "_timestamp": 1633931094},
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ((made,), findings) = import_("prodigy", [tmp_path / "x.jsonl"], documents)
    assert (made.annotator, made.created_at) == ("eve", "2021-10-11T05:44:54Z")
    assert sorted(f.message.split(":")[0] for f in findings) == [
        "1 tasks answered 'ignore'",
        "1 tasks answered 'reject'",
    ]


def test_reading_gives_tasks_and_findings_only(documents, annotations, tmp_path):
    for name in set(FORMATS) - {"spacy", "cas", "cas-json"}:
        paths, _ = export(name, documents, annotations, tmp_path / name)
        module = format_named(name)
        for path in paths:
            if path.suffix in module.suffixes:
                for found in module.read(path):
                    assert isinstance(found, Finding) or found.text is None or isinstance(found.text, str)


def test_label_studio_results_that_are_no_labels_on_text_are_named(documents, tmp_path):
    text = documents[1].paragraphs[0].text
    results = [
        {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"},
        {"type": "textarea", "value": {"text": ["a remark"]}},
        {"type": "labels", "value": {"start": 4, "end": 8, "text": "firm", "labels": ["ORG", "PER"]}},
    ]
    skipped = {"was_cancelled": True, "result": results}
    made = {"completed_by": {"id": 3, "email": "eve@x.example"}, "result": results}
    task = {"id": 1, "data": {"text": text}, "annotations": [skipped, made]}
    (tmp_path / "x.json").write_text(json.dumps([task]), "utf-8")
    found, findings = import_("labelstudio", [tmp_path / "x.json"], documents)
    assert sorted((a.label, a.annotator) for a in found) == [
        ("ORG", "eve@x.example"),
        ("PER", "eve@x.example"),
    ]
    assert [f.level for f in findings] == ["note", "note", "note"]
