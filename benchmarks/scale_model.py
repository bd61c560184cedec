"""The cost model of a build: what is fitted to measured runs, and what it says of larger ones.

Each figure of a run is taken for a sum of a fixed part, a part for each page and a part for each megabyte of
raw bodies, none below zero, fitted by least squares of relative errors, so that small runs count as much as
large ones. What lies outside of the measured sizes is reckoned, not measured: that is what the residuals and
`spread` are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TERMS = ("fixed", "a page", "a MB")


@dataclass(frozen=True)
class Fit:
    """What a figure is made of, and by which share each run is off (measured over fitted, less 1)."""

    fixed: float
    page: float
    megabyte: float
    residuals: tuple[float, ...]

    def at(self, pages: float, megabytes: float) -> float:
        """What the model says of a run.

        >>> Fit(1.0, 0.5, 0.25, ()).at(10, 8)
        8.0
        """
        return self.fixed + self.page * pages + self.megabyte * megabytes

    @property
    def worst(self) -> float:
        """The largest residual."""
        return max(map(abs, self.residuals), default=0.0)


def fit(runs: Sequence[Mapping[str, float]], figure: str) -> Fit:
    """Fit one figure of some runs, each of which has `pages` and `megabytes` beside it.

    Terms are dropped, fewest first, until none that is left is below zero: with three, all subsets are tried
    and the best is taken, which is exact.

    >>> runs = [{"pages": n, "megabytes": m, "cpu": 2 + n * 0.5} for n, m in ((1, 3), (9, 4), (50, 90))]
    >>> found = fit(runs, "cpu")
    >>> round(found.fixed, 6), round(found.page, 6), round(found.megabyte, 6)
    (2.0, 0.5, 0.0)
    """
    measured = np.array([run[figure] for run in runs])
    terms = np.array([[1.0, run["pages"], run["megabytes"]] for run in runs])
    weighted = terms / measured[:, None]
    best, least = np.zeros(3), np.inf
    for count in range(1, 1 + min(3, len(runs))):
        for chosen in combinations(range(3), count):
            found = np.linalg.lstsq(weighted[:, chosen], np.ones(len(runs)), rcond=None)[0]
            if (found < 0).any():
                continue
            whole = np.zeros(3)
            whole[list(chosen)] = found
            off = float(((weighted @ whole - 1) ** 2).sum())
            if off < least - 1e-12:
                best, least = whole, off
    residuals = measured / (terms @ best) - 1
    return Fit(*map(float, best), tuple(map(float, residuals)))
