"""The local engine and its guard. `eval` does the work, since a child can import it; a source is a list of
expressions."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus import engine
from corpus.engine import Broken, Limits, Work, _guard, local
from corpus.errors import CorpusError

WORK = Work(read=iter, do=eval, name=str)
SLEEP = "__import__('time').sleep(600)"
ABORT = "__import__('os').abort()"
SWELL = "[bytes([1]) * (10 << 20) for _ in range(100)]"
PROC = Path("/proc")
ALONE = _guard._OWN is not None and _guard._threads() == 1
QUICK = Limits(seconds=2, memory=300 << 20, output=1 << 20)


@pytest.fixture(autouse=True, params=["own", "clean"])
def children(request, monkeypatch):
    """Children of this process, where that may be, and of one that is started for them."""
    if request.param == "clean":
        monkeypatch.setattr(_guard, "_OWN", None)
    elif not ALONE:
        pytest.skip("this process has threads: see the test that runs these in a process without")
    return request.param


def _run(*sources, limits=QUICK, workers=2):
    return list(local.map(WORK, [[source] for source in sources], workers, limits))


def test_one_worker_gives_the_results_in_order():
    assert _run(["1+1", "2+2"], ["3"], workers=1) == [[2, 4], [3]]


def test_several_workers_give_the_same_results_in_the_same_order():
    sources = [[str(n), f"-{n}"] for n in range(9)]
    assert _run(*sources, workers=2) == _run(*sources, workers=1)


def test_a_slow_unit_does_not_let_the_next_ones_overtake_it():
    assert _run(["__import__('time').sleep(.5) or 1"], ["2"], ["3"]) == [[1], [2], [3]]


def test_no_units_give_no_results():
    assert _run() == []


def test_a_unit_of_several_sources_gives_their_pieces_in_order():
    assert list(local.map(WORK, [(["1"], [], ["2", "3"])], 2, QUICK)) == [[1, 2, 3]]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_piece_that_raises_is_broken_and_its_neighbours_are_not(workers):
    source = ["1", "1 / 0", "2"]
    broken = Broken(source, "1 / 0", "ZeroDivisionError: division by zero")
    assert _run(source, workers=workers) == [[1, broken, 2]]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_source_that_cannot_be_read_is_broken_and_its_neighbours_are_not(workers):
    broken = Broken(7, None, "TypeError: 'int' object is not iterable")
    assert list(local.map(WORK, [(["1"], 7, ["2"])], workers, QUICK)) == [[1, broken, 2]]


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (ABORT, "its process was ended by SIGABRT"),
        ("__import__('os')._exit(3)", "its process ended with exit status 3"),
        (SLEEP, "it took more than 2 seconds"),
        (f"({SWELL}, {SLEEP})", "its process took more than 300 MiB of memory"),
        ("bytes(2 << 20)", "its result takes 2 MiB, more than the 1 MiB allowed"),
    ],
)
@pytest.mark.skipif(not PROC.exists(), reason="memory is watched through /proc")
def test_a_piece_that_crashes_hangs_or_swells_is_broken_and_its_neighbours_are_not(piece, reason):
    source = ["1", piece, "2"]
    assert _run(source, ["3"]) == [[1, Broken(source, piece, reason), 2], [3]]


KILLED = "__import__('os').kill(__import__('os').getpid(), 9)"


def test_a_piece_whose_process_is_killed_from_outside_is_tried_once_more(tmp_path):
    note = tmp_path / "killed"
    once = f"__import__('os').path.exists({str(note)!r}) or (open({str(note)!r}, 'w').close(), {KILLED})"
    assert _run(["1", once, "2"], ["3"]) == [[1, True, 2], [3]]


def test_a_piece_whose_process_is_killed_twice_is_broken():
    source = ["1", KILLED, "2", KILLED]
    first, second = (Broken(source, KILLED, "its process was ended by SIGKILL") for _ in range(2))
    assert _run(source, ["3"]) == [[1, first, 2, second], [3]]


def test_a_process_killed_again_on_its_way_to_where_it_was_does_nothing_twice(tmp_path):
    notes = [tmp_path / "first", tmp_path / "second"]
    made = [f"open({str(note)!r}, 'w').close()" for note in notes]
    there = [f"__import__('os').path.exists({str(note)!r})" for note in notes]
    at_30 = f"n == 30 and not {there[0]} and ({made[0]}, {KILLED})"
    at_10 = f"n == 10 and {there[0]} and not {there[1]} and ({made[1]}, {KILLED})"
    source = f"(n for n in range(40) if not ({at_30} or {at_10}))"
    numbers = Work(read=eval, do=str, name=str)
    broken = Broken(source, None, "its process was ended by SIGKILL")
    assert list(local.map(numbers, [[source]], 2, QUICK)) == [[*map(str, range(30)), broken]]


def test_every_bad_piece_of_a_unit_is_named():
    source = [ABORT, "1", ABORT, ABORT, "2"]
    broken = Broken(source, ABORT, "its process was ended by SIGABRT")
    assert _run(source) == [[broken, 1, broken, broken, 2]]


def test_a_source_whose_reading_crashes_is_broken_and_the_next_one_is_read():
    crash = Work(read=eval, do=str, name=str)
    sources = ("[1]", ABORT, "[2]")
    broken = Broken(ABORT, None, "its process was ended by SIGABRT")
    assert list(local.map(crash, [sources], 2, QUICK)) == [["1", broken, "2"]]


def test_a_process_that_earlier_pieces_left_large_is_replaced():
    keep = f"__import__('builtins').__dict__.setdefault('kept', {SWELL.replace('100', '16')}) and 0"
    pid = "__import__('os').getpid()"
    [[first, _, second]] = _run([pid, keep, pid])
    assert first != second


@pytest.mark.skipif(not PROC.exists(), reason="memory is watched through /proc")
def test_a_process_is_not_charged_for_the_memory_of_the_one_it_was_forked_from():
    held = bytearray(b"x") * (QUICK.memory + (50 << 20))
    pid = "__import__('os').getpid()"
    [[first, second]] = _run([pid, f"__import__('time').sleep(1) or {pid}"])
    assert first == second
    assert held


@pytest.mark.usefixtures("not_for_ever")
def test_units_larger_than_a_pipe_holds_are_done_behind_one_another():
    long = f"len({'a' * 1_000_000!r})"
    assert _run(*[[long]] * 8) == [[1_000_000]] * 8


@pytest.mark.usefixtures("not_for_ever")
def test_limits_are_watched_while_a_child_never_stops_talking():
    talk, end = os.pipe()
    os.write(end, b"and another thing")
    watched = []
    guard = SimpleNamespace(connection=talk, hear=lambda: None, watch=lambda: watched.append(1))
    with local._Turns([guard]) as turns:
        turns.take()
    os.close(talk)
    os.close(end)
    assert watched


def test_workers_that_cannot_begin_end_the_run_with_a_clear_error(monkeypatch):
    monkeypatch.setattr(_guard, "_OWN", None)
    unpicklable_in_child = Work(read=iter, do=_Unloadable(), name=str)
    with pytest.raises(CorpusError, match="worker processes end before they begin to work"):
        list(local.map(unpicklable_in_child, [[["1"]]], 2, QUICK))


class _Unloadable:
    """Cannot be unpickled in a child: what a worker without the package meets."""

    __module__ = "builtins"

    def __call__(self, piece):
        return piece

    def __reduce__(self):
        return __import__, ("no_such_module_for_workers",)


@pytest.mark.skipif(ALONE, reason="they are run here")
@pytest.mark.skipif(_guard._OWN is None, reason="children are forked from their parent on Linux alone")
def test_all_this_holds_for_children_of_a_process_without_threads(children):
    quietly = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", "own", __file__]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *quietly],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    assert "skipped" not in run.stdout.rpartition("\n\n")[2].replace("1 skipped", "")


def test_a_run_that_is_given_up_leaves_no_process():
    run = local.map(WORK, [[["__import__('os').getpid()"]], [[SLEEP]]], 2, QUICK)
    [pid] = next(run)
    run.close()
    assert _gone(pid)


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    note = tmp_path / "pid"
    piece = f"(open({str(note)!r}, 'w').write(str(__import__('os').getpid())), {SLEEP})"
    script = (
        "from corpus.engine import Work, local\n"
        f"list(local.map(Work(read=iter, do=eval, name=str), [[[{piece!r}]]], 2))\n"
    )
    driver = subprocess.Popen([sys.executable, "-c", script])
    while not (note.exists() and note.read_text()):
        assert driver.poll() is None
        time.sleep(0.05)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert _gone(int(note.read_text()))


def test_a_script_without_a_main_guard_is_not_run_again_in_the_children(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\nfrom corpus.engine import Work, local\n"
        "print(list(local.map(Work(read=iter, do=len, name=str), [[['ab']]], 2)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "once\n[[2]]\n"


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(CorpusError, match=r"no engine 'warp'; known engines: local"):
        engine.engine("warp")


def _gone(pid):
    """Whether a process has ended, or ends within ten seconds; one that only waits to be reaped has."""
    for _ in range(200):
        try:
            stat = (PROC / str(pid) / "stat").read_text()
            if stat.rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False
