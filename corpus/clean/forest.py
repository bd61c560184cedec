"""Forests of small trees, run in numpy: every row passes all nodes of all trees at once.

A tree has at most 16 leaves and is cut into its inner nodes (QuickScorer, Lucchese et al. 2015). A row fails
a node where its value in the node's column is above the cut; a failed node rules out the leaves of its left
side, and the lowest leaf that all failed nodes leave is the leaf reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES: Final = 15
"""Inner nodes of the largest tree; it has one leaf more."""

ROWS: Final = 256
"""So many rows pass the nodes at a time: bounds memory on pages of any length."""


class Forest(NamedTuple):
    """`columns`, `cuts` and `masks` are (trees x NODES): a mask has a bit for each leaf that remains.

    `values` is (trees x NODES + 1), `bias` what all rows begin with.
    """

    columns: NDArray[np.int16]
    cuts: NDArray[np.float32]
    masks: NDArray[np.uint16]
    values: NDArray[np.float32]
    bias: NDArray[np.float64]


LOWEST: Final = np.zeros(1 << 16, np.uint8)
"""The place of the lowest bit of each number of 16 bits."""
for _bit in reversed(range(16)):
    LOWEST[1 << _bit :: 1 << (_bit + 1)] = _bit


def remaining(
    columns: NDArray[np.int16],
    cuts: NDArray[np.float32],
    masks: NDArray[np.uint16],
    rows: NDArray[np.float32],
) -> NDArray[np.uint16]:
    """Say which leaves of each tree remain for each row: (rows x trees), a bit for each leaf."""
    # Rows stand side by side, and so do trees: a column is fetched and one node of each joined in one sweep.
    fetched = np.ascontiguousarray(rows.T).take(columns.T.ravel(), axis=0)
    lost = (fetched > cuts.T.reshape(-1, 1)) * ~masks.T.reshape(-1, 1)
    left = ~np.bitwise_or.reduce(lost.reshape(*columns.T.shape, len(rows)), axis=0)
    return np.ascontiguousarray(left.T)


def probabilities(forest: Forest, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Tell the probability of each row.

    >>> stump = Forest(*(np.zeros((1, NODES), kind) for kind in (np.int16, np.float32, np.uint16)),
    ...                np.array([[-9.0, *[9.0] * NODES]], np.float32), np.zeros(1))
    >>> stump.masks[:] = 0xFFFE
    >>> probabilities(stump, np.array([[-1.0], [1.0]], np.float32)).round(2).tolist()
    [0.0, 1.0]
    """
    trees = np.arange(len(forest.values))
    total = np.empty(len(rows))
    for start in range(0, len(rows), ROWS):
        left = remaining(forest.columns, forest.cuts, forest.masks, rows[start : start + ROWS])
        total[start : start + ROWS] = forest.values[trees, LOWEST[left]].sum(axis=1, dtype=np.float64)
    out: NDArray[np.float64] = 1 / (1 + np.exp(-(total + forest.bias)))
    return out
