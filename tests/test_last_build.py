"""Whether a build would report the same again: what tells raw files, declarations and an edition again."""

import os
import sys
import time

import pytest

from corpus import code, last_build


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(last_build, "QUIET_SECONDS", -60)
    for name in ("raw/a/1.html", "raw/a/2.html", "raw/b/3.html", "schema/corpus.yaml", "DATASHEET.md"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}")
    (tmp_path / "elsewhere.html").write_text("elsewhere")
    (tmp_path / "project/raw/link.html").symlink_to(tmp_path / "elsewhere.html")
    return tmp_path / "project"


def _write_again(root):
    path = root / "raw/a/1.html"
    told = path.stat()
    path.write_text("THIS IS raw/a/1.html")
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def _replace(root):
    (root / "raw/new").write_text("this is raw/a/1.html")
    (root / "raw/new").replace(root / "raw/a/1.html")


def _write_where_a_link_leads(root):
    (root.parent / "elsewhere.html").write_text("ELSEWHERE")


def _lead_a_link_elsewhere(root):
    (root / "raw/link.html").unlink()
    (root / "raw/link.html").symlink_to(root / "raw/a/1.html")


def _write_a_new_file(root):
    (root / "raw/c/d").mkdir(parents=True)
    (root / "raw/c/d/4.html").write_text("new")


def _hide_the_datasheet(root):
    (root / "DATASHEET.md").unlink()


CHANGES = [
    _write_again, _replace, _write_where_a_link_leads, _lead_a_link_elsewhere, _write_a_new_file,
    _hide_the_datasheet,
    lambda root: (root / "raw/a/1.html").chmod(0o600),
    lambda root: (root / "raw/a/1.html").rename(root / "raw/b/1.html"),
    lambda root: (root / "raw/b").rename(root / "raw/B"),
    lambda root: (root / "raw/b/3.html").unlink(),
    lambda root: (root / "schema/corpus.yaml").write_text("name: other"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_to_what_is_read_is_seen(root, change):
    before = last_build.inputs(root)
    assert before is not None
    change(root)
    assert last_build.inputs(root) != before


def test_what_is_not_read_makes_no_difference(root):
    before = last_build.inputs(root)
    (root / "published").mkdir()
    (root / "published/README.md").write_text("an edition")
    (root / "notes.txt").write_text("mine")
    assert last_build.inputs(root) == before


def test_a_project_is_the_same_however_its_place_is_written(root, monkeypatch):
    before = last_build.inputs(root)
    monkeypatch.chdir(root)
    assert last_build.inputs(root.__class__(".")) == before


def test_raw_files_elsewhere_are_those_that_are_looked_at(root):
    before = last_build.inputs(root, root.parent / "raw-elsewhere")
    (root / "raw/a/1.html").unlink()
    assert last_build.inputs(root, root.parent / "raw-elsewhere") == before != last_build.inputs(root)


@pytest.mark.parametrize("change", [_write_where_a_link_leads, _write_a_new_file, _replace])
def test_what_changed_a_moment_ago_cannot_be_told(root, monkeypatch, change):
    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    now = time.time_ns()
    monkeypatch.setattr(last_build.time, "time_ns", lambda: now)
    assert last_build.inputs(root)
    time.sleep(0.05)  # more than a tick of the clock that files are given their times by
    change(root)
    assert last_build.inputs(root) is None


def test_another_version_of_a_library_is_another_input(root, monkeypatch):
    before = last_build.inputs(root)
    monkeypatch.setattr(code, "_installed", lambda: {"polars": "99.0"})
    assert last_build.inputs(root) != before


def test_versions_are_read_off_the_names_of_folders_and_the_first_on_the_path_counts(tmp_path, monkeypatch):
    for name in ("one/my_lib-1.0.dist-info", "two/My.Lib-2.0.dist-info", "two/old-3.1-py3.11.egg-info"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lib.zip").write_bytes(b"PK")
    monkeypatch.setattr(sys, "path", [str(tmp_path / each) for each in ("lib.zip", "none", "one", "two")])
    code._installed.cache_clear()
    try:
        assert code._installed() == {"my-lib": "1.0", "old": "3.1-py3.11"}
        assert code._version("my-lib") == "1.0"
        assert code._version("no-such-library") == ""
    finally:
        code._installed.cache_clear()


def test_what_is_installed_has_the_version_that_its_description_tells():
    from importlib.metadata import version

    assert [code._version(name) for name in last_build.LIBRARIES] == list(map(version, last_build.LIBRARIES))
