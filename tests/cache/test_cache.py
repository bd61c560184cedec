"""The cache by content: shards that are whole or not read, an index that can be made again."""

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cache import Cache, Entry, key
from corpus.errors import CorpusError


def _entry(number, version="1"):
    about = bytes([number]) * 32
    return Entry(key(version, about), about, version, f"page {number}".encode() * 50)


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "cache")
    yield made
    made.close()


def _shards(cache):
    return sorted((cache.folder / "shards").glob("*.parquet"))


def _again(cache):
    cache.close()
    return Cache(cache.folder)


def test_what_is_put_down_is_found_again_in_this_process_and_the_next(cache):
    cache.put([_entry(1), _entry(2)])
    cache.put([_entry(3)])
    for there in (cache, Cache(cache.folder)):
        assert [there.get(_entry(n).key) for n in (1, 2, 3)] == [_entry(n).payload for n in (1, 2, 3)]
        assert there.get(_entry(4).key) is None


def test_an_entry_is_found_by_key_and_version_and_told_by_content(cache):
    cache.put([_entry(1)])
    assert cache.get(_entry(1, "2").key) is None
    assert cache.holds(_entry(1).key)
    assert cache.versions(_entry(1).about) == {"1"}
    assert cache.versions(_entry(2).about) == set()


@pytest.mark.parametrize("harm", [b"", b"PAR1", b"\0" * 4000])
def test_a_damaged_shard_is_not_read_and_what_is_put_down_again_is_found(cache, harm):
    cache.put([_entry(1)])
    _shards(cache)[0].write_bytes(harm)
    there = _again(cache)
    assert there.get(_entry(1).key) is None
    there.put([_entry(1)])
    assert _again(there).get(_entry(1).key) == _entry(1).payload


@settings(max_examples=30, deadline=None)
@given(at=st.floats(0, 0.999), bit=st.integers(0, 7))
def test_no_bit_can_flip_unseen(tmp_path_factory, at, bit):
    cache = Cache(tmp_path_factory.mktemp("bits") / "cache")
    cache.put([_entry(1)])
    [path] = _shards(cache)
    held = bytearray(path.read_bytes())
    held[int(at * len(held))] ^= 1 << bit
    path.write_bytes(held)
    assert cache.get(_entry(1).key) is None
    cache.close()


def test_verify_removes_damaged_shards_and_names_them(cache):
    cache.put([_entry(1)])
    cache.put([_entry(2)])
    first, second = _shards(cache)
    first.write_bytes(first.read_bytes()[:-1])
    assert cache.verify() == [first.name]
    assert _shards(cache) == [second]
    assert cache.counts().entries == 1
    assert cache.verify() == []


@pytest.mark.parametrize("harm", [None, b"", b"no database", b"SQLite format 3\0" + b"\7" * 5000])
def test_an_index_that_is_missing_or_damaged_is_made_again_from_the_shards(cache, harm):
    cache.put([_entry(1), _entry(2)])
    cache.close()
    index = cache.folder / "index.sqlite"
    index.unlink()
    if harm is not None:
        index.write_bytes(harm)
    assert Cache(cache.folder).get(_entry(2).key) == _entry(2).payload


def test_an_index_that_points_to_the_wrong_shard_gives_nothing_wrong(cache):
    cache.put([_entry(1)])
    cache.put([_entry(2)])
    names = [path.name for path in _shards(cache)]
    cache._index.execute("update entries set shard = ?", (names[0],))
    got = [cache.get(_entry(n).key) for n in (1, 2)]
    assert got in ([_entry(1).payload, None], [None, _entry(2).payload])


def test_a_shard_whose_row_was_not_written_before_a_crash_is_found(cache):
    cache.put([_entry(1)])
    cache._index.execute("delete from entries")
    cache._index.execute("delete from shards")
    assert _again(cache).get(_entry(1).key) == _entry(1).payload


def test_prune_keeps_what_it_is_told_and_nothing_else(cache):
    cache.put([_entry(1), _entry(2)])
    cache.put([_entry(3)])
    assert cache.prune({_entry(2).key}) == 2
    assert [cache.get(_entry(n).key) for n in (1, 2, 3)] == [None, _entry(2).payload, None]
    assert cache.counts()[:2] == (1, 1)
    texts = b"".join(path.read_bytes() for path in cache.folder.rglob("*") if path.is_file())
    assert _entry(3).key not in texts


def test_prune_waits_for_no_build_but_says_so(cache):
    other = Cache(cache.folder)
    with other.held(), pytest.raises(CorpusError, match="a build at work"):
        cache.prune(set())
    with other.held(alone=True), pytest.raises(CorpusError, match="prune"), cache.held():
        pass
    other.close()


def test_two_builds_may_hold_the_cache_at_once(cache):
    other = Cache(cache.folder)
    with other.held(), cache.held():
        other.put([_entry(1)])
        cache.put([_entry(1), _entry(2)])
    assert other.get(_entry(2).key) == _entry(2).payload
    other.close()


def test_processes_that_write_at_once_lose_nothing(cache):
    code = (
        "import sys; from pathlib import Path; from corpus.cache import Cache, Entry, key\n"
        "there = Cache(Path(sys.argv[1]))\n"
        "for n in range(20):\n"
        "    about = f'{sys.argv[2]} {n}'.encode()\n"
        "    there.put([Entry(key('1', about), about, '1', about * 9)])\n"
        "assert there.refused is None, there.refused\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, cache.folder, str(n)]) for n in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    abouts = [f"{n} {m}".encode() for n in range(3) for m in range(20)]
    assert [cache.get(key("1", about)) for about in abouts] == [about * 9 for about in abouts]


def test_a_disk_that_refuses_is_told_and_stops_nothing(cache, monkeypatch):
    def refuse(folder, entries):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corpus.cache._shards.write", refuse)
    cache.put([_entry(1)])
    cache.put([_entry(1)])
    assert cache.refused == "No space left on device"
    assert cache.get(_entry(1).key) is None


def test_a_file_left_unfinished_is_swept_away_once_it_is_old(cache):
    old, new = (cache.folder / "shards" / name for name in ("a.tmp", "b.tmp"))
    for path in (old, new):
        path.write_bytes(b"half a shard")
    os.utime(old, (time.time() - 7200,) * 2)
    _again(cache).close()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match="found a link"):
        Cache(tmp_path / "cache")


def test_a_folder_that_cannot_be_made_is_one_clear_message(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(CorpusError, match="--no-cache"):
        Cache(tmp_path / "cache")


def test_a_shard_that_is_named_rightly_but_holds_other_columns_is_not_read(cache):
    import hashlib

    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"key": [1], "about": [2], "version": ["1"], "payload": ["text"]}), sink)
    made = sink.getvalue().to_pybytes()
    (cache.folder / "shards" / f"{hashlib.sha256(made).hexdigest()}.parquet").write_bytes(made)
    assert _again(cache).counts().entries == 0
