"""Rows of tokens and tags by how likely the tags hold an error.

Four witnesses, each a probability: the doubt of a CRF, which did not learn from the row, in its tags as a
whole; the form most expected where no mention is; label variation; and a detector trained to tell rows as
they are from copies with an error put in. Where many mentions were forgotten, all four together know best
(their mean); where errors are few, the one that is surest does (noisy-or of their ranks): the score is the
mean of both ways, and a little of how probably the row has a suspect by the measure of `noise`.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors import evidence, expected, injected, sequence, suspects
from corpus.likely_errors.mentions import read_mentions, write_tags
from corpus.likely_errors.surfaces import Surfaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.likely_errors.evidence import Evidence, Witnesses
    from corpus.likely_errors.mentions import Mention

COPIES = 4
"""Copies of each row with an error, for the detector; only this number was tried."""

ROUNDS = 2
"""Divisions into folds whose scores are averaged: one alone moves average precision by a point or two."""


POWER = 3
"""Of the ranks: the higher, the more the surest witness counts; 8 and 20 did little worse."""

SUSPICION = 0.1
"""Weight of the suspects. More helps where forms tell labels, and harms where models are weak: with 0.25 sets
of the first kind gained ten points or more, of the second lost two."""


class Judged(NamedTuple):
    """A row's mentions, its score in [0, 1], and what is known of it without its own tags."""

    mentions: list[Mention]
    score: float
    witnesses: Witnesses


def judge(tokens: Sequence[Sequence[str]], tags: Sequence[Sequence[str]]) -> list[Judged]:
    """Score every row; scores depend neither on the order of the rows nor on anything but the rows.

    Rows are put in one canonical order first, because sums of floats depend on it.
    """
    order = sorted(range(len(tokens)), key=lambda number: (tuple(tokens[number]), tuple(tags[number])))
    rows, tagged = [tokens[number] for number in order], [tags[number] for number in order]
    rounds = [_judge(rows, tagged, seed) for seed in range(ROUNDS)]
    suspected = suspects.suspicion(rows, tagged)
    back = {}
    for place, number in enumerate(order):
        said = sum(judged[place].score for judged in rounds) / ROUNDS
        score = (said + SUSPICION * suspected[place]) / (1 + SUSPICION)
        back[number] = rounds[0][place]._replace(score=round(score, 9))
    return [back[number] for number in range(len(tokens))]


def _judge(tokens: Sequence[Sequence[str]], tags: Sequence[Sequence[str]], seed: int) -> list[Judged]:
    mentions = [read_mentions(row) for row in tags]
    labels = sorted({mention.label for row in mentions for mention in row})
    surfaces = Surfaces(tokens, mentions)
    taggings = [
        [found, *injected.inject(row, found, labels, COPIES)]
        for row, found in zip(tokens, mentions, strict=True)
    ]
    opinions = sequence.opinions(
        tokens,
        [surfaces.harmonised(number, found) for number, found in enumerate(mentions)],
        [
            [write_tags(tagging, len(row)) for tagging in asked]
            for row, asked in zip(tokens, taggings, strict=True)
        ],
        seed,
    )
    pooled = expected.pool(tokens, mentions, opinions)
    lengths = _lengths(mentions)
    known = [
        evidence.Witnesses(opinion, surfaces.seen(number), pooled[number], lengths)
        for number, opinion in enumerate(opinions)
    ]
    weighed = [
        [evidence.weigh(tagging, asked, witnesses) for asked, tagging in enumerate(row)]
        for row, witnesses in zip(taggings, known, strict=True)
    ]
    voices = [
        [*_voices(found, row[0], witnesses), detected]
        for found, row, detected, witnesses in zip(mentions, weighed, _detect(weighed), known, strict=True)
    ]
    return [
        Judged(found, score, witnesses)
        for found, score, witnesses in zip(mentions, _scores(voices), known, strict=True)
    ]


def _voices(mentions: Sequence[Mention], found: Evidence, witnesses: Witnesses) -> tuple[float, float, float]:
    """The witnesses but the detector."""
    unmarked = evidence.unmarked(mentions, witnesses.expected)
    return (
        1 - math.exp(-found.unlikely),
        max((span.probability for span in unmarked), default=0.0),
        1 - math.exp(-found.forgotten - found.unlike),
    )


def _scores(voices: Sequence[Sequence[float]]) -> list[float]:
    """Half the mean of what the witnesses say and of its rank, half the rank of the noisy-or of their ranks.

    One may be near 1 for half of the rows, another never; ranks alone would make much of nothing.
    """
    import numpy as np
    from scipy.stats import rankdata

    if not voices:
        return []
    said = np.array(voices)
    ranks = np.stack([rankdata(column) / len(column) for column in said.T], axis=1)
    together = (said + ranks).mean(axis=1) / 2
    surest = -np.log(1 - np.minimum(ranks**POWER, 0.9999)).sum(axis=1)
    return [float(score) for score in (together + rankdata(surest) / len(surest)) / 2]


def _detect(weighed: Sequence[Sequence[Evidence]]) -> list[float]:
    """The probability that each row is one with an error put in, by a linear model of the evidence."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    if not any(len(row) > 1 for row in weighed):
        return [0.0] * len(weighed)
    rows = np.log1p(np.array([found for row in weighed for found in row]))
    wrong = np.array([place > 0 for row in weighed for place in range(len(row))])
    scaled = StandardScaler().fit_transform(rows)
    detector = LogisticRegression(max_iter=3000).fit(scaled, wrong)
    found = detector.predict_proba(scaled[~wrong])[:, 1]
    return [float(chance) for chance in found]


def _lengths(mentions: Sequence[Sequence[Mention]]) -> dict[tuple[str, int], float]:
    counts = Counter((mention.label, mention.end - mention.start) for row in mentions for mention in row)
    totals = Counter(mention.label for row in mentions for mention in row)
    return {key: -math.log(count / totals[key[0]]) for key, count in counts.items()}
