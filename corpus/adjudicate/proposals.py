"""Proposals for a gold layer, with their votes, beside what people have decided."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.adjudicate import labels, mentions
from corpus.adjudicate.tags import Span
from corpus.records import GOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.records import Annotation

    Key = tuple[object, ...]

PROPOSED = "proposed by "
"""The head of a proposal's note; a gold annotation with any other note is a person's decision."""
SURE = 0.9
"""A proposal below this probability is for a person to look at."""

# The pieces of a discontinuous mention stand at the head of a note, as docs/annotations.md has it.
_PARTS = re.compile(r"parts (?:\d+-\d+ ?)+(?:; |$)")
_VOTED = re.compile(r"=([^\s,;@]+)")
_IS_PROPOSED = re.compile(rf"(?:{_PARTS.pattern})?{PROPOSED}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One place of the gold layer: what it should say, why, and whether a person must look.

    `annotation` is by the annotator `gold`, votes and reason in its note; None where nothing is proposed but
    some annotator marked something. `votes` gives every annotator who judged the document, `-` for one who
    marked nothing there. `decided` is True for a person's decision, kept as it is. `where` names the place.
    """

    annotation: Annotation | None
    votes: tuple[tuple[str, str], ...]
    probability: float
    reason: str
    look: bool
    decided: bool
    where: str


def is_decided(gold: Annotation) -> bool:
    """Whether a gold annotation is a person's decision: every one that is not marked as proposed.

    A line that says what was never proposed is a decision whatever its note says: that nothing is there, or
    another label than the one proposed, which its id tells while its place is the same.
    """
    if gold.is_nothing or not _IS_PROPOSED.match(gold.note or ""):
        return True
    others = {label for label in _VOTED.findall(gold.note or "") if label != gold.label}
    return any(_gold_id(replace(gold, label=label)) == gold.annotation_id for label in others)


def propose(annotations: Iterable[Annotation], gold: Iterable[Annotation] = ()) -> list[Proposal]:
    """Propose a gold layer from many annotators' annotations, beside what people have decided.

    Decisions in `gold` come back unchanged, and their places are not proposed again; earlier proposals in it
    are replaced. The decision that nothing is there (label `none`) rules out every mention within its quote;
    one that reaches beyond it may be proposed, for a person to look at.
    `[p.annotation for p in proposals if p.annotation]` is the new gold layer. An annotator has judged a
    document who left an annotation of the layer in it; what one annotator alone judged is for a
    person to look at. Sorted by document and place; the same input gives the same proposals.
    """
    made = [row for row in annotations if row.annotator != GOLD]
    decided = [row for row in gold if is_decided(row)]
    stances = _stances([r for r in made if r.layer == "stance"], [g for g in decided if g.layer == "stance"])
    entities = _entities(
        [r for r in made if r.layer == "entity"], [g for g in decided if g.layer == "entity"]
    )
    return sorted([*stances, *entities], key=_position)


def _position(proposal: Proposal) -> tuple[object, ...]:
    row = proposal.annotation
    place = (row.document_id, row.raw_start, row.raw_end, row.target or "") if row else ()
    return (row is None, *place, proposal.where)


def _stance_key(row: Annotation) -> Key:
    return (row.document_id, row.raw_sha256, row.raw_start, row.raw_end, row.target)


def _stances(made: Sequence[Annotation], decided: Sequence[Annotation]) -> list[Proposal]:
    units: dict[Key, list[Annotation]] = defaultdict(list)
    for row in sorted(made, key=lambda r: (r.created_at, r.annotation_id)):
        units[_stance_key(row)].append(row)
    votes = [{row.annotator: row.label for row in found} for found in units.values()]
    judged = dict(zip(units, labels.dawid_skene(votes), strict=True))
    by_key = dict(zip(units, votes, strict=True))
    proposals = [
        _kept(gold, by_key.get(_stance_key(gold), {}), _contradicted(gold, judged.get(_stance_key(gold))))
        for gold in decided
    ]
    settled = {_stance_key(gold) for gold in decided}
    for key, found in units.items():
        label, probability = judged[key]
        if key in settled or label is None:
            continue
        given = by_key[key]
        model = next((row for row in found if row.label == label), found[0])
        agreed = sum(vote == label for vote in given.values())
        reason = f"{agreed} of {len(given)} annotators, probability {probability:.2f}"
        look = len(given) < 2 or probability < SURE
        proposals.append(_proposed(replace(model, label=label), found, given, (probability, reason, look)))
    return proposals


def _contradicted(gold: Annotation, judged: labels.Judged | None) -> str:
    if judged is None or judged.label in {None, gold.label} or judged.probability < SURE:
        return ""
    return f"the votes say {judged.label}, probability {judged.probability:.2f}"


def _entities(made: Sequence[Annotation], decided: Sequence[Annotation]) -> list[Proposal]:
    documents: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for row in sorted(made, key=lambda r: (r.created_at, r.annotation_id)):
        documents[row.document_id, row.raw_sha256].append(row)
    keys = sorted(documents)
    texts = []
    for key in keys:
        marked: dict[str, list[Span]] = defaultdict(list)
        for row in documents[key]:
            marked[row.annotator].append(_span(row))
        texts.append(mentions.Text({name: sorted(set(found)) for name, found in sorted(marked.items())}))
    proposals: list[Proposal] = []
    for key, text, judged in zip(keys, texts, mentions.judge(texts), strict=True):
        settled = [gold for gold in decided if (gold.document_id, gold.raw_sha256) == key]
        for span, probability in judged:
            if not any(_settles(gold, span) for gold in settled):
                denied = [gold for gold in settled if gold.is_nothing and _meet(_span(gold), span)]
                proposals.append(_mention(span, probability, text, documents[key], denied))
    by_key = dict(zip(keys, texts, strict=True))
    for gold in decided:
        text = by_key.get((gold.document_id, gold.raw_sha256), mentions.Text({}))
        proposals.append(_kept(gold, _votes_on(_span(gold), text), ""))
    return proposals


def _span(row: Annotation) -> Span:
    return Span(row.raw_start, row.raw_end, row.label)


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _settles(gold: Annotation, span: Span) -> bool:
    """Whether a decision leaves nothing to propose here; that nothing is there says so of its quote alone."""
    place = _span(gold)
    return place.start <= span.start and span.end <= place.end if gold.is_nothing else _meet(place, span)


def _votes_on(span: Span, text: mentions.Text) -> dict[str, str]:
    """Say what each annotator marked at a place; a mention of another extent is given with its offsets."""
    votes: dict[str, str] = {}
    for name, marked in text.votes.items():
        here = [s for s in marked if _meet(s, span)]
        exact = [s for s in here if s[:2] == span[:2]]
        shown = exact or here
        votes[name] = (
            " ".join(s.label if s in exact else f"{s.label}@{s.start}-{s.end}" for s in shown) or "-"
        )
    return votes


def _mention(
    span: Span,
    probability: float,
    text: mentions.Text,
    rows: Sequence[Annotation],
    denied: Sequence[Annotation],
) -> Proposal:
    votes = _votes_on(span, text)
    agreed = sum(vote == span.label for vote in votes.values())
    extents = sum("@" in vote for vote in votes.values())
    reason = f"{agreed} of {len(votes)} annotators marked it so, probability {probability:.2f}"
    if extents:
        reason += f"; {extents} gave another extent"
    if denied:
        reason += f"; a person decided that nothing is within it at {denied[0].raw_start}-{denied[0].raw_end}"
    sure = probability >= SURE or probability <= 1 - SURE
    found = [row for row in rows if _meet(_span(row), span)]
    model = next((row for row in found if _span(row) == span), None)
    if model is None:
        # Nobody gave this extent this label: the words are those of a mention of the same extent.
        model = replace(next(row for row in found if _span(row)[:2] == span[:2]), label=span.label)
    if probability < 0.5:
        where = f"{model.document_id}: {model.exact} at {span.start}-{span.end}"
        reason = f"not proposed: {reason}"
        return Proposal(None, tuple(votes.items()), probability, reason, not sure, decided=False, where=where)
    look = len(votes) < 2 or not sure or bool(extents) or bool(denied)
    return _proposed(model, found, votes, (probability, reason, look))


def _proposed(
    model: Annotation, found: Sequence[Annotation], votes: Mapping[str, str], why: tuple[float, str, bool]
) -> Proposal:
    """Make a gold annotation of an annotator's, dated by the last vote so that it is always the same."""
    probability, reason, look = why
    parts = _PARTS.match(model.note or "")
    head = parts[0].removesuffix("; ") + "; " if parts else ""
    note = f"{head}{PROPOSED}Dawid-Skene: {reason}; votes {_shown(votes)}"
    gold = replace(
        model,
        annotator=GOLD,
        created_at=max(row.created_at for row in found),
        guideline=max(row.guideline for row in found),
        note=f"{note}; look" if look else note,
        where="",
    )
    gold = replace(gold, annotation_id=_gold_id(gold))
    where = f"{gold.document_id}: {gold.exact[:30]} at {gold.raw_start}-{gold.raw_end}"
    return Proposal(gold, tuple(votes.items()), probability, reason, look, decided=False, where=where)


def _kept(gold: Annotation, votes: Mapping[str, str], contradiction: str) -> Proposal:
    reason = "decided by a person" + (f", but {contradiction}" if contradiction else "")
    where = gold.where or f"{gold.document_id}: {gold.exact[:30]} at {gold.raw_start}-{gold.raw_end}"
    look = bool(contradiction)
    return Proposal(gold, tuple(votes.items()), 1.0, reason, look, decided=True, where=where)


def _shown(votes: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={vote}" for name, vote in sorted(votes.items()))


def _gold_id(gold: Annotation) -> str:
    said = [
        gold.layer,
        gold.document_id,
        gold.raw_sha256,
        gold.raw_start,
        gold.raw_end,
        gold.label,
        gold.target,
    ]
    return "gold-" + hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()[:12]
