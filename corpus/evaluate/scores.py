"""Counts and scores: what every metric is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Score(NamedTuple):
    """A score and its 95 % interval; NaN where undefined. `part` is a target, a label, or empty for all."""

    name: str
    part: str
    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """Give JSON values; NaN is null."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high")}
        plain = {name: None if math.isnan(number) else number for name, number in numbers.items()}
        return {"name": self.name, "part": self.part, **plain}


class Comparison(NamedTuple):
    """A score of two sets of predictions, the difference (first less second), and how likely by chance."""

    name: str
    part: str
    one: float
    other: float
    difference: float
    p: float

    def as_json(self) -> dict[str, Any]:
        """Give JSON values; NaN is null."""
        plain = {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in self._asdict().items()
        }
        return {**plain, "p": None if math.isnan(self.p) else self.p}


class Metric(NamedTuple):
    """A score as a function of counts: sums x columns of the sheet -> a value a sum, NaN where undefined."""

    name: str
    part: str
    of: Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Counts by document (documents x columns) and the metrics that read them.

    `settings` are the parts of a signature that say how it was counted.
    """

    task: str
    documents: tuple[str, ...]
    counts: Array = field(repr=False)
    metrics: tuple[Metric, ...] = field(repr=False)
    rows: int
    settings: dict[str, str]
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def ratio(above: Array, below: Array) -> Array:
    """Divide; 0 where there is nothing to divide by, as scikit-learn, seqeval and nervaluate have it."""
    made: Array = np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below > 0)
    return made


def mean(above: Array, below: Array) -> Array:
    """Divide; NaN where there is nothing to divide by."""
    made: Array = np.divide(above, below, out=np.full_like(above, np.nan, dtype=np.float64), where=below > 0)
    return made


def f1(right: Array, gold: Array, given: Array) -> Array:
    """F1 from what was right, what was to be found, and what was given."""
    return ratio(2 * right, gold + given)


def columns(names: Sequence[str]) -> dict[str, int]:
    """Number columns by name."""
    return {name: at for at, name in enumerate(names)}
