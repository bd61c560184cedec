"""Every write, fsync, rename and removal of a publish is visited: killed there, refused by the disk there.

A kill is simulated in the process: from the chosen step on, no step takes effect any more, so clean-up code
that a real `kill -9` would not run cannot help. A write that is killed leaves half of its bytes.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from corpus.errors import PublishError
from corpus.publish import finish, parquet, publish, publish_parts, shards, swap, verify
from corpus.schema.parts import cut
from corpus.store import opened


class Killed(BaseException):
    """The process is gone; only BaseException passes every handler that a kill would pass."""


class Faults:
    """Counts the steps taken below a folder; at step `point` it kills, or refuses as a full disk would."""

    def __init__(self) -> None:
        self.below: str | None = None
        self.count = self.point = 0
        self.kill = True
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        if self.below is None:
            return
        self.count += 1
        self.steps.append(name)
        if self.count == self.point or (self.kill and 0 < self.point < self.count):
            if self.kill:
                raise Killed
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FAULTS = Faults()
SHEET = "# Datasheet\n\nIt has <!-- figure: characters --><!-- /figure --> characters.\n"


def audit(event: str, arguments: tuple) -> None:
    if FAULTS.below is None or event not in {
        "open",
        "os.link",
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.rmdir",
    }:
        return
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        return
    path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
    if FAULTS.below in path or not Path(path).is_absolute():  # relative: rmtree works from an open folder
        FAULTS.step(f"{event} {Path(path).name}")


@pytest.fixture(scope="module", autouse=True)
def _audited():
    sys.addaudithook(audit)  # cannot be taken out again: it sleeps while `below` is None
    yield
    FAULTS.below = None


@pytest.fixture(params=["exchange", "two renames"])
def steps(request, monkeypatch):
    """Make fsync, the exchange and each half of a write visible; answer with the way folders are swapped."""
    fsync, write_text, write_file, exchange = os.fsync, Path.write_text, parquet._write_file, swap._exchange

    def synced(descriptor):
        FAULTS.step("fsync")
        fsync(descriptor)

    def written(path, text, **options):
        if FAULTS.below is None or FAULTS.below not in str(path):
            return write_text(path, text, **options)
        write_text(path, text[: len(text) // 2], **options)
        FAULTS.step(f"half of {path.name}")
        return write_text(path, text, **options)

    def parquet_written(table, frame, path):
        FAULTS.step(f"open {path.name}")
        write_file(table, frame, path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        FAULTS.step(f"half of {path.name}")
        path.write_bytes(whole)

    def exchanged(one, other):
        if request.param == "two renames":
            return False
        FAULTS.step("exchange")
        done = exchange(one, other)
        FAULTS.step("exchanged")
        return done

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "write_text", written)
    monkeypatch.setattr(parquet, "_write_file", parquet_written)
    monkeypatch.setattr(swap, "_exchange", exchanged)
    return request.param


def contents(folder: Path) -> dict[str, bytes] | None:
    if not folder.exists():
        return None
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def beside(to: Path) -> list[str]:
    return sorted(path.name for path in to.parent.iterdir())


def run(finished, to: Path, point: int, *, kill: bool) -> tuple[type[BaseException] | None, int]:
    """Publish with a fault at step `point` (none for 0); tell what was raised and the number of steps."""
    FAULTS.below, FAULTS.count, FAULTS.point, FAULTS.kill = str(to.parent), 0, point, kill
    FAULTS.steps.clear()
    try:
        publish_parts(finished, {}, to, SHEET, versioned=True)
    except (Killed, PublishError) as error:
        return type(error), FAULTS.count
    finally:
        FAULTS.below = None
    return None, FAULTS.count


def recover(to: Path) -> None:
    """Start the next build, which fails before it has written anything."""
    with pytest.raises(ZeroDivisionError), swap.replacing(to):
        raise ZeroDivisionError


PAGES = {"a/b": ("train", ["旧的一段。"]), "a/c": ("test", ["没有变的一段。"])}


@pytest.fixture
def editions(build, tmp_path):
    """Publish an old edition; finish a new one, which takes the files of the other page over from it."""
    store = opened(tmp_path / "store")
    old, new = tmp_path / "published", tmp_path / "new" / "published"
    one = build(PAGES)
    publish_parts(finish(cut(one, 1), one.project, store), {}, old, SHEET)
    note = (store.folder / shards.NOTE).read_bytes()
    two = build(PAGES | {"a/b": ("train", ["新的一段。"])})
    finished = finish(cut(two, 1), replace(two.project, version="0.4.0"), store)
    publish_parts(finished, {}, new, SHEET)
    (store.folder / shards.NOTE).write_bytes(note.replace(str(old).encode(), b"$TO"))
    return old, finished, contents(old), contents(new)


def fresh_copy(editions: tuple, tmp_path: Path, point: int) -> Path:
    to = tmp_path / f"at-{point}" / "published"
    shutil.copytree(editions[0], to)
    note = editions[1].work.store.folder / shards.NOTE
    template = tmp_path / "note"
    if not template.exists():
        shutil.copy(note, template)
    note.write_bytes(template.read_bytes().replace(b"$TO", str(to).encode()))
    return to


def test_a_kill_at_any_step_leaves_the_old_folder_or_the_new_one(editions, tmp_path, steps):
    _, finished, before, after = editions
    _, total = run(finished, fresh_copy(editions, tmp_path, 0), 0, kill=True)
    assert total > 40, FAULTS.steps
    assert "os.link test.parquet" in FAULTS.steps
    gaps = []
    for point in range(1, total + 1):
        to = fresh_copy(editions, tmp_path, point)
        raised, _ = run(finished, to, point, kill=True)
        assert raised is Killed, (point, FAULTS.steps)
        held = contents(to)
        if held is None:
            gaps.append(FAULTS.steps[point - 1])
        else:
            assert held in (before, after), (point, FAULTS.steps)
        recover(to)
        assert contents(to) in (before, after), (point, FAULTS.steps)
        assert beside(to) == ["published"], (point, FAULTS.steps)
        shutil.rmtree(to.parent)
    assert len(gaps) == (0 if steps == "exchange" else 1), gaps


def test_a_disk_that_refuses_any_step_leaves_the_old_folder_or_the_new_one(editions, tmp_path, steps):
    _, finished, before, after = editions
    _, total = run(finished, fresh_copy(editions, tmp_path, 0), 0, kill=False)
    for point in range(1, total + 1):
        to = fresh_copy(editions, tmp_path, point)
        raised, _ = run(finished, to, point, kill=False)
        held = contents(to)
        assert held in (before, after), (point, FAULTS.steps)
        assert raised is PublishError or held == after, (point, FAULTS.steps)
        recover(to)
        assert contents(to) == held
        assert beside(to) == ["published"], (point, FAULTS.steps)
        shutil.rmtree(to.parent)


def test_a_first_publish_that_is_killed_leaves_nothing_or_all(editions, tmp_path, steps):
    _, finished, _, after = editions
    _, total = run(finished, tmp_path / "at-0" / "published", 0, kill=True)
    for point in range(1, total + 1):
        to = tmp_path / f"at-{point}" / "published"
        run(finished, to, point, kill=True)
        assert contents(to) in (None, after), (point, FAULTS.steps)
        recover(to)
        assert contents(to) in (None, after), (point, FAULTS.steps)
        assert beside(to) in ([], ["published"])


def test_all_is_on_disk_before_the_swap_and_the_swap_after_it(editions, tmp_path, steps):
    _, finished, _, after = editions
    run(finished, fresh_copy(editions, tmp_path, 0), 0, kill=True)
    names = FAULTS.steps
    first_swap = next(i for i, name in enumerate(names) if name in {"exchange", "os.rename published"})
    synced = [i for i, name in enumerate(names) if name == "fsync"]
    folders = {Path(name).parent for name in after}
    assert sum(i < first_swap for i in synced) == len(after) + len(folders), "one a file and folder"
    assert any(i > first_swap for i in synced), "the parent folder, so that the new name lasts"
    last_write = max(i for i, name in enumerate(names) if name.startswith("half of"))
    assert last_write < min(synced)


PUBLISHER = """
import importlib.util, sys
from pathlib import Path
from random import Random
from corpus.publish import publish

spec = importlib.util.spec_from_file_location("small_corpus", sys.argv[1])
small = importlib.util.module_from_spec(spec)
spec.loader.exec_module(small)
corpora = [small.small_corpus({"a/b": ("train", [text])}) for text in ("旧的一段。", "新的一段。")]
publish(corpora[0], Path(sys.argv[2]))
print("ready", flush=True)
while True:
    for corpus in corpora:
        publish(corpus, Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_real_kill_at_a_random_moment_leaves_a_folder_that_verifies(build, tmp_path):
    to = tmp_path / "published"
    builder = Path(__file__).parents[1] / "schema" / "conftest.py"
    random = Random(7)
    for _ in range(20):
        command = [sys.executable, "-c", PUBLISHER, str(builder), str(to)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(random.uniform(0, 0.4))
            process.kill()
        assert verify(to) == ()
    publish(build(), to)
    assert beside(to) == ["published"]
