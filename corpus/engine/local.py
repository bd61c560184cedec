"""The local engine: guarded processes of this machine, nothing to install."""

from __future__ import annotations

import os
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from corpus.engine import LIMITS, Broken, Limits, Work, in_turn
from corpus.engine._guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    Source = TypeVar("Source")
    Piece = TypeVar("Piece")
    Result = TypeVar("Result")

TICK = 0.2
"""Seconds between two looks at the time and memory that the children take."""


def map(  # noqa: A001 - the word every engine uses
    work: Work[Source, Piece, Result],
    units: Sequence[Sequence[Source]],
    workers: int | None = None,
    limits: Limits = LIMITS,
    noted: Callable[[Result | Broken[Source]], None] | None = None,
) -> Iterator[list[Result | Broken[Source]]]:
    """Yield the results of every unit, in the order of the units and of the pieces in them.

    Pieces are worked on in child processes under `limits`, at most two units a child in flight, so that
    results never pile up in memory. With `workers=1` all is done in this process, where a debugger and a
    traceback reach it: errors are caught there, but nothing that hangs, crashes or swells. `noted` is called
    with each result when it is made, before its unit is yielded.

    >>> from corpus.engine import Work
    >>> list(map(Work(read=iter, do=str.upper, name=str), [["ab"], ["c", "d"]], workers=1))
    [['A', 'B'], ['C', 'D']]
    """
    if workers == 1 or not units:
        yield from (list(_noting(in_turn(work, unit), noted)) for unit in units)
        return
    count = min(workers or os.cpu_count() or 1, len(units))
    guards: dict[Guard, int] = {}
    finished: dict[int, list[Any]] = {}
    following = 0
    try:
        idle = [Guard(work, limits, noted) for _ in range(count)]
        guards.update(dict.fromkeys(idle, -1))
        for number in range(len(units)):
            while number not in finished:
                while idle and following < min(len(units), number + 2 * count):
                    guard = idle.pop()
                    guard.take(units[following])
                    guards[guard] = following
                    following += 1
                for guard in _turn([guard for guard in guards if not guard.done]):
                    finished[guards[guard]] = guard.results
                    idle.append(guard)
            yield finished.pop(number)
    finally:
        for guard in guards:
            guard.close()


def _noting(results: Iterator[Any], noted: Callable[[Any], None] | None) -> Iterator[Any]:
    for result in results:
        if noted:
            noted(result)
        yield result


def _turn(busy: Sequence[Guard]) -> Iterator[Guard]:
    """Hear and watch the guards at work once; yield those that have done their unit."""
    ready = set(wait([guard.connection for guard in busy], TICK))
    for guard in busy:
        if guard.connection in ready:
            guard.hear()
        guard.watch()
        if guard.done:
            yield guard
