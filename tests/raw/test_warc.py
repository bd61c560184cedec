"""WARC archives: whole records are kept, everything else is named."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest

from corpus.errors import UnreadableError
from corpus.raw import _content, _http, read, warc
from corpus.records import Page, Quarantined

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "hostile"
HTML = ("<html><body>" + "<p>港口海关昨天公布了检查结果。</p>" * 30 + "</body></html>").encode()


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def record(block: bytes, number: int = 1, **headers: str) -> bytes:
    """Write one WARC record; header names with an underscore for the hyphen, None to leave one out."""
    head = {
        "WARC_Type": "response",
        "WARC_Record_ID": f"<urn:uuid:{uuid(number)}>",
        "WARC_Date": "2025-05-06T07:08:09Z",
        "WARC_Target_URI": f"http://news.example/{number}",
        "Content_Type": "application/http; msgtype=response",
        "Content_Length": str(len(block)),
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items() if value is not None]
    return b"WARC/1.0\r\n" + "".join(lines).encode() + b"\r\n" + block + b"\r\n\r\n"


def http(body: bytes = HTML, status: str = "200 OK", **headers: str) -> bytes:
    head = {"Content_Type": "text/html; charset=utf-8", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def archive(path: Path, *records: bytes) -> list[Page | Quarantined]:
    path.write_bytes(
        b"".join(gzip.compress(one) for one in records) if path.suffix == ".gz" else b"".join(records)
    )
    return list(read(path))


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_response_is_a_page_with_what_is_known_of_it(tmp_path, name):
    info = record(b"software: x\r\n", 8, WARC_Type="warcinfo", Content_Type="application/warc-fields")
    request = record(b"GET / HTTP/1.1\r\n\r\n", 9, WARC_Type="request")
    (page,) = archive(tmp_path / name, info, request, record(http()))
    assert (page.body, page.format, page.record_id) == (HTML, "html", uuid(1))
    assert (page.document_id, page.raw_path) == (f"crawl#{uuid(1)}", name)
    assert (page.url, page.fetched_at) == ("http://news.example/1", "2025-05-06T07:08:09Z")
    assert page.content_type == "text/html; charset=utf-8"


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x;x=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


# Brotli: one uncompressed meta-block; zstd: one raw block. So that the tests need no compressor.
BROTLI = bytes.fromhex("0b028068656c6c6f03")
ZSTD = bytes.fromhex("28b52ffd2005290000") + b"hello"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunked(HTML), {"Transfer_Encoding": "chunked"}),
        (HTML, {"Transfer_Encoding": "chunked"}),
        (gzip.compress(HTML), {"Content_Encoding": "gzip"}),
        (HTML, {"Content_Encoding": "gzip"}),
        (chunked(gzip.compress(HTML)), {"Transfer_Encoding": "chunked", "Content_Encoding": "x-gzip"}),
        (zlib.compress(HTML), {"Content_Encoding": "deflate"}),
        (bare_deflate(HTML), {"Content_Encoding": "deflate"}),
        (gzip.compress(zlib.compress(HTML)), {"Content_Encoding": "deflate, gzip"}),
        (HTML, {"Content_Encoding": "identity"}),
    ],
)
def test_codings_are_undone(tmp_path, body, headers):
    (page,) = archive(tmp_path / "a.warc", record(http(body, **headers)))
    assert page.body == HTML


@pytest.mark.parametrize(("coding", "body"), [("br", BROTLI), ("zstd", ZSTD)])
def test_brotli_and_zstandard_are_undone(coding, body):
    assert _http.parse(http(body, Content_Encoding=coding)).body == b"hello"


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (gzip.compress(HTML, mtime=0)[:-20], {"Content_Encoding": "gzip"}, "the gzip body breaks off"),
        (b"\x1f\x8bnonsense", {"Content_Encoding": "gzip"}, "the body is not gzip"),
        (b"nonsense", {"Content_Encoding": "br"}, "br"),
        (b"nonsense", {"Content_Encoding": "zstd"}, "zstd"),
        (b"x", {"Content_Encoding": "sdch"}, "'sdch' is not known"),
        (chunked(HTML)[:-200], {"Transfer_Encoding": "chunked"}, "breaks off"),
        (b"3\r\nabc\r\nnonsense", {"Transfer_Encoding": "chunked"}, "sizes of chunks are wrong"),
        (b"", {}, "empty page"),
        (b"%PDF-1.4", {}, "a PDF document"),
        (b"\x89PNG", {"Content_Type": "image/png"}, "found content of type 'image/png'"),
        (b"{}", {"Content_Type": "application/json"}, "application/json"),
    ],
)
def test_a_bad_body_costs_its_own_record_only(tmp_path, body, headers, reason):
    left, page = archive(tmp_path / "a.warc", record(http(body, **headers)), record(http(), 2))
    assert reason in left.reason
    assert (left.record_id, page.record_id) == (uuid(1), uuid(2))


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "503 Busy"])
def test_answers_that_are_not_the_page_are_named(tmp_path, status):
    (left,) = archive(tmp_path / "a.warc", record(http(status=status)))
    assert f"HTTP status {status[:3]}" in left.reason


def test_a_body_that_unpacks_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_http, "PAGE_BYTES", 10_000)
    bomb = gzip.compress(b"<p>x</p>" * 1_000_000)
    left, page = archive(
        tmp_path / "a.warc", record(http(bomb, Content_Encoding="gzip")), record(http(b"<p>y</p>"), 2)
    )
    assert "unpacks to more than 10,001 bytes" in left.reason
    assert page.body == b"<p>y</p>"


def test_a_record_over_the_limit_is_passed_over_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(warc, "_BLOCK_BYTES", 1000)
    left, page = archive(tmp_path / "a.warc", record(http(HTML)), record(http(b"<p>y</p>"), 2))
    assert f"at most {_content.PAGE_BYTES:,}" in left.reason
    assert page.body == b"<p>y</p>"


def test_resources_and_conversions_are_pages(tmp_path):
    resource, wet = archive(
        tmp_path / "a.warc.wet",
        record(HTML, 1, WARC_Type="resource", Content_Type="text/html"),
        record(
            "# 港口\n[一](http://a.example)".encode(), 2, WARC_Type="conversion", Content_Type="text/plain"
        ),
    )
    assert (resource.format, resource.body, resource.content_type) == ("html", HTML, "text/html")
    assert (wet.format, wet.document_id) == ("text", f"a#{uuid(2)}")


def test_notes_of_the_crawler_are_no_pages(tmp_path):
    note = record(
        b"wget log", WARC_Type="resource", Content_Type="text/plain", WARC_Target_URI="<metadata://x/log>"
    )
    assert archive(tmp_path / "a.warc", note) == []


def test_a_revisit_is_named(tmp_path):
    (left,) = archive(tmp_path / "a.warc", record(http(b""), WARC_Type="revisit"))
    assert left.reason == "byte 0: found a record of type 'revisit', which holds no page"


def test_a_repeated_record_id_is_named(tmp_path):
    page, left = archive(tmp_path / "a.warc", record(http()), record(http()))
    assert isinstance(page, Page)
    assert "used already" in left.reason


def test_records_without_an_id_are_called_by_their_number(tmp_path):
    found = archive(
        tmp_path / "a.warc", record(http(), WARC_Record_ID=None), record(http(), WARC_Record_ID="<>")
    )
    assert [page.document_id for page in found] == ["a#record-1", "a#record-2"]


def test_headers_that_end_in_bare_line_feeds_are_read(tmp_path):
    (page,) = archive(tmp_path / "a.warc", record(http().replace(b"\r\n", b"\n")))
    assert page.body == HTML


RECORDS = (record(http(), 1), record(http(), 2), record(b"GET / HTTP/1.1\r\n\r\n", 3, WARC_Type="request"))


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_cut_anywhere_is_found_out_and_whole_pages_are_kept(tmp_path, name):
    path = tmp_path / name
    archive(path, *RECORDS)
    body = path.read_bytes()
    packed = name.endswith(".gz")
    ends = [len(gzip.compress(one)) if packed else len(one) for one in RECORDS]
    ends = [sum(ends[: index + 1]) for index in range(3)]
    for cut in range(1, len(body), 1 if packed else 7):
        path.write_bytes(body[:cut])
        found = list(read(path))
        pages = [page for page in found if isinstance(page, Page)]
        # Only the four bytes of line ends behind a plain record, and a cut between records, cannot be told.
        whole = cut in ends if packed else any(end - 4 <= cut <= end for end in ends)
        assert any(isinstance(left, Quarantined) for left in found) is not whole, cut
        assert len(pages) >= sum(cut >= end for end in ends[:2]), cut
        assert all(page.body == HTML for page in pages)


def test_one_gzip_stream_around_all_records_is_read_and_its_end_checked(tmp_path):
    packed = gzip.compress(b"".join(RECORDS))
    (tmp_path / "a.warc.gz").write_bytes(packed)
    assert [type(found) for found in read(tmp_path / "a.warc.gz")] == [Page, Page]
    (tmp_path / "a.warc.gz").write_bytes(packed[:-3])
    assert [type(found) for found in read(tmp_path / "a.warc.gz")] == [Page, Page, Quarantined]


@pytest.mark.parametrize("tail", [b"garbage" * 9, b"WARC/1.0\r\nWARC-Type: response\r\n", b"\x1f\x8bjunk"])
def test_what_follows_the_last_record_and_is_none_is_named(tmp_path, tail):
    *pages, left = archive(tmp_path / "a.warc", *RECORDS, tail)
    assert len(pages) == 2
    assert isinstance(left, Quarantined)


@pytest.mark.parametrize(
    "body", [b"", b"hello", gzip.compress(b"hello", mtime=0), b"\x1f\x8b", b"<html>", b"\0" * 5000]
)
def test_a_file_that_is_no_archive_is_named(tmp_path, body):
    for name in ("a.warc", "a.warc.gz"):
        (tmp_path / name).write_bytes(body)
        assert [type(found) for found in read(tmp_path / name)] == [Quarantined]


@pytest.mark.parametrize("length", [None, "-5", "abc", "99999999999999999999", "9" * 5000, "１０"])
def test_a_wrong_length_is_named(tmp_path, length):
    *_, left = archive(tmp_path / "a.warc", record(http(), Content_Length=length))
    assert isinstance(left, Quarantined)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_damaged_archives_raise_nothing_and_no_page_is_made_up(tmp_path, name):
    rnd = random.Random(5)
    archive(tmp_path / name, *RECORDS)
    body = (tmp_path / name).read_bytes()
    for _ in range(150):
        damaged = bytearray(body)
        for _ in range(rnd.randint(1, 8)):
            at = rnd.randrange(len(damaged))
            damaged[at : at + rnd.randint(0, 4)] = rnd.randbytes(rnd.randint(0, 4))
        (tmp_path / name).write_bytes(damaged)
        for found in read(tmp_path / name):
            assert found.raw_path == name


def test_archives_of_other_tools_are_read():
    if not HOSTILE.exists():
        pytest.skip("the hostile files are not beside the checkout")
    expected = {
        "warcio/test/data/example.warc.gz": (1, 1),
        "warcio/test/data/example-iana.org-chunked.warc": (1, 0),
        "warcio/test/data/example-wrong-chunks.warc.gz": (1, 0),
        "warcio/test/data/example-resource.warc.gz": (1, 0),
        "warcio/test/data/example-trunc.warc": (0, 2),
        "warcio/test/data/post-test.warc.gz": (0, 3),
        "fastwarc/tests/data/clipped.warc.gz": (0, 1),
        "fastwarc/tests/data/clueweb-quirk.warc.gz": (29, 0),
        "fastwarc/tests/data/warcfile.warc": (16, 0),
        "fastwarc/tests/data/warcfile.warc.gz": (16, 0),
        "commoncrawl-whirlwind/whirlwind.warc.gz": (1, 0),
        "commoncrawl-whirlwind/whirlwind.warc.wet.gz": (1, 0),
    }
    for name, counts in expected.items():
        found = list(read(HOSTILE / name))
        pages = sum(isinstance(one, Page) for one in found)
        assert (pages, len(found) - pages) == counts, name


@pytest.mark.parametrize("packing", ["none", "a member a record", "one stream"])
def test_a_record_is_taken_out_with_its_request_and_the_others_stay_as_they_were(tmp_path, packing):
    path = tmp_path / ("crawl.warc" if packing == "none" else "crawl.warc.gz")
    about = f"<urn:uuid:{uuid(1)}>"
    request = record(b"GET /1 HTTP/1.1\r\n\r\n", 8, WARC_Type="request", WARC_Concurrent_To=about)
    records = [record(http(), 1), request, record(http(), 2), record(http(), 3)]
    whole = b"".join(records)
    members = b"".join(gzip.compress(one) for one in records)
    path.write_bytes({"none": whole, "one stream": gzip.compress(whole)}.get(packing, members))
    kept = [page for page in read(path) if page.record_id != uuid(1)]
    path.write_bytes(warc.without(path, uuid(1)))
    assert list(read(path)) == kept
    left = path.read_bytes() if packing == "none" else gzip.decompress(path.read_bytes())
    assert uuid(1).encode() not in left


def test_a_record_is_not_taken_out_where_others_are_called_by_number(tmp_path):
    path = tmp_path / "crawl.warc"
    path.write_bytes(record(http(), 1) + record(http(), 2, WARC_Record_ID=None))
    with pytest.raises(UnreadableError, match="give them ids"):
        warc.without(path, uuid(1))
