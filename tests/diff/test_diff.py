"""Two editions compared: every kind of change is told as what it is, and nothing else is."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.diff import Edition, columns, diff, edition
from corpus.diff.texts import _aligned
from corpus.errors import CorpusError
from corpus.publish import publish
from corpus.publish.notes import as_changelog, as_markdown, as_text, verdict
from corpus.publish.versions import needed
from corpus.schema import Label

_SPEC = importlib.util.spec_from_file_location(
    "small_corpus_for_diff", Path(__file__).parents[1] / "schema" / "conftest.py"
)
SMALL = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(SMALL)

TEXTS = [
    "云岭海关昨天查验了十二个货柜。",
    "负责人说，其中三个柜的单证不符。",
    "货主可以在一周之内补交文件。",
    "读者来信说，这样的期限太短了。",
]


def built(folder, pages=None, *, change=lambda corpus: corpus, version="1.0.0"):
    corpus = SMALL.small_corpus(pages)
    corpus = replace(corpus, project=replace(corpus.project, version=version))
    publish(change(corpus), folder)
    return edition(folder)


@pytest.fixture
def compare(tmp_path):
    """Compare the small corpus, or two sets of pages, with a changed one."""

    def compared(old=None, new=None, *, change=lambda corpus: corpus):
        return diff(built(tmp_path / "old", old), built(tmp_path / "new", new, change=change))

    return compared


def with_rows(name, *expressions, where=None):
    """Change columns of a flat table, in the rows where a condition holds."""

    def change(corpus):
        table = corpus.tables[name]
        made = [
            pl.when(where if where is not None else pl.lit(value=True))
            .then(expression)
            .otherwise(pl.col(column))
            .alias(column)
            for column, expression in expressions
        ]
        return replace(corpus, tables={**corpus.tables, name: table.with_columns(made)})

    return change


def without(name, where):
    def change(corpus):
        return replace(corpus, tables={**corpus.tables, name: corpus.tables[name].filter(~where)})

    return change


def test_an_edition_does_not_differ_from_itself(compare):
    same = compare()
    assert same.rows == {}
    assert needed(same) == "patch"
    assert not [name for name, value in same.as_json().items() if isinstance(value, list) and value]


def test_documents_and_their_paragraphs_are_added_and_removed(compare):
    old = {"a/one": ("train", TEXTS[:2]), "a/two": ("test", TEXTS[2:3])}
    new = {"a/one": ("train", TEXTS[:2]), "a/three": ("test", TEXTS[3:])}
    changed = compare(old, new)
    assert (changed.documents_added, changed.documents_removed) == (("a/three",), ("a/two",))
    assert [each.new for each in changed.paragraphs_added] == TEXTS[3:]
    assert [each.old for each in changed.paragraphs_removed] == TEXTS[2:3]
    assert changed.paragraphs_changed == ()
    assert changed.rows["documents"] == (1, 1, 0)
    assert needed(changed) == "minor"


def test_a_changed_text_is_paired_with_its_old_one(compare):
    edited = [TEXTS[0], TEXTS[1].replace("三个", "四个"), *TEXTS[2:]]
    changed = compare({"a/one": ("train", TEXTS)}, {"a/one": ("train", edited)})
    (only,) = changed.paragraphs_changed
    assert (only.old, only.new) == (TEXTS[1], edited[1])
    assert (changed.paragraphs_added, changed.paragraphs_removed) == ((), ())
    assert needed(changed) == "minor"


def test_a_paragraph_put_between_others_is_added_and_changes_none(compare):
    new = [TEXTS[0], "本报记者补充了一段全新的说明。", *TEXTS[1:]]
    changed = compare({"a/one": ("train", TEXTS)}, {"a/one": ("train", new)})
    assert [each.new for each in changed.paragraphs_added] == [new[1]]
    assert (changed.paragraphs_changed, changed.paragraphs_removed) == ((), ())


def test_a_text_that_became_another_is_removed_and_added(compare):
    new = ["ABCDEFG entirely different", *TEXTS[1:]]
    changed = compare({"a/one": ("train", TEXTS)}, {"a/one": ("train", new)})
    assert len(changed.paragraphs_added) == len(changed.paragraphs_removed) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=6), st.lists(st.sampled_from(TEXTS), max_size=6))
def test_alignment_keeps_the_order_and_uses_each_text_once(left, right):
    pairs = _aligned(left, right)
    assert pairs == sorted(pairs)
    assert all(len({pair[side] for pair in pairs}) == len(pairs) for side in (0, 1))
    if left == right:
        assert pairs == [(i, i) for i in range(len(left))]


def test_a_split_that_changed_is_named_and_is_a_major_change(compare):
    changed = compare(
        change=with_rows("documents", ("split", pl.lit("train")), where=pl.col("split") == "test")
    )
    (only,) = changed.splits
    assert (only.old, only.new) == ("test", "train")
    assert needed(changed) == "major"


def test_a_label_that_an_annotator_changed_is_relabelled_not_removed(compare):
    where = pl.col("annotation_id") == "a2-1"
    changed = compare(change=with_rows("annotations", ("label", pl.lit("favor")), where=where))
    (only,) = changed.annotations_relabelled
    assert (only.annotator, only.layer, only.target, only.old, only.new) == (
        "a2",
        "stance",
        "rules",
        "none",
        "favor",
    )
    assert (changed.annotations_added, changed.annotations_removed, changed.annotations_moved) == ((), (), ())


def test_a_relabelled_annotation_with_a_new_id_is_found_by_its_place(compare):
    where = pl.col("annotation_id") == "a1-1"
    changes = (("label", pl.lit("PLACE")), ("annotation_id", pl.lit("a1-9")))
    changed = compare(change=with_rows("annotations", *changes, where=where))
    assert [(each.old, each.new) for each in changed.annotations_relabelled] == [("ORG", "PLACE")]
    assert (changed.annotations_added, changed.annotations_removed) == ((), ())


def test_an_adjudicated_label_that_changed_is_golds(compare):
    changed = compare(change=with_rows("stances", ("label", pl.lit("against"))))
    (only,) = changed.annotations_relabelled
    assert (only.annotator, only.layer, only.old, only.new) == ("gold", "stance", "favor", "against")
    changed = compare(change=with_rows("entities", ("label", pl.lit("ORG"))))
    assert [(each.annotator, each.quote) for each in changed.annotations_relabelled] == [
        ("gold", "云岭"),
        ("gold", "🚢"),
    ]


def test_annotations_are_removed_added_and_moved(compare):
    changed = compare(change=without("annotations", pl.col("annotation_id") == "a1-2"))
    assert [each.old for each in changed.annotations_removed] == ["favor"]
    where = pl.col("annotation_id") == "a1-1"
    changed = compare(change=with_rows("annotations", ("end", pl.lit(2, dtype=pl.Int64)), where=where))
    (only,) = changed.annotations_moved
    assert only.old.endswith("[0:4]")
    assert only.new.endswith("[0:2]")


def test_annotations_of_a_changed_text_stay_where_they_are(tmp_path):
    inspection = "harbour-daily/inspection"
    old = built(tmp_path / "old")
    paragraphs = old.tables["paragraphs"]
    first = paragraphs.filter(pl.col("document_id") == inspection)["paragraph_id"][0]
    renamed = {first: f"{first}-changed"}

    def carried(table):
        return (
            table.with_columns(pl.col("paragraph_id").replace(renamed))
            if "paragraph_id" in table.columns
            else table
        )

    tables = {name: carried(table) for name, table in old.tables.items()}
    longer = (
        pl.when(pl.col("paragraph_id") == renamed[first])
        .then(pl.col("text") + "补")
        .otherwise(pl.col("text"))
    )
    tables["paragraphs"] = tables["paragraphs"].with_columns(longer.alias("text"))
    changed = diff(old, old._replace(tables=tables))
    assert [each.old_id for each in changed.paragraphs_changed] == [first]
    assert changed.annotations_moved == changed.annotations_added == changed.annotations_removed == ()


def test_facts_of_a_document_that_changed_are_named(compare):
    changed = compare(change=with_rows("documents", ("author", pl.lit("许望舒"))))
    assert set(changed.facts.values()) == {("author",)}
    assert needed(changed) == "minor"


def test_columns_are_told_with_their_labels_in_order(tmp_path):
    old = built(tmp_path / "old")
    assert old.columns["documents/raw_chars"] == "int64"
    assert old.columns["stance/label"].startswith("label: ")
    assert old.columns["paragraphs/entities.label"].startswith("label: ")
    assert columns(tmp_path / "old") | {"schema": "version 1"} == old.columns


def test_a_label_added_at_the_end_is_minor_and_one_that_shifts_others_is_major(tmp_path):
    old = built(tmp_path / "old")
    new = Label("SHIP", "A ship.")

    def labels(**made):
        return lambda corpus: replace(corpus, project=replace(corpus.project, **made))

    project = SMALL.PROJECT
    last = built(tmp_path / "last", change=labels(entity_labels=(*project.entity_labels, new)))
    first = built(tmp_path / "first", change=labels(entity_labels=(new, *project.entity_labels)))
    # A last label of stances comes before those of entities where both are labels of one column.
    middle = built(tmp_path / "middle", change=labels(stance_labels=(*project.stance_labels, new)))
    assert {each.name for each in diff(old, last).columns} >= {"entities/tags", "paragraphs/entities.label"}
    assert [needed(diff(old, new)) for new in (last, first, middle)] == ["minor", "major", "major"]
    assert needed(diff(last, old)) == "major"


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (lambda c: c | {"documents/mood": "string"}, "minor"),
        (lambda c: {name: kind for name, kind in c.items() if name != "documents/url"}, "major"),
        (lambda c: c | {"documents/raw_chars": "float64"}, "major"),
        (lambda c: c | {"schema": "version 2"}, "major"),
    ],
)
def test_columns_that_are_new_gone_or_of_another_kind(tmp_path, change, step):
    old = built(tmp_path / "old")
    changed = diff(old, old._replace(columns=change(dict(old.columns))))
    assert len(changed.columns) == 1
    assert needed(changed) == step


def test_a_config_of_another_version_of_the_tool_is_compared_by_its_first_column():
    def given_(rows):
        return Edition(
            "a", "1.0.0", None, {"moods": pl.DataFrame(rows).with_columns(split=pl.lit("train"))}, {}
        )

    changed = diff(given_({"id": [1, 2], "mood": ["a", "b"]}), given_({"id": [2, 3], "mood": ["c", "d"]}))
    assert changed.rows == {"moods": (1, 1, 1)}


# ---------------------------------------------------------------- told to people


@pytest.fixture
def changed(compare):
    old = {"a/one": ("train", TEXTS), "a/two": ("test", ["只有这一段。"])}
    new = {
        "a/one": ("train", [TEXTS[0], TEXTS[1] + "*重点* | <b>", *TEXTS[2:]]),
        "a/three": ("test", ["新的一段。"]),
    }
    return compare(old, new)


def test_text_names_every_change_and_the_version_it_needs(changed):
    told = as_text(changed)
    assert told.startswith("1.0.0 -> 1.0.0: 1 document added, 1 document removed, 1 paragraph added")
    assert "needs a minor step: 1.1.0 or later; the new edition says 1.0.0, which is not enough" in told
    assert "a/three" in told


def test_control_characters_of_a_page_do_not_reach_the_terminal(changed):
    hostile = changed.paragraphs_added[0]._replace(new="\x1b[31m红")
    assert "\x1b" not in as_text(replace(changed, paragraphs_added=(hostile,)))


def test_markdown_escapes_what_pages_say_and_shows_the_first_of_many(changed):
    notes = as_markdown(changed)
    assert "<b>" not in notes.replace(r"\<b\>", "")
    assert r"\*重点\*" in notes
    many = as_markdown(replace(changed, documents_added=tuple(f"d/{n}" for n in range(100))))
    assert "… and 80 more" in many


def test_the_changelog_entry_is_for_the_version_that_is_needed(changed):
    entry = as_changelog(changed)
    assert entry.startswith("## [1.1.0]")
    assert "### Added\n\n- 1 document.\n- 1 paragraph.\n" in entry
    assert "- 1 paragraph with another text." in entry
    assert as_changelog(replace(changed, new_version="2.0.0", released="2026-11-22")).startswith(
        "## [2.0.0] - 2026-11-22"
    )


def test_a_change_of_no_row_says_so(compare):
    assert "no row" in as_changelog(compare())
    assert verdict(compare()).endswith("which is enough")


def test_json_holds_every_part(changed):
    read = json.loads(json.dumps(changed.as_json(), ensure_ascii=False))
    assert read["documents_added"] == ["a/three"]
    assert read["paragraphs_changed"][0]["old"] == TEXTS[1]
    assert read["rows"]["documents"] == {"added": 1, "removed": 1, "changed": 1}


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("name", ["MANIFEST.json", "README.md"])
def test_a_folder_without_manifest_or_card_is_refused(tmp_path, name):
    built(tmp_path / "old")
    (tmp_path / "old" / name).unlink()
    with pytest.raises(CorpusError, match=rf"{name}.*corpus build"):
        edition(tmp_path / "old")


@pytest.mark.parametrize("card", ["", "---\n- a\n---\n", "---\na: [\n---\n", "---\ndataset_info: 7\n---\n"])
def test_a_card_of_another_shape_is_refused(tmp_path, card):
    built(tmp_path / "old")
    (tmp_path / "old" / "README.md").write_text(card)
    with pytest.raises(CorpusError, match=r"README\.md"):
        edition(tmp_path / "old")


def test_a_file_that_is_no_parquet_is_refused_by_its_name(tmp_path):
    built(tmp_path / "old")
    (tmp_path / "old" / "blocks" / "test.parquet").write_bytes(b"PAR1 not PAR1")
    with pytest.raises(CorpusError, match=r"blocks/test\.parquet"):
        edition(tmp_path / "old")


@pytest.mark.parametrize(
    "card",
    [
        "a: " + "[" * 5000,
        "dataset_info: [{config_name: a, features: [{name: x, dtype: {class_label: {names: {a: b}}}}]}]",
        "dataset_info: 7",
        "x0: &x0 [{name: a, dtype: string}]\n"
        + "".join(
            f"x{n}: &x{n} [{{name: a, list: *x{n - 1}}}, {{name: b, list: *x{n - 1}}}]\n"
            for n in range(1, 30)
        )
        + "dataset_info: [{config_name: q, features: *x29}]",
    ],
    ids=["deep", "labels", "number", "aliases"],
)
def test_a_card_made_to_break_its_reader_is_one_clear_error(tmp_path, card):
    built(tmp_path / "old")
    (tmp_path / "old" / "README.md").write_text(f"---\n{card}\n---\n", "utf-8")
    with pytest.raises(CorpusError, match="no card that can be read"):
        edition(tmp_path / "old")


@pytest.mark.parametrize("config", ["documents", "paragraphs", "annotations", "stance"])
def test_rows_that_cannot_be_paired_are_one_clear_error(tmp_path, config):
    built(tmp_path / "old")
    pl.DataFrame({"alien": [[1]]}).write_parquet(tmp_path / "old" / config / "train.parquet")
    with pytest.raises(CorpusError, match=f"expected String in rows of `{config}`"):
        edition(tmp_path / "old")


def test_a_config_of_any_name_and_kind_is_told_in_markdown_and_text_alike(tmp_path):
    old = built(tmp_path / "old")
    built(tmp_path / "new")
    (tmp_path / "new" / "x\n| <b>").mkdir()
    pl.DataFrame({"a": [[1]], "b": ["k"]}).write_parquet(tmp_path / "new" / "x\n| <b>" / "train.parquet")
    changed = diff(old, edition(tmp_path / "new"))
    assert "| x \\| \\<b\\> | 1 | 0 | 0 |" in as_markdown(changed)
    assert "rows of x\N{REPLACEMENT CHARACTER}| <b>: 1 added" in as_text(changed)


def test_a_day_of_release_that_is_none_is_left_out(tmp_path):
    built(tmp_path / "old")
    (tmp_path / "old" / "croissant.json").write_text('{"datePublished": "<b>\\n# soon"}', "utf-8")
    assert edition(tmp_path / "old").released is None
