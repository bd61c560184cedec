"""Where a build works, and what it leaves there."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from corpus.build import build
from corpus.errors import CorpusError
from corpus.parts.mapping import Damaged, mapped
from corpus.parts.workspace import workspace


def _left(folder):
    return sorted(path.name for path in folder.glob(".corpus-build-*"))


@pytest.mark.parametrize("cache", [True, False])
def test_a_build_leaves_nothing_of_its_own_behind(project, tmp_path, cache):
    build(project.root, tmp_path / "out", workers=1, cache=cache)
    assert _left(tmp_path) == _left(project.root) == []
    assert not (project.root / ".corpus").exists() or _left(project.root / ".corpus") == []


@pytest.mark.parametrize("cache", [True, False])
def test_what_a_build_that_was_killed_left_is_removed_by_the_next(project, cache):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom corpus.parts.workspace import workspace\n"
        f"root = Path(sys.argv[1])\nwith workspace(root, root / 'published', cache={cache}):\n"
        "    print('here', flush=True)\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code, project.root], stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"here\n"
    folder = project.root / ".corpus" if cache else project.root
    theirs = _left(folder)
    assert len(theirs) == 1
    with workspace(project.root, project.root / "published", cache=cache):
        assert theirs[0] in _left(folder)  # somebody works in it
    run.send_signal(signal.SIGKILL)
    run.communicate()
    with workspace(project.root, project.root / "published", cache=cache):
        assert theirs[0] not in _left(folder)


def test_a_build_from_a_folder_that_is_not_there_yet_works_in_the_one_above(project, tmp_path):
    assert build(project.root, tmp_path / "a/b/out", workers=1, cache=False).published
    assert _left(tmp_path) == []


def test_a_killed_build_goes_on_from_the_parts_that_were_made(project):
    for number in range(300):
        text = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大。"
        project.write(f"raw/my-source/more/{number:03}.txt", text)
    code = "import sys; from corpus.build import build; build(sys.argv[1], workers=1)"
    run = subprocess.Popen([sys.executable, "-c", code, project.root])
    made = project.root / ".corpus/store/pages"
    while not list(made.glob("??/*")):
        assert run.poll() is None
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (project.root / "published").exists()
    before = {path: path.stat().st_mtime_ns for path in made.glob("??/*")}
    assert build(project.root, workers=1).documents == 301
    assert {path: path.stat().st_mtime_ns for path in before if path.exists()} == before
    assert _left(project.root / ".corpus") == []


def _shout(word):
    if word == "quiet":
        raise ValueError("too quiet")
    if word == "damaged":
        raise Damaged("the store")
    return word.upper(), os.getpid()


@pytest.mark.parametrize("many", [1, 3])
def test_a_function_is_mapped_in_order_whoever_runs_it(many):
    words = ["a", "b", "c"] * many
    found = list(mapped(_shout, words, 2))
    assert [word for word, _ in found] == ["A", "B", "C"] * many
    assert all((pid == os.getpid()) == (many == 1) for _, pid in found)


def _refused(_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.usefixtures("not_for_ever")
def test_a_full_disk_ends_the_run_also_where_arguments_are_larger_than_a_pipe_holds():
    with pytest.raises(OSError, match="No space left on device"):
        list(mapped(_refused, ["k" * 300_000] * 9, 2))


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [("quiet", CorpusError, "could not be made: ValueError: too quiet"), ("damaged", Damaged, "the store")],
)
@pytest.mark.parametrize("many", [1, 9])
def test_what_breaks_the_function_ends_the_run_with_its_reason(word, error, message, many):
    with pytest.raises(error, match=message):
        list(mapped(_shout, [word] * many, 2))
