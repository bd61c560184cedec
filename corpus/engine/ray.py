"""The Ray engine: units as tasks of a Ray cluster, each done by a guarded child on the node it is sent to.

Ray Core only schedules. What a page breaks, the guard's child takes with it, so that no Ray worker dies of a
page and Ray has nothing to retry; what a lost worker or node leaves undone is sent elsewhere, RETRIES times.
Units are done whole or again, and come out in order, so that nothing is lost or doubled.

The cluster is the one that is connected already, else the one RAY_ADDRESS names, else one that is started on
this machine and ended with the run. Every node needs the same version of this package and sees the raw files
under the same path. With the cache on storage that the nodes share they read it. What only the driver sees
only the driver works in: `shared` asks every node of a cluster.
"""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from corpus.engine import LIMITS, Broken, Limits, Work
from corpus.engine._guard import Guard
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    Source = TypeVar("Source")
    Piece = TypeVar("Piece")
    Result = TypeVar("Result")

RETRIES = 3
"""How often a unit is sent again after its worker or node was lost; then the run ends."""

SEEN_SECONDS = 60
"""How long all nodes together may take to look into a folder."""

REACH_SECONDS = 10
"""How long a cluster may take to answer at its address."""

_TICK = 0.2


def map(  # noqa: A001 - the word every engine uses
    work: Work[Source, Piece, Result],
    units: Sequence[Sequence[Source]],
    workers: int | None = None,
    limits: Limits = LIMITS,
    noted: Callable[[Result | Broken[Source]], None] | None = None,
) -> Iterator[list[Result | Broken[Source]]]:
    """Yield the results of every unit in order; `workers` units at once, None means one a CPU of the cluster.

    At most two units a worker are under way. Raises CorpusError where Ray is not installed, the cluster does
    not answer, its workers cannot import this package, or a unit loses its worker more than RETRIES times.
    """
    ray = _imported()
    own = _connect(ray)
    under_way: dict[Any, int] = {}
    finished: dict[int, list[Any]] = {}
    following = 0
    try:
        count = workers or int(ray.cluster_resources().get("CPU", 1))
        task = ray.remote(num_cpus=1, max_retries=RETRIES, retry_exceptions=False)(do_unit)
        sent, run = ray.put(work), secrets.token_hex(8)
        for number in range(len(units)):
            while number not in finished:
                while len(under_way) < count and following < min(len(units), number + 2 * count):
                    under_way[task.remote(sent, list(units[following]), limits, run)] = following
                    following += 1
                [ready], _ = ray.wait(list(under_way), num_returns=1)
                done = under_way.pop(ready)
                results = finished[done] = _got(ray, ready)
                for result in results if noted else ():
                    assert noted
                    noted(result)
            yield finished.pop(number)
    finally:
        # Units under way on a cluster of others end by themselves: `ray.cancel` brings the driver down where
        # the task ends at that moment (Ray 2.60: "Tried to complete task that was not pending").
        if own:
            ray.shutdown()


def shared(folders: Sequence[Path]) -> bool:
    """Tell whether every node of a cluster reads what is written now in these folders, and may write there.

    False where no cluster runs: one that is started for a run is this machine, which needs none for that.
    """
    ray = _imported()
    if not (ray.is_initialized() or os.environ.get("RAY_ADDRESS")):
        return False
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    own = _connect(ray)
    word = secrets.token_hex(16)
    marks = [folder / f".corpus-seen-{word}" for folder in folders]
    try:
        for mark in marks:
            mark.write_text(word, "utf-8")
        task = ray.remote(num_cpus=0, max_retries=0)(_reaches)
        nodes = [
            NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            for node in ray.nodes()
            if node["Alive"]
        ]
        asked = [task.options(scheduling_strategy=node).remote(marks, word) for node in nodes]
        return all(ray.get(asked, timeout=SEEN_SECONDS))
    except (OSError, ray.exceptions.RayError):
        return False
    finally:
        for mark in marks:
            with suppress(OSError):
                mark.unlink(missing_ok=True)
        if own:
            ray.shutdown()


def _reaches(marks: Sequence[Path], word: str) -> bool:
    try:
        for mark in marks:
            if mark.read_text("utf-8") != word:
                return False
            beside = mark.with_name(f"{mark.name}-{secrets.token_hex(4)}")
            beside.touch()
            beside.unlink()
    except OSError:
        return False
    return True


def do_unit(work: Work[Any, Any, Any], unit: Sequence[Any], limits: Limits, run: str) -> list[Any]:
    """Do a unit of a run in a guarded child of this process: the task that Ray's workers run."""
    guard = _guard(work, limits, run)
    guard.take(unit)
    while not guard.finished:
        if wait([guard.connection], _TICK):
            guard.hear()
        else:
            guard.watch()
    return guard.finished.popleft()


_kept: list[tuple[str, Guard]] = []


def _guard(work: Work[Any, Any, Any], limits: Limits, run: str) -> Guard:
    """Return this worker's child, kept from unit to unit of a run, since it takes a second to start."""
    if _kept and _kept[0][0] == run and not _kept[0][1].load:
        return _kept[0][1]
    while _kept:
        _kept.pop()[1].close()
    _kept.append((run, Guard(work, limits)))
    return _kept[0][1]


def _imported() -> Any:  # noqa: ANN401 - ray is an extra
    try:
        import ray
    except ImportError:
        raise CorpusError(
            "the engine `ray` needs Ray, which is not installed: pip install 'annotated-corpus[ray]'"
        ) from None
    return ray


def _connect(ray: Any) -> bool:  # noqa: ANN401 - ray is an extra
    """Connect to a cluster; tell whether it was started for this run."""
    if ray.is_initialized():
        return False
    address = os.environ.get("RAY_ADDRESS")
    if address:
        _reach(address)
    # Ray reports its use over the network unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(
            address=address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level="WARNING",
        )
    except Exception as error:
        where = f"the cluster at {address}" if address else "a cluster on this machine"
        raise CorpusError(f"Ray could not reach or start {where}: {error}") from error
    return True


def _reach(address: str) -> None:
    """Raise CorpusError where nothing answers at HOST:PORT; Ray itself tries for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit()):
        return  # `auto`, `local`: Ray's own words
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
    except OSError as error:
        raise CorpusError(
            f"RAY_ADDRESS={address}: found no Ray cluster there ({error}); expected HOST:PORT of a head "
            "node; start one, or unset RAY_ADDRESS to use this machine alone"
        ) from None


def _got(ray: Any, reference: Any) -> list[Any]:  # noqa: ANN401 - ray is an extra
    """Fetch the results of a unit, in the words of this package where there are none."""
    try:
        results: list[Any] = ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause or error
        if isinstance(cause, CorpusError):
            raise CorpusError(str(cause)) from error
        told = str(cause).split("\n", 1)[0]
        # What cannot be unpickled on a worker is an ImportError in a RaySystemError, the task itself a text.
        unloadable = isinstance(cause, (ImportError, ray.exceptions.RaySystemError))
        if unloadable or "failed to import" in told:
            raise CorpusError(
                f"a Ray worker cannot load what it needs ({told}); install the same version of "
                "annotated-corpus on every node"
            ) from error
        raise
    except ray.exceptions.RayError as error:
        raise CorpusError(
            f"a unit lost its Ray worker more than {RETRIES} times, or the cluster went away "
            f"({type(error).__name__}); what was done until now is kept: mend the cluster and run again"
        ) from error
    return results
