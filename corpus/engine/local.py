"""The local engine: the processes of this machine, nothing to install."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Unit = TypeVar("Unit")
Result = TypeVar("Result")


def map(  # noqa: A001 - the word every engine uses
    function: Callable[[Unit], Result], units: Sequence[Unit], workers: int | None = None
) -> Iterator[Result]:
    """Yield `function(unit)` for every unit, in the order of the units.

    With one worker, or one unit, everything runs in this process. Otherwise workers are started afresh
    (`spawn`: a forked child of a process with threads, as polars starts them, may deadlock). At most two
    units a worker are in flight, so that results never pile up in memory. A worker that dies ends the run
    with a CorpusError that names the unit it was waiting for.

    >>> list(map(abs, [-1, 2, -3], workers=1))
    [1, 2, 3]
    """
    count = min(workers or os.cpu_count() or 1, len(units))
    if count <= 1:
        yield from (function(unit) for unit in units)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=count, mp_context=context) as pool:
        waiting = list(units)
        running = [(unit, pool.submit(function, unit)) for unit in waiting[: 2 * count]]
        del waiting[: 2 * count]
        try:
            while running:
                unit, future = running.pop(0)
                result = future.result()
                if waiting:
                    following = waiting.pop(0)
                    running.append((following, pool.submit(function, following)))
                yield result
        except BrokenProcessPool as error:
            raise CorpusError(
                f"a worker process died at or after {unit!r}; build with --workers 1 to see at which page"
            ) from error
        finally:
            for _, future in running:
                future.cancel()
