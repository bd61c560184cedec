import json
import random
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.evaluate import evaluate, sheet
from corpus.evaluate.entities import COUNTS, SCHEMES, places, read_strict

CASES = json.loads((Path(__file__).parent / "seqeval_1_2_2.json").read_text("utf-8"))
TEXT = "东堤港务处在南屿扣下 K9 板卡"
TOKENS = ["东", "堤", "港", "务", "处", "在", "南", "屿", "扣", "下", "K9", "板", "卡"]


def gold_row(number, tags, document="d"):
    letters = [chr(0x4E00 + at) for at in range(len(tags))]
    return {
        "paragraph_id": f"{document}#p-{number}",
        "document_id": document,
        "text": "".join(letters),
        "tokens": letters,
        "tags": tags,
    }


def page(tags=None, spans=()):
    tags = tags or ["B-GOV", *["I-GOV"] * 4, "O", "B-LOC", "I-LOC", "O", "O", "B-P", "O", "O"]
    return {
        "paragraph_id": "d#p-0",
        "document_id": "d",
        "text": TEXT,
        "tokens": TOKENS,
        "tags": tags,
        "spans": list(spans),
    }


def scored(gold, predicted):
    made, findings = sheet("entities", gold, predicted)
    assert findings == ()
    return evaluate(made, {"dataset": "made-up"}, samples=100)


def span(start, end, label):
    return {"start": start, "end": end, "label": label}


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_strict_iob2_scores_are_those_seqeval_gave(case):
    gold = [gold_row(number, tags) for number, tags in enumerate(case["gold"])]
    predicted = [
        {"paragraph_id": f"d#p-{number}", "tags": tags} for number, tags in enumerate(case["predicted"])
    ]
    made, findings = sheet("entities", gold, predicted, ["A", "B"])
    assert findings == ()
    result = evaluate(made, {}, samples=100)
    for name, value in case["scores"].items():
        assert result.score(name).value == pytest.approx(value, abs=1e-9), name


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_recorded_scores_are_still_those_of_seqeval_where_it_is_installed(case):
    metrics = pytest.importorskip(
        "seqeval.metrics", reason="seqeval is not installed; its scores are recorded"
    )
    from seqeval.scheme import IOB2

    value = metrics.f1_score(case["gold"], case["predicted"], mode="strict", scheme=IOB2, zero_division=0)
    assert value == pytest.approx(case["scores"]["f1"])


def test_span_scores_are_those_of_nervaluates_own_evaluator():
    nervaluate = pytest.importorskip("nervaluate")
    rnd = random.Random(3)
    gold, predicted, truth, given = [], [], [], []
    for number in range(40):
        sides = []
        for _ in range(2):
            at, spans = 0, []
            while at < 9:
                length = rnd.randint(1, 3)
                if rnd.random() < 0.5 and at + length <= 9:
                    spans.append((at, at + length, rnd.choice("AB")))
                at += length
            sides.append(spans)
        tags = ["O"] * 9
        for start, end, label in sides[0]:
            tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
        gold.append(gold_row(number, tags))
        predicted.append({"paragraph_id": f"d#p-{number}", "spans": [span(*each) for each in sides[1]]})
        for side, kept in zip(sides, (truth, given), strict=True):
            kept.append([{"label": label, "start": start, "end": end - 1} for start, end, label in side])
    result = scored(gold, predicted)
    theirs = nervaluate.Evaluator(truth, given, tags=["A", "B"], loader="dict").evaluate()["overall"]
    for scheme in SCHEMES:
        for name in ("precision", "recall", "f1"):
            value = getattr(theirs[scheme], name)
            assert result.score(f"{scheme}_{name}").value == pytest.approx(value), (scheme, name)
    assert set(COUNTS) <= set(vars(theirs["strict"]))


def test_tags_and_the_spans_they_stand_for_score_the_same():
    gold = page()
    spans = [span(0, 5, "GOV"), span(6, 8, "P"), span(11, 13, "P")]
    tags = ["B-GOV", *["I-GOV"] * 4, "O", "B-P", "I-P", "O", "O", "B-P", "O", "O"]
    one = scored([gold], [{"paragraph_id": "d#p-0", "spans": spans}])
    other = scored([gold], [{"paragraph_id": "d#p-0", "tags": tags}])
    assert one.scores == other.scores
    assert one.score("f1").value == pytest.approx(2 / 3)
    assert one.score("exact_f1").value == pytest.approx(1)


def test_a_gold_span_inside_a_token_is_scored_by_its_own_characters():
    gold = page(
        ["O"] * 10 + ["B-P", "O", "O"],
        spans=[span(11, 12, "P")],
    )
    made = scored([gold], [{"paragraph_id": "d#p-0", "spans": [span(11, 12, "P")]}])
    assert made.score("strict_f1").value == 1
    assert made.score("f1").value == 1
    assert made.notes[0].startswith("1 predicted spans end inside a token")


def test_nested_gold_counts_by_its_longest_mention():
    tags = ["B-GOV", *["I-GOV"] * 4, *["O"] * 8]
    gold = page(tags, spans=[span(0, 5, "GOV"), span(0, 2, "LOC")])
    made = scored([gold], [{"paragraph_id": "d#p-0", "spans": [span(0, 5, "GOV")]}])
    assert made.score("strict_f1").value == 1


@pytest.mark.parametrize(
    ("given", "check", "words"),
    [
        ({"spans": [span(0, 5, "GOV"), span(4, 8, "LOC")]}, "overlap", "(0, 5, 'GOV') and (4, 8, 'LOC')"),
        ({"spans": [span(0, 5, "PERSON")]}, "unknown-label", "'PERSON'"),
        ({"spans": [span(5, 5, "GOV")]}, "no-place", "5 to 5"),
        ({"spans": [span(0, 99, "GOV")]}, "no-place", "a place in a text of 16"),
        ({"spans": [span(0, 2.5, "GOV")]}, "no-place", "0 to 2.5"),
        ({"spans": ["GOV"]}, "no-span", "start, end and label"),
        ({"tags": ["O"]}, "tags-tokens", "13, one a token"),
        ({"tags": ["S-GOV", *["O"] * 12]}, "unknown-label", "'S-GOV'"),
        ({}, "no-spans", "neither spans nor tags"),
        ({"tags": ["O"] * 13, "spans": []}, "no-spans", "both spans and tags"),
    ],
)
def test_what_cannot_be_scored_is_named(given, check, words):
    made, findings = sheet("entities", [page()], [{"paragraph_id": "d#p-0", **given}])
    assert made is None
    assert [finding.check for finding in findings] == [check]
    assert words in findings[0].message


def test_an_inside_tag_that_continues_nothing_is_no_mention():
    assert read_strict(["I-A", "B-A", "I-B", "I-B", "O"]) == ((1, 2, "A"),)


def test_tokens_are_found_in_their_text():
    assert places(TEXT, TOKENS)[10] == (11, 13)


@pytest.mark.parametrize("tokens", [["堤"], ["东", "港"], ["东", "堤", "?"]])
def test_tokens_of_another_text_are_refused(tokens):
    with pytest.raises(CorpusError, match="out of place"):
        places(TEXT, tokens)


def test_empty_predictions_score_zero_and_not_an_error():
    made = scored([page()], [{"paragraph_id": "d#p-0", "spans": []}])
    assert {made.score(name).value for name in ("precision", "recall", "f1", "partial_f1")} == {0}
