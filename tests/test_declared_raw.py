"""A project whose schema says that its raw files lie elsewhere: every command finds them there.

fsspec's own file system in memory stands for any; tests/test_s3.py does the same with a server.
"""

import errno
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus import last_build, pytest_plugin, remote
from corpus.annotating import standing_of
from corpus.auditing import audit
from corpus.build import build
from corpus.cleaning_run import Run, fill
from corpus.engine import local
from corpus.errors import CorpusError, ProjectError
from corpus.raw import root_of
from corpus.remote import RemotePath
from corpus.rights import forget
from corpus.schema import load_project
from corpus.status import status
from corpus.trace import trace

ADDRESS = "memory://harbour/raw"


def _declare(project, address):
    path = project.root / "schema/corpus.yaml"
    path.write_text(f"{path.read_text('utf-8')}\nraw: {address}\n", "utf-8")


@pytest.fixture
def away(project, memory, monkeypatch):
    """A project with an annotation whose raw files lie at an address, and nowhere else."""
    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    alone = SimpleNamespace(map=lambda work, units, _: local.map(work, units, 1))
    monkeypatch.setattr("corpus.standing.engine", lambda _: alone)  # no other process has this memory
    lines = [
        {"id": f"berth-{n}", "html": f"<p>{f'潮水退去之后，第{n}号泊位空了出来。' * 6}"} for n in range(9)
    ]
    project.write("raw/my-source/many.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))
    project.annotate(project.line("南屿贸易公司"))
    project.here = trace(project.root, "my-source/many#berth-7")
    for path in (project.root / "raw").rglob("*.*l"):
        memory.pipe_file(f"/harbour/raw/{path.relative_to(project.root / 'raw')}", path.read_bytes())
    (project.root / "raw").rename(project.root / "aside")
    _declare(project, ADDRESS)
    return project


def test_the_address_is_read_from_the_schema(away):
    assert load_project(away.root).raw == ADDRESS
    assert root_of(away.root) == RemotePath(ADDRESS)


def test_without_a_word_in_the_schema_it_is_the_folder_raw(project):
    assert load_project(project.root).raw is None
    assert root_of(project.root) == project.root / "raw"


@pytest.mark.parametrize(
    "place",
    [
        *("../elsewhere", "/etc", "file:///etc", "local:///etc", "dir://etc", "zip://etc", "tar://etc"),
        *("libarchive://etc", "git://etc", "generic://etc", "reference://etc", "cached://etc"),
        *("blockcache://etc", "filecache://etc", "simplecache://etc", "data://etc", "S3://bucket"),
        *("s3://key@bucket/x", '"s3://"', "s3:///etc", "[a]"),
    ],
)
def test_a_folder_of_this_machine_or_a_key_is_refused_with_its_line(project, place):
    _declare(project, place)
    for read in (load_project, root_of):
        with pytest.raises(ProjectError, match=r"schema/corpus\.yaml:\d+: raw: found .* expected an address"):
            read(project.root)


@pytest.mark.parametrize(
    "place", ["s3://secret:secret@bucket/x", "https://host/x?key=secret", "s3://bucket/x#secret", "secret"]
)
def test_an_address_that_is_refused_is_not_shown_since_it_may_hold_a_key(project, place):
    _declare(project, f'"{place}"')
    with pytest.raises(ProjectError, match=r"raw: found no address .* in the environment") as raised:
        load_project(project.root)
    assert "secret" not in str(raised.value)


def test_a_schema_that_cannot_be_read_is_named_where_its_address_is_sought(project, monkeypatch):
    opened = Path.open

    def refused(path, *more, **named):
        if path.name == "corpus.yaml":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", refused)
    for read in (load_project, root_of):
        with pytest.raises(ProjectError, match=r"schema/corpus\.yaml: found a file that cannot be read"):
            read(project.root)


def test_builds_and_shares_read_there_and_an_option_reads_elsewhere(away):
    assert fill(away.root, Run(workers=1), (1, 1)).cleaned == 10
    there = build(away.root, workers=1)
    assert (there.documents, there.ok) == (10, True)
    bytes_there = {path.name: path.read_bytes() for path in there.files}
    here = build(away.root, workers=1, raw=away.root / "aside")
    assert {path.name: path.read_bytes() for path in here.files} == bytes_there


def test_traces_lead_to_the_same_place_there(away):
    assert trace(away.root, "my-source/many#berth-7") == away.here
    build(away.root, workers=1)
    assert trace(away.root, "my-source/many#berth-7") == away.here


def test_a_trace_after_a_build_reads_one_record_and_no_list_of_files(away, memory, monkeypatch):
    build(away.root, workers=1)
    monkeypatch.setattr(memory, "find", None)
    fetched = []
    readinto = remote._Reading.readinto

    def counting(self, buffer):
        count = readinto(self, buffer)
        fetched.append((self.tell() - count, count))
        return count

    monkeypatch.setattr(remote._Reading, "readinto", counting)
    assert trace(away.root, "my-source/many#berth-7") == away.here
    begin = memory.cat_file("/harbour/raw/my-source/many.jsonl").index(b'{"id": "berth-7"')
    assert min(at for at, count in fetched if count) >= begin


@pytest.mark.parametrize("change", ["moved", "another first", "gone"])
def test_a_trace_goes_by_the_file_as_it_is_now(away, memory, change):
    build(away.root, workers=1)
    name = "/harbour/raw/my-source/many.jsonl"
    body = memory.cat_file(name)
    line = body.splitlines(keepends=True)[7]
    before = {"moved": b"\n\n" + body, "another first": line.replace(b"7", b"8") + body, "gone": b""}[change]
    memory.pipe_file(name, before)
    if change == "gone":
        with pytest.raises(CorpusError, match="no document"):
            trace(away.root, "my-source/many#berth-7")
    else:
        found = trace(away.root, "my-source/many#berth-7")
        assert [each.raw for each in found] == [each.raw for each in away.here]


def test_audits_and_what_annotators_do_read_there(away):
    assert [each.check for each in audit(away.root) if each.level == "error"] == []
    stand = standing_of(away.root)
    assert len(stand.documents) == 10
    assert [each.anchor.method for each in stand.anchored] == ["exact"]


def test_status_tells_what_changed_there(away, memory):
    assert not status(away.root).current
    build(away.root, workers=1)
    assert status(away.root) == (True, 10, ())
    memory.pipe_file("/harbour/raw/my-source/more.html", "<p>潮水退去之后，泊位空了出来。".encode() * 3)
    found = status(away.root)
    assert [(each.name, each.why) for each in found.stale] == [("my-source/more", "new")]
    assert found.pages == 11


@pytest.mark.parametrize("document_id", ["my-source/page", "my-source/many#berth-7"])
def test_what_is_forgotten_is_taken_out_there(away, memory, document_id):
    build(away.root, workers=1)
    forget(away.root, document_id, "asked for", "2026-01-01", write=True)
    stored = b"".join(memory.cat_file(name) for name in memory.find("/harbour/raw"))
    assert ("贺兰生".encode() in stored, b"berth-7" in stored) == (
        document_id != "my-source/page",
        document_id == "my-source/page",
    )
    report = build(away.root, workers=1)
    assert report.documents == 9
    assert report.quarantined == ()


def test_what_may_not_be_changed_there_is_forgotten_all_the_same(away, memory, monkeypatch):
    def refuse(path):
        raise PermissionError("AccessDenied")

    monkeypatch.setattr(memory, "rm_file", refuse)
    with pytest.raises(ProjectError, match=r"cannot be removed there .* the cache holds of it stays"):
        forget(away.root, "my-source/page", "asked for", "2026-01-01", write=True)
    report = build(away.root, workers=1)
    assert report.documents == 9
    assert [each.raw_path for each in report.quarantined] == ["my-source/page.html"]
    assert not list((away.root / "annotations").rglob("*.jsonl")) or report.annotations == 0


def test_the_pytest_plugin_reads_there(away):
    build(away.root, workers=1)
    built = pytest_plugin._Built(away.root)
    assert (pytest_plugin._sources(built), pytest_plugin._published(built)) == ([], [])
    assert pytest_plugin._Audit(away.root).outcomes["unreadable_page"].findings == ()


def test_a_project_without_raw_files_is_told_of_both_ways(project):
    (project.root / "raw").rename(project.root / "aside")
    with pytest.raises(ProjectError, match=r"put the raw files of the project there, or give their address"):
        trace(project.root, "my-source/page")
