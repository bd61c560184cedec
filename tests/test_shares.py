"""Shares of the pages cleaned at the same time by processes that know nothing of each other: a Slurm array.

Each is a `corpus build --units I/N` of its own, all on one cache; one is killed and started again, as a job
that was evicted is. The build behind them finds every page there.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import pytest

from corpus import cleaning_run
from corpus.build import build
from corpus.cache import Cache
from corpus.cleaning_run import CACHE

SHARES = 4
PAGES = 60
UNIT = 5

DRIVER = f"""
import sys
from dataclasses import replace
import slowly
from corpus import cleaning_run, pages
from corpus.cli import main
cleaning_run.SHARD_ENTRIES = pages.UNIT_FILES = {UNIT}
cleaning_run.CLEANING = replace(cleaning_run.CLEANING, do=slowly.do)
main(sys.argv[1:])
"""


def _page(number):
    body = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大。"
    return f"<title>泊位{number}</title><article><p>{body}</p><p>{body[::-1]}</p></article>"


@pytest.fixture
def array(project, tmp_path):
    """A project, and what starts the share of a number."""
    for number in range(PAGES - 1):
        project.write(f"raw/my-source/more/{number:02}.html", _page(number))
    note = tmp_path / "note"
    (tmp_path / "slowly.py").write_text(
        "import os, time\nfrom corpus.pages import clean_or_quarantine\n"
        f"def do(page):\n    open({str(note)!r}, 'a').write(f'{{os.getpid()}} {{page.document_id}}\\n')\n"
        "    time.sleep(0.2)\n    return clean_or_quarantine(page)\n"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}

    def start(number, workers):
        arguments = ("--units", f"{number}/{SHARES}", "--workers", str(workers), "--json")
        command = [sys.executable, "-c", DRIVER, "build", str(project.root), *arguments]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    project.start, project.note = start, note
    return project


def _done(run):
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    return json.loads(out)


def _cleaned(array):
    lines = array.note.read_text().splitlines() if array.note.exists() else []
    return [tuple(line.split(" ")) for line in lines]


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def _never(page):
    raise AssertionError(f"{page.document_id} is cleaned again")


@pytest.mark.parametrize("workers", [1, 2])
def test_shares_at_the_same_time_one_of_them_killed_and_run_again_clean_every_page_once(
    array, workers, monkeypatch
):
    runs = {number: array.start(number, workers) for number in range(1, SHARES + 1)}
    victim = 2
    mine = {f"my-source/more/{number:02}" for number in range(victim - 1, PAGES, SHARES)} - {"my-source/page"}
    while sum(page in mine for _, page in _cleaned(array)) < 2 * UNIT + workers:
        assert runs[victim].poll() is None
        time.sleep(0.01)
    runs[victim].kill()
    runs.pop(victim).communicate()
    again = _done(array.start(victim, workers))  # while the others are at work
    told = [_done(run) for run in runs.values()]
    assert sum(each["files"] for each in (*told, again)) == PAGES
    assert again["cleaned"] + again["known"] == again["files"]
    assert again["known"] >= UNIT
    twice = {page: count for page, count in Counter(page for _, page in _cleaned(array)).items() if count > 1}
    assert set(twice) <= mine
    assert set(twice.values()) <= {2}
    assert len(twice) <= workers * UNIT
    there = Cache(array.root / CACHE)
    assert there.counts().entries == PAGES
    there.close()
    with monkeypatch.context() as alone:
        alone.setattr(cleaning_run, "CLEANING", replace(cleaning_run.CLEANING, do=_never))
        report = build(array.root, workers=1)
    assert (report.documents, report.ok) == (PAGES, True)
    published = _bytes(array.root / "published")
    (array.root / "published").rename(array.root / "aside")
    build(array.root, workers=1, cache=False)
    assert _bytes(array.root / "published") == published


def test_shares_and_a_build_at_the_same_time_give_what_a_build_gives(array):
    runs = [array.start(number, 1) for number in range(1, SHARES + 1)]
    report = build(array.root, workers=1)
    assert report.ok
    for run in runs:
        _done(run)
    there = Cache(array.root / CACHE)
    assert there.counts().entries == PAGES
    there.close()
    published = _bytes(array.root / "published")
    (array.root / "published").rename(array.root / "aside")
    build(array.root, workers=1, cache=False)
    assert _bytes(array.root / "published") == published
