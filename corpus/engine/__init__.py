"""Engines run one `Work` over units; they know nothing of the steps inside it.

A unit is a sequence of sources (raw files, say). Work reads the pieces of each source one after the other
and does its part on each piece alone, so that a piece which raises, hangs, crashes or swells can be named and
left out while its neighbours go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, cast

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Source = TypeVar("Source")
Piece = TypeVar("Piece")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Work(Generic[Source, Piece, Result]):
    """What is done to a unit; its three functions must be picklable, so they stand at the top of a module.

    `read` yields the pieces of a source, `do` makes a piece's result, `name` tells which piece it is.
    `imports` names modules that the children share, beside that of `do`: what later works of the run need.
    """

    read: Callable[[Source], Iterator[Piece]]
    do: Callable[[Piece], Result]
    name: Callable[[Piece], object]
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken(Generic[Source]):
    """A piece that has no result, and why; `name` is None where reading the source itself broke.

    `died` where the process at work on it ended, or was ended for taking too much.
    """

    source: Source
    name: object
    reason: str
    died: bool = field(default=False, compare=False)


class Limits(NamedTuple):
    """What one piece may take: seconds, and bytes of its process's memory and of its pickled result.

    Wide on purpose. The largest pages that were tried, text nodes of 50 MB, stay within a quarter of each.
    """

    seconds: float = 300
    memory: int = 4 << 30
    output: int = 1 << 30


LIMITS = Limits()


class Engine(Protocol):
    """What an engine module offers: `map` yields one list of results a unit, in the order of the units."""

    def map(
        self,
        work: Work[Source, Piece, Result],
        units: Sequence[Sequence[Source]],
        workers: int | None = None,
        limits: Limits = LIMITS,
        noted: Callable[[Result | Broken[Source]], None] | None = None,
    ) -> Iterator[list[Result | Broken[Source]]]:
        """Yield for every unit the results of its pieces, in order; `workers` None means one a core.

        `noted` is called in this process with each result as soon as it is here, in no order between units:
        before the unit is yielded, so that what is put down then is not lost with a run that is killed.
        """
        ...

    def shared(self, folders: Sequence[Path]) -> bool:
        """Tell whether everybody whom units are sent to sees these folders, under the same paths."""
        ...


if TYPE_CHECKING:
    from corpus.engine import local, ray

    # Here mypy holds every engine to the one signature.
    _ENGINES: tuple[Engine, ...] = (local, ray)


def names() -> list[str]:
    """Return the names of the engines there are: one module of this folder each."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))


def engine(name: str) -> Engine:
    """Return the engine of that name; a wrong name is refused with the names there are.

    >>> engine("local").__name__
    'corpus.engine.local'
    """
    if name not in names():
        raise CorpusError(f"there is no engine {name!r}; known engines: {', '.join(names())}")
    return cast("Engine", import_module(f"corpus.engine.{name}"))


def in_turn(work: Work[Source, Any, Any], unit: Sequence[Source]) -> Iterator[Any]:
    """Do the work of a unit in this process; what raises is `Broken`, nothing else is guarded against.

    >>> shout = Work(read=iter, do=str.upper, name=str)
    >>> list(in_turn(shout, ["ab", "c"]))
    ['A', 'B', 'C']
    """
    for source in unit:
        try:
            for piece in work.read(source):
                yield attempt(work, source, piece)
        except Exception as error:  # noqa: BLE001 - one source that cannot be read must not lose the others
            yield Broken(source, None, failure(error))


def attempt(work: Work[Source, Piece, Any], source: Source, piece: Piece) -> Any:  # noqa: ANN401 - a result
    """Do the work on one piece; an error becomes `Broken`."""
    try:
        return work.do(piece)
    except Exception as error:  # noqa: BLE001 - a bug met by one piece must not lose the other thousand
        return Broken(source, work.name(piece), failure(error))


def failure(error: Exception) -> str:
    """Name an error for a reader who has no traceback.

    >>> failure(KeyError("body"))
    "KeyError: 'body'"
    """
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
