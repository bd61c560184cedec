"""One function over many arguments, in guarded processes of this machine: how parts are made."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from corpus import code
from corpus.engine import Broken, Limits, Work, local
from corpus.engine import engine as engine_named
from corpus.errors import CorpusError
from corpus.last_build import LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Argument = TypeVar("Argument")
    Result = TypeVar("Result")

IMPORTS = (
    *("corpus.parts.pages", "corpus.parts.remarks", "corpus.parts.whole", "corpus.publish.finished"),
    *("corpus.publish.shards", "pyarrow.compute", "pyarrow.parquet"),
)
"""What the functions that are mapped import, at once or when called: once, and children share the memory."""

_LIMITS = Limits(seconds=86_400, memory=1 << 50)
"""A part cannot be left out, so that a limit would only make what is slow fail."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_NUMBER = re.compile(r"\[Errno (\d+)\]|\(os error (\d+)\)")  # Python's words, and those of polars

FEW = 4
"""So few calls are made in this process: a child takes a second to start."""


class Damaged(CorpusError):  # noqa: N818 - it tells of the store, and the build mends it
    """What a part is made from is not in the store as it was: it must be made again."""


def mapped(
    function: Callable[[Argument], Result],
    arguments: Sequence[Argument],
    workers: int | None = None,
    engine: str = "local",
) -> Iterator[Result]:
    """Yield what a picklable function gives for each argument, in their order; None means a process a core.

    On another engine than `local` all that the function reads and writes must lie where every node sees it.

    An argument that breaks the function, or its process, ends the run: Damaged where the store had to be
    mended, OSError where the disk is full or may not be written, else CorpusError with the reason.
    """
    here = engine == "local" or len(arguments) <= FEW
    count = 1 if len(arguments) <= FEW else min(workers or os.cpu_count() or 1, len(arguments))
    do: Callable[[Argument], Result] = function if here else _Same(function, code.digest(LIBRARIES))
    work = Work(read=_one, do=do, name=_name, imports=IMPORTS)
    units = [[argument] for argument in arguments]
    run = local if here else engine_named(engine)
    for results in run.map(work, units, count if here else workers, _LIMITS):
        for result in results:
            if isinstance(result, Broken):
                raise _error(result.reason)
            yield result


@dataclass(frozen=True, slots=True)
class _Same:
    """A function that is called by the code it was sent by alone: its results go under keys of that code."""

    function: Callable[[Any], Any]
    version: str

    def __call__(self, argument: Any) -> Any:  # noqa: ANN401 - of any function
        """Call it."""
        if code.digest(LIBRARIES) != self.version:
            raise CorpusError(
                "a node runs another version of the code, or of a library, than the one that sent it work; "
                "install the same on every node"
            )
        return self.function(argument)


def _one(argument: Argument) -> Iterator[Argument]:
    yield argument


def _name(argument: Any) -> object:  # noqa: ANN401 - of any function
    return getattr(argument, "key", None)


def _error(reason: str) -> CorpusError | OSError:
    kind, _, message = reason.partition(": ")
    number = int(next(filter(None, found.groups()))) if (found := _NUMBER.search(message)) else None
    if kind == "OSError" and number in _FULL:
        return OSError(number, os.strerror(number))
    if kind == Damaged.__name__:
        return Damaged(message)
    return CorpusError(
        message if kind == "CorpusError" else f"a part of the corpus could not be made: {reason}"
    )
