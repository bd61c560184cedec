"""The path of an HTML page: layout, features, a first and a second look, roles, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from corpus.clean.features import measure
from corpus.clean.html import layout
from corpus.clean.margins import settle
from corpus.clean.model import Model, load, probabilities
from corpus.clean.roles import judge
from corpus.clean.second import revised
from corpus.clean.standing import Look
from corpus.clean.tiling import tiled
from corpus.clean.visible import segments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from corpus.clean.features import Features
    from corpus.clean.html import Layout
    from corpus.clean.roles import Verdict
    from corpus.clean.tiling import Fate
    from corpus.records import Block


class Judged(NamedTuple):
    """A page's units with their features, their probabilities and what became of them.

    `first` are the network's probabilities, `chances` those after the second look.
    """

    page: Layout
    features: Features
    first: NDArray[np.float64]
    chances: NDArray[np.float64]
    verdicts: list[Verdict]


def judged(raw: str, page: Layout, model: Model) -> Judged:
    """Judge the units of a page, of which there must be one at least."""
    features = measure(raw, page, model.vocabulary)
    first = probabilities(model, features)
    words = model.vocabulary
    look = Look(raw, page, features, words, first)
    chances = revised(look, model.trees) if model.trees else first
    verdicts = judge(raw, page, features, chances, words)
    return Judged(page, features, first, chances, settle(raw, page, verdicts))


def clean_html(
    raw: str, start: int = 0, end: int | None = None, model: Model | None = None
) -> tuple[Block, ...]:
    """Clean `raw[start:end]` as HTML; the blocks tile that range, at their places in `raw`.

    `model` is the one that comes with the package unless another is given.
    """
    stop = len(raw) if end is None else end
    page = layout(raw, start, stop)
    if not page.units:
        return tiled((), page.put, start, stop)
    verdicts = judged(raw, page, model or load()).verdicts
    fates: list[Fate] = [
        (unit.start, unit.end, "", (), role, rule)
        if role == "markup"
        else (unit.start, unit.end, unit.text, segments(unit.traces), role, rule)
        for unit, (role, rule) in zip(page.units, verdicts, strict=True)
    ]
    return tiled(fates, page.put, start, stop)
