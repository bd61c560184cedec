"""Numbers in prose that claim a total."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.publish.prose import claims


def found(prose):
    return [(claim.figure, claim.total) for claim in claims(prose)]


@pytest.mark.parametrize(
    ("prose", "figure", "total"),
    [
        ("72 documents", "documents", 72),
        ("1,650 stances", "stances", 1650),
        ("Twenty-five sources", "sources", 25),
        ("six\nannotators", "annotators", 6),
        ("335 Paragraphs", "paragraphs", 335),
        ("12 entity mentions", "mentions", 12),
        ("共 72 篇", "documents", 72),
        ("全部72篇", "documents", 72),
        ("七十二篇", "documents", 72),
        ("两位标注者", "annotators", 2),
        ("一百零五段", "paragraphs", 105),
        ("二十五个来源", "sources", 25),
        ("兩種語言和三种语言", "languages", 3),
    ],
)
def test_a_number_before_a_counted_noun_claims_a_total(prose, figure, total):
    assert found(prose) == [(figure, total)]


@pytest.mark.parametrize(
    "prose",
    ["72 of the documents", "72 long documents", "one document", "a document", "一篇", "第十二段", "第 12 段",
     "version 1.2 pages", "2025-03 pages", "documents 72", "documented 72 pagers", "twenty thousand words",
     "千万段", "9" * 5000 + " pages", "九" * 5000 + "篇", "H20 documents"],
)  # fmt: skip
def test_other_numbers_claim_none(prose):
    assert found(prose) == []


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 10**7))
def test_digits_are_read_as_they_are_written(number):
    assert found(f"of {number:,} documents.") == [("documents", number)]
    assert found(f"of {number} documents.") == [("documents", number)]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="零一二三四五六七八九十百千万两第 2,.篇段dog"))
def test_no_text_breaks_it(prose):
    for claim in claims(prose):
        assert claim.total >= 2
        assert prose[claim.at :].startswith(claim.words[0])
