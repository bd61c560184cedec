from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.places import raw_range, text_range
from corpus.records import Paragraph, Segment


def paragraph(text, *segments):
    return Paragraph("d#p-0", 0, "paragraph", text, tuple(Segment(*s) for s in segments))


# raw: <p>甲乙<b>丙</b>&amp;丁  \n 戊</p>...<p>己庚</p>
FIRST = paragraph(
    "甲乙丙&丁 戊", (0, 2, 3, 5), (2, 3, 8, 9), (3, 4, 13, 18), (4, 5, 18, 19), (5, 6, 19, 23), (6, 7, 23, 24)
)
SECOND = paragraph("己庚", (0, 2, 40, 42))


def test_a_place_inside_one_segment_counts_code_points():
    assert raw_range(FIRST, 1, 2) == (4, 5)


def test_a_place_over_markup_includes_the_markup():
    assert raw_range(FIRST, 1, 3) == (4, 9)


def test_an_entity_and_a_folded_run_of_space_are_never_cut():
    assert raw_range(FIRST, 3, 4) == (13, 18)
    assert raw_range(FIRST, 5, 6) == (19, 23)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (0, 8)])
def test_a_range_that_is_not_in_the_paragraph_is_refused(start, end):
    with pytest.raises(ValueError, match="no range of a paragraph"):
        raw_range(FIRST, start, end)


def test_a_raw_place_is_found_in_its_paragraph():
    assert text_range([FIRST, SECOND], 40, 41) == (1, 0, 1)


def test_a_raw_place_in_dropped_text_is_nowhere():
    assert text_range([FIRST, SECOND], 25, 39) is None
    assert text_range([FIRST, SECOND], 5, 8) is None
    assert text_range([], 0, 5) is None


def test_of_a_partly_dropped_place_the_kept_part_is_returned():
    assert text_range([FIRST, SECOND], 23, 30) == (0, 6, 7)


def test_of_a_place_over_two_paragraphs_the_larger_part_is_returned():
    assert text_range([FIRST, SECOND], 23, 42) == (1, 0, 2)


@given(st.data())
def test_every_range_comes_back_from_raw_text(data):
    start = data.draw(st.integers(0, len(FIRST.text) - 1))
    end = data.draw(st.integers(start + 1, len(FIRST.text)))
    assert text_range([FIRST, SECOND], *raw_range(FIRST, start, end)) == (0, start, end)
