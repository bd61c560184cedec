"""Likely errors in rows of text and label: injected ones come first, votes count, odd rows are named."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest

from corpus.errors import CorpusError
from corpus.likely_errors import guess_stances, rank_errors, suspect_labels

WORDS = {
    "sport": ("球队", "比分", "主场", "射门", "教练"),
    "trade": ("关税", "出口", "订单", "汇率", "股价"),
    "rain": ("暴雨", "气温", "台风", "降水", "预警"),
}


def made(count: int) -> list[dict[str, Any]]:
    """Rows whose words tell their label."""
    rnd = random.Random(4)
    labels = [rnd.choice(sorted(WORDS)) for _ in range(count)]
    return [
        {"text": f"{number} {' '.join(rnd.choices(WORDS[label], k=4))}", "label": label}
        for number, label in enumerate(labels)
    ]


def test_rows_with_a_swapped_label_come_first() -> None:
    rows = made(120)
    wrong = set(range(0, 120, 12))
    for number in wrong:
        rows[number]["label"] = next(label for label in sorted(WORDS) if label != rows[number]["label"])
    scores = rank_errors(rows, "labels")
    first = sorted(range(len(rows)), key=lambda number: -scores[number])[: len(wrong)]
    assert len(wrong.intersection(first)) >= 0.9 * len(wrong)


def test_the_more_annotators_agree_the_less_likely_is_an_error() -> None:
    votes = [["x"] * 4, ["x", "x", "x", "y"], ["x", "x", "y", "y"], ["y"] * 4]
    scores = rank_errors([{"text": f"第{n}条", "label": given} for n, given in enumerate(votes)], "labels")
    assert scores[0] < scores[1] < scores[2]


def test_rows_with_one_text_are_votes_on_it() -> None:
    rows = [{"text": f"第{n}条", "label": label} for n in range(6) for label in ("x", "x", "y")]
    scores = rank_errors(rows, "labels")
    assert min(scores[2::3]) > max(scores[0::3])


def test_votes_in_one_row_or_several_say_the_same() -> None:
    apart = [{"text": t, "label": [label] * n} for t in "甲乙丙" for label, n in (("x", 3), ("y", 1))]
    single = [{"text": t, "label": label} for t in "甲乙丙" for label in ("x", "x", "x", "y")]
    scores = rank_errors(single, "labels")
    assert rank_errors(apart, "labels") == [scores[at] for at in (0, 3, 4, 7, 8, 11)]


def test_the_same_rows_give_the_same_scores_in_any_order() -> None:
    rows = made(40)
    straight = rank_errors(rows, "labels")
    assert rank_errors(rows[::-1], "labels") == straight[::-1]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"text": "甲", "label": "x"}],
        [{"text": "甲", "label": "x"}, {"text": "乙", "label": "x"}],
        [{"text": "", "label": "x"}, {"text": "", "label": "y"}, {"text": "。", "label": "y"}],
        [{"text": "甲", "label": []}, {"text": "乙", "label": None}, {"text": "丙", "label": ["x", None]}],
    ],
    ids=["no rows", "one row", "one label", "no words", "no votes"],
)
def test_odd_rows_get_a_score_each_between_zero_and_one(rows: list[dict[str, Any]]) -> None:
    scores = rank_errors(rows, "labels")
    assert len(scores) == len(rows)
    assert all(0 <= score <= 1 for score in scores)


def test_without_the_extra_its_name_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for task in ("labels", "tokens"):
        with pytest.raises(CorpusError, match=r"scikit-learn.*install annotated-corpus\[models\]"):
            rank_errors([], task)


def test_swapped_labels_are_suspected_with_the_label_expected() -> None:
    rows = made(300)
    names = sorted(WORDS)
    wrong = {number: rows[number]["label"] for number in range(0, 300, 25)}
    for number, label in wrong.items():
        rows[number]["label"] = names[(names.index(label) + 1) % 3]
    found = suspect_labels(rows)
    assert {suspect.row for suspect in found} == set(wrong)
    assert all(suspect.expected == wrong[suspect.row] for suspect in found)


def test_nothing_is_suspected_in_sound_rows_and_little_where_words_do_not_tell() -> None:
    assert suspect_labels(made(300)) == []
    rnd = random.Random(2)
    found = suspect_labels([{**row, "label": rnd.choice("xyz")} for row in made(300)])
    assert all(suspect.probability < 0.7 for suspect in found)


def test_stances_are_guessed_by_what_a_model_may_read() -> None:
    rows = made(90)
    texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]
    targets = [f"target {number % 2}" for number in range(90)]
    crossed = [f"{label} {target}" for label, target in zip(labels, targets, strict=True)]
    right = [
        sum(
            one == other
            for one, other in zip(guess_stances(read, told, crossed, texts), crossed, strict=True)
        )
        for read, told in ((texts, targets), (texts, None), (None, targets))
    ]
    assert right[0] >= 85
    assert max(right[1:]) < 60


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "甲"}, "row 0: no label"),
        ({"text": 3, "label": "x"}, "row 0: found text 3"),
        ({"text": "甲", "label": ["x", 3]}, "row 0: found label 3"),
    ],
)
def test_a_row_that_is_not_as_it_must_be_is_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rank_errors([row], "labels")
