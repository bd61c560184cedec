"""Words of tags and texts are the same whether they were read before or not."""

from __future__ import annotations

import pickle
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpus.clean import words
from corpus.clean.html import layout
from corpus.clean.words import Bags, Vocabulary, tag_bags, text_bags, text_words

TAG = {"post": 0, "body": 1, "nav": 2}
TEXT = {"port": 0, "港口": 1, "口重": 2, "©": 3, "ist": 4}
READ = Vocabulary(TAG, TEXT)
TEXTS = st.lists(
    st.lists(
        st.sampled_from(("Port", "port ", "港口重开", "© ", "ist", "x1", "ΣΑΣ ", "-", " " * 70)), max_size=9
    ).map("".join),
    max_size=8,
)


def rows(bags: Bags) -> list[list[int]]:
    borders = bags.offsets.tolist()
    return [bags.ids[start:end].tolist() for start, end in pairwise(borders)]


@given(TEXTS)
def test_the_known_words_of_texts_do_not_depend_on_what_was_read_before(texts: list[str]) -> None:
    plain = [[TEXT[word] for word in text_words(text) if word in TEXT] for text in texts]
    assert rows(text_bags(texts, READ)) == plain
    assert rows(text_bags(texts, Vocabulary(TAG, TEXT))) == plain


def test_a_long_text_is_read_at_its_ends() -> None:
    assert text_words("harbour " * 8 + "middle " * 40 + "quay " * 8)[::8] == ["harbour", "quay"]
    assert "middle" in text_words("harbour middle quay")


def test_ideographs_are_read_in_pairs() -> None:
    assert text_words("港口重开 Leith") == ["港口", "口重", "重开", "leith"]


def test_words_of_tags_are_those_of_elements_with_text_and_of_inner_tags() -> None:
    raw = '<div class="post-body"><p id=nav><span class="nav big">text</span></p><p class="post"></p></div>'
    found = rows(tag_bags(raw, layout(raw), READ))
    assert found == [[], [0, 1], [2], [], [2]]


def test_no_more_is_remembered_than_a_bound(monkeypatch) -> None:
    monkeypatch.setattr(words, "_MOST_READ", 3)
    vocabulary = Vocabulary(TAG, TEXT)
    found = rows(text_bags(["port", "a", "b", "c", "port", "d"], vocabulary))
    assert found == [[0], [], [], [], [0], []]
    assert len(vocabulary.of_texts) <= 3


def test_what_was_read_stays_behind_where_a_vocabulary_goes_to_another_process() -> None:
    text_bags(["port"], READ)
    assert not pickle.loads(pickle.dumps(READ)).of_texts
