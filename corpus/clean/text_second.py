"""A second look at a plain-text page: what the chains found, seen as a whole, and each unit judged again.

The chains (text_model) know a unit and its surroundings. They do not know where the text of the page lies:
below an article stand beginnings of others, appeals and notices that read just as well. So the page is
searched for the run of units in which most probability lies, for the surest text above and below each unit,
for units of the same shape, and for words that the surest text uses too.
"""

from __future__ import annotations

import re
from operator import add
from typing import TYPE_CHECKING, Final

import numpy as np

from corpus.clean import forest, text_model
from corpus.clean.second import best_run
from corpus.clean.text_features import ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.text_features import Matrix
    from corpus.clean.text_lines import Unit

    Numbers = NDArray[np.float64]

LEAST: Final = 0.02
"""A unit the chains find less likely to be body is not looked at again."""

DISTANCES: Final = (1, 2, 3, 5)
"""How far off the neighbours are whose first verdict is seen."""

WINDOWS: Final = (5, 15, 40)
"""So many units above, and so many below, are averaged over."""

_RUNS: Final = (0.35, 0.6)
_MOST: Final = 400  # tokens a unit counts for
_HEAD: Final = 300  # characters of a unit whose words are compared
_WORD: Final = re.compile(r"[\u2e80-\uffff]{2,}|[^\W\d_]{4,}")
_ASCII_WORD: Final = re.compile(r"[a-z]{4,}")  # what _WORD finds in a text of ASCII
_COLUMN: Final = {name: column for column, name in enumerate(ALONE)}

NAMES: Final = (
    "first",
    *(f"{side}{far}" for far in DISTANCES for side in ("above", "below")),
    *(f"{side}_{width}" for width in WINDOWS for side in ("above", "below")),
    "mass_above",
    *("sure_above", "sure_below", "text_to_sure_above", "text_to_sure_below"),
    *(f"run{at}_{name}" for at in range(len(_RUNS)) for name in ("inside", "share", "far")),
    *("alike_mean", "alike_share", "alike_units", "marked_mean", "marked_share"),
    *("words_known", "words"),
    *("page_mass", "page_share", "page_doubt", "page_sure", "page_most"),
)
"""What is seen, in order; behind it come the columns of the first look."""


def revised(units: Sequence[Unit], rows: Matrix, likely: Numbers) -> Numbers:
    """Give the probabilities of the chains; for the units in question, their mean with the second verdict.

    `rows` are ALONE and AMONG side by side.
    """
    chosen = candidates(likely)
    out = likely.copy()
    if len(chosen):
        again = forest.probabilities(text_model.forests().second, seen(units, rows, likely, chosen))
        out[chosen] = (likely[chosen] + again) / 2
    return out


def candidates(likely: Numbers) -> NDArray[np.int64]:
    """The units that are looked at again."""
    return np.flatnonzero(likely >= LEAST)


def seen(units: Sequence[Unit], rows: Matrix, likely: Numbers, chosen: NDArray[np.int64]) -> Matrix:
    """Measure the chosen units of a page: NAMES, and behind them `rows`, the columns of the first look."""
    length = np.expm1(rows[:, 0]).astype(np.float64)
    tokens = np.minimum(length, _MOST)
    mass = _summed(likely * tokens)
    total = max(float(mass[-1]), 1e-6)
    columns = [
        *_verdicts(likely, chosen),
        *_around(likely, tokens, chosen),
        mass[chosen] / total,
        *_nearest_sure(likely, length, chosen),
        *_runs(likely, tokens, length, chosen),
        *_alike(rows, likely, tokens, chosen),
        *_words(units, likely, length, chosen),
        *_page(likely, tokens, length),
    ]
    out = np.empty((len(chosen), len(NAMES) + rows.shape[1]), np.float32)
    for at, column in enumerate(columns):
        out[:, at] = column
    out[:, len(NAMES) :] = rows[chosen]
    return out


def _summed(values: Numbers) -> Numbers:
    """Sums of all values before each place, and of all."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _odds(likely: Numbers) -> Numbers:
    safe = np.clip(likely, 1e-4, 1 - 1e-4)
    out: Numbers = np.log(safe / (1 - safe))
    return out


def _verdicts(likely: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """First verdicts as log-odds: the unit's own, and those of its neighbours."""
    far = max(DISTANCES)
    odds = _odds(likely)
    padded = np.concatenate([np.full(far, -9.0), odds, np.full(far, -9.0)])
    return [odds[chosen], *(padded[chosen + far + side * away] for away in DISTANCES for side in (-1, 1))]


def _around(likely: Numbers, tokens: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """First verdicts averaged by tokens over the units above and below."""
    count = len(likely)
    mass, size = _summed(likely * tokens), _summed(tokens)
    found = []
    for width in WINDOWS:
        low, high = np.maximum(chosen - width, 0), np.minimum(chosen + 1 + width, count)
        found.append((mass[chosen] - mass[low]) / np.maximum(size[chosen] - size[low], 1))
        found.append((mass[high] - mass[chosen + 1]) / np.maximum(size[high] - size[chosen + 1], 1))
    return found


def _nearest_sure(likely: Numbers, length: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """How far off the surest text above and below each unit is, in units and in text between."""
    count, places = len(likely), np.arange(len(likely))
    sure = (likely > 0.8) & (length > 15)
    last = np.maximum.accumulate(np.where(sure, places, -1))
    following = np.minimum.accumulate(np.where(sure, places, count)[::-1])[::-1]
    above = np.concatenate([[-1], last[:-1]])[chosen]
    below = np.concatenate([following[1:], [count]])[chosen]
    text = _summed(length)
    return [
        np.where(above >= 0, chosen - above, -1.0),
        np.where(below < count, below - chosen, -1.0),
        np.where(above >= 0, np.log1p(np.maximum(text[chosen] - text[above + 1], 0)), -1.0),
        np.where(
            below < count,
            np.log1p(np.maximum(text[below] - text[np.minimum(chosen + 1, count)], 0)),
            -1.0,
        ),
    ]


def _runs(likely: Numbers, tokens: Numbers, length: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """The runs in which most probability lies: whether a unit is inside, what it holds, how far off."""
    mass, place = _summed(likely * tokens), _summed(length)
    total = max(float(mass[-1]), 1e-6)
    found: list[Numbers] = []
    for least in _RUNS:
        start, end = best_run((likely - least) * tokens)
        ahead = np.log1p(np.maximum(place[start] - place[chosen], 0))
        behind = -np.log1p(np.maximum(place[chosen] - place[end], 0))
        inside = ((chosen >= start) & (chosen < end)).astype(np.float64)
        far = np.where(chosen < start, ahead, np.where(chosen >= end, behind, 0.0))
        found += [inside, np.array((mass[end] - mass[start]) / total), far]
    return found


def _alike(rows: Matrix, likely: Numbers, tokens: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """What units of one shape hold: mark, indent, gap, length and kind of end alike; or mark and indent."""
    marked = rows[:, _COLUMN["mark"]] * 17 + np.clip(rows[:, _COLUMN["indent"]], 0, 16)
    size = np.minimum(np.round(rows[:, 0] * 1.5), 12)
    shape = (marked * 4 + np.minimum(rows[:, _COLUMN["blanks"]], 3)) * 26 + size * 2
    shape = shape + (rows[:, _COLUMN["ends_sentence"]] > 0)
    total = max(float((likely * tokens).sum()), 1e-6)
    found = []
    for kind in (shape, marked):
        group = np.unique(kind, return_inverse=True)[1]
        held, sized = np.bincount(group, likely * tokens), np.bincount(group, tokens)
        own = group[chosen]
        found += [(held / np.maximum(sized, 1))[own], held[own] / total]
        if kind is shape:
            found.append(np.log1p(np.bincount(group))[own])
    return found


def _words(
    units: Sequence[Unit], likely: Numbers, length: Numbers, chosen: NDArray[np.int64]
) -> list[Numbers]:
    """The share of a unit's words that other units of the surest text use too, and how many words it has."""
    own = [_vocabulary(units[row].text) for row in chosen.tolist()]
    sure = ((likely > 0.7) & (length > 15))[chosen].tolist()
    once: set[str] = set()
    twice: set[str] = set()
    for words, surely in zip(own, sure, strict=True):
        if surely:
            twice |= once & words
            once |= words
    shares = [
        len(words & (twice if surely else once)) / len(words) if words else -1.0
        for words, surely in zip(own, sure, strict=True)
    ]
    return [np.array(shares, np.float64), np.array([len(words) for words in own], np.float64)]


def _vocabulary(text: str) -> set[str]:
    """The longer words of the head of a text; of Chinese and Japanese, pairs of characters."""
    head = text[:_HEAD].lower()
    if head.isascii():
        return set(_ASCII_WORD.findall(head))
    found: set[str] = set()
    for word in _WORD.findall(head):
        if word[0] > "\u2e80":
            found.update(map(add, word, word[1:]))
        else:
            found.add(word)
    return found


def _page(likely: Numbers, tokens: Numbers, length: Numbers) -> list[Numbers]:
    """How much text the page seems to hold, and how sure that is."""
    total = float((likely * tokens).sum())
    return [
        np.array(np.log1p(total)),
        np.array(total / max(float(tokens.sum()), 1)),
        np.array(float(((likely > 0.1) & (likely < 0.9)).mean())),
        np.array(float(((likely > 0.8) & (length > 15)).sum())),
        np.array(float(likely.max(initial=0.0))),
    ]
