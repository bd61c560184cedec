"""The Ray engine on two nodes on loopback. `eval` does the work; a source is a list of expressions."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.engine import Broken, Limits, Work, engine, local
from corpus.errors import CorpusError

WORK = Work(read=iter, do=eval, name=str)
ABORT = "__import__('os').abort()"
QUICK = Limits(seconds=4, memory=300 << 20, output=1 << 20)
WIDE = Limits(seconds=60, memory=600 << 20, output=1 << 20)


def test_without_ray_the_message_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CorpusError, match=r"annotated-corpus\[ray\]"):
        list(engine("ray").map(WORK, [[["1"]]]))


def _ray():
    return pytest.importorskip("ray", reason="needs the extra `ray`")


@pytest.fixture(scope="module")
def cluster():
    """Two nodes of two CPUs each; the driver sits on the first."""
    ray = _ray()
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    made.second = made.add_node(num_cpus=2)
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def _run(units, limits=QUICK, **how):
    return list(engine("ray").map(WORK, units, limits=limits, **how))


pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def test_the_results_are_those_of_the_local_engine_in_the_same_order(cluster):
    units = [[[f"{n} + {m}" for m in range(3)], ["1 / 0"], [f"-{n}"]] for n in range(12)]
    assert _run(units) == list(local.map(WORK, units, 1))


def test_every_result_is_noted_once_before_the_run_ends(cluster):
    noted = []
    results = _run([[[str(n)]] for n in range(9)], noted=noted.append)
    assert sorted(noted) == sorted(each for unit in results for each in unit) == list(range(9))


def test_pieces_that_crash_hang_or_swell_are_broken_and_bystanders_are_not(cluster):
    hang = "__import__('time').sleep(600)"
    swell = f"([bytes([1]) * (10 << 20) for _ in range(50)], {hang})"
    source = ["1", ABORT, "2", hang, "3", swell, "4"]
    [[one, crashed, two, hung, three, swelled, four]] = _run([[source]])
    assert (one, two, three, four) == (1, 2, 3, 4)
    assert [each.reason for each in (crashed, hung, swelled)] == [
        "its process was ended by SIGABRT",
        "it took more than 4 seconds",
        "its process took more than 300 MiB of memory",
    ]
    assert isinstance(crashed, Broken)


def test_units_run_on_both_nodes(cluster):
    piece = "(__import__('time').sleep(0.3), __import__('os').environ['RAY_RAYLET_PID'])[1]"
    assert len({node for [node] in _run([[[piece]] for _ in range(16)], WIDE)}) == 2


def test_a_worker_that_is_killed_costs_nothing(cluster, tmp_path):
    note = tmp_path / "pids"
    pid = "str(__import__('os').getpid()) + '\\n'"
    noting = f"open({str(note)!r}, 'a').write({pid}) and __import__('time').sleep(1) or 7"

    def kill():
        while not (note.exists() and note.read_text().endswith("\n")):
            time.sleep(0.05)
        child = int(note.read_text().split()[0])
        os.kill(_worker_of(child), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    units = [[["1", noting, "3"]], *([[str(n)]] for n in range(6))]
    assert _run(units, WIDE) == [[1, 7, 3], *([n] for n in range(6))]
    killer.join()
    assert len(note.read_text().split()) == 2


def _worker_of(child):
    """The Ray worker that a child belongs to."""
    while not Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"ray::"):
        child = _parent(child)
    return child


def _parent(pid):
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
        return int(stat.read().rpartition(")")[2].split()[1])


def test_a_script_is_told_at_once_that_its_cluster_does_not_answer():
    _ray()
    code = (
        "from corpus.engine import Work, engine\n"
        "list(engine('ray').map(Work(read=iter, do=eval, name=str), [[['1']]]))\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "RAY_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "CorpusError: RAY_ADDRESS=127.0.0.1:1: found no Ray cluster there" in done.stderr
    assert time.monotonic() - began < 60


def test_a_worker_that_cannot_import_the_work_ends_the_run_with_a_clear_error(cluster):
    class Missing:
        def __reduce__(self):
            return __import__, ("no_such_module_for_workers",)

    with pytest.raises(CorpusError, match="same version of annotated-corpus on every node"):
        list(engine("ray").map(Work(read=iter, do=Missing(), name=str), [[["1"]]]))


def test_a_build_on_ray_gives_the_bytes_of_a_local_one(cluster, project, tmp_path):
    from corpus.build import build

    for number in range(60):
        body = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大。"
        project.write(
            f"raw/my-source/more/{number}.html", f"<article><p>{body}</p><p>{body[::-1]}</p></article>"
        )
    folders = []
    for name, how in (("local", {}), ("ray", {"engine": "ray"}), ("again", {"engine": "ray"})):
        folders.append(tmp_path / name / "out")
        assert build(project.root, folders[-1], cache=name != "local", **how).documents == 61
    first, *others = (
        {path.relative_to(each): path.read_bytes() for path in each.rglob("*") if path.is_file()}
        for each in folders
    )
    assert others == [first, first]


def test_parts_made_on_a_cluster_give_the_bytes_of_those_made_here(cluster, project, tmp_path, monkeypatch):
    from corpus.build import build
    from corpus.parts import making, mapping

    monkeypatch.setattr(making.pieces, "__defaults__", (4,))
    monkeypatch.setattr(mapping, "FEW", 0)
    for number in range(40):
        berth = number // 2
        body = f"第{berth}号泊位的工人说，等了{berth + 2}周的货轮今天可以靠岸了，海风不大，第{number}次。"
        project.write(
            f"raw/my-source/more/{number}.html", f"<article><p>{body}</p><p>{body[::-1]}</p></article>"
        )
    project.annotate(project.line("南屿贸易公司"))
    there = []
    ray_map = engine("ray").map

    def counting(work, units, *how, **more):
        there.append(getattr(getattr(work.do, "function", work.do), "__class__", None).__name__)
        return ray_map(work, units, *how, **more)

    monkeypatch.setattr(engine("ray"), "map", counting)
    folders = [tmp_path / "here/out", tmp_path / "there/out"]
    first = build(project.root, folders[0], cache=False, workers=1)
    assert build(project.root, folders[1], cache=False, engine="ray").ledger == first.ledger
    assert {"Recall", "Making", "Meeting", "Counting", "Anchoring"} <= set(there)
    here, cluster_s = (
        {path.relative_to(each): path.read_bytes() for path in each.rglob("*") if path.is_file()}
        for each in folders
    )
    assert cluster_s == here


def test_a_folder_that_a_node_does_not_see_is_not_shared(cluster, tmp_path, monkeypatch):
    assert engine("ray").shared([tmp_path, tmp_path])
    assert not engine("ray").shared([tmp_path, tmp_path / "not there"])
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(engine("ray"), "_reaches", _blind)
    assert not engine("ray").shared([tmp_path])


def _blind(marks, word):
    return False


def test_without_a_cluster_of_others_nothing_is_shared(monkeypatch):
    ray = _ray()
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert not engine("ray").shared([Path("/")])


def test_other_code_makes_nothing_for_a_build(monkeypatch):
    from corpus.parts import mapping

    same = mapping._Same(len, mapping.code.digest(mapping.LIBRARIES))
    assert same("ab") == 2
    with pytest.raises(CorpusError, match="a node runs another version of the code"):
        mapping._Same(len, "another")("ab")


def test_a_node_that_is_lost_costs_nothing(cluster):
    slow = "(__import__('time').sleep(0.4), {})[1]"
    timer = threading.Timer(2, lambda: cluster.remove_node(cluster.second, allow_graceful=False))
    timer.start()
    results = _run([[[slow.format(n)]] for n in range(40)], WIDE)
    timer.join()
    assert results == [[n] for n in range(40)]
    cluster.second = cluster.add_node(num_cpus=2)


def test_a_build_whose_driver_is_killed_goes_on_where_it_was_and_leaves_no_process(project, tmp_path):
    _ray()
    from corpus.build import build
    from corpus.cache import Cache
    from corpus.cleaning_run import CACHE

    for number in range(40):
        body = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大。"
        project.write(
            f"raw/my-source/more/{number:02}.html", f"<article><p>{body}</p><p>{body[::-1]}</p></article>"
        )
    (tmp_path / "slowly.py").write_text(
        "import os, time\nfrom corpus.pages import clean_or_quarantine\n"
        f"def do(page):\n    open({str(tmp_path / 'pids')!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        "    time.sleep(0.2)\n    return clean_or_quarantine(page)\n"
    )
    code = (
        "import sys\nfrom dataclasses import replace\nimport slowly\nfrom corpus import cleaning_run, pages\n"
        "from corpus.build import build\n"
        "cleaning_run.SHARD_ENTRIES = pages.UNIT_FILES = 4\ncleaning_run.SHARD_SECONDS = 3600\n"
        "cleaning_run.CLEANING = replace(cleaning_run.CLEANING, do=slowly.do)\n"
        "build(sys.argv[1], engine='ray', workers=2)\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    run = subprocess.Popen([sys.executable, "-c", code, project.root], env={**os.environ, "PYTHONPATH": path})
    shards = project.root / CACHE / "shards"
    while len(list(shards.glob("*.parquet"))) < 3:
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    children = {int(pid) for pid in (tmp_path / "pids").read_text().split()}
    deadline = time.monotonic() + 60
    while children and time.monotonic() < deadline:
        children = {pid for pid in children if Path(f"/proc/{pid}").exists()}
        time.sleep(0.1)
    assert not children
    there = Cache(project.root / CACHE)
    assert 12 <= there.counts().entries < 41
    there.close()
    assert build(project.root, workers=1).documents == 41
    there = Cache(project.root / CACHE)
    assert there.counts().entries == 41
    there.close()
