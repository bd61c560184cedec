"""The path of an HTML page: layout, features, decision, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.clean.html import Layout, layout
from corpus.clean.tiling import Fate, tiled
from corpus.clean.visible import LINK, visible

if TYPE_CHECKING:
    from corpus.records import Block


def clean_html(raw: str, start: int = 0, end: int | None = None, url: str | None = None) -> tuple[Block, ...]:
    """Clean `raw[start:end]` as HTML; the blocks tile that range, at their places in `raw`."""
    del url
    stop = len(raw) if end is None else end
    page = layout(raw, start, stop)
    return tiled(_fates(raw, page), page.put, start, stop)


def _fates(raw: str, page: Layout) -> list[Fate]:
    fates = []
    for unit in page.units:
        text, segments = visible(raw, unit.pieces)
        node = page.nodes[unit.node]
        if node.hidden:
            fates.append(Fate(unit.start, unit.end, "", (), "markup", "hidden"))
            continue
        linked = sum(stop - at for at, stop, _, style in unit.pieces if style & LINK)
        size = len(text.encode("utf-8", "replace"))
        role, rule = "other", "short"
        if linked * 2 > unit.end - unit.start:
            role, rule = "navigation", "link_density"
        elif size >= 60:
            role, rule = "paragraph", "length"
        elif node.name in {"h2", "h3", "h4"}:
            role, rule = "heading", "heading"
        fates.append(Fate(unit.start, unit.end, text, segments, role, rule))
    return fates
