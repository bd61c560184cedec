"""What a build costs as pages grow: `python benchmarks/scale.py [--pages 300] [--parts overhead,cache,…]`.

Parts, each on generated pages of 20 to 300 KB (`scale_pages.py`), CPU seconds of all processes together:

- `overhead`: cleaning through the engine, and with the cache, against a plain loop of the same steps
- `cache`: `corpus build` from nothing, after no change, after one changed page
- `memory`: the largest resident size of the driver, which holds all documents
- `peer`: reading, cleaning and telling the language against trafilatura's extraction, one process each
- `language`: the share of telling the language, and of langdetect in it

The pages are made up: ratios say something of the shape of the work, absolute figures little of a real crawl.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import scale_pages

PARTS = ("overhead", "cache", "memory", "peer", "language")

LOOP = """
import sys
from pathlib import Path
from corpus import raw
from corpus.pages import RawFile, clean_or_quarantine, read_pages
root = Path(sys.argv[1]) / "raw"
files = raw.find(root)[0]
print(sum(1 for each in files for page in read_pages(RawFile(root, each)) if clean_or_quarantine(page)))
"""

CLEAN = """
import sys
from pathlib import Path
from corpus.cleaning_run import Run, clean_all
from corpus.schema import load_project
root = Path(sys.argv[1])
run = Run(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "cache")
print(len(clean_all(root, load_project(root), run)[0]))
"""


class Cost(NamedTuple):
    """CPU seconds of a command and all it started, its wall time, and its own largest resident size."""

    cpu: float
    wall: float
    mebibytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--engines", default="local", help="engines to measure, such as local,ray")
    parser.add_argument("--folder", type=Path, help="where to keep the generated project")
    given = parser.parse_args()
    # Orphans of what is measured become ours, so that their CPU time is counted: prctl(2), Linux alone.
    ctypes.CDLL(None).prctl(36, 1)
    folder = given.folder or Path(tempfile.mkdtemp())
    root = made(folder / f"scale-{given.pages}", given.pages)
    for part in given.parts.split(","):
        print(f"\n## {part}, {given.pages} pages", flush=True)
        globals()[part](root, given)
    if not given.folder:
        shutil.rmtree(folder)


def made(root: Path, count: int) -> Path:
    """A project of `count` pages, generated once."""
    if not root.exists():
        subprocess.run([sys.executable, "-m", "corpus", "init", root], check=True, stdout=subprocess.DEVNULL)
        size = scale_pages.write(count, root)
        print(f"{count} pages of {size / count / 1000:.0f} KB on average")
        time.sleep(3)  # younger files are not believed to be unchanged
    return root


def cost(*command: object) -> Cost:
    """Run a command of this Python to its end, and that of everything it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    run = subprocess.Popen([sys.executable, *map(str, command)], stdout=subprocess.DEVNULL)
    _, status, own = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode not in {0, 1}:
        raise SystemExit(f"{command}: exit status {run.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, own.ru_maxrss / 1024)


def told(name: str, found: Cost, start: float, against: float, pages: int) -> None:
    cpu = found.cpu - start
    each = f"{cpu / pages * 1000:7.2f} ms a page{cpu / against:9.2%}"
    print(f"{name:<28}{cpu:8.2f} s CPU{found.wall:8.2f} s wall{each}{found.mebibytes:6.0f} MiB", flush=True)


def overhead(root: Path, given: argparse.Namespace) -> None:
    """The start of Python and its imports is taken off on both sides, and told apart."""
    start, more = cost("-c", "import corpus.pages"), cost("-c", "import corpus.cleaning_run, corpus.schema")
    print(f"start: loop {start.cpu:.2f} s CPU, engine {more.cpu:.2f} s CPU")
    loop = cost("-c", LOOP, root)
    plain = loop.cpu - start.cpu
    told("plain loop", loop, start.cpu, plain, given.pages)
    for engine in given.engines.split(","):
        for workers in (1, 2):
            shutil.rmtree(root / ".corpus", ignore_errors=True)
            for name, how in (("no cache", "no"), ("cache, empty", "cache"), ("cache, full", "cache")):
                found = cost("-c", CLEAN, root, engine, workers, how)
                told(f"{engine}, {workers}, {name}", found, more.cpu, plain, given.pages)


def cache(root: Path, given: argparse.Namespace) -> None:
    for name in (".corpus", "published"):
        shutil.rmtree(root / name, ignore_errors=True)
    _version(root)
    build = ("-m", "corpus", "build", root, "--workers", 1)
    full = cost(*build, "--no-cache")
    told("from nothing, no cache", full, 0, full.cpu, given.pages)
    shutil.rmtree(root / "published")

    def again(name: str) -> None:
        told(name, cost(*build), 0, full.cpu, given.pages)

    again("from nothing, cache")
    again("no change")
    page = sorted((root / "raw").rglob("*.html"))[given.pages // 2]
    page.write_text(page.read_text("utf-8").replace("<title>", "<title>x", 1), "utf-8")
    _version(root)
    again("one changed page")
    start = cost("-c", "import corpus.build, pandera.polars")
    told("start and imports alone", start, 0, full.cpu, given.pages)
    size = sum(path.stat().st_size for path in (root / ".corpus").rglob("*") if path.is_file())
    print(f"cache: {size / given.pages / 1000:.1f} KB a page")


def _version(root: Path) -> None:
    """Raise the project's version, as a changed edition must."""
    path = root / "schema/corpus.yaml"
    found = path.read_text("utf-8")
    old = re.search(r"^version: (\d+)", found, re.MULTILINE)
    assert old
    path.write_text(found.replace(old[0], f"version: {int(old[1]) + 1}", 1), "utf-8")
    time.sleep(3)


def memory(root: Path, given: argparse.Namespace) -> None:
    alone = cost("-c", CLEAN, root, "local", 2, "no")
    told("driver, cleaning alone", alone, 0, alone.cpu, given.pages)
    build = (
        "import sys; from corpus.build import build; build(sys.argv[1], sys.argv[2], 'local', 2, cache=False)"
    )
    with tempfile.TemporaryDirectory() as out:
        told("driver, whole build", cost("-c", build, root, Path(out) / "out"), 0, alone.cpu, given.pages)


def peer(root: Path, given: argparse.Namespace) -> None:
    theirs = (
        "import sys, trafilatura\nfrom pathlib import Path\n"
        "for file in sorted((Path(sys.argv[1]) / 'raw').rglob('*.html')):\n"
        "    trafilatura.extract(file.read_bytes(), include_comments=False)\n"
    )
    ours, start = cost("-c", LOOP, root), cost("-c", "import corpus.pages")
    found, begun = cost("-c", theirs, root), cost("-c", "import trafilatura")
    told("ours: read, clean, language", ours, start.cpu, ours.cpu - start.cpu, given.pages)
    told("trafilatura.extract", found, begun.cpu, ours.cpu - start.cpu, given.pages)


def language(root: Path, given: argparse.Namespace) -> None:
    from corpus import language as telling
    from corpus.pages import RawFile, clean_page, read_pages, tell_language

    spent = {"clean": 0.0, "language": 0.0, "langdetect": 0.0}
    ask = telling._ask_langdetect  # noqa: SLF001 - what is measured

    def asking(*arguments, **more):
        began = time.process_time()
        try:
            return ask(*arguments, **more)
        finally:
            spent["langdetect"] += time.process_time() - began

    telling._ask_langdetect = asking  # noqa: SLF001
    for number, file in enumerate(sorted((root / "raw").rglob("*.html"))):
        for page in read_pages(RawFile(root / "raw", file)):
            began = time.process_time()
            document = clean_page(page)
            between = time.process_time()
            tell_language(document)
            spent["language"] += time.process_time() - between
            spent["clean"] += between - began
        if not number:
            spent = dict.fromkeys(spent, 0.0)  # the first page loads models and profiles
    whole = spent["clean"] + spent["language"]
    for name, seconds in spent.items():
        print(f"{name:<12} {seconds / given.pages * 1000:7.2f} ms a page {seconds / whole:8.1%}")


if __name__ == "__main__":
    main()
