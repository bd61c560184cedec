"""Markdown pages and feed dumps: parts, roles, tiling, the second seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import markdown
from corpus.clean.markdown_inline import inline
from corpus.clean.markdown_parts import parts
from corpus.records import KEPT_ROLES, ROLES

SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "001_f49ccf4e7c7b8b2e.txt"

PIECE = st.one_of(
    st.text(max_size=20),
    st.sampled_from([
        "# ", "## x", "---", "***", "===", "> quote", "```", "~~~", "| a | b |", "|--|--|",
        "- item", "1. one", "[a](b)",
        "![i](j)", "[![i](j)](k)", "**b**", "*e", "_f_", "`c`", "``", "&amp;", "&#0;", "\\*", "\\",
        "<p>", "</p>", "<div>", "<br>", "<!--", "-->", "<hr>", "<script>", "[x]: y", "[^1]", "    code", "\t",
        "a  ", "\x00", "\ud800", "~~s~~", "<a@b.example>",
    ]),
)  # fmt: skip
PAGE = st.lists(st.tuples(PIECE, st.sampled_from(["", " ", "\n", "\n\n", "\r\n"])), max_size=25).map(
    lambda rows: "".join(piece + end for piece, end in rows)
)

FEED = """<!--1710406800000-->
[灯塔守夜人退休，最后一夜由孩子们代班](https://lamp.example/keeper/20240314)
------

<div><i>Thu, 14 Mar 2024 09:00:00 GMT</i></div><img width="80%" src="https://img.example/a.png"><div>\
<small class="grey">灯塔脚下的守夜人小屋</small></div>白沙角 — \
<p>守了三十一年灯塔的乔长海昨夜最后一次登塔。</p>\
<p>他说，&ldquo;灯不是给自己看的&rdquo;，<b>孩子们</b>记住了这句话。</p><p>新的灯器将由太阳能供电，今后不再需要有人彻夜守候。</p>\
<br><hr><div>更多订阅： <a href="https://feeds.example">https://feeds.example</a></div>
"""


def check(raw: str) -> None:
    blocks = markdown.clean(raw)
    assert "".join(raw[block.raw_start : block.raw_end] for block in blocks) == raw
    for block in blocks:
        assert block.raw_end > block.raw_start
        assert block.role in ROLES
        assert block.rule
        place = block.raw_start
        end = 0
        for part in block.segments:
            assert end <= part.start < part.end <= len(block.text)
            assert place <= part.raw_start <= part.raw_end <= block.raw_end
            place, end = part.raw_end, part.end


@settings(max_examples=200, deadline=None)
@given(PAGE)
def test_blocks_tile_any_page(raw):
    check(raw)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_blocks_tile_any_text(raw):
    check(raw)


@pytest.mark.parametrize(
    "raw",
    ["[" * 50_000, "![" * 20_000, "](" * 20_000, "`" * 50_001, "<!--" * 10_000, "*a" * 20_000,
     "> " * 5_000, "&" * 50_000,
     "|" * 20_000, "- " * 20_000, "<div>" * 5_000, "#" * 10_000, "\n" * 50_000, "a  \n" * 5_000,
     "[a](b" * 10_000],
    ids=lambda raw: repr(raw[:6]),
)  # fmt: skip
def test_hostile_pages_tile(raw):
    check(raw)


def test_an_empty_page_has_no_blocks():
    assert markdown.clean("") == ()


def test_a_feed_dump_comes_out_right():
    told = [(block.role, block.text) for block in markdown.clean(FEED) if block.text]
    assert told[:6] == [
        ("title", "灯塔守夜人退休，最后一夜由孩子们代班"),
        ("byline", "Thu, 14 Mar 2024 09:00:00 GMT"),
        ("caption", "灯塔脚下的守夜人小屋"),
        ("byline", "白沙角 —"),
        ("paragraph", "守了三十一年灯塔的乔长海昨夜最后一次登塔。"),
        ("paragraph", "他说，“灯不是给自己看的”，孩子们记住了这句话。"),
    ]
    assert [role for role, _ in told[6:]] == ["paragraph", "advertisement"]


PAGE_TEXT = """---
title: Notes on salt
tags: [sea]
---

# Notes on salt

By Ann Other · 3 May 2024

![pans at dawn](a.jpg)

Salt is made by *patience* and
[wind](https://wind.example), mostly; the sun does the rest of the work here.

## How it is raked

1. Wait for the crust.
2. Rake it
   toward the edge.

> The crust sings, said the old man, when it is
> ready to be broken by the rake.

| tool | use |
|------|-----|
| rake | crust |

```
tide = 3
```

Line one\\
line two of the same stanza, which is a little longer.

- [Home](/)
- [About](/about)
"""


def test_a_general_page_comes_out_right():
    told = [(block.role, block.text) for block in markdown.clean(PAGE_TEXT) if block.text]
    assert told == [
        ("title", "Notes on salt"),
        ("duplicate", "Notes on salt"),
        ("byline", "By Ann Other · 3 May 2024"),
        ("caption", "pans at dawn"),
        ("paragraph", "Salt is made by patience and wind, mostly; the sun does the rest of the work here."),
        ("heading", "How it is raked"),
        ("list_item", "1. Wait for the crust."),
        ("list_item", "2. Rake it toward the edge."),
        ("quote", "The crust sings, said the old man, when it is ready to be broken by the rake."),
        ("paragraph", "tool\tuse"),
        ("paragraph", "rake\tcrust"),
        ("paragraph", "tide = 3"),
        ("paragraph", "Line one\nline two of the same stanza, which is a little longer."),
        ("interface", "Home"),
        ("navigation", "About"),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a **b** _c_ ~~d~~ `e*f`", "a b c d e*f"),
        ("5 * 3 * 2 and snake_case_name", "5 * 3 * 2 and snake_case_name"),
        ("*no partner", "*no partner"),
        ('[a *b*](https://x.example "t") c', "a b c"),
        ("[a](https://x.example/(y)) z", "a z"),
        ("fish &amp; chips &#8212; \\*salted\\*", "fish & chips — *salted*"),
        ("<b>bold</b><br>next", "bold\nnext"),
        ("see <https://x.example>", "see https://x.example"),
        ("note[^1] here", "note here"),
        ("**《书名》**：好", "《书名》：好"),
    ],
)
def test_inline_marks_are_read_as_a_reader_does(written, read):
    assert inline(written, [(0, len(written))]).text == read


def test_chinese_lines_are_joined_without_a_space():
    raw = "潮水退了以后，\n滩涂上只剩下脚印。\n"
    assert [part.text for part in parts(raw)] == ["潮水退了以后，滩涂上只剩下脚印。"]


def test_comments_below_a_page_go():
    raw = "# Tides\n\n" + "The tide came in before noon and took the chairs with it. " * 3
    raw += "\n\n## 2 Comments\n\n**Bo** · 3 hours ago\n\nSame thing happened to us last year.\n\nReply\n"
    told = {block.text: block.role for block in markdown.clean(raw) if block.text}
    assert told["Same thing happened to us last year."] == "comment"
    assert told["2 Comments"] == "interface"


def test_every_part_is_explained():
    told = markdown.explain(FEED)
    assert [one.role for one in told if one.text][:2] == ["title", "byline"]
    assert "date" in next(one for one in told if one.role == "byline").seen


@pytest.mark.skipif(not SEED.exists(), reason="the seed pages do not lie beside this checkout")
def test_the_second_seed_comes_out_right():
    blocks = markdown.clean(SEED.read_bytes().decode())
    roles = [block.role for block in blocks if block.text]
    kept = [block for block in blocks if block.role in KEPT_ROLES]
    assert roles == ["title", "byline", "caption", "byline", *["paragraph"] * 16, "advertisement"]
    assert kept[0].text.startswith("新加坡贸易与工业部")
    assert not any("http" in block.text for block in kept)


def test_a_feed_writes_its_stamp_above_and_its_name_below() -> None:
    stamp = (
        "*Mara Quill · Sun, 04 May 2031 08:40:51 +0800* Filed under: [weirs](https://weir.example/c/weirs)"
    )
    body = (
        "Stone by stone the old weir was raised again this spring, and the miller came to see it every day."
    )
    end = (
        "The post [The weir](https://weir.example/p/1) appeared first on [Mill Notes](https://weir.example)."
    )
    raw = f"# The weir\n\n{stamp}\n\n{body}\n\n{end}\n"
    kept = [block.text for block in markdown.clean(raw) if block.role in KEPT_ROLES]
    assert kept == [body]
