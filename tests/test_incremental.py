"""Builds upon builds: the same bytes as from nothing, whatever changed, broke or was killed in between."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from corpus import cleaning_run, last_build, pages
from corpus.build import build
from corpus.cache import Cache, Entry, key
from corpus.cleaning_run import CACHE, PARTS, code_version
from corpus.errors import PublishError
from corpus.language import Language
from corpus.parts import near, workspace
from corpus.trace import trace

PACKAGE = Path(cleaning_run.__file__).parent


@pytest.fixture
def harbour(project, monkeypatch):
    """A project of eight pages that notes its builds at once, and a count of the pages that were cleaned."""
    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    for number in range(7):
        project.write(f"raw/my-source/more/{number}.html", _text(number))
    project.annotate(project.line("南屿贸易公司"))
    cleaned = []
    do = pages.CLEANING.do

    def counting(page):
        cleaned.append(page.document_id)
        return do(page)

    monkeypatch.setattr(
        cleaning_run, "CLEANING", pages.CLEANING.__class__(pages.read_pages, counting, pages.place)
    )
    project.cleaned = cleaned
    return project


def _text(number, more=""):
    body = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大{more}。"
    return f"<title>泊位{number}</title><article><p>{body}</p><p>{body[::-1]}</p></article>"


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def _told(report):
    return (
        [(each.check, each.where, each.message) for each in report.findings],
        report.ledger,
        report.quarantined,
    )


def _same_as_from_nothing(project, cleaned, tmp_path):
    """Build over what was built before, and from nothing; both give the same, and only `cleaned` is done."""
    del project.cleaned[:]
    report = build(project.root, workers=1)
    assert sorted(project.cleaned) == sorted(f"my-source/{name}" for name in cleaned)
    published = _bytes(project.root / "published")
    (project.root / "published").rename(tmp_path / "aside")
    anew = build(project.root, workers=1, cache=False)
    assert _bytes(project.root / "published") == published
    assert _told(anew) == _told(report)
    return report


def _change_a_page(project):
    project.write("raw/my-source/more/3.html", _text(3, "，船员都上岸了"))
    return ["more/3"]


def _add_a_page(project):
    project.write("raw/my-source/more/9.html", _text(9))
    return ["more/9"]


def _delete_a_page(project):
    (project.root / "raw/my-source/more/3.html").unlink()
    return []


def _move_a_page(project):
    (project.root / "raw/my-source/more/3.html").rename(project.root / "raw/my-source/moved.html")
    return []


def _copy_a_page(project):
    project.write("raw/my-source/more/copy.html", _text(3))
    return []


def _add_an_annotation(project):
    project.annotate(project.line("南屿贸易公司"), project.line("葛青禾", label="PER"))
    return []


def _change_the_declarations(project):
    path = project.root / "schema/corpus.yaml"
    path.write_text(path.read_text("utf-8").replace("seed: ", "seed: 1"), "utf-8")
    return []


def _change_nothing(project):
    (project.root / "raw/my-source/page.html").touch()
    return []


def _damage_the_cache(project):
    for path in (project.root / CACHE).rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-9])
    return []


def _damage_the_store(project):
    for path in (project.root / ".corpus/store").rglob("*.*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-9])
    return []


def _damage_cache_and_store(project):
    _damage_the_cache(project)
    _damage_the_store(project)
    return ["page", *(f"more/{number}" for number in range(7))]


def _damage_the_list(project):
    (project.root / ".corpus/pages.sqlite").write_bytes(b"SQLite format 3\0" + bytes(3000))
    return []


def _damage_what_was_near(project):
    for path in (project.root / ".corpus").glob("near-*.npy"):
        path.write_bytes(path.read_bytes()[:-9])
    return []


def _damage_the_index(project):
    (project.root / CACHE / "index.sqlite").write_bytes(b"SQLite format 3\0" + bytes(3000))
    (project.root / "raw/my-source/page.html").touch()
    return []


def _damage_the_note(project):
    (project.root / last_build.NOTE).write_text('{"read": [')
    return []


def _empty_a_page(project):
    project.write("raw/my-source/more/3.html", b"")
    return []


CHANGES = [
    _change_a_page, _add_a_page, _delete_a_page, _move_a_page, _copy_a_page, _add_an_annotation,
    _change_the_declarations, _change_nothing, _damage_the_cache, _damage_the_store, _damage_cache_and_store,
    _damage_the_list, _damage_what_was_near, _damage_the_index, _damage_the_note, _empty_a_page,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_build_after_a_change_gives_the_bytes_of_a_build_from_nothing(harbour, tmp_path, change):
    build(harbour.root, workers=1)
    version = harbour.root / "schema/corpus.yaml"
    version.write_text(version.read_text("utf-8").replace("version: 0.1.0", "version: 1.0.0"), "utf-8")
    _same_as_from_nothing(harbour, change(harbour), tmp_path)


def test_a_build_after_no_change_touches_nothing_and_reports_the_same(harbour):
    first = build(harbour.root, workers=1)
    before = {path: path.stat() for path in (harbour.root / "published").rglob("*")}
    del harbour.cleaned[:]
    again = build(harbour.root, workers=1)
    assert again == first
    assert harbour.cleaned == []
    assert {path: path.stat() for path in (harbour.root / "published").rglob("*")} == before


@pytest.mark.parametrize("how", ["edited", "deleted"])
def test_a_published_folder_that_was_touched_is_built_again(harbour, how):
    build(harbour.root, workers=1)
    whole = _bytes(harbour.root / "published")
    readme = harbour.root / "published/README.md"
    if how == "edited":
        told = readme.stat()
        readme.write_bytes(readme.read_bytes().replace(b"a", b"b"))
        os.utime(readme, ns=(told.st_atime_ns, told.st_mtime_ns))
    else:
        readme.unlink()
    build(harbour.root, workers=1)
    assert _bytes(harbour.root / "published") == whole


def test_a_file_that_someone_put_into_the_published_folder_is_met_though_nothing_else_changed(harbour):
    build(harbour.root, workers=1)
    (harbour.root / "published/more.txt").write_text("mine")
    with pytest.raises(PublishError, match=r"found 'more\.txt'"):
        build(harbour.root, workers=1)


def test_a_file_that_changed_a_moment_ago_is_looked_at_again(harbour, monkeypatch):
    monkeypatch.setattr(last_build, "QUIET_SECONDS", 3600)
    build(harbour.root, workers=1)
    assert not (harbour.root / last_build.NOTE).exists()


def test_a_page_that_broke_is_tried_again_though_nothing_changed(harbour, monkeypatch):
    def fail(raw, format, url=None):  # noqa: A002
        raise RuntimeError("no luck today")

    with monkeypatch.context() as unlucky:
        unlucky.setattr(pages, "clean", fail)
        harbour.write("raw/my-source/more/9.html", _text(9))
        with pytest.raises(Exception, match="no page"):
            build(harbour.root, workers=1)
    assert build(harbour.root, workers=1).ok


def test_another_version_of_the_code_cleans_every_page_again(harbour, monkeypatch):
    build(harbour.root, workers=1)
    del harbour.cleaned[:]
    monkeypatch.setattr(cleaning_run, "code_version", lambda: "another")
    harbour.write("DATASHEET.md", (harbour.root / "DATASHEET.md").read_text("utf-8") + "\n")
    build(harbour.root, workers=1)
    assert len(harbour.cleaned) == 8


def test_what_another_version_of_the_code_makes_of_a_page_is_published(harbour, monkeypatch):
    build(harbour.root, workers=1)
    monkeypatch.setattr(pages, "detect", lambda *_: Language("fr", "Latn", "script"))
    for module in (cleaning_run, workspace):
        monkeypatch.setattr(module, "code_version", lambda: "another")
    harbour.write("DATASHEET.md", (harbour.root / "DATASHEET.md").read_text("utf-8") + "\n")
    build(harbour.root, workers=1)
    documents = pl.read_parquet(harbour.root / "published/documents/*.parquet")
    assert set(documents["language"]) == {"fr"}


def test_without_the_cache_nothing_is_remembered(harbour):
    build(harbour.root, workers=1, cache=False)
    assert not (harbour.root / ".corpus").exists()


def test_the_folder_of_the_cache_is_ignored_by_git(harbour):
    build(harbour.root, workers=1)
    assert (harbour.root / CACHE / ".gitignore").read_text() == "*\n"
    assert (harbour.root / ".corpus/.gitignore").read_text() == "*\n"


def test_entries_that_another_page_gave_are_not_believed(harbour, tmp_path):
    build(harbour.root, workers=1)
    there = Cache(harbour.root / CACHE)
    abouts = cleaning_run.present(harbour.root)[0]
    payload = there.get(key(code_version(), abouts.pop("my-source/page")))
    there.put(
        [Entry(key(code_version(), about), about, code_version(), payload) for about in abouts.values()]
    )
    there.close()
    harbour.write("DATASHEET.md", (harbour.root / "DATASHEET.md").read_text("utf-8") + "\n")
    shutil.rmtree(harbour.root / ".corpus/store")
    del harbour.cleaned[:]
    build(harbour.root, workers=1)
    published = _bytes(harbour.root / "published")
    assert len(harbour.cleaned) == 7
    (harbour.root / "published").rename(tmp_path / "aside")
    build(harbour.root, workers=1, cache=False)
    assert _bytes(harbour.root / "published") == published


def test_a_cache_that_cannot_be_used_is_a_warning_and_the_build_is_whole(harbour):
    (harbour.root / ".corpus").write_text("a file")
    report = build(harbour.root, workers=1)
    assert report.published
    assert [each.level for each in report.findings if each.check == "cache"] == ["warning"]


def test_pairs_that_other_code_compared_are_not_taken_as_known(project, monkeypatch):
    build(project.root, workers=1)
    known = []
    cluster = near.cluster
    monkeypatch.setattr(near, "cluster", lambda *of, **how: known.append(how["known"]) or cluster(*of, **how))
    for made_by in (near._code_version(), "0" * 32):
        project.write("raw/my-source/more.html", _text(len(known)))
        monkeypatch.setattr(near, "_code_version", lambda told=made_by: told)
        build(project.root, workers=1)
    assert [each is not None for each in known] == [True, True, False, False]


def test_what_is_part_of_the_version_is_what_cleaning_a_page_imports():
    code = (
        "import sys, corpus.pages\nfrom corpus.pages import clean_body, tell_language\n"
        "for body in ('<p>港口今天开放，船只请按编号靠泊。</p>', '# Ships\\n\\nThe ships are late', 'x'):\n"
        "    tell_language(clean_body(body))\n"
        "print(*(m for m in sys.modules if m.startswith('corpus.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    parts = {name.split(".")[1] for name in done.stdout.split()}
    unversioned = parts - {part.removesuffix(".py") for part in PARTS}
    assert unversioned <= {"raw", "remote", "engine", "errors"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_that_is_killed_goes_on_where_it_was(project, tmp_path, workers):
    for number in range(60):
        project.write(f"raw/my-source/more/{number:02}.html", _text(number))
    (tmp_path / "slowly.py").write_text(
        "import time\nfrom corpus.pages import clean_or_quarantine\n"
        "def do(page):\n    time.sleep(0.04)\n    return clean_or_quarantine(page)\n"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from dataclasses import replace\nimport slowly\nfrom corpus import cleaning_run, pages\n"
        "from corpus.build import build\ncleaning_run.SHARD_ENTRIES = 5\npages.UNIT_FILES = 10\n"
        "cleaning_run.CLEANING = replace(cleaning_run.CLEANING, do=slowly.do)\n"
        f"build(sys.argv[1], workers={workers})\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, project.root, tmp_path],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"},
    )
    shards = project.root / CACHE / "shards"
    while len(list(shards.glob("*.parquet"))) < 3:
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert not (project.root / "published").exists()
    there = Cache(project.root / CACHE)
    kept = there.counts().entries
    there.close()
    assert 15 <= kept < 61
    assert build(project.root, workers=1).documents == 61
    there = Cache(project.root / CACHE)
    assert there.counts().entries == 61
    there.close()
    published = _bytes(project.root / "published")
    (project.root / "published").rename(tmp_path / "aside")
    build(project.root, workers=1, cache=False)
    assert _bytes(project.root / "published") == published


def test_two_builds_at_once_on_one_cache_give_the_same(project, tmp_path):
    for number in range(20):
        project.write(f"raw/my-source/more/{number:02}.html", _text(number))
    code = "import sys; from corpus.build import build; build(sys.argv[1], sys.argv[2], workers=1)"
    outs = [tmp_path / "a/out", tmp_path / "b/out"]
    runs = [subprocess.Popen([sys.executable, "-c", code, project.root, out]) for out in outs]
    assert [run.wait() for run in runs] == [0, 0]
    assert _bytes(outs[0]) == _bytes(outs[1])
    there = Cache(project.root / CACHE)
    assert there.counts().entries == 21
    there.close()


def test_a_forgotten_document_is_forgotten_by_the_cache_too(harbour, monkeypatch):
    from corpus.rights import forget

    monkeypatch.setattr(cleaning_run, "CLEANING", pages.CLEANING)
    build(harbour.root, workers=1)
    about = cleaning_run.present(harbour.root)[0]["my-source/more/3"]
    forget(harbour.root, "my-source/more/3", "asked for", "2026-01-01", write=True)
    there = Cache(harbour.root / CACHE)
    assert there.get(key(code_version(), about)) is None
    assert there.counts().entries == 7
    there.close()
    assert not (harbour.root / last_build.NOTE).exists()


def _status(capsys, root):
    from corpus.cli import main

    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["status", str(root), "--json"])
    made = json.loads(capsys.readouterr().out)
    return made["current"], sorted((each["name"], each["why"], each["cleaned"]) for each in made["stale"])


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (_change_a_page, [("my-source/more/3", "changed", True)]),
        (_add_a_page, [("my-source/more/9", "new", True)]),
        (_copy_a_page, [("my-source/more/copy", "new", False)]),
        (_move_a_page, [("my-source/more/3", "gone", False), ("my-source/moved", "new", False)]),
        (_delete_a_page, [("my-source/more/3", "gone", False)]),
        (_change_the_declarations, [("schema/corpus.yaml", "changed", False)]),
        (_add_an_annotation, [("annotations/entity/gold.jsonl", "changed", False)]),
        (_change_nothing, []),
    ],
)
def test_status_names_what_would_be_done_again_and_why(harbour, capsys, change, stale):
    build(harbour.root, workers=1)
    assert _status(capsys, harbour.root) == (True, [])
    change(harbour)
    assert _status(capsys, harbour.root) == (False, stale)


def test_status_names_the_changed_pages_of_a_file_of_many(harbour, capsys):
    records = [{"body": _text(number), "id": str(number)} for number in range(20, 23)]
    lines = [json.dumps(page, ensure_ascii=False) + "\n" for page in records]
    harbour.write("raw/crawl.part.jsonl", "".join(lines))
    build(harbour.root, workers=1)
    harbour.write("raw/crawl.part.jsonl", "".join([lines[0], lines[1].replace("海风", "江风")]))
    assert _status(capsys, harbour.root) == (
        False,
        [("crawl.part#21", "changed", True), ("crawl.part#22", "gone", False)],
    )


def test_status_opens_no_raw_file_that_is_as_it_was(harbour, capsys, monkeypatch):
    build(harbour.root, workers=1)
    _change_a_page(harbour)
    opened = []
    read = cleaning_run.raw.read

    def noting(path, *more):
        opened.append(path.name)
        return read(path, *more)

    monkeypatch.setattr(cleaning_run.raw, "read", noting)
    assert _status(capsys, harbour.root)[1] == [("my-source/more/3", "changed", True)]
    assert opened == ["3.html"]


def test_status_does_without_a_cache_that_a_disk_refuses(harbour, capsys, monkeypatch):
    build(harbour.root, workers=1)
    _change_a_page(harbour)

    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Cache, "_opened", refuse)
    assert ("my-source/more/3", "changed", True) in _status(capsys, harbour.root)[1]


def test_a_trace_does_without_a_list_that_holds_another_kind_than_it_should(harbour):
    harbour.write("raw/many.jsonl", json.dumps({"body": _text(20), "id": "a"}) + "\n")
    build(harbour.root, workers=1)
    here = trace(harbour.root, "many#a")
    with closing(sqlite3.connect(harbour.root / ".corpus/pages.sqlite")) as base, base:
        base.execute("update pages set at = 'somewhere'")
    assert trace(harbour.root, "many#a") == here


def test_a_list_that_holds_a_page_twice_is_made_again(harbour, tmp_path):
    build(harbour.root, workers=1)
    changed = _change_a_page(harbour)
    with closing(sqlite3.connect(harbour.root / ".corpus/pages.sqlite")) as base, base:
        base.execute("insert into pages select * from pages where document_id = 'my-source/page'")
    _same_as_from_nothing(harbour, changed, tmp_path)


def test_status_says_what_follows_from_a_changed_declaration(harbour, capsys):
    build(harbour.root, workers=1)
    _change_the_declarations(harbour)
    told = _run(capsys, "status", harbour.root)[1]
    assert "1 file: is not what the last edition was made from" in told
    assert "schema/corpus.yaml: splits, licences and the card are made again" in told
    assert "8 pages, of which a build would clean 0" in told


def test_status_tells_an_edition_that_was_touched_or_never_made(harbour, capsys):
    build(harbour.root, workers=1)
    published = str(harbour.root / "published")
    (harbour.root / "published/README.md").write_text("mine")
    assert _status(capsys, harbour.root) == (False, [(published, "changed", False)])
    shutil.rmtree(published)
    assert (published, "new", False) in _status(capsys, harbour.root)[1]


def test_status_without_a_list_goes_by_the_edition_and_the_cache(harbour, capsys):
    build(harbour.root, workers=1)
    _damage_the_list(harbour)
    assert _status(capsys, harbour.root) == (True, [])
    _change_a_page(harbour)
    assert _status(capsys, harbour.root) == (False, [("my-source/more/3", "changed", True)])


def test_status_tells_changed_code_from_an_empty_cache(harbour, capsys, monkeypatch):
    build(harbour.root, workers=1)
    (harbour.root / last_build.NOTE).unlink()
    with monkeypatch.context() as other:
        other.setattr("corpus.status.code_version", lambda: "another")
        assert {why for _, why, cleaned in _status(capsys, harbour.root)[1] if cleaned} == {"code"}
    shutil.rmtree(harbour.root / CACHE)
    assert not any(cleaned for *_, cleaned in _status(capsys, harbour.root)[1])  # the store has all of it
    shutil.rmtree(harbour.root / ".corpus/store")
    told = _status(capsys, harbour.root)[1]
    assert {why for _, why, cleaned in told if cleaned} == {"cache"}
    assert len(told) == 8


def test_the_cache_command_counts_prunes_and_verifies(harbour, capsys):
    from corpus.cli import main

    def run(what):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["cache", what, str(harbour.root), "--json"])
        return ended.value.code, json.loads(capsys.readouterr().out)

    assert run("stats")[1]["entries"] == 0
    build(harbour.root, workers=1)
    assert run("stats")[1]["entries"] == 8
    _delete_a_page(harbour)
    assert run("prune")[1]["pruned"] == 1
    [path] = (harbour.root / CACHE).rglob("*.parquet")
    path.write_bytes(b"")
    code, made = run("verify")
    assert (code, made["damaged"], made["entries"]) == (1, [path.name], 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_at_once_and_with_every_page(project, workers):
    for number in range(5):
        project.write(f"raw/my-source/more/{number}.html", _text(number))
    project.write("raw/my-source/more/empty.html", b"")
    lines = "".join(json.dumps({"body": _text(number), "id": str(number)}) + "\n" for number in range(3))
    project.write("raw/my-source/many.jsonl", lines)
    told = []
    build(project.root, workers=workers, progress=lambda *each: told.append(each))
    assert told[0] == (0, 8, 0)
    assert len(told) >= 1 + 8
    assert told[-1] == (8, 8, 1)
    assert told == sorted(told)


def _run(capsys, *arguments):
    from corpus.cli import main

    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_shares_fill_the_cache_and_a_build_finds_every_page_there(harbour, capsys, tmp_path):
    harbour.write("raw/my-source/more/empty.html", b"")
    told = []
    for number in (1, 2, 3):
        fill = ("build", harbour.root, "--units", f"{number}/3", "--workers", 1, "--json")
        code, out, _ = _run(capsys, *fill)
        assert code == 0
        told.append(json.loads(out))
        assert json.loads(_run(capsys, *fill)[1])["cleaned"] == 0
    assert sum(each["files"] for each in told) == 9
    assert sum(each["cleaned"] for each in told) == 8
    assert sum(each["set_aside"] for each in told) == 1
    assert sorted(harbour.cleaned) == sorted(set(harbour.cleaned))
    assert not (harbour.root / "published").exists()
    _same_as_from_nothing(harbour, [], tmp_path)


@pytest.mark.parametrize("units", ["0/3", "4/3", "3", "a/b", "-1/2", "1/"])
def test_a_share_that_there_is_not_is_refused(harbour, capsys, units):
    code, _, err = _run(capsys, "build", harbour.root, f"--units={units}")
    assert (code, "expected I/N" in err) == (2, True)


def test_a_share_without_a_cache_is_refused(harbour, capsys):
    assert _run(capsys, "build", harbour.root, "--units", "1/2", "--no-cache")[0] == 2
    (harbour.root / ".corpus").write_text("a file")
    code, _, err = _run(capsys, "build", harbour.root, "--units", "1/2")
    assert (code, ".corpus" in err) == (2, True)


def test_a_worker_with_other_code_cleans_nothing_and_leaves_nothing_in_the_cache(harbour, monkeypatch):
    monkeypatch.setattr(cleaning_run, "CLEANING", pages.CLEANING)
    monkeypatch.setattr(cleaning_run, "code_version", lambda: "changed while it ran")
    with pytest.raises(Exception, match="no page could be read"):
        build(harbour.root, workers=2)
    there = Cache(harbour.root / CACHE)
    assert there.counts().entries == 0
    there.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit stands for a full disk")
def test_a_disk_that_is_full_is_one_clear_message_and_nothing_is_lost(project, tmp_path):
    for number in range(40):
        project.write(f"raw/my-source/more/{number:02}.html", _text(number))
    build(project.root, workers=1, cache=False)
    before = _bytes(project.root / "published")
    code = (
        "import resource, signal, sys\nfrom corpus.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)\nmain(sys.argv[2:])\n"
    )
    for room in (0, 8_000, 30_000):
        for more in (["--units", "1/1"], []):
            arguments = (str(room), "build", str(project.root), "--workers", "1", *more)
            done = subprocess.run(
                [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
            )
            assert "Traceback" not in done.stderr
            if done.returncode:
                assert done.stderr.count("corpus: ") == 1
            assert _bytes(project.root / "published") == before
    assert build(project.root, workers=1).published
    assert _bytes(project.root / "published") == before
