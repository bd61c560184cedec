"""JSON Lines: one bad line never costs another."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.raw import jsonl, read
from corpus.records import Page, Quarantined

SUITE = Path(__file__).resolve().parents[3] / "shared" / "hostile" / "JSONTestSuite" / "test_parsing"


def pages(path: Path, *lines: object) -> list[Page | Quarantined]:
    path.write_bytes(
        b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    )
    return list(read(path))


def test_a_line_is_a_page_with_what_is_known_of_it(tmp_path):
    line = {
        "id": "a-1",
        "html": "<p>港口</p>",
        "url": "https://news.example/1",
        "content_type": "text/html; charset=gb2312; x=1",
        "fetched_at": "2025-05-06T07:08:09Z",
        "rank": [1],
    }
    (page,) = pages(tmp_path / "crawl.jsonl", line)
    assert (page.document_id, page.record_id, page.raw_path) == ("crawl#a-1", "a-1", "crawl.jsonl")
    assert (page.body, page.format, page.url) == ("<p>港口</p>".encode(), "html", "https://news.example/1")
    assert page.content_type == "text/html; x=1; charset=utf-8"
    assert page.fetched_at == "2025-05-06T07:08:09Z"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"html": "x", "text": "y"}, "html"),
        ({"text": "<p>y</p>" * 9}, "text"),
        ({"markdown": "x"}, "markdown"),
        ({"content": "<p>y</p>" * 9}, "html"),
        ({"body": "plain"}, "text"),
        ({"body": "<p>y</p>" * 9, "content_type": "text/plain"}, "text"),
        ({"content": "x", "content_type": "TEXT/HTML; charset=x"}, "html"),
        ({"html": None, "content": "x", "content_type": "text/markdown"}, "markdown"),
    ],
)
def test_the_format_follows_the_key_then_the_type_then_the_look(tmp_path, line, expected):
    (page,) = pages(tmp_path / "a.jsonl", line)
    assert page.format == expected


def test_a_line_without_an_id_is_called_by_its_number(tmp_path):
    found = pages(tmp_path / "a.jsonl", {"text": "x"}, b"", {"text": "y", "id": ""}, {"text": "z", "id": 7})
    assert [page.document_id for page in found] == ["a#1", "a#3", "a#7"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{nonsense", "no JSON"),
        (b"[1]", "found a list, expected a JSON object"),
        (b'"x"', "found a string, expected a JSON object"),
        (b"null", "found null"),
        (
            b'{"url": "x"}',
            "found no text: expected one of the keys html, markdown, text, content, body; found url",
        ),
        (b'{"text": 3}', "found a number under 'text'"),
        (b'{"text": "x", "url": []}', "found a list under 'url'"),
        (b'{"text": "x", "id": true}', "found true or false under 'id'"),
        (b'{"text": "x", "id": "a\\nb"}', "one printable line"),
        (b'{"text": ""}', "empty page"),
        (b'{"text": "\xff"}', "not UTF-8 at byte 11"),
        (b"[" * 100_000, "no JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "no JSON"),
        (b'{"html": "%PDF-1.4"}', "a PDF document"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path, line, reason):
    before, bad, after = pages(tmp_path / "a.jsonl", {"text": "x"}, line, {"text": "y"})
    assert isinstance(bad, Quarantined)
    assert bad.reason.startswith("line 2: ")
    assert reason in bad.reason
    assert (before.document_id, after.document_id) == ("a#1", "a#3")


def test_a_page_that_is_refused_keeps_its_id(tmp_path):
    (left,) = pages(tmp_path / "a.jsonl", {"id": "k", "text": ""})
    assert (left.record_id, left.reason) == ("k", "line 1: found an empty page")


def test_a_repeated_id_is_named_with_both_lines(tmp_path):
    _, second, _ = pages(
        tmp_path / "a.jsonl", {"text": "x", "id": "k"}, {"text": "y", "id": "k"}, {"text": "z"}
    )
    assert second.reason == "line 2: the id 'k' was used in line 1 already"


def test_only_a_line_feed_ends_a_line(tmp_path):
    text = "one\u2028two\u2029three\x85four"
    found = pages(
        tmp_path / "a.jsonl", json.dumps({"text": text}, ensure_ascii=False).encode() + b"\r", {"text": "y"}
    )
    assert [page.body.decode() for page in found] == [text, "y"]


def test_a_byte_order_mark_before_the_first_line_is_no_error(tmp_path):
    (page,) = pages(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"text": "x"}')
    assert page.body == b"x"


def test_a_lone_surrogate_stays_visible(tmp_path):
    (page,) = pages(tmp_path / "a.jsonl", b'{"text": "a\\ud800b"}')
    assert page.body == b"a\xed\xa0\x80b"


def test_gzip_is_read_whatever_the_name_says(tmp_path):
    packed = gzip.compress(b'{"text": "x"}\n{"text": "y"}\n')
    for name in ("a.jsonl.gz", "b.jsonl", "c.ndjson.gz"):
        (tmp_path / name).write_bytes(packed)
        assert [page.document_id for page in read(tmp_path / name)] == [f"{name[0]}#1", f"{name[0]}#2"]


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-30], lambda b: b[:-4], lambda b: b[:-9] + b"x" + b[-8:], lambda b: b + b"x"]
)
def test_damaged_gzip_is_named_and_whole_lines_before_it_are_kept(tmp_path, damage):
    lines = b"".join(b'{"text": "%d"}\n' % (number * 7919**5) for number in range(3000))
    (tmp_path / "a.jsonl.gz").write_bytes(damage(gzip.compress(lines)))
    *kept, left = read(tmp_path / "a.jsonl.gz")
    assert len(kept) > 2000
    assert "the gzip stream breaks off after line" in left.reason


def test_a_line_over_the_limit_is_named_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "_LINE_BYTES", 50)
    _, bad, good = pages(tmp_path / "a.jsonl", {"text": "x"}, {"text": "y" * 170}, {"text": "z"})
    assert bad.reason.startswith("line 2: found a page of")
    assert good.document_id == "a#3"


def test_an_empty_file_is_named(tmp_path):
    (left,) = pages(tmp_path / "a.jsonl")
    assert "empty file" in left.reason


@given(st.lists(st.binary(max_size=60), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_never_raises(tmp_path, lines):
    for found in pages(tmp_path / "a.jsonl", *lines):
        assert found.raw_path == "a.jsonl"


def test_the_json_test_suite_is_survived_line_by_line(tmp_path):
    if not SUITE.exists():
        pytest.skip("JSONTestSuite is not beside the checkout")
    for case in sorted(SUITE.glob("*.json")):
        value = case.read_bytes().replace(b"\n", b" ")
        before, *_, after = pages(
            tmp_path / "a.jsonl", {"text": "x"}, b'{"x": ' + value + b', "text": "m"}', {"text": "y"}
        )
        assert (before.body, after.body) == (b"x", b"y"), case.name


def test_a_line_is_taken_out_and_the_other_pages_stay_as_they_were(tmp_path):
    path = tmp_path / "crawl.jsonl"
    lines = [{"id": "a", "text": "一号码头"}, {"text": "二号码头"}, b"{bad", {"id": "b", "text": "三号码头"}]
    kept = [page for page in pages(path, *lines) if page.record_id != "a"]
    path.write_bytes(jsonl.without(path, "a"))
    assert list(read(path)) == kept
    assert "一号码头".encode() not in path.read_bytes()


def test_a_line_is_taken_out_of_a_packed_file(tmp_path):
    path = tmp_path / "crawl.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n'))
    path.write_bytes(jsonl.without(path, "a"))
    assert [page.record_id for page in read(path)] == ["b"]
