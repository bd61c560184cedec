import importlib
import json
from dataclasses import replace

import pytest

from corpus import cleaning_run, pages
from corpus.build import build
from corpus.errors import CorpusError, ProjectError
from corpus.pages import clean_body

BODY = "贺兰生说，三个柜都已封存"


def _published(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "published").rglob("*"))
        if path.is_file()
    }


def test_a_new_project_builds_from_one_page_and_one_annotation_line(project):
    project.annotate(project.line("南屿贸易公司"))
    report = build(project.root, workers=1)
    assert report.ok
    assert (report.documents, report.annotations) == (1, 1)
    assert report.published == project.root / "published"


def test_the_ledger_sums_to_every_raw_character(project):
    report = build(project.root, workers=1)
    assert sum(report.ledger.values()) == report.raw_chars


def test_a_rebuild_is_byte_identical(project):
    project.annotate(project.line("南屿贸易公司"))
    build(project.root, workers=1, cache=False)
    first = _published(project.root)
    build(project.root, workers=1, cache=False)
    assert _published(project.root) == first


def test_the_number_of_workers_does_not_change_a_byte(project, monkeypatch):
    for number in range(5):
        project.write(
            f"raw/my-source/more/{number}.txt", f"第{number}条\n\n\n码头今天照常开放，船只请按编号靠泊。\n"
        )
    monkeypatch.setattr(pages, "UNIT_FILES", 2)
    build(project.root, workers=1, cache=False)
    first = _published(project.root)
    build(project.root, workers=2, cache=False)
    assert _published(project.root) == first


def test_a_page_that_cannot_be_read_is_quarantined_and_the_rest_is_published(project):
    project.write("raw/my-source/empty.html", b"")
    project.write("raw/my-source/photo.html", b"\x89PNG\r\n\x1a\n" + bytes(100))
    report = build(project.root, workers=1)
    assert {each.raw_path for each in report.quarantined} == {"my-source/empty.html", "my-source/photo.html"}
    assert report.published
    assert not report.ok


def test_a_page_that_breaks_a_step_is_quarantined_with_the_error(project, monkeypatch):
    def fail(raw, format, url=None):  # noqa: A002
        raise RuntimeError("no luck today")

    project.write("raw/my-source/more.txt", "码头今天照常开放。")
    monkeypatch.setattr(pages, "clean", fail)
    with pytest.raises(ProjectError, match="no page could be read"):
        build(project.root, workers=1)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"label": "SHIP"}, "unknown-label"),
        ({"document_id": "my-source/other"}, "unknown-document"),
        ({"layer": "stance", "label": "favor", "target": "ships"}, "unknown-target"),
    ],
)
def test_a_line_that_names_something_undeclared_is_refused_and_nothing_is_published(project, change, check):
    project.annotate(project.line("南屿贸易公司", **change))
    report = build(project.root, workers=1)
    (finding,) = [each for each in report.findings if each.level == "error"]
    assert finding.check == check
    assert finding.where.endswith("gold.jsonl:1")
    assert report.published is None


def test_a_line_that_is_not_json_is_named_with_file_and_line(project):
    project.annotate(project.line("南屿贸易公司"), "{not json")
    report = build(project.root, workers=1)
    assert [each.where for each in report.findings] == ["annotations/entity/gold.jsonl:2"]
    assert report.published is None


def test_a_refused_line_leaves_what_was_published_as_it_was(project):
    build(project.root, workers=1)
    before = _published(project.root)
    project.annotate("{not json")
    build(project.root, workers=1)
    assert _published(project.root) == before


def test_a_quote_that_does_not_match_is_an_orphan_named_with_its_line(project):
    line = project.line("南屿贸易公司", annotator="a1")
    line["quote"] = {"exact": "北屿银行", "prefix": "", "suffix": ""}
    project.annotate(line)
    report = build(project.root, workers=1)
    assert [each.where for each in report.orphans] == ["annotations/entity/a1.jsonl:1"]
    assert report.published
    assert not report.ok


def test_the_annotations_of_a_quarantined_page_are_orphans(project):
    line = project.line("南屿贸易公司")
    project.annotate(line)
    project.write("raw/my-source/page.html", b"")
    project.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    report = build(project.root, workers=1)
    assert "its page is quarantined" in report.orphans[0].message
    assert report.published


def test_a_layer_without_gold_is_named_since_it_publishes_nothing(project):
    project.annotate(project.line("南屿贸易公司", annotator="a1"))
    report = build(project.root, workers=1)
    (finding,) = [each for each in report.findings if each.check != "datasheet"]
    assert (finding.check, finding.level) == ("without-gold", "warning")


def test_the_agreement_of_a_stance_is_the_share_of_annotators_who_chose_it(project):
    whole = next(
        p.text for p in clean_body((project.root / "raw/my-source/page.html").read_bytes()).paragraphs
    )
    stance = {"layer": "stance", "target": "my-target"}
    project.annotate(
        project.line(whole, **stance, label="favor"),
        project.line(whole, **stance, label="favor", annotator="a1"),
        project.line(whole, **stance, label="neutral", annotator="a2"),
    )
    assert build(project.root, workers=1).ok
    import polars as pl

    rows = pl.concat(map(pl.read_parquet, (project.root / "published/stance").glob("*.parquet"))).to_dicts()
    assert [(row["label"], row["agreement"]) for row in rows] == [("favor", 0.5)]
    assert [vote["label"] for vote in rows[0]["annotator_labels"]] == ["favor", "neutral"]


def test_two_files_with_one_document_id_are_an_error_that_names_both(project):
    project.write("raw/my-source/page.txt", "码头今天照常开放。")
    with pytest.raises(ProjectError, match=r"page\.html.*page\.txt"):
        build(project.root, workers=1)


def test_invalid_yaml_in_schema_is_named_with_file_and_line(project):
    project.write("schema/corpus.yaml", "name: a\nversion: [1\n")
    with pytest.raises(ProjectError, match=r"schema/corpus\.yaml"):
        build(project.root, workers=1)


def test_a_folder_that_is_not_ours_is_never_replaced(project):
    project.write("published/thesis.txt", "三年的工作")
    with pytest.raises(CorpusError, match="published"):
        build(project.root, workers=1)
    assert (project.root / "published/thesis.txt").read_text("utf-8") == "三年的工作"


def test_the_manifest_names_every_input_by_its_digest(project):
    project.annotate(project.line("南屿贸易公司"))
    build(project.root, workers=1)
    manifest = json.loads((project.root / "published/MANIFEST.json").read_text("utf-8"))
    assert {
        "raw/my-source/page.html",
        "annotations/entity/gold.jsonl",
        "schema/corpus.yaml",
        "schema/labels.yaml",
        "schema/guidelines.md",
    } <= set(manifest["inputs"])


def test_lone_surrogates_in_given_text_are_replaced_and_counted():
    document = clean_body("<p>港口\ud800今天开放，船只请按编号靠泊，夜间不收泊位费。</p>")
    assert document.encoding.replacements == 1
    assert "\ufffd" in document.raw


def test_blocks_tile_the_raw_text_of_a_page(project):
    document = clean_body((project.root / "raw/my-source/page.html").read_bytes())
    assert "".join(document.raw[block.raw_start : block.raw_end] for block in document.blocks) == document.raw
    assert BODY in document.text


def test_a_line_that_recurs_on_the_pages_of_a_source_is_dropped_and_bodies_stay(project):
    sentence = "本栏目每周更新，欢迎把您身边的码头故事告诉我们的编辑。"
    for number, harbour in enumerate(("北", "南", "东", "西", "中")):
        body = f"{harbour}港的泊位在今天上午全部开放，第{number}号码头的工人说，等了三周的货轮可以靠岸了。"
        project.write(
            f"raw/my-source/more/{number}.html",
            f"<article><p>{body}</p><p>{body[::-1]}</p><p>{sentence}</p></article>",
        )
    report = build(project.root, workers=1)
    assert sum(count for (_, rule), count in report.ledger.items() if rule == "recurring") == 5 * len(
        sentence
    )
    assert report.paragraphs >= 5


def test_nothing_recurs_on_three_pages(project):
    for number in range(3):
        project.write(
            f"raw/my-source/more/{number}.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n"
        )
    report = build(project.root, workers=1)
    assert not [rule for _, rule in report.ledger if rule == "recurring"]


def test_the_mentions_that_tags_cannot_hold_are_counted(project):
    project.annotate(project.line("南屿贸易公司"), project.line("南屿", label="LOC"))
    report = build(project.root, workers=1)
    assert (report.untagged, report.widened) == (1, 0)


def test_a_page_that_crashes_its_process_is_quarantined_and_the_others_are_published(
    project, monkeypatch, tmp_path
):
    (tmp_path / "drill_that_crashes.py").write_text(
        "import os\nfrom corpus.pages import clean_or_quarantine\n\n\ndef do(page):\n"
        "    return os.abort() if b'crash' in page.body else clean_or_quarantine(page)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    do = importlib.import_module("drill_that_crashes").do
    monkeypatch.setattr(cleaning_run, "CLEANING", replace(cleaning_run.CLEANING, do=do))
    project.write("raw/my-source/more.txt", "This page will crash whatever cleans it, the harbour said.")
    report = build(project.root, workers=2)
    reason = "cleaning it failed: its process was ended by SIGABRT"
    assert [(each.raw_path, each.reason) for each in report.quarantined] == [("my-source/more.txt", reason)]
    assert report.documents == 1
    assert report.published
