"""Finding raw files, and refusing what is none, without opening it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from corpus.errors import ProjectError
from corpus.raw import document_id, find, formats, in_order, read, walk
from corpus.records import Page, Quarantined

PAGE = "<html><body><p>Harbour news.</p></body></html>"


def below(raw_root: Path) -> dict[str, str]:
    """Write one page and return what find quarantines, by path."""
    (raw_root / "fine.html").write_text(PAGE)
    paths, quarantined = find(raw_root)
    assert [path.name for path in paths] == ["fine.html"]
    return {left.raw_path: left.reason for left in quarantined}


def only(path: Path, raw_root: Path | None = None) -> Page | Quarantined:
    (page,) = read(path, raw_root)
    return page


def test_every_format_keeps_the_contract():
    folder = Path(__file__).resolve().parents[2] / "corpus" / "raw"
    files = {path.stem for path in folder.glob("[!_]*.py")}
    assert {module.__name__.rpartition(".")[2] for module in formats().values()} == files
    for module in formats().values():
        assert module.__doc__
        assert module.read.__doc__
        assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in module.suffixes)
        assert (Path(__file__).parent / f"test_{module.__name__.rpartition('.')[2]}.py").exists()


def test_no_two_formats_claim_one_suffix():
    modules = set(formats().values())
    assert sum(len(module.suffixes) for module in modules) == len(formats())


def test_a_page_is_called_by_its_path_without_the_suffix(tmp_path):
    folder = tmp_path / "晨报 daily"
    folder.mkdir()
    (folder / "v1.2 final.HTML").write_text(PAGE)
    page = only(folder / "v1.2 final.HTML", tmp_path)
    assert (page.raw_path, page.document_id) == ("晨报 daily/v1.2 final.HTML", "晨报 daily/v1.2 final")
    assert only(folder / "v1.2 final.HTML").document_id == "v1.2 final"


def test_ids_do_not_depend_on_how_a_system_writes_an_accent():
    assert document_id("cafe\u0301.html") == document_id("caf\u00e9.html") == "caf\u00e9"


def test_compound_suffixes_go_as_a_whole():
    assert document_id("crawl.warc.gz", "7") == "crawl#7"
    assert document_id("a.jsonl.gz", "7") == "a#7"


def test_files_are_found_in_the_order_of_their_names(tmp_path):
    for name in ("b/2.html", "b/10.html", "a.txt", "北/一.md", ".git/x.html", "a/.hidden.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    paths, quarantined = find(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "a.txt",
        "b/10.html",
        "b/2.html",
        "北/一.md",
    ]
    assert quarantined == []


def test_two_files_with_one_id_are_an_error_that_names_both(tmp_path):
    for name in ("x/a.html", "x/a.txt", "b.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE)
    with pytest.raises(ProjectError, match=r"x/a\.html and x/a\.txt"):
        find(tmp_path)


def test_a_missing_folder_is_an_error_that_says_so(tmp_path):
    with pytest.raises(ProjectError, match="no such folder"):
        find(tmp_path / "raw")


def test_unknown_suffixes_are_named_with_the_known_ones(tmp_path):
    (tmp_path / "notes.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "README").write_text("hello")
    found = below(tmp_path)
    assert ".warc.gz" in found["notes.docx"]
    assert "'.docx'" in found["notes.docx"]
    assert "README" in found


def test_names_that_cannot_be_ids_are_refused(tmp_path):
    (tmp_path / "a#b.html").write_text(PAGE)
    (tmp_path / "a\nb.html").write_text(PAGE)
    assert set(below(tmp_path)) == {"a#b.html", "a\nb.html"}


def test_a_name_that_is_not_utf8_is_shown_escaped(tmp_path):
    name = os.fsdecode(b"caf\xe9.html")
    try:
        (tmp_path / name).write_text(PAGE)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert list(below(tmp_path)) == ["caf\\xe9.html"]
    assert only(tmp_path / name).raw_path == "caf\\xe9.html"


def test_links_out_of_the_folder_are_refused(tmp_path):
    raw_root = tmp_path / "raw"
    raw_root.mkdir()
    (tmp_path / "secret.html").write_text(PAGE)
    (raw_root / "out.html").symlink_to(tmp_path / "secret.html")
    (raw_root / "up").symlink_to(tmp_path)
    (raw_root / "gone.html").symlink_to(raw_root / "nowhere.html")
    (raw_root / "self.html").symlink_to(raw_root / "self.html")
    found = below(raw_root)
    assert set(found) == {"out.html", "up", "gone.html", "self.html"}
    assert "leads out of raw/" in found["out.html"]
    assert isinstance(only(raw_root / "out.html", raw_root), Quarantined)
    assert "outside" in only(tmp_path / "secret.html", raw_root).reason


def test_a_link_to_a_file_inside_is_followed(tmp_path):
    raw_root = tmp_path / "raw"
    raw_root.mkdir()
    (raw_root / "a.html").write_text(PAGE)
    (raw_root / "b.html").symlink_to("a.html")
    assert [path.name for path in find(raw_root)[0]] == ["a.html", "b.html"]
    assert only(raw_root / "b.html", raw_root).document_id == "b"


def test_a_loop_of_folders_ends(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert "not followed" in below(tmp_path)["a/again"]


def test_pipes_and_sockets_are_never_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.html")
    monkeypatch.chdir(tmp_path)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.html")
        found = below(tmp_path)
    assert "a named pipe" in found["pipe.html"]
    assert "a socket" in found["socket.html"]
    assert "a named pipe" in only(tmp_path / "pipe.html").reason
    assert "a device" in only(_device(tmp_path)).reason


def _device(folder: Path) -> Path:
    link = folder / "null.html"
    link.symlink_to("/dev/null")
    return link


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission_are_named(tmp_path):
    (tmp_path / "locked.html").write_text(PAGE)
    (tmp_path / "locked.html").chmod(0)
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut").chmod(0)
    try:
        found = below(tmp_path)
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert "permission" in found["locked.html"].lower()
    assert "permission" in found["shut"].lower()


def test_a_file_that_fails_while_it_is_read_is_quarantined(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text(PAGE)

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    assert only(tmp_path / "a.html").reason == "the file cannot be read: Permission denied"


def test_a_file_that_is_not_there_is_quarantined(tmp_path):
    assert "no such file" in only(tmp_path / "a.html").reason


def test_a_folder_is_no_page(tmp_path):
    (tmp_path / "a.html").mkdir()
    assert "a folder" in only(tmp_path / "a.html").reason


def test_a_walk_tells_what_the_file_system_tells_of_each_file_and_of_what_a_link_leads_to(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.html").write_text(PAGE)
    (tmp_path / "b.html").symlink_to("a/1.html")
    (tmp_path / "notes.docx").write_bytes(b"PK\x03\x04")
    left: list[Quarantined] = []
    told = dict(walk(tmp_path, left))
    assert {name: found.st_ino for name, found in told.items()} == dict.fromkeys(
        ("a/1.html", "b.html"), (tmp_path / "a/1.html").stat().st_ino
    )
    assert [each.raw_path for each in left] == ["notes.docx"]
    assert [tmp_path / name for name in in_order(told, tmp_path)] == find(tmp_path)[0]


def test_the_longest_suffix_of_a_name_goes():
    assert document_id("a.b.html") == "a.b"
    assert document_id("a.html.warc.gz", "1") == "a.html#1"
    assert document_id("a.GZ") == "a.GZ"
