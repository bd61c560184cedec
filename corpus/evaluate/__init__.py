"""Scores that can be cited: metrics of stance, entities and cleaning, with intervals and a signature.

Gold and predictions come in as rows. Predictions are first matched with gold by id; whatever does not match
is named, counted and refused as a whole, because a score over the rest would be of something else. Each
metric is a function of counts summed over documents, so that intervals and comparisons draw documents.

| task | gold rows | prediction rows |
|---|---|---|
| `stance` | paragraph_id, document_id, target, label, annotator_labels | paragraph_id, target, label |
| `entities` | paragraph_id, document_id, text, tokens, tags | paragraph_id, and spans or tags |
| `cleaning` | document_id, position, text, role, raw_start, raw_end | document_id, and paragraphs or text |

A stance prediction may have `probabilities`, a number a label, for the scores against annotators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import CorpusError
from corpus.evaluate import cleaning, entities, stance
from corpus.evaluate.predictions import read, rows_of
from corpus.evaluate.resampling import SAMPLES, SEED, compare, intervals
from corpus.evaluate.scores import Comparison, Score, Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from corpus.records import Finding

    Rows = Sequence[Mapping[str, Any]]
    Counted = tuple[Sheet | None, tuple[Finding, ...]]

__all__ = [
    "TASKS",
    "Comparison",
    "Result",
    "Score",
    "Sheet",
    "compare_predictions",
    "evaluate",
    "read",
    "rows_of",
    "sheet",
]

TASKS: dict[str, Callable[[Rows, Rows, Sequence[str]], Counted]] = {
    "stance": stance.sheet,
    "entities": entities.sheet,
    "cleaning": cleaning.sheet,
}


class Result(NamedTuple):
    """Scores of one set of predictions, what they were made with, and what the reader must know.

    `confusion` maps gold labels to predicted labels to rows (stance only); `notes` says what was left out.
    """

    scores: tuple[Score, ...]
    signature: str
    confusion: dict[str, dict[str, int]]
    notes: tuple[str, ...]

    def score(self, name: str, part: str = "") -> Score:
        """Find a score by name and part; raises KeyError where there is none."""
        for score in self.scores:
            if (score.name, score.part) == (name, part):
                return score
        raise KeyError(name, part)

    def as_json(self) -> dict[str, Any]:
        """Give JSON values; what is undefined is null."""
        return {
            "scores": [score.as_json() for score in self.scores],
            "signature": self.signature,
            "confusion": self.confusion,
            "notes": list(self.notes),
        }


def sheet(
    task: str,
    gold: Iterable[Mapping[str, Any]],
    predictions: Iterable[Mapping[str, Any]],
    labels: Sequence[str] = (),
) -> Counted:
    """Match predictions with gold and count: the counts, None where refused, and why, row by row.

    `labels` are those of the dataset that the split may lack; others are refused.
    """
    if task not in TASKS:
        raise CorpusError(f"found the task `{task}`; expected one of {', '.join(TASKS)}; choose one")
    rows = list(gold)
    if not rows:
        raise CorpusError(f"found no gold rows for `{task}`; expected one or more; choose another split")
    return TASKS[task](rows, list(predictions), labels)


def evaluate(made: Sheet, source: Mapping[str, str], samples: int = SAMPLES, seed: int = SEED) -> Result:
    """Score counts, with 95 % bootstrap intervals over documents.

    `source` names dataset, version, digest, split and tool version; it goes into the signature with the
    settings of the metrics. The same counts and settings give the same result.
    """
    parts = {
        "task": made.task,
        **source,
        "rows": str(made.rows),
        "documents": str(len(made.counts)),
        **made.settings,
        "interval": f"bootstrap{samples}",
        "unit": "document",
        "seed": str(seed),
    }
    signature = "|".join(f"{name}:{_plain(value)}" for name, value in parts.items())
    return Result(intervals(made, samples, seed), signature, made.confusion, made.notes)


def compare_predictions(
    one: Sheet, other: Sheet, method: str = "bootstrap", samples: int = SAMPLES, seed: int = SEED
) -> tuple[Comparison, ...]:
    """Compare two sets of predictions of the same gold: the difference of every score and its p-value.

    `bootstrap` draws documents for both at once (Koehn 2004), `randomisation` swaps the two within documents
    at random (Noreen 1989). Refuses sheets of different gold.
    """
    if method not in {"bootstrap", "randomisation"}:
        raise CorpusError(f"found the test `{method}`; expected bootstrap or randomisation; choose one")
    return compare(one, other, method, samples, seed)


def _plain(value: str) -> str:
    return "".join("_" if character in "|:\n\r\t" else character for character in value)
