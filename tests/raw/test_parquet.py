"""Parquet: one bad row never costs another."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.raw import read
from corpus.records import Page, Quarantined

BODY = "<html><body><p>港口海关昨天公布了检查结果。</p></body></html>"


def pages(path, **columns):
    pq.write_table(pa.table(columns), path)
    return list(read(path))


def test_a_row_is_a_page_with_what_is_known_of_it(tmp_path):
    when = datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC)
    (page,) = pages(
        tmp_path / "crawl.parquet",
        id=["a-1"], html=[BODY], url=["https://news.example/1"], fetched_at=[when], rank=[[1]],
    )  # fmt: skip
    assert (page.document_id, page.record_id, page.raw_path) == ("crawl#a-1", "a-1", "crawl.parquet")
    assert (page.body, page.format, page.url) == (BODY.encode(), "html", "https://news.example/1")
    assert page.content_type == "text/html; charset=utf-8"
    assert page.fetched_at == "2025-05-06T07:08:09+00:00"


def test_a_binary_body_keeps_its_bytes_and_what_the_server_said_of_them(tmp_path):
    body, said = BODY.encode("gb18030"), "text/html; charset=gb18030"
    (page,) = pages(tmp_path / "crawl.parquet", body=[body], content_type=[said])
    assert (page.body, page.content_type, page.record_id) == (body, said, "1")


def test_a_row_without_text_is_named_and_the_others_are_read(tmp_path):
    first, second, third = pages(tmp_path / "crawl.parquet", html=[BODY, None, BODY], id=["a", "b", "a"])
    assert isinstance(first, Page)
    assert second.reason.startswith("row 2: found no text")
    assert third.reason == "row 3: the id 'a' was used in row 1 already"


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"title": ["x"]}, "found no text: expected one of the columns html"),
        ({"html": pa.array([], pa.string())}, "found no row"),
        ({"html": [1]}, "row 1: found a number under 'html', expected a string"),
    ],
)
def test_a_file_without_pages_is_named_with_the_reason(tmp_path, columns, reason):
    (found,) = pages(tmp_path / "crawl.parquet", **columns)
    assert isinstance(found, Quarantined)
    assert found.reason.startswith(reason)


@pytest.mark.parametrize("cut", [0, 4, 100, -5])
def test_a_file_that_is_cut_off_is_named(tmp_path, cut):
    path = tmp_path / "crawl.parquet"
    pages(path, html=[BODY])
    path.write_bytes(path.read_bytes()[:cut])
    (found,) = read(path)
    assert isinstance(found, Quarantined)


def test_text_that_is_not_utf_8_costs_its_own_row_only(tmp_path):
    bad = pa.array([BODY.encode(), b"\xbd\xff", BODY.encode()]).view(pa.string())
    first, left, last = pages(tmp_path / "crawl.parquet", html=bad)
    assert (first.record_id, last.record_id) == ("1", "3")
    assert left == Quarantined("crawl.parquet", "row 2: found text that is not UTF-8", "2")
