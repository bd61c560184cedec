"""published/ at an address: whole editions and one name, whatever breaks on the way."""

import json
import shutil

import fsspec
import pytest

from corpus.build import build
from corpus.cli import main
from corpus.errors import CorpusError, PublishError
from corpus.publish import editions, verify
from corpus.publish.editions import LATEST, Stage, Standing, send, staged, standing, verify_at
from corpus.remote import RemotePath

TO = RemotePath("memory://harbour/out")


@pytest.fixture
def memory():
    """A file system in memory with one bucket."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = ["", "/harbour"]
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def _held(memory):
    return {name.removeprefix("/harbour/out/") for name in memory.find("/harbour/out")}


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def _raise_version(project, to="0.2.0"):
    path = project.root / "schema" / "corpus.yaml"
    text = path.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.startswith("version:"))
    path.write_text(text.replace(old, f"version: {to}"), "utf-8")


def test_an_edition_there_holds_the_bytes_of_one_here(project, memory):
    here = build(project.root, workers=1)
    there = build(project.root, str(TO), workers=1)
    assert there.published.parent == TO
    name = there.published.name
    assert json.loads(memory.cat("/harbour/out/LATEST.json"))["edition"] == name
    sent = {
        key.removeprefix(f"{name}/"): memory.cat(f"/harbour/out/{key}") for key in _held(memory) - {LATEST}
    }
    assert sent == _bytes(here.published)


def test_the_name_is_written_after_everything_it_names(project, memory, monkeypatch):
    sent = []
    for do in ("put_file", "cp_file", "pipe_file"):
        monkeypatch.setattr(memory, do, _noting(sent, getattr(memory, do)), raising=False)
    build(project.root, str(TO), workers=1)
    assert sent[-1].endswith(LATEST)
    assert sent[-2].endswith("SHA256SUMS")
    assert len(sent) == len(set(sent)) == len(_held(memory))


def _noting(sent, do):
    def noted(*given, **named):
        made = do(*given, **named)
        sent.append(str(given[-1] if do.__name__ != "pipe_file" else given[0]))
        return made

    return noted


def test_a_build_that_changes_nothing_sends_nothing(project, memory, monkeypatch):
    first = build(project.root, str(TO), workers=1)

    def refuse(*given, **named):
        raise AssertionError("something was sent")

    for do in ("put_file", "cp_file", "pipe_file"):
        monkeypatch.setattr(memory, do, refuse)
    assert build(project.root, str(TO), workers=1).published == first.published


def test_the_edition_before_is_kept_and_those_before_it_go_when_they_are_old(project, memory, monkeypatch):
    names = []
    monkeypatch.setattr(editions, "KEPT_SECONDS", -3600)
    memory.pipe_file("/harbour/out/notes/of-somebody.txt", b"mine")
    for version in ("0.1.0", "0.2.0", "0.3.0"):
        _raise_version(project, version)
        names.append(build(project.root, str(TO), workers=1).published.name)
    assert {key.partition("/")[0] for key in _held(memory)} == {*names[1:], LATEST, "notes"}
    assert standing(TO) == Standing(names[2], names[1])


def test_no_edition_stays_that_holds_a_page_which_was_forgotten(project, memory):
    project.write(
        "raw/my-source/more.html", "<article><p>潮水退去之后，工人开始清点昨天到港的货柜。</p></article>"
    )
    build(project.root, str(TO), workers=1)
    with pytest.raises(SystemExit):
        main(["forget", "my-source/more", str(project.root), "--reason", "asked for", "--yes"])
    _raise_version(project)
    kept = build(project.root, str(TO), workers=1).published.name
    assert {key.partition("/")[0] for key in _held(memory)} == {kept, LATEST}
    assert standing(TO) == Standing(kept, None)
    assert verify_at(TO)[0] == ()


def test_what_the_edition_before_holds_is_copied_there(project, memory, monkeypatch):
    build(project.root, str(TO), workers=1)
    _raise_version(project)
    sent = []
    monkeypatch.setattr(memory, "put_file", _noting(sent, memory.put_file))
    build(project.root, str(TO), workers=1)
    assert not [name for name in sent if name.endswith(".parquet")]
    assert verify_at(TO)[0] == ()


def test_an_upload_that_breaks_off_leaves_what_stood_and_goes_on_where_it_stopped(
    project, memory, monkeypatch
):
    first = build(project.root, str(TO), workers=1)
    _raise_version(project)
    project.write(
        "raw/my-source/more.html",
        "<article><p>潮水退去之后，码头上的工人开始清点昨天到港的货柜。</p></article>",
    )
    put, sent = memory.put_file, []

    def breaking(path, target, **named):
        if len(sent) == 3:
            raise ConnectionError("the line went dead")
        sent.append(target)
        return put(path, target, **named)

    monkeypatch.setattr(memory, "put_file", breaking)
    with pytest.raises(CorpusError, match="the line went dead"):
        build(project.root, str(TO), workers=1)
    assert standing(TO).edition == first.published.name
    assert verify_at(TO)[0] == ()
    monkeypatch.setattr(memory, "put_file", _noting(again := [], put))
    second = build(project.root, str(TO), workers=1)
    assert not set(again) & set(sent)
    assert standing(TO) == Standing(second.published.name, first.published.name)
    assert verify_at(TO)[0] == ()


def test_a_build_elsewhere_is_held_against_what_stands_there(project, memory, tmp_path):
    _raise_version(project)
    build(project.root, str(TO), workers=1)
    other = tmp_path / "other"
    shutil.copytree(project.root, other, ignore=shutil.ignore_patterns(".corpus"))
    (other / "raw" / "my-source" / "more.html").write_text(
        "<article><p>潮水退去之后，码头上的工人开始清点昨天到港的货柜。</p></article>", "utf-8"
    )
    report = build(other, str(TO), workers=1)
    assert report.published is None
    assert [finding.check for finding in report.findings if finding.level == "error"] == [
        "version-not-raised"
    ]


def test_an_edition_that_somebody_published_meanwhile_is_not_replaced(project, memory):
    with staged(TO, project.root) as stage:
        build(project.root, stage.folder, workers=1)
        memory.pipe_file(
            f"/harbour/out/{LATEST}",
            json.dumps(
                {"format": "corpus-editions", "edition": f"9.0.0-{'a' * 16}", "before": None}
            ).encode(),
        )
        with pytest.raises(PublishError, match="another build published there meanwhile"):
            send(stage, TO)
    assert standing(TO).edition == f"9.0.0-{'a' * 16}"


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "null",
        '{"format": "corpus-editions", "edition": "../../x", "before": null}',
        '{"format": "corpus-editions", "edition": "0.1.0-0123456789abcdef", "before": 5}',
        '{"format": "else", "edition": "0.1.0-0123456789abcdef", "before": null}',
        "[" * 99999,
    ],
)
def test_a_name_that_is_not_ours_is_refused(memory, text):
    memory.pipe_file(f"/harbour/out/{LATEST}", text.encode())
    with pytest.raises(PublishError, match="did not write"):
        standing(TO)


def test_a_missing_bucket_is_told_before_any_page_is_read(project, memory):
    with pytest.raises(CorpusError, match="no bucket or folder memory://nowhere"):
        build(project.root, "memory://nowhere/out", workers=1)


def test_verify_finds_what_was_changed_there(project, memory):
    made = build(project.root, str(TO), workers=1).published
    assert verify_at(TO)[0] == verify_at(made)[0] == ()
    memory.pipe_file(f"/harbour/out/{made.name}/README.md", b"other words")
    [finding] = verify_at(TO)[0]
    assert (finding.check, finding.where) == ("file-changed", "README.md")


def test_names_there_that_lead_out_of_the_folder_are_not_fetched(memory, tmp_path):
    name = f"0.1.0-{'a' * 16}"
    told = {"format": "corpus-editions", "edition": name, "before": None}
    memory.pipe_file(f"/harbour/out/{LATEST}", json.dumps(told).encode())
    memory.pipe_file(f"/harbour/out/{name}/a", b"x")
    for bad in ("../../../x", "a/../../b", "c\\d", "e\x1b[2J"):
        memory.store[f"/harbour/out/{name}/{bad}"] = memory.store[f"/harbour/out/{name}/a"]
        with pytest.raises(PublishError, match="could lead anywhere"):
            verify_at(TO)
        del memory.store[f"/harbour/out/{name}/{bad}"]


def test_a_stage_that_was_never_sent_does_not_count(project, memory):
    with staged(TO, project.root) as stage:
        build(project.root, stage.folder, workers=1)
    with staged(TO, project.root) as stage:
        assert not stage.folder.exists()
        assert stage == Stage(stage.folder, Standing())


def test_the_command_line_builds_and_verifies_there(project, memory, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["build", str(project.root), "--out", str(TO), "--workers", "1"])
    assert ended.value.code == 0
    assert f"Published in {TO}/" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["verify", str(TO)])
    assert ended.value.code == 0
    assert f"{TO}: " in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["verify", "memory://harbour/nothing"])
    assert ended.value.code == 2
    assert verify(project.root / ".corpus" / "editions" / editions._stage_name(TO) / "published") == ()
