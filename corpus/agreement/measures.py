"""Agreement between annotators: pure numbers, with bootstrap intervals.

Names are those of Artstein and Poesio, "Inter-coder agreement for computational linguistics" (2008). Every
measure is a function of a tally that adds up over documents, so an interval comes from drawing documents with
replacement (paragraphs of one document are not independent) and adding up their tallies.

An undefined measure is NaN, never a guess: nobody judged the same unit twice, or all judgements are alike, so
that nothing is known about chance. `report` says which.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Statistic = Callable[[Array], float]

Value = str | float
Level = Literal["nominal", "ordinal", "interval"]

SAMPLES = 1000
"""Bootstrap draws: the bounds of a 95 % interval then rest on 25 draws each."""


# ---------------------------------------------------------------- one matrix: annotators x units


def counts(matrix: Sequence[Sequence[Value | None]]) -> tuple[Array, list[Value]]:
    """Count how many annotators gave each unit each value: units x values, and the values in order.

    None and NaN are missing. Raises ValueError where rows differ in length, or numbers and words are mixed.
    """
    rows = [[None if _missing(value) else value for value in row] for row in matrix]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("annotators judge different numbers of units; write None where one is missing")
    values = {value for row in rows for value in row if value is not None}
    if len({isinstance(value, str) for value in values}) > 1:
        raise ValueError("values are words and numbers; expected one kind")
    domain = sorted(values, key=lambda value: (str(value) if isinstance(value, str) else "", value))
    index = {value: number for number, value in enumerate(domain)}
    made = np.zeros((len(rows[0]) if rows else 0, len(domain)))
    for row in rows:
        for unit, value in enumerate(row):
            if value is not None:
                made[unit, index[value]] += 1
    return made, domain


def _missing(value: Value | None) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def alpha(matrix: Sequence[Sequence[Value | None]], level: Level = "nominal") -> float:
    """Krippendorff's alpha of a matrix of annotators x units, None where a judgement is missing.

    Computed from coincidences (Krippendorff, "Content Analysis", 2004, chapter 11). Ordinal and interval take
    numbers; ValueError for words. NaN where no unit has two judgements, or all judgements are alike.

    >>> round(alpha([[1, 2, 3, 3], [1, 2, 3, 4]]), 3)
    0.696
    >>> alpha([["favor", "favor"], ["favor", "favor"]])
    nan
    """
    table, domain = counts(matrix)
    if level not in {"nominal", "ordinal", "interval"}:
        message = f"level {level!r}; expected nominal, ordinal or interval"
        raise ValueError(message)
    if level != "nominal" and any(isinstance(value, str) for value in domain):
        message = f"{level} alpha takes numbers, not words: write each label's rank"
        raise ValueError(message)
    return alpha_of(coincidences(table).ravel(), level, domain)


def coincidences(table: Array) -> Array:
    """Count the ordered pairs of values in units judged twice or more, weighed by 1 / (judgements - 1)."""
    judged = table.sum(axis=1)
    table, judged = table[judged >= 2], judged[judged >= 2]
    weighed = table / (judged - 1)[:, None]
    made: Array = weighed.T @ table - np.diag(weighed.sum(axis=0))
    return made


def alpha_of(pairs: Array, level: Level, domain: Sequence[Value]) -> float:
    """Alpha of coincidences, raveled, of the values of `domain`."""
    observed = pairs.reshape(len(domain), len(domain))
    margins = observed.sum(axis=0)
    total = margins.sum()
    distance = _distances(margins, level, domain)
    expected = float((np.outer(margins, margins) * distance).sum())
    if total < 2 or expected == 0:
        return math.nan
    return 1 - float((observed * distance).sum()) * (float(total) - 1) / expected


def _distances(margins: Array, level: Level, domain: Sequence[Value]) -> Array:
    size = len(domain)
    if level == "nominal":
        return 1 - np.eye(size)
    if level == "interval":
        ranks = np.array([float(value) for value in domain])
    else:
        # The rank of a value is the middle of its place among all pairable judgements, in order.
        ranks = np.cumsum(margins) - margins / 2
    made: Array = (ranks[:, None] - ranks[None, :]) ** 2
    return made


def ratings(table: Array) -> Array:
    """Tally what Fleiss's kappa and AC1 take: agreement, units judged twice, units, and shares of values."""
    judged = table.sum(axis=1)
    table, judged = table[judged > 0], judged[judged > 0]
    twice = judged >= 2
    agreed = (table[twice] * (table[twice] - 1)).sum(axis=1) / (judged[twice] * (judged[twice] - 1))
    shares = (table / judged[:, None]).sum(axis=0)
    return np.array([agreed.sum(), twice.sum(), len(judged), *shares])


def observed_agreement(tally: Array) -> float:
    """Observed agreement of a tally of ratings."""
    return float(tally[0] / tally[1]) if tally[1] else math.nan


def _above_chance(observed: float, chance: float) -> float:
    return math.nan if math.isnan(observed) or chance >= 1 else (observed - chance) / (1 - chance)


def fleiss_of(tally: Array) -> float:
    """Fleiss's kappa of a tally of ratings."""
    shares = tally[3:] / tally[2] if tally[2] else tally[3:]
    return _above_chance(observed_agreement(tally), float((shares**2).sum()))


def ac1_of(tally: Array) -> float:
    """Gwet's AC1 of a tally of ratings."""
    if len(tally) < 5 or not tally[2]:
        return math.nan
    shares = tally[3:] / tally[2]
    return _above_chance(observed_agreement(tally), float((shares * (1 - shares)).sum()) / (len(shares) - 1))


def percent(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Observed agreement: the share of equal pairs among the judgements of a unit, averaged over units."""
    return observed_agreement(ratings(counts(matrix)[0]))


def fleiss_kappa(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Fleiss's kappa (1971), for units judged by any number of annotators (Gwet 2014, chapter 2).

    NaN where no unit has two judgements, or all judgements are alike.
    """
    return fleiss_of(ratings(counts(matrix)[0]))


def gwet_ac1(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Gwet's AC1 (2008), which stays meaningful where one label is rare; missing judgements as in Gwet 2014.

    NaN where no unit has two judgements, or there is one value only.
    """
    return ac1_of(ratings(counts(matrix)[0]))


# ---------------------------------------------------------------- two annotators


def confusion(first: Sequence[Value | None], second: Sequence[Value | None]) -> Array:
    """Count the pairs of values of two annotators: rows the first's, columns the second's."""
    _, domain = counts([first, second])
    index = {value: number for number, value in enumerate(domain)}
    made = np.zeros((len(domain), len(domain)))
    for one, two in zip(first, second, strict=True):
        if one is not None and two is not None and not _missing(one) and not _missing(two):
            made[index[one], index[two]] += 1
    return made


def cohen_kappa(first: Sequence[Value | None], second: Sequence[Value | None]) -> float:
    """Cohen's kappa (1960): chance from each annotator's own use of the values.

    >>> cohen_kappa(["a", "a", "b", "b"], ["a", "b", "b", "b"])
    0.5
    """
    return cohen_of(confusion(first, second).ravel())


def scott_pi(first: Sequence[Value | None], second: Sequence[Value | None]) -> float:
    """Scott's pi (1955): chance from both annotators' common use of the values."""
    return _scott(confusion(first, second).ravel())


def bennett_s(first: Sequence[Value | None], second: Sequence[Value | None]) -> float:
    """Bennett, Alpert and Goldstein's S (1954): chance as if all values that occur were equally likely."""
    return _bennett(confusion(first, second).ravel())


def _shares(tally: Array) -> Array:
    size = math.isqrt(len(tally))
    made: Array = tally.reshape(size, size) / tally.sum()
    return made


def cohen_of(tally: Array) -> float:
    """Cohen's kappa of a confusion matrix, raveled."""
    if not tally.any():
        return math.nan
    shares = _shares(tally)
    return _above_chance(float(np.trace(shares)), float(shares.sum(axis=0) @ shares.sum(axis=1)))


def _scott(tally: Array) -> float:
    if not tally.any():
        return math.nan
    shares = _shares(tally)
    both = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    return _above_chance(float(np.trace(shares)), float(both @ both))


def _bennett(tally: Array) -> float:
    if not tally.any():
        return math.nan
    shares = _shares(tally)
    return _above_chance(float(np.trace(shares)), 1 / len(shares))


# ---------------------------------------------------------------- spans


class Span(NamedTuple):
    """A labelled range of a text; `text` names the text, so that spans of several can be mixed."""

    text: Hashable
    start: int
    end: int
    label: str


def span_f1(first: Iterable[Span], second: Iterable[Span], *, overlap: bool = False) -> float:
    """F1 of two annotators' spans, which is the same whoever is taken as right (Hripcsak, Rothschild 2005).

    Exact: start, end and label alike. With `overlap`: label alike and at least one character in common, each
    span matched once. NaN where neither marked anything.

    >>> a, b = [Span("p", 0, 2, "ORG")], [Span("p", 0, 3, "ORG"), Span("p", 5, 6, "LOC")]
    >>> span_f1(a, b), round(span_f1(a, b, overlap=True), 3)
    (0.0, 0.667)
    """
    return f1_of(matches(list(first), list(second), overlap=overlap))


def f1_of(tally: Array) -> float:
    """F1 of a tally of matches."""
    marked = tally[1] + tally[2]
    return 2 * float(tally[0] / marked) if marked else math.nan


def matches(first: Sequence[Span], second: Sequence[Span], *, overlap: bool) -> Array:
    """Tally two annotators' spans: how many match, and how many each marked."""
    if not overlap:
        common = sum((Counter(first) & Counter(second)).values())
        return np.array([float(common), len(first), len(second)])
    by_place: dict[tuple[Hashable, str], list[Span]] = defaultdict(list)
    for span in sorted(second, key=lambda s: (s.end, s.start)):
        by_place[span.text, span.label].append(span)
    common = 0
    # Taking spans by their ends, and for each the first free one it meets, matches as many as can be.
    for span in sorted(first, key=lambda s: (s.end, s.start)):
        free = by_place[span.text, span.label]
        met = next((s for s in free if s.start < span.end and span.start < s.end), None)
        if met:
            free.remove(met)
            common += 1
    return np.array([float(common), len(first), len(second)])


# ---------------------------------------------------------------- intervals


class Estimate(NamedTuple):
    """A measure with its 95 % bootstrap interval; NaN where undefined."""

    value: float
    low: float
    high: float


def interval(tallies: Sequence[Array], statistic: Statistic, seed: int = 0) -> Estimate:
    """Give a measure and its 95 % percentile interval, drawing the tallies (documents) with replacement.

    The same tallies and seed give the same interval. The bounds are NaN where there are fewer than two
    documents, or where the measure is undefined in more than one draw of twenty.
    """
    stacked = np.array(tallies, dtype=float)
    if not len(stacked):
        return Estimate(math.nan, math.nan, math.nan)
    value = statistic(stacked.sum(axis=0))
    if len(stacked) < 2 or math.isnan(value):
        return Estimate(value, math.nan, math.nan)
    weights = np.random.default_rng(seed).multinomial(
        len(stacked), np.full(len(stacked), 1 / len(stacked)), SAMPLES
    )
    drawn = np.array([statistic(total) for total in weights @ stacked])
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) < 0.95 * SAMPLES:
        return Estimate(value, math.nan, math.nan)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
