"""Rows of text and label by how likely the label is wrong.

Linear models of character and word n-grams, out of fold, say which labels a text may have; votes for the same
text, in one row or in several, are counted with what the models say as a prior. A vote is no witness for
itself: a label that only one annotator gave stands on the models alone, against all who gave another.
"""

from __future__ import annotations

import math
import warnings
import zlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

FOLDS = 10
PRIOR = 2.0
"""The models count as so many votes; with the bare frequency of labels 1 to 3 did equally on VariErr."""
ENOUGH = 20_000
"""As many texts a fold learns from at most; the rest is only judged."""


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


def _chances(
    texts: Sequence[str], votes: Sequence[Counter[str]], labels: Sequence[str], *, mixed: bool
) -> NDArray[np.float64]:
    """The probability of each label for each text, from models that have not seen the text.

    `mixed` with the bare frequency of labels, as far as that is the better guess; where a label is held
    against a rival, that would only speak for the frequent one.
    """
    import numpy as np

    shuffled = sorted(range(len(texts)), key=lambda number: (_hash(texts[number]), texts[number]))
    fold = np.empty(len(texts), dtype=int)
    fold[shuffled] = np.arange(len(texts)) % FOLDS
    shares = np.array([[given[label] / given.total() for label in labels] for given in votes])
    prior = (shares.sum(axis=0) + 1) / (shares.sum() + len(labels))
    chances = np.tile(prior, (len(texts), 1))
    views = _views(texts)
    judged = np.zeros(len(texts), dtype=bool)
    for held in range(FOLDS):
        inside = np.flatnonzero(fold == held)
        outside = [number for number in shuffled if fold[number] != held][:ENOUGH]
        if views and len(inside) and outside and (shares[outside] > 0).any(axis=0).sum() > 1:
            chances[inside] = _fitted(views, shares, np.sort(np.array(outside)), inside)
            judged[inside] = True
    trust = _trust(chances[judged], prior, shares[judged]) if mixed else 1.0
    chances[judged] = trust * chances[judged] + (1 - trust) * prior
    return chances


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


def _fitted(
    views: Sequence[tuple[Any, float, bool]],
    shares: NDArray[np.float64],
    outside: NDArray[np.int64],
    inside: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The mean of the models of all views, each trained on every label a text has, weighted by its share."""
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    place, label = np.nonzero(shares[outside])
    weight = shares[outside][place, label]
    total = np.bincount(label, weights=weight, minlength=shares.shape[1])
    found = np.zeros((len(inside), shares.shape[1]))
    for rows, strength, level in views:
        weights = weight / np.sqrt(total[label]) if level else weight
        model = LogisticRegression(C=strength, max_iter=200)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(rows[outside[place]], label, sample_weight=weights / weights.mean())
        found[:, model.classes_] += model.predict_proba(rows[inside])
    return found / len(views)


def _views(texts: Sequence[str]) -> list[tuple[Any, float, bool]]:
    """Features of the texts, with the inverse strength of regularisation and whether rare labels weigh more.

    A model that levels rare labels up knows them better, one that does not is better calibrated.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = []
    for analyzer, shortest, longest in (("char_wb", 2, 5), ("word", 1, 2), ("word", 1, 3)):
        turn: Callable[[Sequence[str]], Any] = TfidfVectorizer(
            analyzer=analyzer, ngram_range=(shortest, longest), sublinear_tf=True, max_features=200_000
        ).fit_transform
        try:
            vectors.append(turn(texts))
        except ValueError:  # no text holds a word of two letters: scikit-learn calls the vocabulary empty
            continue
    if not vectors:
        return []
    both = hstack(vectors[:2]).tocsr()
    scale = _strength(len(texts))
    return [(both, scale, False), (both, scale, True), (vectors[-1].tocsr(), scale, True)]


def _strength(texts: int) -> float:
    """A hundred texts bear little detail, a few thousand more."""
    return min(30.0, max(1.0, texts / 100))


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))
