"""What a conditional random field is told of each token: itself, its neighbours, brackets, known mentions."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors.sequence import shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BRACKETS = {
    "《": "》",
    "“": "”",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "【": "】",
    "〈": "〉",
    "‘": "’",
    '"': '"',
}
"""What stands in them is often one mention, and the kind of bracket tells which."""

LONGEST = 16
"""Tokens of the longest known mention that is looked up; longer ones hardly recur."""

Lexicon = dict[tuple[str, ...], dict[str, int]]


class Known(NamedTuple):
    """Mentions of the training rows in lower case: how often each was given each label."""

    labels: Lexicon

    @classmethod
    def of(cls, rows: Sequence[tuple[Sequence[str], Sequence[tuple[int, int, str]]]]) -> Known:
        """Count the mentions of rows of tokens."""
        seen: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for tokens, mentions in rows:
            for start, end, label in mentions:
                if end - start <= LONGEST:
                    seen[_lower(tokens[start:end])][label] += 1
        return cls({surface: dict(sorted(counts.items())) for surface, counts in sorted(seen.items())})

    def clues(self, tokens: Sequence[str], own: Sequence[tuple[int, int, str]] = ()) -> list[list[str]]:
        """Tell of each token which known mention, the longest first, it would be part of.

        `own` are the row's own mentions where it was counted: they are taken out again, so that the model
        learns how far to trust what other rows know.
        """
        lower, count = _lower(tokens), len(tokens)
        mine: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for start, end, label in own:
            mine[lower[start:end]][label] += 1
        found: list[tuple[int, int, list[str]]] = []
        for start in range(count):
            for end in range(min(count, start + LONGEST), start, -1):
                surface = lower[start:end]
                if (end - start > 1 or len(surface[0]) > 1) and surface in self.labels:
                    left = Counter(self.labels[surface]) - mine.get(surface, Counter())
                    if left:
                        labels = sorted(left, key=lambda label: (-left[label], label))
                        found.append((start, end, labels[:2]))
                        break
        told: list[list[str]] = [[] for _ in range(count)]
        free = [True] * count
        for start, end, labels in sorted(found, key=lambda each: (each[0] - each[1], each[0])):
            if not all(free[start:end]):
                continue
            for place in range(start, end):
                free[place] = False
                part = _part(start, end, place)
                told[place] += [f"L{part}{label}" for label in labels]
                told[place].append(f"L{part}{min(end - start, 5)}{labels[0]}")
        return _around(told, lower)


def clues(tokens: Sequence[str]) -> list[list[str]]:
    r"""Tell of each token what stands there and up to three tokens around it, alone and in runs.

    >>> [told for told in clues(["北", "京"])[0] if told.startswith(("c", "s"))]
    ['c北', 'cd北\t京', 's字', 'cde北\t京\t>', 'cdey北\t京\t>\t>']
    """
    edge = ["<"] * 3, [">"] * 3
    padded = [*edge[0], *_lower(tokens), *edge[1]]
    shapes = ["<", "<", *map(shape, tokens), ">", ">"]
    inside = _bracketed(tokens)
    rows = []
    for place, token in enumerate(tokens):
        z, a, b, c, d, e, y = padded[place : place + 7]
        found = ["1", f"a{a}", f"b{b}", f"c{c}", f"d{d}", f"e{e}", f"z{z}", f"y{y}"]
        found += [f"ab{a}\t{b}", f"bc{b}\t{c}", f"cd{c}\t{d}", f"de{d}\t{e}", f"bd{b}\t{d}"]
        found += [f"s{shapes[place + 2]}", "t" + "\t".join(shapes[place + 1 : place + 4])]
        found += ["u" + "\t".join(shapes[place : place + 5])]
        found += [f"abc{a}\t{b}\t{c}", f"bcd{b}\t{c}\t{d}", f"cde{c}\t{d}\t{e}"]
        found += [f"zab{z}\t{a}\t{b}", f"dey{d}\t{e}\t{y}"]
        found += [f"zabc{z}\t{a}\t{b}\t{c}", f"cdey{c}\t{d}\t{e}\t{y}"]
        if len(token) > 1:
            found += [f"p{c[:size]}" for size in range(1, min(len(c), 5))]
            found += [f"q{c[-size:]}" for size in range(1, min(len(c), 5))]
        rows.append(found + inside[place])
    return rows


def _around(told: list[list[str]], lower: Sequence[str]) -> list[list[str]]:
    """Add to what is told of known mentions what is told beside it, and which words stand there."""
    marks = ["-", *(each[0][1:] if each else "-" for each in told), "-"]
    words = ["<", *lower, ">"]
    for place, each in enumerate(told):
        before, here, after = marks[place : place + 3]
        if (before, here, after) != ("-", "-", "-"):
            each += [
                f"M{before}|{here}|{after}",
                f"Mb{before}|{words[place + 1]}",
                f"Ma{after}|{words[place + 1]}",
            ]
            each += [f"Mc{here}|{words[place]}", f"Md{here}|{words[place + 2]}"]
    return told


def _bracketed(tokens: Sequence[str]) -> list[list[str]]:
    """Tell of each token inside brackets which, how long, and what stands before and after them."""
    told: list[list[str]] = [[] for _ in tokens]
    closing = _closing(tokens)
    for start, end in closing.items():
        opener = tokens[start]
        for place in range(start + 1, end):
            told[place] += [f"[{opener}", f"[{opener}{min(end - start - 1, 12)}"]
            if start:
                told[place].append(f"[{opener}<{tokens[start - 1]}")
            if end + 1 < len(tokens):
                told[place].append(f"[{opener}>{tokens[end + 1]}")
    return told


def _closing(tokens: Sequence[str]) -> Mapping[int, int]:
    """Where each bracket closes; a bracket of one kind inside another of its kind is not looked at."""
    found = {}
    for opener, closer in BRACKETS.items():
        start = None
        for place, token in enumerate(tokens):
            if start is None:
                start = place if token == opener else None
            elif token == closer:
                found[start] = place
                start = None
    return found


def _part(start: int, end: int, place: int) -> str:
    if end - start == 1:
        return "S"
    return "B" if place == start else "E" if place == end - 1 else "I"


def _lower(tokens: Sequence[str]) -> tuple[str, ...]:
    return tuple(token.lower() for token in tokens)
