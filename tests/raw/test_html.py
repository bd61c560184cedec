"""HTML files, and files that only claim to be."""

from __future__ import annotations

import gzip
import hashlib
import random
import zlib

import pytest

from corpus.raw import _content, read
from corpus.records import Page, Quarantined

PAGE = "<html><body><p>港口新闻。</p></body></html>".encode()


def only(path):
    (page,) = read(path)
    return page


def test_a_page_is_read_as_it_is(tmp_path):
    (tmp_path / "a.html").write_bytes(b"\xef\xbb\xbf" + PAGE + b"\r\n")
    body = b"\xef\xbb\xbf" + PAGE + b"\r\n"
    assert only(tmp_path / "a.html") == Page(body, "html", hashlib.sha256(body).hexdigest(), "a.html", "a")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (gzip.compress(PAGE, mtime=0), "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"GIF89a\x01\0", "GIF"),
        (b"RIFF\0\0\0\0WEBP", "WebP"),
        (b"\0\0\0\x20ftypisom", "video"),
        (b"From: <Saved by a browser>\r\nSubject: News\r\nMIME-Version: 1.0\r\n", "MHTML"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n", "WARC"),
        (zlib.compress(random.Random(1).randbytes(3000)), "binary"),
        (random.Random(2).randbytes(5000), "binary"),
        (b"", "empty page"),
        (b" \r\n\t\n", "white space"),
        (b"\0" * 4096, "white space"),
    ],
)
def test_what_is_no_page_is_named(tmp_path, body, found):
    (tmp_path / "a.html").write_bytes(body)
    left = only(tmp_path / "a.html")
    assert isinstance(left, Quarantined)
    assert found in left.reason
    assert left.raw_path == "a.html"


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "iso2022_jp", "utf-32"]
)
def test_text_in_any_encoding_is_no_binary_file(tmp_path, codec):
    text = "<p>港の税関はきのう結果を発表しました。</p>\n" * 200
    (tmp_path / "a.html").write_bytes(text.encode(codec))
    page = only(tmp_path / "a.html")
    assert isinstance(page, Page) is (codec != "utf-32")


def test_text_with_a_stray_nul_is_no_binary_file(tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE * 20 + b"\0" + PAGE)
    assert isinstance(only(tmp_path / "a.html"), Page)


def test_a_page_over_the_limit_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "a.html").open("wb") as file:
        file.truncate(100 * 1024**2)
    reason = only(tmp_path / "a.html").reason
    assert "104,857,600 bytes" in reason
    assert "33,554,432" in reason


def test_a_page_at_the_limit_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(_content, "PAGE_BYTES", len(PAGE))
    (tmp_path / "a.html").write_bytes(PAGE)
    assert isinstance(only(tmp_path / "a.html"), Page)
    (tmp_path / "a.html").write_bytes(PAGE + b"\n")
    assert isinstance(only(tmp_path / "a.html"), Quarantined)


def test_a_page_of_unknown_elements_is_html_by_its_many_tags():
    from corpus.raw import sniff

    assert sniff(b"<harbour>" + b"<berth>x</berth>" * 6) == "html"
    assert sniff(b"<harbour> is the name of the game") == "text"
