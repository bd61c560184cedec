"""Raw files at an address: read from there, told by their facts, and what cannot be read is named.

fsspec's own file system in memory stands for any; tests/test_s3.py speaks with a server.
"""

import errno
import gzip
import io
import pickle

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus import raw, remote
from corpus.build import build
from corpus.engine import Broken, in_turn
from corpus.errors import CorpusError
from corpus.pages import CLEANING, sources
from corpus.records import Page, Quarantined
from corpus.remote import RemotePath, files, located

ROOT = RemotePath("memory://harbour/raw")


def test_a_path_there_keeps_its_address_through_everything_that_paths_go_through():
    path = ROOT / "gate" / "a.warc.gz"
    assert str(pickle.loads(pickle.dumps(path))) == str(path) == "memory://harbour/raw/gate/a.warc.gz"
    assert path.relative_to(ROOT).as_posix() == "gate/a.warc.gz"
    assert (path.name, path.suffixes, path.parent.parent) == ("a.warc.gz", [".warc", ".gz"], ROOT)
    assert path.resolve() == path.absolute() == path
    assert not path.is_symlink()


def test_files_there_are_told_by_size_time_and_etag(memory):
    memory.pipe_file("/harbour/raw/a.html", b"<p>tide")
    [(name, told)] = files(ROOT)
    assert (name, told.st_size) == ("a.html", 7)
    assert told == (ROOT / "a.html").stat()
    assert remote._stat({"ETag": "one"}).st_ino != remote._stat({"ETag": "two"}).st_ino


def test_raw_files_there_are_found_and_untrusted_names_are_refused(memory):
    for name in ("a.html", "b/c.jsonl", ".git/x.html", "b/.hidden.html", "d.exe", "e#1.html", "f\n.html"):
        memory.pipe_file(f"/harbour/raw/{name}", b"<p>tide")
    memory.store["/harbour/raw/../up.html"] = memory.store["/harbour/raw/a.html"]
    memory.store["/harbour/raw/b//twice.html"] = memory.store["/harbour/raw/a.html"]
    found, left = raw.find(ROOT)
    assert [path.relative_to(ROOT).as_posix() for path in found] == ["a.html", "b/c.jsonl"]
    assert {each.raw_path: each.reason.partition(";")[0] for each in left} == {
        "../up.html": "the name has a part that is empty, '.' or '..'",
        "b//twice.html": "the name has a part that is empty, '.' or '..'",
        "d.exe": left[[each.raw_path for each in left].index("d.exe")].reason.partition(";")[0],
        "e#1.html": "'#' in a file or folder name would be read as a record's id",
        "f\n.html": "the file name holds control characters or is not UTF-8",
    }


def test_two_files_there_with_one_id_are_an_error(memory):
    for name in ("a.html", "a.md"):
        memory.pipe_file(f"/harbour/raw/{name}", b"<p>tide")
    with pytest.raises(CorpusError, match=r"a\.html and a\.md"):
        raw.find(ROOT)


def record(number):
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>tide %d</p>" % number
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:t-%d>\r\n" % number
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"


def table(count):
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [f"tide {number}" for number in range(count)]}), sink, row_group_size=3)
    return sink.getvalue()


BODIES = {
    "a.html": "<p>潮水</p>".encode(),
    "b.md": b"# tide",
    "c.txt": b"tide",
    "d.warc": b"".join(map(record, range(5))),
    "e.warc.gz": b"".join(gzip.compress(record(number)) for number in range(5)),
    "f.warc.gz": gzip.compress(b"".join(map(record, range(5)))),
    "g.jsonl": b'{"text": "tide"}\n' * 4,
    "h.jsonl.gz": gzip.compress(b'{"text": "tide"}\n' * 4),
    "i.parquet": table(7),
    "j.warc": record(1)[:-30],
    "k.parquet": b"PAR1 no more",
    "l.html": b"%PDF-1.7",
}


@pytest.mark.parametrize("large", [0, 1 << 30])
def test_every_format_is_read_there_as_here(memory, tmp_path, monkeypatch, large):
    monkeypatch.setattr(raw, "LARGE_BYTES", large)
    for name, body in BODIES.items():
        (tmp_path / name).write_bytes(body)
        memory.pipe_file(f"/harbour/raw/{name}", body)
    here = [page for path in raw.find(tmp_path)[0] for page in raw.read(path, tmp_path)]
    listed = sources(ROOT, raw.find(ROOT)[0])
    assert [page for each in listed for page in raw.read(each.path, ROOT, each.part)] == here


def test_a_large_archive_there_is_not_walked_through_and_a_table_is_cut(memory, monkeypatch):
    monkeypatch.setattr(raw, "LARGE_BYTES", 0)
    memory.pipe_file("/harbour/raw/d.warc", b"".join(map(record, range(300))))
    memory.pipe_file("/harbour/raw/i.parquet", table(300))
    assert [source.path.name for source in sources(ROOT, raw.find(ROOT)[0])] == ["d.warc"] + ["i.parquet"] * 3


def test_a_file_that_vanishes_is_named_and_the_rest_goes_on(memory):
    memory.pipe_file("/harbour/raw/a.html", b"<p>tide")
    memory.pipe_file("/harbour/raw/b.html", b"<p>tide")
    found = sources(ROOT, raw.find(ROOT)[0])
    memory.rm("/harbour/raw/a.html")
    left, page = [page for source in found for page in CLEANING.read(source)]
    assert left == Quarantined("a.html", "the file cannot be read: there is no such file")
    assert isinstance(page, Page)


def test_a_network_that_breaks_is_a_failure_that_may_go_well_another_time(memory, monkeypatch):
    memory.pipe_file("/harbour/raw/d.warc", BODIES["d.warc"] * 3)
    memory.pipe_file("/harbour/raw/e.html", b"<p>tide")
    found = sources(ROOT, raw.find(ROOT)[0])

    def read(self, size=-1):
        raise TimeoutError("read timeout on the endpoint")

    monkeypatch.setattr(type(memory.open("/harbour/raw/d.warc")), "read", read)
    broken = list(in_turn(CLEANING, found))
    assert all(isinstance(each, Broken) and "read timeout" in each.reason for each in broken)
    assert [each.source.path.name for each in broken] == ["d.warc", "e.html"]


def test_whatever_a_file_system_raises_is_an_error_with_a_number():
    class OddError(Exception):
        pass

    error = remote._as_os_error(OddError("no route\nto anywhere"), "s3://a/b")
    assert (error.errno, error.strerror) == (errno.EIO, "OddError: no route")
    known = PermissionError(errno.EACCES, "no")
    assert remote._as_os_error(known, "s3://a/b") is known


def test_nothing_is_written_through_a_path_there():
    with pytest.raises(OSError, match="only reading"):
        (ROOT / "a.html").open("wb")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("s3://", "no address that can be used"),
        ("s3://key:secret@bucket/x", "//…@bucket"),
        ("nowhere://bucket/x", "a package is missing"),
        ("memory:///", "no address that can be used"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secrets(place, message):
    with pytest.raises(CorpusError) as raised:
        located(place)
    assert message in str(raised.value)
    assert "secret" not in str(raised.value)


def test_names_of_folders_stay_names_of_folders(tmp_path):
    assert located(str(tmp_path)) == located(tmp_path) == located(f"file://{tmp_path}") == tmp_path
    assert not isinstance(located("s3:bucket"), RemotePath)


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    def missing(scheme):
        raise ImportError("Install s3fs to access S3")

    remote._file_system.cache_clear()
    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(CorpusError, match=r"annotated-corpus\[s3\]"):
        located("s3://bucket/raw")
    remote._file_system.cache_clear()


@pytest.mark.parametrize("scheme", ["dir", "zip", "github", "reference"])
def test_an_address_that_cannot_be_opened_is_one_message(scheme):
    with pytest.raises(CorpusError, match=rf"{scheme}://: found that it cannot be opened \(\w+: .*\); see"):
        located(f"{scheme}://bucket/raw")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError("bucket"), "no such bucket or folder"),
        (PermissionError("Forbidden"), "AWS_ACCESS_KEY_ID"),
        (ValueError("NoCredentialsError: Unable to locate credentials"), "AWS_ACCESS_KEY_ID"),
        (ConnectionError("refused"), "see network"),
    ],
)
def test_an_address_that_cannot_be_listed_is_told_in_a_sentence(memory, monkeypatch, error, words):
    def find(*given, **named):
        raise error

    monkeypatch.setattr(memory, "find", find)
    with pytest.raises(CorpusError, match=words):
        raw.find(ROOT)


def test_pages_there_are_built_as_pages_here(project, memory):
    for path in (project.root / "raw").rglob("*.html"):
        memory.pipe_file(f"/harbour/raw/{path.relative_to(project.root / 'raw')}", path.read_bytes())
    here = build(project.root, workers=1, cache=False)
    files_here = {path.name: path.read_bytes() for path in here.files}
    (project.root / "raw").rename(project.root / "aside")
    there = build(project.root, workers=1, raw="memory://harbour/raw")
    assert there.ok
    assert {path.name: path.read_bytes() for path in there.files} == files_here


def test_a_build_of_pages_there_that_did_not_change_does_nothing(project, memory, monkeypatch):
    from corpus import last_build

    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    for path in (project.root / "raw").rglob("*.html"):
        memory.pipe_file(f"/harbour/raw/{path.relative_to(project.root / 'raw')}", path.read_bytes())
    first = build(project.root, workers=1, raw="memory://harbour/raw")
    read = last_build.inputs(project.root, ROOT)
    assert last_build.recall(project.root, project.root / "published", read)
    memory.pipe_file("/harbour/raw/my-source/more.html", b"<p>\xe6\xbd\xae\xe6\xb0\xb4" * 30)
    assert last_build.inputs(project.root, ROOT) != read
    assert build(project.root, workers=1, raw="memory://harbour/raw").raw_chars > first.raw_chars
