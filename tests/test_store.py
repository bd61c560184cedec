"""A store gives back what was put, or nothing."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
from typing import TYPE_CHECKING

import pytest

from corpus.errors import CorpusError
from corpus.store import Kept, Store, opened, read_frame, write_frame

if TYPE_CHECKING:
    from pathlib import Path

KEY = "ab" * 32
OTHER = "cd" * 32


def _fill(place: Path) -> None:
    (place / "rows").write_bytes(b"rows")
    (place / "facts.json").write_text("{}", "utf-8")


@pytest.fixture
def store(tmp_path):
    return opened(tmp_path / ".corpus" / "store")


def test_what_was_put_is_there(store):
    place = store.put("pages", KEY, _fill)
    assert store.get("pages", KEY) == place
    assert (place / "rows").read_bytes() == b"rows"


def test_what_was_not_put_is_not_there(store):
    store.put("pages", KEY, _fill)
    assert store.get("pages", OTHER) is None
    assert store.get("trimmed", KEY) is None


def test_a_file_that_was_not_kept_is_not_there(store):
    store.put("pages", KEY, _fill)
    assert store.get("pages", KEY, ["sketches"]) is None


@pytest.mark.parametrize("wrong", [b"ROWS", b"rows!", b""])
def test_a_damaged_result_is_not_there_and_is_made_again(store, wrong):
    place = store.put("pages", KEY, _fill)
    (place / "rows").write_bytes(wrong)
    assert store.get("pages", KEY) is None
    assert not place.exists()
    store.put("pages", KEY, _fill)
    assert store.get("pages", KEY)


@pytest.mark.parametrize(
    "seal",
    ["", "[]", "{}", '{"files": 1}', '{"files": {"../seal.json": [1, ""]}}', '{"files": {"rows": []}}'],
)
def test_a_damaged_seal_makes_nothing_of_the_result(store, seal):
    place = store.put("pages", KEY, _fill)
    (place / "seal.json").write_text(seal, "utf-8")
    assert store.get("pages", KEY) is None


def test_a_link_in_place_of_a_file_is_not_read(store, tmp_path):
    place = store.put("pages", KEY, _fill)
    (tmp_path / "rows").write_bytes(b"rows")
    (place / "rows").unlink()
    (place / "rows").symlink_to(tmp_path / "rows")
    assert store.get("pages", KEY) is None


def test_only_the_files_that_are_named_are_read(store):
    place = store.put("pages", KEY, _fill)
    (place / "rows").write_bytes(b"ROWS")
    assert store.get("pages", KEY, ["facts.json"]) == place
    assert store.get("pages", KEY, ["rows"]) is None


def test_a_file_is_read_and_proved_at_once(store):
    place = store.put("pages", KEY, _fill)
    assert store.read("pages", KEY, "rows") == b"rows"
    assert store.read("pages", OTHER, "rows") is None
    (place / "rows").write_bytes(b"ROWS")
    assert store.read("pages", KEY, "rows") is None
    assert not place.exists()


def test_a_result_that_could_not_be_written_leaves_nothing(store):
    def broken(place):
        _fill(place)
        raise ValueError

    with pytest.raises(ValueError):
        store.put("pages", KEY, broken)
    assert store.get("pages", KEY) is None
    assert not [path for path in store.folder.rglob("*") if path.name == "rows"]


def test_the_same_result_may_be_put_twice(store):
    assert store.put("pages", KEY, _fill) == store.put("pages", KEY, _fill)


def test_a_damaged_result_gives_way_to_a_whole_one(store):
    place = store.put("pages", KEY, _fill)
    (place / "rows").write_bytes(b"")
    store.put("pages", KEY, _fill)
    assert store.get("pages", KEY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_cannot_be_written_uses_its_spare(store):
    store.folder.chmod(0o500)
    place = store.put("pages", KEY, _fill)
    store.folder.chmod(0o700)
    assert place.is_relative_to(store.spare)


def test_what_the_disk_refuses_goes_to_the_spare_folder_which_ends_with_the_build(store):
    (store.folder / "pages").write_bytes(b"in the way")
    with store.held():
        place = store.put("pages", KEY, _fill)
        assert place.is_relative_to(store.spare)
        assert store.get("pages", KEY) == place
    assert not store.spare.exists()


@pytest.mark.parametrize(("kind", "key"), [("..", KEY), ("pages", ".."), ("pages", "AB" * 32), ("a/b", KEY)])
def test_a_name_leads_nowhere_else(store, kind, key):
    with pytest.raises(ValueError):
        store.put(kind, key, _fill)


def test_a_link_is_no_store(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match="found a link"):
        opened(tmp_path / "store")


def test_a_file_is_no_store(tmp_path):
    (tmp_path / "store").write_bytes(b"")
    with pytest.raises(CorpusError, match="--no-cache"):
        opened(tmp_path / "store")


def test_a_sweep_leaves_what_was_used(store):
    store.put("pages", KEY, _fill)
    store.put("pages", OTHER, _fill)
    assert store.sweep([("pages", KEY)]) == 1
    assert store.get("pages", KEY)
    assert store.get("pages", OTHER) is None


def test_a_sweep_without_a_word_leaves_what_the_last_build_used(store):
    store.put("pages", KEY, _fill)
    store.sweep([("pages", KEY)])
    store.put("pages", OTHER, _fill)
    assert store.sweep() == 1
    assert store.counts().results == 1


def test_a_sweep_takes_nothing_while_a_build_is_at_work(store):
    store.put("pages", KEY, _fill)
    with store.held():
        assert store.sweep([]) is None
    assert store.get("pages", KEY)


def test_two_builds_may_hold_one_store(store):
    with store.held(), opened(store.folder).held():
        store.put("pages", KEY, _fill)
    assert store.get("pages", KEY)


def test_what_a_killed_writer_left_is_swept_when_it_is_old(store):
    left = store.folder / "pages" / ".tmp-0123456789abcdef"
    left.mkdir(parents=True)
    store.sweep([])
    assert left.exists()
    os.utime(left, (1, 1))
    store.sweep([])
    assert not left.exists()


def test_a_note_comes_back_and_what_a_kill_left_beside_it_is_swept(store):
    assert store.noted("published.json") == ""
    store.note("published.json", "港")
    assert store.noted("published.json") == "港"
    left = store.folder / ".tmp-0123456789abcdef"
    left.write_bytes(b"half a note")
    os.utime(left, (1, 1))
    store.sweep([])
    assert not left.exists()
    assert store.noted("published.json") == "港"


def test_a_note_that_cannot_be_written_is_none(store, monkeypatch):
    store.note("published.json", "old")
    monkeypatch.setattr(
        "pathlib.Path.write_text", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full"))
    )
    store.note("published.json", "new")
    assert store.noted("published.json") == ""


def test_a_document_is_forgotten_with_every_result_that_may_tell_of_it(store):
    store.put("pages", KEY, _fill, ("a", "c"))
    store.put("pages", OTHER, _fill, ("d", "f"))
    store.put("trimmed", KEY, _fill)
    assert store.forget("b") == 2
    assert store.get("pages", OTHER)
    assert store.counts().results == 1


def test_counts_and_verify_tell_what_there_is(store):
    store.put("pages", KEY, _fill)
    place = store.put("pages", OTHER, _fill)
    assert store.counts().results == 2
    (place / "rows").write_bytes(b"ROWS")
    assert store.verify() == [f"pages/{OTHER}"]
    assert store.verify() == []
    assert store.counts() == Kept(1, store.counts().bytes)


def test_a_store_can_be_sent_to_another_process(store):
    there = pickle.loads(pickle.dumps(store))
    assert isinstance(there, Store)
    there.put("pages", KEY, _fill)
    assert store.get("pages", KEY)


def _kill_while_writing(store: Store) -> None:
    def write(place: Path) -> None:
        _fill(place)
        os._exit(9)

    store.put("pages", KEY, write)


def test_a_writer_that_is_killed_leaves_no_result(store):
    process = multiprocessing.get_context("spawn").Process(target=_kill_while_writing, args=(store,))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert store.get("pages", KEY) is None
    assert store.verify() == []


def test_a_frame_comes_back_as_it_was(tmp_path):
    import polars as pl

    frame = pl.DataFrame({"text": ["港口", None], "n": [[1, 2], []]})
    write_frame(frame, tmp_path / "rows.arrow")
    assert read_frame(tmp_path / "rows.arrow").equals(frame)
    first = (tmp_path / "rows.arrow").read_bytes()
    write_frame(frame, tmp_path / "rows.arrow")
    assert (tmp_path / "rows.arrow").read_bytes() == first
    assert read_frame(tmp_path / "rows.arrow", ["n"]).columns == ["n"]


def test_a_seal_is_plain_json(store):
    place = store.put("pages", KEY, _fill, ("a", "b"))
    assert json.loads((place / "seal.json").read_text("utf-8"))["span"] == ["a", "b"]
