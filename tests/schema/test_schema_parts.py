"""A corpus is cut into parts where its ids say, so that little else changes when one comes or goes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.schema.parts import Part, begins, groups, parts

IDS = st.sets(st.text("ab/-01 #!", min_size=1, max_size=6), max_size=60).map(sorted)


def _part(ids: tuple[str, ...]) -> Part:
    return Part("0" * 64, ids, dict)


def _cut(ids: list[str], average: int) -> list[list[str]]:
    return [ids[start:end] for start, end in parts(ids, average)]


@settings(max_examples=60)
@given(IDS, st.integers(1, 9))
def test_parts_hold_every_id_once_in_order(ids, average):
    cut = _cut(ids, average)
    assert [name for part in cut for name in part] == ids
    assert all(cut)


@settings(max_examples=60)
@given(IDS, st.integers(1, 9), st.data())
def test_an_id_that_goes_changes_its_part_and_at_most_the_one_before(ids, average, data):
    if not ids:
        return
    gone = data.draw(st.sampled_from(ids))
    before = {tuple(part) for part in _cut(ids, average)}
    after = {tuple(part) for part in _cut([name for name in ids if name != gone], average)}
    longest = max((len(part) for part in before | after), default=0)
    if longest < 8 * average and not set(" #!") & set(gone):  # past that, parts are cut by count
        assert len(before - after) <= 2


@settings(max_examples=200)
@given(IDS, st.integers(1, 3), st.data())
def test_paragraphs_of_parts_laid_one_after_another_are_in_order(ids, average, data):
    digests = st.sampled_from(["00000000", "ffffffff", "00000000-2"])
    paragraphs = [
        sorted(f"{name}#p-{data.draw(digests)}" for name in ids[start:end])
        for start, end in parts(ids, average)
    ]
    laid = [name for part in paragraphs for name in part]
    assert laid == sorted(laid)


def test_a_part_never_grows_past_twice_its_average():
    ids = [name for name in (f"{number:05}" for number in range(2000)) if not begins(name, 4)]
    assert max(map(len, _cut(ids, 4))) == 8


def test_boundaries_of_groups_are_boundaries_of_parts():
    assert all(begins(str(number), 64) for number in range(50_000) if begins(str(number), 1024))


def test_a_small_corpus_is_one_group():
    cut = [_part((str(number),)) for number in range(10)]
    assert list(groups(cut, 2, small=10)) == [(0, 10)]
    assert list(groups([])) == []


def test_a_larger_corpus_is_cut_where_a_part_begins_a_group():
    cut = [_part((str(number),)) for number in range(40)]
    found = list(groups(cut, 4, small=10))
    assert [start for start, _ in found][1:] == [n for n in range(1, 40) if begins(str(n), 4)]
    assert [end for _, end in found] == [*(start for start, _ in found[1:]), 40]


def test_a_group_is_cut_by_count_where_no_part_begins_one():
    ids = [name for name in map(str, range(1000)) if not begins(name, 2)]
    found = list(groups([_part((name,)) for name in ids], 2, small=10))
    assert max(end - start for start, end in found) == 4
