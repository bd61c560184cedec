"""What a build costs beside its peers and as pages grow: `python benchmarks/scale.py --pages 1000`.

Parts, each on generated pages (`scale_pages.py`), CPU seconds of all processes together, memory as PSS:

- `peers`: the whole job on one crawl, WARC in, Parquet out, beside datatrove and a plain loop of FastWARC,
  trafilatura, py3langid and rensa; start-up is the same job on one page
- `overhead`: cleaning through the local engine, in one process and in two, against a plain loop of the steps
- `growth`: whole builds at several numbers of pages (`--sizes`) and sizes of page, to which the cost model is
  fitted; each followed by builds where nothing, one page, one annotation changed since the last
- `archives`: one large WARC (`--archive` pages) against many small ones
- `language`, `duplicates`: what these steps take, and what near-duplicates are found
- `simulation`: a cluster at work on 10⁸ pages, reckoned from `growth` (`scale_plan.py`)

Figures go into a JSON file, tables into a page of the docs between its markers; `--tables` makes the tables
anew from the file and measures nothing. Pages are made up: ratios say something of the shape of the work,
absolute figures little of a real crawl. Wall times of a machine that has other work to do say nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import scale_files
import scale_plan
import scale_tables
from scale_measure import adopt, build, cost, machine
from scale_pages import made, origin
from scale_peers import MISSING

HERE = Path(__file__).parent
PARTS = ("peers", "overhead", "growth", "archives", "language", "duplicates", "simulation")
A_FILE = 100
"""Pages a WARC."""

QUIET = 3
"""Seconds after which a build believes that a file which is as it was has not changed."""

SMALL, LARGE = (20_000, 40_000), (200_000, 300_000)
"""Bounds of page sizes that tell apart what a page costs and what a megabyte does."""

SHARES = 10
"""Builds in shares are measured up to so many times the least number of pages: they cost two builds more."""

LOOP = """
import sys
from pathlib import Path
from corpus import raw
from corpus.pages import RawFile, clean_or_quarantine, read_pages
root = Path(sys.argv[1]) / "raw"
files = raw.find(root)[0]
print(sum(1 for each in files for page in read_pages(RawFile(root, each)) if clean_or_quarantine(page)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--sizes", default="100,300,1000", help="numbers of pages for growth")
    parser.add_argument("--archive", type=int, default=1000, help="pages of the large WARC")
    parser.add_argument("--engines", default="local", help="engines for overhead, such as local,ray")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--folder", type=Path, help="where generated pages are made")
    parser.add_argument("--json", type=Path, default=HERE / "scale.json", help="where figures are kept")
    parser.add_argument(
        "--docs", type=Path, help="the page whose tables are made anew, such as docs/scale.md"
    )
    parser.add_argument("--tables", action="store_true", help="measure nothing")
    given = parser.parse_args()
    found = json.loads(given.json.read_text("utf-8")) if given.json.exists() else {}
    if not given.tables:
        adopt()
        folder = (given.folder or Path(tempfile.mkdtemp())).resolve()
        for part in given.parts.split(","):
            print(f"{part}, {given.pages} pages", file=sys.stderr, flush=True)
            found[part] = {**_about(given), **globals()[part](folder, given)}
            given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        if not given.folder:
            shutil.rmtree(folder)
    if given.docs:
        given.docs.write_text(scale_tables.filled(given.docs.read_text("utf-8"), found), "utf-8")
    else:
        print("\n\n".join(f"## {name}\n\n{table}" for name, table in scale_tables.tables(found).items()))


def peers(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    root, size = scale_files.project(folder / f"warc-{given.pages}", given.pages, "warc", A_FILE)
    first, _ = scale_files.project(folder / "warc-1", 1, "warc")
    untold = folder / f"untold-{given.pages}"
    if not untold.exists():
        pages = (made(number) for number in range(given.pages))
        scale_files.write(pages, untold, "warc", A_FILE, told=False)
    runs = [
        *(_built(root, first, workers) for workers in (1, 2)),
        *(_job(name, root, first, sys.executable) for name in ("same-steps", "ours")),
        *(_job(name, root, first, given.peer_python) for name in ("datatrove", "fastwarc")),
        _job("datatrove", root, first, given.peer_python, 2),
    ]
    reader = _job("datatrove-reader", untold, None, given.peer_python)
    again = sum((origin(number) or " ")[0] in {"copy", "edited"} for number in range(given.pages))
    return {"megabytes": size / 1e6, "made_again": again, "runs": runs, "reader": reader}


def _built(root: Path, first: Path, workers: int) -> dict[str, object]:
    """The whole of `corpus build`, without the cache, as a peer's job is run."""
    how = ("--no-cache", "--workers", workers)
    for each in (root, first):
        shutil.rmtree(each / "published", ignore_errors=True)
    start, run = build(*how, project=first), build(*how, project=root)
    report = json.loads(run.out)
    told = {
        "read": report["documents"] + len(report["quarantined"]),
        "with_text": report["documents"],
        "kept": report["documents"],
        "paragraphs": report["paragraphs"],
    }
    return {"job": "build", "workers": workers, "start": start.figures(), "run": run.figures(), **told}


def _job(name: str, root: Path, first: Path | None, python: str, workers: int = 1) -> dict[str, object]:
    """One of the jobs of `scale_peers.py`, on all pages and on one; or the reason why it was not run."""
    with tempfile.TemporaryDirectory() as out:

        def run(where: Path, to: str):
            raw = where / "raw" if (where / "raw").exists() else where
            found = cost(HERE / "scale_peers.py", name, raw, Path(out, to), workers, python=python)
            if found.status not in {0, MISSING}:
                raise SystemExit(f"{name}: exit status {found.status}\n{found.out[-2000:]}")
            return found

        start = run(first, "first") if first else None
        whole = run(root, "whole")
        if whole.status == MISSING:
            return {"job": name, "workers": workers, "missing": whole.out.strip().splitlines()[0]}
        told = json.loads(whole.out.strip().splitlines()[-1])
    begun = {"start": start.figures()} if start else {}
    return {"job": name, "workers": workers, **begun, "run": whole.figures(), **told}


def overhead(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    """Each way twice, on few pages and on all, so that its start can be told from what a page costs."""
    few = min(max(60, given.pages // 5), given.pages // 2)
    (some, _), (root, size) = (
        scale_files.project(folder / f"html-{count}", count, "html") for count in (few, given.pages)
    )
    ways: dict[str, tuple[object, ...]] = {"plain loop": ()}
    for engine in given.engines.split(","):
        for workers in (1, 2):
            name = f"{engine}, {workers} process{'es' * (workers > 1)}"
            ways[name] = (HERE / "scale_engine.py", engine, workers)
    runs = []
    for name, way in ways.items():
        script, how = (way[:1], way[1:]) if way else (("-c", LOOP), ())
        first, whole = (cost(*script, where, *how) for where in (some, root))
        runs.append({"how": name, "few": first.figures(), **whole.figures()})
    return {"megabytes": size / 1e6, "few": few, "runs": runs}


def growth(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    """Builds from nothing that fill the cache, and builds upon them, in two processes."""
    counts = [int(count) for count in given.sizes.split(",")]
    cases = [(count, None) for count in counts] + [(counts[0], SMALL), (counts[0], LARGE)]
    runs, shares = [], []
    for count, bounds in cases:
        print(f"growth, {count} pages", file=sys.stderr, flush=True)
        name = f"growth-{count}-{bounds[0] if bounds else 'all'}"
        sizes = {"sizes": bounds} if bounds else {}
        root, size = scale_files.project(folder / name, count, "html", **sizes)
        _from_nothing(root)
        time.sleep(QUIET)
        found = build("--workers", 2, project=root)
        run = {
            "pages": count,
            "megabytes": round(size / 1e6, 3),
            **found.figures(),
            "cache": _bytes(root / ".corpus"),
            "files": sum(path.is_file() for path in (root / ".corpus").rglob("*")),
            "published": _bytes(root / "published"),
        }
        runs.append(run)
        if bounds is None:
            run["again"] = _again(root)
            if count <= SHARES * counts[0]:
                shares.append({"pages": count, "megabytes": run["megabytes"], **_shared(root)})
        shutil.rmtree(root)
    largest = max(len(made(number).body) for number in range(min(counts[-1], 2000)))
    return {"sizes": given.sizes, "largest": largest, "runs": runs, "shares": shares}


def _shared(root: Path) -> dict[str, object]:
    """What filling the cache costs without a build, and a build behind it; and one that keeps nothing."""
    _from_nothing(root)
    fill = build("--units", "1/1", "--workers", 2, project=root).figures()
    fill["kept"] = _bytes(root / ".corpus")
    behind = build("--workers", 2, project=root).figures()
    _from_nothing(root)
    return {
        "fill": fill,
        "behind": behind,
        "without": build("--no-cache", "--workers", 2, project=root).figures(),
    }


def simulation(folder: Path, given: argparse.Namespace) -> dict[str, object]:  # noqa: ARG001
    """Not measured: reckoned from what `growth` measured."""
    return scale_plan.planned(json.loads(given.json.read_text("utf-8"))["growth"])


def archives(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    runs = []
    for name, most in (("one WARC", None), (f"WARCs of {A_FILE} pages", A_FILE)):
        where = folder / f"archives-{given.archive}-{most}"
        root, size = scale_files.project(where, given.archive, "warc", most)
        shutil.rmtree(root / "published", ignore_errors=True)
        found = build("--no-cache", "--workers", 2, project=root)
        packed = sum(path.stat().st_size for path in (root / "raw").iterdir())
        runs.append({"how": name, "packed": packed, "megabytes": size / 1e6, **found.figures()})
    return {"archive": given.archive, "runs": runs}


def _again(root: Path) -> dict[str, object]:
    """Builds upon the one before: after nothing, one page, one annotation changed."""
    how = ("--workers", 2)
    runs = {"nothing changed": build(*how, project=root).figures()}
    page = next(iter(sorted((root / "raw").rglob("*.html"))))
    page.write_bytes(page.read_bytes().replace(b"<p>", b"<p>2", 1))
    _next_version(root)
    runs["one changed page"] = build(*how, project=root).figures()
    gold = root / "annotations/stance/gold.jsonl"
    gold.write_text(gold.read_text("utf-8").replace('"favor"', '"against"', 1), "utf-8")
    _next_version(root)
    runs["one changed annotation"] = build(*how, project=root).figures()
    return runs


def language(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    from corpus import language as telling
    from corpus.pages import RawFile, clean_page, read_pages, tell_language

    root, _ = scale_files.project(folder / f"html-{given.pages}", given.pages, "html")
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
            spent.update(dict.fromkeys(spent, 0.0))  # the first page loads models and profiles
    telling._ask_langdetect = ask  # noqa: SLF001
    return {name: round(seconds / (given.pages - 1) * 1000, 3) for name, seconds in spent.items()}


def duplicates(folder: Path, given: argparse.Namespace) -> dict[str, object]:  # noqa: ARG001
    """Near-duplicates among the main texts as they were made, so that what cleaning does plays no part."""
    from corpus.duplicates import clusters

    texts: dict[str, str] = {}
    paragraphs: dict[str, str] = {}
    for number in range(given.pages):
        page = made(number)
        texts[str(number)] = "\n".join(page.paragraphs)
        paragraphs.update({f"{number}/{at}": each for at, each in enumerate(page.paragraphs)})
    clusters(dict(list(texts.items())[:50]))
    began = time.process_time()
    same = clusters(texts)
    between = time.process_time()
    clusters(paragraphs)
    ended = time.process_time()
    pairs = [(n, found) for n in range(given.pages) if (found := origin(n)) and found[0] != "quoting"]
    near = [(n, m) for n, (_, m) in pairs if _jaccard(texts[str(n)], texts[str(m)]) >= 0.8]
    return {
        "documents_ms": round((between - began) / given.pages * 1000, 3),
        "paragraphs_ms": round((ended - between) / given.pages * 1000, 3),
        "paragraphs": len(paragraphs),
        "near": len(near),
        "found": sum(same[str(n)] == same[str(m)] for n, m in near),
    }


def _jaccard(one: str, other: str) -> float:
    first, second = ({text[at : at + 5] for at in range(len(text) - 4)} for text in (one, other))
    return len(first & second) / len(first | second)


def _about(given: argparse.Namespace) -> dict[str, object]:
    """When, where and on what a part was measured."""
    import corpus

    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(corpus.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    told = {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "revision": git.stdout.strip(),
        "pages": given.pages,
    }
    return {**told, "load": round(os.getloadavg()[0], 1), **machine()}


def _from_nothing(root: Path) -> None:
    for name in (".corpus", "published"):
        shutil.rmtree(root / name, ignore_errors=True)


def _next_version(root: Path) -> None:
    """Raise the project's version, as a changed edition must."""
    path = root / "schema/corpus.yaml"
    found = path.read_text("utf-8")
    old = re.search(r"^version: (\d+)", found, re.MULTILINE)
    assert old
    path.write_text(found.replace(old[0], f"version: {int(old[1]) + 1}", 1), "utf-8")
    time.sleep(QUIET)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
