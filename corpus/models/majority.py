"""Baselines that count: what a number must beat before it says anything of a text."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.models.folder import Shape, Stored
from corpus.models.rows import entity_rows, stance_rows, write_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.models.rows import EntityRow, StanceRow

LONGEST = 40
"""Tokens of the longest mention that is looked for; a bound on time."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The share of each label, by target; `""` stands for all targets, and for one never seen."""

    method: str
    shares: dict[str, dict[str, float]]
    task: str = "stance"

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Give each row the most frequent label of its target, or of all; ties go to the first by name."""
        return [most(shares) for shares in self.probabilities(rows)]

    def probabilities(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
        """Give each row the shares of the labels."""
        checked = stance_rows(rows, labelled=False)
        return [self.shares.get(row.target, self.shares[""]) for row in checked]

    def stored(self) -> Stored:
        """Give what a model folder holds of it."""
        return Stored(self.task, self.method, {"shares": self.shares}, {})


def fit_labels(rows: Sequence[StanceRow]) -> Targets:
    """Count labels."""
    return Targets("majority", {"": _shares(row.label for row in rows)})


def fit_targets(rows: Sequence[StanceRow]) -> Targets:
    """Count labels by target."""
    by_target: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_target[row.target].append(row.label)
    shares = {target: _shares(labels) for target, labels in sorted(by_target.items())}
    return Targets("target", shares | {"": _shares(row.label for row in rows)})


def read_targets(stored: Stored) -> Targets:
    """Make the model of what a folder holds."""
    shape = Shape(stored)
    shares = {
        target: {label: shape.number(share) for label, share in shape.mapping(given).items()}
        for target, given in shape.mapping(stored.settings.get("shares")).items()
    }
    shape.require("" in shares and all(shares.values()), "shares of labels, one of them for all targets")
    return Targets(stored.method, shares)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Mentions seen in training, their tokens joined by a NUL, each with its most frequent label."""

    labels: dict[str, str]
    task: str = "entities"
    method: str = "majority"

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        """Tag the longest known mention at each place, from left to right."""
        longest = max((text.count("\0") + 1 for text in self.labels), default=0)
        return [self._tag(row, longest) for row in entity_rows(rows, labelled=False)]

    def _tag(self, row: EntityRow, longest: int) -> list[str]:
        found, place, count = [], 0, len(row.tokens)
        while place < count:
            for end in range(min(count, place + longest), place, -1):
                label = self.labels.get("\0".join(row.tokens[place:end]))
                if label is not None:
                    found.append((place, end, label))
                    place = end
                    break
            else:
                place += 1
        return write_tags(found, count)

    def stored(self) -> Stored:
        """Give what a model folder holds of it."""
        return Stored(self.task, self.method, {"mentions": self.labels}, {})


def fit_mentions(rows: Sequence[EntityRow]) -> Mentions:
    """Count the labels of each mention; one that is more often no mention than one is left out."""
    seen: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in rows:
        for start, end, label in row.mentions:
            if end - start <= LONGEST:
                seen[row.tokens[start:end]][label] += 1
    longest = max(map(len, seen), default=0)
    written: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        for start in range(len(row.tokens)):
            for end in range(start + 1, min(len(row.tokens), start + longest) + 1):
                if row.tokens[start:end] in seen:
                    written[row.tokens[start:end]] += 1
    return Mentions(
        {
            "\0".join(tokens): most(counts)
            for tokens, counts in sorted(seen.items())
            if 2 * counts.total() >= written[tokens]
        }
    )


def read_mentions(stored: Stored) -> Mentions:
    """Make the model of what a folder holds."""
    shape = Shape(stored)
    given = shape.mapping(stored.settings.get("mentions"))
    shape.require(all(isinstance(label, str) and label for label in given.values()), "mentions with a label")
    shape.require(all(text.count("\0") < LONGEST for text in given), f"mentions of {LONGEST} tokens at most")
    return Mentions(given)


def most(counts: Mapping[str, float]) -> str:
    """Name the largest; ties go to the first by name.

    >>> most({"b": 2, "a": 2, "c": 1})
    'a'
    """
    return min(counts, key=lambda label: (-counts[label], label))


def _shares(labels: Iterable[str]) -> dict[str, float]:
    counts = Counter(labels)
    return {label: count / counts.total() for label, count in sorted(counts.items())}
