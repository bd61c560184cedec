"""A cluster at work on the units of a build, simulated event by event.

Not measured: reckoned, from what one machine was measured to need (`scale_model.py`) and from a cluster that
is assumed. What it answers is how far the time is from work divided by cores, and why: the driver hands out
units one after the other, all nodes read and write through one storage, some nodes are slow, some fail.

A unit goes through: the driver (one queue), a read, its CPU time on a core, a write, and the driver takes
down its result. Transfers share the storage's bandwidth evenly, each bound by its core's share of the node's
network; when each ends is found by virtual time, as in fair queueing (Demers, Keshav and Shenker 1989). A
worker that fails loses the unit it has and comes back after a pause; the unit is tried `tries` times in all.
With `shares`, units are dealt to nodes beforehand, as a Slurm array does; else the next
free core takes the next one.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass

GB = 1e9


@dataclass(frozen=True)
class Cluster:
    """Machines: bandwidths in bytes a second, times in seconds, failures a core and hour.

    `slow` is the share of nodes that take `slowness` times as long for the same work.
    """

    nodes: int = 64
    cores: int = 16
    network: float = 1.25 * GB
    storage: float = 10 * GB
    slow: float = 0.0
    slowness: float = 3.0
    failures: float = 0.0
    pause: float = 60.0
    tries: int = 4
    shares: bool = False


@dataclass(frozen=True)
class Job:
    """Work: units of so many CPU seconds on average, with the spread of their logarithm; bytes in and out.

    `driver` is the driver's seconds for each unit, `start` the seconds before a core can begin, `alone` those
    of the driver behind the last unit.
    """

    units: int
    seconds: float
    spread: float = 0.0
    read: float = 0.0
    written: float = 0.0
    driver: float = 0.0
    start: float = 0.0
    alone: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Seconds to the end of the last unit and of all; what was tried again, and what was given up.

    `busy` is the share of the cores' time that went into work that counted; `driver` and `storage` are the
    shares of the time that those were at work.
    """

    units_seconds: float
    seconds: float
    failed: int
    lost: int
    busy: float
    driver: float
    storage: float


class _Storage:
    """Transfers that share a bandwidth evenly, none faster than its own bound."""

    def __init__(self, whole: float, bound: float) -> None:
        self.whole, self.bound = whole, bound
        self.now = self.passed = self.moved = 0.0
        self.running: list[tuple[float, int]] = []
        self.gone: set[int] = set()
        self.count = 0

    def _rate(self) -> float:
        return min(self.bound, self.whole / self.count) if self.count else 0.0

    def forward(self, now: float) -> None:
        """Let time pass."""
        rate = self._rate()
        self.passed += rate * (now - self.now)
        self.moved += rate * self.count * (now - self.now)
        self.now = now

    def begin(self, number: int, size: float) -> None:
        """Begin a transfer."""
        heapq.heappush(self.running, (self.passed + size, number))
        self.count += 1

    def drop(self, number: int) -> None:
        """Break a transfer off."""
        self.gone.add(number)
        self.count -= 1

    def following(self) -> tuple[float, int] | None:
        """When the next transfer ends, and which."""
        while self.running and self.running[0][1] in self.gone:
            self.gone.discard(heapq.heappop(self.running)[1])
        if not self.running:
            return None
        target, number = self.running[0]
        return self.now + max(0.0, target - self.passed) / self._rate(), number

    def end(self) -> None:
        """Take the transfer away that has ended."""
        heapq.heappop(self.running)
        self.count -= 1


class _Run:
    """The state of a simulation: what each core has, what waits, and what happens next."""

    def __init__(self, cluster: Cluster, job: Job, seed: int) -> None:
        self.cluster, self.job, self.draw = cluster, job, random.Random(seed)
        self.cores = cluster.nodes * cluster.cores
        slow = round(cluster.slow * cluster.nodes)
        self.factor = [cluster.slowness if node < slow else 1.0 for node in range(cluster.nodes)]
        self.waiting = self._dealt()
        self.storage = _Storage(cluster.storage, cluster.network / cluster.cores)
        self.events: list[tuple[float, int, str, int]] = []
        self.order = 0
        self.now = self.driver_free = self.driver_time = self.worked = 0.0
        self.attempt = [0] * self.cores
        self.unit: list[tuple[int, float] | None] = [None] * self.cores
        self.transfer: dict[int, tuple[int, str]] = {}
        self.moving: dict[int, int] = {}
        self.transfers = self.failed = self.lost = 0
        self.idle: list[int] = []
        self.left = job.units
        self.last = 0.0

    def _dealt(self) -> list[deque[tuple[int, float]]]:
        """Units as (tries so far, CPU seconds), in one queue or in one a node."""
        spread = self.job.spread
        # The mean of a lognormal variable is exp(mu + sigma^2 / 2): so that the mean is what was asked for.
        units = [
            (
                0,
                self.job.seconds
                * (self.draw.lognormvariate(-spread * spread / 2, spread) if spread else 1.0),
            )
            for _ in range(self.job.units)
        ]
        if not self.cluster.shares:
            return [deque(units)]
        return [deque(units[node :: self.cluster.nodes]) for node in range(self.cluster.nodes)]

    def queue(self, core: int) -> deque[tuple[int, float]]:
        return self.waiting[core // self.cluster.cores if self.cluster.shares else 0]

    def at(self, when: float, what: str, number: int) -> None:
        self.order += 1
        heapq.heappush(self.events, (when, self.order, what, number))

    def run(self) -> Outcome:
        for core in range(self.cores):
            self.at(self.job.start, "free", core)
            if self.cluster.failures:
                self.at(self.job.start + self._until_failure(), "fail", core)
        while self.left:
            self._step()
        job, cores = self.job, self.cores
        whole = max(self.last, 1e-12)
        return Outcome(
            units_seconds=self.last,
            seconds=self.last + job.alone,
            failed=self.failed,
            lost=self.lost,
            busy=self.worked / (whole * cores),
            driver=self.driver_time / whole,
            storage=self.storage.moved / (whole * self.cluster.storage),
        )

    def _step(self) -> None:
        """Let the next thing happen: the end of a transfer, or an event."""
        ended = self.storage.following()
        if ended and (not self.events or ended[0] <= self.events[0][0]):
            self.now, transfer = ended
            self.storage.forward(self.now)
            self.storage.end()
            core, kind = self.transfer.pop(transfer)
            del self.moving[core]
            self._moved(core, kind)
            return
        self.now, _, what, number = heapq.heappop(self.events)
        self.storage.forward(self.now)
        if what == "fail":
            self._fail(number)
            return
        core, attempt = number % self.cores, number // self.cores
        if attempt != self.attempt[core]:
            return  # the worker that this was about has failed since
        if what == "free":
            self._take(core)
        elif what == "sent":
            self._move(core, "read", self.job.read)
        elif what == "worked":
            self._move(core, "write", self.job.written)
        else:
            self._done(core)

    def _mine(self, core: int) -> int:
        """A core together with its attempt, so that what was due to a failed worker is known as such."""
        return self.attempt[core] * self.cores + core

    def _take(self, core: int) -> None:
        queue = self.queue(core)
        if not queue:
            self.idle.append(core)
            return
        self.unit[core] = queue.popleft()
        self.at(self._driven(self.job.driver / 2), "sent", self._mine(core))

    def _driven(self, seconds: float) -> float:
        """When the driver will have done something that it is asked for now."""
        self.driver_free = max(self.driver_free, self.now) + seconds
        self.driver_time += seconds
        return self.driver_free

    def _move(self, core: int, kind: str, size: float) -> None:
        if not size:
            self._moved(core, kind)
            return
        self.transfers += 1
        self.transfer[self.transfers] = core, kind
        self.moving[core] = self.transfers
        self.storage.begin(self.transfers, size)

    def _moved(self, core: int, kind: str) -> None:
        unit = self.unit[core]
        assert unit
        if kind == "read":
            seconds = unit[1] * self.factor[core // self.cluster.cores]
            self.at(self.now + seconds, "worked", self._mine(core))
        else:
            self.at(self._driven(self.job.driver / 2), "done", self._mine(core))

    def _done(self, core: int) -> None:
        unit = self.unit[core]
        assert unit
        self.worked += unit[1] * self.factor[core // self.cluster.cores]
        self.unit[core] = None
        self.left -= 1
        self.last = self.now
        self._take(core)

    def _fail(self, core: int) -> None:
        """A worker ends; its unit goes back to the queue, and the worker comes back."""
        self.at(self.now + self.cluster.pause + self._until_failure(), "fail", core)
        self.attempt[core] += 1
        if core in self.moving:
            transfer = self.moving.pop(core)
            del self.transfer[transfer]
            self.storage.drop(transfer)
        if unit := self.unit[core]:
            self.failed += 1
            self.unit[core] = None
            if unit[0] + 1 >= self.cluster.tries:
                self.lost += 1
                self.left -= 1
                self.last = self.now
            else:
                self.queue(core).append((unit[0] + 1, unit[1]))
                self._wake(core)
        if core in self.idle:
            self.idle.remove(core)
        self.at(self.now + self.cluster.pause, "free", self._mine(core))

    def _wake(self, failed: int) -> None:
        """Give a unit that came back to a core that had nothing left."""
        node = failed // self.cluster.cores
        for core in self.idle:
            if not self.cluster.shares or core // self.cluster.cores == node:
                self.idle.remove(core)
                self.at(self.now, "free", self._mine(core))
                return

    def _until_failure(self) -> float:
        return self.draw.expovariate(self.cluster.failures / 3600)


def simulate(cluster: Cluster, job: Job, seed: int = 0) -> Outcome:
    """Run a job on a cluster; the same for the same seed.

    One core does everything in turn, two units of work share two cores:

    >>> alone = Cluster(nodes=1, cores=1)
    >>> simulate(alone, Job(units=10, seconds=2.0)).seconds
    20.0
    >>> simulate(Cluster(nodes=1, cores=2), Job(units=10, seconds=2.0, alone=5)).seconds
    15.0
    """
    return _Run(cluster, job, seed).run()
