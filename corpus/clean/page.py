"""The path of an HTML page: layout, features, probabilities, roles, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.clean.features import measure
from corpus.clean.html import layout
from corpus.clean.margins import settle
from corpus.clean.model import Model, load, probabilities
from corpus.clean.roles import judge
from corpus.clean.tiling import Fate, tiled
from corpus.clean.visible import segments

if TYPE_CHECKING:
    from corpus.records import Block


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
    model = model or load()
    features = measure(raw, page, model.vocabulary)
    verdicts = judge(page, features, probabilities(model, features), model.vocabulary)
    verdicts = settle(raw, page, verdicts)
    fates = [
        Fate(unit.start, unit.end, "", (), role, rule)
        if role == "markup"
        else Fate(unit.start, unit.end, unit.text, segments(unit.traces), role, rule)
        for unit, (role, rule) in zip(page.units, verdicts, strict=True)
    ]
    return tiled(fates, page.put, start, stop)
