"""`corpus build --log`: what happens, as JSON lines, in a file apart from all that is read or published."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import log
from corpus.cli import main


def _run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return ended.value.code


def _events(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_build_tells_of_its_start_pages_findings_folder_and_end(project, tmp_path):
    project.write("raw/my-source/bad.html", b"%PDF-1.7")
    project.write("raw/odd.xyz", b"?")
    path = tmp_path / "log.jsonl"
    assert _run("build", project.root, "--workers", 1, "--log", path) == 1
    events = _events(path)
    kinds = [each["event"] for each in events]
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert events[0]["workers"] == 1
    assert {"progress", "finding"} <= set(kinds)
    aside = [each for each in events if each["event"] == "quarantined"]
    assert {each["raw_path"] for each in aside} == {"my-source/bad.html", "odd.xyz"}
    assert all(each["reason"] for each in aside)
    [published] = [each for each in events if each["event"] == "published"]
    assert published["where"] == str(project.root / "published")
    assert (events[-1]["code"], events[-1]["quarantined"]) == (1, 2)
    assert len({each["run"] for each in events}) == 1
    assert [each["time"] for each in events] == sorted(each["time"] for each in events)


def test_the_log_changes_nothing_that_is_published(project, tmp_path):
    _run("build", project.root, "--workers", 1, "--no-cache")
    before = {
        path.name: path.read_bytes() for path in (project.root / "published").rglob("*") if path.is_file()
    }
    _run("build", project.root, "--workers", 1, "--no-cache", "--log", tmp_path / "log.jsonl")
    now = {path.name: path.read_bytes() for path in (project.root / "published").rglob("*") if path.is_file()}
    assert now == before


def test_runs_follow_each_other_in_one_log(project, tmp_path):
    path = tmp_path / "log.jsonl"
    for _ in range(2):
        _run("build", project.root, "--workers", 1, "--log", path)
    assert [each["event"] for each in _events(path)].count("end") == 2
    assert len({each["run"] for each in _events(path)}) == 2


def test_a_build_that_cannot_be_made_tells_why_at_the_end(project, tmp_path):
    (project.root / "schema" / "corpus.yaml").write_text("nonsense: [")
    path = tmp_path / "log.jsonl"
    assert _run("build", project.root, "--workers", 1, "--log", path) == 2
    end = _events(path)[-1]
    assert (end["event"], end["code"]) == ("end", 2)
    assert "corpus.yaml" in end["error"]


def test_a_share_of_the_pages_is_told_of_too(project, tmp_path):
    path = tmp_path / "log.jsonl"
    assert _run("build", project.root, "--workers", 1, "--units", "1/1", "--log", path) == 0
    assert _events(path)[-1]["cleaned"] >= 1


@pytest.mark.parametrize("where", ["published/log.jsonl", "raw/log.jsonl", "annotations/x.jsonl", "schema/x"])
def test_a_log_that_would_be_read_or_published_is_refused(project, capsys, where):
    assert _run("build", project.root, "--log", project.root / where) == 2
    assert "choose a file elsewhere" in capsys.readouterr().err
    assert not (project.root / where).exists()
    (project.root / "else").mkdir()
    assert (
        _run("build", project.root, "--out", project.root / "else", "--log", project.root / "else" / "x") == 2
    )


def test_a_log_that_cannot_be_opened_is_refused_before_any_work(project, capsys, tmp_path):
    assert _run("build", project.root, "--log", tmp_path / "no" / "such" / "log") == 2
    assert "nothing was done" in capsys.readouterr().err
    assert not (project.root / "published").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_disk_that_refuses_the_log_does_not_stop_the_build(project, capsys):
    assert _run("build", project.root, "--workers", 1, "--log", "/dev/full") == 0
    assert "the log is not whole: [Errno 28]" in capsys.readouterr().err


def test_names_that_are_no_text_make_lines_that_can_be_read(tmp_path):
    path = tmp_path / "log.jsonl"
    with log.written(path):
        log.tell("quarantined", raw_path="a\udcff\n\x1b[2J.html", reason="潮水")
    [line] = path.read_bytes().splitlines()
    assert json.loads(line)["raw_path"] == "a\udcff\n\x1b[2J.html"
    assert "潮水".encode() in line


def test_a_line_is_in_the_file_when_it_was_told(tmp_path):
    path = tmp_path / "log.jsonl"
    with log.written(path):
        log.tell("progress", pages=1)
        assert _events(path)[-1]["pages"] == 1
        assert len(_events(path)) == 1
    log.tell("progress", pages=2)
    assert len(_events(path)) == 1


def test_a_program_can_take_the_events_where_it_takes_its_others(caplog):
    with caplog.at_level(logging.INFO, logger="corpus"):
        log.tell("published", where="here")
    [record] = caplog.records
    assert (record.name, record.getMessage(), record.facts) == ("corpus", "published", {"where": "here"})


def test_a_process_that_dies_of_a_page_is_told_of(project, tmp_path):
    project.write("raw/my-source/die.html", "<p>潮水 fatal</p>")
    (tmp_path / "fatal.py").write_text(
        "import os\nfrom corpus.pages import clean_or_quarantine\n"
        "def do(page):\n    if b'fatal' in getattr(page, 'body', b''): os.abort()\n"
        "    return clean_or_quarantine(page)\n"
    )
    code = (
        "import sys\nfrom dataclasses import replace\nimport fatal\nfrom corpus import cleaning_run\n"
        "from corpus.cli import main\n"
        "cleaning_run.CLEANING = replace(cleaning_run.CLEANING, do=fatal.do)\nmain(sys.argv[1:])\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    told = ["build", project.root, "--workers", "2", "--log", tmp_path / "log.jsonl"]
    run = subprocess.run(
        [sys.executable, "-c", code, *told], env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert run.returncode == 1
    [died] = [each for each in _events(tmp_path / "log.jsonl") if each["event"] == "worker-died"]
    assert (died["raw_path"], "SIGABRT" in died["reason"]) == ("my-source/die.html", True)
