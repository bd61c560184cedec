"""The trained part of reading plain-text pages: which units belong to the body, as a sequence.

Two small forests of decision trees, trained by benchmarks/train_text.py, tell how likely a unit is body given
its features and whether the unit before it (or after it) is body. A chain each way sums over what the
neighbour may be, and their mean is the first verdict: a maximum-entropy Markov model (McCallum, Freitag &
Pereira 2000) read from both ends. A long list stays in the body it began in, and a menu outside it. A third
forest judges again in the light of the whole page (text_second), and the page is cut by what it says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.clean import forest
from corpus.clean.forest import LOWEST, ROWS, remaining

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.clean.text_features import Matrix

MODEL = Path(__file__).with_name("text_model.npz")
# The cut between body and not lies in these bounds; found by cross-validation in benchmarks/clean_text.py.
LEAST, _MOST = 0.3, 0.5
_BESIDE = 0.4  # neither better nor worse by that measure, and kinder to the last lines of an article


class Forest(NamedTuple):
    """Trees as in corpus.clean.forest, for rows that are scored twice.

    Nodes on the last column, whether the neighbour is body, are kept apart: `beside` is the mask a tree has
    when it is.
    """

    columns: NDArray[np.int16]
    cuts: NDArray[np.float32]
    masks: NDArray[np.uint16]
    beside: NDArray[np.uint16]
    values: NDArray[np.float32]
    bias: NDArray[np.float64]


class Forests(NamedTuple):
    """The chains' forests, and the one that judges again in the light of the page (text_second)."""

    forward: Forest
    backward: Forest
    second: forest.Forest


@cache
def forests() -> Forests:
    """Load the forests, once."""
    with np.load(MODEL, allow_pickle=False) as arrays:
        forward, backward = (
            Forest(**{part: arrays[f"{name}_{part}"] for part in Forest._fields})
            for name in ("forward", "backward")
        )
        second = forest.Forest(**{part: arrays[f"second_{part}"] for part in forest.Forest._fields})
    return Forests(forward, backward, second)


def chances(trees: Forest, rows: Matrix) -> NDArray[np.float64]:
    """How likely each row is body: column 0 where its neighbour is not, column 1 where it is."""
    found = np.empty((len(rows), 2))
    values, first = trees.values.ravel(), np.arange(len(trees.values)) * trees.values.shape[1]
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        left = remaining(trees.columns, trees.cuts, trees.masks, some)
        for given, leaves in enumerate((left, left & trees.beside)):
            total = values.take(LOWEST.take(leaves) + first).sum(axis=1, dtype=np.float64) + trees.bias
            found[start : start + ROWS, given] = 1 / (1 + np.exp(-total))
    return found


def body(rows: Matrix) -> NDArray[np.float64]:
    """How likely each unit belongs to the body, in [0, 1]; `rows` are ALONE and AMONG side by side."""
    forward, backward, _ = forests()
    return read(forward, backward, rows)


def read(forward: Forest, backward: Forest, rows: Matrix) -> NDArray[np.float64]:
    """Read a page by two chains: the mean of what they say of each row."""
    return (_chain(forward, rows) + _chain(backward, rows[::-1])[::-1]) / 2


def chosen(likely: NDArray[np.float64], tokens: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cut where the expected F1 of the chosen tokens is best: low on a page hard to tell, else at a half.

    Half of the best F1 is the best cut (Lipton, Elkan & Narayanaswamy 2014). A unit beside a chosen one needs
    less: last questions and sentences of an article are less certain than its middle.
    """
    if not len(likely):
        return np.zeros(0, bool)
    order = np.argsort(-likely, kind="stable")
    right = np.cumsum(tokens[order] * likely[order])
    scores = 2 * right / (np.cumsum(tokens[order]) + right[-1] + 1e-9)
    cut = min(max(float(likely[order[int(np.argmax(scores))]]), LEAST), _MOST)
    return np.array(_spread((likely >= cut).tolist(), (likely >= min(cut, _BESIDE)).tolist()), dtype=bool)


def _spread(chosen: list[bool], fair: list[bool]) -> list[bool]:
    """Choose also the fair units that adjoin chosen ones, or one another up to a chosen one.

    >>> _spread([False, True, False, False, False], [True, True, True, False, True])
    [True, True, True, False, False]
    """
    for rows in (range(1, len(chosen)), range(len(chosen) - 2, -1, -1)):
        for row in rows:
            chosen[row] = chosen[row] or (fair[row] and chosen[row - rows.step])
    return chosen


def _chain(trees: Forest, rows: Matrix) -> NDArray[np.float64]:
    """Probabilities along the rows, summed over what the row before may be."""
    so_far = 0.0
    found = []
    for outside, inside in chances(trees, rows).tolist():
        so_far = so_far * inside + (1 - so_far) * outside
        found.append(so_far)
    return np.array(found)
