"""Mentions that the models expect, pooled over all places of the same form.

One place says little: a model that learned from rows where half the mentions are forgotten is never sure. But
the mean over all places of a form, annotated ones counting as certain, tells words that are mentions from
words that are not, also for forms which nobody annotated anywhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.likely_errors.mentions import Mention
    from corpus.likely_errors.sequence import Opinion
    from corpus.likely_errors.surfaces import Form

LONGEST = 8
"""Longer forms hardly ever occur twice: nothing to pool."""
FAINT = 0.02
"""A span less likely than this is not looked at; it would not move any rank."""


class Expected(NamedTuple):
    """A span, and how probably a mention begins and ends there: the mean over all places of its form."""

    start: int
    end: int
    probability: float
    apart: float
    """The same without the row's own annotations: what could be said had the row none of them."""


def spans(opinion: Opinion) -> Iterator[Expected]:
    """Give the spans of a row that its opinion holds for a mention of any label, with their probability.

    The chance to go on is taken from neighbouring marginals, as if tokens were a chain: an estimate.
    """
    begins = [at for at, label in enumerate(opinion.labels) if label.startswith("B-")]
    insides = [at for at, label in enumerate(opinion.labels) if label.startswith("I-")]
    begin = opinion.marginals[:, begins].sum(axis=1).tolist()
    inside = opinion.marginals[:, insides].sum(axis=1).tolist()
    length = len(begin)
    for start, first in enumerate(begin):
        reach = first
        for end in range(start + 1, min(length, start + LONGEST) + 1):
            if reach < FAINT:
                break
            before = max(begin[end - 1] + inside[end - 1], 1e-9)
            further = min(1.0, inside[end] / before) if end < length else 0.0
            if (chance := reach * (1 - further)) >= FAINT:
                yield Expected(start, end, chance, chance)
            reach *= further


def chance(opinion: Opinion, start: int, end: int) -> float:
    """How probably a mention of any label begins and ends just there, by the same estimate."""
    begin = opinion.marginals[:, [at for at, tag in enumerate(opinion.labels) if tag[0] == "B"]].sum(axis=1)
    inside = opinion.marginals[:, [at for at, tag in enumerate(opinion.labels) if tag[0] == "I"]].sum(axis=1)
    reach = float(begin[start])
    for at in range(start + 1, end + 1):
        before = max(float(begin[at - 1] + inside[at - 1]), 1e-9)
        further = min(1.0, float(inside[at]) / before) if at < len(begin) else 0.0
        reach *= further if at < end else 1 - further
    return reach


def pool(
    tokens: Sequence[Sequence[str]], mentions: Sequence[Sequence[Mention]], opinions: Sequence[Opinion]
) -> list[list[Expected]]:
    """Give each row the spans expected in it, likeliest first."""
    found = [list(spans(opinion)) for opinion in opinions]
    weight: defaultdict[Form, float] = defaultdict(float)
    own = [_annotated(row, marked) for row, marked in zip(tokens, mentions, strict=True)]
    for row, marked, expected, annotated in zip(tokens, mentions, found, own, strict=True):
        for form, count in annotated.items():
            weight[form] += count
        places = {(start, end) for start, end, _ in marked}
        for start, end, chance, _ in expected:
            if (start, end) not in places:
                weight[tuple(row[start:end])] += chance
    total = _count(tokens, weight)
    return [
        sorted(
            (
                Expected(
                    start,
                    end,
                    _mean(weight[form], total[form], chance),
                    _mean(weight[form] - annotated[form], total[form] - annotated[form], chance),
                )
                for start, end, chance, _ in expected
                for form in (tuple(row[start:end]),)
            ),
            key=lambda span: (-span.probability, span),
        )
        for row, expected, annotated in zip(tokens, found, own, strict=True)
    ]


def _mean(weight: float, places: int, chance: float) -> float:
    """The mean where the row leaves the form alone somewhere; else what the model says is one more place."""
    return min(1.0, weight / places if weight > chance else (weight + chance) / (places + 1))


def _annotated(row: Sequence[str], mentions: Sequence[Mention]) -> Counter[Form]:
    """How often a row annotates each form."""
    return Counter(tuple(row[start:end]) for start, end, _ in mentions if end - start <= LONGEST)


def _count(tokens: Sequence[Sequence[str]], forms: defaultdict[Form, float]) -> Counter[Form]:
    """How often the rows hold each of the forms."""
    lengths = sorted({len(form) for form in forms})
    return Counter(
        form
        for row in tokens
        for length in lengths
        for at in range(len(row) - length + 1)
        if (form := tuple(row[at : at + length])) in forms
    )
