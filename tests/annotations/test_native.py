"""The corpus's own lines: strict reading, canonical writing."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.annotations import load, native
from corpus.errors import ProjectError, UnreadableError
from corpus.records import Annotation, Finding

LINE = {
    "id": "e1",
    "document_id": "harbour-daily/chips",
    "layer": "entity",
    "label": "ORG",
    "target": None,
    "quote": {"exact": "晨星半导体", "prefix": "昨日，", "suffix": "宣布停产。"},
    "raw": {"sha256": "ab" * 32, "start": 123, "end": 128},
    "annotator": "a1",
    "guideline": "1.0",
    "created_at": "2026-11-21T08:00:00Z",
    "note": None,
}


def project(tmp_path, *lines, layer="entity", annotator="a1"):
    path = tmp_path / "annotations" / layer / f"{annotator}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines) + b"\n")
    return path


def without(key):
    return {k: v for k, v in LINE.items() if k != key}


def test_a_good_line_becomes_an_annotation_that_knows_its_place(tmp_path):
    project(tmp_path, LINE)
    (annotation,), findings = load(tmp_path)
    assert findings == []
    assert annotation.exact == "晨星半导体"
    assert (annotation.raw_start, annotation.raw_end) == (123, 128)
    assert annotation.where == "annotations/entity/a1.jsonl:1"


def test_a_document_id_in_another_unicode_form_is_the_page_s_own(tmp_path):
    project(tmp_path, LINE | {"document_id": "cafe\u0301/one"})
    (annotation,), findings = load(tmp_path)
    assert (annotation.document_id, findings) == ("caf\u00e9/one", [])


def test_no_annotations_folder_is_no_annotations(tmp_path):
    assert load(tmp_path) == ([], [])


BAD = {
    "not JSON": (b'{"id": "e1"', "annotation-json", "expected one JSON object"),
    "a list": ([1], "annotation-kind", "a list; expected an object"),
    "not UTF-8": (b'{"id": "\xb3\xff"}', "annotation-encoding", "b3 ff"),
    "CESU-8": (b'{"id": "\xed\xa0\xbd\xed\xb8\x80"}', "annotation-encoding", "CESU-8"),
    "half a surrogate pair": (LINE | {"label": "\ud83d"}, "annotation-encoding", "surrogate"),
    "NaN": (json.dumps(LINE).replace("123", "NaN").encode(), "annotation-json", "NaN"),
    "a key twice": (b'{"id": "a", "id": "b"}', "annotation-key", "'id' stands twice"),
    "missing key": (without("label"), "annotation-key", "lacks label"),
    "missing quote": (without("quote"), "annotation-key", "lacks quote"),
    "unknown key": (LINE | {"lable": "x"}, "annotation-key", "unknown key 'lable'"),
    "unknown raw key": (LINE | {"raw": LINE["raw"] | {"len": 5}}, "annotation-key", "'len'"),
    "quote not an object": (LINE | {"quote": "x"}, "annotation-kind", "quote is a string"),
    "empty quote": (LINE | {"quote": {"exact": ""}}, "annotation-kind", "exact is empty"),
    "label a number": (LINE | {"label": 3}, "annotation-kind", "label is the number 3"),
    "id true": (LINE | {"id": True}, "annotation-kind", "id is a truth value"),
    "offset true": (LINE | {"raw": LINE["raw"] | {"start": True}}, "annotation-kind", "raw.start"),
    "offset a float": (LINE | {"raw": LINE["raw"] | {"end": 128.0}}, "annotation-kind", "128.0"),
    "offset negative": (LINE | {"raw": LINE["raw"] | {"start": -1}}, "annotation-place", "-1"),
    "offset enormous": (LINE | {"raw": LINE["raw"] | {"end": 10**30}}, "annotation-place", "raw.end"),
    "offset of too many digits": (b'{"id": ' + b"9" * 5000 + b"}", "annotation-json", "too long"),
    "offsets reversed": (
        LINE | {"raw": LINE["raw"] | {"start": 200}},
        "annotation-place",
        "start before end",
    ),
    "offsets equal": (LINE | {"raw": LINE["raw"] | {"start": 128}}, "annotation-place", "start before end"),
    "sha256 short": (LINE | {"raw": LINE["raw"] | {"sha256": "ab"}}, "annotation-kind", "64"),
    "another layer": (LINE | {"layer": "topic"}, "annotation-kind", "entity or stance"),
    "entity with a target": (LINE | {"target": "x"}, "annotation-kind", "expected null"),
    "layer not the folder's": (LINE | {"layer": "stance", "target": "x"}, "annotation-file", "'entity'"),
    "annotator not the file's": (LINE | {"annotator": "a2"}, "annotation-file", "'a1'"),
    "annotator a path": (LINE | {"annotator": "../a1"}, "annotation-kind", "file's name"),
    "no time": (LINE | {"created_at": "yesterday"}, "annotation-time", "ISO 8601"),
    "a day that never was": (LINE | {"created_at": "2026-02-30T08:00:00Z"}, "annotation-time", "ISO 8601"),
    "a time without offset": (LINE | {"created_at": "2026-11-21T08:00:00"}, "annotation-time", "offset"),
    "nested too deep": (b"[" * 200_000, "annotation-json", "nested"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_and_the_rest_is_kept(tmp_path, case):
    line, check, said = BAD[case]
    project(tmp_path, LINE | {"id": "before"}, line, LINE | {"id": "after"})
    annotations, (finding,) = load(tmp_path)
    assert [a.annotation_id for a in annotations] == ["before", "after"]
    assert (finding.check, finding.level) == (check, "error")
    assert finding.where == "annotations/entity/a1.jsonl:2"
    assert said in finding.message
    assert finding.hint


def test_a_finding_can_always_be_printed(tmp_path):
    project(tmp_path, *(line for line, _, _ in BAD.values()))
    for finding in load(tmp_path)[1]:
        (finding.message + finding.hint).encode()


def test_a_stance_without_target_is_refused(tmp_path):
    project(tmp_path, LINE | {"layer": "stance"}, layer="stance")
    annotations, (finding,) = load(tmp_path)
    assert annotations == []
    assert "no target" in finding.message


def test_an_id_used_twice_names_both_places_in_one_file_and_across_files(tmp_path):
    project(tmp_path, LINE, LINE)
    project(tmp_path, LINE | {"annotator": "a2"}, annotator="a2")
    annotations, findings = load(tmp_path)
    assert len(annotations) == 1
    assert [f.where for f in findings] == ["annotations/entity/a1.jsonl:2", "annotations/entity/a2.jsonl:1"]
    assert all("annotations/entity/a1.jsonl:1" in f.message for f in findings)


def test_lines_end_at_line_feeds_only(tmp_path):
    odd = "甲\u2028乙\x85丙\u2029丁"
    line = json.dumps(LINE | {"quote": {"exact": odd}}, ensure_ascii=False).encode()
    project(tmp_path, line + b"\r", b"", LINE | {"id": "e2"})
    annotations, findings = load(tmp_path)
    assert findings == []
    assert [a.exact for a in annotations] == [odd, "晨星半导体"]
    assert annotations[1].where.endswith(":3")


def test_a_byte_order_mark_is_passed_over(tmp_path):
    project(tmp_path, b"\xef\xbb\xbf" + json.dumps(LINE).encode())
    assert len(load(tmp_path)[0]) == 1


def test_waivers_and_readmes_are_passed_over_and_other_files_are_named(tmp_path):
    project(tmp_path, LINE)
    folder = tmp_path / "annotations"
    for name in ("waivers.yaml", "README.md", ".hidden"):
        (folder / name).write_text("x")
    (folder / "entity" / "old.ann").write_text("x")
    (folder / "loose.jsonl").write_text("{}")
    (folder / "topic").mkdir()
    (folder / "topic" / "a1.jsonl").write_text("{}")
    annotations, findings = load(tmp_path)
    assert len(annotations) == 1
    assert [(f.level, f.where) for f in findings] == [
        ("warning", "annotations/entity/old.ann"),
        ("error", "annotations/loose.jsonl"),
        ("error", "annotations/topic/a1.jsonl"),
    ]


def test_a_link_out_of_the_project_is_not_read(tmp_path):
    root = tmp_path / "project"
    project(root, LINE)
    outside = project(tmp_path / "elsewhere", LINE | {"annotator": "a2", "id": "e2"}, annotator="a2")
    (root / "annotations" / "entity" / "a2.jsonl").symlink_to(outside)
    (root / "annotations" / "stance").symlink_to(outside.parent, target_is_directory=True)
    annotations, findings = load(root)
    assert [a.annotator for a in annotations] == ["a1"]
    assert [f.where for f in findings] == ["annotations/entity/a2.jsonl", "annotations/stance"]


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    path = tmp_path / "a1.jsonl"
    path.mkdir()
    with pytest.raises(UnreadableError, match=r"a1\.jsonl: cannot be read"):
        list(native.read(path))


def annotation(**changes) -> Annotation:
    return replace(native.parse(LINE), **changes)


def test_writing_sorts_by_document_and_place_and_reading_gives_the_same(tmp_path):
    rows = [
        annotation(annotation_id="3", document_id="b", raw_start=1, raw_end=2),
        annotation(annotation_id="2", document_id="a", raw_start=30, raw_end=31),
        annotation(annotation_id="1", document_id="a", raw_start=4, raw_end=5, note="嗯"),
    ]
    path = tmp_path / "annotations" / "entity" / "a1.jsonl"
    native.write(rows, path)
    found, findings = load(tmp_path)
    assert findings == []
    assert [a.annotation_id for a in found] == ["1", "2", "3"]
    assert {replace(a, where="") for a in found} == set(rows)
    before = path.read_bytes()
    native.write(reversed(found), path)
    assert path.read_bytes() == before


def test_a_written_line_has_the_keys_in_order_and_readable_text():
    line = native.line(annotation())
    assert tuple(json.loads(line)) == native.KEYS
    assert "晨星半导体" in line


def test_writing_into_the_wrong_file_is_refused(tmp_path):
    with pytest.raises(ProjectError, match=r"entity/a1\.jsonl"):
        native.write([annotation()], tmp_path / "stance" / "a1.jsonl")
    with pytest.raises(ProjectError, match="two annotations have the id e1"):
        native.write([annotation(), annotation(label="PER")], tmp_path / "entity" / "a1.jsonl")


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = project(tmp_path, LINE)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ProjectError, match="No space left"):
        native.write([annotation(label="PER")], path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["a1.jsonl"]


def test_the_id_follows_from_what_is_said_and_not_from_when_or_why():
    one = annotation()
    assert native.annotation_id(one) == native.annotation_id(
        replace(one, note="x", created_at="2027-01-01T00:00:00Z", guideline="2", annotation_id="y")
    )
    different = [
        replace(one, raw_start=122),
        replace(one, raw_end=127),
        replace(one, label="PER"),
        replace(one, annotator="a2"),
        replace(one, document_id="x"),
        replace(one, raw_sha256="cd" * 32),
        replace(one, layer="stance", target="甲"),
        replace(one, note=native.note_with_parts(None, [(0, 2), (3, 5)])),
    ]
    assert len({native.annotation_id(a) for a in [one, *different]}) == 1 + len(different)


@settings(deadline=None, max_examples=50)
@given(
    note=st.none() | st.text(st.characters(codec="utf-8")),
    pieces=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=3),
)
def test_pieces_in_a_note_come_out_as_they_went_in(note, pieces):
    if note and note.startswith("parts "):
        return
    row = annotation(note=native.note_with_parts(note, pieces))
    assert native.parts(row) == (tuple(pieces) if len(pieces) > 1 else ())
    assert (native.note_without_parts(row.note) or None) == (note or None)


text = st.text(st.characters(codec="utf-8"), min_size=1)


@settings(deadline=None, max_examples=50)
@given(exact=text, prefix=st.text(st.characters(codec="utf-8")), label=text, note=st.none() | text)
def test_any_text_survives_a_line(exact, prefix, label, note):
    row = annotation(exact=exact, prefix=prefix, label=label, note=note)
    written = native.line(row)
    assert written.splitlines() == [written]
    assert native.parse(json.loads(written)) == row


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("x") / "a1.jsonl"
    path.write_bytes(content)
    assert all(isinstance(found, (Annotation, Finding)) for found in native.read(path))
