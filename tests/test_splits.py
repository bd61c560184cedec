"""Splits: clusters stay whole, policies keep their word, and additions move as little as they can."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ProjectError
from corpus.records import SPLITS
from corpus.splits import POLICIES, SplitUnit, assign


def corpus_of(count: int, seed: int = 0) -> list[SplitUnit]:
    """Make documents in clusters of one to four, from six sources, over a year, on five targets."""
    rnd = random.Random(seed)
    units: list[SplitUnit] = []
    while len(units) < count:
        cluster = f"d{len(units):05}"
        for _ in range(rnd.choice((1, 1, 1, 2, 4))):
            day = f"2025-{rnd.randint(1, 12):02}-{rnd.randint(1, 28):02}T08:00"
            labels = tuple(
                f"{rnd.choice('PQRST')}={rnd.choice(('favor', 'against'))}" for _ in range(rnd.randint(0, 1))
            )
            units.append(SplitUnit(f"d{len(units):05}", cluster, f"s{rnd.randrange(6)}", day, labels))
    return units


def shares(splits: dict[str, str]) -> list[float]:
    counts = Counter(splits.values())
    return [counts[split] / len(splits) for split in SPLITS]


units = st.lists(
    st.builds(
        SplitUnit,
        st.text("abcdef", min_size=1, max_size=3),
        st.sampled_from("wxyz"),
        st.sampled_from(["", "s1", "s2"]),
        st.sampled_from([None, "2025", "2025-03", "2025-03-04T06:47", "--03-04", "2024-12-31"]),
        st.lists(st.sampled_from(["P=favor", "Q=against", "R=neutral", "plain"]), max_size=2).map(tuple),
    ),
    max_size=12,
    unique_by=lambda unit: unit.document_id,
)


@given(units, st.sampled_from(POLICIES), st.integers(0, 9), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_clusters_stay_whole_and_order_does_not_matter(documents, policy, seed, rnd):
    try:
        splits = assign(documents, policy, seed, (0.5, 0.2, 0.3))
    except ProjectError:
        return
    assert list(splits) == [unit.document_id for unit in documents]
    by_cluster = defaultdict(set)
    for unit in documents:
        by_cluster[unit.cluster].add(splits[unit.document_id])
    assert all(len(found) == 1 for found in by_cluster.values())
    shuffled = list(documents)
    rnd.shuffle(shuffled)
    assert assign(shuffled, policy, seed, (0.5, 0.2, 0.3)) == splits


@pytest.mark.parametrize(("policy", "tolerance"), [("random", 0.04), ("by_time", 0.02), ("stratified", 0.01)])
def test_ratios_are_met_on_many_documents(policy, tolerance):
    assert shares(assign(corpus_of(2000), policy, 3, (0.6, 0.2, 0.2))) == pytest.approx(
        [0.6, 0.2, 0.2], abs=tolerance
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_a_split_of_ratio_nought_gets_nothing(policy):
    found = set(assign(corpus_of(300), policy, 1, (0.7, 0, 0.3)).values())
    assert "validation" not in found
    assert "train" in found


def test_the_seed_deals_anew():
    documents = corpus_of(200)
    assert assign(documents, "random", 1) != assign(documents, "random", 2)


@pytest.mark.parametrize("policy", ["random", "by_source"])
def test_a_document_keeps_its_split_when_others_are_added(policy):
    documents = [unit._replace(cluster=unit.document_id) for unit in corpus_of(600)]
    before = assign(documents[:300], policy, 4)
    after = assign(documents, policy, 4)
    assert {document: after[document] for document in before} == before


def test_a_later_repost_joins_the_split_of_its_original_and_moves_nothing():
    documents = [unit._replace(cluster=unit.document_id) for unit in corpus_of(200)]
    before = assign(documents, "random", 4)
    reposts = [
        unit._replace(document_id=f"a{unit.document_id}", published_at="2026-01-01") for unit in documents
    ]
    renamed = [unit._replace(cluster=f"a{unit.document_id}") for unit in documents]
    clustered = [*renamed, *(unit._replace(cluster=unit.document_id) for unit in reposts)]
    after = assign(clustered, "random", 4)
    assert {document: after[document] for document in before} == before
    assert all(after[f"a{document}"] == split for document, split in before.items())


def test_by_source_keeps_every_source_whole():
    documents = [unit._replace(cluster=unit.document_id) for unit in corpus_of(400)]
    splits = assign(documents, "by_source", 2, (0.5, 0.2, 0.3))
    found = defaultdict(set)
    for unit in documents:
        found[unit.source].add(splits[unit.document_id])
    assert all(len(names) == 1 for names in found.values())


def test_by_source_puts_sources_together_that_share_a_cluster():
    documents = [
        SplitUnit("a", "a", "s1"),
        SplitUnit("b", "a", "s2"),
        SplitUnit("c", "c", "s2"),
        SplitUnit("d", "d", "s3"),
    ]
    for seed in range(20):
        splits = assign(documents, "by_source", seed, (0.4, 0.3, 0.3))
        assert splits["a"] == splits["b"] == splits["c"]


def test_by_time_trains_on_the_past():
    documents = corpus_of(500)
    splits = assign(documents, "by_time", 0, (0.6, 0.2, 0.2))
    latest = {
        unit.cluster: max(u.published_at[:10] for u in documents if u.cluster == unit.cluster)
        for unit in documents
    }
    days = defaultdict(set)
    for unit in documents:
        days[splits[unit.document_id]].add(latest[unit.cluster])
    assert max(days["train"]) < min(days["validation"]) <= max(days["validation"]) < min(days["test"])


def test_by_time_trains_on_what_has_no_date():
    documents = [
        SplitUnit("a", "a", "", "2025-01-01"),
        SplitUnit("b", "b", "", "--03-04"),
        SplitUnit("c", "c"),
    ]
    splits = assign(documents, "by_time", 0, (0, 0, 1))
    assert splits == {"a": "test", "b": "train", "c": "train"}
    with pytest.raises(ProjectError, match="needs dates"):
        assign(documents[1:], "by_time")


@pytest.mark.parametrize("seed", range(10))
def test_by_target_holds_targets_out(seed):
    documents = corpus_of(400)
    splits = assign(documents, "by_target", seed, (0.6, 0.2, 0.2))
    targets = defaultdict(set)
    for unit in documents:
        targets[splits[unit.document_id]] |= {label[0] for label in unit.labels}
    assert targets["test"] - targets["train"] - targets["validation"]
    assert targets["validation"] - targets["train"]
    assert set("PQRST") == targets["train"] | targets["validation"] | targets["test"]


def test_by_target_needs_two_targets():
    with pytest.raises(ProjectError, match="only 'P' has stances"):
        assign([SplitUnit("a", "a", labels=("P=favor",))], "by_target")
    with pytest.raises(ProjectError, match="no document has stances"):
        assign([SplitUnit("a", "a")], "by_target")


def test_stratified_meets_the_ratios_in_every_source_and_label():
    documents = corpus_of(1500)
    splits = assign(documents, "stratified", 5, (0.6, 0.2, 0.2))
    for trait in [("source", f"s{number}") for number in range(6)] + [
        ("labels", f"{name}=favor") for name in "PQRST"
    ]:
        held = {
            unit.document_id: splits[unit.document_id]
            for unit in documents
            if (unit.source == trait[1] if trait[0] == "source" else trait[1] in unit.labels)
        }
        assert shares(held) == pytest.approx([0.6, 0.2, 0.2], abs=0.03), trait


def test_stratified_fills_every_split_of_a_small_corpus():
    documents = [SplitUnit(f"d{number}", f"d{number}", f"s{number % 2}") for number in range(10)]
    assert Counter(assign(documents, "stratified", 1, (0.6, 0.2, 0.2)).values()) == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }


def test_nothing_is_dealt_of_nothing():
    for policy in ("random", "by_source", "stratified"):
        assert assign([], policy) == {}


@pytest.mark.parametrize(
    ("policy", "ratios", "message"),
    [
        ("by_moon", (0.8, 0.1, 0.1), "'by_moon' is not known; known are random, by_source"),
        ("random", (0.8, 0.1), "expected three that sum to 1"),
        ("random", (0.8, 0.1, 0.2), "expected three that sum to 1"),
        ("random", (1.2, -0.1, -0.1), "expected three that sum to 1"),
    ],
)
def test_wrong_use_is_refused_with_the_reason(policy, ratios, message):
    with pytest.raises(ProjectError, match=message):
        assign([SplitUnit("a", "a")], policy, 0, ratios)


def test_a_document_that_occurs_twice_is_refused():
    with pytest.raises(ProjectError, match="occur twice cannot be dealt: a"):
        assign([SplitUnit("a", "a"), SplitUnit("a", "b")])
