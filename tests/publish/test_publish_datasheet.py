"""The datasheet: its figures are the tables', and what is left to do is named by line."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.publish import card, croissant, datasheet, manifest, publish, verify
from corpus.publish.figure_tables import TABLES
from corpus.publish.figures import FIGURES, MEASURED, Counted, refusal
from corpus.publish.questions import QUESTIONS
from corpus.records import SPLITS
from corpus.schema import PUBLISHED, polars_schema
from corpus.stats import CONFIGS, figures

ROOT = Path(__file__).resolve().parents[2]
ANSWERED = "".join(f"### {number} {question}\n\nFor tests.\n\n" for number, question in QUESTIONS.items())


@pytest.fixture(scope="module")
def counted(published):
    return Counted.of(published)


def empty():
    tables = {name: {**polars_schema(table), "split": pl.String} for name, table in PUBLISHED.items()}
    return Counted({name: pl.DataFrame(schema=schema) for name, schema in tables.items()})


def found(text, counted):
    return [(each.check, each.where) for each in datasheet.check(text, counted)]


# ---------------------------------------------------------------- this project's own


def test_the_datasheet_of_the_reference_corpus_is_finished_and_true():
    text = datasheet.read(ROOT)
    assert datasheet.check(text, Counted.of(ROOT / "published")) == ()


def test_no_line_of_it_begins_with_a_figure_which_markdown_would_take_for_html():
    assert not [line for line in datasheet.read(ROOT).splitlines() if line.startswith("<!-- figure")]


def test_the_template_asks_every_question_and_answers_none(counted):
    text = (files("corpus") / "template" / "DATASHEET.md").read_text("utf-8")
    assert datasheet.problems(text) == ()
    filled = datasheet.fill(text, counted).text
    open_ = {each.message.split()[4] for each in datasheet.unfinished(filled)}
    assert open_ == set(QUESTIONS) - {"2.2"}  # which its figures answer


def test_the_questions_are_those_of_seven_sections():
    assert len(QUESTIONS) == 57
    assert [sum(number.startswith(f"{section}.") for number in QUESTIONS) for section in range(1, 8)] == [
        4, 16, 12, 4, 6, 7, 8,
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*FIGURES, *TABLES, *MEASURED])
def test_the_docs_name_every_figure_and_table(name):
    assert f"`{name}`" in (ROOT / "docs" / "publishing.md").read_text("utf-8")


def test_the_docs_tell_which_answers_become_which_property():
    docs = (ROOT / "docs" / "publishing.md").read_text("utf-8")
    for name, numbers in croissant._TOLD.items():
        (row,) = [line for line in docs.splitlines() if line.startswith(f"| `rai:{name}` |")]
        assert all(number in row for number in numbers)


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_one_line_also_of_a_corpus_without_rows(name, counted):
    for each in (counted, empty()):
        answer = each.answer("figure", name)
        assert answer
        assert "\n" not in answer


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_as_many_cells_in_each_row_also_without_rows(name, counted):
    for each in (counted, empty()):
        rows = each.answer("table", name).splitlines()
        assert len({row.replace(r"\|", "").count("|") for row in rows}) == 1


def test_figures_are_those_of_stats(published, counted):
    from corpus.tables import read

    made = figures({config: read(published, config) for config in CONFIGS})
    assert counted.answer("figure", "documents") == str(made.documents) == "3"
    assert counted.answer("figure", "raw_characters") == str(made.raw_chars)
    assert counted.answer("table", "stances").splitlines()[-1] == "| rules | 1 |"


def test_figures_are_the_same_where_the_ledger_was_counted_before(published):
    from corpus.tables import read

    tables = {config: read(published, config) for config in CONFIGS}
    ledger = {
        (role, rule): chars
        for role, rule, chars in tables["blocks"]
        .group_by("role", "rule")
        .agg((pl.col("raw_end") - pl.col("raw_start")).sum())
        .iter_rows()
    }
    whole = figures(tables)
    assert figures(tables | {"blocks": tables["blocks"].clear()}, ledger) == whole
    assert sum(whole.ledger.values()) == sum(ledger.values()) > 0


def test_agreement_is_that_of_the_project(project):
    from corpus.annotating import agreement_of
    from corpus.build import build
    from corpus.pages import clean_body

    body = (project.root / "raw/my-source/page.html").read_bytes()
    texts = [paragraph.text for paragraph in clean_body(body).paragraphs]
    stance = {"layer": "stance", "target": "my-target"}
    votes = zip(texts, ("favor", "neutral", "favor"), ("favor", "neutral", "against"), strict=False)
    for text, one, two in votes:
        project.lines = [
            *getattr(project, "lines", []),
            project.line(text, **stance, label=one, annotator="a1"),
            project.line(text, **stance, label=two, annotator="a2"),
        ]
    project.annotate(*project.lines)
    build(project.root, workers=1)
    (alpha,) = [row for row in agreement_of(project.root) if (row.part, row.measure) == ("all", "alpha")]
    told = Counted.of(project.root / "published").answer("figure", "agreement stance alpha")
    assert told.startswith(f"{alpha.value:.3f}")


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("count documents", "3"),
        ("count documents split=test", "1"),
        ("count documents author=", "3"),
        ("count documents publisher='Harbour Daily' language=zh", "3"),
        ("distinct annotations annotator", "2"),
        ("distinct documents author", "0"),
        ("agreement entity f1_exact", "undefined"),
    ],
)
def test_rows_can_be_counted_by_their_values(counted, query, answer):
    assert counted.answer("figure", query) == answer


@pytest.mark.parametrize(
    ("kind", "query", "reason"),
    [
        ("figure", "riches", "expected one of documents"),
        ("table", "riches", "expected one of configs"),
        ("figure", "count riches", "the table `riches`"),
        ("figure", "count documents colour=red", "no column `colour`"),
        ("figure", "count documents language", "expected column=value"),
        ("figure", "count paragraphs entities=x", "no column `entities`"),
        ("figure", "distinct documents", "found 0 columns"),
        ("figure", "agreement stance luck", "`agreement stance alpha`"),
        ("figure", "SELECT * FROM read_csv('/etc/passwd')", "expected one of documents"),
        ("figure", "count 'documents", "expected one of documents"),
        ("figure", "", "expected one of documents"),
    ],
)
def test_a_query_that_is_unknown_is_refused_with_those_there_are(counted, kind, query, reason):
    assert reason in refusal(kind, query)
    with pytest.raises(CorpusError):
        counted.answer(kind, query)


def test_what_pages_say_ends_no_table_and_no_marker(build):
    corpus = build()
    hostile = "A | B\n<!-- /table --> <script>"
    documents = corpus.tables["documents"].with_columns(publisher=pl.lit(hostile))
    tables = {
        name: pl.DataFrame(schema={**polars_schema(PUBLISHED[name]), "split": pl.String})
        for name in PUBLISHED
    }
    counted = Counted(tables | {"documents": documents})
    text = "<!-- table: sources -->\n<!-- /table -->\n"
    once = datasheet.fill(text, counted).text
    assert datasheet.fill(once, counted) == (once, ())
    assert "<script>" not in once.replace(r"\<script\>", "")
    assert all(row.replace(r"\|", "").count("|") == 6 for row in once.splitlines()[1:-1])


# ---------------------------------------------------------------- markers


def test_figures_are_put_between_their_markers_and_nowhere_else(counted):
    text = "In <!-- figure: documents -->7<!-- /figure --> pages.\n\n<!--table:splits--><!--/table-->\nEnd.\n"
    filled = datasheet.fill(text, counted)
    assert filled.text.startswith(
        "In <!-- figure: documents -->3<!-- /figure --> pages.\n\n<!--table:splits-->\n| "
    )
    assert filled.text.endswith("|\n<!--/table-->\nEnd.\n")
    assert [marker.query for marker in filled.stale] == ["documents", "splits"]


PIECES = [
    *("<!-- figure: documents -->", "<!-- /figure -->", "<!-- table: splits -->", "<!-- /table -->"),
    *("文字 ", "<!-- note -->", "```\n", "\n", "72 documents", "### 1.1 Why?\n"),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES)))
def test_filling_twice_changes_nothing_more_and_no_text_breaks_it(parts):
    text, counted = "".join(parts), empty()
    once = datasheet.fill(text, counted).text
    assert datasheet.fill(once, counted) == (once, ())
    assert "datasheet-stale" not in {each.check for each in datasheet.check(once, counted)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a <!-- figure: documents -->3", "not closed"),
        ("a <!-- figure: documents -->3<!-- /table -->", "not closed"),
        ("a <!-- /figure -->", "not begun"),
        ("<!-- figure: documents --><!-- figure: documents --><!-- /figure -->", "not closed"),
        ("<!-- figure: riches -->3<!-- /figure -->", "the figure `riches`"),
        ("<!-- figure -->3<!-- /figure -->", "the figure ``"),
    ],
)
def test_a_marker_that_cannot_be_filled_is_named_with_its_line_and_left_alone(counted, text, reason):
    first, *_ = datasheet.problems("\n\n" + text)
    assert (first.check, first.where) == ("datasheet-marker", "DATASHEET.md:3")
    assert reason in first.message
    if "riches" in text or "figure -->3" in text:
        assert datasheet.fill(text, counted).text == text


def test_a_code_block_ends_with_a_fence_of_its_own_kind_and_length(counted):
    text = "````\n```\n~~~~\n<!-- figure: riches -->\n`````\n<!-- figure: documents -->0<!-- /figure -->\n"
    assert datasheet.problems(text) == ()
    assert "-->3<!--" in datasheet.fill(text, counted).text


def test_markers_in_a_code_block_are_examples(counted):
    text = "```\n<!-- figure: riches -->\n72 documents\n```\n"
    assert datasheet.problems(text) == ()
    assert datasheet.fill(text, counted).text == text
    assert "datasheet-number" not in [check for check, _ in found(text, counted)]


# ---------------------------------------------------------------- check


def test_an_answered_datasheet_passes(counted):
    assert datasheet.check(ANSWERED, counted) == ()


def test_a_stale_figure_is_found(counted):
    text = ANSWERED + "It has <!-- figure: documents -->72<!-- /figure --> documents."
    assert [check for check, _ in found(text, counted)] == ["datasheet-stale"]


@pytest.mark.parametrize(
    "answer",
    ["", "*Unanswered.*", "…", "N/A", "Not applicable.", "<!-- why? -->", "3 rows.\n\n*Unanswered.*", "未答"],
)
def test_a_question_without_an_answer_is_found(counted, answer):
    text = ANSWERED.replace("### 2.3 Is it a sample of something larger?\n\nFor tests.",
                            f"### 2.3 Is it a sample of something larger?\n\n{answer}")  # fmt: skip
    (only,) = datasheet.check(text, counted)
    assert only.check == "datasheet-unanswered"
    assert "2.3" in only.message


def test_a_question_that_is_not_asked_is_found(counted):
    text = ANSWERED.replace("### 7.3 Where are its errors listed?\n\nFor tests.\n\n", "")
    (only,) = datasheet.check(text, counted)
    assert "no heading 7.3" in only.message


def test_a_question_may_be_asked_in_any_language_and_rank(counted):
    text = ANSWERED.replace("### 1.1 Why was it made?", "#### 1.1. 为什么要做它？")
    assert datasheet.check(text, counted) == ()


def test_a_heading_inside_an_answer_does_not_end_it(counted):
    text = ANSWERED.replace("### 4.1 How was it cleaned and labelled?\n", "### 4.1 How?\n\n#### Cleaning\n")
    assert datasheet.check(text, counted) == ()


@pytest.mark.parametrize("note", ["T" + "ODO: ask", "TBD", "<!-- F" + "IXME -->", "数字待补"])
def test_what_is_left_to_do_is_found_also_in_comments(counted, note):
    assert found(f"{note}\n{ANSWERED}", counted) == [("datasheet-unfinished", "DATASHEET.md:1")]


@pytest.mark.parametrize(
    "claim", ["72 documents", "seventy-two pages", "4 annotators", "共七十二篇", "有 9 段"]
)
def test_a_number_in_prose_that_the_tables_contradict_is_found(counted, claim):
    text = f"It has {claim}.\n{ANSWERED}"
    assert found(text, counted) == [("datasheet-number", "DATASHEET.md:1")]


@pytest.mark.parametrize(
    "prose",
    [
        *("3 documents, two annotators, 5 paragraphs", "共三篇，五段", "72 of the documents"),
        *("72 Chinese documents", "one document at a time", "第七段", "`72 documents`", "| 72 documents |"),
    ],
)
def test_a_number_that_is_true_or_claims_no_total_is_not(counted, prose):
    assert found(f"{prose}\n{ANSWERED}", counted) == []


# ---------------------------------------------------------------- tables that are measured

BASELINES = "<!-- table: baselines -->\n<!-- /table -->\n"
SCORES = "| a |\n|---|\n| 1 |\n\n| b |\n|---|\n| 2 |"


def test_a_measured_table_is_made_once_for_its_rows_and_kept(counted):
    calls = []
    once = datasheet.fill(BASELINES, counted, lambda query: calls.append(query) or SCORES).text
    assert SCORES in once
    assert counted.digests["stance"][:16] in once
    assert datasheet.fill(once, counted, calls.append) == (once, ())
    assert datasheet.fill(once, counted) == (once, ())
    assert calls == ["baselines"]
    assert "datasheet-stale" not in [check for check, _ in found(once, counted)]


@pytest.mark.parametrize("change", [("| 2 |", "| 3 |"), ("rows stance `", "rows stance `0")])
def test_a_measured_table_of_other_rows_or_with_another_score_is_stale(counted, change):
    text = datasheet.fill(BASELINES, counted, lambda _: SCORES).text.replace(*change)
    assert "datasheet-stale" in [check for check, _ in found(text, counted)]
    assert "Not measured" in datasheet.fill(text, counted).text


def test_what_nobody_could_measure_is_said_and_is_not_finished(counted):
    text = datasheet.fill(BASELINES, counted, lambda _: None).text
    assert "Not measured on these rows yet" in text
    assert datasheet.fill(text, counted) == (text, ())
    assert "datasheet-stale" in [check for check, _ in found(text, counted)]


# ---------------------------------------------------------------- published copy, card, Croissant


@pytest.fixture
def sheet():
    return ANSWERED.replace("For tests.", "It has <!-- figure: documents -->99<!-- /figure --> documents.", 1)


def test_the_published_copy_has_the_figures_of_the_tables_beside_it(small, sheet, tmp_path):
    to = tmp_path / "p"
    publish(small, to, sheet)
    copy = (to / "DATASHEET.md").read_text("utf-8")
    assert copy == sheet.replace("99", "3")
    assert manifest.read(to)["files"]["DATASHEET.md"]["sha256"] == manifest.sha256(to / "DATASHEET.md")
    assert verify(to) == ()
    assert "[DATASHEET.md](DATASHEET.md)" in (to / "README.md").read_text("utf-8")


def test_a_stale_figure_in_the_project_changes_no_published_byte(small, sheet, tmp_path):
    editions = []
    for name, text in (("a", sheet), ("b", sheet.replace("99", "3"))):
        publish(small, tmp_path / name, text)
        files_ = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        editions.append([path.read_bytes() for path in files_])
    assert editions[0] == editions[1]


def test_answers_become_rai_properties_and_silence_claims_nothing(small, sheet, tmp_path):
    answered = sheet.replace(
        "### 5.5 What should it not be used for?\n\nFor tests.",
        "### 5.5 For what not?\n\nFor *claims* about `people`;\n\n| a |\n|---|\n\nor \\<any\\> of us.",
    ).replace(
        "### 3.4 Who collected it, and how were they paid?\n\nFor tests.", "### 3.4 Who?\n\n*Unanswered.*"
    )
    publish(small, tmp_path / "p", answered)
    read = json.loads((tmp_path / "p" / croissant.CROISSANT).read_text(encoding="utf-8"))
    assert read["rai:dataLimitations"] == [
        f"{QUESTIONS['2.9']} For tests.",
        f"{QUESTIONS['5.5']} For claims about people; or <any> of us.",
    ]
    assert read["rai:dataCollectionMissingData"] == "What is missing? For tests."
    assert "rai:annotatorDemographics" not in read


@pytest.mark.filterwarnings("ignore")  # its dependencies' deprecations
def test_mlcroissant_takes_every_rai_property_without_a_warning(small, sheet, tmp_path):
    mlcroissant = pytest.importorskip(
        "mlcroissant", reason="the reference reader of Croissant is not installed"
    )
    project = replace(small.project, homepage="https://small.example/", citation="The makers: Small.")
    for number, question in QUESTIONS.items():
        sheet = sheet.replace(f"{number} {question}\n\nFor tests.", f"{number} {question}\n\nFor {number}.")
    publish(replace(small, project=project), tmp_path / "p", sheet)
    read = mlcroissant.Dataset(jsonld=tmp_path / "p" / croissant.CROISSANT).metadata
    assert (read.ctx.issues.errors, read.ctx.issues.warnings) == (set(), set())
    assert sorted(read.data_biases) == [f"{QUESTIONS['2.3']} For 2.3.", f"{QUESTIONS['5.4']} For 5.4."]
    assert read.data_release_maintenance_plan.endswith("For 7.6.")
    assert f"{QUESTIONS['2.5']} For 2.5." in read.data_annotation_protocol


def test_a_build_with_a_marker_that_cannot_be_filled_publishes_nothing(project):
    from corpus.build import build

    project.write("DATASHEET.md", "# Ours\n\nIt has <!-- figure: riches -->3<!-- /figure -->.\n")
    report = build(project.root, workers=1)
    (only,) = [each for each in report.findings if each.level == "error"]
    assert (only.check, only.where) == ("datasheet-marker", "DATASHEET.md:3")
    assert report.published is None


def test_a_build_leaves_the_datasheet_alone_and_says_in_one_warning_what_is_left(project):
    from corpus.build import build

    text = f"{ANSWERED}It has <!-- figure: documents -->9<!-- /figure --> documents.\n"
    project.write("DATASHEET.md", text)
    report = build(project.root, workers=1)
    (only,) = report.findings
    assert (only.check, only.level) == ("datasheet", "warning")
    assert "figures that are not the tables'" in only.message
    assert (project.root / "DATASHEET.md").read_text("utf-8") == text
    assert "-->1<!--" in (project.root / "published" / "DATASHEET.md").read_text("utf-8")
    project.write("DATASHEET.md", text.replace("-->9<!--", "-->1<!--"))
    assert build(project.root, workers=1).findings == ()


def test_a_project_without_a_datasheet_is_published_with_a_warning(project):
    from corpus.build import build

    (project.root / "DATASHEET.md").unlink()
    report = build(project.root, workers=1)
    assert [each.message for each in report.findings] == ["found no datasheet; expected one"]
    assert not (project.root / "published" / "DATASHEET.md").exists()


def test_a_datasheet_that_is_no_utf_8_is_refused(project):
    from corpus.build import build

    project.write("DATASHEET.md", "# 数据".encode("gbk"))
    with pytest.raises(CorpusError, match=r"DATASHEET\.md.*expected UTF-8"):
        build(project.root, workers=1)


def test_a_link_out_of_the_project_is_not_published(project, tmp_path):
    from corpus.build import build

    (tmp_path / "secret.md").write_text("机密")
    (project.root / "DATASHEET.md").unlink()
    (project.root / "DATASHEET.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(CorpusError, match="a link out of the project"):
        build(project.root, workers=1)
    assert not (project.root / "published").exists()


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<!-- figure: ",
        "<!-- figure" + " " * 99,
        "```a\n",
        "# " + "\t" * 99,
        "`",
        "*_",
        "| ",
        "7 ",
        "七",
    ],
)
def test_a_long_hostile_datasheet_is_checked_in_time(piece, counted):
    text = piece * 20_000
    assert datasheet.check(text, counted)
    assert datasheet.fill(text, counted).text == text


def test_splits_stand_in_their_order(counted):
    rows = counted.answer("table", "splits").splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == list(SPLITS)


def test_a_comment_sign_in_what_pages_say_neither_opens_nor_closes_a_marker():
    publisher = card.escape("River --> <!-- /table --> <!-- figure: documents")
    text = f"<!-- table: sources -->\n| {publisher} |\n<!-- /table -->\n"
    assert datasheet.problems(text) == ()
