"""Out to every tool's format and back: the same annotations, or a finding for each thing not held."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from corpus.annotations import FORMATS, Given, add, export, format_named, import_, load, native
from corpus.annotations.exchange import shown
from corpus.errors import CorpusError, ProjectError
from corpus.records import Anchor

NEEDS = {"spacy": "spacy", "cas": "cassis", "cas-json": "cassis"}
GIVEN = Given(guideline="9.9", created_at="2030-01-01T00:00:00Z")


@pytest.fixture(params=FORMATS)
def name(request):
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param])
    return request.param


def said(annotations):
    return sorted(native.annotation_id(a) for a in annotations)


def lines(annotations):
    return sorted(native.line(a) for a in annotations)


def test_what_a_format_holds_comes_back_as_it_went_out(name, documents, annotations, tmp_path):
    paths, lost = export(name, documents, annotations, tmp_path)
    back, findings = import_(name, paths, documents, GIVEN)
    assert [f for f in findings if f.level == "error"] == []
    if "carried" in format_named(name).holds:
        assert lost == []
        assert lines(back) == lines(annotations)
        return
    kept = [replace(a, note=None) for a in annotations]
    named = "\n".join(f.message for f in lost)
    unheld = [a for a in kept if native.annotation_id(a) not in said(back)]
    assert all(shown(a.exact) in named for a in unheld)
    assert set(said(back)) <= set(said(kept))
    assert "holds no guideline, time and note" in named


def test_a_document_nobody_annotated_is_exported_too(name, documents, tmp_path):
    paths, lost = export(name, documents, [], tmp_path)
    assert lost == []
    assert paths
    back, findings = import_(name, paths, documents, GIVEN)
    assert (back, [f for f in findings if f.level == "error"]) == ([], [])


def test_exporting_twice_writes_the_same_bytes(name, documents, annotations, tmp_path):
    first, _ = export(name, documents, annotations, tmp_path / "1")
    second, _ = export(name, documents, reversed(annotations), tmp_path / "2")
    if name != "spacy":  # spaCy writes its string store in the order of a hash
        assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_importing_twice_changes_nothing(name, documents, annotations, tmp_path):
    paths, _ = export(name, documents, annotations, tmp_path / "out")
    back, _ = import_(name, paths, documents, GIVEN)
    assert len(add(tmp_path, back).new) == len(back) > 0
    before = {p: p.read_bytes() for p in (tmp_path / "annotations").rglob("*.jsonl")}
    again, _ = import_(name, paths, documents, Given(guideline="2", created_at="2031-01-01T00:00:00Z"))
    assert add(tmp_path, again).new == []
    assert {p: p.read_bytes() for p in (tmp_path / "annotations").rglob("*.jsonl")} == before


def test_what_a_format_does_not_hold_does_not_replace_what_is_there(documents, annotations, tmp_path):
    add(tmp_path, annotations)
    there = load(tmp_path)[0]
    paths, _ = export("conll", documents, annotations, tmp_path / "out")
    back, _ = import_("conll", paths, documents, GIVEN)
    assert add(tmp_path, back).new == []
    assert load(tmp_path)[0] == there


def test_iob2_keeps_the_longest_of_overlapping_mentions_and_names_the_rest(documents, annotations, tmp_path):
    paths, lost = export("conll", documents, annotations, tmp_path)
    back, _ = import_("conll", paths, documents, GIVEN)
    assert "GROUP" in {a.label for a in back}
    assert "PART" not in {a.label for a in back}
    assert any("PART" in f.message and "one label a token" in f.message for f in lost)


def test_an_orphan_is_named_and_not_exported(name, documents, annotations, tmp_path, make_annotation):
    orphan = make_annotation(documents[0], 0, "出口", where="annotations/entity/a1.jsonl:7")
    orphan = replace(orphan, exact="进口", annotation_id="lost")
    paths, lost = export(name, documents, [orphan, replace(annotations[0], document_id="gone")], tmp_path)
    assert sorted(f.where for f in lost if "was not exported" in f.message) == ["", orphan.where]
    assert import_(name, paths, documents, GIVEN)[0] == []


def test_a_mark_made_in_the_tool_becomes_an_annotation_of_its_own(documents, annotations, tmp_path):
    (path,), _ = export("labelstudio", documents, annotations, tmp_path)
    rows = json.loads(path.read_text("utf-8"))
    value = {"start": 2, "end": 4, "text": "晨星", "labels": ["NEW"]}
    result = {"from_name": "label", "to_name": "text", "type": "labels", "value": value}
    made = {"result": [result], "completed_by": 7, "created_at": "2026-11-22T00:00:00Z"}
    rows[0]["annotations"].append(made)
    path.write_text(json.dumps(rows), "utf-8")
    back, findings = import_("labelstudio", [path], documents, Given(guideline="1.2"))
    (new,) = [a for a in back if a.label == "NEW"]
    assert findings == []
    assert (new.exact, new.annotator, new.guideline, new.created_at) == (
        "晨星",
        "7",
        "1.2",
        made["created_at"],
    )
    assert documents[0].raw[new.raw_start : new.raw_end] == "晨星"
    assert len(back) == len(annotations) + 1


def test_a_mark_moved_in_the_tool_is_not_the_one_it_was(documents, annotations, tmp_path):
    (path,), _ = export("labelstudio", documents, annotations[:1], tmp_path)
    rows = json.loads(path.read_text("utf-8"))
    result = rows[0]["annotations"][0]["result"][0]
    result["value"] |= {"start": 2, "end": 4, "text": "晨星"}
    path.write_text(json.dumps(rows), "utf-8")
    ((moved,), findings) = import_("labelstudio", [path], documents, Given("a9"))
    assert findings == []
    assert (moved.exact, moved.annotator) == ("晨星", "a9")
    assert moved.annotation_id != annotations[0].annotation_id


def test_a_forged_line_beside_a_mark_is_not_believed(documents, annotations, tmp_path):
    (path,), _ = export("labelstudio", documents, annotations[:1], tmp_path)
    for forged in (
        {"annotator": "../../x"},
        {"label": "X"},
        {"document_id": "elsewhere"},
        {"raw": {"sha256": "x", "start": -1, "end": 0}},
        {"more": 1},
    ):
        rows = json.loads(path.read_text("utf-8"))
        rows[0]["annotations"][0]["result"][0]["meta"]["corpus"]["line"] |= forged
        (tmp_path / "forged.json").write_text(json.dumps(rows), "utf-8")
        (made,), _ = import_("labelstudio", [tmp_path / "forged.json"], documents, Given("a1"))
        assert made.label == "ORG"
        assert made.guideline == "unknown"
        assert (made.document_id, made.raw_start) == (annotations[0].document_id, annotations[0].raw_start)


def test_a_page_cleaned_again_meanwhile_keeps_the_lines_it_was_exported_with(
    documents, annotations, tmp_path, make_document
):
    (path,), _ = export("labelstudio", documents, annotations, tmp_path)
    later = [make_document(documents[0].document_id, "晨星半导体。"), documents[1]]
    back, findings = import_("labelstudio", [path], later, GIVEN)
    assert lines(back) == lines(annotations)
    assert {f.check for f in findings} == {"import-edited"}


def test_a_new_mark_on_a_page_cleaned_again_meanwhile_keeps_its_quote(documents, tmp_path):
    row = {"text": "晨星半导体\n停产。", "label": [[0, 5, "ORG"]], "document_id": documents[0].document_id}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    (made,), (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert (made.exact, made.suffix) == ("晨星半导体", "\n停产。")
    assert made.raw_sha256 != documents[0].raw_sha256
    assert finding.check == "import-edited"


def test_a_text_that_differs_in_white_space_only_is_the_same_text(documents, tmp_path):
    row = {"text": "The firm A&B  shipped\n3 chips to Eastmark.", "label": [[9, 12, "ORG"], [14, 29, "X"]]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, findings = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert findings == []
    assert [a.exact for a in made] == ["A&B", "shipped 3 chips"]


def test_a_text_that_stands_twice_is_not_guessed(documents, tmp_path):
    row = {"text": "同一段。", "label": [[0, 2, "ORG"]]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert made == []
    assert "stands 3 times in the corpus" in finding.message
    assert "1 marks were not imported" in finding.message


def test_a_text_that_is_no_document_is_refused(documents, tmp_path):
    row = {"text": "无此文。", "label": [[0, 1, "ORG"]]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert made == []
    assert "is no paragraph and no document" in finding.message
    assert finding.where == f"{tmp_path / 'x.jsonl'}: record 1"


def test_a_mark_across_paragraphs_is_named(documents, tmp_path):
    text = documents[1].text
    (tmp_path / "x.txt").write_bytes(text.encode())
    place = text.index("Eastmark")
    (tmp_path / "x.ann").write_text(
        f"T1\tX {place} {place + 11}\t{text[place : place + 11]}\n".replace("\n同", " 同"), "utf-8"
    )
    made, (finding,) = import_("brat", [tmp_path / "x.ann"], documents, Given("a1"))
    assert made == []
    assert "not inside one paragraph" in finding.message


def test_without_an_annotator_nothing_is_imported(documents, tmp_path):
    row = {"text": documents[1].paragraphs[0].text, "label": [[4, 8, "ORG"]]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given())
    assert made == []
    assert "does not say who" in finding.message
    assert "--annotator" in finding.hint


def test_a_label_of_a_text_needs_a_target(documents, tmp_path):
    row = {"text": documents[1].paragraphs[0].text, "label": ["favor"]}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert (made, "names no target" in finding.message) == ([], True)
    (made,), _ = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1", target="Eastmark"))
    assert (made.layer, made.target, made.exact) == ("stance", "Eastmark", row["text"])


def test_one_layer_can_be_imported_alone(documents, annotations, tmp_path):
    paths, _ = export("labelstudio", documents, annotations, tmp_path)
    back, findings = import_("labelstudio", paths, documents, GIVEN._replace(layer="stance"))
    assert {a.layer for a in back} == {"stance"}
    assert {f.level for f in findings} == {"note"}


def test_adding_to_a_file_with_a_bad_line_is_refused_and_changes_nothing(annotations, tmp_path):
    add(tmp_path, annotations)
    path = tmp_path / "annotations" / "entity" / "a1.jsonl"
    path.write_bytes(path.read_bytes() + b"{broken\n")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="the line would be lost"):
        add(tmp_path, [replace(annotations[0], label="NEW", annotation_id="new")])
    assert path.read_bytes() == before


def test_an_id_taken_by_another_judgement_is_replaced(annotations, tmp_path):
    add(tmp_path, annotations[:1])
    other = replace(annotations[0], label="PER")
    ((new,), present) = add(tmp_path, [other, annotations[0]])
    assert new.annotation_id == native.annotation_id(other)
    assert present == [annotations[0]]


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(CorpusError, match="no format 'excel'; known are labelstudio, doccano"):
        import_("excel", [], [])


def test_files_of_another_kind_and_missing_files_are_named(documents, tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"")
    made, findings = import_("brat", [tmp_path / "x.pdf", tmp_path / "gone.ann"], documents)
    assert made == []
    assert "expected .ann" in findings[0].message
    assert [f.level for f in findings] == ["warning", "error"]


def test_an_annotation_that_stands_elsewhere_today_is_exported_there_and_its_line_comes_back(
    name, documents, tmp_path, make_annotation, make_document
):
    old = make_document(documents[0].document_id, "晨星半导体公司停产。")
    entity = make_annotation(old, 0, "晨星半导体公司", note=native.note_with_parts(None, [(0, 2), (5, 7)]))
    stance = make_annotation(old, 0, "晨星半导体公司停产。", "none", target="芯片", annotation_id="s")
    anchors = {
        entity.annotation_id: Anchor(0, 1, 6, "fuzzy", 0.9),
        "s": Anchor(0, 0, len(documents[0].paragraphs[0].text), "fuzzy", 0.8),
    }
    paths, lost = export(name, documents, [entity, stance], tmp_path, anchors)
    back, findings = import_(name, paths, documents, GIVEN._replace(annotator="a1"))
    assert [f for f in findings if f.level == "error"] == []
    if "carried" in format_named(name).holds:
        assert lost == []
        assert lines(back) == lines([entity, stance])
    else:
        assert "晨星半导体" in {a.exact for a in back}


def test_an_annotator_whose_name_cannot_be_a_files_name_is_refused_or_renamed(documents, tmp_path):
    row = {"text": documents[1].paragraphs[0].text, "label": [[4, 8, "ORG"]], "annotator": "../../etc"}
    (tmp_path / "x.jsonl").write_text(json.dumps(row), "utf-8")
    made, (finding,) = import_("doccano", [tmp_path / "x.jsonl"], documents, Given())
    assert (made, "cannot be a file's name" in finding.message) == ([], True)
    (made,), _ = import_("doccano", [tmp_path / "x.jsonl"], documents, Given("a1"))
    assert made.annotator == "a1"
