from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.publish import digest, manifest
from corpus.publish.digest import digest_rows, digest_splits

VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from("abc"), VALUES | st.lists(VALUES, max_size=3), max_size=3), max_size=6
)


@settings(max_examples=60)
@given(ROWS, st.randoms())
def test_the_order_of_rows_and_columns_does_not_matter(rows, random):
    other = [dict(random.sample(list(row.items()), len(row))) for row in rows]
    random.shuffle(other)
    assert digest_rows(rows) == digest_rows(other)


@settings(max_examples=60)
@given(ROWS, ROWS)
def test_other_rows_have_another_digest(rows, other):
    def canonical(each):
        return sorted(json.dumps(row, sort_keys=True) for row in each)

    assert (digest_rows(rows) == digest_rows(other)) == (canonical(rows) == canonical(other))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_cannot_say_are_refused(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest_rows([{"a": number}])


def test_moving_a_row_to_another_split_changes_the_table_s_digest():
    a, b = digest_rows([{"id": "a"}]), digest_rows([{"id": "b"}])
    assert digest_splits({"train": a, "test": b}) == digest_splits({"test": b, "train": a})
    assert digest_splits({"train": a, "test": b}) != digest_splits({"train": b, "test": a})


def test_the_digest_is_the_documented_one():
    import hashlib

    row = hashlib.sha256('{"id":"港","n":null}'.encode()).digest()
    assert digest_rows([{"n": None, "id": "港"}]) == hashlib.sha256(row).hexdigest()


def test_the_digest_of_a_file_does_not_depend_on_who_wrote_it(published, tmp_path):
    path = published / "paragraphs" / "train.parquet"
    pl.read_parquet(path).reverse().write_parquet(tmp_path / "other.parquet", compression="snappy")
    assert manifest.logical_digest([tmp_path / "other.parquet"]) == manifest.logical_digest([path])
    assert (tmp_path / "other.parquet").read_bytes() != path.read_bytes()


KINDS = {
    "text": pl.String,
    "whole": pl.Int64,
    "number": pl.Float64,
    "texts": pl.List(pl.String),
    "rows": pl.List(pl.Struct({"z": pl.String, "a": pl.Float64, "m": pl.Int64})),
}
WHOLE = st.none() | st.integers(-(2**63), 2**63 - 1)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.none() | st.text()
ROW = st.fixed_dictionaries({
    "text": TEXT,
    "whole": WHOLE,
    "number": NUMBER,
    "texts": st.none() | st.lists(TEXT, max_size=3),
    "rows": st.none()
    | st.lists(st.none() | st.fixed_dictionaries({"z": TEXT, "a": NUMBER, "m": WHOLE}), max_size=3),
})  # fmt: skip


def _frame(rows):
    return pl.DataFrame(rows, schema=KINDS, orient="row")


def _digest(*frames):
    with digest.Runs() as runs:
        for frame in frames:
            runs.add(digest.row_digests(frame))
        return runs.hexdigest()


@settings(max_examples=80)
@given(st.lists(ROW, max_size=5))
def test_a_frame_has_the_digest_of_its_rows(rows):
    frame = _frame(rows)
    assert _digest(frame) == digest_rows(frame.iter_rows(named=True))


def test_every_character_is_spelled_as_json_spells_it():
    signs = [chr(number) for number in range(0x11000) if not 0xD800 <= number <= 0xDFFF]
    frame = pl.DataFrame({"text": [f'{sign}"\\{sign}' for sign in signs]})
    assert digest._spelled_alike(frame)
    assert _digest(frame) == digest_rows(frame.iter_rows(named=True))


@pytest.mark.parametrize("number", [1e-4, 9.9e-5, 1e-7, 5e-324, 1e15, 1e16, 1e17, 1.7e308, -0.0, 2 / 3])
def test_every_number_is_spelled_as_json_spells_it(number):
    frame = _frame([{"number": number, "rows": [{"a": -number}]}])
    assert _digest(frame) == digest_rows(frame.iter_rows(named=True))


@pytest.mark.parametrize("number", [float("nan"), float("-inf")])
def test_a_frame_with_numbers_that_json_cannot_say_is_refused(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest.row_digests(_frame([{"rows": [{"a": number}]}]))


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 20), max_size=30), max_size=4), st.sampled_from([1, 40, 10**6]))
def test_runs_in_any_cut_have_the_digest_of_all_rows(runs, merged_bytes):
    before, digest._MERGED_BYTES = digest._MERGED_BYTES, merged_bytes
    try:
        found = _digest(*(pl.DataFrame({"n": run}, schema={"n": pl.Int64}) for run in runs))
    finally:
        digest._MERGED_BYTES = before
    assert found == digest_rows({"n": number} for run in runs for number in run)
