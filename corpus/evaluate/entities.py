"""Scores of entities: strict IOB2 over tokens as seqeval has it, and nervaluate's four over characters.

Both sides are flat: of gold mentions that share a token only the longest is in the tags, and predictions that
overlap are refused, because neither metric says what they would be worth.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corpus.errors import CorpusError
from corpus.evaluate.matching import match, refusal
from corpus.evaluate.scores import Metric, Sheet, f1, mean, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from corpus.evaluate.scores import Array
    from corpus.records import Finding

    Row = Mapping[str, Any]
    Span = tuple[int, int, str]

SCHEMES = ("strict", "exact", "partial", "ent_type")
"""As nervaluate calls them: place and label; place; any overlap, a partial one half; overlap and label."""

COUNTS = ("correct", "incorrect", "partial", "missed", "spurious")


class Read(NamedTuple):
    """A prediction as spans of characters and as spans of tokens, and how many of them were widened."""

    characters: tuple[Span, ...]
    tokens: tuple[Span, ...]
    widened: int


def sheet(
    gold: Sequence[Row], predictions: Sequence[Row], labels: Sequence[str] = ()
) -> tuple[Sheet | None, tuple[Finding, ...]]:
    """Count mentions found, missed and made up, by document and label.

    A prediction is `tags`, as many as the gold row's tokens, or `spans` of `start`, `end`, `label`, in code
    points of the paragraph's text. Refuses labels that neither gold nor `labels` have, places outside the
    text, and overlaps.
    """
    pairs, findings = match(gold, predictions, ("paragraph_id",))
    wanted = {row["paragraph_id"]: _gold(row) for row in gold}
    occurring = {label for tokens, _ in wanted.values() for _, _, label in tokens}
    known = sorted(occurring | set(labels))
    found = {}
    for row, given in pairs:
        made, wrong = _prediction(row, given, known)
        findings += wrong
        found[row["paragraph_id"]] = made
    if findings:
        return None, tuple(findings)
    documents = sorted({row["document_id"] for row in gold})
    counts = np.zeros((len(documents), 3 * len(known) + len(SCHEMES) * len(COUNTS)))
    for row in gold:
        name = row["paragraph_id"]
        counts[documents.index(row["document_id"])] += _count(wanted[name], found[name], known)
    widened = sum(each.widened for each in found.values())
    notes = (f"{widened} predicted spans end inside a token; the token metric takes the whole token",)
    settings = {
        "labels": "+".join(known),
        "scheme": "IOB2",
        "mode": "strict",
        "spans": "nervaluate",
        "overlaps": "longest",
    }
    made_of = _metrics(known, sorted(occurring))
    return Sheet("entities", tuple(documents), counts, made_of, len(gold), settings, {}, notes), ()


def read_strict(tags: Sequence[str]) -> tuple[Span, ...]:
    """Read IOB2 tags strictly: an `I-` that continues nothing of its label is no mention, nor part of one.

    >>> read_strict(["B-A", "I-A", "I-B", "I-A", "B-A"])
    ((0, 2, 'A'), (4, 5, 'A'))
    """
    found: list[Span] = []
    for place, tag in enumerate(tags):
        if tag.startswith("B-"):
            found.append((place, place + 1, tag[2:]))
        elif tag.startswith("I-") and found and found[-1][1:] == (place, tag[2:]):
            found[-1] = (found[-1][0], place + 1, tag[2:])
    return tuple(found)


def places(text: str, tokens: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Find each token in the text, in order; refuses tokens that are not those of the text.

    >>> places("卖 H100。", ["卖", "H100", "。"])
    ((0, 1), (2, 6), (6, 7))
    """
    found, at = [], 0
    for token in tokens:
        start = text.find(token, at)
        if start < 0 or text[at:start].strip():
            raise CorpusError(f"found the token {token!r} out of place; expected the tokens of {text[:40]!r}")
        at = start + len(token)
        found.append((start, at))
    return tuple(found)


def _gold(row: Row) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Gold mentions in tokens and in characters; those of the characters end where the mention does."""
    cut, tokens = places(row["text"], row["tokens"]), read_strict(row["tags"])
    exact = {(span["start"], span["end"], span["label"]) for span in row.get("spans") or ()}
    return tokens, tuple(_narrowed(cut, span, exact) for span in tokens)


def _narrowed(cut: Sequence[tuple[int, int]], span: Span, exact: set[Span]) -> Span:
    """The mention as annotated, where a token was tagged whole of which it covers a part."""
    start, end, label = cut[span[0]][0], cut[span[1] - 1][1], span[2]
    if (start, end, label) in exact:
        return start, end, label
    inside = [
        each
        for each in exact
        if each[2] == label
        and cut[span[0]][0] <= each[0] < cut[span[0]][1]
        and cut[span[1] - 1][0] < each[1] <= cut[span[1] - 1][1]
    ]
    return max(inside, key=lambda each: (each[1] - each[0], -each[0])) if inside else (start, end, label)


def _prediction(row: Row, given: Row, known: Sequence[str]) -> tuple[Read, list[Finding]]:
    where, nothing = row["paragraph_id"], Read((), (), 0)
    spans, tags = given.get("spans"), given.get("tags")
    if (spans is None) == (tags is None):
        what = "neither spans nor tags" if spans is None else "both spans and tags"
        return nothing, [refusal("no-spans", where, what, "one of them")]
    cut = places(row["text"], row["tokens"])
    if tags is not None:
        wrong = _wrong_tags(where, tags, len(cut), known)
        read = read_strict(tags) if not wrong else ()
        return Read(tuple((cut[s][0], cut[e - 1][1], label) for s, e, label in read), read, 0), wrong
    made, findings = [], []
    for span in spans or ():
        wrong_span = _wrong_span(where, span, len(row["text"]), known)
        if wrong_span:
            findings.append(wrong_span)
        else:
            made.append((span["start"], span["end"], span["label"]))
    made.sort()
    for before, after in pairwise(made):
        if after[0] < before[1]:
            findings.append(refusal("overlap", where, f"{before} and {after}", "spans that do not overlap"))
    return (nothing, findings) if findings else (_in_tokens(cut, made), [])


def _wrong_tags(where: str, tags: Sequence[str], count: int, known: Sequence[str]) -> list[Finding]:
    if len(tags) != count:
        return [refusal("tags-tokens", where, f"{len(tags)} tags", f"{count}, one a token")]
    allowed = {"O"} | {f"{part}-{label}" for part in "BI" for label in known}
    return [
        refusal("unknown-label", where, f"the tag {tag!r}", f"O, B- or I- with one of {', '.join(known)}")
        for tag in sorted({str(tag) for tag in tags} - allowed)
    ]


def _wrong_span(where: str, span: object, length: int, known: Sequence[str]) -> Finding | None:
    if not isinstance(span, dict) or not {"start", "end", "label"} <= span.keys():
        return refusal("no-span", where, f"{span!r}", "start, end and label")
    start, end = span["start"], span["end"]
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        return refusal("no-place", where, f"{start!r} to {end!r}", f"a place in a text of {length}")
    if span["label"] not in known:
        return refusal("unknown-label", where, f"the label {span['label']!r}", f"one of {', '.join(known)}")
    return None


def _in_tokens(cut: Sequence[tuple[int, int]], spans: Sequence[Span]) -> Read:
    """Spans over whole tokens; of spans that come to share a token the longest stays, as in gold."""
    tokens, taken, widened = [], [False] * len(cut), 0
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        inside = [at for at, (first, last) in enumerate(cut) if first < end and start < last]
        if not inside:
            continue
        widened += cut[inside[0]][0] < start or end < cut[inside[-1]][1]
        if not any(taken[at] for at in inside):
            tokens.append((inside[0], inside[-1] + 1, label))
            for at in inside:
                taken[at] = True
    return Read(tuple(spans), tuple(sorted(tokens)), widened)


def _count(gold: tuple[tuple[Span, ...], tuple[Span, ...]], found: Read, known: Sequence[str]) -> Array:
    counts = np.zeros(3 * len(known) + len(SCHEMES) * len(COUNTS))
    tokens, characters = gold
    for which, spans in enumerate((set(tokens) & set(found.tokens), tokens, found.tokens)):
        for _, _, label in spans:
            counts[3 * known.index(label) + which] += 1
    counts[3 * len(known) :] = _four(sorted(characters), sorted(found.characters), known)
    return counts


def _four(gold: Sequence[Span], found: Sequence[Span], known: Sequence[str]) -> list[int]:
    """Count by nervaluate itself (its spans end on their last character), scheme by scheme."""
    from nervaluate import strategies  # type: ignore[import-untyped]
    from nervaluate.entities import Entity  # type: ignore[import-untyped]

    sides = [[Entity(label, start, end - 1) for start, end, label in spans] for spans in (gold, found)]
    schemes = {
        "strict": strategies.StrictEvaluation(),
        "exact": strategies.ExactEvaluation(),
        "partial": strategies.PartialEvaluation(),
        "ent_type": strategies.EntityTypeEvaluation(),
    }
    results = [schemes[name].evaluate(*sides, list(known))[0] for name in SCHEMES]
    return [getattr(result, count) for result in results for count in COUNTS]


def _metrics(known: Sequence[str], occurring: Sequence[str]) -> tuple[Metric, ...]:
    size = 3 * len(known)

    def of_all(sums: Array) -> list[Array]:
        return [sums[:, which:size:3].sum(axis=1) for which in range(3)]

    made = [
        Metric("precision", "", lambda sums: ratio(of_all(sums)[0], of_all(sums)[2])),
        Metric("recall", "", lambda sums: ratio(of_all(sums)[0], of_all(sums)[1])),
        Metric("f1", "", lambda sums: f1(*of_all(sums))),
        Metric("macro_f1", "", lambda sums: _macro(sums[:, :size])),
    ]
    made += [Metric("f1", label, partial(_f1_of, known.index(label))) for label in occurring]
    for place, scheme in enumerate(SCHEMES):
        start = size + place * len(COUNTS)
        for name in ("precision", "recall", "f1"):
            made.append(Metric(f"{scheme}_{name}", "", _scheme(start, scheme, name)))
    return tuple(made)


def _f1_of(at: int, sums: Array) -> Array:
    return f1(*(sums[:, 3 * at + which] for which in range(3)))


def _macro(sums: Array) -> Array:
    """The mean F1 of the labels that occur in gold or predictions, as seqeval's `macro`."""
    right, gold, given = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    occurs = gold + given > 0
    return mean((f1(right, gold, given) * occurs).sum(axis=1), occurs.sum(axis=1).astype(np.float64))


def _scheme(start: int, scheme: str, name: str) -> Callable[[Array], Array]:
    half = 0.5 if scheme in {"partial", "ent_type"} else 0.0

    def of(sums: Array) -> Array:
        correct, incorrect, partly, missed, spurious = (sums[:, start + at] for at in range(5))
        right, both = correct + half * partly, correct + incorrect + partly
        if name == "precision":
            return ratio(right, both + spurious)
        return ratio(right, both + missed) if name == "recall" else f1(right, both + missed, both + spurious)

    return of
