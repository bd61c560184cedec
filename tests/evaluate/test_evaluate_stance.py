import math
import random

import pytest

from corpus.evaluate import compare_predictions, evaluate, sheet

LABELS = ["favor", "against", "neutral", "none"]


def rows(seed=1, count=120, documents=9):
    """Gold and predictions drawn at random, so that nothing is even."""
    rnd = random.Random(seed)
    gold, predicted = [], []
    for number in range(count):
        right = rnd.choices(LABELS, [3, 2, 1, 4])[0]
        given = right if rnd.random() < 0.6 else rnd.choice(LABELS)
        votes = [right, right if rnd.random() < 0.7 else rnd.choice(LABELS)]
        key = {"paragraph_id": f"d{number % documents}#p-{number}", "target": rnd.choice(["quota", "tolls"])}
        chances = [rnd.random() + (label == given) for label in LABELS]
        gold.append(
            key
            | {
                "document_id": f"d{number % documents}",
                "label": right,
                "annotator_labels": [{"annotator": f"a{at}", "label": vote} for at, vote in enumerate(votes)],
            }
        )
        predicted.append(
            key
            | {
                "label": given,
                "probabilities": {
                    label: chance / sum(chances) for label, chance in zip(LABELS, chances, strict=True)
                },
            }
        )
    return gold, predicted


def scored(gold, predicted):
    made, findings = sheet("stance", gold, predicted)
    assert findings == ()
    return evaluate(made, {"dataset": "made-up", "split": "test"}, samples=200)


def without(predicted, *names):
    return [{name: value for name, value in row.items() if name not in names} for row in predicted]


def test_macro_f1_favg_and_accuracy_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    gold, predicted = rows()
    truth, given = [row["label"] for row in gold], [row["label"] for row in predicted]
    made = scored(gold, predicted)
    assert made.score("macro_f1").value == pytest.approx(metrics.f1_score(truth, given, average="macro"))
    favg = metrics.f1_score(truth, given, labels=["favor", "against"], average="macro")
    assert made.score("f_avg").value == pytest.approx(favg)
    assert made.score("accuracy").value == pytest.approx(metrics.accuracy_score(truth, given))


def test_scores_by_label_and_the_confusion_matrix_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    gold, predicted = rows(2)
    truth, given = [row["label"] for row in gold], [row["label"] for row in predicted]
    made = scored(gold, predicted)
    table = metrics.precision_recall_fscore_support(truth, given, labels=LABELS)
    for at, label in enumerate(LABELS):
        for which, name in enumerate(("precision", "recall", "f1")):
            assert made.score(name, label).value == pytest.approx(table[which][at])
    matrix = metrics.confusion_matrix(truth, given, labels=LABELS).tolist()
    assert [[made.confusion[one][other] for other in LABELS] for one in LABELS] == matrix


def test_scores_by_target_are_those_of_its_rows_alone():
    gold, predicted = rows(3)
    made = scored(gold, predicted)
    kept = [at for at, row in enumerate(gold) if row["target"] == "tolls"]
    alone = scored([gold[at] for at in kept], [predicted[at] for at in kept])
    for name in ("macro_f1", "f_avg", "accuracy"):
        assert made.score(name, "tolls").value == pytest.approx(alone.score(name).value)


def test_favg_is_the_mean_of_two_f1_and_rows_of_other_labels_count():
    gold = [
        {"paragraph_id": f"p{at}", "target": "t", "document_id": "d", "label": label}
        for at, label in enumerate(["favor", "favor", "against", "none"])
    ]
    given = ["favor", "none", "against", "favor"]
    predicted = [{"paragraph_id": f"p{at}", "target": "t", "label": label} for at, label in enumerate(given)]
    made = scored(gold, predicted)
    assert made.score("f_avg").value == pytest.approx((0.5 + 1.0) / 2)


def test_cross_entropy_and_manhattan_are_means_over_annotators_distributions():
    gold, predicted = rows(4, count=40)
    entropies, distances = [], []
    for row, given in zip(gold, predicted, strict=True):
        votes = [vote["label"] for vote in row["annotator_labels"]]
        shares = {label: votes.count(label) / len(votes) for label in LABELS}
        chances = given["probabilities"]
        entropies.append(-sum(shares[label] * math.log(chances[label]) for label in LABELS))
        distances.append(sum(abs(shares[label] - chances[label]) for label in LABELS))
    made = scored(gold, predicted)
    assert made.score("cross_entropy").value == pytest.approx(sum(entropies) / 40)
    assert made.score("manhattan").value == pytest.approx(sum(distances) / 40)


def test_without_probabilities_there_are_no_soft_scores_and_a_note_says_so():
    gold, predicted = rows()
    made = scored(gold, without(predicted, "probabilities"))
    assert all(score.name != "manhattan" for score in made.scores)
    assert "no soft scores" in made.notes[0]


def test_a_certain_error_costs_much_and_not_the_whole_score():
    gold, predicted = rows(5, count=4)
    for row, given in zip(gold, predicted, strict=True):
        wrong = next(label for label in LABELS if label not in {v["label"] for v in row["annotator_labels"]})
        given["probabilities"] = {wrong: 1.0}
    assert scored(gold, predicted).score("cross_entropy").value == pytest.approx(-math.log(1e-12))


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        (lambda given: given[1:], "missing-id", "found no prediction of d0#p-0"),
        (lambda given: [*given, given[0]], "id-twice", "one prediction an id"),
        (lambda given: [*given, given[0] | {"target": "ferry"}], "unknown-id", "d0#p-0/ferry"),
        (lambda given: [*given, {"label": "none"}], "no-id", "texts as ids"),
        (lambda given: [given[0] | {"label": "pro"}, *given[1:]], "unknown-label", "'pro'"),
        (lambda given: [given[0] | {"label": None}, *given[1:]], "unknown-label", "None"),
        (
            lambda given: [given[0] | {"probabilities": {"favor": 0.4}}, *given[1:]],
            "no-distribution",
            "a sum of 0.4",
        ),
        (
            lambda given: [given[0] | {"probabilities": {"favor": -1, "none": 2}}, *given[1:]],
            "no-distribution",
            "numbers from 0 to 1",
        ),
        (
            lambda given: [given[0] | {"probabilities": {"pro": 1}}, *given[1:]],
            "unknown-label",
            "probabilities of",
        ),
    ],
)
def test_what_does_not_match_gold_is_named_and_nothing_is_scored(change, check, words):
    gold, predicted = rows()
    made, findings = sheet("stance", gold, change(predicted))
    assert made is None
    assert [finding.check for finding in findings] == [check]
    assert words in findings[0].message


def test_every_refusal_is_counted():
    gold, predicted = rows()
    _, findings = sheet("stance", gold, [row | {"label": "pro"} for row in predicted[10:]])
    assert len(findings) == len(gold)


def test_a_label_of_the_dataset_that_the_split_lacks_may_be_predicted():
    gold, predicted = rows()
    predicted[0]["label"] = "unclear"
    made, findings = sheet("stance", gold, predicted, ["unclear"])
    assert made is not None
    assert findings == ()


def test_the_signature_names_dataset_split_settings_and_counts():
    made = scored(*rows())
    parts = dict(part.split(":", 1) for part in made.signature.split("|"))
    assert parts["dataset"] == "made-up"
    assert parts["split"] == "test"
    assert parts["rows"] == "120"
    assert parts["documents"] == "9"
    assert parts["interval"] == "bootstrap200"
    assert parts["favg"] == "favor+against"


def test_a_name_cannot_forge_a_part_of_the_signature():
    made, _ = sheet("stance", *rows())
    signature = evaluate(made, {"dataset": "a|split:test"}, samples=100).signature
    assert "dataset:a_split_test" in signature


def test_intervals_hold_the_score_and_do_not_change_with_the_order_of_rows():
    gold, predicted = rows()
    made = scored(gold, predicted)
    turned = scored(gold[::-1], predicted[::-1])
    assert made.scores == turned.scores
    for score in made.scores:
        assert math.isnan(score.low) or score.low <= score.value <= score.high


def test_one_document_has_no_interval():
    gold, predicted = rows(documents=1)
    assert math.isnan(scored(gold, predicted).score("macro_f1").low)


def test_documents_are_drawn_and_not_rows():
    gold, predicted = rows(documents=1)
    twice = [row | {"document_id": f"{row['document_id']}-{number % 2}"} for number, row in enumerate(gold)]
    score = scored(twice, predicted).score("accuracy")
    values = {round(score.low, 6), round(score.high, 6)}
    halves = [
        sum(g["label"] == p["label"] for g, p in list(zip(gold, predicted, strict=True))[half::2]) / 60
        for half in (0, 1)
    ]
    assert values <= {round(min(halves), 6), round(max(halves), 6)}


@pytest.mark.parametrize("method", ["bootstrap", "randomisation"])
def test_predictions_do_not_differ_from_themselves(method):
    one, _ = sheet("stance", *rows())
    for each in compare_predictions(one, one, method, samples=200):
        assert each.difference == 0
        assert each.p == 1


@pytest.mark.parametrize("method", ["bootstrap", "randomisation"])
def test_much_better_predictions_differ_and_the_sign_says_which(method):
    gold, predicted = rows(6, count=300, documents=20)
    perfect = [{**row, "label": right["label"]} for row, right in zip(predicted, gold, strict=True)]
    better, _ = sheet("stance", gold, perfect)
    worse, _ = sheet("stance", gold, predicted)
    for one, other, sign in ((better, worse, 1), (worse, better, -1)):
        each = next(
            each for each in compare_predictions(one, other, method, samples=500) if each.name == "accuracy"
        )
        assert each.difference * sign > 0.2
        assert each.p < 0.02


def test_randomisation_of_two_documents_proves_nothing():
    gold, predicted = rows(7, documents=2)
    perfect = [{**row, "label": right["label"]} for row, right in zip(predicted, gold, strict=True)]
    pair = sheet("stance", gold, perfect)[0], sheet("stance", gold, predicted)[0]
    assert min(each.p for each in compare_predictions(*pair, "randomisation", samples=500)) > 0.4


def test_predictions_of_other_gold_are_not_compared():
    from corpus.errors import CorpusError

    one, _ = sheet("stance", *rows())
    other, _ = sheet("stance", *rows(documents=4))
    with pytest.raises(CorpusError, match="different gold"):
        compare_predictions(one, other)
