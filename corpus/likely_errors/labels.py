"""Rows of text and label by how likely the label is wrong.

Linear models of characters, words and kinds of words, out of fold, and each text's most telling words say
which labels it may have; votes for the same text, in one row or in several, are counted with what the models
say as a prior. A vote is no witness for itself: a label that only one annotator gave stands on the models
alone, against all who gave another.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from corpus.likely_errors import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

FOLDS = 10
QUICK = 5
"""Folds of the ranks, and of a quick look."""
PRIOR = 2.0
"""The models count as so many votes; with the bare frequency of labels 1 to 3 did equally on VariErr."""
FAINT = 1e-6
"""No witness rules a label out altogether."""


def score(texts: Sequence[str], votes: Sequence[Sequence[str]]) -> list[float]:
    """Score every row in [0, 1]; 0 for a row without votes.

    Where a text has one right label, the row's majority label is held against its strongest rival. Where most
    texts were given several, more than one may be right: the score is the chance that any of them is wrong.
    """
    pooled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, given in zip(texts, votes, strict=True):
        pooled[text].update(given)
    known = sorted(text for text, given in pooled.items() if given)
    labels = sorted({label for text in known for label in pooled[text]})
    if not labels:
        return [0.0] * len(texts)
    column = {label: at for at, label in enumerate(labels)}
    exclusive = _is_exclusive(pooled.values())
    found = _chances(known, [pooled[text] for text in known], labels, mixed=not exclusive)
    chances = dict(zip(known, found, strict=True))
    scores = []
    for text, given in zip(texts, votes, strict=True):
        right = {}
        for label in sorted(set(given)):
            support = PRIOR * chances[text]
            for other, count in pooled[text].items():
                support[column[other]] += count - (other == label)
            own = float(support[column[label]])
            support[column[label]] = 0.0
            right[label] = own / (own + float(support.max() if exclusive else support.sum()))
        scores.append(round(1 - _row(right, given, exclusive=exclusive), 12))
    return scores


def _row(right: dict[str, float], given: Sequence[str], *, exclusive: bool) -> float:
    """How probably a row is right: its majority label, or all its labels where several can be."""
    counts = Counter(given)
    if not exclusive or not counts:
        return math.prod(right.values())
    return min(right[label] for label, count in counts.items() if count == max(counts.values()))


def _is_exclusive(pooled: Iterable[Counter[str]]) -> bool:
    """Whether a text has one right label: most texts with several votes have but one label, if any has."""
    several = [given for given in pooled if given.total() > 1]
    return 2 * sum(len(given) > 1 for given in several) <= len(several)


def out_of_fold(
    texts: Sequence[str], votes: Sequence[Counter[str]], labels: Sequence[str]
) -> NDArray[np.float64]:
    """The probability of each label for each text, by one model of few folds: quicker than the ranks' four.

    Texts must be distinct, each with a vote at least.
    """
    import numpy as np

    shares, prior = _shares(votes, labels)
    for view in wording.plain_view(texts):
        return wording.judged(texts, shares, prior, view, (QUICK, 0))[0]
    return np.tile(prior, (len(texts), 1))


def _shares(
    votes: Sequence[Counter[str]], labels: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What share of each text's votes a label has, and of all texts', smoothed."""
    import numpy as np

    shares = np.array([[given[label] / given.total() for label in labels] for given in votes])
    return shares, (shares.sum(axis=0) + 1) / (shares.sum() + len(labels))


def _chances(
    known: Sequence[str], votes: Sequence[Counter[str]], labels: Sequence[str], *, mixed: bool
) -> NDArray[np.float64]:
    """The probability of each label for each text, from models that have not seen the text.

    The geometric mean of all witnesses: a label that one of them rules out is hardly right. `mixed` with the
    bare frequency of labels, as far as that is the better guess; where a label is held against a rival, that
    would only speak for the frequent one.
    """
    import numpy as np

    shares, prior = _shares(votes, labels)
    said = np.log(wording.telling(known, shares, prior) + FAINT)
    went = np.ones(len(known), dtype=bool)
    views = wording.views(known)
    for seed, view in enumerate(views):
        chances, these = wording.judged(known, shares, prior, view, (FOLDS, seed))
        said += np.log(chances + FAINT)
        went &= these
    together = np.exp(said / (len(views) + 1))
    together /= together.sum(axis=1, keepdims=True)
    trust = _trust(together[went], prior, shares[went]) if mixed else 1.0
    return trust * together + (1 - trust) * prior


def _trust(chances: NDArray[np.float64], prior: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """How far the models beat the bare frequency of labels: the mixture likeliest to give the votes.

    Expectation maximisation of the one weight, on votes that the models have not seen.
    """
    import numpy as np

    trust = 0.5
    for _ in range(50):
        if len(chances):
            share = trust * chances / (trust * chances + (1 - trust) * prior + 1e-12)
            trust = float(np.clip((shares * share).sum() / len(chances), 0.01, 0.99))
    return trust
