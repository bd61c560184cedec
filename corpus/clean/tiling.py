"""Blocks that tile a stretch of raw text: the units with their fate, and between them what shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.records import Block, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.clean.html import Put


Fate = tuple[int, int, str, tuple[Segment, ...], str, str]
"""`(raw_start, raw_end, text, segments, role, rule)`: a unit's visible text and what became of it."""


def tiled(fates: Iterable[Fate], put: Sequence[Put], start: int, end: int) -> tuple[Block, ...]:
    """Make blocks of `[start, end)`: one for each fate, and `markup` blocks for everything between them.

    Between two units, what is put away (a script, a comment …) is a block under its own rule; tags and white
    space are blocks under the rule `tags`.
    """
    blocks: list[Block] = []
    add = blocks.append
    at = start
    waiting = iter(put)
    away = next(waiting, None)
    for raw_start, raw_end, text, segments, role, rule in fates:
        while away is not None and away.start < raw_start:
            if away.start >= at and away.end <= raw_start:
                _between(blocks, at, away.start, "tags")
                _between(blocks, away.start, away.end, away.rule)
                at = away.end
            away = next(waiting, None)
        if at < raw_start:
            add(Block(at, raw_start, "", "markup", "tags"))
        add(Block(raw_start, raw_end, text, role, rule, segments))
        at = raw_end
    while away is not None:
        if away.start >= at:
            _between(blocks, at, away.start, "tags")
            _between(blocks, away.start, away.end, away.rule)
            at = away.end
        away = next(waiting, None)
    _between(blocks, at, end, "tags")
    return tuple(blocks)


def _between(blocks: list[Block], start: int, end: int, rule: str) -> None:
    """Add a block of markup, unless it would be empty."""
    if start < end:
        blocks.append(Block(start, end, "", "markup", rule))
