"""What the labels of other texts say of a text: linear models of several views of it, and its telling words.

A view is a matrix of features; its model judges each text from folds that do not hold it. The telling words
need no model: of all n-grams in a text, the one that goes most often with a label elsewhere speaks for it.
"""

from __future__ import annotations

import re
import warnings
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectorise = Callable[[Sequence[Any]], Any]

ENOUGH = 20_000
"""As many texts a fold learns from at most; the rest is only judged."""

FEATURES = 200_000
"""Features of a kind at most, the most frequent: a bound on memory."""

KINDS = 60
"""Groups of words by the words beside them. Sixty were tried, and no other number."""

BELIEF = 1.0
"""An n-gram counts as if the bare frequency of labels had been seen once with it; 0.5 to 3 did alike."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


class View(NamedTuple):
    """Features of the texts (sparse or dense), and whether rare labels weigh more in the model.

    A model that levels rare labels up knows them better, one that does not is better calibrated.
    """

    rows: Any
    level: bool


def words(text: str) -> list[str]:
    """The words of a text in lower case, Chinese and Japanese characters each for itself.

    >>> words("See GPU芯片")
    ['see', 'gpu', '芯', '片']
    """
    return _WORD.findall(text.lower())


def plain_view(texts: Sequence[str]) -> list[View]:
    """One view, characters and words together; none where no text holds a character."""
    characters = _vectors(texts, "char_wb", 2, 5)
    spoken = _vectors([words(text) for text in texts], _grams(1, 2))
    return [View(_narrow(_beside(characters, spoken)), level=False)] if characters or spoken else []


def views(texts: Sequence[str]) -> list[View]:
    """Four views, whose models err differently: characters in and across words, words, kinds of words."""
    said = [words(text) for text in texts]
    kinds = _vectors(_kinds(said), _grams(1, 4))
    spoken = _vectors(said, _grams(1, 3))
    across = _vectors(texts, "char", 2, 6)
    made = [_beside(across), _beside(spoken, kinds), _beside(kinds)]
    found = [
        View(_narrow(rows), level)
        for rows, level in zip(made, (False, True, True), strict=True)
        if rows is not None
    ]
    return [*plain_view(texts), *found]


def _vectors(texts: Sequence[Any], analyzer: Any, *lengths: int) -> list[Any]:  # noqa: ANN401 - scikit-learn's
    """The tf-idf of the n-grams in a list of its own, empty where no text holds one."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    limits = {"ngram_range": lengths} if lengths else {}
    turn: Vectorise = TfidfVectorizer(
        analyzer=analyzer, sublinear_tf=True, max_features=FEATURES, **limits
    ).fit_transform
    try:
        return [turn(texts)]
    except ValueError:  # what scikit-learn says to texts without a single feature
        return []


def _grams(shortest: int, longest: int) -> Callable[[Sequence[str]], list[str]]:
    def cut(said: Sequence[str]) -> list[str]:
        lengths = range(shortest, longest + 1)
        return [" ".join(said[at : at + n]) for n in lengths for at in range(len(said) - n + 1)]

    return cut


def _beside(*blocks: list[Any]) -> Any:  # noqa: ANN401 - a sparse matrix, or None
    from scipy.sparse import hstack

    there = [rows for block in blocks for rows in block]
    return hstack(there).tocsr() if there else None


def _narrow(rows: Any) -> Any:  # noqa: ANN401 - a sparse matrix, or a dense one
    """Rotate features that are many more than the texts into as many as these, where that is cheaper to fit.

    The triangle of Cholesky's decomposition has the same inner products, all that a ridge-penalised linear
    model sees of its features: the model is the same, eighty times quicker on 300 paragraphs.
    """
    import numpy as np

    texts, features = rows.shape
    if texts * texts > rows.nnz + 10 * features:
        return rows
    products = (rows @ rows.T).toarray()
    return np.linalg.cholesky(products + 1e-8 * np.eye(texts))


def _kinds(said: Sequence[Sequence[str]]) -> list[list[str]]:
    """Put in place of each word the group of words that stand beside the same words; rare ones are a group.

    Groups by k-means of the words' neighbours, weighed by positive pointwise mutual information and reduced
    by singular value decomposition (Bullinaria and Levy, Behavior Research Methods 2007).
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    counts = Counter(word for row in said for word in row)
    known = {word: at for at, word in enumerate(sorted(word for word, count in counts.items() if count > 2))}
    if len(known) < 2 * KINDS:
        return []
    columns: dict[tuple[int, str], int] = {}
    seen: Counter[tuple[int, int]] = Counter()
    for row in said:
        for before, word, after in zip(["", *row], row, [*row[1:], ""], strict=False):
            if word in known:
                for beside in ((0, before), (1, after)):
                    seen[known[word], columns.setdefault(beside, len(columns))] += 1
    places = np.array(sorted(seen))
    table = csr_matrix(([seen[at, to] for at, to in places.tolist()], places.T), dtype=float).tocoo()
    own, other = np.asarray(table.sum(axis=1)).ravel(), np.asarray(table.sum(axis=0)).ravel()
    weight = np.log(table.data * table.data.sum() / (own[table.row] * other[table.col]))
    near = csr_matrix((np.maximum(weight, 0.0), (table.row, table.col)))
    short = normalize(TruncatedSVD(min(50, near.shape[1] - 1), random_state=0).fit_transform(near))
    group = MiniBatchKMeans(KINDS, n_init=3, random_state=0, batch_size=4096).fit(short).labels_
    return [[str(group[known[word]]) if word in known else "rare" for word in row] for row in said]


def judged(
    texts: Sequence[str],
    shares: NDArray[np.float64],
    prior: NDArray[np.float64],
    view: View,
    division: tuple[int, int],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Judge each fold by a model of the others; tell which texts that went for, the rest has the prior.

    `division` is the number of folds, and a seed.
    """
    import numpy as np

    folds, seed = division
    shuffled = sorted(range(len(texts)), key=lambda number: (_hash(texts[number], seed), texts[number]))
    fold = np.empty(len(texts), dtype=int)
    fold[shuffled] = np.arange(len(texts)) % folds
    chances = np.tile(prior, (len(texts), 1))
    went = np.zeros(len(texts), dtype=bool)
    for held in range(folds):
        inside = np.flatnonzero(fold == held)
        outside = [number for number in shuffled if fold[number] != held][:ENOUGH]
        if len(inside) and outside and (shares[outside] > 0).any(axis=0).sum() > 1:
            chances[inside] = _fitted(view, shares, np.sort(np.array(outside)), inside)
            went[inside] = True
    return chances, went


def _fitted(
    view: View, shares: NDArray[np.float64], outside: NDArray[np.int64], inside: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Train on every label a text outside has, weighted by its share, and judge the texts inside."""
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    place, label = np.nonzero(shares[outside])
    weights = shares[outside][place, label]
    if view.level:
        weights /= np.sqrt(np.bincount(label, weights=weights, minlength=shares.shape[1])[label])
    model = LogisticRegression(C=_strength(len(shares)), max_iter=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(view.rows[outside[place]], label, sample_weight=weights / weights.mean())
    found = np.zeros((len(inside), shares.shape[1]))
    found[:, model.classes_] = model.predict_proba(view.rows[inside])
    return found


def _strength(texts: int) -> float:
    """Inverse strength of regularisation: a hundred texts bear little detail, a few thousand more."""
    return min(30.0, max(1.0, texts / 100))


def telling(
    texts: Sequence[str], shares: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each text and label, how often its most telling n-gram of words goes with the label elsewhere.

    Label variation, as among mentions: the text's own labels are left out of the count. Rows sum to one.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    found = np.tile(prior, (len(texts), 1))
    try:
        rows = CountVectorizer(
            analyzer=_grams(1, 3), binary=True, min_df=2, max_features=FEATURES
        ).fit_transform([words(text) for text in texts])
    except ValueError:  # no n-gram stands in two texts
        return found
    together, held = rows.T @ shares, np.asarray(rows.sum(axis=0)).ravel()
    for number in range(len(texts)):
        grams = rows.indices[rows.indptr[number] : rows.indptr[number + 1]]
        if len(grams):
            seen = held[grams, None] - 1 + BELIEF
            found[number] = ((together[grams] - shares[number] + BELIEF * prior) / seen).max(axis=0)
    shares_of_all: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
    return shares_of_all


def _hash(text: str, seed: int) -> int:
    return zlib.crc32(f"{seed}\t{text}".encode("utf-8", "replace"))
