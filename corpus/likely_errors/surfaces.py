"""Label variation: how one surface form is annotated elsewhere in the corpus.

The idea is Dickinson and Meurers' variation n-gram (EACL 2003): the same words, once annotated and once not,
or under two labels, are an error or a hard case. Here it is a rate, counted without the row it is asked for,
so that a row's own annotation is no witness for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors.mentions import Mention, write_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

Form = tuple[str, ...]

LONGEST = 12
"""Longer forms (tokens) hardly ever occur twice; counting them would cost a pass over the corpus each."""

FILLED = 0.12
"""A form annotated at least this often is a mention everywhere in the text that models learn from, and one
annotated less often than DROPPED nowhere. Annotators forget about half of the common nouns that they once
annotated, so the first is far below a half; tried: 0.12 and none at all."""
DROPPED = 0.05


class Seen(NamedTuple):
    """A form at a place in a row: how often other rows annotate it, by label, and how often they hold it."""

    start: int
    end: int
    labels: Counter[str]
    occurrences: int

    @property
    def annotated(self) -> int:
        """How often other rows annotate this form, under any label."""
        return self.labels.total()


class Surfaces:
    """The counts of every form that is annotated anywhere in the rows."""

    def __init__(self, tokens: Sequence[Sequence[str]], mentions: Sequence[Sequence[Mention]]) -> None:
        self.tokens = tokens
        self.labels: defaultdict[Form, Counter[str]] = defaultdict(Counter)
        self._own: list[defaultdict[Form, Counter[str]]] = []
        for row, found in zip(tokens, mentions, strict=True):
            own: defaultdict[Form, Counter[str]] = defaultdict(Counter)
            for start, end, label in found:
                if end - start <= LONGEST:
                    own[tuple(row[start:end])][label] += 1
            for form, labels in own.items():
                self.labels[form].update(labels)
            self._own.append(own)
        self._places = [self._occurrences(row) for row in tokens]
        self._held = [Counter(form for _, _, form in places) for places in self._places]
        self.occurrences: Counter[Form] = Counter()
        for held in self._held:
            self.occurrences.update(held)

    def _occurrences(self, row: Sequence[str]) -> list[tuple[int, int, Form]]:
        lengths = sorted({len(form) for form in self.labels})
        places = ((at, at + length) for length in lengths for at in range(len(row) - length + 1))
        return [(at, end, form) for at, end in places if (form := tuple(row[at:end])) in self.labels]

    def seen(self, number: int) -> list[Seen]:
        """Every place in a row that holds a form which some row annotates, with the counts of the others."""
        own, held = self._own[number], self._held[number]
        found = []
        for start, end, form in self._places[number]:
            labels = self.labels[form] - own[form] if form in own else self.labels[form]
            found.append(Seen(start, end, labels, self.occurrences[form] - held[form]))
        return found

    def harmonised(self, number: int, mentions: Sequence[Mention]) -> list[str]:
        """The tags of a row with each form annotated as the corpus mostly does: to learn from, no gold."""
        row = self.tokens[number]
        kept = [
            mention
            for mention in mentions
            if mention.end - mention.start > LONGEST
            or self._rate(tuple(row[mention.start : mention.end])) >= DROPPED
        ]
        offered = [
            (end - start, self._rate(form), -start, self.labels[form].most_common(1)[0][0])
            for start, end, form in self._places[number]
            if self._rate(form) >= FILLED
        ]
        taken = {place for start, end, _ in kept for place in range(start, end)}
        for length, _, start, label in sorted(offered, reverse=True):
            if taken.isdisjoint(range(-start, length - start)):
                taken.update(range(-start, length - start))
                kept.append(Mention(-start, length - start, label))
        return write_tags(kept, len(row))

    def _rate(self, form: Form) -> float:
        return self.labels[form].total() / (self.occurrences[form] + 0.5)
