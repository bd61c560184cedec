"""Engines map one picklable function over units of work; they know nothing of the steps inside it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Unit = TypeVar("Unit")
Result = TypeVar("Result")


class Engine(Protocol):
    """What an engine module offers: `map` yields one result a unit, in the order of the units."""

    def map(
        self, function: Callable[[Unit], Result], units: Sequence[Unit], workers: int | None = None
    ) -> Iterator[Result]:
        """Yield `function(unit)` for every unit, in order; `workers` None means one a core."""
        ...


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
