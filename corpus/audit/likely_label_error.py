"""A gold stance that is likely wrong, by models of the text that had not seen it.

Linear models of character and word n-grams learn the stances toward a target from four fifths of the
paragraphs and judge the last fifth, in turn. A stance that they hold for very unlikely is wrong, or the
models know too little: what share of the labels is wrong is estimated together with how far the models can be
believed, and if surprises are no more frequent than the models themselves expect, nothing is reported. The
annotators' votes count for or against, as much as votes agree with gold in this corpus. Reported, likeliest
first, is what is wrong with a probability of 0.7 or more then, with what the models would say, what the
annotators said and where the same text has another gold label. Gold against all its votes is the business of
`gold_against_votes`.

Silent for a target with fewer than 100 gold stances. Of more than 4,000 paragraphs, as many are looked at,
chosen by a hash of their text; `corpus.rank_errors` ranks all. Needs the extra `models`; without it the check
says so and is skipped. How good the models are at this is in docs/benchmarks-audit.md.

Example: `favor` toward `export-controls` of a paragraph that says the rules strangle trade, as 40 others do
that are `against`.

Mend: read the paragraph again. Correct the label, or waive it with what the words do not show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl

from corpus.audit._marks import gold, judgements, sampled, shown, votes
from corpus.audit._view import Place, found
from corpus.likely_errors import suspect_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

SURE = 0.7
"""Probability from which a suspicion is told: of those below, half were errors where 5 % of
tweets' stances had been changed, and most of the false ones on sound sets lay there."""

FEWEST = 100
MOST = 4_000
"""Paragraphs looked at; time grows faster than they do."""

STRENGTH = (1 / 5, 1 / 2)
"""By how much a vote can count against an error at most and at least, as a factor on the odds: annotators
err together, so that two votes are not two independent witnesses, and a sure suspicion outweighs two."""

Votes = dict[tuple[str, str], Counter[str]]


class Suspicion(NamedTuple):
    """A gold line, the label that models would give it, and how probably it is wrong."""

    row: Mapping[str, str]
    expected: str
    probability: float


def check(view: AuditView) -> Iterator[Found]:
    """Judge each target's gold stances by models of the others."""
    rows = judgements(view)
    said = _votes(votes(rows))
    decided = gold(rows)
    strength = _strength(decided, said)
    elsewhere = _elsewhere(decided)
    suspicions = [
        each
        for target in view.project.targets
        for each in _suspicions(decided.filter(pl.col("target") == target.target_id), said, strength)
    ]
    for row, expected, probability in sorted(suspicions, key=lambda each: -each.probability):
        given = said.get((row["paragraph_id"], row["target"]), Counter())
        message = f"{shown(row['quote'])} is {row['label']} toward {row['target']}; models of the other "
        message += f"paragraphs say {expected} ({probability:.0%} likely an error)"
        if given:
            told = ", ".join(f"{count} {label}" for label, count in sorted(given.items()))
            message += f"; votes: {told}"
        others = sorted(elsewhere[row["duplicate_cluster"], row["target"]] - {row["label"]})
        if others:
            message += f"; the same text is {' and '.join(others)} elsewhere"
        hint = f"read it again; correct it to {expected}, or waive it with what the words do not show"
        yield found(__name__, Place.of(row), message, hint, f"{row['target']} {row['label']}", probability)


def _suspicions(rows: pl.DataFrame, said: Votes, strength: float) -> Iterator[Suspicion]:
    kept = [
        row
        for row in sampled(rows, MOST).iter_rows(named=True)
        if not _outvoted(row["label"], said.get((row["paragraph_id"], row["target"])))
    ]
    if len(kept) < FEWEST:
        return
    for suspect in suspect_labels([{"text": row["all"], "label": row["label"]} for row in kept]):
        row = kept[suspect.row]
        given = said.get((row["paragraph_id"], row["target"]), Counter())
        odds = suspect.probability / max(1 - suspect.probability, 1e-9)
        odds *= strength ** (given[suspect.label] - given[suspect.expected])
        if odds >= SURE / (1 - SURE):
            yield Suspicion(row, suspect.expected, odds / (1 + odds))


def _outvoted(label: str, given: Counter[str] | None) -> bool:
    """Whether annotators judged it and none of them said this."""
    return given is not None and not given[label]


def _votes(rows: pl.DataFrame) -> Votes:
    made: Votes = defaultdict(Counter)
    for paragraph_id, target, label in rows.select("paragraph_id", "target", "label").iter_rows():
        made[paragraph_id, target][label] += 1
    return dict(made)


def _strength(decided: pl.DataFrame, said: Votes) -> float:
    """The factor by which a vote for the label lowers the odds of an error: the odds of votes unlike gold."""
    agree = total = 0
    for paragraph_id, target, label in decided.select("paragraph_id", "target", "label").iter_rows():
        given = said.get((paragraph_id, target), Counter())
        agree += given[label]
        total += given.total()
    share = (total - agree + 1) / (agree + 1)
    return min(max(share, STRENGTH[0]), STRENGTH[1])


def _elsewhere(decided: pl.DataFrame) -> defaultdict[tuple[str, str], set[str]]:
    """The gold labels within each cluster of near-duplicate paragraphs and target."""
    labels: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for cluster, target, label in decided.select("duplicate_cluster", "target", "label").iter_rows():
        labels[cluster, target].add(label)
    return labels
