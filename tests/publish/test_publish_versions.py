"""A version says what happened to the rows, or nothing is published under it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from corpus.build import build
from corpus.errors import CorpusError
from corpus.publish import VersionError, publish, versions
from corpus.publish.versions import Version, enough, least

OTHER = {"a/b": ("train", ["只有这一段。"])}


@pytest.fixture
def edit(build_small, tmp_path):
    """Publish the small corpus as one version, then other rows, or the same, as another."""

    def edited(old, new, pages=None, name="small"):
        to = tmp_path / "published"
        first = build_small()
        publish(replace(first, project=replace(first.project, version=old)), to, versioned=True)
        before = (to / "MANIFEST.json").read_bytes()
        second = build_small(pages) if pages else first
        project = replace(second.project, version=new, name=name)
        try:
            publish(replace(second, project=project), to, versioned=True)
        except VersionError as error:
            assert (to / "MANIFEST.json").read_bytes() == before
            return error.finding
        assert (to / "MANIFEST.json").read_bytes() != before or old == new
        return None

    return edited


@pytest.fixture
def build_small(build):
    return build


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        ("1.0.0", "1.0.0", "2.0.0"),
        ("1.0.0", "1.0.1", "2.0.0"),
        ("1.0.0", "1.1.0", "2.0.0"),
        ("0.1.0", "0.1.0", "0.2.0"),
        ("0.1.0", "0.1.1", "0.2.0"),
    ],
)
def test_rows_that_changed_need_a_version_that_says_so(edit, old, new, asked):
    finding = edit(old, new, OTHER)  # of which nobody annotated a row: two configs are gone, which is major
    assert (finding.check, finding.level) == ("version-not-raised", "error")
    assert finding.where == "schema/corpus.yaml"
    assert "1 document added, 3 documents removed" in finding.message
    assert f"version: {asked}" in finding.hint


def test_rows_that_were_added_alone_need_a_minor_step(small, build_small, tmp_path):
    one = {"a/b": ("train", ["只有这一段。"])}
    two = one | {"a/c": ("train", ["又有一段新的。"])}
    to = tmp_path / "published"
    for pages, version in ((one, "1.0.0"), (two, "1.1.0")):
        made = build_small(pages)
        publish(replace(made, project=replace(made.project, version=version)), to, versioned=True)
    made = build_small(one)
    with pytest.raises(VersionError, match=r"version: 1\.2\.0"):
        publish(replace(made, project=replace(made.project, version="1.1.1")), to, versioned=True)


@pytest.mark.parametrize(("old", "new"), [("0.1.0", "0.2.0"), ("1.0.0", "2.0.0"), ("1.0.0", "1.1.0-dev")])
def test_a_version_that_says_enough_is_published(edit, old, new):
    assert edit(old, new, OTHER) is None


def test_a_pre_release_may_change_from_build_to_build(edit):
    assert edit("0.2.0-dev", "0.2.0-dev", OTHER) is None


def test_the_same_rows_need_no_new_version(edit):
    assert edit("1.0.0", "1.0.0") is None
    assert edit("1.0.0", "1.0.1") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("1.0.0", "0.9.0"), ("1.1.0", "1.1.0-rc.1"), ("0.10.0", "0.9.0"), ("1.0.0-rc.2", "1.0.0-rc.1")],
)
def test_a_version_that_goes_backwards_is_refused_even_for_the_same_rows(edit, old, new):
    finding = edit(old, new)
    assert finding.check == "version-backwards"
    assert f"{new}, but {old} is published" in finding.message


def test_another_corpus_in_the_folder_has_another_history(edit):
    assert edit("1.0.0", "0.1.0", OTHER, name="another") is None


def test_a_damaged_folder_can_be_built_anew_with_a_minor_step(small, build_small, tmp_path):
    to = tmp_path / "published"
    publish(replace(small, project=replace(small.project, version="1.0.0")), to)
    (to / "documents" / "test.parquet").write_bytes(b"broken")
    publish(replace(small, project=replace(small.project, version="1.0.0")), to, versioned=True)
    (to / "documents" / "test.parquet").write_bytes(b"broken")
    other = build_small(OTHER)
    with pytest.raises(VersionError, match="cannot be read"):
        publish(replace(other, project=replace(other.project, version="1.0.0")), to, versioned=True)
    publish(replace(other, project=replace(other.project, version="1.1.0")), to, versioned=True)


def test_of_a_very_large_corpus_the_documents_that_changed_are_named(build_small, tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "_MOST_ROWS", 1)
    one = build_small({"a/b": ("train", ["只有这一段。"])})
    two = build_small({"a/b": ("train", ["只有这一段。"]), "a/c": ("train", ["又有一段新的。"])})
    publish(one, tmp_path / "published", versioned=True)
    with pytest.raises(VersionError, match=r"would change: 1 document added;"):
        publish(two, tmp_path / "published", versioned=True)


def test_a_split_that_moves_needs_a_major_step_after_1_0_0(small, tmp_path):
    to = tmp_path / "published"
    moved = small.tables["documents"].with_columns(split=pl.lit("train"))
    other = replace(small, tables={**small.tables, "documents": moved})
    for version, fine in (("1.1.0", False), ("2.0.0", True)):
        publish(replace(small, project=replace(small.project, version="1.0.0")), tmp_path / version)
        given = replace(other, project=replace(other.project, version=version))
        if fine:
            publish(given, tmp_path / version, versioned=True)
        else:
            with pytest.raises(VersionError, match="in another split"):
                publish(given, tmp_path / version, versioned=True)
    assert not to.exists()


def test_a_build_without_the_step_fails_with_the_reason_and_keeps_the_old_folder(project):
    yaml = (project.root / "schema/corpus.yaml").read_text("utf-8")
    project.write("schema/corpus.yaml", yaml.replace("0.1.0-dev", "0.1.0"))
    assert build(project.root, workers=1).ok
    before = (project.root / "published/MANIFEST.json").read_bytes()
    project.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    report = build(project.root, workers=1)
    (finding,) = [each for each in report.findings if each.level == "error"]
    assert finding.check == "version-not-raised"
    assert report.published is None
    assert (project.root / "published/MANIFEST.json").read_bytes() == before
    project.write("schema/corpus.yaml", yaml.replace("0.1.0-dev", "0.2.0"))
    assert build(project.root, workers=1).ok


def test_the_template_may_be_built_again_and_again(project):
    build(project.root, workers=1)
    project.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    assert build(project.root, workers=1).ok


def test_what_is_no_version_is_refused():
    with pytest.raises(CorpusError, match="semantic"):
        Version.read("1.2")


def test_least_is_always_enough():
    for old in ("0.1.0", "0.9.9", "1.0.0", "3.2.1", "2.0.0-rc.1", "0.1.0-dev"):
        for step in ("patch", "minor", "major"):
            new = least(old, step)
            assert enough(old, new, step)
            assert Version.read(new).rank > Version.read(old).rank
