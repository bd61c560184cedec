"""A second look: what the network found on a page, seen as a whole, and each unit judged again in its light.

The first look takes a unit for main text by itself and by what is near. What it cannot say is whether a unit
belongs to *the* text of the page: on the same page stand beginnings of other articles, appeals, posts of a
blog, each of which reads well. So the page is searched for its text as a whole (the run of units, and the
element, in which most probability lies), for units alike in their tags, for the surest text before and behind
each unit, for lists of equal elements, for beginnings cut short, and for what the head tells of the text. A
small forest of trees weighs that together with the measures of the first look.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from corpus.clean import features as first_look
from corpus.clean import forest, told
from corpus.clean.standing import NAMES as STANDING
from corpus.clean.standing import Look, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.features import Features
    from corpus.clean.forest import Forest

    Numbers = NDArray[np.float64]

LEAST: Final = 0.02
"""A unit the first look finds less likely to be main text is not looked at again."""

AT_LEAST: Final = 20
"""But so many units of a page are, those in which most is likely: on a short page all may be unlikely."""

DISTANCES: Final = (1, 2, 3, 5)
"""How far off the neighbours are whose first verdict is seen."""

AROUND: Final = 5
"""So many elements around a unit are seen, and behind them the page."""

NAMES: Final = (
    *("first_main", "first_comment"),
    *(f"{side}{far}_main" for far in DISTANCES for side in ("before", "after")),
    *(f"level{at}_{name}" for name in ("main", "main_units", "comment", "share") for at in range(AROUND + 1)),
    *("mass_before", "alike_main", "alike_share"),
    *(f"level{at}_siblings" for at in range(AROUND)),
    *("heading_linked", "heading_far", "heading_main", "link_before", "link_after"),
    *("cut_short", "page_cut_short", *(f"level{at}_cut_short" for at in range(4))),
    *told.NAMES,
    *(f"level{at}_described" for at in range(AROUND)),
    *("sure_before", "sure_after", "text_to_sure_before", "text_to_sure_after"),
    *(f"run{at}_{name}" for at in range(2) for name in ("inside", "share", "far")),
    *("element_inside", "element_share", "element_units"),
    *("page_mass", "page_share", "page_doubt", "page_sure"),
    *STANDING,
)
"""What is seen, in order; behind it come the numbers of the first look."""

COLUMNS: Final = (*NAMES, *first_look.NAMES)

_AT: Final = {name: at for at, name in enumerate(first_look.NAMES)}
_CUT_SHORT: Final = re.compile(r"(?:\.\.\.|…|。。。)\W{0,3}(?:\w{0,4}\W?)?$")
_RUNS: Final = (0.35, 0.6)


def revised(look: Look, trees: Forest) -> Numbers:
    """Give the probabilities of the first look, that of main text judged again; the others stay."""
    chosen = looked_at_again(look.first, look.features.tokens)
    out = look.first.copy()
    out[chosen, 0] = forest.probabilities(trees, seen(look, chosen))
    return out


def looked_at_again(first: Numbers, tokens: Numbers) -> NDArray[np.int64]:
    """Choose the units worth a second look: those likely enough, and AT_LEAST at any rate, in page order."""
    chosen = first[:, 0] >= LEAST
    chosen[np.argsort(-first[:, 0] * np.minimum(tokens, 50), kind="stable")[:AT_LEAST]] = True
    return np.flatnonzero(chosen)


def seen(look: Look, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """Measure the chosen units of a page: (chosen x COLUMNS)."""
    raw, page, features, _, first = look
    main, comment = first[:, 0], first[:, 1]
    count, tokens = len(main), np.minimum(features.tokens, 400)
    whole = np.broadcast_to(np.array([[[0, count]]]), (len(chosen), 1, 2))
    spans = np.concatenate([features.spans[chosen], whole], axis=1)
    mass = _summed(main * tokens)
    total = max(float(mass[-1]), 1e-6)
    texts = [unit.text for unit in page.units]
    runs = [best_run((main - least) * tokens) for least in _RUNS]
    columns = [
        *_verdicts(main, comment, chosen),
        *_means(main, tokens, spans),
        *_means(main, np.ones(count), spans),
        *_means(comment, tokens, spans),
        *((mass[spans[:, :, 1]] - mass[spans[:, :, 0]]) / total).T,
        mass[chosen] / total,
        *_elements(features, main * tokens, tokens, chosen),
        *_headings(features, main, chosen),
        *_beginnings(texts, features.tokens, chosen, spans),
        *_told(told.compared(texts, told.told(raw, page.signs), features.tokens, chosen), chosen, spans),
        *_nearest_sure(main, features.tokens, chosen),
        *_text_as_a_whole(look, chosen, runs),
        *standing(look, chosen, runs),
    ]
    out = np.empty((len(chosen), len(COLUMNS)), dtype=np.float32)
    for at, column in enumerate(columns):
        out[:, at] = column
    out[:, len(columns) :] = features.numbers[chosen]
    return out


def _summed(values: Numbers) -> Numbers:
    """Sums of all values before each place, and of all."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums


def _means(values: Numbers, size: Numbers, spans: NDArray[np.int64]) -> Numbers:
    """Average values over spans of units, by the units' sizes: (levels x chosen)."""
    sums, sizes = _summed(values * size), _summed(size)
    inside = sizes[spans[:, :, 1]] - sizes[spans[:, :, 0]]
    means: Numbers = (sums[spans[:, :, 1]] - sums[spans[:, :, 0]]) / np.maximum(inside, 1e-6)
    return means.T


def _verdicts(main: Numbers, comment: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """First verdicts, as log-odds: the unit's own, and those of its neighbours."""
    safe = np.clip(main, 1e-4, 1 - 1e-4)
    odds = np.log(safe / (1 - safe))
    far = max(DISTANCES)
    padded = np.concatenate([np.full(far, -9.0), odds, np.full(far, -9.0)])
    near = [padded[chosen + far + side * away] for away in DISTANCES for side in (-1, 1)]
    return [odds[chosen], comment[chosen], *near]


def _elements(features: Features, mass: Numbers, tokens: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """What units alike in their tags hold, and how many elements like those around each unit stand beside."""
    (parent, first, last, kind), home = features.elements, features.places[:, 0]
    kind = np.where(last > first, kind, 0)
    alike = np.unique(kind[home] * len(kind) + kind[parent[home]], return_inverse=True)[1]
    held, size = np.bincount(alike, weights=mass), np.bincount(alike, weights=tokens)
    own = alike[chosen]
    found = [(held / np.maximum(size, 1))[own], held[own] / max(float(mass.sum()), 1e-6)]
    # Elements that hold no text are not counted.
    group = np.unique(parent * len(kind) + kind, return_inverse=True)[1]
    siblings = np.log1p(np.bincount(group, weights=last > first))[group]
    return [*found, *siblings[features.around[chosen, :AROUND]].T]


def _headings(features: Features, main: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """The heading before each unit: whether it is a link, how far off, how likely; the links beside."""
    numbers, order = features.numbers, np.arange(len(main))
    heading = np.max(numbers[:, [_AT[f"kind_{kind}"] for kind in (2, 3, 4, 5)]], axis=1) > 0
    linked = numbers[:, _AT["all_link"]] > 0
    above, link_before, link_after = _last(heading), _last(linked), _next(linked)
    none = above < 0
    found = [
        np.where(none, -1.0, linked[above]),
        np.where(none, -1.0, order - above),
        np.where(none, -1.0, main[above]),
        np.where(link_before < 0, len(main), order - link_before),
        link_after - order,
    ]
    return [np.asarray(column, dtype=np.float64)[chosen] for column in found]


def _last(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The last marked place up to each place, -1 where there is none."""
    out: NDArray[np.int64] = np.maximum.accumulate(np.where(marked, np.arange(len(marked)), -1))
    return out


def _next(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The next marked place from each place on, the number of places where there is none."""
    places = np.where(marked, np.arange(len(marked)), len(marked))
    out: NDArray[np.int64] = np.minimum.accumulate(places[::-1])[::-1]
    return out


def _beginnings(
    texts: Sequence[str], tokens: Numbers, chosen: NDArray[np.int64], spans: NDArray[np.int64]
) -> list[Numbers]:
    """Whether a text is cut short, as the beginnings of other articles are; how many around it are."""
    short = np.array([bool(_CUT_SHORT.search(text[-12:])) for text in texts], dtype=np.float64)
    long = (tokens > 12).astype(np.float64)
    share = float((short * long).sum()) / max(float(long.sum()), 1)
    return [short[chosen], np.array(share), *_means(short, long + 1e-9, spans[:, :4])]


def _told(found: Numbers, chosen: NDArray[np.int64], spans: NDArray[np.int64]) -> list[Numbers]:
    """What the head tells of the unit, and whether the elements around it hold what the head describes."""
    described = _summed(found[:, 0])
    around = spans[:, :AROUND]
    inside = described[around[:, :, 1]] > described[around[:, :, 0]]
    return [*found[chosen].T, *inside.T.astype(np.float64)]


def _nearest_sure(main: Numbers, tokens: Numbers, chosen: NDArray[np.int64]) -> list[Numbers]:
    """How far off the surest text before and behind each unit is, in units and in text between."""
    count = len(main)
    sure = (main > 0.8) & (tokens > 15)
    before = np.concatenate([[-1], _last(sure)[:-1]])[chosen]
    after = np.concatenate([_next(sure)[1:], [count]])[chosen]
    length = _summed(tokens)
    return [
        np.where(before >= 0, chosen - before, -1.0),
        np.where(after < count, after - chosen, -1.0),
        np.where(before >= 0, np.log1p(np.maximum(length[chosen] - length[before + 1], 0)), -1.0),
        np.where(after < count, np.log1p(np.maximum(length[after] - length[chosen + 1], 0)), -1.0),
    ]


def _text_as_a_whole(look: Look, chosen: NDArray[np.int64], runs: Sequence[tuple[int, int]]) -> list[Numbers]:
    """Where the page's text is as a whole: the best runs of units, the best element, and how sure that is."""
    main, length = look.first[:, 0], look.features.tokens
    tokens = np.minimum(length, 400)
    mass, place = _summed(main * tokens), _summed(length)
    total = max(float(mass[-1]), 1e-6)
    found: list[Numbers] = []
    for start, end in runs:
        ahead = np.log1p(np.maximum(place[start] - place[chosen], 0))
        behind = -np.log1p(np.maximum(place[chosen] - place[end], 0))
        far = np.where(chosen < start, ahead, np.where(chosen >= end, behind, 0.0))
        inside = ((chosen >= start) & (chosen < end)).astype(np.float64)
        found += [inside, np.array((mass[end] - mass[start]) / total), far]
    _, first, last, _ = look.features.elements
    gain = _summed((main - 0.4) * tokens)
    best = np.lexsort((last - first, gain[first] - gain[last]))[0]
    start, end = int(first[best]), int(last[best])
    sure = float(((main > 0.8) & (length > 15)).sum())
    return [
        *found,
        ((chosen >= start) & (chosen < end)).astype(np.float64),
        np.array((mass[end] - mass[start]) / total),
        np.array((end - start) / len(main)),
        np.array(np.log1p(total)),
        np.array(total / max(float(place[-1]), 1)),
        np.array(float(((main > 0.1) & (main < 0.9)).mean())),
        np.array(sure),
    ]


def best_run(values: Numbers) -> tuple[int, int]:
    """Find the run of values with the largest sum (Kadane 1984): its start and end, (0, 0) where none gains.

    >>> best_run(np.array([-1.0, 2.0, -1.0, 3.0, -4.0, 1.0]))
    (1, 4)
    """
    sums = _summed(values)
    low = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - low))
    if sums[end] <= low[end]:
        return 0, 0
    return int(np.argmin(sums[: end + 1])), end
