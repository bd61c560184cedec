"""Clusters out of core are those of the texts, however parts, ranges and memory are cut."""

from __future__ import annotations

import itertools
import random
from functools import partial
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.duplicates import THRESHOLD, Sketches, Verified, cluster, clusters, meeting, similarity, sketch
from corpus.duplicates.buckets import Buckets
from corpus.duplicates.comparing import components
from corpus.duplicates.meeting import counted, meet, promising, ranges, ranked
from corpus.duplicates.sketches import bounds, loose_levels
from corpus.parts.mapping import mapped

LETTERS = [chr(code) for code in range(0x4E00, 0x5400)]


def drawn(seed: int, length: int) -> str:
    return "".join(random.Random(seed).choices(LETTERS, k=length))


def edited(text: str, share: float, seed: int) -> str:
    rnd = random.Random(seed)
    return "".join(char if rnd.random() > share else rnd.choice(LETTERS) for char in text)


def heap(seed: int, count: int, longest: int = 300) -> list[str]:
    """Write texts of which many are copies, edits or parts of others, have a foot in common, or are empty."""
    rnd = random.Random(seed)
    texts = [drawn(rnd.randrange(10**9), rnd.randint(1, longest)) for _ in range(count // 3 + 1)]
    while len(texts) < count:
        text = rnd.choice(texts)
        texts.append(
            rnd.choice(
                [
                    text,
                    edited(text, 0.03, rnd.randrange(10**9)),
                    text + drawn(1, 40),
                    drawn(rnd.randrange(10**9), 30) + text,
                    text[: len(text) // 2],
                    "——",
                ]
            )
        )
    rnd.shuffle(texts)
    return texts


def cut(texts: list[str], sizes: list[int]) -> list[Sketches]:
    """Sketch texts in parts of these sizes, in turn."""
    parts, start, turn = [], 0, itertools.cycle(sizes)
    while start < len(texts):
        end = start + next(turn)
        parts.append(sketch(texts[start:end]))
        start = end
    return parts


def clustered(texts: list[str], sizes: list[int] = [10**9], **settings):  # noqa: B006
    parts = cut(texts, sizes)
    return cluster(
        lambda: iter(parts), lambda places: [texts[place] for place in places.tolist()], **settings
    )


def by_hand(texts: list[str]) -> list[int]:
    """Compare every text with every other."""
    first = list(range(len(texts)))
    for left, right in itertools.combinations(range(len(texts)), 2):
        if similarity(texts[left], texts[right])[0] >= THRESHOLD:
            low, high = sorted((first[left], first[right]))
            first = [low if name == high else name for name in first]
    return first


@given(st.integers(0, 2**32), st.lists(st.integers(1, 9), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_of_few_short_texts_no_near_pair_is_missed(seed, sizes):
    texts = heap(seed, 16, longest=60)
    assert clustered(texts, sizes).first.tolist() == by_hand(texts)


@given(
    st.integers(0, 2**32),
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.sampled_from([1, 1 << 12, 1 << 26]),
    st.sampled_from([16, 200, 1 << 18]),
)
@settings(max_examples=25, deadline=None)
def test_neither_parts_nor_memory_nor_ranges_change_the_answer(seed, sizes, memory, words):
    texts = heap(seed, 120)
    whole = clustered(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meeting, "_RANGE", words)
        found = clustered(texts, sizes, memory=memory)
    assert found.first.tolist() == whole.first.tolist()
    assert len(set(whole.first.tolist())) < 120


@given(st.integers(0, 2**32), st.lists(st.integers(1, 2**48 - 1), max_size=6, unique=True), st.randoms())
@settings(max_examples=25, deadline=None)
def test_ranges_may_be_met_anywhere_and_in_any_order(seed, cuts, rnd):
    texts = heap(seed, 60)
    sketches = sketch(texts)
    ranks = ranked(sketches.sizes, np.ones(60, np.bool_), 0.4, 100)
    owners = ranks.rank_of[sketches.owners].astype(np.uint64)
    hashes = sketches.hashes >> np.uint64(16)
    edges = [0, *sorted({*cuts, *range(1 << 45, 1 << 48, 1 << 45)}), 1 << 48]
    found = []
    for low, high in rnd.sample(list(itertools.pairwise(edges)), len(edges) - 1):
        within = (hashes >= low) & (hashes < high)
        words = ((hashes[within] - np.uint64(low)) << np.uint64(6)) | owners[within]
        task = ForkingPickler.loads(
            ForkingPickler.dumps(partial(meet, low=np.uint64(low), bits=6, ranks=ranks))
        )
        found.append(task(words))
    pairs = counted(np.concatenate(found), ranks, 0.4)
    expected = promising(lambda: iter([sketches]), ranks, 0.4, 1 << 20, None)
    assert sorted(zip(*map(np.ndarray.tolist, pairs), strict=True)) == sorted(
        zip(*map(np.ndarray.tolist, expected), strict=True)
    )


@given(st.lists(st.integers(0, 5_000), max_size=30), st.sampled_from([16, 1000]))
@settings(max_examples=50, deadline=None)
def test_ranges_cover_all_hashes_and_leave_room_for_ranks(sizes, words):
    ranks = ranked(np.array(sizes, np.uint32), np.ones(len(sizes), np.bool_), 0.4, 100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meeting, "_RANGE", words)
        edges = ranges(ranks, 20).astype(object)
    assert edges[0] == 0
    assert edges[-1] == 1 << 48
    assert (np.diff(edges) > 0).all()
    assert (np.diff(edges) <= 1 << 44).all()


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_what_is_known_is_not_read_again(seed):
    texts = heap(seed, 60)
    before = clustered(texts)
    parts = cut(texts, [7])
    again = cluster(lambda: iter(parts), refuse, known=Verified.unpacked(before.verified.packed()))
    assert again.first.tolist() == before.first.tolist()
    assert again.verified.packed().tolist() == before.verified.packed().tolist()


def refuse(places):
    raise AssertionError(f"asked for {places}")


@given(st.integers(0, 2**32), st.integers(0, 59))
@settings(max_examples=15, deadline=None)
def test_one_changed_text_costs_few_comparisons_and_gives_the_clusters_of_all(seed, place):
    texts = heap(seed, 60)
    before = clustered(texts)
    texts[place] = edited(texts[place], 0.1, seed)
    after = clustered(texts, known=before.verified)
    assert after.first.tolist() == clustered(texts).first.tolist()
    new = set(map(tuple, after.verified.keys.tolist())) - set(map(tuple, before.verified.keys.tolist()))
    assert len(new) <= 60


def test_pairs_that_are_no_more_are_forgotten():
    texts = [drawn(1, 200), edited(drawn(1, 200), 0.02, 3), drawn(2, 200), edited(drawn(2, 200), 0.02, 4)]
    before = clustered(texts)
    assert len(before.verified.shared) == 2
    assert len(clustered(texts[:3], known=before.verified).verified.shared) == 1


def test_texts_are_asked_for_in_order_and_only_where_they_may_be_near():
    texts = [drawn(seed, 200) for seed in range(40)]
    texts[31] = edited(texts[4], 0.02, 0)
    asked = []
    parts = cut(texts, [10])
    found = cluster(lambda: iter(parts), lambda places: asked.append(places) or [texts[at] for at in places])
    assert [places.tolist() for places in asked] == [[4, 31]]
    assert np.flatnonzero(found.first != np.arange(40)).tolist() == [31]


def test_a_text_repeated_a_million_times_is_one_cluster_and_never_read():
    one = sketch([drawn(1, 20)] * 1000)
    found = cluster(lambda: itertools.repeat(one, 1000), refuse)
    assert not found.first.any()
    assert len(found.first) == 1_000_000


def test_texts_of_nothing_are_clusters_of_their_own():
    empty = sketch(["", "——"] * 500)
    assert cluster(lambda: itertools.repeat(empty, 20), refuse).first.tolist() == list(range(20_000))
    assert cluster(lambda: iter([]), refuse).first.tolist() == []
    assert cluster(lambda: iter([sketch([])]), refuse).first.tolist() == []


def test_a_phrase_in_every_text_makes_no_pairs():
    foot = drawn(1, 20)
    texts = [drawn(seed, 200) + foot for seed in range(2, 1500)]
    parts = cut(texts, [100])
    assert cluster(lambda: iter(parts), refuse).first.tolist() == list(range(len(texts)))


def test_thousands_of_texts_that_differ_in_a_number_are_one_cluster_for_one_comparison_each():
    form = drawn(1, 120)
    texts = [f"{form[:60]}第{number}号{form[60:]}" for number in range(3000)]
    found = clustered(texts, [64])
    assert not found.first.any()
    assert len(found.verified.shared) < 2 * len(texts)


@given(st.integers(1, 30), st.data())
@settings(max_examples=100, deadline=None)
def test_components_are_what_a_walk_along_the_pairs_reaches(count, data):
    places = st.integers(0, count - 1)
    pairs = data.draw(st.lists(st.tuples(places, places), max_size=40))
    first = components(
        np.arange(count, dtype=np.int32),
        np.array([left for left, _ in pairs], np.int32),
        np.array([right for _, right in pairs], np.int32),
    )
    reached = list(range(count))
    for _ in range(count):
        for left, right in pairs:
            reached[left] = reached[right] = min(reached[left], reached[right])
    assert first.tolist() == reached


@given(st.lists(st.text(max_size=200), max_size=12))
@settings(max_examples=50, deadline=None)
def test_sketches_are_kept_and_told_apart_from_other_arrays(texts):
    sketches = sketch(texts)
    words = sketches.packed()
    again = Sketches.unpacked(words)
    assert all(np.array_equal(one, other) for one, other in zip(sketches, again, strict=True))
    assert (np.diff(again.hashes.astype(object)) >= 0).all()
    assert (again.hashes <= bounds(loose_levels(again.sizes))[again.owners]).all()
    for wrong in (words[:-1], words[1:], words.astype(np.int64), words[None], words[:0]):
        with pytest.raises(ValueError, match="found"):
            Sketches.unpacked(wrong)


def test_texts_with_the_same_shingles_have_the_same_digest_and_no_others():
    digests = sketch(
        ["港口海關公布了檢查結果。", "港口海关公布了检查结果", "港口海关公布了检查", "", "——"]
    ).digests
    assert [len(set(map(tuple, digests[:count].tolist()))) for count in range(1, 6)] == [1, 1, 2, 3, 3]


def test_verified_pairs_are_told_apart_from_other_arrays():
    words = clustered([drawn(1, 90), drawn(1, 99)]).verified.packed()
    assert len(Verified.unpacked(words).shared) == 1
    for wrong in (words[:-1], words[1:], words.astype(np.int64), words[None], words[:0]):
        with pytest.raises(ValueError, match="found"):
            Verified.unpacked(wrong)


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=5), max_size=8), st.sampled_from([1, 60, 10**6]))
@settings(max_examples=50, deadline=None)
def test_buckets_give_back_what_was_put_into_each(rows, memory):
    with Buckets(3, memory, None) as buckets:
        expected: list[list[int]] = [[], [], []]
        for row in rows:
            edges = np.array([0, len(row) // 2, len(row), len(row)])
            buckets.put(np.array(row, np.uint64), edges)
            for bucket, (start, end) in enumerate(itertools.pairwise(edges.tolist())):
                expected[bucket] += row[start:end]
        assert [sorted(words.tolist()) for words in buckets.taken()] == [sorted(row) for row in expected]


def test_clusters_and_cluster_agree():
    texts = heap(5, 90)
    named = clusters({f"{place:02}": text for place, text in enumerate(texts)})
    assert [int(named[f"{place:02}"]) for place in range(90)] == clustered(texts, [8]).first.tolist()


def test_what_fits_in_memory_needs_no_file(monkeypatch):
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: refuse("a file"))
    assert clustered(heap(1, 40)).first.tolist() == clustered(heap(1, 40)).first.tolist()


@pytest.mark.parametrize("engine", ["one process", "local", "ray"])
def test_ranges_met_by_other_processes_give_the_clusters_that_one_process_finds(
    engine, tmp_path, monkeypatch
):
    if engine == "ray":
        pytest.importorskip("ray", reason="needs the extra `ray`")
    monkeypatch.setattr(meeting, "_RANGE", 64)
    texts = heap(11, 60)
    called = []

    def map_(function, tasks):
        called.append(len(tasks))
        if engine == "one process":
            return [function(task) for task in tasks]
        return mapped(function, tasks, 2, engine)

    apart = clustered(texts, [7, 20], memory=1 << 12, scratch=tmp_path, map_=map_)
    assert list(apart.first) == list(clustered(texts).first)
    assert apart.verified.packed().tolist() == clustered(texts).verified.packed().tolist()
    assert len(called) == 2
    assert min(called) > 8
    assert list(tmp_path.iterdir()) == []


def test_a_scratch_folder_that_is_full_is_an_error_and_not_another_answer(monkeypatch, tmp_path):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OSError, match="No space left"):
        clustered(heap(1, 120), memory=1, scratch=tmp_path)
