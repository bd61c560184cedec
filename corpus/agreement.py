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
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from corpus.records import Annotation

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
    return _alpha(coincidences(table).ravel(), level, domain)


def coincidences(table: Array) -> Array:
    """Count the ordered pairs of values in units judged twice or more, weighed by 1 / (judgements - 1)."""
    judged = table.sum(axis=1)
    table, judged = table[judged >= 2], judged[judged >= 2]
    weighed = table / (judged - 1)[:, None]
    made: Array = weighed.T @ table - np.diag(weighed.sum(axis=0))
    return made


def _alpha(pairs: Array, level: Level, domain: Sequence[Value]) -> float:
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


def _ratings(table: Array) -> Array:
    """Tally what Fleiss's kappa and AC1 take: agreement, units judged twice, units, and shares of values."""
    judged = table.sum(axis=1)
    table, judged = table[judged > 0], judged[judged > 0]
    twice = judged >= 2
    agreed = (table[twice] * (table[twice] - 1)).sum(axis=1) / (judged[twice] * (judged[twice] - 1))
    shares = (table / judged[:, None]).sum(axis=0)
    return np.array([agreed.sum(), twice.sum(), len(judged), *shares])


def _observed(tally: Array) -> float:
    return float(tally[0] / tally[1]) if tally[1] else math.nan


def _above_chance(observed: float, chance: float) -> float:
    return math.nan if math.isnan(observed) or chance >= 1 else (observed - chance) / (1 - chance)


def _fleiss(tally: Array) -> float:
    shares = tally[3:] / tally[2] if tally[2] else tally[3:]
    return _above_chance(_observed(tally), float((shares**2).sum()))


def _ac1(tally: Array) -> float:
    if len(tally) < 5 or not tally[2]:
        return math.nan
    shares = tally[3:] / tally[2]
    return _above_chance(_observed(tally), float((shares * (1 - shares)).sum()) / (len(shares) - 1))


def percent(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Observed agreement: the share of equal pairs among the judgements of a unit, averaged over units."""
    return _observed(_ratings(counts(matrix)[0]))


def fleiss_kappa(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Fleiss's kappa (1971), for units judged by any number of annotators (Gwet 2014, chapter 2).

    NaN where no unit has two judgements, or all judgements are alike.
    """
    return _fleiss(_ratings(counts(matrix)[0]))


def gwet_ac1(matrix: Sequence[Sequence[Value | None]]) -> float:
    """Gwet's AC1 (2008), which stays meaningful where one label is rare; missing judgements as in Gwet 2014.

    NaN where no unit has two judgements, or there is one value only.
    """
    return _ac1(_ratings(counts(matrix)[0]))


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
    return _cohen(confusion(first, second).ravel())


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


def _cohen(tally: Array) -> float:
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
    return _f1(_matches(list(first), list(second), overlap=overlap))


def _f1(tally: Array) -> float:
    marked = tally[1] + tally[2]
    return 2 * float(tally[0] / marked) if marked else math.nan


def _matches(first: Sequence[Span], second: Sequence[Span], *, overlap: bool) -> Array:
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


# ---------------------------------------------------------------- the report


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: a measure on a part of one layer.

    `part` is `all`, `label`, `target`, `annotators`, `document` or `week`; `name` says which one. `units` is
    how many units (stances) or spans (entities) the figure rests on, `documents` how many documents.
    `note` says why a value is undefined.
    """

    layer: str
    part: str
    name: str
    measure: str
    value: float
    low: float
    high: float
    units: int
    documents: int
    note: str = ""


def report(
    annotations: Iterable[Annotation], places: Mapping[str, tuple[str, int, int]] | None = None, seed: int = 0
) -> list[Row]:
    """Report the agreement of annotators without `gold`: all, by label, target, pair, document and week.

    Stances of one paragraph toward one target are one unit: observed agreement, alpha, Fleiss's kappa and AC1
    over all annotators, Cohen's kappa for a pair. Entities are compared as spans, pair by pair: F1, exact and
    overlapping. An annotator has judged a document who left an annotation of the layer in it; a week is that
    of a unit's last judgement. Places are raw places, or those of `places`, which gives (paragraph id, start,
    end) by annotation id.
    """
    rows = [row for row in annotations if row.annotator != "gold"]
    stances = [row for row in rows if row.layer == "stance"]
    entities = [row for row in rows if row.layer == "entity"]
    return [*_stances(_units(stances, places or {}), seed), *_entities(_marks(entities, places or {}), seed)]


def _place(row: Annotation, places: Mapping[str, tuple[str, int, int]]) -> tuple[str, int, int]:
    return places.get(row.annotation_id, (f"{row.document_id}\n{row.raw_sha256}", row.raw_start, row.raw_end))


def _week(created_at: str) -> str:
    try:
        when = datetime.fromisoformat(created_at)
    except ValueError:
        return "unknown"
    year, week, _ = (when.astimezone(UTC) if when.tzinfo else when).isocalendar()
    return f"{year}-W{week:02}"


class _Unit(NamedTuple):
    """A paragraph and a target with everyone's label."""

    document: str
    target: str
    week: str
    labels: dict[str, str]


def _units(rows: Sequence[Annotation], places: Mapping[str, tuple[str, int, int]]) -> list[_Unit]:
    made: dict[tuple[object, ...], list[Annotation]] = defaultdict(list)
    for row in rows:
        made[row.document_id, _place(row, places), row.target].append(row)
    units: list[_Unit] = []
    for found in made.values():
        by_time = sorted(found, key=lambda row: (row.created_at, row.annotation_id))
        labels = {row.annotator: row.label for row in by_time}
        units.append(
            _Unit(found[0].document_id, found[0].target or "", _week(by_time[-1].created_at), labels)
        )
    return sorted(
        units, key=lambda unit: (unit.document, unit.target, unit.week, sorted(unit.labels.items()))
    )


def _stances(units: list[_Unit], seed: int) -> list[Row]:
    labels = sorted({label for unit in units for label in unit.labels.values()})
    rows = _stance_rows(units, "all", "", labels, seed)
    for label in labels:
        rest = f"not {label}"
        merged = [
            unit._replace(labels={who: said if said == label else rest for who, said in unit.labels.items()})
            for unit in units
        ]
        rows += _stance_rows(merged, "label", label, [label, rest], seed)
    for part, key in (("target", "target"), ("document", "document"), ("week", "week")):
        for name in sorted({getattr(unit, key) for unit in units}):
            rows += _stance_rows([u for u in units if getattr(u, key) == name], part, name, labels, seed)
    for one, two in combinations(sorted({who for unit in units for who in unit.labels}), 2):
        both = [unit for unit in units if one in unit.labels and two in unit.labels]
        tallies = _by_document(both, partial(_pair, one=one, two=two, labels=labels))
        pair = ("annotators", f"{one}, {two}")
        rows.append(_row("stance", pair, "cohen_kappa", tallies, _cohen, len(both), seed))
    return rows


def _stance_rows(units: list[_Unit], part: str, name: str, labels: list[str], seed: int) -> list[Row]:
    judged = [unit for unit in units if len(unit.labels) > 1]

    def nominal(tally: Array) -> float:
        return _alpha(tally, "nominal", labels)

    pairs = _by_document(judged, lambda found: coincidences(_table(found, labels)).ravel())
    ratings = _by_document(judged, lambda found: _ratings(_table(found, labels)))
    return [
        _row("stance", (part, name), measure, tallies, statistic, len(judged), seed)
        for measure, tallies, statistic in (
            ("agreement", ratings, _observed),
            ("alpha", pairs, nominal),
            ("fleiss_kappa", ratings, _fleiss),
            ("gwet_ac1", ratings, _ac1),
        )
    ]


def _table(units: list[_Unit], labels: list[str]) -> Array:
    made = np.zeros((len(units), len(labels)))
    for number, unit in enumerate(units):
        for label in unit.labels.values():
            made[number, labels.index(label)] += 1
    return made


def _pair(units: list[_Unit], one: str, two: str, labels: list[str]) -> Array:
    made = np.zeros((len(labels), len(labels)))
    for unit in units:
        made[labels.index(unit.labels[one]), labels.index(unit.labels[two])] += 1
    return made.ravel()


def _by_document(units: list[_Unit], tally: Callable[[list[_Unit]], Array]) -> list[Array]:
    made: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        made[unit.document].append(unit)
    return [tally(made[document]) for document in sorted(made)]


class _Mark(NamedTuple):
    """An entity mention as a span, with who marked it and when."""

    document: str
    annotator: str
    week: str
    span: Span


def _marks(rows: Sequence[Annotation], places: Mapping[str, tuple[str, int, int]]) -> list[_Mark]:
    made = {
        _Mark(row.document_id, row.annotator, _week(row.created_at), Span(*_place(row, places), row.label))
        for row in rows
    }
    return sorted(
        made, key=lambda mark: (mark.document, mark.annotator, str(mark.span.text), mark.span[1:], mark.week)
    )


def _entities(marks: list[_Mark], seed: int) -> list[Row]:
    rows = _entity_rows(marks, marks, ("all", ""), seed)
    for label in sorted({mark.span.label for mark in marks}):
        rows += _entity_rows([m for m in marks if m.span.label == label], marks, ("label", label), seed)
    for document in sorted({mark.document for mark in marks}):
        inside = [mark for mark in marks if mark.document == document]
        rows += _entity_rows(inside, inside, ("document", document), seed)
    weeks = {mark.document: max(m.week for m in marks if m.document == mark.document) for mark in marks}
    for week in sorted(set(weeks.values())):
        inside = [mark for mark in marks if weeks[mark.document] == week]
        rows += _entity_rows(inside, inside, ("week", week), seed)
    for pair in combinations(sorted({mark.annotator for mark in marks}), 2):
        inside = [mark for mark in marks if mark.annotator in pair]
        rows += _entity_rows(inside, inside, ("annotators", ", ".join(pair)), seed)
    return rows


def _entity_rows(marks: list[_Mark], judged: list[_Mark], part: tuple[str, str], seed: int) -> list[Row]:
    """Compare spans pair by pair in the documents that both annotators judged, and add the pairs up."""
    judges: dict[str, set[str]] = defaultdict(set)
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for mark in judged:
        judges[mark.document].add(mark.annotator)
    for mark in marks:
        spans[mark.document, mark.annotator].append(mark.span)
    shared = sorted(document for document, names in judges.items() if len(names) > 1)
    rows: list[Row] = []
    for measure, overlap in (("f1_exact", False), ("f1_overlap", True)):
        tallies = [
            sum(
                (
                    _matches(spans[document, one], spans[document, two], overlap=overlap)
                    for one, two in combinations(sorted(judges[document]), 2)
                ),
                start=np.zeros(3),
            )
            for document in shared
        ]
        units = sum(len(spans[document, who]) for document in shared for who in judges[document])
        rows.append(_row("entity", part, measure, tallies, _f1, units, seed))
    return rows


def _row(  # noqa: PLR0913, PLR0917 - the columns of a row
    layer: str,
    part: tuple[str, str],
    measure: str,
    tallies: Sequence[Array],
    statistic: Statistic,
    units: int,
    seed: int,
) -> Row:
    estimate = interval(tallies, statistic, seed)
    note = ""
    if not tallies:
        note = "undefined: no two annotators judged the same unit"
    elif math.isnan(estimate.value):
        note = (
            "undefined: nobody marked anything"
            if layer == "entity"
            else "undefined: all judgements are alike"
        )
    return Row(layer, *part, measure, *estimate, units, len(tallies), note)
