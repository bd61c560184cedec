"""A child process that does the work of units under limits, and is started again where a piece breaks it.

The child tells what it does before it does it (a heartbeat a piece), so that whoever watches knows which
piece was in hand when the process hung, crashed or swelled. That piece is `Broken`; the rest of the unit goes
on in a fresh process from the piece after it.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.engine import Broken, Limits, Work, attempt, failure
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    AnyWork = Work[Any, Any, Any]

FRUITLESS_STARTS = 3
"""Starts in a row without one heartbeat after which the run ends: something is wrong with the machine."""

_CONTEXT: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
"""Children are forked from a process that has imported everything and runs no thread: quick to start again,
and safe, which a fork of this process with its polars threads would not be."""

START_SECONDS = 120
"""How long a child may take to its first heartbeat: imports on a busy, cold machine take ten."""


class _Opened(NamedTuple):
    """The child begins to read a source."""

    source: int


class _Begun(NamedTuple):
    """The child begins a piece of the source it reads."""

    piece: int
    name: object


class _Done(NamedTuple):
    """The child has done, or given up on, what it began."""

    result: object


class _Tired(NamedTuple):
    """The child ends because earlier pieces left it too large to begin another."""


class _Finished(NamedTuple):
    """The child has done the whole unit."""


class _Order(NamedTuple):
    """A unit to do, from a piece of a source on."""

    unit: Sequence[Any]
    source: int
    piece: int


def serve(connection: Connection, work: AnyWork, limits: Limits) -> None:
    """Do the units that come through `connection` until it is closed: the main function of a child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            for message in _do(work, connection.recv(), limits):
                connection.send_bytes(message)


def _do(work: AnyWork, order: _Order, limits: Limits) -> Iterator[bytes]:
    for number in range(order.source, len(order.unit)):
        source = order.unit[number]
        yield pickle.dumps(_Opened(number))
        skipped = order.piece if number == order.source else 0
        try:
            for place, piece in enumerate(work.read(source)):
                yield pickle.dumps(_Begun(place, work.name(piece)))
                if place >= skipped:
                    yield _result(work, source, piece, limits)
                    if _resident(os.getpid()) > limits.memory // 2:
                        yield pickle.dumps(_Tired())
                        return
        except Exception as error:  # noqa: BLE001 - one source that cannot be read must not lose the others
            yield pickle.dumps(_Done(Broken(source, None, failure(error))))
    yield pickle.dumps(_Finished())


def _result(work: AnyWork, source: object, piece: object, limits: Limits) -> bytes:
    made = pickle.dumps(_Done(attempt(work, source, piece)))
    if len(made) <= limits.output:
        return made
    reason = f"its result takes {len(made) >> 20} MiB, more than the {limits.output >> 20} MiB allowed"
    return pickle.dumps(_Done(Broken(source, work.name(piece), reason)))


def _die_with_parent() -> None:
    """End this process when the one that started it ends, so that `kill -9` leaves nothing behind."""
    if sys.platform == "linux":
        # PR_SET_PDEATHSIG, prctl(2): reaches a child that is stuck in C code, where no thread runs.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _resident(pid: int | None) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell through /proc."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - read many times a second
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


class Guard:
    """One child at work on one unit after another, watched by its owner through `connection`.

    The owner calls `take` with a unit, `hear` when `connection` is readable and `watch` every so often, until
    `done` is true; `results` are then the unit's, and each of them was given to `noted`. `close` ends the
    child at once.
    """

    def __init__(self, work: AnyWork, limits: Limits, noted: Callable[[Any], None] | None = None) -> None:
        self._work, self._limits, self._noted = work, limits, noted
        self._fruitless = 0
        self._unit: Sequence[Any] = ()
        self.done = True
        self.results: list[Any] = []
        self._start()

    def take(self, unit: Sequence[Any]) -> None:
        """Begin a unit; the one before must be done."""
        self._unit, self.results, self.done = unit, [], False
        self._order(0, 0)

    def hear(self) -> None:
        """Read one message of the child; if it has ended, put down why and go on in a new one."""
        try:
            message = pickle.loads(self.connection.recv_bytes())  # noqa: S301 - written by our own child
        except (EOFError, OSError):
            self._process.join()
            self._resume(_ending(self._process.exitcode))
            return
        self._heard, self._fruitless, self._since = True, 0, monotonic()
        match message:
            case _Opened(source):
                self._source, self._piece, self._begun = source, 0, None
            case _Begun():
                self._piece, self._begun = message.piece, message
            case _Done(result):
                self._put_down(result)
                self._piece, self._begun = self._piece + 1, None
            case _Tired():
                self._restart(self._source, self._piece)
            case _Finished():
                self.done = True

    def watch(self) -> None:
        """Stop a child whose piece takes too long or too much memory, and go on in a new one."""
        allowed = self._limits.seconds if self._heard else START_SECONDS
        if self.done or self.connection.poll():
            return  # nothing in hand, or it has something to say first
        if monotonic() - self._since > allowed:
            self._resume(f"it took more than {allowed:g} seconds")
        elif _resident(self._process.pid) > self._limits.memory:
            self._resume(f"its process took more than {self._limits.memory >> 20} MiB of memory")

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _start(self) -> None:
        context = _CONTEXT
        context.set_forkserver_preload([*self._work.imports, self._work.do.__module__])
        self.connection, end = context.Pipe()
        self._process = context.Process(target=serve, args=(end, self._work, self._limits), daemon=True)
        with _nameless_main():
            self._process.start()
        end.close()
        self._heard, self._since = False, monotonic()

    def _order(self, source: int, piece: int) -> None:
        self._source, self._piece, self._begun = source, piece, None
        self._since = monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died: `hear` will meet its end
            self.connection.send(_Order(self._unit, source, piece))

    def _put_down(self, result: object) -> None:
        self.results.append(result)
        if self._noted:
            self._noted(result)

    def _resume(self, reason: str) -> None:
        """Put down the piece in hand, or the source being read, as broken; go on behind it."""
        if not self._heard:
            self._fruitless += 1
            if self._fruitless == FRUITLESS_STARTS:
                raise CorpusError(f"worker processes end before they begin to work: {reason}")
            self._restart(self._source, self._piece)
        elif self._begun:
            self._put_down(Broken(self._unit[self._source], self._begun.name, reason, died=True))
            self._restart(self._source, self._piece + 1)
        else:
            self._put_down(Broken(self._unit[self._source], None, reason, died=True))
            self._restart(self._source + 1, 0)

    def _restart(self, source: int, piece: int) -> None:
        self.close()
        self._start()
        self._order(source, piece)


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"its process ended with exit status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"its process was ended by {name}"


@contextlib.contextmanager
def _nameless_main() -> Iterator[None]:
    """Start a child without running the caller's script in it.

    Where a script calls `corpus.build` with no `if __name__ == "__main__"`, multiprocessing would run the
    whole script again in every child. Our children need nothing of it.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
