"""A child process that does the work of units under limits, and is started again where a piece breaks it.

The child tells what it does before it does it (a heartbeat a piece), so that whoever watches knows which
piece was in hand when the process hung, crashed or swelled. That piece is `Broken`; the rest of the unit goes
on in a fresh process from the piece after it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
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

_CLEAN: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
"""Where this process has threads, children are forked from one that has imported everything and does nothing:
quick to start again, and safe, which a fork of this process would not be."""

_OWN: Any = multiprocessing.get_context("fork") if sys.platform == "linux" else None
"""Where it has none yet, children are forked from it: they start at once and share its memory."""

_OF_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
"""There is a child a core: threads for every core in each of them would take memory and be in the way."""

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


_BEHIND_BYTES = 1 << 16
"""A longer order waits until the child is done with the one before: at work it may wait for its owner to
read, and its owner must not wait for it meanwhile."""

_YOUNG, _OLD = (10_000, 20, 50), 500
"""Thresholds of a child's garbage collector, and pieces after which it looks at all there is. What a piece
takes is mostly freed without it, and what was there before the first is not looked at again: a tenth of the
time of cleaning a page, measured. Higher thresholds are slower, since memory is not used again while it is in
the processor's cache."""


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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in _OF_ONE_THREAD:
        os.environ.setdefault(name, "1")
    _die_with_parent()
    global _inherited  # noqa: PLW0603 - of a child that does nothing else
    _inherited = _resident("self")
    gc.freeze()
    gc.set_threshold(*_YOUNG)
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
                    _tidy()
                    if _resident("self") - _inherited > limits.memory // 2:
                        yield pickle.dumps(_Tired())
                        return
        except Exception as error:  # noqa: BLE001 - one source that cannot be read must not lose the others
            yield pickle.dumps(_Done(Broken(source, None, failure(error))))
    yield pickle.dumps(_Finished())


_pieces = 0
_inherited = 0
"""Bytes of memory that this process had from the one it was forked from, which are shared."""


def _tidy() -> None:
    """Keep the collector from looking again and again at what the first piece loaded; it is there to stay."""
    global _pieces  # noqa: PLW0603 - of a child that does nothing else
    _pieces += 1
    if _pieces == 1:
        gc.freeze()
    elif _pieces % _OLD == 0:
        gc.collect()


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


def _resident(pid: int | str | None) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell through /proc."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - read many times a second
            return int(statm.read().split()[1]) * _MEMORY_PAGE
    except (OSError, IndexError):
        return 0


_MEMORY_PAGE = os.sysconf("SC_PAGE_SIZE") if os.name == "posix" else 0


class Guard:
    """One child at work on one unit after another, watched by its owner through `connection`.

    The owner calls `take` with units, `hear` when `connection` is readable and `watch` every so often. A
    second unit may be taken before the first is done: then the child goes on without waiting for its owner.
    `finished` are the results of the units that are done, in the order they were taken; each result was
    given to `noted`. `close` ends the child at once. `connection` changes where the child is started again.
    """

    def __init__(self, work: AnyWork, limits: Limits, noted: Callable[[Any], None] | None = None) -> None:
        self._work, self._limits, self._noted = work, limits, noted
        self._fruitless = 0
        self._killed_at: tuple[int, int] | None = None
        self._units: deque[Sequence[Any]] = deque()
        self._results: list[Any] = []
        self._unsent = False
        self._from = 0, 0
        self.finished: deque[list[Any]] = deque()
        self._start()

    @property
    def load(self) -> int:
        """How many units it has in hand."""
        return len(self._units)

    def take(self, unit: Sequence[Any]) -> None:
        """Do a unit, behind those in hand."""
        if not self._units:
            self._place(0, 0)
        self._units.append(unit)
        self._send(len(self._units) - 1)

    def hear(self) -> None:
        """Read one message of the child; if it has ended, put down why and go on in a new one."""
        try:
            message = pickle.loads(self.connection.recv_bytes())  # noqa: S301 - written by our own child
        except (EOFError, OSError):
            self._process.join()
            self._ended(self._process.exitcode)
            return
        self._heard, self._fruitless, self._since = True, 0, monotonic()
        match message:
            case _Opened(source):
                first, piece = self._from
                self._source, self._piece, self._begun = source, piece if source == first else 0, None
            case _Begun() if (self._source, message.piece) >= self._from:  # else it is only passed again
                self._piece, self._begun = message.piece, message
            case _Done(result):
                self._put_down(result)
                self._piece, self._begun = self._piece + 1, None
            case _Tired():
                self._restart(self._source, self._piece)
            case _Finished():
                self._units.popleft()
                self.finished.append(self._results)
                self._results, self._killed_at = [], None
                self._place(0, 0)
                if self._unsent:
                    self._send(0)

    def watch(self) -> None:
        """Stop a child whose piece takes too long or too much memory, and go on in a new one."""
        allowed = self._limits.seconds if self._heard else START_SECONDS
        if not self._units or self.connection.poll():
            return  # nothing in hand, or it has something to say first
        if monotonic() - self._since > allowed:
            self._resume(f"it took more than {allowed:g} seconds")
        elif _resident(self._process.pid) - self._inherited > self._limits.memory:
            self._resume(f"its process took more than {self._limits.memory >> 20} MiB of memory")

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self.connection.close()

    def _start(self) -> None:
        own = _OWN and _threads() == 1
        self._inherited = _resident("self") if own else 0
        context = _OWN if own else _CLEAN
        self.connection, end = context.Pipe()
        self._process = context.Process(target=serve, args=(end, self._work, self._limits), daemon=True)
        if own:
            self._process.start()
        else:
            context.set_forkserver_preload([*self._work.imports, self._work.do.__module__])
            with _nameless_main():
                self._process.start()
        end.close()
        self._heard = False
        self._place(0, 0)

    def _place(self, source: int, piece: int) -> None:
        """Tell where in the first unit in hand the child is."""
        self._source, self._piece, self._begun, self._since = source, piece, None, monotonic()
        self._from = source, piece

    def _send(self, number: int, source: int = 0, piece: int = 0) -> None:
        """Send a unit in hand, but one that is not the first only if that cannot make this process wait."""
        order = pickle.dumps(_Order(self._units[number], source, piece))
        self._unsent = number > 0 and len(order) > _BEHIND_BYTES
        if self._unsent:
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it died: `hear` will meet its end
            self.connection.send_bytes(order)

    def _put_down(self, result: object) -> None:
        self._results.append(result)
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
            self._put_down(Broken(self._units[0][self._source], self._begun.name, reason, died=True))
            self._restart(self._source, self._piece + 1)
        else:
            self._put_down(Broken(self._units[0][self._source], None, reason, died=True))
            self._restart(self._source + 1, 0)

    def _ended(self, code: int | None) -> None:
        """Go on after the child ended by itself or was ended from outside.

        SIGKILL comes from outside, of a system that is short of memory say, and may have met a piece that is
        no cause of it: that one is tried once more.
        """
        place = self._source, self._piece
        if self._heard and code == -signal.SIGKILL and self._killed_at != place:
            self._killed_at = place
            self._restart(*place)
        else:
            self._resume(_ending(code))

    def _restart(self, source: int, piece: int) -> None:
        self.close()
        self._start()
        self._place(source, piece)
        for number in range(len(self._units)):
            self._send(number, *(() if number else (source, piece)))


def _threads() -> int:
    """Count the threads of this process, those of C libraries too; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - their number alone
    except OSError:
        return 0


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
