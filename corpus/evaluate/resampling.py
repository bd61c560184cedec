"""Intervals and tests: documents drawn with replacement, or swapped between two sets of predictions.

Paragraphs of a document share their topic and their author; drawing documents keeps them together, so that
an interval is not narrower than the evidence. A test split of few documents has wide ones, rightly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import CorpusError
from corpus.evaluate.scores import Comparison, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.evaluate.scores import Sheet

SAMPLES = 1000
SEED = 20261121
ENOUGH = 0.95
"""Share of the draws in which a score must be defined for an interval to be given."""


def intervals(sheet: Sheet, samples: int = SAMPLES, seed: int = SEED) -> tuple[Score, ...]:
    """Score a sheet, each score with its 95 % percentile interval; none for fewer than two documents."""
    whole, drawn = sheet.counts.sum(axis=0, keepdims=True), _draws(len(sheet.counts), samples, seed)
    sums = drawn @ sheet.counts
    made = []
    for metric in sheet.metrics:
        value = float(metric.of(whole)[0])
        low, high = (np.nan, np.nan)
        if len(sheet.counts) > 1 and not np.isnan(value):
            values = metric.of(sums)
            values = values[~np.isnan(values)]
            if len(values) >= ENOUGH * samples:
                low, high = np.quantile(values, [0.025, 0.975])
        made.append(Score(metric.name, metric.part, value, float(low), float(high)))
    return tuple(made)


def compare(one: Sheet, other: Sheet, method: str, samples: int, seed: int) -> tuple[Comparison, ...]:
    """Compare two sheets of the same gold, score by score, where both have it.

    The p-value is two-sided: for the bootstrap, how often the drawn difference lies as far from the observed
    one as that lies from zero; for randomisation, how often chance alone swaps its way to as large a
    difference. One is added above and below, so that no p-value is zero. A handful of documents allows no
    small p-value under randomisation: with n of them, none below 2 ** (1 - n).
    """
    if (one.task, one.documents, one.rows) != (other.task, other.documents, other.rows):
        raise CorpusError("found predictions of different gold; expected the same dataset, split and task")
    if method == "bootstrap":
        weights = _draws(len(one.counts), samples, seed)
        pairs = weights @ one.counts, weights @ other.counts
    else:
        swap = np.random.default_rng(seed).integers(0, 2, (samples, len(one.counts))).astype(np.float64)
        pairs = (
            swap @ other.counts + (1 - swap) @ one.counts,
            swap @ one.counts + (1 - swap) @ other.counts,
        )
    others = {(metric.name, metric.part): metric for metric in other.metrics}
    made = []
    for metric in one.metrics:
        peer = others.get((metric.name, metric.part))
        if peer is None:
            continue
        left = float(metric.of(one.counts.sum(axis=0, keepdims=True))[0])
        right = float(peer.of(other.counts.sum(axis=0, keepdims=True))[0])
        drawn = metric.of(pairs[0]) - peer.of(pairs[1])
        chance = drawn - (left - right) if method == "bootstrap" else drawn
        made.append(Comparison(*metric[:2], left, right, left - right, _p(chance, left - right)))
    return tuple(made)


def _p(chance: NDArray[np.float64], difference: float) -> float:
    known = chance[~np.isnan(chance)]
    if np.isnan(difference) or not len(known):
        return float("nan")
    beyond = int((np.abs(known) >= abs(difference) - 1e-12).sum())
    return (beyond + 1) / (len(known) + 1)


def _draws(documents: int, samples: int, seed: int) -> NDArray[Any]:
    """How often each document is drawn: samples x documents."""
    even = np.full(documents, 1 / documents)
    return np.random.default_rng(seed).multinomial(documents, even, samples).astype(np.float64)
