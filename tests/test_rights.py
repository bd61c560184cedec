"""Forgetting a document: gone from raw files, annotations and what is published, and never back."""

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from corpus.build import build
from corpus.cli import main
from corpus.errors import ProjectError, PublishError
from corpus.publish import manifest, verify
from corpus.rights import forget, hydrate
from corpus.schema.forgotten import Forgotten, read, written

OTHER = "码头工人协会的闻人笙在星期四说，新的排班办法把夜班津贴提高了一成，但是没有增加人手，大家仍然很累。"


@pytest.fixture
def two(project):
    """A project of two pages, one of them annotated by two people."""
    project.write("raw/my-source/other.txt", f"码头排班\n\n{OTHER}\n")
    project.annotate(project.line("南屿贸易公司"), project.line("葛青禾", label="PER", annotator="a1"))
    return project


def _forget(project, document_id="my-source/page", *, write=True):
    return forget(project.root, document_id, "the author asked", "2026-01-02", write=write)


def _files(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def _published(root):
    tables = [pq.read_table(path).to_pylist() for path in sorted((root / "published").rglob("*.parquet"))]
    return json.dumps(tables, ensure_ascii=False)


def test_without_write_it_is_told_what_would_go_and_nothing_goes(two):
    before = _files(two.root)
    removal = _forget(two, write=False)
    assert removal.raw_path == "my-source/page.html"
    assert removal.lines == {"annotations/entity/a1.jsonl": 1, "annotations/entity/gold.jsonl": 1}
    assert _files(two.root) == before


def test_the_page_and_its_annotations_go_and_nothing_else_does(two):
    before = _files(two.root)
    _forget(two)
    after = _files(two.root)
    gone = {path.relative_to(two.root).as_posix() for path in before.keys() - after.keys()}
    assert gone == {"raw/my-source/page.html"}
    assert not [path for path, body in after.items() if "南屿贸易公司".encode() in body]


def test_the_next_build_publishes_nothing_of_it(two):
    build(two.root, workers=1)
    assert "南屿贸易公司" in _published(two.root)
    _forget(two)
    assert build(two.root, workers=1).ok
    assert "南屿贸易公司" not in _published(two.root)
    assert "my-source/page" not in _published(two.root)


def test_what_builds_worked_out_of_it_goes_too(two):
    build(two.root, workers=1)
    store = two.root / ".corpus" / "store"
    assert list(store.glob("*/*/*/seal.json"))
    _forget(two)
    spans = [json.loads(path.read_bytes())["span"] for path in store.glob("*/*/*/seal.json")]
    assert not [span for span in spans if span is None or span[0] <= "my-source/page" <= span[1]]


@pytest.mark.parametrize("name", ["page.html", "renamed.html"])
def test_a_page_that_comes_back_is_set_aside_under_any_name(two, name):
    body = (two.root / "raw/my-source/page.html").read_bytes()
    _forget(two)
    two.write(f"raw/my-source/{name}", body)
    report = build(two.root, workers=1)
    assert [each.reason for each in report.quarantined] == [
        "it was forgotten on 2026-01-02 (the author asked); take it out of raw/ again"
    ]
    assert "南屿贸易公司" not in _published(two.root)


def test_a_page_that_repeats_a_forgotten_paragraph_is_named(two):
    two.write("raw/my-source/repost.txt", f"转载\n\n{OTHER}\n\n以上是本报昨天从码头发回的消息，特此转载。\n")
    assert _forget(two, "my-source/other").elsewhere == ("my-source/repost",)
    findings = [each for each in build(two.root, workers=1).findings if each.check == "copy-of-forgotten"]
    assert [each.where.partition("#")[0] for each in findings] == ["my-source/repost"]


def test_a_record_is_cut_out_of_a_file_of_many_and_the_others_keep_their_ids(project):
    lines = [{"id": name, "text": f"{name}：{OTHER}"} for name in ("one", "two")] + [{"text": f"三：{OTHER}"}]
    project.write("raw/my-source/feed.jsonl", "\n".join(json.dumps(line) for line in lines))
    _forget(project, "my-source/feed#one")
    report = build(project.root, workers=1)
    assert report.documents == 3
    names = {row["document_id"] for row in pq.read_table(project.root / "published/documents").to_pylist()}
    assert names == {"my-source/page", "my-source/feed#two", "my-source/feed#3"}


def test_a_removal_that_broke_off_is_finished_by_the_same_call(two):
    body = (two.root / "raw/my-source/page.html").read_bytes()
    _forget(two)
    two.write("raw/my-source/page.html", body)
    _forget(two)
    assert not (two.root / "raw/my-source/page.html").exists()
    assert len(read(two.root)) == 1


def test_an_annotation_line_that_cannot_be_read_stays(two):
    path = two.root / "annotations/entity/gold.jsonl"
    path.write_bytes(path.read_bytes() + b"{not json\n")
    _forget(two)
    assert path.read_bytes() == b"{not json\n"


def test_an_unknown_document_is_refused_with_the_nearest_name(two):
    with pytest.raises(ProjectError, match="did you mean 'my-source/page'"):
        _forget(two, "my-source/pgae")


def test_tombstones_are_read_as_they_are_written(tmp_path):
    made = Forgotten("源/页: #1", "0" * 64, "2026-01-02", 'he said "no"\n', ("1" * 64,))
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema/forgotten.yaml").write_text(written([made]), "utf-8")
    assert read(tmp_path) == (made._replace(reason='he said "no"'),)


def test_the_command_shows_first_and_removes_with_yes(two, capsys):
    arguments = ["forget", "my-source/page", str(two.root), "--reason", "asked"]
    for extra, gone in ((["--json"], False), (["--yes"], True)):
        with pytest.raises(SystemExit, match="0"):
            main(arguments + extra)
        assert (two.root / "raw/my-source/page.html").exists() is not gone
    assert "Run `corpus build`" in capsys.readouterr().out


@pytest.fixture
def withheld(two):
    """The project published without text, and its raw files kept elsewhere under other names."""
    config = two.root / "schema/corpus.yaml"
    config.write_text(config.read_text("utf-8") + "publish: {text: standoff}\n", "utf-8")
    assert build(two.root, workers=1).ok
    for number, path in enumerate(sorted((two.root / "raw").rglob("*.*"))):
        two.write(f"mine/{number}{path.suffix}", path.read_bytes())
    return two


def test_an_edition_without_text_holds_no_text_of_the_pages(withheld):
    for text in ("南屿贸易公司", "葛青禾", "港区仓库清点", "闻人笙", "夜班"):
        assert text not in _published(withheld.root)


def test_an_edition_without_text_keeps_ids_offsets_and_labels(withheld, tmp_path):
    config = withheld.root / "schema/corpus.yaml"
    config.write_text(config.read_text("utf-8").replace("standoff", "full"), "utf-8")
    build(withheld.root, tmp_path / "full", workers=1)
    for path in sorted((tmp_path / "full").rglob("*.parquet")):
        full = pq.read_table(path).to_pylist()
        bare = pq.read_table(withheld.root / "published" / path.relative_to(tmp_path / "full")).to_pylist()
        assert [_labels(row) for row in bare] == [_labels(row) for row in full]


def _labels(row):
    if isinstance(row, dict):
        return {
            key: _labels(value)
            for key, value in row.items()
            if key not in {"text", "title", "quote", "tokens"}
        }
    return [_labels(each) for each in row] if isinstance(row, list) else row


def test_every_text_comes_back_from_ones_own_raw_files(withheld, tmp_path):
    done = hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    assert done == (tmp_path / "back", (), ())
    config = withheld.root / "schema/corpus.yaml"
    config.write_text(config.read_text("utf-8").replace("standoff", "full"), "utf-8")
    build(withheld.root, tmp_path / "full", workers=1)
    assert verify(tmp_path / "back") == ()
    tables = [manifest.read(tmp_path / name)["tables"] for name in ("back", "full")]
    assert tables[0] == tables[1]


def test_an_edition_in_shards_is_filled_file_by_file(withheld, tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.publish.parquet.ROW_GROUP_ROWS", 1)
    monkeypatch.setattr("corpus.publish.parquet.SHARD_ROWS", 1)
    (withheld.root / ".corpus" / "last-build.json").unlink(missing_ok=True)
    build(withheld.root, workers=1, cache=False)
    folder = withheld.root / "published"
    assert len(list((folder / "blocks").iterdir())) > 3
    assert hydrate(folder, withheld.root / "raw", tmp_path / "full").folder == tmp_path / "full"
    assert verify(tmp_path / "full") == ()
    names = [
        sorted(p.relative_to(each) for p in each.rglob("*.parquet")) for each in (folder, tmp_path / "full")
    ]
    assert names[0] == names[1]


def test_a_missing_raw_page_is_named_and_nothing_is_written(withheld, tmp_path):
    (withheld.root / "mine/0.txt").unlink(missing_ok=True)
    (withheld.root / "mine/1.txt").unlink(missing_ok=True)
    done = hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    assert done == (None, ("my-source/other",), ())
    assert not (tmp_path / "back").exists()


def test_a_text_that_is_cleaned_otherwise_today_is_named_and_nothing_is_written(
    withheld, tmp_path, monkeypatch
):
    import sys

    steps = sys.modules["corpus.rights"]
    clean_page = steps.clean_page

    def another(page):
        document = clean_page(page)
        blocks = tuple(replace(block, text=block.text.replace("夜班", "早班")) for block in document.blocks)
        return replace(document, blocks=blocks)

    monkeypatch.setattr(steps, "clean_page", another)
    done = hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    assert done == (None, (), ("my-source/other",))
    assert not (tmp_path / "back").exists()


def test_an_edition_with_its_texts_is_refused(two, tmp_path):
    build(two.root, workers=1)
    with pytest.raises(PublishError, match="nothing to put back"):
        hydrate(two.root / "published", two.root / "raw", tmp_path / "back")


def test_an_edition_without_text_is_not_written_over(withheld):
    published = withheld.root / "published"
    with pytest.raises(PublishError, match="name one"):
        hydrate(published, withheld.root / "mine", published)


def test_the_command_tells_what_is_missing_and_exits_with_one(withheld, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    arguments = ["hydrate", str(withheld.root / "published"), "--raw", str(tmp_path / "empty")]
    with pytest.raises(SystemExit, match="1"):
        main([*arguments, "--to", str(tmp_path / "back")])
    assert "my-source/page: no raw file holds its page" in capsys.readouterr().err


def test_the_card_of_an_edition_without_text_says_so_and_the_filled_one_does_not(withheld, tmp_path):
    hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    cards = [
        (folder / "README.md").read_text("utf-8")
        for folder in (withheld.root / "published", tmp_path / "back")
    ]
    assert ["has no text" in card for card in cards] == [True, False]
    digests = [
        manifest.read(tmp_path / "back")["tables"][config]["sha256"]
        for config in ("stance", "blocks")
        if config in manifest.read(tmp_path / "back")["tables"]
    ]
    assert all(digest in cards[1] for digest in digests)


def test_two_pages_of_the_same_bytes_both_come_back(withheld, tmp_path):
    body = (withheld.root / "raw/my-source/page.html").read_bytes()
    withheld.write("raw/my-source/again.html", body)
    assert build(withheld.root, workers=1).published
    done = hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    assert done == (tmp_path / "back", (), ())


def test_the_card_and_the_datasheet_of_a_filled_edition_are_those_of_the_full_one(withheld, tmp_path):
    withheld.write("DATASHEET.md", "# Ours\n\n<!-- table: missing --><!-- /table -->\n")
    build(withheld.root, workers=1)
    hydrate(withheld.root / "published", withheld.root / "mine", tmp_path / "back")
    config = withheld.root / "schema/corpus.yaml"
    config.write_text(config.read_text("utf-8").replace("standoff", "full"), "utf-8")
    build(withheld.root, tmp_path / "full", workers=1)
    for name in ("README.md", "DATASHEET.md"):
        assert (tmp_path / "back" / name).read_text("utf-8") == (tmp_path / "full" / name).read_text("utf-8")


def test_an_edition_is_not_filled_inside_itself(withheld):
    published = withheld.root / "published"
    with pytest.raises(PublishError, match="name one"):
        hydrate(published, withheld.root / "mine", published / "full")


def test_rows_of_other_columns_are_refused_when_texts_are_put_back(withheld, tmp_path):
    published = withheld.root / "published"
    for path in (published / "documents").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["encoding"]), path)
    manifest.write_hydrated(published, published)
    said = manifest.read(published) | {"text": "standoff"}
    full = {config: dict.fromkeys(table["splits"], "") for config, table in said["tables"].items()}
    (published / "MANIFEST.json").write_text(json.dumps(said | {"full": full}), "utf-8")
    manifest.seal(published)
    assert verify(published) == ()
    with pytest.raises(PublishError, match="other columns"):
        hydrate(published, withheld.root / "mine", tmp_path / "back")


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "\x1b[31mred"])
def test_a_reason_that_is_no_line_of_text_is_refused_and_nothing_goes(two, reason):
    before = _files(two.root)
    with pytest.raises(ProjectError, match="expected a line of text"):
        forget(two.root, "my-source/page", reason, "2026-01-02", write=True)
    assert _files(two.root) == before


def test_a_page_of_the_same_bytes_is_told_from_one_that_stays(two):
    two.write("raw/my-source/again.html", (two.root / "raw/my-source/page.html").read_bytes())
    removal = _forget(two)
    assert (removal.identical, removal.elsewhere) == (("my-source/again",), ())
    assert [each.raw_path for each in build(two.root, workers=1).quarantined] == ["my-source/again.html"]


def test_a_line_that_spells_the_document_in_another_unicode_form_goes_too(two):
    two.write("raw/my-source/caf\u00e9.txt", f"码头\n\n{OTHER}\n")
    line = two.line("南屿贸易公司", document_id="my-source/cafe\u0301")
    two.write("annotations/entity/a2.jsonl", json.dumps(line, ensure_ascii=False) + "\n")
    assert _forget(two, "my-source/cafe\u0301").lines == {"annotations/entity/a2.jsonl": 1}
