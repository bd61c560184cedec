"""One function over many arguments, in guarded processes of this machine: how parts are made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from corpus.engine import Broken, Limits, Work, local
from corpus.errors import CorpusError

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

FEW = 4
"""So few calls are made in this process: a child takes a second to start."""


class Damaged(CorpusError):  # noqa: N818 - it tells of the store, and the build mends it
    """What a part is made from is not in the store as it was: it must be made again."""


def mapped(
    function: Callable[[Argument], Result], arguments: Sequence[Argument], workers: int | None = None
) -> Iterator[Result]:
    """Yield what a picklable function gives for each argument, in their order; None means a process a core.

    An argument that breaks the function, or its process, ends the run: Damaged where the store had to be
    mended, else CorpusError with the reason.
    """
    count = 1 if len(arguments) <= FEW else min(workers or os.cpu_count() or 1, len(arguments))
    work = Work(read=_one, do=function, name=_name, imports=IMPORTS)
    units = [[argument] for argument in arguments]
    for results in local.map(work, units, count, _LIMITS):
        for result in results:
            if isinstance(result, Broken):
                raise _error(result.reason)
            yield result


def _one(argument: Argument) -> Iterator[Argument]:
    yield argument


def _name(argument: Any) -> object:  # noqa: ANN401 - of any function
    return getattr(argument, "key", None)


def _error(reason: str) -> CorpusError:
    kind, _, message = reason.partition(": ")
    if kind == Damaged.__name__:
        return Damaged(message)
    return CorpusError(
        message if kind == "CorpusError" else f"a part of the corpus could not be made: {reason}"
    )
