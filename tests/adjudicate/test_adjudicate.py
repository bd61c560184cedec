"""Gold from many annotators: better than a majority, valid, deterministic, and honest about bad rows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.adjudicate import METHODS, adjudicate
from corpus.adjudicate.mentions import Text, compare, judge, places, select
from corpus.adjudicate.tags import Span, spans, tags

KITS = ("dawid_skene", "mace")
LABELS = ["ORG", "PER", "LOC"]


# MACE starts ten times and takes many seconds even on a few rows.
EVERY = [pytest.param(name, marks=pytest.mark.slow) if name == "mace" else name for name in METHODS]


def method(name):
    if name in KITS:
        pytest.importorskip("crowdkit")
    return name


def crowd(seed, texts=150):
    """Texts with known mentions, and annotators who miss, slip, mistake and invent, two of them badly."""
    rng = random.Random(seed)
    skill = {f"a{n}": (0.15, 0.1, 0.1, 0.02) if n < 5 else (0.6, 0.4, 0.5, 0.1) for n in range(7)}
    rows, gold = [], []
    for _ in range(texts):
        length = rng.randint(8, 30)
        truth, at = [], 0
        while at < length - 3:
            at += rng.randint(0, 8)
            size = rng.randint(1, 4)
            if at + size <= length:
                truth.append(Span(at, at + size, rng.choice(LABELS)))
            at += size
        votes = {}
        for name in sorted(rng.sample(sorted(skill), rng.randint(3, 5))):
            missed, slipped, wrong, invented = skill[name]
            made = []
            for span in truth:
                if rng.random() < missed:
                    continue
                end = span.end + 1 if rng.random() < slipped and span.end < length else span.end
                label = rng.choice(LABELS) if rng.random() < wrong else span.label
                made.append(Span(span.start, end, label))
            if rng.random() < invented:
                made.append(Span(0, 1, "PER"))
            votes[name] = tags(flat(made), length)
        rows.append({"tokens": [f"t{rng.randint(0, 400)}" for _ in range(length)], "votes": votes})
        gold.append(truth)
    return rows, gold


def flat(made):
    kept = []
    for span in sorted(made):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


def f1(gold, answer):
    right = sum(len(set(truth) & set(spans(line))) for truth, line in zip(gold, answer, strict=True))
    return 2 * right / (sum(map(len, gold)) + sum(len(spans(line)) for line in answer))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_model_finds_more_mentions_than_a_majority_by_token(seed):
    rows, gold = crowd(seed)
    ours, theirs = f1(gold, adjudicate(rows, "tokens")), f1(gold, adjudicate(rows, "tokens", "majority"))
    assert ours > theirs + 0.03
    assert ours > 0.85


def test_the_model_finds_more_labels_than_a_majority():
    rng = random.Random(4)
    wrong = {f"a{n}": 0.1 + 0.12 * n for n in range(6)}
    gold = [rng.choice(LABELS) for _ in range(400)]
    rows = [
        {
            "text": "",
            "votes": {
                name: rng.choice(LABELS) if rng.random() < wrong[name] else label
                for name in sorted(rng.sample(sorted(wrong), 3))
            },
        }
        for label in gold
    ]
    share = {
        name: sum(a == b for a, b in zip(adjudicate(rows, "labels", name), gold, strict=True)) / len(gold)
        for name in ("model", "majority")
    }
    assert share["model"] > share["majority"]


@pytest.mark.parametrize("name", EVERY)
def test_annotators_who_agree_decide(name):
    line = ["B-ORG", "I-ORG", "O", "B-PER", "O"]
    rows = [{"tokens": list("晨星说王好"), "votes": {"a": line, "b": line, "c": line}}] * 3
    assert adjudicate(rows, "tokens", method(name)) == [line] * 3
    rows = [{"text": "x", "votes": {"a": label, "b": label}} for label in ("favor", "none", "favor")]
    assert adjudicate(rows, "labels", method(name)) == ["favor", "none", "favor"]


@pytest.mark.parametrize("name", EVERY)
def test_the_answer_is_the_same_each_time_and_whatever_the_order_of_votes(name):
    rows, _ = crowd(5, texts=12)
    turned = [{"tokens": r["tokens"], "votes": dict(reversed(r["votes"].items()))} for r in rows]
    first = adjudicate(rows, "tokens", method(name))
    assert first == adjudicate(rows, "tokens", name) == adjudicate(turned, "tokens", name)


tag = st.sampled_from(["O", "O", "O", "B-A", "I-A", "B-B", "I-B"])
token_rows = st.lists(
    st.integers(0, 6).flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "tokens": st.lists(st.sampled_from("甲乙丙"), min_size=n, max_size=n),
                "votes": st.dictionaries(
                    st.sampled_from(["a1", "a2", "a3"]), st.lists(tag, min_size=n, max_size=n), max_size=3
                ),
            }
        )
    ),
    max_size=6,
)


@pytest.mark.parametrize("name", ["model", "majority"])
@settings(max_examples=80, deadline=None)
@given(token_rows)
def test_any_votes_give_valid_iob2_of_the_right_length(name, token_rows):
    answer = adjudicate(token_rows, "tokens", name)
    assert [len(line) for line in answer] == [len(row["tokens"]) for row in token_rows]
    for line in answer:
        assert tags(spans(line), len(line)) == line


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.none() | st.sampled_from(["x", "y", "z"]), max_size=3),
        max_size=6,
    )
)
def test_a_label_comes_from_the_votes_and_no_votes_give_none(votes):
    rows = [{"text": "", "votes": vote} for vote in votes]
    said = {label for vote in votes for label in vote.values() if label}
    for vote, label in zip(votes, adjudicate(rows, "labels"), strict=True):
        assert label in said if any(vote.values()) else label is None


@pytest.mark.parametrize("name", EVERY)
def test_no_rows_and_empty_rows_are_answered(name):
    assert adjudicate([], "tokens", method(name)) == []
    assert adjudicate([], "labels", name) == []
    assert adjudicate([{"tokens": [], "votes": {}}], "tokens", name) == [[]]
    assert adjudicate([{"tokens": ["a"], "votes": {}}], "tokens", name) == [["O"]]
    assert adjudicate([{"text": "a", "votes": {}}], "labels", name) == [None]


def test_one_annotator_is_believed():
    line = ["B-ORG", "O", "B-PER", "I-PER"]
    assert adjudicate([{"tokens": list("甲乙丙丁"), "votes": {"a1": line}}], "tokens") == [line]


@pytest.mark.parametrize(
    ("rows", "task", "name", "said"),
    [
        ([], "spans", "model", "no task 'spans'; known are tokens, labels"),
        ([], "labels", "guess", "no method 'guess'; known are model"),
        ([{"text": "x"}], "labels", "model", "row 0: votes are None"),
        ([{"text": "x", "votes": {"a": 3}}], "labels", "model", "row 0: a voted 3"),
        (
            [{"tokens": ["a"], "votes": {"b": ["O", "O"]}}],
            "tokens",
            "model",
            "row 0: b gave 2 tags to 1 tokens",
        ),
        (
            [{"tokens": ["a"], "votes": {"b": [None]}}],
            "tokens",
            "model",
            "row 0: b gave a tag that is no string",
        ),
        ([{"votes": {}}], "tokens", "model", "row 0: expected tokens"),
    ],
)
def test_a_row_that_is_not_as_it_must_be_is_named(rows, task, name, said):
    with pytest.raises(ValueError, match=said):
        adjudicate(rows, task, name)


def test_the_same_words_elsewhere_bear_on_a_doubtful_mention():
    def row(marked):
        yes, no = ["B-ORG", "I-ORG", "O"], ["O", "O", "O"]
        votes = {f"a{n}": yes if n in marked else no for n in range(3)}
        return {"tokens": ["晨", "星", "说"], "votes": votes}

    sure = [row({0, 1, 2})] * 8
    texts = [
        Text({name: spans(line) for name, line in r["votes"].items()}, r["tokens"]) for r in [*sure, row({0})]
    ]
    unknown = [Text(text.votes) for text in texts]
    assert judge(texts)[-1][0].probability > judge(unknown)[-1][0].probability


def test_places_are_groups_of_mentions_that_overlap():
    a, b, c, d = Span(0, 2, "A"), Span(1, 4, "A"), Span(4, 5, "A"), Span(3, 4, "B")
    assert list(places({"x": [a, c], "y": [b, d]})) == [[a, b, d], [c]]


def test_a_truth_takes_the_mention_that_shares_most_and_the_rest_is_invented():
    truth = (Span(0, 4, "A"), Span(6, 7, "A"))
    counted, confused = compare(truth, (Span(0, 1, "A"), Span(1, 4, "B")))
    assert counted == [1, 1, 0, 1, 0, 1, 1, 0]
    assert confused == [("A", "B")]
    assert compare((), ())[0] == [0, 0, 0, 0, 0, 0, 0, 1]


def test_nothing_is_selected_from_nothing():
    assert select([[], []]) == [[], []]
