"""Markdown files."""

from __future__ import annotations

from corpus.raw import read


def test_a_markdown_file_is_markdown_whatever_it_looks_like(tmp_path):
    (tmp_path / "a.md").write_text("<p>one</p><p>two</p><p>three</p>")
    assert [page.format for page in read(tmp_path / "a.md")] == ["markdown"]


def test_an_image_under_a_markdown_name_is_refused(tmp_path):
    (tmp_path / "a.markdown").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert [left.reason for left in read(tmp_path / "a.markdown")] == [
        "found a PNG image, expected the text of a page"
    ]
