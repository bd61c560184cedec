"""Scores of stance: macro-F1, F_avg of favour and against, by target and label, and against distributions."""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.evaluate.matching import match, refusal
from corpus.evaluate.scores import Metric, Sheet, f1, mean, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from corpus.evaluate.scores import Array
    from corpus.records import Finding

    Row = Mapping[str, Any]

FAVOUR = ("favor", "against")
"""The labels whose F1 is averaged by F_avg; rows of other labels count as SemEval-2016 task 6 has it."""

LEAST = 1e-12
"""The smallest probability that cross-entropy sees, so that one certain error does not make it infinite."""


def sheet(
    gold: Sequence[Row], predictions: Sequence[Row], known: Sequence[str] = ()
) -> tuple[Sheet | None, tuple[Finding, ...]]:
    """Count gold and predicted labels by document and target.

    Refuses labels that neither gold nor `known` have, and probabilities that are no distribution over them.
    """
    pairs, findings = match(gold, predictions, ("paragraph_id", "target"))
    labels = _labels(gold, known)
    for row, given in pairs:
        findings += _wrong(row, given, labels)
    if findings:
        return None, tuple(findings)
    documents = sorted({row["document_id"] for row in gold})
    targets = sorted({row["target"] for row in gold})
    size = len(labels) ** 2
    counts = np.zeros((len(documents), size * len(targets) + 3))
    confusion = {label: dict.fromkeys(labels, 0) for label in labels}
    soft = all(given.get("probabilities") for _, given in pairs)
    for row, given in pairs:
        place = documents.index(row["document_id"])
        cell = labels.index(row["label"]) * len(labels) + labels.index(given["label"])
        counts[place, targets.index(row["target"]) * size + cell] += 1
        confusion[row["label"]][given["label"]] += 1
        if soft and row.get("annotator_labels"):
            counts[place, -3:] += _soft(row, given, labels)
    votes = sum(bool(row.get("annotator_labels")) for row in gold)
    note = (
        f"soft scores are over {votes} rows with annotators' labels"
        if soft
        else ("no soft scores: they need probabilities of every prediction")
    )
    settings = {"labels": "+".join(labels), "favg": "+".join(FAVOUR), "zero_division": "0"}
    made = _metrics(labels, targets, size, soft=soft and votes > 0)
    return Sheet("stance", tuple(documents), counts, made, len(gold), settings, confusion, (note,)), ()


def _labels(gold: Sequence[Row], known: Sequence[str]) -> list[str]:
    """The labels of gold, of its annotators and of the dataset, favour and against first."""
    found = {str(row["label"]) for row in gold} | set(known)
    found |= {str(vote["label"]) for row in gold for vote in row.get("annotator_labels") or ()}
    return sorted(found, key=lambda label: (FAVOUR.index(label) if label in FAVOUR else 2, label))


def _wrong(row: Row, given: Row, labels: list[str]) -> list[Finding]:
    where = f"{row['paragraph_id']}/{row['target']}"
    known = f"one of {', '.join(labels)}"
    findings = []
    if given.get("label") not in labels:
        findings.append(refusal("unknown-label", where, f"the label {given.get('label')!r}", known))
    chances = given.get("probabilities")
    if not chances:
        return findings
    if not isinstance(chances, dict) or not set(chances) <= set(labels):
        names = list(chances) if isinstance(chances, dict) else chances
        findings.append(refusal("unknown-label", where, f"probabilities of {names!r}", known))
        return findings
    values = [value if value is not None else 0.0 for value in chances.values()]
    if not all(isinstance(value, int | float) and 0 <= value <= 1 for value in values):
        findings.append(refusal("no-distribution", where, f"{values}", "numbers from 0 to 1"))
    elif not math.isclose(sum(values), 1, abs_tol=1e-3):
        findings.append(refusal("no-distribution", where, f"a sum of {sum(values):g}", "a sum of 1"))
    return findings


def _soft(row: Row, given: Row, labels: list[str]) -> tuple[float, float, float]:
    """Cross-entropy (nats), Manhattan distance, and one row."""
    votes = Counter(vote["label"] for vote in row["annotator_labels"])
    entropy, distance = 0.0, 0.0
    for label in labels:
        share, chance = votes[label] / votes.total(), float(given["probabilities"].get(label) or 0.0)
        entropy -= share * math.log(max(chance, LEAST)) if share else 0.0
        distance += abs(share - chance)
    return entropy, distance, 1.0


def _metrics(labels: list[str], targets: list[str], size: int, *, soft: bool) -> tuple[Metric, ...]:
    made = []
    for part in ("", *targets):
        cut = partial(_table, (len(targets), len(labels), size), targets.index(part) if part else None)
        made.append(Metric("macro_f1", part, partial(_after, cut, _macro)))
        if set(FAVOUR) <= set(labels):
            made.append(Metric("f_avg", part, partial(_after, cut, _favg)))
        made.append(Metric("accuracy", part, partial(_after, cut, _accuracy)))
    whole = partial(_table, (len(targets), len(labels), size), None)
    for at, label in enumerate(labels):
        for which, name in enumerate(("precision", "recall", "f1")):
            made.append(Metric(name, label, partial(_after, whole, partial(_of_label, which, at))))
    if soft:
        made.append(Metric("cross_entropy", "", lambda sums: mean(sums[:, -3], sums[:, -1])))
        made.append(Metric("manhattan", "", lambda sums: mean(sums[:, -2], sums[:, -1])))
    return tuple(made)


def _table(shape: tuple[int, int, int], target: int | None, sums: Array) -> Array:
    """Sums x gold x predicted, of one target or of all."""
    targets, labels, size = shape
    cells: Array = sums[:, : size * targets].reshape(len(sums), targets, labels, labels)
    kept: Array = cells.sum(axis=1) if target is None else cells[:, target]
    return kept


def _after(cut: Callable[[Array], Array], of: Callable[[Array], Array], sums: Array) -> Array:
    return of(cut(sums))


def _favg(table: Array) -> Array:
    made: Array = _by_label(table)[2][:, : len(FAVOUR)].mean(axis=1)
    return made


def _of_label(which: int, at: int, table: Array) -> Array:
    made: Array = _by_label(table)[which][:, at]
    return made


def _by_label(table: Array) -> tuple[Array, Array, Array]:
    right, gold, given = np.diagonal(table, axis1=1, axis2=2), table.sum(axis=2), table.sum(axis=1)
    return ratio(right.copy(), given), ratio(right.copy(), gold), f1(right, gold, given)


def _macro(table: Array) -> Array:
    """The mean F1 of the labels that occur in gold or predictions, as scikit-learn's `macro`."""
    occurs = (table.sum(axis=1) + table.sum(axis=2)) > 0
    return mean((_by_label(table)[2] * occurs).sum(axis=1), occurs.sum(axis=1).astype(np.float64))


def _accuracy(table: Array) -> Array:
    right: Array = np.trace(table, axis1=1, axis2=2)
    return mean(right, table.sum(axis=(1, 2)))
