from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.align import IGNORED, Span, label, names, numbers, rates, spans_of
from corpus.errors import CorpusError

TEXT = "青禾电子在南屿卖出 K9 板卡"


def cut(lengths, text):
    """Sub-words of the given lengths, one after the other, over the whole text."""
    offsets, at = [], 0
    for length in lengths:
        if at >= len(text):
            break
        offsets.append((at, min(len(text), at + length)))
        at += length
    return offsets if at >= len(text) else [*offsets, (at, len(text))]


def test_a_span_that_begins_and_ends_with_sub_words_is_labelled():
    made = label(TEXT, [(0, 2), (2, 4), (4, 5), (5, 7)], [(0, 4, "ORG"), (5, 7, "LOC")])
    assert made.tags == ("B-ORG", "I-ORG", "O", "B-LOC")
    assert made.fitted == (Span(0, 4, "ORG"), Span(5, 7, "LOC"))


def test_a_span_off_the_boundaries_is_refused_by_name():
    with pytest.raises(CorpusError, match=r"'南屿', LOC.*off the sub-words '在南'"):
        label(TEXT, [(0, 4), (4, 6), (6, 7)], [(5, 7, "LOC")])


def test_a_span_off_the_boundaries_is_widened_where_asked_for_and_told():
    made = label(TEXT, [(0, 4), (4, 6), (6, 7)], [(5, 7, "LOC")], misfit="widen")
    assert made.tags == ("O", "B-LOC", "I-LOC")
    assert made.widened == (Span(5, 7, "LOC"),)


def test_white_space_at_the_edge_of_a_sub_word_does_not_count():
    made = label(TEXT, [(7, 9), (9, 12)], [(10, 12, "P")])
    assert made.tags == ("O", "B-P")


def test_special_sub_words_have_no_label_and_are_ignored():
    made = label(TEXT, [(0, 0), (0, 4), (0, 0)], [(0, 4, "ORG")])
    assert numbers(made.tags, names(["ORG"])) == [IGNORED, 1, IGNORED]


def test_of_nested_spans_the_longest_is_labelled_and_the_others_are_told():
    made = label(TEXT, [(0, 2), (2, 4)], [(0, 2, "PER"), (0, 4, "ORG"), (2, 4, "X")])
    assert made.tags == ("B-ORG", "I-ORG")
    assert made.overlapping == (Span(0, 2, "PER"), Span(2, 4, "X"))


@pytest.mark.parametrize("offsets", [[(0, 5)], [(0, 5), (5, 6)]])
def test_a_span_beyond_the_last_sub_word_is_told_and_not_labelled(offsets):
    made = label(TEXT, offsets, [(5, 7, "LOC")])
    assert made.outside == (Span(5, 7, "LOC"),)
    assert set(made.tags) == {"O"}


def test_a_place_outside_the_text_is_refused():
    with pytest.raises(CorpusError, match="expected a place in a text of 15 characters"):
        label(TEXT, [(0, 15)], [(3, 16, "X")])


def test_bytes_of_one_character_are_one_span_again():
    offsets = [(0, 1), (0, 1), (0, 1), (1, 2), (2, 3)]
    made = label("霈在此", offsets, [(0, 1, "PER")])
    assert made.tags == ("B-PER", "I-PER", "I-PER", "O", "O")
    assert spans_of("霈在此", offsets, made.tags) == ((0, 1, "PER"),)


def test_predictions_that_take_one_character_twice_give_it_to_the_first():
    assert spans_of("霈在此", [(0, 1), (0, 1), (1, 2)], ["B-A", "B-B", "I-B"]) == ((0, 1, "A"), (1, 2, "B"))


def test_as_many_tags_as_sub_words_are_expected():
    with pytest.raises(CorpusError, match="2 tags for 1 sub-words"):
        spans_of("云", [(0, 1)], ["O", "O"])


def test_a_tag_the_model_does_not_know_is_refused():
    with pytest.raises(CorpusError, match="B-LOC"):
        numbers(["B-LOC"], names(["ORG"]))


def test_the_share_off_the_boundaries_is_counted_over_texts():
    made = [
        label(TEXT, [(0, 4), (4, 6), (6, 7)], [(0, 4, "ORG"), (5, 7, "LOC")], misfit="widen"),
        label(TEXT, [(0, 4)], [(0, 4, "ORG"), (5, 7, "LOC")]),
    ]
    counted = rates(made)
    assert (counted.spans, counted.fitted, counted.widened, counted.outside) == (4, 2, 1, 1)
    assert counted.off_boundary == 0.25


spans = st.lists(
    st.tuples(st.integers(0, 14), st.integers(1, 6), st.sampled_from("AB")).map(
        lambda each: (each[0], min(15, each[0] + each[1]), each[2])
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(lengths=st.lists(st.integers(1, 4), max_size=15), wanted=spans)
def test_fitted_spans_come_back_and_every_span_has_one_fate(lengths, wanted):
    text = TEXT.replace(" ", "·")
    offsets = cut(lengths, text)
    made = label(text, offsets, wanted, misfit="widen")
    assert sorted([*made.fitted, *made.widened, *made.overlapping, *made.outside]) == sorted(wanted)
    back = spans_of(text, offsets, made.tags)
    assert set(made.fitted) <= set(back)
    assert len(back) == len(made.fitted) + len(made.widened)


@settings(max_examples=150, deadline=None)
@given(
    offsets=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)).map(sorted).map(tuple), max_size=8),
    tags=st.lists(st.sampled_from(["O", "B-A", "I-A", "I-B", None]), min_size=8, max_size=8),
)
def test_predicted_spans_never_overlap_in_order_of_sub_words(offsets, tags):
    offsets = sorted(offsets)
    found = spans_of(TEXT, offsets, tags[: len(offsets)])
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(span.start < span.end for span in found)


def test_sub_words_of_real_tokenizers_bring_every_fitted_span_back():
    tokenizers = pytest.importorskip("tokenizers", reason="the tokenizers library is not installed")
    texts = [TEXT, "港务处把 K9 与 Ｋ10 板卡都扣下了", "南屿的青禾电子否认此事"]
    mentions = [[(0, 4, "ORG"), (5, 7, "LOC"), (10, 12, "P")], [(0, 3, "GOV"), (5, 7, "P")], [(3, 7, "ORG")]]
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts, tokenizers.trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False)
    )
    for text, wanted in zip(texts, mentions, strict=True):
        offsets = bpe.encode(text).offsets
        made = label(text, offsets, wanted, misfit="widen")
        assert set(made.fitted) <= set(spans_of(text, offsets, made.tags))
