"""HTML is cut into units a reader would see, at their places."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean.html import Layout, layout

NAMES = "div p span b a table tr td th ul li br hr svg script noscript object h1 x-y".split()  # noqa: SIM905
TAGS = st.sampled_from(
    [f"<{name}>" for name in NAMES]
    + [f"</{name}>" for name in NAMES]
    + [
        "<p hidden>",
        "<span style='display:none'>",
        "<a href=x>",
        "&nbsp;",
        "&shy;",
        "\u3000",
        "\u200b",
        "\ufeff",
    ]
    + [
        "word",
        " ",
        "\n",
        "字句",
        "\ud800",
        "\0",
        "<!-- x -->",
        "<option>",
        "<select>",
        "<body>",
        "<head>",
        "<title>",
    ]
)


def texts(raw: str) -> list[str]:
    return [unit.text for unit in layout(raw).units]


def check(raw: str, page: Layout) -> None:
    at = 0
    for unit in page.units:
        assert at <= unit.start < unit.end
        at = unit.end
        assert unit.text == unit.text.strip() != ""
        length = 0
        for start, end, raw_start, raw_end in unit.traces:
            assert start == length < end
            assert unit.start <= raw_start < raw_end <= unit.end
            if raw_end - raw_start == end - start > 1:
                assert unit.text[start:end] == re.sub(r"\s", " ", raw[raw_start:raw_end])
            length = end
        assert length == len(unit.text)
    nodes = page.nodes
    for node, (parent, first, last) in enumerate(zip(nodes.parent, nodes.first, nodes.last, strict=True)):
        assert parent < node
        assert 0 <= first <= last <= len(page.units)


@settings(max_examples=300)
@given(st.lists(TAGS, max_size=50).map("".join))
def test_units_come_in_order_and_trace_to_their_places(raw: str) -> None:
    check(raw, layout(raw))


@settings(max_examples=100)
@given(st.text(max_size=80))
def test_any_text_can_be_laid_out(raw: str) -> None:
    check(raw, layout(raw))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one<p>two", ["one", "two"]),
        ("<ul><li>one<li>two<ul><li>three</ul><li>four</ul>", ["one", "two", "three", "four"]),
        ("<p>a <b>bold <i>word</i></b>, an <a href=x>end</a>.</p>", ["a bold word, an end."]),
        ("<div>before<p>inside</p>after</div>", ["before", "inside", "after"]),
        ("<p>a&nbsp;&amp;&nbsp;b</p>", ["a & b"]),
        ("<p>Donau&shy;dampf&#8203;schiff</p>", ["Donaudampfschiff"]),
        ("<p>  many \n\t spaces </p>", ["many spaces"]),
        ("<p>第一行\n第二行</p>", ["第一行第二行"]),
        ("<p>first line\nsecond line</p>", ["first line second line"]),
        ("<p>one<br>two</p>", ["one\ntwo"]),
        ("<p>one<br> <br/>two</p>", ["one", "two"]),
        ("<div>　　第一段<br>　　第二段</div>", ["第一段", "第二段"]),
        ("<div>&nbsp;&nbsp;one<br>&nbsp;&nbsp;two</div>", ["one", "two"]),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", ["a\tb", "c\td"]),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", ["a", "b", "c"]),
        ("<pre>a  b\n c</pre>", ["a b c"]),
        ("<p>a<script>x</script>b</p>", ["ab"]),
        ("<p>seen<span style='display: none'>not</span></p>", ["seen"]),
        ("<svg><title>icon</title></svg><p>text</p>", ["text"]),
        ("<object><p>never closed", ["never closed"]),
        ("<body><noscript><p>one</p><p>two</p></noscript>", ["one", "two"]),
        ("<body><noscript>1 < 2 <p>and 3 < 4", ["1 < 2", "and 3 < 4"]),
        ("<head><noscript><img src=x></noscript></head><p>text", ["text"]),
        ("<p>a<x-chip>b</x-chip>c</p>", ["abc"]),
        ("</p></div></td>text", ["text"]),
        ("<o:p>Word</o:p>", ["Word"]),
        ("plain", ["plain"]),
        ("", []),
        ("<!-- a --><!doctype html>", []),
        ("<p>unclosed <b", ["unclosed"]),
    ],
)
def test_units_are_what_a_reader_sees(raw: str, found: list[str]) -> None:
    assert texts(raw) == found


def test_long_lines_parted_by_single_breaks_are_paragraphs() -> None:
    line = "A sentence of some length that ends here, as sentences in old pages do."
    assert texts(f"<td>{line}<br>{line}</td>") == [line, line]


def test_a_link_around_blocks_links_them() -> None:
    (unit,) = layout("<a href=x><div>text</div></a>").units
    assert unit.linked == unit.size == 4


def test_an_unclosed_link_ends_with_the_element_around_it() -> None:
    assert [unit.linked for unit in layout("<td><a href=x>in</td><td>out</td>").units] == [2, 0]


def test_hidden_elements_mark_what_they_hold() -> None:
    page = layout("<div hidden><p>a</p></div><p>b</p>")
    assert [page.nodes.hidden[unit.node] for unit in page.units] == [True, False]


def test_a_range_is_laid_out_at_its_place() -> None:
    raw = "## <p>not html</p>\n<p>html</p>"
    (unit,) = layout(raw, 19, len(raw)).units
    assert raw[unit.start : unit.end] == unit.text == "html"


def test_what_is_not_displayed_is_put_away_under_a_rule() -> None:
    raw = "<head><title>t</title></head><script>s</script><!-- c --><style>x</style>text"
    assert [put.rule for put in layout(raw).put] == ["head", "script", "comment_markup", "style"]


@pytest.mark.parametrize(
    "raw",
    [
        "<div>" * 50_000 + "x" + "</p>" * 50_000,
        "<table><tr><td>" * 20_000,
        "<p>word</p>" * 50_000,
        "a<br>" * 50_000,
        "<b>" * 50_000 + "x",
        "<td>x" * 50_000,
        "<span hidden>" * 20_000,
        "<object>" * 20_000 + "text",
        "<body>" + "<noscript>a" * 20_000,
    ],
    ids=[
        "stray ends",
        "nested tables",
        "paragraphs",
        "breaks",
        "bold",
        "cells",
        "hidden",
        "objects",
        "noscript",
    ],
)
def test_long_monotonous_pages_are_laid_out(raw: str) -> None:
    check(raw, layout(raw))
