"""Offsets in every unit, and quotes that decide between them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.annotations.exchange import Mark, edges, file_name, name_of, tokens
from corpus.annotations.offsets import Offsets, Span, check

text = st.text(st.characters(codec="utf-8"), max_size=30)
TEXT = "😀晨星半导体在𠮷野市。晨星！"


@settings(deadline=None, max_examples=50)
@given(text, st.sampled_from(["code_point", "utf16", "utf8"]))
def test_every_offset_survives_the_way_out_and_back(text, unit):
    offsets = Offsets(text)
    measure = {
        "code_point": len,
        "utf16": lambda t: len(t.encode("utf-16-le")) // 2,
        "utf8": lambda t: len(t.encode()),
    }
    for at in range(len(text) + 1):
        out = offsets.in_unit(at, unit)
        assert out == measure[unit](text[:at])
        assert offsets.code_point(out, unit) == at


@settings(deadline=None, max_examples=50)
@given(text, st.integers(-2, 99), st.sampled_from(["utf16", "utf8"]))
def test_an_offset_inside_a_character_or_outside_the_text_is_none(text, at, unit):
    offsets = Offsets(text)
    valid = {offsets.in_unit(i, unit): i for i in range(len(text) + 1)}
    assert offsets.code_point(at, unit) == valid.get(at)


def test_a_quote_that_stands_there_needs_no_repair():
    assert check(Offsets(TEXT), Span(2, 4, "晨星"), "utf16", "x") == ((1, 3), None)


@pytest.mark.parametrize(
    ("span", "unit", "named"),
    [
        (Span(1, 3, "晨星"), "utf16", "count code points, not UTF-16 units"),
        (Span(2, 4, "晨星"), "code_point", "count UTF-16 units, not code points"),
        (Span(4, 10, "晨星"), "code_point", "count UTF-8 bytes, not code points"),
    ],
)
def test_offsets_of_another_unit_are_repaired_and_named(span, unit, named):
    place, finding = check(Offsets(TEXT), span, unit, "f:1")
    assert place == (1, 3)
    assert (finding.level, finding.where) == ("warning", "f:1")
    assert named in finding.message


def test_an_offset_one_off_is_no_matter_of_units_and_is_refused():
    place, finding = check(Offsets(TEXT), Span(3, 5, "晨星"), "utf16", "f:1")
    assert place is None
    assert "hold '星半'; the export says '晨星'" in finding.message
    assert "stands 2 times in the text, nearest at 1-3" in finding.hint


def test_a_quote_that_is_nowhere_says_so():
    assert "nowhere in the text" in check(Offsets(TEXT), Span(3, 5, "月亮"), "utf16", "f:1").finding.hint


@pytest.mark.parametrize(
    "span", [(-1, 2), (3, 3), (5, 2), (None, 2), ("1", 2), (True, 2), (1.0, 2), (0, 10**9), (0, 1)]
)
def test_a_range_that_is_none_is_refused(span):
    place, finding = check(Offsets(TEXT), Span(*span), "utf16", "f:1")
    assert place is None
    assert finding.level == "error"


def test_a_line_end_may_be_shown_as_a_space():
    assert check(Offsets("墨\n香"), Span(0, 3, "墨 香"), "code_point", "x").place == (0, 3)


@settings(deadline=None, max_examples=50)
@given(text, st.sets(st.integers(0, 30)))
def test_tokens_cover_all_but_white_space_and_are_cut_where_asked(text, cuts):
    cut = tokens(text, cuts)
    assert "".join(text[a:b] for a, b in cut) == "".join(c for c in text if not c.isspace())
    assert all(a < b for a, b in cut)
    assert not any(a < c < b for a, b in cut for c in cuts)


def test_marks_have_edges():
    assert edges([Mark("A", ((1, 3), (5, 6)))]) == [1, 3, 5, 6]


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
def test_a_name_becomes_one_file_name_and_comes_back(name):
    made = file_name(name)
    assert "/" not in made
    assert made not in {".", ".."}
    assert len(made.encode()) < 250
    assert "~" in made or name_of(made) == name
