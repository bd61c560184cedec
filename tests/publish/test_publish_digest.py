from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.publish import manifest
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
