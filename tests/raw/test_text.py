"""Text files: what they hold is told by looking."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.raw import read

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"

RSS = "<!--1740000000000-->\n[港口新闻](https://news.example/a/1.html)\n------\n\n<div><i>x</i></div><p>一</p><p>二</p><p>三</p>"
PLAIN = "首页 > 要闻 >\n\n港口新闻\n\n晨报 晨报 05-06 07:08\n\n海关昨天公布了结果。\n\n\n今天没有新的消息。\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RSS, "markdown"),
        (RSS.replace("\n", "\r\n"), "markdown"),
        (PLAIN, "text"),
        ("<!DOCTYPE html>\n<title>x</title>x", "html"),
        ("\n<!-- saved -->\n<HTML lang=zh>", "html"),
        ("<?xml version='1.0'?>\n<html xmlns='x'>", "html"),
        ("<div><p>one</p><br/>two</div>", "html"),
        ("# 港口新闻\n\n海关[公布](https://news.example/b)了结果。", "markdown"),
        ("Write <b>bold</b> like this.\n\nThat was all.", "text"),
        ("[1] Not a link.\n# not a heading either, with no link", "text"),
        ("Title\n-----\n\nUnderlined, but plain.", "text"),
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_format_is_told_by_the_content(tmp_path, text, expected, codec):
    (tmp_path / "a.txt").write_bytes(text.encode(codec))
    assert [page.format for page in read(tmp_path / "a.txt")] == [expected]


def test_the_seeds_are_what_they_are():
    if not SEEDS.exists():
        pytest.skip("the seeds are not beside the checkout")
    formats = {path.name[:3]: page.format for path in SEEDS.glob("*.txt") for page in read(path)}
    assert formats == {"000": "text", "001": "markdown"}
