"""Proposals for a gold layer: reasons, votes, what to look at, and decisions that stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.adjudicate import is_decided, propose
from corpus.records import Annotation


def mark(annotator, start, end, label="ORG", document="d", **changes):
    target = changes.pop("target", None)
    time = f"2026-11-0{annotator[-1] if annotator[-1].isdigit() else 9}T08:00:00Z"
    made = Annotation(
        annotation_id=f"{annotator}-{document}-{start}-{end}-{label}-{target}",
        document_id=document,
        layer="stance" if target else "entity",
        label=label,
        target=target,
        exact="词" * (end - start),
        prefix="",
        suffix="",
        raw_sha256="s" * 64,
        raw_start=start,
        raw_end=end,
        annotator=annotator,
        guideline="1.0",
        created_at=time,
    )
    return replace(made, **changes)


def agreed(*annotators, places=6):
    """Places where all agree, so that the model knows its annotators."""
    return [mark(name, 100 * n, 100 * n + 3) for name in annotators for n in range(1, places)]


def at(proposals, start):
    (found,) = [p for p in proposals if p.annotation and p.annotation.raw_start == start]
    return found


def test_what_all_agree_on_is_proposed_with_its_votes_and_needs_no_look():
    proposals = propose(agreed("a1", "a2", "a3"))
    assert len(proposals) == 5
    proposal = at(proposals, 100)
    assert not proposal.look
    assert not proposal.decided
    assert proposal.votes == (("a1", "ORG"), ("a2", "ORG"), ("a3", "ORG"))
    gold = proposal.annotation
    assert (gold.annotator, gold.label, gold.created_at) == ("gold", "ORG", "2026-11-03T08:00:00Z")
    assert gold.note.startswith("proposed by Dawid-Skene: 3 of 3 annotators marked it so")
    assert gold.note.endswith("votes a1=ORG, a2=ORG, a3=ORG")


def test_an_extent_that_is_disputed_is_for_a_person():
    rows = [*agreed("a1", "a2", "a3"), mark("a1", 10, 13), mark("a2", 10, 13), mark("a3", 10, 12)]
    proposal = at(propose(rows), 10)
    assert proposal.annotation.raw_end == 13
    assert proposal.look
    assert dict(proposal.votes)["a3"] == "ORG@10-12"
    assert proposal.annotation.note.endswith("; look")


def test_what_few_marked_is_named_though_not_proposed():
    quiet = [mark(name, 100 * n, 100 * n + 3) for name in ("a1", "a2", "a3", "a4") for n in range(1, 9)]
    proposals = propose([*quiet, mark("a4", 10, 13)])
    (doubtful,) = [p for p in proposals if p.annotation is None]
    assert doubtful.reason.startswith("not proposed: 1 of 4 annotators")
    assert dict(doubtful.votes)["a1"] == "-"
    assert "at 10-13" in doubtful.where


def test_one_annotator_alone_is_for_a_person():
    assert all(p.look for p in propose(agreed("a1")))


def test_a_decision_stays_as_it_is_and_its_place_is_not_proposed():
    decided = mark("gold", 99, 102, "PER", note="decided by editor: a nickname; votes a1=ORG")
    proposals = propose(agreed("a1", "a2", "a3"), [decided])
    kept = [p for p in proposals if p.decided]
    assert [p.annotation for p in kept] == [decided]
    assert dict(kept[0].votes) == dict.fromkeys(("a1", "a2", "a3"), "ORG@100-103")
    assert not [p for p in proposals if p.annotation and p.annotation.raw_start == 100]


def test_the_decision_that_nothing_is_there_stays_and_is_not_proposed_again():
    denied = mark("gold", 100, 103, "none", note="decided by editor: a common noun here")
    proposals = propose(agreed("a1", "a2", "a3"), [denied])
    (kept,) = [p for p in proposals if p.decided]
    assert (kept.annotation, kept.look) == (denied, False)
    assert dict(kept.votes) == dict.fromkeys(("a1", "a2", "a3"), "ORG")
    assert [p.annotation for p in proposals if p.annotation and p.annotation.raw_start == 100] == [denied]


def test_that_nothing_is_there_is_never_proposed_and_so_a_decision_under_any_note():
    denied = mark("gold", 100, 103, "none", note="proposed by Dawid-Skene: 3 of 3; votes a1=ORG, a2=ORG")
    assert is_decided(denied)
    assert at(propose(agreed("a1", "a2", "a3"), [denied]), 100).annotation == denied


def test_nothing_within_a_stretch_leaves_a_longer_mention_for_a_person_to_look_at():
    rows = [*agreed("a1", "a2", "a3"), *[mark(name, 10, 16) for name in ("a1", "a2", "a3")]]
    proposals = propose(rows, [mark("gold", 10, 13, "none")])
    (longer,) = [p for p in proposals if p.annotation and p.annotation.raw_end == 16]
    assert longer.look
    assert "a person decided that nothing is within it at 10-13" in longer.reason


def test_a_label_that_a_person_corrected_is_a_decision_though_the_note_still_says_proposed():
    proposed = at(propose(agreed("a1", "a2", "a3")), 100).annotation
    corrected = replace(proposed, label="GPE", note=proposed.note)
    assert not is_decided(proposed)
    assert is_decided(corrected)
    assert at(propose(agreed("a1", "a2", "a3"), [corrected]), 100).annotation == corrected


def test_a_gold_line_without_a_note_is_a_decision_and_an_earlier_proposal_is_replaced():
    by_hand, earlier = (
        mark("gold", 100, 103, "PER"),
        mark("gold", 900, 903, note="proposed by Dawid-Skene: x"),
    )
    proposals = propose(agreed("a1", "a2"), [by_hand, earlier])
    assert at(proposals, 100).annotation == by_hand
    assert not [p for p in proposals if p.annotation and p.annotation.raw_start == 900]
    assert is_decided(by_hand)
    assert not is_decided(earlier)
    assert not is_decided(replace(earlier, note="parts 0-1 2-3; proposed by Dawid-Skene: x"))


def test_stances_are_proposed_a_paragraph_and_a_target():
    rows = [mark(who, 0, 9, "favor", f"d{n}", target="chips") for who in ("a1", "a2", "a3") for n in range(5)]
    rows += [
        mark("a1", 0, 9, "against", "d8", target="chips"),
        mark("a2", 0, 9, "none", "d8", target="chips"),
    ]
    proposals = propose(rows)
    sure, doubtful = proposals[0], proposals[-1]
    assert (sure.annotation.label, sure.annotation.target, sure.look) == ("favor", "chips", False)
    assert (doubtful.annotation.document_id, doubtful.look) == ("d8", True)
    assert doubtful.votes == (("a1", "against"), ("a2", "none"))


def test_a_decision_that_the_votes_contradict_is_shown_and_kept():
    rows = [mark(who, 0, 9, "favor", f"d{n}", target="chips") for who in ("a1", "a2", "a3") for n in range(9)]
    decided = mark("gold", 0, 9, "against", "d0", target="chips", note="decided by editor: irony")
    (kept,) = [p for p in propose(rows, [decided]) if p.decided]
    assert kept.annotation == decided
    assert kept.look
    assert "the votes say favor" in kept.reason


def test_proposing_again_from_its_own_proposals_gives_the_same():
    rows = [*agreed("a1", "a2", "a3"), mark("a1", 10, 13), mark("a2", 10, 12)]
    first = propose(rows)
    layer = [p.annotation for p in first if p.annotation]
    assert propose([*reversed(rows), *layer], layer) == first
    assert len({a.annotation_id for a in layer}) == len(layer)


def test_nested_mentions_that_annotators_agree_on_are_both_proposed():
    rows = [*agreed("a1", "a2"), *(mark(who, 10, 16) for who in ("a1", "a2"))]
    rows += [mark(who, 10, 12, "LOC") for who in ("a1", "a2")]
    found = {(p.annotation.raw_start, p.annotation.raw_end) for p in propose(rows) if p.annotation}
    assert {(10, 16), (10, 12)} <= found


def test_the_pieces_of_a_discontinuous_mention_stay_at_the_head_of_the_note():
    rows = [mark(who, 10, 16, note="parts 0-2 4-6; sic") for who in ("a1", "a2")]
    proposal = at(propose([*rows, *agreed("a1", "a2")]), 10)
    assert proposal.annotation.note.startswith("parts 0-2 4-6; proposed by Dawid-Skene: 2 of 2")


@pytest.mark.parametrize("gold", [[], [mark("gold", 1, 2)]])
def test_no_annotations_give_only_what_was_decided(gold):
    assert [p.annotation for p in propose([], gold)] == gold
