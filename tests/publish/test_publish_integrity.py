from __future__ import annotations

import json
import shutil

import polars as pl
import pytest

from corpus.errors import PublishError
from corpus.publish import manifest, verify


@pytest.fixture
def folder(published, tmp_path):
    return shutil.copytree(published, tmp_path / "published")


def found(folder):
    return [(finding.check, finding.where) for finding in verify(folder)]


def test_a_published_folder_verifies(published):
    assert verify(published) == ()


def test_a_changed_byte_is_found(folder):
    card = folder / "README.md"
    card.write_bytes(card.read_bytes().replace(b"tests", b"tasts"))
    assert found(folder) == [("file-changed", "README.md")]


def test_rows_that_changed_are_found_by_file_and_by_what_they_say(folder):
    path = folder / "stance" / "test.parquet"
    pl.read_parquet(path).with_columns(label=pl.lit("none")).write_parquet(path)
    assert found(folder) == [
        ("file-changed", "stance/test.parquet"),
        ("rows", "stance/test"),
        ("rows", "stance"),
    ]


def test_the_same_rows_written_by_another_library_differ_in_the_file_alone(folder):
    path = folder / "stance" / "test.parquet"
    pl.read_parquet(path).write_parquet(path)
    assert found(folder) == [("file-changed", "stance/test.parquet")]


def test_a_lost_and_an_added_file_are_found(folder):
    (folder / "blocks" / "test.parquet").unlink()
    (folder / "notes.txt").write_text("mine")
    assert found(folder) == [
        ("file-missing", "blocks/test.parquet"),
        ("file-unknown", "notes.txt"),
        ("rows", "blocks/test"),
    ]


def test_a_file_that_is_no_parquet_is_a_finding_not_a_crash(folder):
    (folder / "blocks" / "test.parquet").write_bytes(b"PAR1 not really PAR1")
    assert ("rows", "blocks/test") in found(folder)


def test_a_link_is_not_followed(folder, tmp_path):
    outside = tmp_path / "outside.md"
    shutil.move(folder / "README.md", outside)
    (folder / "README.md").symlink_to(outside)
    assert found(folder) == [("file-link", "README.md")]


def test_names_that_lead_outside_are_not_read(folder, tmp_path):
    (tmp_path / "secret").write_text("x")
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text() + f"{'0' * 64}  ../secret\n")
    assert ("file-missing", "../secret") in found(folder)
    path = folder / "MANIFEST.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    read["tables"]["stance"]["splits"]["test"]["files"] = ["../../etc/passwd"]
    path.write_text(json.dumps(read))
    assert ("rows", "stance/test") in found(folder)


def test_a_manifest_and_sums_that_disagree_are_found(folder):
    path = folder / "MANIFEST.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    read["files"]["README.md"]["sha256"] = "0" * 64
    del read["files"]["blocks/test.parquet"]
    path.write_text(json.dumps(read))
    assert [where for check, where in found(folder) if check == "manifest"] == [
        "blocks/test.parquet",
        "README.md",
    ]


@pytest.mark.parametrize("part", ["tables", "files", "digest"])
@pytest.mark.parametrize("value", [None, 7, ["x"], {"x": 7}])
def test_a_manifest_of_another_shape_is_a_finding_not_a_crash(folder, part, value):
    path = folder / "MANIFEST.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(read | {part: value}))
    assert found(folder)


def test_rows_that_json_cannot_say_are_a_finding_not_a_crash(folder):
    path = folder / "stance" / "test.parquet"
    pl.read_parquet(path).with_columns(agreement=pl.lit(b"half")).write_parquet(path)
    assert ("rows", "stance/test") in found(folder)


def test_an_unfinished_folder_is_told(folder):
    manifest.begin(folder)
    assert found(folder) == [("incomplete", "MANIFEST.json")]


def test_digests_of_another_rule_are_not_guessed_at(folder):
    path = folder / "MANIFEST.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(read | {"digest": "corpus-rows-9"}))
    assert ("digest", "MANIFEST.json") in found(folder)


@pytest.mark.parametrize("name", ["MANIFEST.json", "SHA256SUMS"])
def test_a_folder_without_its_lists_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(PublishError, match=name):
        verify(folder)
