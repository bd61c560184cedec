"""The path of a plain-text page, as copied from a browser: lines, features, body, roles, blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.clean import text_features, text_model, text_second
from corpus.clean.text_lines import columns, render, units
from corpus.clean.text_roles import Fate, ahead_of_comments, fates
from corpus.clean.text_words import CLOSERS, SENTENCE_END
from corpus.records import Block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.text_features import Matrix
    from corpus.clean.text_lines import Unit

_HEADING_LINE = 64  # columns of one line of a broken heading
_HEADING_LINES = 6
_NOTE = 6  # lines
_SENTENCE = 24  # columns of the shortest line that is read as a sentence where nothing else is


class Explained(NamedTuple):
    """A unit's features by name, how likely it was body, and the fate it met."""

    raw_start: int
    raw_end: int
    text: str
    role: str
    rule: str
    body: float
    features: dict[str, float]


def clean(raw: str, url: str | None = None) -> tuple[Block, ...]:
    r"""Cut a plain-text page into blocks that tile it exactly and give each a role.

    White space between units is a `markup` block of its own under the rule `blank`. Never raises for any
    text; time is linear in its length. The address is not looked at: nothing here knows a site.

    >>> [(block.role, block.text) for block in clean(" \n")]
    [('markup', '')]
    """
    del url
    found = units(raw)
    seen, likely = _judge(found)
    named = fates(found, seen, _body(found, seen, likely))
    return _blocks(raw, found, named, text_features.usual_gap(seen))


def explain(raw: str, url: str | None = None) -> list[Explained]:
    """Tell of every unit of a plain-text page what was seen, how likely it is body, and what became of it."""
    del url
    found = units(raw)
    seen, likely = _judge(found)
    named = fates(found, seen, _body(found, seen, likely))
    names = text_features.ALONE
    return [
        Explained(
            unit.start,
            unit.end,
            unit.text,
            *fate,
            float(chance),
            dict(zip(names, map(float, row), strict=True)),
        )
        for unit, fate, chance, row in zip(found, named, likely, seen, strict=True)
    ]


def _judge(found: Sequence[Unit]) -> tuple[Matrix, NDArray[np.float64]]:
    """What is seen of the units alone, and how likely each belongs to the body."""
    seen = text_features.alone(found)
    if not found:
        return seen, np.zeros(0)
    rows = np.concatenate([seen, text_features.among(found, seen)], axis=1)
    likely = ahead_of_comments(found, seen, text_model.body(rows))
    return seen, text_second.revised(found, rows, likely)


def _body(found: Sequence[Unit], seen: Matrix, likely: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which units are body: the first column of ALONE is the log of their tokens.

    Of a note of a few lines, in which nothing can look like the body of a page, the sentences are.
    """
    chosen = text_model.chosen(likely, np.expm1(seen[:, 0]).astype(np.float64))
    if chosen.any() or len(found) > _NOTE:
        return chosen
    return np.array([_is_sentence(unit.text) for unit in found], dtype=bool)


def _is_sentence(text: str) -> bool:
    return columns(text) >= _SENTENCE and text.rstrip(CLOSERS)[-1:] in SENTENCE_END


def _blocks(raw: str, found: Sequence[Unit], named: Sequence[Fate], gap: float) -> tuple[Block, ...]:
    """Blocks for the units, broken headings joined, and for the white space between them."""
    blocks: list[Block] = []
    at = row = 0
    while row < len(found):
        stop = row + 1
        role, rule = named[row]
        if role in {"heading", "paragraph"}:
            stop = _heading_end(found, named, row, gap)
        unit = found[row]
        text, segments, end = unit.text, unit.segments, unit.end
        if stop > row + 1:
            text, segments = render(raw, [(part.start, part.end) for part in found[row:stop]])
            role, rule, end = "heading", "heading_lines", found[stop - 1].end
        if at < unit.start:
            blocks.append(Block(at, unit.start, "", "markup", "blank"))
        blocks.append(Block(unit.start, end, text, role, rule, segments))
        at, row = end, stop
    if at < len(raw):
        blocks.append(Block(at, len(raw), "", "markup", "blank"))
    return tuple(blocks)


def _heading_end(found: Sequence[Unit], named: Sequence[Fate], row: int, gap: float) -> int:
    """The row behind a heading broken over lines that begins at `row`; `row + 1` where it is one line.

    Where paragraphs are parted by `gap` blank lines, two or more, short lines with fewer between them belong
    together, if the gaps around them are as wide as between paragraphs.
    """
    if gap < 2 or found[row].blanks < gap or not _heading_line(found[row]):
        return row + 1
    stop = row + 1
    while stop < len(found) and found[stop].blanks < gap and named[stop].role in {"heading", "paragraph"}:
        if not _heading_line(found[stop]):
            return row + 1
        stop += 1
    return (
        stop
        if stop - row <= _HEADING_LINES and (stop == len(found) or found[stop].blanks >= gap)
        else row + 1
    )


def _heading_line(unit: Unit) -> bool:
    """Whether a line could be one of a broken heading: short, unmarked, no end of a sentence."""
    if unit.mark or columns(unit.text) > _HEADING_LINE:
        return False
    end = unit.text.rstrip(CLOSERS)[-1:]
    return end not in SENTENCE_END or end in "?？!！"
