"""The local engine: guarded processes of this machine, nothing to install."""

from __future__ import annotations

import os
from collections import deque
from selectors import EVENT_READ, DefaultSelector
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from corpus.engine import LIMITS, Broken, Limits, Work, in_turn
from corpus.engine._guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from selectors import BaseSelector
    from typing import Self, TypeVar

    Source = TypeVar("Source")
    Piece = TypeVar("Piece")
    Result = TypeVar("Result")

TICK = 0.2
"""Seconds between two looks at the time and memory that the children take."""

_PAUSE = 0.01
"""Seconds to let more come when a child says something: being woken for every word costs more than hearing it
does. A child that has said what it had to goes on, with the unit it has in hand or the next."""

_AHEAD = 4
"""Units a child that may be done, or under way, behind the first that is not done."""


def map(  # noqa: A001 - the word every engine uses
    work: Work[Source, Piece, Result],
    units: Sequence[Sequence[Source]],
    workers: int | None = None,
    limits: Limits = LIMITS,
    noted: Callable[[Result | Broken[Source]], None] | None = None,
) -> Iterator[list[Result | Broken[Source]]]:
    """Yield the results of every unit, in the order of the units and of the pieces in them.

    Pieces are worked on in child processes under `limits`, a few units a child at most ahead of the one that
    is waited for, so that results never pile up in memory. With `workers=1` all is done in this process,
    where a debugger and a traceback reach it: errors are caught there, but nothing that hangs, crashes or
    swells. `noted` is called with each result when it is made, before its unit is yielded.

    >>> from corpus.engine import Work
    >>> list(map(Work(read=iter, do=str.upper, name=str), [["ab"], ["c", "d"]], workers=1))
    [['A', 'B'], ['C', 'D']]
    """
    if workers == 1 or not units:
        yield from (list(_noting(in_turn(work, unit), noted)) for unit in units)
        return
    count = min(workers or os.cpu_count() or 1, len(units))
    guards: list[Guard] = []
    given: dict[Guard, deque[int]] = {}
    finished: dict[int, list[Any]] = {}
    following = 0
    try:
        for _ in range(count):
            guards.append(Guard(work, limits, noted))
            given[guards[-1]] = deque()
        with _Turns(guards) as turns:
            for number in range(len(units)):
                while True:
                    until = min(len(units), number + _AHEAD * count)
                    while following < until and (guard := _free(guards, len(units) - following)):
                        guard.take(units[following])
                        given[guard].append(following)
                        following += 1
                    if number in finished:
                        break
                    turns.take()
                    for guard in guards:
                        while guard.finished:
                            finished[given[guard].popleft()] = guard.finished.popleft()
                yield finished.pop(number)
    finally:
        for guard in guards:
            guard.close()


def _free(guards: Sequence[Guard], left: int) -> Guard | None:
    """Return the guard to give the next unit to, None where each has enough, of `left` units in all.

    A second one is taken while the first is at work, so that no child waits for this process; but not of the
    last, which go to whoever is free first, so that none waits for another at the end.
    """
    guard = min(guards, key=lambda each: each.load)
    return guard if guard.load < (2 if left > len(guards) else 1) else None


class _Turns:
    """Hears the guards that have something to say, and watches over all of them every so often."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        self._guards, self._known = guards, [guard.connection for guard in guards]
        self._selector = self._registered()
        self._watched = monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()

    def take(self) -> None:
        """Wait for a guard that has something to say, a tick at most, and hear all that is said by then."""
        wait: float = TICK
        while ready := self._selector.select(wait):
            if wait:
                sleep(_PAUSE)
            for each, _ in ready:
                each.data.hear()
            if self._renewed() or monotonic() - self._watched > TICK:
                break
            wait = 0
        if monotonic() - self._watched > TICK:
            for guard in self._guards:
                guard.watch()
            self._watched = monotonic()
        if self._renewed():
            self._selector.close()
            self._known = [guard.connection for guard in self._guards]
            self._selector = self._registered()

    def _renewed(self) -> bool:
        """Whether a child was started again since it was registered."""
        return any(
            guard.connection is not known for guard, known in zip(self._guards, self._known, strict=True)
        )

    def _registered(self) -> BaseSelector:
        selector = DefaultSelector()
        for guard in self._guards:
            selector.register(guard.connection, EVENT_READ, guard)
        return selector


def shared(folders: Sequence[Path]) -> bool:  # noqa: ARG001 - every engine's question
    """Tell that every process of this machine sees its folders."""
    return True


def _noting(results: Iterator[Any], noted: Callable[[Any], None] | None) -> Iterator[Any]:
    for result in results:
        if noted:
            noted(result)
        yield result
