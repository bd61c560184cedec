"""The learned part: from features of a page's units to two probabilities each, main text and comment.

A small network, run in numpy. A context-free look at each unit (its numbers, and vectors of the words of its
tags and its text) gives a state; then the states of neighbouring units (`near` layers) and the means over
the elements around it and over the page (`around` layers) are mixed in; a first verdict is summed up over the
same elements before the last one is given. `model.npz` holds weights, vocabulary and the trees of the second
look (`second.py`); `model.md`, beside it, says what it was trained on; `benchmarks/train_clean.py` makes it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.clean import second
from corpus.clean.features import NAMES
from corpus.clean.forest import Forest
from corpus.clean.words import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from corpus.clean.features import Features
    from corpus.clean.words import Bags

    Matrix = NDArray[np.float32]


ROWS: Final = 16
"""Rows multiplied at a time: their product stays below what OpenBLAS spreads over threads (2^18 steps)."""


class Model(NamedTuple):
    """Weights, the vocabulary they were trained with, the order of the layers, and the second look's trees.

    `layers` is made of the numbers of neighbours looked at to each side, and 0 for a look around. Without
    `trees` (a network under training) there is no second look.
    """

    weights: Mapping[str, Matrix]
    vocabulary: Vocabulary
    layers: tuple[int, ...]
    trees: Forest | None


@cache
def load() -> Model:
    """Load the model that comes with the package, once."""
    with files("corpus.clean").joinpath("model.npz").open("rb") as file, np.load(file) as arrays:
        return from_arrays(arrays)


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    """Make a model of stored arrays: weights as half floats, vocabulary and names of the numbers as JSON.

    A number the network does not know counts for nothing; one that is no longer measured is left out. What
    the trees ask for must still be seen.
    """
    words = json.loads(bytes(np.asarray(arrays["words"], dtype=np.uint8)))
    weights = {
        name: np.asarray(arrays[name], dtype=np.float32)
        for name in arrays
        if name != "words" and not name.startswith("trees.")
    }
    numbers = dict(zip(words["numbers"], weights["in.W"], strict=False))
    none = np.zeros_like(weights["in.W"][0])
    rows = [numbers.get(name, none) for name in NAMES]
    weights["in.W"] = np.concatenate([np.stack(rows), weights["in.W"][len(numbers) :]])
    vocabulary = Vocabulary(*({word: at for at, word in enumerate(words[part])} for part in ("tag", "text")))
    trees = None
    if "trees.columns" in arrays:
        trees = Forest(*(np.asarray(arrays[f"trees.{part}"]) for part in Forest._fields))
        places = np.array([second.COLUMNS.index(name) for name in words["seen"]], dtype=np.int16)
        trees = trees._replace(columns=places[trees.columns])
    return Model(weights, vocabulary, tuple(words["layers"]), trees)


def probabilities(model: Model, features: Features) -> NDArray[np.float64]:
    """Tell for each unit the probabilities that it is main text, and that it is a comment: (units x 2)."""
    weights = model.weights
    spans = _with_page(features.spans)
    tags = np.zeros((len(features.tags.offsets), weights["tag"].shape[1]), dtype=np.float32)
    _sum_bags(weights["tag"], features.tags, tags[:-1])
    text = np.zeros((len(features.tokens), weights["text"].shape[1]), dtype=np.float32)
    _sum_bags(weights["text"], features.text, text)
    found = tags[features.places]
    count = len(found)
    seen = np.concatenate(
        [features.numbers, found[:, :5].reshape(count, -1), found[:, 5:].sum(axis=1), text], axis=1
    )
    state = _dense(weights, "in", seen)
    np.maximum(state, 0, out=state)
    tokens = np.minimum(features.tokens, 400)
    size = np.sqrt(tokens)
    for at, layer in enumerate(model.layers):
        mixed = _near(weights, at, state, layer) if layer else _around(weights, at, state, spans, size)
        state += np.maximum(mixed, 0, out=mixed)
    first = _dense(weights, "aux", state)
    summed = _means(_sigmoid(first), spans, tokens)
    last = np.maximum(_dense(weights, "fin", np.concatenate([state, first, summed], axis=1)), 0)
    out: NDArray[np.float64] = _sigmoid(_dense(weights, "out", last)).astype(np.float64)
    return out


def _dense(weights: Mapping[str, Matrix], name: str, rows: Matrix) -> Matrix:
    """Multiply rows by weights and add the bias, a few rows at a time.

    Larger products would be spread over threads, whose start costs more than they save; and so many rows at a
    time give the same sums however many threads there are.
    """
    weight, bias = weights[f"{name}.W"], weights.get(f"{name}.b")
    out = np.empty((len(rows), weight.shape[1]), dtype=np.float32)
    whole = len(rows) // ROWS * ROWS
    np.matmul(
        rows[:whole].reshape(-1, ROWS, rows.shape[1]),
        weight,
        out=out[:whole].reshape(-1, ROWS, weight.shape[1]),
    )
    if whole < len(rows):
        np.matmul(rows[whole:], weight, out=out[whole:])
    if bias is not None and len(bias) == out.shape[1]:
        out += bias
    return out


def _sum_bags(vectors: Matrix, bags: Bags, out: Matrix) -> None:
    """Add up the vectors of the words of each row."""
    filled = bags.offsets[1:] > bags.offsets[:-1]
    if filled.any():
        out[filled] = np.add.reduceat(vectors[bags.ids], bags.offsets[:-1][filled], axis=0)


def _near(weights: Mapping[str, Matrix], at: int, state: Matrix, distance: int) -> Matrix:
    """Mix a state with those of the units so far before and after it."""
    width = state.shape[1]
    parts = _dense(weights, f"b{at}", state)
    mixed = parts[:, width : 2 * width] + weights[f"b{at}.b"]
    if len(state) > distance:
        mixed[distance:] += parts[:-distance, :width]
        mixed[:-distance] += parts[distance:, 2 * width :]
    return mixed


def _around(
    weights: Mapping[str, Matrix], at: int, state: Matrix, spans: NDArray[np.int64], size: Matrix
) -> Matrix:
    """Mix a state with its means over the elements around it."""
    drawn = _means(_dense(weights, f"p{at}", state), spans, size)
    return _dense(weights, f"b{at}", np.concatenate([state, drawn], axis=1))


def _means(values: Matrix, spans: NDArray[np.int64], size: NDArray[np.floating]) -> Matrix:
    """Average values over spans of units, by the units' sizes."""
    count, width = values.shape
    sums = np.zeros((count + 1, width + 1))
    np.multiply(values, size[:, None], out=sums[1:, :width])
    sums[1:, width] = size
    np.cumsum(sums, axis=0, out=sums)
    inside = sums.take(spans[:, :, 1], axis=0)
    inside -= sums.take(spans[:, :, 0], axis=0)
    means = inside[:, :, :width] / np.maximum(inside[:, :, width:], 1e-6)
    out: Matrix = means.reshape(count, -1).astype(np.float32)
    return out


def _with_page(spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the whole page to the spans of each unit."""
    whole = np.broadcast_to(np.array([[[0, len(spans)]]]), (len(spans), 1, 2))
    return np.concatenate([spans, whole], axis=1)


def _sigmoid(values: Matrix) -> Matrix:
    """Squash scores into probabilities."""
    out: Matrix = np.reciprocal(1 + np.exp(-np.clip(values, -30, 30)))
    return out
