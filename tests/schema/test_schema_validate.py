"""For every rule a corpus that breaks it, and nothing found in one that does not."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.schema import FLAT, Corpus
from corpus.schema.checks import ANNOTATION_RULES, DOCUMENT_RULES
from corpus.schema.validate import validate

INSPECTION = "harbour-daily/inspection"
LETTER = "river-post/letter"


def changed(corpus: Corpus, table: str, row: int, **values: object) -> Corpus:
    frame = corpus.tables[table]
    for column, value in values.items():
        series = frame[column].to_list()
        series[row] = value
        frame = frame.with_columns(pl.Series(column, series, dtype=frame.schema[column]))
    return replace(corpus, tables={**corpus.tables, table: frame})


def without(corpus: Corpus, table: str, row: int) -> Corpus:
    kept = corpus.tables[table].with_row_index("n").filter(pl.col("n") != row).drop("n")
    return replace(corpus, tables={**corpus.tables, table: kept})


def errors(corpus: Corpus) -> dict[str, str]:
    return {
        f"{finding.check} {finding.where}": finding.message
        for finding in found(corpus)
        if finding.level == "error"
    }


def found(corpus: Corpus):
    return validate(corpus)[1]


def test_a_valid_corpus_passes_unchanged(small):
    good, findings = validate(small)
    assert findings == ()
    for name in FLAT:
        assert good.tables[name].equals(small.tables[name])


# check: table, row, values put there, start of the finding's place, words of its message
CASES = {
    "not-null": ("documents", 0, {"licence": None}, f"documents[{INSPECTION}].licence", "expected a value"),
    "known-value": ("documents", 0, {"format": "pdf"}, f"documents[{INSPECTION}].format", "'pdf'"),
    "pattern": ("documents", 0, {"published_at": "last week"}, "documents[", "'last week'"),
    "not-blank": ("documents", 1, {"licence": "　 "}, "documents[river-post/budget]", "not blank"),
    "bounds": ("stances", 0, {"agreement": 1.5}, "stances[", "a number from 0 to 1"),
    "declared-label": (
        "entities",
        0,
        {"label": "SHIP"},
        "entities[e1].label",
        "'SHIP' at e1; expected one of",
    ),
    "unique-key": ("entities", 1, {"entity_id": "e1"}, "entities[e1].entity_id", "2 of 3 rows"),
    "foreign-key": ("entities", 0, {"paragraph_id": "far#p-1"}, "entities[e1].paragraph_id", "'far#p-1'"),
    "offset-order": ("entities", 0, {"start": 4}, "entities[e1].end", "start before end"),
    "offset-bounds": ("entities", 0, {"end": 99}, "entities[e1].end", "99 in a text of 15"),
    "quote": ("entities", 0, {"end": 3}, "entities[e1].text", "where the paragraph has 云岭海 at 0 to 3"),
    "same-document": ("entities", 0, {"document_id": LETTER}, "entities[e1].document_id", INSPECTION),
    "layer-target": ("annotations", 1, {"target": None}, "annotations[a1-2].target", "for a stance"),
    "orphan-place": ("annotations", 0, {"start": None}, "annotations[a1-1].anchor", "for an orphan"),
    "position-order": ("blocks", 2, {"position": 7}, f"blocks[{INSPECTION}, 7].position", "0, 1, 2"),
    "tiling": ("blocks", 1, {"raw_start": 9}, f"blocks[{INSPECTION}, 1]", "9 after a block that ends at 8"),
    "tiling-end": ("documents", 0, {"raw_chars": 60}, "documents[", "60, where the blocks end at 58"),
    "paragraph-count": ("documents", 0, {"paragraphs": 3}, "documents[", "3, where the document has 2"),
    "kept-chars": ("documents", 0, {"kept_chars": 1}, "documents[", "1, where the paragraphs hold 36"),
    "raw-bounds": ("paragraphs", 1, {"raw_end": 99}, "paragraphs[", "99 in a raw text of 58"),
    "segment-cover": ("paragraphs", 0, {"raw_end": 20}, "paragraphs[", "segments over raw 11 to 26"),
    "segment-order": ("segments", 1, {"start": 3}, "segments[", "3 (raw 18) after a segment that ends at 7"),
    "segment-bounds": ("segments", 1, {"end": 16}, "segments[", "16 in a text of 15"),
    "paragraph-id": ("paragraphs", 0, {"text": "改过的段落。"}, "paragraphs[", "where the text gives"),
    "one-split": ("documents", 1, {"duplicate_cluster": INSPECTION}, "documents[", "train and validation"),
}


@pytest.mark.parametrize("check", CASES)
def test_a_row_that_breaks_a_rule_is_named_and_what_is_left_is_valid(small, check):
    table, row, values, where, words = CASES[check]
    good, findings = validate(changed(small, table, row, **values))
    named = [each for each in findings if each.check == check and each.where.startswith(where)]
    assert any(words in each.message and each.level == "error" and each.hint for each in named), findings
    assert found(good) == ()


def test_every_rule_has_a_case():
    assert {rule.check for rule in (*DOCUMENT_RULES, *ANNOTATION_RULES)} <= set(CASES)


def test_a_mention_s_offsets_count_code_points_not_bytes_nor_utf_16_units(small):
    assert errors(changed(small, "entities", 2, start=14, end=15)) != {}
    assert errors(changed(small, "entities", 2, start=13, end=14)) == {}


def test_a_combining_mark_is_a_code_point_of_its_own(small):
    text = small.tables["paragraphs"]["text"][1]
    assert text.startswith("Tàixī")
    paragraph = small.tables["paragraphs"]["paragraph_id"][1]
    end = text.index(" ")
    assert (
        errors(changed(small, "entities", 0, paragraph_id=paragraph, start=0, end=end, text=text[:end])) == {}
    )


def test_a_wrong_page_goes_with_everything_in_it_and_is_counted(small):
    good, findings = validate(changed(small, "paragraphs", 0, role="headline"))
    assert INSPECTION not in good.tables["documents"]["document_id"]
    assert good.tables["entities"].is_empty()
    assert good.tables["annotations"].height == 3
    notes = {finding.where: finding.message for finding in findings if finding.check == "set-aside"}
    assert notes["entities"].startswith("3 rows set aside")
    assert all(finding.level == "note" for finding in findings if finding.check == "set-aside")


def test_a_wrong_mention_goes_alone(small):
    good, _ = validate(changed(small, "entities", 0, label="SHIP"))
    assert good.tables["entities"]["entity_id"].to_list() == ["e2", "e3"]
    assert good.tables["documents"].height == 3


def test_a_reference_to_a_page_set_aside_is_not_called_unknown(small):
    broken = errors(changed(small, "documents", 0, licence=None))
    assert not any(key.startswith("foreign-key") for key in broken)


def test_many_failing_rows_make_one_finding_that_counts_them_and_shows_a_few(small):
    blocks = small.tables["blocks"].with_columns(role=pl.lit("banner"))
    (finding,) = [
        f for f in found(replace(small, tables={**small.tables, "blocks": blocks})) if f.level == "error"
    ]
    assert finding.message.startswith("8 of 8 rows: found 'banner' at harbour-daily/inspection, 0, ")
    assert " and 3 more; expected one of heading, " in finding.message


def test_a_failed_cast_silences_the_rules_that_need_the_value(small):
    text = small.tables["entities"].with_columns(pl.Series("end", ["4", "two", "14"]))
    broken = errors(replace(small, tables={**small.tables, "entities": text}))
    assert list(broken) == ["cast entities[e2].end"]
    assert "'two' at e2; expected a value of Int64" in broken["cast entities[e2].end"]


@pytest.mark.parametrize("values", [[0.5, 0.0, 13.0], [b"a", b"b", b"c"], [[1], [2], [3]]])
def test_values_that_would_change_are_not_cast(small, values):
    table = small.tables["entities"].with_columns(pl.Series("start", values))
    broken = errors(replace(small, tables={**small.tables, "entities": table}))
    assert list(broken) == ["cast entities[e1].start"]


def test_numbers_are_not_taken_for_text(small):
    table = small.tables["entities"].with_columns(label=pl.lit(1))
    assert list(errors(replace(small, tables={**small.tables, "entities": table}))) == [
        "cast entities[e1].label"
    ]


def test_whole_numbers_in_another_width_are_cast(small):
    table = small.tables["entities"].with_columns(
        pl.col("start").cast(pl.UInt32), pl.col("end").cast(pl.Float64)
    )
    good, findings = validate(replace(small, tables={**small.tables, "entities": table}))
    assert findings == ()
    assert good.tables["entities"].equals(small.tables["entities"])


def test_columns_in_another_order_are_put_in_order(small):
    table = small.tables["blocks"].select(reversed(FLAT["blocks"].names))
    good, findings = validate(replace(small, tables={**small.tables, "blocks": table}))
    assert findings == ()
    assert good.tables["blocks"].columns == list(FLAT["blocks"].names)


def test_a_missing_column_leaves_nothing_of_its_table_and_says_so(small):
    table = small.tables["stances"].drop("label")
    good, findings = validate(replace(small, tables={**small.tables, "stances": table}))
    assert [(f.check, f.where) for f in findings if f.level == "error"] == [
        ("column-missing", "stances.label")
    ]
    assert good.tables["stances"].is_empty()
    assert good.tables["entities"].height == 3


def test_an_unknown_column_is_named_and_its_rows_stay(small):
    table = small.tables["stances"].with_columns(mood=pl.lit("dark"))
    good, findings = validate(replace(small, tables={**small.tables, "stances": table}))
    assert [(f.check, f.where) for f in findings] == [("column-unknown", "stances.mood")]
    assert good.tables["stances"].height == 1


def test_a_missing_table_is_named(small):
    tables = {name: table for name, table in small.tables.items() if name != "blocks"}
    good, findings = validate(replace(small, tables=tables))
    assert ("table-missing", "blocks") in [(f.check, f.where) for f in findings]
    assert good.tables["documents"].is_empty()


def test_a_document_without_blocks_or_paragraphs_is_found_out(small):
    broken = errors(without(without(without(small, "blocks", 0), "blocks", 0), "blocks", 0))
    assert f"tiling-end documents[{INSPECTION}].raw_chars" in broken


def test_a_paragraph_without_segments_is_found_out(small):
    broken = errors(without(without(small, "segments", 0), "segments", 0))
    assert any("no segment" in message for message in broken.values())


@pytest.mark.parametrize(
    ("table", "column"), [("documents", "format"), ("entities", "text"), ("entities", "entity_id")]
)
def test_findings_are_short_and_spell_out_what_a_terminal_would_obey(small, table, column):
    corpus = changed(small, "entities", 0, label="SHIP")
    for finding in found(changed(corpus, table, 0, **{column: "\x1b[31mred\n" + "x" * 9999})):
        assert "\x1b" not in finding.message + finding.where
        assert "\n" not in finding.message + finding.where
        assert len(finding.message) < 1000


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_leaves_a_valid_corpus_and_never_raises(small, data):
    corpus = small
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(FLAT)))
        table = corpus.tables[name]
        column = data.draw(st.sampled_from(table.columns))
        values = st.none() | (
            st.text(max_size=5)
            if table.schema[column] == pl.String
            else st.integers(-3, 99).map(float if table.schema[column] == pl.Float64 else int)
        )
        corpus = changed(
            corpus, name, data.draw(st.integers(0, table.height - 1)), **{column: data.draw(values)}
        )
    good, _ = validate(corpus)
    assert found(good) == ()
