from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.publish.tokens import iob2, tokens

TEXTS = st.text(max_size=40) | st.text(
    alphabet="云岭海关AbH100 3.5,，。🚢é\u0301\u3000\u200d々〇ーカな", max_size=40
)


@settings(max_examples=200)
@given(TEXTS)
def test_tokens_are_the_text_without_its_white_space(text):
    cut = tokens(text)
    assert all(text[token.start : token.end] == token.text and token.text for token in cut)
    assert "".join(token.text for token in cut) == regex.sub(r"\p{White_Space}", "", text)
    assert [token.start for token in cut] == sorted(token.start for token in cut)


@settings(max_examples=200)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from(["ORG", "PLACE"]))))
def test_tags_are_valid_iob2(text, spans):
    tags = iob2(tokens(text), [span for span in spans if span[0] < span[1]])
    assert len(tags) == len(tokens(text))
    for before, tag in zip(("O", *tags), tags, strict=False):
        if tag.startswith("I-"):
            assert before[2:] == tag[2:]


@settings(max_examples=100)
@given(TEXTS, st.data())
def test_a_span_on_token_borders_comes_back_from_its_tags(text, data):
    cut = tokens(text)
    if not cut:
        return
    first = data.draw(st.integers(0, len(cut) - 1))
    last = data.draw(st.integers(first, len(cut) - 1))
    tags = iob2(cut, [(cut[first].start, cut[last].end, "ORG")])
    marked = [token for token, tag in zip(cut, tags, strict=True) if tag != "O"]
    assert (marked[0].start, marked[-1].end) == (cut[first].start, cut[last].end)
    assert tags.count("B-ORG") == 1


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("英伟达H100芯片", ["英", "伟", "达", "H100", "芯", "片"]),
        ("约3.5万、1,000片", ["约", "3.5", "万", "、", "1,000", "片"]),
        ("Tàixī 公司", ["Tàixī", "公", "司"]),
        ("さくら〇号", ["さ", "く", "ら", "〇", "号"]),
        ("“教材”", ["“", "教", "材", "”"]),
        ("第\u3000一\n二", ["第", "一", "二"]),
    ],
)
def test_han_characters_stand_alone_and_words_stay_whole(text, cut):
    assert [token.text for token in tokens(text)] == cut


def test_a_token_that_a_mention_covers_in_part_is_tagged_whole():
    assert iob2(tokens("H100卖出"), [(0, 1, "ORG")]) == ("B-ORG", "O", "O")


def test_of_mentions_that_share_a_token_the_longest_is_tagged():
    assert iob2(tokens("云岭海关"), [(0, 2, "PLACE"), (1, 4, "ORG")]) == ("O", "B-ORG", "I-ORG", "I-ORG")


def test_mentions_side_by_side_begin_each():
    assert iob2(tokens("云岭"), [(0, 1, "PLACE"), (1, 2, "PLACE")]) == ("B-PLACE", "B-PLACE")
