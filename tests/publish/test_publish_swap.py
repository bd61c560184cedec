"""Whatever happens while a folder is published, the old one or the new one is there, whole."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from corpus.errors import PublishError
from corpus.publish import card, manifest, publish, swap


def titles(folder: Path) -> bytes:
    return (folder / card.CARD).read_bytes()


@pytest.fixture(params=["exchange", "two renames"])
def way(request, monkeypatch):
    """Swap in the one step that Linux offers, and in the two that remain elsewhere."""
    if request.param == "two renames":
        monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    return request.param


@pytest.fixture
def editions(build, tmp_path):
    """An old edition in place, a newer corpus to publish over it, and what the new folder would hold."""
    old, new = build({"a/b": ("train", ["旧的一段。"])}), build({"a/b": ("train", ["新的一段。"])})
    to = tmp_path / "project" / "published"
    publish(old, to)
    publish(new, tmp_path / "new")
    return to, new, titles(to), titles(tmp_path / "new")


def test_a_target_that_fails_leaves_the_old_folder_and_nothing_beside_it(editions, monkeypatch, way):
    to, new, old_title, _ = editions
    monkeypatch.setattr(card, "write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(new, to)
    assert titles(to) == old_title
    assert [path.name for path in to.parent.iterdir()] == ["published"]


def test_no_space_left_is_a_clear_error_and_the_old_folder_stays(editions, monkeypatch, way):
    to, new, old_title, _ = editions

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(swap, "_sync", full)
    with pytest.raises(PublishError, match=r"No space left on device.*stands whole"):
        publish(new, to)
    assert titles(to) == old_title


def test_a_second_rename_that_fails_puts_the_old_folder_back(editions, monkeypatch):
    to, new, old_title, _ = editions
    monkeypatch.setattr(swap, "_exchange", lambda *_: False)
    rename = Path.rename

    def failing(path, target):
        if ".tmp-" in path.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(PublishError, match="Input/output error"):
        publish(new, to)
    assert titles(to) == old_title


@pytest.mark.parametrize("kind", ["folder", "file", "link", "webmanifest"])
def test_what_is_not_ours_is_neither_replaced_nor_removed(small, tmp_path, kind):
    to, other = tmp_path / "published", tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    if kind == "folder":
        other.rename(to)
    elif kind == "file":
        (other / "thesis.txt").rename(to)
    elif kind == "link":
        to.symlink_to(other)
    else:
        other.rename(to)
        (to / "MANIFEST.json").write_text('{"format": "webmanifest"}')
    with pytest.raises(PublishError, match=r"did not make.*choose another folder"):
        publish(small, to)
    assert "years of work" in [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]


def test_a_stranger_s_folder_with_a_leftover_s_name_is_left_alone(small, tmp_path):
    stranger = tmp_path / "published.tmp-notes"
    stranger.mkdir()
    (stranger / "notes.txt").write_text("mine")
    publish(small, tmp_path / "published")
    assert (stranger / "notes.txt").read_text() == "mine"


def test_another_edition_beside_it_is_left_alone_though_it_is_ours(small, tmp_path):
    for name in ("published.tmp-1", "published.old-edition", "published"):
        publish(small, tmp_path / name)
    publish(small, tmp_path / "published")
    assert len(list(tmp_path.iterdir())) == 3


def test_an_empty_folder_may_be_published_into(small, tmp_path):
    (tmp_path / "published").mkdir()
    publish(small, tmp_path / "published")
    assert manifest.read(tmp_path / "published")["complete"]


def test_folder_names_are_taken_literally(small, tmp_path):
    for name in ("[a-z]*", "out?"):
        publish(small, tmp_path / name)
        publish(small, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["[a-z]*", "out?"]


def test_two_builds_at_once_do_not_mix(editions):
    to, new, old_title, _ = editions
    other = os.open(to.parent, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(PublishError, match="another build publishing"):
        publish(new, to)
    os.close(other)
    assert titles(to) == old_title
    publish(new, to)


@pytest.mark.parametrize("name", ["NOTES.txt", ".git/config", "paragraphs/mine.parquet"])
def test_a_published_folder_with_a_persons_file_in_it_is_left_alone(editions, name):
    to, new, old_title, _ = editions
    (to / name).parent.mkdir(exist_ok=True)
    (to / name).write_text("mine")
    with pytest.raises(PublishError, match=f"found '{name}'.*move them away"):
        publish(new, to)
    assert (titles(to), (to / name).read_text()) == (old_title, "mine")


def test_what_the_hub_leaves_in_a_folder_keeps_no_edition_out(editions):
    to, new, _, new_title = editions
    (to / ".gitattributes").write_text("")
    publish(new, to)
    assert titles(to) == new_title
