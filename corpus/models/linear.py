"""A linear model of character n-grams: shared by all targets, and once more for each of them.

Each n-gram counts once as itself and once as seen with its target (Daumé III 2007, "Frustratingly Easy Domain
Adaptation"), so that one model serves targets that share an audience and targets that do not. Orders of
n-grams are scaled apart, so that the many long ones do not drown single characters, on which Chinese rests.
A support vector machine (Mohammad et al. 2016 is the same idea, a model a target) gives margins. Scaled so
that held-out rows are told best, they are probabilities; shifted so that on held-out rows rare labels are
found as well as frequent ones (macro-F1), they give the label, which need not be the likeliest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.models.folder import Shape, Stored
from corpus.models.majority import fit_labels, most
from corpus.models.rows import stance_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corpus.models.majority import Targets
    from corpus.models.rows import StanceRow

    Matrix = Any  # scipy.sparse.csr_matrix, which has no types

ORDERS = (("char", 1, 1), ("char", 2, 2), ("char_wb", 3, 5))
"""Kinds of n-grams, each scaled to length one; `char_wb` does not cross white space.

Chosen, with the three numbers below, by five-fold cross-validation over the training rows of SemEval-2016 A
and NLPCC-2016 A together (docs/benchmarks-models.md); test rows were not asked.
"""

LEAST = 2
"""Rows an n-gram must be in."""

OF_TARGET = 2.0
"""How much an n-gram seen with its target counts beside the n-gram as itself."""

PENALTY = 0.1
"""C of the support vector machine, lower is plainer; classes are weighed as if equally frequent."""

FOLDS = 3
"""For what is learned from held-out rows; rows of one text are in one fold."""

SHIFTED = 0.5
"""The part of the best shift that is taken, as held-out rows are few and the best on them is too good.

Chosen on the reference corpus's validation split (macro-F1 29.7 without, 38.3 with half, 33.9 with all).
"""

ALIKE = 2 / 3
"""A target that was not seen is read as the one it shares so much of its letter pairs with (Dice), if any."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of n-grams (and of n-grams with a target) for each label.

    `idf` and `grams` are in the order of ORDERS; `weights` is labels x features, the features being the
    n-grams, the n-grams with each target in turn, and the targets.
    """

    method: str
    labels: tuple[str, ...]
    targets: tuple[str, ...]
    grams: tuple[tuple[str, ...], ...]
    idf: tuple[NDArray[np.float64], ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float64]
    shift: NDArray[np.float64]
    scale: float
    task: str = "stance"

    def margins(self, rows: Sequence[StanceRow]) -> NDArray[np.float64]:
        """Give rows x labels, higher is likelier."""
        own = _with_targets(self._vectors(rows), [self._known(row.target) for row in rows], self.targets)
        made: NDArray[np.float64] = np.asarray(own @ self.weights.T.astype(np.float64)) + self.bias
        return made

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Give each row the label with the highest shifted margin."""
        margins = self.margins(stance_rows(rows, labelled=False)) + self.shift
        return [self.labels[place] for place in margins.argmax(axis=1)]

    def probabilities(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
        """Give each row the probability of every label."""
        chances = _softmax(self.scale * self.margins(stance_rows(rows, labelled=False)))
        return [dict(zip(self.labels, map(float, row), strict=True)) for row in chances]

    def stored(self) -> Stored:
        """Give what a model folder holds of it."""
        settings = {
            "labels": list(self.labels),
            "targets": list(self.targets),
            "grams": {str(at): list(grams) for at, grams in enumerate(self.grams)},
            "scale": self.scale,
        }
        arrays: dict[str, NDArray[Any]] = {f"idf{at}": idf for at, idf in enumerate(self.idf)}
        arrays |= {"weights": self.weights, "bias": self.bias, "shift": self.shift}
        return Stored(self.task, self.method, settings, arrays)

    def _vectors(self, rows: Sequence[StanceRow]) -> Matrix:
        import scipy.sparse as sp

        parts = []
        for order, grams, idf in zip(ORDERS, self.grams, self.idf, strict=True):
            vectorizer = _vectorizer(order, grams)
            vectorizer.idf_ = idf
            parts.append(vectorizer.transform([row.text for row in rows]))
        return sp.hstack(parts).tocsr()

    def _known(self, target: str) -> str:
        """The target of training that is meant, or the one given where none is."""
        if target in self.targets or not self.targets:
            return target
        near = {known: alike(known, target) for known in self.targets}
        best = most(near)
        return best if near[best] >= ALIKE else target


def fit_linear(rows: Sequence[StanceRow]) -> Linear | Targets:
    """Fit to texts and targets; rows of one label only leave nothing to learn but that."""
    return _fit(rows, "linear", tuple(sorted({row.target for row in rows})))


def fit_text(rows: Sequence[StanceRow]) -> Linear | Targets:
    """Fit to texts alone."""
    return _fit(rows, "text", ())


def read(stored: Stored) -> Linear | Targets:
    """Make the model of what a folder holds."""
    shape = Shape(stored)
    labels, targets = shape.texts("labels"), shape.texts("targets")
    given = shape.mapping(stored.settings.get("grams"))
    shape.require(set(given) == {str(at) for at in range(len(ORDERS))}, f"{len(ORDERS)} orders of n-grams")
    grams = tuple(tuple(given[str(at)]) for at in range(len(ORDERS)))
    for order in grams:
        shape.require(order and all(isinstance(gram, str) for gram in order), "n-grams that are texts")
        shape.require(len(set(order)) == len(order), "no n-gram twice")
    width = sum(map(len, grams)) * (1 + len(targets)) + len(targets)
    idf = tuple(shape.array(f"idf{at}", "f", (len(order),)) for at, order in enumerate(grams))
    weights = shape.array("weights", "f", (len(labels), width))
    bias = shape.array("bias", "f", (len(labels),))
    shift = shape.array("shift", "f", (len(labels),))
    scale = shape.number(stored.settings.get("scale"))
    return Linear(stored.method, tuple(labels), tuple(targets), grams, idf, weights, bias, shift, scale)


def alike(one: str, other: str) -> float:
    """Measure how alike two names are: Dice of their letter pairs, without case and white space.

    >>> alike("iPhone SE", "iphonese"), round(alike("春节放鞭炮", "开放二胎"), 2)
    (1.0, 0.0)
    """
    left, right = ("".join(name.casefold().split()) for name in (one, other))
    if left == right:
        return 1.0
    pairs = [Counter(map("".join, pairwise(name))) for name in (left, right)]
    total = pairs[0].total() + pairs[1].total()
    return 2 * (pairs[0] & pairs[1]).total() / total if total else 0.0


def _fit(rows: Sequence[StanceRow], method: str, targets: tuple[str, ...]) -> Linear | Targets:
    labels = tuple(sorted({row.label for row in rows}))
    if len(labels) == 1:
        return fit_labels(rows)
    fitted = _train(rows, method, targets, labels)
    held = _held_out(rows, method, targets, labels)
    if held is None:
        return fitted
    return replace(fitted, scale=_scale(*held), shift=SHIFTED * _shift(*held))


def _train(
    rows: Sequence[StanceRow], method: str, targets: tuple[str, ...], labels: tuple[str, ...]
) -> Linear:
    """Fit the support vector machine, without scale and shift."""
    import scipy.sparse as sp
    from sklearn.svm import LinearSVC

    texts = [row.text for row in rows]
    least = LEAST if len(set(texts)) > 50 else 1
    grams, idf, parts = [], [], []
    for order in ORDERS:
        vectorizer, vectors = _fitted(order, texts, least)
        grams.append(tuple(map(str, vectorizer.get_feature_names_out())))
        idf.append(np.asarray(vectorizer.idf_, dtype=np.float64))
        parts.append(vectors)
    own = _with_targets(sp.hstack(parts).tocsr(), [row.target for row in rows], targets)
    columns = np.array([labels.index(row.label) for row in rows])
    machine = LinearSVC(C=PENALTY, class_weight="balanced", random_state=0, max_iter=5_000)
    machine.fit(own, columns)
    weights, bias = np.zeros((len(labels), own.shape[1])), np.full(len(labels), -1e3)
    if len(machine.classes_) == 2:  # scikit-learn keeps one row of weights for two classes
        coefficients = np.concatenate([-machine.coef_, machine.coef_])
        intercepts = np.concatenate([-machine.intercept_, machine.intercept_])
    else:
        coefficients, intercepts = machine.coef_, machine.intercept_
    weights[machine.classes_], bias[machine.classes_] = coefficients, intercepts
    parts_of = tuple(grams), tuple(idf), weights.astype(np.float32), bias
    return Linear(method, labels, targets, *parts_of, shift=np.zeros(len(labels)), scale=1.0)


def _fitted(order: tuple[str, int, int], texts: Sequence[str], least: int) -> tuple[Any, Matrix]:
    """Fit a vectorizer; where no text has such an n-gram, to one that no text has either."""
    vectorizer = _vectorizer(order, None, least)
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError:  # an empty vocabulary: texts too short, or too few
        vectorizer = _vectorizer(order, ["\0"])
        return vectorizer, vectorizer.fit_transform(texts)


def _held_out(
    rows: Sequence[StanceRow], method: str, targets: tuple[str, ...], labels: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Margins of each row by a model that did not see its text, and its label; None for too few rows."""
    texts = sorted({row.text for row in rows})
    fold = {text: place % FOLDS for place, text in enumerate(texts)}
    margins, columns = [], []
    for number in range(FOLDS):
        learned = [row for row in rows if fold[row.text] != number]
        asked = [row for row in rows if fold[row.text] == number]
        if len({row.label for row in learned}) < 2 or not asked:
            return None
        margins.append(_train(learned, method, targets, labels).margins(asked))
        columns += [labels.index(row.label) for row in asked]
    return np.concatenate(margins), np.array(columns)


def _scale(margins: NDArray[np.float64], columns: NDArray[np.int64]) -> float:
    """Find the scale of the margins under which held-out rows are likeliest."""
    right = np.arange(len(columns))
    losses = {
        scale: float(-np.log(np.maximum(_softmax(scale * margins)[right, columns], 1e-12)).mean())
        for scale in (round(0.5 * 1.15**step, 3) for step in range(20))
    }
    return min(losses, key=lambda scale: (losses[scale], scale))


def _shift(margins: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Find what to add to the margins for the best macro-F1 of held-out rows, label by label."""
    best = np.zeros(margins.shape[1])
    highest = _macro_f1(margins, columns)
    for _ in range(FOLDS):
        for label in range(len(best)):
            for step in range(-12, 13):
                tried = best.copy()
                tried[label] = round(0.05 * step, 2)
                score = _macro_f1(margins + tried, columns)
                if score > highest + 1e-9:
                    best, highest = tried, score
    return best


def _macro_f1(margins: NDArray[np.float64], columns: NDArray[np.int64]) -> float:
    size = margins.shape[1]
    found = margins.argmax(axis=1)
    right = np.bincount(columns[found == columns], minlength=size)
    both = np.bincount(columns, minlength=size) + np.bincount(found, minlength=size)
    return float((2 * right / np.maximum(both, 1)).mean())


def _vectorizer(order: tuple[str, int, int], grams: Sequence[str] | None, least: int = 1) -> Any:  # noqa: ANN401 - scikit-learn is untyped
    from sklearn.feature_extraction.text import TfidfVectorizer

    analyzer, shortest, longest = order
    return TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=(shortest, longest),
        min_df=least,
        sublinear_tf=True,
        vocabulary=None if grams is None else {gram: at for at, gram in enumerate(grams)},
    )


def _with_targets(vectors: Matrix, given: Sequence[str], targets: tuple[str, ...]) -> Matrix:
    """Put beside the vectors a copy for each target, zero in the rows of other targets, and the targets."""
    import scipy.sparse as sp

    blocks = [vectors]
    for target in targets:
        rows = np.array([OF_TARGET if each == target else 0.0 for each in given])
        blocks.append(sp.diags(rows).tocsr() @ vectors)
    if targets:
        blocks.append(sp.csr_matrix([[float(each == target) for target in targets] for each in given]))
    return sp.hstack(blocks).tocsr()


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return chances
