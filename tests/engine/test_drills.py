"""What a crawl of weeks meets, on both engines: pages that kill, processes that are killed, disks that fill.

Every build is a process of its own, as a user starts it; on Ray its cluster is two nodes on loopback, which
it does not own. A drill writes what is done to a page (`drilled.do`), which first notes process and page.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from corpus.build import build
from corpus.cache import Cache
from corpus.cleaning_run import CACHE

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Ray's own
    pytest.mark.skipif(not Path("/proc").exists(), reason="processes are watched through /proc"),
]

PAGES = 24
UNIT = 4
WORKERS = 2

DRIVER = f"""
import sys
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
import drilled
from corpus import cleaning_run, pages
from corpus.cli import main
from corpus.engine import Limits, engine
cleaning_run.SHARD_ENTRIES = pages.UNIT_FILES = {UNIT}
cleaning_run.CLEANING = replace(cleaning_run.CLEANING, do=drilled.do)
limits = Limits(seconds=4, memory=700 << 20, output=64 << 20)
cleaning_run.engine_named = lambda name: SimpleNamespace(map=partial(engine(name).map, limits=limits))
main(sys.argv[1:])
"""

DO = """
import os, signal, time
from pathlib import Path
from corpus.pages import clean_or_quarantine
NOTE = Path({note!r})
def do(page):
    with NOTE.open("a") as note:
        note.write(f"{{os.getpid()}} {{page.document_id}}\\n")
    name = page.document_id.rpartition("/")[2]
{body}
    return clean_or_quarantine(page)
"""

SLOWLY = "    time.sleep(0.15)"


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """The folder in which all processes of the drills find the module `drilled`."""
    folder = tmp_path_factory.mktemp("modules")
    before = os.environ.copy()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, sys.path)])
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    yield folder
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def cluster(modules):
    """Two nodes of two CPUs each, which no driver of a drill owns."""
    pytest.importorskip("ray", reason="needs the extra `ray`")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    made.second = made.add_node(num_cpus=2)
    yield made
    made.shutdown()


@pytest.fixture(params=["local", "ray"])
def engine(request):
    """Each engine in turn; Ray's processes are told where the cluster is."""
    if request.param == "ray":
        request.getfixturevalue("cluster")
    return request.param


@pytest.fixture
def drill(project, tmp_path, modules, engine, request):
    """A project of PAGES pages more than one, and what builds it."""
    for number in range(PAGES):
        project.write(f"raw/my-source/more/{number:02}.html", _page(number))
    address = request.getfixturevalue("cluster").address if engine == "ray" else None
    return Drill(project, modules, tmp_path / "note", engine, address)


def _page(number):
    body = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大。"
    return f"<title>泊位{number}</title><article><p>{body}</p><p>{body[::-1]}</p></article>"


class Drill:
    """Builds of one project, each in a process that ends as the drill has it."""

    def __init__(self, project, modules, note, engine, address):
        self.root, self.engine, self._write = project.root, engine, project.write
        self._modules, self.note = modules, note
        self._env = {"RAY_ADDRESS": address} if address else {}

    def page(self, name):
        self._write(f"raw/my-source/more/{name}.html", _page(int(name[:2])))

    def command(self, *more):
        how = ("--engine", self.engine, "--workers", str(WORKERS), *more)
        return [sys.executable, "-c", DRIVER, "build", str(self.root), *how]

    def start(self, body, *more, command=None, **env):
        (self._modules / "drilled.py").write_text(DO.format(note=str(self.note), body=body))
        self.note.unlink(missing_ok=True)
        return subprocess.Popen(
            command or self.command(*more),
            env=os.environ | self._env | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, body="", *more, command=None, **env):
        return _ended(self.start(body, *more, command=command, **env))

    def begun(self):
        """The process and the page of each piece of work that was begun, in order."""
        lines = self.note.read_text().splitlines() if self.note.exists() else []
        return [(int(pid), page) for pid, _, page in (line.partition(" ") for line in lines) if page]

    def wait_for(self, count, run):
        """Wait until so many pages were begun."""
        while len(self.begun()) < count:
            assert run.poll() is None, run.communicate()
            time.sleep(0.01)

    def kept(self):
        there = Cache(self.root / CACHE)
        try:
            return there.counts().entries
        finally:
            there.close()

    def published(self):
        return _bytes(self.root / "published")

    def from_nothing(self):
        """What a plain build by one process publishes that knows nothing of what was before."""
        shutil.rmtree(self.root / "published", ignore_errors=True)
        report = build(self.root, workers=1, cache=False)
        assert report.ok
        return self.published()


def _ended(run):
    out, err = run.communicate(timeout=240)
    return subprocess.CompletedProcess(run.args, run.returncode, out, err)


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def _family(pid):
    """A process and all that it started, and they."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(told[1]), []).append(int(stat.parent.name))
    found, more = set(), {pid}
    while more:
        found |= more
        more = {child for each in more for child in children.get(each, ())} - found
    return found


def _parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _left(pids, seconds=60):
    """Those of some processes that have not ended after a while; what waits to be reaped has."""
    until = time.monotonic() + seconds
    while (left := {pid for pid in pids if _runs(pid)}) and time.monotonic() < until:
        time.sleep(0.05)
    return {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left}


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _whole(drill, redone):
    """Build what a drill broke off, and see that it is whole and that no more was done again than may be."""
    begun = {page for _, page in drill.begun()}
    kept = drill.kept()
    assert len(begun) - kept <= redone
    again = drill.run()
    assert again.returncode == 0, again.stderr
    done = [page for _, page in drill.begun()]
    assert len(done) == len(set(done)) == PAGES + 1 - kept
    published = drill.published()
    assert drill.kept() == PAGES + 1
    assert published == drill.from_nothing()


def test_pages_that_crash_hang_and_swell_are_named_and_all_others_are_published(drill):
    for name in ("51-crash", "52-hang", "53-swell"):
        drill.page(name)
    body = (
        "    if name == '51-crash': os.abort()\n"
        "    if name == '52-hang': time.sleep(600)\n"
        "    if name == '53-swell': kept = [bytes([1]) * (10 << 20) for _ in range(90)]; time.sleep(600)\n"
    )
    run = drill.run(body)
    assert run.returncode == 1, run.stderr
    for words in (
        "51-crash.html: cleaning it failed: its process was ended by SIGABRT",
        "52-hang.html: cleaning it failed: it took more than 4 seconds",
        "53-swell.html: cleaning it failed: its process took more than 700 MiB",
    ):
        assert words in run.stderr
    assert f"{PAGES + 1} documents" in run.stdout
    assert drill.kept() == PAGES + 1
    assert drill.run().returncode == 0  # what broke is tried again, and nothing else
    assert {page.rpartition("-")[2] for _, page in drill.begun()} == {"crash", "hang", "swell"}
    assert drill.published() == drill.from_nothing()


def test_a_driver_that_is_killed_leaves_no_process_and_costs_at_most_a_unit_a_worker(drill):
    run = drill.start(SLOWLY)
    drill.wait_for(PAGES // 2, run)
    family = _family(run.pid) - {run.pid}
    run.kill()
    _ended(run)
    time.sleep(0.5)
    workers = {pid for pid, _ in drill.begun()}
    assert _left(family | workers) == {}
    assert not (drill.root / "published").exists()
    _whole(drill, WORKERS * UNIT)


@pytest.mark.parametrize("whom", ["driver", "all"])
def test_an_interrupt_ends_a_build_with_130_and_the_next_goes_on(drill, whom):
    run = drill.start(SLOWLY)
    drill.wait_for(PAGES // 2, run)
    family = _family(run.pid) - {run.pid}
    (os.killpg if whom == "all" else os.kill)(run.pid, signal.SIGINT)
    ended = _ended(run)
    assert ended.returncode == 130
    assert ended.stderr.strip().splitlines()[-1] == "corpus: interrupted"
    assert "Traceback" not in ended.stderr
    assert _left(family | {pid for pid, _ in drill.begun()}) == {}
    _whole(drill, WORKERS * UNIT)


SMALL = """
mount -t tmpfs -o size="$1"k tmpfs "$2/.corpus" && mount -t tmpfs -o size="$3"k tmpfs "$2/there" || exit 99
cp -a "$2/published" "$2/there/" || exit 99
root="$2"; shift 3
"$@"; code=$?
diff -r "$root/published" "$root/there/published" >&2 || exit 98
ls -A "$root/there"
exit $code
"""


@pytest.mark.parametrize("room", [8, 64, 4096])
def test_a_disk_that_is_full_is_one_message_and_no_process_is_started_for_ever(drill, room):
    """`.corpus` and what is published lie on file systems of their own, the second always too small."""
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a small file system needs `unshare -rm`")
    before = drill.from_nothing()
    for number in range(PAGES, 2 * PAGES):
        drill.page(str(number))
    for name in (".corpus", "there"):
        (drill.root / name).mkdir()
    there = sum(-(-path.lstat().st_size // 4096) * 4 for path in (drill.root / "published").rglob("*")) + 8
    small = ["unshare", "-rm", "sh", "-c", SMALL, "sh", str(room), str(drill.root), str(there)]
    run = drill.run("", command=[*small, *drill.command("--out", str(drill.root / "there" / "published"))])
    assert run.returncode == 2, run.stdout + run.stderr
    assert run.stderr.count("corpus: ") == 1
    refused = "disk is full" if room == 8 else "found that the disk refuses (No space left on device)"
    assert refused in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout.split() == ["published"]
    assert max(Counter(page for _, page in drill.begun()).values(), default=0) <= 2
    assert drill.run().returncode == 0  # on the disk that there is, with nothing but the raw files
    assert drill.published() != before
    assert drill.published() == drill.from_nothing()


def test_two_builds_of_one_output_at_once_end_with_one_whole_edition(drill):
    expected = drill.from_nothing()
    shutil.rmtree(drill.root / "published")
    first = drill.start(SLOWLY)
    second = subprocess.Popen(
        drill.command(),
        env=os.environ | drill._env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends = [_ended(first), _ended(second)]
    assert 0 in [each.returncode for each in ends]
    for each in ends:
        assert each.returncode == 0 or (
            each.returncode == 2 and "found another build publishing beside it" in each.stderr
        ), each.stderr
    assert drill.published() == expected
    assert drill.kept() == PAGES + 1


def test_a_worker_that_is_killed_costs_no_row(drill):
    run = drill.start(SLOWLY)
    drill.wait_for(PAGES // 3, run)
    pid, _ = drill.begun()[-1]
    os.kill(_ray_worker(pid) if drill.engine == "ray" else pid, signal.SIGKILL)
    ended = _ended(run)
    assert ended.returncode in {0, 1}, ended.stderr
    assert ended.stderr.count("cleaning it failed") <= (1 if drill.engine == "local" else 0)
    again = drill.run()
    assert again.returncode == 0, again.stderr
    assert drill.kept() == PAGES + 1
    assert drill.published() == drill.from_nothing()


def _ray_worker(pid):
    """The Ray worker that a child belongs to."""
    while not Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::"):
        pid = _parent(pid)
        assert pid > 1
    return pid


@pytest.fixture
def ray_drill(drill):
    """A drill on Ray alone."""
    if drill.engine != "ray":
        pytest.skip("the engine `local` has neither nodes nor a cluster")
    return drill


def test_a_node_that_is_lost_costs_a_build_no_row(ray_drill, cluster):
    run = ray_drill.start(SLOWLY)
    ray_drill.wait_for(PAGES // 3, run)
    cluster.remove_node(cluster.second, allow_graceful=False)
    ended = _ended(run)
    cluster.second = cluster.add_node(num_cpus=2)
    assert ended.returncode == 0, ended.stderr
    assert ray_drill.kept() == PAGES + 1
    assert ray_drill.published() == ray_drill.from_nothing()


def test_a_cluster_that_does_not_answer_is_one_message_and_what_stands_stands(drill):
    before = drill.from_nothing()
    drill.page("60")
    run = drill.run("", "--engine", "ray", RAY_ADDRESS="127.0.0.1:1")
    missing = "needs Ray, which is not installed" in run.stderr
    assert run.returncode == 2
    [line] = run.stderr.strip().splitlines()
    assert missing or line.startswith("corpus: RAY_ADDRESS=127.0.0.1:1: found no Ray cluster there")
    assert drill.published() == before


def test_workers_of_another_version_clean_nothing_and_the_message_says_so(ray_drill):
    before = ray_drill.from_nothing()
    other = DRIVER.replace("limits =", "cleaning_run.code_version = lambda: 'another'\nlimits =")
    command = [sys.executable, "-c", other, *ray_drill.command()[3:]]
    run = ray_drill.run("", command=command)
    assert run.returncode == 2
    assert "this process runs another version of the code" in run.stderr
    assert ray_drill.kept() == 0
    assert ray_drill.published() == before


def test_a_cluster_that_goes_away_ends_the_build_and_the_next_goes_on(ray_drill, modules):
    from ray.cluster_utils import Cluster

    alone = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    run = ray_drill.start(SLOWLY, RAY_ADDRESS=alone.address)
    ray_drill.wait_for(PAGES // 2, run)
    alone.shutdown()
    ended = _ended(run)
    assert ended.returncode in {1, 2}, ended.stdout  # Ray itself ends the driver where its own node is gone
    assert "Traceback" not in ended.stderr
    assert not (ray_drill.root / "published").exists()
    assert _left({pid for pid, _ in ray_drill.begun()}) == {}
    _whole(ray_drill, WORKERS * UNIT)
