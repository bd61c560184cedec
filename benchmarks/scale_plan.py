"""What 10⁸ pages would take on 64 nodes, and what would break first, reckoned from measured runs.

The cluster is assumed: nodes of 16 cores such as the measured ones, 10 Gbit/s a node, storage of 10 GB/s for
all. What a page costs is fitted (`scale_model.py`); how a cluster spends its time is simulated
(`scale_simulation.py`).
"""

from __future__ import annotations

import statistics
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from scale_model import Fit, fit
from scale_pages import EXPONENT, LARGEST, SMALLEST
from scale_simulation import Cluster, Job, simulate

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGES = 10**8
A_UNIT = 100
"""Pages a unit of work."""

CLUSTER = Cluster()
SLOW = {"slow": 0.05, "slowness": 3.0}
FAILING = {"failures": 0.001, "pause": 120.0}
"""One of twenty nodes takes three times as long; each core fails once in a thousand hours."""

FIGURES = ("workers", "driver", "driver_peak", "peak", "cache", "files", "published")
PEAKS = ("driver_peak", "peak")
"""Figures that only large runs tell: a small corpus has less in memory than one part of a large one."""

LIMITS = (
    ("driver_peak", "memory of the driver: 64 GiB", 64 * 1024),
    ("driver", "the driver alone at work: a day", 86_400),
    ("files", "files below `.corpus`: ten million", 1e7),
    ("cache", "bytes below `.corpus`: 4 TB", 4e12),
    ("published", "bytes published: 4 TB", 4e12),
    ("workers", "all 1,024 cores at work: a day", 86_400 * 1024),
)
"""What a figure that grows with the pages may come to, before something has to change."""


def fits(growth: Mapping[str, Any]) -> dict[str, Fit]:
    """The cost model: each figure of a build as a sum of its terms."""
    runs = [{**run, "workers": max(run["cpu"] - run["driver"], 1e-6)} for run in growth["runs"]]
    largest = max(runs, key=lambda run: run["pages"])
    size = largest["megabytes"] / largest["pages"]
    fewer = [run for run in runs if run["pages"] < largest["pages"]]
    second = max(
        fewer,
        key=lambda run: (run["pages"], -abs(run["megabytes"] / run["pages"] - size)),
        default=largest,
    )
    return {figure: fit([second, largest] if figure in PEAKS else runs, figure) for figure in FIGURES}


def a_page(found: Fit, megabytes: float) -> float:
    """What one page more adds, where pages have so many megabytes on average."""
    return found.page + found.megabyte * megabytes


def mean_size(growth: Mapping[str, Any]) -> float:
    """The megabytes of an average page, from the largest run of all sizes."""
    largest = max(growth["runs"], key=lambda run: run["pages"])
    return largest["megabytes"] / largest["pages"]


def job(growth: Mapping[str, Any], pages: int = PAGES) -> Job:
    """The work of a build of so many pages: shares that fill the cache, and the build behind them.

    That one has a node to itself: what its driver's children do is divided by the node's cores.
    """
    size = mean_size(growth)
    handed, behind = _share(growth, "fill", "driver"), _share(growth, "behind", "cpu")
    own = min(behind, _share(growth, "behind", "driver"))
    worked = [
        {**share, "workers": share["fill"]["cpu"] - share["fill"]["driver"]} for share in growth["shares"]
    ]
    return Job(
        units=pages // A_UNIT,
        seconds=A_UNIT * a_page(fit(worked, "workers"), size),
        spread=_spread(),
        read=A_UNIT * size * 1e6,
        written=A_UNIT * _share(growth, "fill", "kept"),
        driver=A_UNIT * handed,
        start=10.0,
        alone=pages * (own + (behind - own) / CLUSTER.cores),
    )


def _share(growth: Mapping[str, Any], step: str, figure: str) -> float:
    """What a page more adds to a step of a build in shares: between the smallest and the largest."""
    first, last = (pick(growth["shares"], key=lambda share: share["pages"]) for pick in (min, max))
    return max(0.0, (last[step][figure] - first[step][figure]) / (last["pages"] - first["pages"]))


def _spread() -> float:
    """How much units differ, as pages differ in size: the deviation of a unit's logarithm."""
    draws = [(number + 0.5) / 1000 for number in range(1000)]
    sizes = [SMALLEST * (LARGEST / SMALLEST) ** draw**EXPONENT for draw in draws]
    return statistics.pstdev(sizes) / statistics.mean(sizes) / A_UNIT**0.5


def planned(growth: Mapping[str, Any], pages: int = PAGES) -> dict[str, Any]:
    """Simulate the build of so many pages on the assumed cluster, and without what stands in its way."""
    work = job(growth, pages)
    cases = {
        "nothing in the way": (replace(CLUSTER, storage=1e15, network=1e15), replace(work, driver=0.0)),
        "the driver hands out units": (replace(CLUSTER, storage=1e15, network=1e15), work),
        "and storage gives 10 GB/s": (CLUSTER, work),
        "and one node in twenty is slow": (replace(CLUSTER, **SLOW), work),
        "and cores fail": (replace(CLUSTER, **SLOW, **FAILING), work),
        "many small shares, no driver": (
            replace(CLUSTER, **SLOW, **FAILING),
            replace(work, driver=0.0),
        ),
        "a share a node, no driver": (
            replace(CLUSTER, **SLOW, **FAILING, shares=True),
            replace(work, driver=0.0),
        ),
        "many small shares, storage of 1 GB/s": (
            replace(CLUSTER, **SLOW, **FAILING, storage=1e9),
            replace(work, driver=0.0),
        ),
    }
    outcomes = [{"case": name, **asdict(simulate(*case))} for name, case in cases.items()]
    return {"planned": pages, "job": asdict(work), "cluster": asdict(CLUSTER), "outcomes": outcomes}
