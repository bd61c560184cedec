from __future__ import annotations

import json
import os
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


def _reseal(folder, **changes):
    """Change entries of the manifest, and list all files anew as someone would who tampers with a folder."""
    read = manifest.read(folder) | changes
    text = json.dumps({name: value for name, value in read.items() if value != "gone"})
    (folder / manifest.MANIFEST).write_text(text, "utf-8")
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    sums = [f"{manifest.sha256(folder / name)}  {name}\n" for name in names if name != manifest.SUMS]
    (folder / manifest.SUMS).write_text("".join(sums), "utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "gone"},
        {"name": "\x1b[31mred"},
        {"version": "1" * 5000 + ".0.0"},
        {"version": 3},
        {"tables": None},
        {"tables": {"stance": {"rows": "many", "sha256": "", "splits": {}}}},
        {"tables": {"stance": {"rows": 1, "sha256": "", "splits": {"train": {"files": [7]}}}}},
        {"files": {"README.md": 5}},
        {"text": 4},
        {"text": "standoff"},
        {"text": "standoff", "full": []},
        {"text": "standoff", "full": {"stance": 3}},
    ],
)
def test_a_manifest_of_another_shape_is_one_finding_that_names_the_entry(folder, changes):
    _reseal(folder, **changes)
    ((check, where),) = found(folder)
    assert (check, where) == ("manifest", "MANIFEST.json")
    named = "full" if changes.get("text") == "standoff" else next(iter(changes))
    assert f"`{named}` of another shape" in verify(folder)[0].message


def test_rows_that_no_table_claims_are_found(folder):
    _reseal(folder, tables={})
    assert {check for check, _ in found(folder)} == {"rows"}


def test_a_manifest_nested_without_end_is_refused(folder):
    (folder / manifest.MANIFEST).write_text("[" * 100_000, "utf-8")
    with pytest.raises(PublishError, match="no manifest that can be read"):
        verify(folder)


@pytest.mark.parametrize("name", ["README.md", "paragraphs/train.parquet"])
def test_a_pipe_in_place_of_a_file_is_found_and_not_waited_for(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert ("file-kind", name) in found(folder)


def test_a_pipe_in_place_of_the_manifest_is_refused_and_not_waited_for(folder):
    (folder / manifest.MANIFEST).unlink()
    os.mkfifo(folder / manifest.MANIFEST)
    with pytest.raises(PublishError, match="found another kind of file"):
        verify(folder)


def test_a_folder_that_is_a_link_is_not_read(folder, tmp_path):
    (folder / "stance").rename(tmp_path / "elsewhere")
    (folder / "stance").symlink_to(tmp_path / "elsewhere")
    assert ("rows", "stance/test") in found(folder)


def test_what_the_hub_and_desktops_leave_in_a_folder_is_no_finding(folder):
    for name in (".gitattributes", ".cache/huggingface/download/README.md.lock", ".DS_Store"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    assert found(folder) == []


def test_a_name_with_control_characters_is_shown_without_them(folder):
    (folder / "evil\x1b[31m.txt").write_bytes(b"")
    ((_, where),) = found(folder)
    assert where == "evil\N{REPLACEMENT CHARACTER}[31m.txt"
