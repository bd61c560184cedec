"""The trained part of reading plain-text pages: which units belong to the body, as a sequence.

Two small forests of decision trees, trained by benchmarks/train_text.py, tell how likely a unit is body given
its features and whether the unit before it (or after it) is body. A chain each way sums over what the
neighbour may be, and their mean decides: a maximum-entropy Markov model (McCallum, Freitag & Pereira 2000) read
from both ends. A long list stays in the body it began in, and a menu outside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.clean.text_features import Matrix

MODEL = Path(__file__).with_name("text_model.npz")
BODY = 0.5  # a unit is body from this probability on; the chains are trained to be calibrated


class Forest(NamedTuple):
    """Complete trees of one depth, level by level: `columns` and `cuts` a node, `values` a leaf."""

    columns: NDArray[np.int16]
    cuts: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    values: NDArray[np.float32]
    roots: NDArray[np.int32]
    bias: float
    depth: int


@cache
def forests() -> tuple[Forest, Forest]:
    """Load the forward and the backward forest, once."""
    with np.load(MODEL, allow_pickle=False) as arrays:
        return _forest(arrays, "forward"), _forest(arrays, "backward")


def _forest(arrays: np.lib.npyio.NpzFile, name: str) -> Forest:
    parts = [arrays[f"{name}_{part}"] for part in ("columns", "cuts", "left", "right", "values", "roots")]
    bias, depth = arrays[f"{name}_settings"]
    return Forest(*parts, float(bias), int(depth))


def odds(forest: Forest, rows: Matrix) -> NDArray[np.float64]:
    """Log odds the forest gives each row."""
    count = len(rows)
    flat = np.ascontiguousarray(rows).ravel()
    width = rows.shape[1]
    at = np.repeat(forest.roots[None, :], count, axis=0)
    base = (np.arange(count, dtype=np.int64) * width)[:, None]
    for _ in range(forest.depth):
        right = flat[base + forest.columns[at]] > forest.cuts[at]
        at = at + np.where(right, forest.right[at], forest.left[at])
    total: NDArray[np.float64] = forest.values[at].sum(axis=1, dtype=np.float64) + forest.bias
    return total


def body(rows: Matrix) -> NDArray[np.float64]:
    """How likely each unit belongs to the body, in [0, 1]; `rows` are ALONE and AMONG side by side."""
    forward, backward = forests()
    ahead = _chain(forward, rows)
    behind = _chain(backward, rows[::-1])[::-1]
    return (ahead + behind) / 2


def _chain(forest: Forest, rows: Matrix) -> NDArray[np.float64]:
    """Probabilities along the rows, each given the last column: whether its predecessor is body."""
    count = len(rows)
    given = np.zeros((2 * count, rows.shape[1] + 1), np.float32)
    given[:count, :-1] = given[count:, :-1] = rows
    given[count:, -1] = 1
    chances = 1 / (1 + np.exp(-odds(forest, given)))
    so_far = 0.0
    found = np.empty(count)
    for row, (outside, inside) in enumerate(
        zip(chances[:count].tolist(), chances[count:].tolist(), strict=True)
    ):
        so_far = so_far * inside + (1 - so_far) * outside
        found[row] = so_far
    return found
