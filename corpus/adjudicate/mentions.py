"""Gold mentions from many annotators' mentions: what was marked, and who tends to miss, slip or invent.

The model is Dawid and Skene's (1979), taken from labels of items to mentions in texts. Mentions of a text
that overlap, whoever made them, are one place. The truth at a place is one of a few readings: nothing, what
one of the annotators marked there, or a single mention of any extent and label given there. Given the
truth, an annotator finds a mention or misses it, gives its extent exactly or not, gives its label rightly
or not, and may mark something where nothing is. Each annotator has a rate for each of the four, shrunk
toward the whole crowd's, so that an annotator of few texts is judged like the others. Expectation
maximisation finds rates and readings together.

The same words elsewhere in the rows bear on a reading: what is a place name in nine texts is likely one in
the tenth. Nothing is read from outside the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corpus.adjudicate.tags import Span

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Index = np.ndarray[tuple[int, ...], np.dtype[Any]]
    Reading = tuple[Span, ...]

# The figures below were set on crowds simulated over two public Chinese corpora (docs/annotations.md); there
# strict F1 moved by about one point where one of them was halved or doubled.
EXTENTS = 8.0
"""How many extents compete for a mention: a wrong or an invented one is one of them."""
STRENGTH = 8.0
"""The weight of the whole crowd's rates in an annotator's, in judgements."""
USUAL = (0.8, 0.8, 0.8, 0.1)
"""Before any judgement: how often a mention is found, exact, rightly labelled; how often one is invented."""
USUAL_WEIGHT = 5.0
"""The weight of USUAL in the crowd's rates, in judgements."""
RIVALS = 0.1
"""How much rarer two mentions at one place are than one."""
WORDS = 3.0
"""The weight of what is usual in what the same words are elsewhere, in occurrences."""
WORDS_POWER = 0.3
"""How far the share of marked occurrences of the same words counts: in part, since all may miss some."""
ROUNDS = 15
WORDS_FROM = 3
"""The round from which the same words elsewhere bear on a reading: by then the readings are sensible."""
MOST_READINGS = 40
"""Readings considered at one place; where there are more, those that most annotators gave."""

FOUND, MISSED, EXACT, SLIPPED, RIGHT, WRONG, INVENTED, QUIET = range(8)
_RATES = ((FOUND, MISSED), (EXACT, SLIPPED), (RIGHT, WRONG), (INVENTED, QUIET))


class Text(NamedTuple):
    """A text with the mentions that each of its annotators marked; `tokens` are empty where not known."""

    votes: Mapping[str, Sequence[Span]]
    tokens: Sequence[str] = ()


class Judged(NamedTuple):
    """A mention of the most probable reading that is not empty, and how probable the mention is."""

    span: Span
    probability: float


def judge(texts: Sequence[Text]) -> list[list[Judged]]:
    """Judge every place that anybody marked: one list a text, in order of position.

    Each place gives its most probable reading other than nothing, however improbable, so that the caller
    decides what to keep. Mentions of different places never overlap.
    """
    model = _Model(texts)
    made: list[list[Judged]] = [[] for _ in texts]
    if not model.readings:
        return made
    probable = model.fit()
    bounds = [*model.first, len(model.readings)]
    for place, text in enumerate(model.place_text):
        start, end = bounds[place], bounds[place + 1]
        best = start + 1 + int(np.argmax(probable[start + 1 : end]))
        for span in model.readings[best]:
            share = sum(float(probable[i]) for i in range(start, end) if span in model.readings[i])
            made[text].append(Judged(span, min(share, 1.0)))
    return [sorted(judged) for judged in made]


def select(judged: Sequence[Sequence[Judged]]) -> list[list[Span]]:
    """Keep the mentions that make the expected F1 highest (Ye et al. 2012, "Optimizing F-measure")."""
    ranked = sorted(((j.probability, text) for text, found in enumerate(judged) for j in found), reverse=True)
    total = sum(probability for probability, _ in ranked)
    right, best, threshold = 0.0, -1.0, 1.0
    for count, (probability, _) in enumerate(ranked, 1):
        right += probability
        if 2 * right / (count + total) > best:
            best, threshold = 2 * right / (count + total), probability
    return [[j.span for j in found if j.probability >= threshold] for found in judged]


def places(votes: Mapping[str, Sequence[Span]]) -> Iterator[list[Span]]:
    """Yield the groups of different mentions that overlap, one after the other."""
    group: list[Span] = []
    end = -1
    for span in sorted({span for marked in votes.values() for span in marked}):
        if group and span.start >= end:
            yield group
            group = []
        group.append(span)
        end = max(end, span.end) if len(group) > 1 else span.end
    if group:
        yield group


def compare(truth: Reading, marked: Reading) -> tuple[list[int], list[tuple[str, str]]]:
    """Count what an annotator did, given the truth: the eight outcomes, and pairs of true and given label.

    Each true mention takes the mention that shares most with it; what is left over is invented.
    """
    counted = [0] * 8
    if not truth and not marked:
        counted[QUIET] = 1
    free = list(marked)
    confused: list[tuple[str, str]] = []
    for span in truth:
        sharing = [s for s in free if s.start < span.end and span.start < s.end]
        if not sharing:
            counted[MISSED] += 1
            continue
        closest = max(
            sharing,
            key=lambda s: (
                min(s.end, span.end) - max(s.start, span.start),
                s[:2] == span[:2],
                s.label == span.label,
            ),
        )
        free.remove(closest)
        counted[FOUND] += 1
        counted[EXACT if closest[:2] == span[:2] else SLIPPED] += 1
        counted[RIGHT if closest.label == span.label else WRONG] += 1
        if closest.label != span.label:
            confused.append((span.label, closest.label))
    counted[INVENTED] = len(free)
    return counted, confused


def _readings(group: Sequence[Span], here: Mapping[str, Reading]) -> list[Reading]:
    """List what may be true at a place, nothing first."""
    candidates: Counter[Reading] = Counter(reading for reading in here.values() if reading)
    labels = sorted({span.label for span in group})
    for start, end in sorted({span[:2] for span in group}):
        for label in labels:
            candidates[(Span(start, end, label),)] += 0
    ranked = sorted(candidates, key=lambda reading: (-candidates[reading], reading))
    return [(), *ranked[:MOST_READINGS]]


class _Model:
    """All readings of all places, flat, and what each annotator did given each of them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.annotators = sorted({name for text in texts for name in text.votes})
        self.labels = sorted({s.label for text in texts for marked in text.votes.values() for s in marked})
        self.readings: list[Reading] = []
        self.place_text: list[int] = []
        self.first: list[int] = []
        who = {name: number for number, name in enumerate(self.annotators)}
        which = {label: number for number, label in enumerate(self.labels)}
        pairs: list[tuple[int, int, int]] = []
        outcomes: list[list[int]] = []
        confused: list[tuple[int, int, int]] = []
        for number, text in enumerate(texts):
            for group in places(text.votes):
                start, end = min(s.start for s in group), max(s.end for s in group)
                here = {
                    name: tuple(sorted(s for s in marked if start <= s.start and s.end <= end))
                    for name, marked in text.votes.items()
                }
                self.first.append(len(self.readings))
                self.place_text.append(number)
                for reading in _readings(group, here):
                    for name, marked in here.items():
                        counted, wrong = compare(reading, marked)
                        confused += [(len(pairs), which[true], which[given]) for true, given in wrong]
                        pairs.append((len(self.readings), who[name], len(self.first) - 1))
                        outcomes.append(counted)
                    self.readings.append(reading)
        self.outcomes = np.array(outcomes, dtype=float).reshape(-1, 8)
        self.reading_of, self.annotator_of, _ = np.array(pairs, dtype=int).reshape(-1, 3).T
        self.confused = np.array(confused, dtype=int).reshape(-1, 3).T
        self.place_of = np.repeat(np.arange(len(self.first)), np.diff([*self.first, len(self.readings)]))
        flat = [(number, span) for number, reading in enumerate(self.readings) for span in reading]
        self.span_reading = np.array([number for number, _ in flat], dtype=int)
        self.span_label = np.array([which[span.label] for _, span in flat], dtype=int)
        self.sizes = np.bincount(self.span_reading, minlength=len(self.readings))
        self.words = _Words([(texts[self.place_text[self.place_of[n]]], s) for n, s in flat], texts)

    def fit(self) -> Array:
        """Find how probable each reading is, given the others at its place; see the module."""
        agreed = self.outcomes[:, [MISSED, SLIPPED, WRONG, INVENTED]].sum(axis=1) == 0
        probable = self._shares(np.bincount(self.reading_of, agreed, len(self.readings)) + 0.1)
        for number in range(ROUNDS):
            scores = self._prior(probable, with_words=number >= WORDS_FROM) + self._likelihood(probable)
            highest = np.maximum.reduceat(scores, self.first)
            probable = self._shares(np.exp(scores - highest[self.place_of]))
        return probable

    def _shares(self, weights: Any) -> Array:  # noqa: ANN401 - numpy's types for reduceat say less
        made: Array = weights / np.add.reduceat(weights, self.first)[self.place_of]
        return made

    def _likelihood(self, probable: Array) -> Array:
        weights = probable[self.reading_of]
        counted = np.zeros((len(self.annotators), 8))
        np.add.at(counted, self.annotator_of, self.outcomes * weights[:, None])
        logs = np.zeros_like(counted)
        for (yes, no), usual in zip(_RATES, USUAL, strict=True):
            pooled = counted[:, yes].sum() + USUAL_WEIGHT * usual
            pooled /= counted[:, [yes, no]].sum() + USUAL_WEIGHT
            rate = (counted[:, yes] + STRENGTH * pooled) / (counted[:, yes] + counted[:, no] + STRENGTH)
            rate = np.clip(rate, 1e-4, 1 - 1e-4)
            logs[:, yes], logs[:, no] = np.log(rate), np.log1p(-rate)
        logs[:, SLIPPED] -= np.log(EXTENTS)
        logs[:, INVENTED] -= np.log(EXTENTS * len(self.labels))
        scores = (self.outcomes * logs[self.annotator_of]).sum(axis=1)
        pair, true, given = self.confused
        mixed = np.full((len(self.labels), len(self.labels)), 0.5)
        np.add.at(mixed, (true, given), weights[pair])
        np.fill_diagonal(mixed, 0)
        mixed /= np.maximum(mixed.sum(axis=1, keepdims=True), 1e-9)
        np.add.at(scores, pair, np.log(np.maximum(mixed[true, given], 1e-6)))
        made: Array = np.zeros(len(self.readings))
        np.add.at(made, self.reading_of, scores)
        return made

    def _prior(self, probable: Array, *, with_words: bool) -> Array:
        share = float(np.clip(1 - probable[self.first].mean(), 0.02, 0.98))
        weights = probable[self.span_reading]
        usual: Array = np.ones(len(self.labels))
        np.add.at(usual, self.span_label, weights)
        usual /= usual.sum()
        spans = np.log(usual[self.span_label])
        if with_words:
            spans = self.words.prior(weights, self.span_label, usual, share)
        more = np.maximum(self.sizes - 1, 0)
        several = np.log(share) + more * np.log(RIVALS) - self.sizes * np.log(EXTENTS)
        made: Array = np.where(self.sizes == 0, np.log(1 - share), several)
        return made + np.bincount(self.span_reading, spans, len(self.readings))


class _Words:
    """Which mentions are of the same words, and how often those words occur in the texts at all."""

    def __init__(self, mentions: Sequence[tuple[Text, Span]], texts: Sequence[Text]) -> None:
        words = [
            tuple(text.tokens[s.start : s.end]) or ("", number) for number, (text, s) in enumerate(mentions)
        ]
        index: dict[Hashable, int] = {word: number for number, word in enumerate(dict.fromkeys(words))}
        self.of = np.array([index[word] for word in words], dtype=int)
        self.occurrences = np.zeros(len(index))
        by_length: dict[int, set[Hashable]] = defaultdict(set)
        for word in index:
            by_length[len(word)].add(word)  # type: ignore[arg-type]
        for text in texts:
            tokens = tuple(text.tokens)
            for length, known in by_length.items():
                for start in range(len(tokens) - length + 1):
                    if tokens[start : start + length] in known:
                        self.occurrences[index[tokens[start : start + length]]] += 1

    def prior(self, weights: Array, labels: Index, usual: Array, share: float) -> Array:
        """Weigh a label by what the same words are elsewhere, and a mention by how often they are marked."""
        mass = np.zeros((len(self.occurrences), len(usual)))
        np.add.at(mass, (self.of, labels), weights)
        same = np.maximum(mass[self.of, labels] - weights, 0)
        marked = np.maximum(mass[self.of].sum(axis=1) - weights, 0)
        label = (same + WORDS * usual[labels]) / (marked + WORDS)
        others = np.maximum(self.occurrences[self.of] - 1, 0)
        mention = np.clip((marked + WORDS * share) / (np.maximum(others, marked) + WORDS), 1e-3, 1 - 1e-3)
        odds = np.log(mention / (1 - mention)) - np.log(share / (1 - share))
        made: Array = np.log(label) + WORDS_POWER * odds
        return made
