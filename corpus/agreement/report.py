"""The agreement of a corpus's annotators, part by part."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from corpus.agreement.gamma import gamma
from corpus.agreement.measures import (
    Span,
    ac1_of,
    alpha_of,
    cohen_of,
    coincidences,
    f1_of,
    fleiss_of,
    interval,
    matches,
    observed_agreement,
    ratings,
)
from corpus.records import GOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from corpus.agreement.measures import Array, Statistic
    from corpus.records import Annotation


_Kind = TypeVar("_Kind")


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
    annotations: Iterable[Annotation],
    places: Mapping[str, tuple[str, int, int]] | None = None,
    seed: int = 0,
    *,
    with_gamma: bool = False,
) -> list[Row]:
    """Report the agreement of annotators without `gold`: all, by label, target, pair, document and week.

    Stances of one paragraph toward one target are one unit: observed agreement, alpha, Fleiss's kappa and AC1
    over all annotators, Cohen's kappa for a pair. Entities are compared as spans, pair by pair: F1, exact and
    overlapping. An annotator has judged a document who left an annotation of the layer in it; a week is that
    of a unit's last judgement. Places are raw places, or those of `places`, which gives (paragraph id, start,
    end) by annotation id. `with_gamma` adds gamma of every document's mentions, and its mean.
    """
    rows = [row for row in annotations if row.annotator != GOLD]
    stances = [row for row in rows if row.layer == "stance"]
    entities = [row for row in rows if row.layer == "entity"]
    marks = _marks(entities, places or {})
    gammas = _gammas(marks, seed) if with_gamma else []
    return [*_stances(_units(stances, places or {}), seed), *_entities(marks, seed), *gammas]


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


def _grouped(rows: Iterable[_Kind], key: Callable[[_Kind], str]) -> list[tuple[str, list[_Kind]]]:
    made: dict[str, list[_Kind]] = defaultdict(list)
    for row in rows:
        made[key(row)].append(row)
    return sorted(made.items())


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
        for name, found in _grouped(units, lambda unit, key=key: str(getattr(unit, key))):  # type: ignore[misc]
            rows += _stance_rows(found, part, name, labels, seed)
    for one, two in combinations(sorted({who for unit in units for who in unit.labels}), 2):
        both = [unit for unit in units if one in unit.labels and two in unit.labels]
        tallies = _by_document(both, partial(_pair, one=one, two=two, labels=labels))
        pair = ("annotators", f"{one}, {two}")
        rows.append(_row("stance", pair, "cohen_kappa", tallies, cohen_of, len(both), seed))
    return rows


def _stance_rows(units: list[_Unit], part: str, name: str, labels: list[str], seed: int) -> list[Row]:
    judged = [unit for unit in units if len(unit.labels) > 1]

    def nominal(tally: Array) -> float:
        return alpha_of(tally, "nominal", labels)

    pairs = _by_document(judged, lambda found: coincidences(_table(found, labels)).ravel())
    rated = _by_document(judged, lambda found: ratings(_table(found, labels)))
    return [
        _row("stance", (part, name), measure, tallies, statistic, len(judged), seed)
        for measure, tallies, statistic in (
            ("agreement", rated, observed_agreement),
            ("alpha", pairs, nominal),
            ("fleiss_kappa", rated, fleiss_of),
            ("gwet_ac1", rated, ac1_of),
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
    for label, found in _grouped(marks, lambda mark: mark.span.label):
        rows += _entity_rows(found, marks, ("label", label), seed)
    weeks: dict[str, str] = {}
    for document, found in _grouped(marks, lambda mark: mark.document):
        weeks[document] = max(mark.week for mark in found)
        rows += _entity_rows(found, found, ("document", document), seed)
    for week, found in _grouped(marks, lambda mark: weeks[mark.document]):
        rows += _entity_rows(found, found, ("week", week), seed)
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
                    matches(spans[document, one], spans[document, two], overlap=overlap)
                    for one, two in combinations(sorted(judges[document]), 2)
                ),
                start=np.zeros(3),
            )
            for document in shared
        ]
        units = sum(len(spans[document, who]) for document in shared for who in judges[document])
        rows.append(_row("entity", part, measure, tallies, f1_of, units, seed))
    return rows


def _gammas(marks: list[_Mark], seed: int) -> list[Row]:
    """Give gamma of each document that two annotators marked, and the mean over these documents."""
    rows: list[Row] = []
    tallies: list[Array] = []
    for document, found in _grouped(marks, lambda mark: mark.document):
        spans = {who: [mark.span for mark in mine] for who, mine in _grouped(found, lambda m: m.annotator)}
        if len(spans) > 1:
            tallies.append(np.array([gamma(spans, seed), 1.0]))
            part = "document", document
            rows.append(_row("entity", part, "gamma", tallies[-1:], _mean, len(found), seed))
    return [_row("entity", ("all", ""), "gamma", tallies, _mean, len(marks), seed), *rows]


def _mean(tally: Array) -> float:
    return float(tally[0] / tally[1]) if tally[1] else math.nan


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
