import pytest

from corpus.evaluate import evaluate, sheet

MAIN = "港务处周二上午宣布仓库清点已经结束共核对货柜四千一百个"
COMMENT = "楼主说得对这种事情早就应该公开了支持"


def block(position, start, text, role):
    return {
        "document_id": "s/a",
        "position": position,
        "raw_start": start,
        "raw_end": start + len(text),
        "text": text,
        "role": role,
    }


GOLD = [
    block(0, 0, "首页 港口 生活", "navigation"),
    block(1, 8, MAIN, "paragraph"),
    block(2, 8 + len(MAIN), COMMENT, "comment"),
]


def scored(prediction):
    made, findings = sheet("cleaning", GOLD, [{"document_id": "s/a", **prediction}])
    assert findings == ()
    result = evaluate(made, {}, samples=100)
    return {score.name: score.value for score in result.scores}


def place(text, start):
    return {"text": text, "raw_start": start, "raw_end": start + len(text)}


def test_the_main_text_and_nothing_else_is_all_right():
    made = scored({"paragraphs": [place(MAIN, 8)]})
    assert made.pop("comments_left") == 0
    assert made == dict.fromkeys(("precision", "recall", "f1", "raw_precision", "raw_recall", "raw_f1"), 1)


def test_a_comment_left_in_costs_precision_and_is_counted():
    made = scored({"text": MAIN + "\n" + COMMENT})
    assert made["recall"] == 1
    assert made["precision"] == pytest.approx((len(MAIN) - 3) / (len(MAIN) + len(COMMENT) - 3))
    assert made["comments_left"] == 1


def test_text_without_places_has_no_scores_by_raw_character():
    assert "raw_f1" not in scored({"text": MAIN})


def test_half_the_main_text_costs_recall_by_raw_characters():
    made = scored({"paragraphs": [place(MAIN[:13], 8)]})
    assert made["raw_precision"] == 1
    assert made["raw_recall"] == pytest.approx(13 / len(MAIN))


def test_nothing_kept_scores_zero():
    assert scored({"text": ""})["f1"] == 0


@pytest.mark.parametrize(
    ("prediction", "check"),
    [
        ({}, "no-text"),
        ({"paragraphs": [{"text": "a"}]}, "no-place"),
        ({"paragraphs": [{"text": "a", "raw_start": 3, "raw_end": 1}]}, "no-place"),
    ],
)
def test_what_is_no_main_text_is_named(prediction, check):
    made, findings = sheet("cleaning", GOLD, [{"document_id": "s/a", **prediction}])
    assert made is None
    assert [finding.check for finding in findings] == [check]


def test_a_document_that_was_not_cleaned_is_missing():
    _, findings = sheet("cleaning", GOLD, [])
    assert [finding.check for finding in findings] == ["missing-id"]
