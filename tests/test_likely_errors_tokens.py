"""Likely errors in rows of tokens: injected ones come first, and the numbers hang on nothing but the rows."""

from __future__ import annotations

import random
from typing import Any

import pytest

from corpus.likely_errors import rank_errors, suspect_mentions
from corpus.likely_errors.injected import inject
from corpus.likely_errors.mentions import Mention, read_mentions, write_tags
from corpus.likely_errors.sequence import shape
from corpus.likely_errors.surfaces import Surfaces

PEOPLE = ("林远", "周小禾", "Ada Moore", "何砚")
PLACES = ("青河", "North Quay", "柳湾镇", "白石")
FRAMES = (
    "昨天 {p} 在 {g} 说 话",
    "记者 从 {g} 得知 {p} 已经 离开",
    "{p} 和 {p} 住 在 {g} 附近",
    "天气 很 好 没有 新闻",
    "{g} 的 学校 欢迎 {p} 来 讲课",
)


def made(count: int, seed: int = 3) -> list[dict[str, Any]]:
    """Rows whose every mention is annotated; `seed` decides which people and places they name."""
    rnd = random.Random(seed)
    rows = []
    for number in range(count):
        tokens: list[str] = [f"第{number}"]
        tags = ["O"]
        for word in rnd.choice(FRAMES).split():
            names, label = {"{p}": (PEOPLE, "PER"), "{g}": (PLACES, "LOC")}.get(word, ((word,), ""))
            name = rnd.choice(names).split()
            tokens += name
            tags += [f"{'I' if at else 'B'}-{label}" if label else "O" for at in range(len(name))]
        rows.append({"tokens": tokens, "tags": tags})
    return rows


def spoiled(rows: list[dict[str, Any]], every: int) -> tuple[list[dict[str, Any]], set[int]]:
    """The rows with an error in every so many that have a mention, and the numbers of those."""
    changed, wrong = [], set()
    for number, row in enumerate(rows):
        mentions = read_mentions(row["tags"])
        if number % every or not mentions:
            changed.append(row)
            continue
        first = mentions[0]
        other = "LOC" if first.label == "PER" else "PER"
        kept = mentions[1:] if number % (2 * every) else [first._replace(label=other), *mentions[1:]]
        changed.append({"tokens": row["tokens"], "tags": write_tags(kept, len(row["tokens"]))})
        wrong.add(number)
    return changed, wrong


def test_rows_with_injected_errors_come_first() -> None:
    rows, wrong = spoiled(made(100), every=10)
    scores = rank_errors(rows, "tokens")
    first = sorted(range(len(rows)), key=lambda number: -scores[number])[: len(wrong)]
    assert len(wrong.intersection(first)) >= 0.8 * len(wrong)


def test_the_span_that_was_forgotten_is_named() -> None:
    rows = made(60)
    number = next(n for n, row in enumerate(rows) if row["tags"].count("B-PER") == 1)
    mention = next(found for found in read_mentions(rows[number]["tags"]) if found.label == "PER")
    kept = [found for found in read_mentions(rows[number]["tags"]) if found != mention]
    rows[number] = {"tokens": rows[number]["tokens"], "tags": write_tags(kept, len(rows[number]["tokens"]))}
    first = suspect_mentions(rows)[0]
    assert first[:5] == (number, mention.start, mention.end, None, "PER")


def test_the_span_under_a_wrong_label_is_named_with_the_label_expected() -> None:
    rows = made(60)
    number = next(n for n, row in enumerate(rows) if row["tags"].count("B-PER") == 1)
    rows[number] = rows[number] | {"tags": [tag.replace("PER", "LOC") for tag in rows[number]["tags"]]}
    first = suspect_mentions(rows)[0]
    assert (first.row, first.label, first.expected) == (number, "LOC", "PER")


def test_the_same_rows_give_the_same_scores_in_any_order() -> None:
    rows, _ = spoiled(made(40), every=8)
    turned = list(range(len(rows)))
    random.Random(1).shuffle(turned)
    straight = rank_errors(rows, "tokens")
    assert rank_errors([rows[number] for number in turned], "tokens") == [
        straight[number] for number in turned
    ]


def test_scores_lie_between_zero_and_one() -> None:
    assert all(0 <= score <= 1 for score in rank_errors(spoiled(made(30), every=5)[0], "tokens"))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"tokens": [], "tags": []}],
        [{"tokens": ["晨"], "tags": ["B-ORG"]}],
        [{"tokens": ["晨", "星"], "tags": ["O", "O"]}] * 3,
        [{"tokens": ["晨", "星"], "tags": ["B-ORG", "I-ORG"]}, {"tokens": [], "tags": []}],
        [{"tokens": ["\ud800", "\t", "\n", ":", "\\"], "tags": ["O", "B-X", "O", "O", "O"]}] * 2,
        [{"tokens": ["a", "b"], "tags": ["I-X", "I-Y"]}, {"tokens": ["a", "c"], "tags": ["B-X", "O"]}],
    ],
    ids=["no rows", "empty row", "one row", "no mentions", "one full one empty", "odd tokens", "broken IOB2"],
)
def test_odd_rows_get_a_score_each(rows: list[dict[str, Any]]) -> None:
    assert len(rank_errors(rows, "tokens")) == len(rows)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a"]}, "row 0: no tags"),
        ({"tokens": ["a"], "tags": ["O", "O"]}, "row 0: 1 tokens but 2 tags"),
        ({"tokens": ["a"], "tags": ["X"]}, "row 0, token 0: found tag 'X'"),
        ({"tokens": ["a"], "tags": ["B-"]}, "row 0, token 0: found tag 'B-'"),
        ({"tokens": [3], "tags": ["O"]}, "row 0, token 0: found 3"),
    ],
)
def test_a_row_that_is_not_as_it_must_be_is_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rank_errors([row], "tokens")


def test_an_unknown_task_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="known are tokens, labels"):
        rank_errors([], "stance")


def test_mentions_survive_a_round_trip_through_tags() -> None:
    tags = ["B-A", "I-A", "B-A", "O", "B-B"]
    assert write_tags(read_mentions(tags), 5) == tags


def test_a_row_is_no_witness_for_itself() -> None:
    tokens = [["晨", "星"], ["晨", "星"]]
    surfaces = Surfaces(tokens, [[Mention(0, 2, "ORG")], []])
    assert [seen.annotated for seen in surfaces.seen(0)] == [0]
    assert [seen.annotated for seen in surfaces.seen(1)] == [1]


def test_harmonised_rows_annotate_a_form_wherever_it_stands() -> None:
    surfaces = Surfaces([["晨", "星"], ["晨", "星"]], [[Mention(0, 2, "ORG")], []])
    assert surfaces.harmonised(1, []) == ["B-ORG", "I-ORG"]


def test_every_copy_holds_an_error_and_is_legal() -> None:
    tokens = [f"t{number}" for number in range(12)]
    mentions = [Mention(1, 3, "A"), Mention(3, 4, "B"), Mention(8, 11, "A")]
    for copy in inject(tokens, mentions, ["A", "B"], copies=50):
        assert copy != mentions
        assert read_mentions(write_tags(copy, len(tokens))) == copy


def test_shapes_tell_scripts_figures_and_case_apart() -> None:
    assert [shape(token) for token in ("Ada", "NASA", "2026", "青河", "，")] == ["Aa", "A", "0", "字", "，"]
