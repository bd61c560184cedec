import json

import pytest

from corpus.annotating import accept, agreement_of, export_files, import_files, propose_gold, standing_of
from corpus.annotations.placing import Given
from corpus.auditing import audit
from corpus.build import build
from corpus.errors import ProjectError
from corpus.schema import load_project
from corpus.standing import tables


def _lines(project, name):
    return [json.loads(line) for line in (project.root / name).read_text("utf-8").splitlines()]


def _refetched(project):
    """The page as fetched again: a sentence above the mention was edited and a banner added."""
    path = project.root / "raw/my-source/page.html"
    text = path.read_text("utf-8")
    text = text.replace("历时三周的仓库清点已经结束", "为期三周的仓库清点结束了")
    path.write_text(text.replace("<body>", "<body><div>系统升级公告</div>"), "utf-8")


def test_an_annotation_survives_a_page_fetched_again_and_is_listed_by_the_build(project):
    project.annotate(project.line("南屿贸易公司"))
    _refetched(project)
    report = build(project.root, workers=1)
    assert [each.where for each in report.moved] == ["annotations/entity/gold.jsonl:1"]
    assert not report.orphans


def test_nothing_is_written_before_new_places_are_accepted(project):
    project.annotate(project.line("南屿贸易公司"))
    _refetched(project)
    before = (project.root / "annotations/entity/gold.jsonl").read_bytes()
    accepted = accept(project.root, write=False)
    assert len(accepted.anchored) == 1
    assert (project.root / "annotations/entity/gold.jsonl").read_bytes() == before


def test_accepted_places_are_exact_ever_after_and_the_annotation_keeps_its_id(project):
    line = project.line("南屿贸易公司")
    project.annotate(line)
    _refetched(project)
    accept(project.root, write=True)
    assert not accept(project.root, write=False).anchored
    (mended,) = _lines(project, "annotations/entity/gold.jsonl")
    assert (mended["id"], mended["label"], mended["created_at"]) == (line["id"], "ORG", line["created_at"])
    assert mended["raw"] != line["raw"]


def test_an_orphan_keeps_its_line_when_others_are_accepted(project):
    gone = project.line("葛青禾", label="PER")
    project.annotate(project.line("南屿贸易公司"), gone)
    _refetched(project)
    path = project.root / "raw/my-source/page.html"
    path.write_text(path.read_text("utf-8").replace("葛青禾", "他"), "utf-8")
    accepted = accept(project.root, write=True)
    assert [each.annotation_id for each in accepted.orphans] == [gone["id"]]
    assert gone in _lines(project, "annotations/entity/gold.jsonl")


def test_a_file_with_a_line_that_cannot_be_read_is_not_rewritten(project):
    project.annotate(project.line("南屿贸易公司"), "{not json")
    _refetched(project)
    with pytest.raises(ProjectError, match=r"gold\.jsonl:2"):
        accept(project.root, write=True)


@pytest.mark.parametrize("form", ["labelstudio", "doccano", "prodigy", "w3c"])
def test_an_export_and_its_import_add_nothing(project, tmp_path, form):
    project.annotate(
        project.line("南屿贸易公司", annotator="a1"), project.line("贺兰生", label="PER", annotator="a1")
    )
    before = (project.root / "annotations/entity/a1.jsonl").read_bytes()
    files, _ = export_files(project.root, form, tmp_path / "export")
    exchanged = import_files(project.root, form, files, Given("a1", "1.0", None, None, None))
    assert (len(exchanged.added.new), len(exchanged.added.present)) == (0, 2)
    assert (project.root / "annotations/entity/a1.jsonl").read_bytes() == before


def test_an_import_into_an_empty_project_gives_the_annotations_back(project, tmp_path):
    project.annotate(project.line("南屿贸易公司", annotator="a1"))
    before = standing_of(project.root).anchored
    files, _ = export_files(project.root, "labelstudio", tmp_path / "export")
    (project.root / "annotations/entity/a1.jsonl").unlink()
    import_files(project.root, "labelstudio", files, Given())
    after = standing_of(project.root).anchored
    assert [(a.annotation.exact, a.annotation.label, a.anchor) for a in after] == [
        (b.annotation.exact, b.annotation.label, b.anchor) for b in before
    ]


def _by_label(line):
    return line["label"]


def _denied(project, quote="贺兰生"):
    """A page on which two annotators marked a name and a person decided that it is none."""
    for name in ("a1", "a2"):
        project.annotate(
            project.line("南屿贸易公司", annotator=name), project.line(quote, label="PER", annotator=name)
        )
    project.annotate(
        project.line("南屿贸易公司"),
        project.line(quote, label="none", note="decided by editor: a figure of speech"),
    )


def test_the_decision_that_nothing_is_there_survives_adjudication_and_is_no_published_mention(project):
    _denied(project)
    before = _lines(project, "annotations/entity/gold.jsonl")
    proposals, _ = propose_gold(project.root, write=True)
    assert sorted(_lines(project, "annotations/entity/gold.jsonl"), key=_by_label) == before
    assert {p.annotation.label for p in proposals} == {"ORG", "none"}
    build(project.root, workers=1)
    corpus = tables(standing_of(project.root), load_project(project.root))
    assert corpus.tables["entities"]["text"].to_list() == ["南屿贸易公司"]
    assert corpus.tables["annotations"].height == 4


def test_the_audit_takes_the_decision_that_nothing_is_there_at_its_word(project):
    _denied(project)
    checks = {each.check for each in audit(project.root)}
    assert not checks & {"unknown_label", "votes_without_gold", "gold_without_votes", "gold_against_votes"}


def test_a_decision_follows_its_page_fetched_again_and_still_rules_the_votes(project):
    _denied(project)
    _refetched(project)
    before = _lines(project, "annotations/entity/gold.jsonl")
    proposals, _ = propose_gold(project.root, write=True)
    assert [p.decided for p in proposals] == [True, True]
    assert sorted(_lines(project, "annotations/entity/gold.jsonl"), key=_by_label) == before


def test_the_decision_that_nothing_is_there_is_not_exported_as_a_mention_and_that_is_said(project, tmp_path):
    _denied(project)
    files, findings = export_files(project.root, "doccano", tmp_path / "export", annotator="gold")
    assert "贺兰生" not in {row for path in files for row in _quotes(path)}
    assert [f.message for f in findings if "nothing" in f.message or "no mention" in f.message] == [
        "1 decisions that no mention is there were not exported: doccano holds mentions only"
    ]


def _quotes(path):
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield from (row["text"][start:end] for start, end, *_ in row["label"])


def test_agreement_is_measured_where_annotations_stand_today(project):
    for name in ("a1", "a2"):
        project.annotate(
            project.line("南屿贸易公司", annotator=name), project.line("贺兰生", label="PER", annotator=name)
        )
    rows = agreement_of(project.root)
    overall = {row.measure: row.value for row in rows if (row.layer, row.part) == ("entity", "all")}
    assert set(overall.values()) == {1.0}
