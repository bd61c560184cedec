"""Single judgements that are likely wrong, with what the rest of the corpus says in their place.

Unlike the ranks of `rank_errors`, which order rows for people who read from the top, these are probabilities
that stay silent on a sound corpus: see `noise`.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors import expected, noise, sequence
from corpus.likely_errors.labels import out_of_fold
from corpus.likely_errors.mentions import read_mentions
from corpus.likely_errors.surfaces import Surfaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.likely_errors.expected import Expected
    from corpus.likely_errors.mentions import Mention
    from corpus.likely_errors.sequence import Opinion
    from corpus.likely_errors.surfaces import Seen

MODELS = 2.0
"""The models count as so many places of the same form elsewhere."""

FAINT = 0.02
"""Suspects less likely than this do not move a row's rank."""

FOLDS = 4
ITERATIONS = 25
"""Bounds on time: a suspicion that hangs on the last iterations is none."""


class Suspect(NamedTuple):
    """A place in a row of tokens that may be annotated wrongly, and what the rest of the corpus would say."""

    row: int
    start: int
    end: int
    label: str | None
    """The label it has now; None where a mention may be missing."""
    expected: str
    """The label that models would give it."""
    probability: float
    place: tuple[int, int]
    """The tokens that models would mark; another extent than the mention's where that is in doubt."""


class SuspectLabel(NamedTuple):
    """A row whose label may be wrong, and the label that models would give it."""

    row: int
    label: str
    expected: str
    probability: float


def suspect_labels(texts: Sequence[str], given: Sequence[str]) -> list[SuspectLabel]:
    """Name the rows whose label is more likely than not to be wrong, likeliest first.

    Empty for fewer than two labels or too few rows to tell.
    """
    import numpy as np

    labels = sorted(set(given))
    if len(labels) < 2:
        return []
    distinct = sorted(set(texts))
    votes = {text: Counter[str]() for text in distinct}
    for text, label in zip(texts, given, strict=True):
        votes[text][label] += 1
    said = out_of_fold(distinct, [votes[text] for text in distinct], labels)
    at = {text: number for number, text in enumerate(distinct)}
    chances = said[[at[text] for text in texts]]
    own = np.array([labels.index(label) for label in given])
    first = np.take_along_axis(chances, own[:, None], axis=1)
    others = chances.copy()
    np.put_along_axis(others, own[:, None], 0.0, axis=1)
    wrong = noise.wrong_choices(np.concatenate([first, others], axis=1), given)
    best = others.argmax(axis=1)
    found = [
        SuspectLabel(row, given[row], labels[best[row]], float(wrong[row]))
        for row in np.flatnonzero(wrong >= 0.5).tolist()
    ]
    return sorted(found, key=lambda suspect: (-suspect.probability, suspect.row))


def suspicion(tokens: Sequence[Sequence[str]], tags: Sequence[Sequence[str]]) -> list[float]:
    """How probably each row has a suspect, faint ones too, taken as independent."""
    logs = [0.0] * len(tokens)
    for suspect in suspect_spans(tokens, tags, FAINT):
        logs[suspect.row] += math.log(1 - suspect.probability)
    return [1 - math.exp(each) for each in logs]


def suspect_spans(
    tokens: Sequence[Sequence[str]], tags: Sequence[Sequence[str]], least: float = 0.5
) -> list[Suspect]:
    """Name mentions under a wrong label or extent and places that lack one, from a probability on.

    Likeliest first. Of mentions that models would not see at all nothing is said: names that nobody else
    bears are the rule, not the exception.
    """
    mentions = [read_mentions(row) for row in tags]
    opinions = sequence.opinions(tokens, tags, [[] for _ in tokens], effort=(FOLDS, ITERATIONS))
    surfaces = Surfaces(tokens, mentions)
    seen = [surfaces.seen(number) for number in range(len(tokens))]
    found = [*_misnamed(mentions, opinions, seen, least), *_missing(mentions, opinions, seen, least)]
    return sorted(found, key=lambda suspect: (-suspect.probability, suspect.row, suspect.start))


Choice = tuple[int, int, str]


def _misnamed(
    mentions: Sequence[Sequence[Mention]],
    opinions: Sequence[Opinion],
    seen: Sequence[Sequence[Seen]],
    least: float,
) -> list[Suspect]:
    """Hold each mention against other labels and extents at its place, given that something is there."""
    import numpy as np

    places: list[tuple[int, Mention]] = []
    choices: list[list[tuple[Choice, float]]] = []
    for row, marked in enumerate(mentions):
        offered = list(expected.spans(opinions[row])) if marked else []
        elsewhere = {(each.start, each.end): each.labels for each in seen[row]}
        for mention in marked:
            chances = _at(mention, offered, opinions[row], elsewhere.get(mention[:2], Counter()))
            mine = (mention.start, mention.end, mention.label)
            own = (mine, chances.pop(mine, 0.0))
            ranked = sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))
            if own[1] + sum(chances.values()) > 0 and ranked:
                places.append((row, mention))
                choices.append([own, *ranked])
    if not places:
        return []
    table = np.zeros((len(places), max(map(len, choices))))
    for at, row_choices in enumerate(choices):
        table[at, : len(row_choices)] = [chance for _, chance in row_choices]
    wrong = noise.wrong_choices(table, [mention.label for _, mention in places])
    suspects = []
    for at in np.flatnonzero(wrong >= least).tolist():
        row, (start, end, label) = places[at]
        first, last, better = choices[at][1][0]
        suspects.append(Suspect(row, start, end, label, better, float(wrong[at]), (first, last)))
    return suspects


def _at(
    mention: Mention, offered: Sequence[Expected], opinion: Opinion, elsewhere: Counter[str]
) -> dict[Choice, float]:
    """Every choice of extent and label that meets a mention, with its chance; its form elsewhere counts."""
    spans = {
        (span.start, span.end): span.probability
        for span in offered
        if span.start < mention.end and mention.start < span.end
    }
    here = (mention.start, mention.end)
    spans.setdefault(here, expected.chance(opinion, *here))
    found: dict[Choice, float] = {}
    for (start, end), chance in spans.items():
        shares = label_shares(opinion, start, end)
        for label, share in shares.items():
            found[start, end, label] = MODELS * chance * share
    for label, count in elsewhere.items():
        found[*here, label] = found.get((*here, label), 0.0) + count
    return found


def label_shares(opinion: Opinion, start: int, end: int) -> dict[str, float]:
    """The share of each label in what the marginals of a span leave for mentions."""
    weight: dict[str, float] = {}
    for at, tag in enumerate(opinion.labels):
        if label := tag.partition("-")[2]:
            weight[label] = weight.get(label, 0.0) + float(opinion.marginals[start:end, at].sum())
    total = sum(weight.values())
    return {label: each / total for label, each in weight.items()} if total else {}


def _missing(
    mentions: Sequence[Sequence[Mention]],
    opinions: Sequence[Opinion],
    seen: Sequence[Sequence[Seen]],
    least: float,
) -> list[Suspect]:
    """Weigh places without a mention: by the models, and by how often their form is one elsewhere."""
    import numpy as np

    places: list[tuple[int, int, int]] = []
    evidence: list[tuple[float, float]] = []
    made: list[bool] = []
    for row in range(len(mentions)):
        marked = {(start, end) for start, end, _ in mentions[row]}
        taken = {at for start, end in marked for at in range(start, end)}
        rates = {
            (one.start, one.end): math.log((one.annotated + 0.5) / (one.occurrences - one.annotated + 0.5))
            for one in seen[row]
        }
        for start, end, chance, _ in expected.spans(opinions[row]):
            if (start, end) in marked or taken.isdisjoint(range(start, end)):
                certain = min(max(chance, 1e-4), 1 - 1e-4)
                places.append((row, start, end))
                evidence.append((math.log(certain / (1 - certain)), rates.get((start, end), 0.0)))
                made.append((start, end) in marked)
    if not places:
        return []
    wrong = noise.forgotten(np.array(evidence), np.array(made))
    suspects, taken_in = [], set[tuple[int, int]]()
    for at in sorted(np.flatnonzero(wrong >= least).tolist(), key=lambda at: (-wrong[at], places[at])):
        row, start, end = places[at]
        inside = {(row, token) for token in range(start, end)}
        if taken_in.isdisjoint(inside):
            taken_in |= inside
            shares = label_shares(opinions[row], start, end)
            label = max(sorted(shares), key=lambda each: shares[each])
            suspects.append(Suspect(row, start, end, None, label, float(wrong[at]), (start, end)))
    return suspects
