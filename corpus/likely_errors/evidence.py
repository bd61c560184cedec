"""Evidence that a tagging of a row is wrong, as numbers: from the models and from label variation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors.expected import Expected
from corpus.likely_errors.mentions import OUTSIDE, write_tags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from corpus.likely_errors.mentions import Mention
    from corpus.likely_errors.sequence import Opinion
    from corpus.likely_errors.surfaces import Seen

CERTAIN = 0.9999
"""No witness is surer than this: one token must not drown the rest of a row."""
UNHEARD = 8.0
"""-log of the share of a length that no mention has; about one in 3,000."""


class Evidence(NamedTuple):
    """Each number grows with the chance that the row holds an error."""

    unlikely: float
    """-log of the probability of the tags."""
    beaten: float
    """How much more likely, in logs, the tags are that the model would choose."""
    missing: float
    """Tokens outside that begin a mention, as -log of none of them doing so."""
    missing_most: float
    doubted: float
    """Tokens of mentions that should carry another tag, likewise."""
    doubted_most: float
    forgotten: float
    """Forms that other rows annotate and this one does not, likewise."""
    forgotten_most: float
    unlike: float
    """Mentions whose form other rows leave alone or give another label, likewise."""
    unlike_most: float
    expected: float
    """Spans, outside mentions, whose form is mostly held for a mention, likewise."""
    expected_most: float
    rare_length: float
    """-log of the share of mentions under the label that are as long, for the rarest."""
    tokens: float
    mentions: float


def against(probability: float) -> float:
    """-log(1 - p), so that sums stand for the probability that at least one of several is wrong."""
    return -math.log(1 - min(probability, CERTAIN))


class Witnesses(NamedTuple):
    """What is known of a row without its own tags."""

    opinion: Opinion
    seen: Sequence[Seen]
    expected: Sequence[Expected]
    lengths: Mapping[tuple[str, int], float]
    """-log of the share of all mentions under a label that have so many tokens; one mapping for all rows."""


def weigh(mentions: Sequence[Mention], asked: int, witnesses: Witnesses) -> Evidence:
    """Weigh one tagging of a row; `asked` is its place among the taggings the opinion was asked about."""
    opinion, lengths = witnesses.opinion, witnesses.lengths
    missing, doubted = _by_model(mentions, opinion)
    forgotten, unlike = _by_variation(mentions, witnesses.seen)
    expected = [against(span.apart) for span in unmarked(mentions, witnesses.expected)]
    return Evidence(
        unlikely=-opinion.logs[asked],
        beaten=max(0.0, opinion.best - opinion.logs[asked]),
        missing=sum(missing),
        missing_most=max(missing, default=0.0),
        doubted=sum(doubted),
        doubted_most=max(doubted, default=0.0),
        forgotten=sum(forgotten),
        forgotten_most=max(forgotten, default=0.0),
        unlike=sum(unlike),
        unlike_most=max(unlike, default=0.0),
        expected=sum(expected),
        expected_most=max(expected, default=0.0),
        rare_length=max((lengths.get((m.label, m.end - m.start), UNHEARD) for m in mentions), default=0.0),
        tokens=float(len(opinion.marginals)),
        mentions=float(len(mentions)),
    )


def variation(mentions: Sequence[Mention], seen: Sequence[Seen]) -> float:
    """How probably a row is at odds with how others annotate its forms, places taken as independent."""
    forgotten, unlike = _by_variation(mentions, seen)
    return 1 - math.exp(-sum(forgotten) - sum(unlike))


def unmarked(mentions: Sequence[Mention], expected: Sequence[Expected]) -> list[Expected]:
    """Of the spans expected, likeliest first, those that touch no mention and none taken before."""
    taken = {place for start, end, _ in mentions for place in range(start, end)}
    kept = []
    for span in expected:
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            kept.append(span)
    return kept


def _by_model(mentions: Sequence[Mention], opinion: Opinion) -> tuple[list[float], list[float]]:
    column = {label: at for at, label in enumerate(opinion.labels)}
    begins = [at for label, at in column.items() if label.startswith("B-")]
    missing, doubted = [], []
    beginning = opinion.marginals[:, begins].sum(axis=1)
    for place, tag in enumerate(write_tags(mentions, len(opinion.marginals))):
        if tag == OUTSIDE:
            missing.append(against(float(beginning[place])))
        else:
            agreed = float(opinion.marginals[place, column[tag]]) if tag in column else 0.0
            doubted.append(against(1 - agreed))
    return missing, doubted


def _by_variation(mentions: Sequence[Mention], seen: Sequence[Seen]) -> tuple[list[float], list[float]]:
    here = {(start, end): label for start, end, label in mentions}
    taken = {place for start, end, _ in mentions for place in range(start, end)}
    unlike, offered = [], []
    for start, end, labels, occurrences in seen:
        if (start, end) in here:
            if occurrences:
                unlike.append(against(1 - (labels[here[start, end]] + 0.5) / (occurrences + 1)))
        elif labels and taken.isdisjoint(range(start, end)):
            rate = labels.total() / (occurrences + 1)
            offered.append(Expected(start, end, rate, rate))
    forgotten = [against(span.probability) for span in unmarked(mentions, sorted(offered, key=_likeliest))]
    return forgotten, unlike


def _likeliest(span: Expected) -> tuple[float, int, int]:
    return (-span.probability, -span.start, -span.end)
