"""Gold labels from many annotators' labels: majority, Dawid and Skene's model, and crowd-kit's models."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

STRENGTH = 8.0
"""The weight of what a rate is shrunk toward, in judgements."""
ROUNDS = 50


class Judged(NamedTuple):
    """The most probable label and its probability; no label where nobody voted."""

    label: str | None
    probability: float


def majority(votes: Sequence[Mapping[str, str]]) -> list[Judged]:
    """Take the label with the most votes; a tie goes to the label that is more usual, then by name."""
    usual = Counter(label for row in votes for label in row.values())
    made: list[Judged] = []
    for row in votes:
        counted = Counter(row.values())
        ranked = sorted(counted, key=lambda label: (-counted[label], -usual[label], label))
        made.append(Judged(ranked[0], counted[ranked[0]] / len(row)) if ranked else Judged(None, 0.0))
    return made


def dawid_skene(votes: Sequence[Mapping[str, str]]) -> list[Judged]:
    """Estimate labels and each annotator's confusions together (Dawid, Skene 1979).

    An annotator's confusions are shrunk toward their own accuracy, and that toward the crowd's, so that rare
    labels and annotators of few judgements do no harm.
    """
    usual = Counter(label for row in votes for label in row.values())
    labels = sorted(usual, key=lambda label: (-usual[label], label))
    if not labels:
        return [Judged(None, 0.0) for _ in votes]
    which = {label: number for number, label in enumerate(labels)}
    who = {name: number for number, name in enumerate(sorted({name for row in votes for name in row}))}
    triples = [(item, who[n], which[said]) for item, row in enumerate(votes) for n, said in row.items()]
    item, annotator, said = np.array(triples, dtype=int).T
    probable = np.full((len(votes), len(labels)), 0.01)
    np.add.at(probable, (item, said), 1)
    probable /= probable.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        counted = np.zeros((len(who), len(labels), len(labels)))
        np.add.at(counted.transpose(0, 2, 1), (annotator, said), probable[item])
        rates = _rates(counted)
        prior = probable.sum(axis=0) + 1
        scores = np.tile(np.log(prior / prior.sum()), (len(votes), 1))
        np.add.at(scores, item, np.log(rates)[annotator, :, said])
        fresh = np.exp(scores - scores.max(axis=1, keepdims=True))
        fresh /= fresh.sum(axis=1, keepdims=True)
        change = float(np.abs(fresh - probable).max())
        probable = fresh
        if change < 1e-6:
            break
    best = probable.argmax(axis=1)
    return [
        Judged(labels[best[i]], float(probable[i, best[i]])) if row else Judged(None, 0.0)
        for i, row in enumerate(votes)
    ]


def _rates(counted: Array) -> Array:
    """Estimate what each annotator says of each true label: annotators x true x said.

    An annotator's row backs off to being right as often as they are on all labels, and otherwise wrong as the
    crowd is wrong on that label; that again backs off to all other labels being as likely.
    """
    size = counted.shape[1]
    same = np.eye(size)
    right, judged = (counted * same).sum(axis=(1, 2)), counted.sum(axis=(1, 2))
    usual = (right.sum() + 1) / (judged.sum() + 2)
    accuracy = ((right + STRENGTH * usual) / (judged + STRENGTH))[:, None, None]
    wrong = counted.sum(axis=0) * (1 - same) + (1 - same) / max(size - 1, 1)
    wrong /= np.maximum(wrong.sum(axis=1, keepdims=True), 1e-9)
    rates = counted + STRENGTH * (accuracy * same + (1 - accuracy) * wrong)
    made: Array = np.maximum(rates / rates.sum(axis=2, keepdims=True), 1e-9)
    return made


def crowd_kit(votes: Sequence[Mapping[str, str]], model: str) -> list[Judged]:
    """Aggregate by crowd-kit: `model` is `DawidSkene` or `MACE`, with their own settings and a fixed seed.

    Raises CorpusError where crowd-kit is not installed.
    """
    try:
        import pandas as pd
        from crowdkit.aggregation import MACE, DawidSkene
    except ImportError as error:
        message = "this method takes crowd-kit: pip install 'annotated-corpus[annotate]'"
        raise CorpusError(message) from error
    triples = [(i, name, label) for i, row in enumerate(votes) for name, label in sorted(row.items())]
    if not triples:
        return [Judged(None, 0.0) for _ in votes]
    table = pd.DataFrame(triples, columns=["task", "worker", "label"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas deprecates what crowd-kit calls; its answers are the same
        chosen = DawidSkene(n_iter=100) if model == "DawidSkene" else MACE(random_state=0)
        shares = chosen.fit_predict_proba(table)
    made = [Judged(None, 0.0) for _ in votes]
    for number, row in shares.iterrows():
        made[int(number)] = Judged(str(row.idxmax()), float(row.max()))
    return made
