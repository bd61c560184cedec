"""Tokens tile the raw text, whatever it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import markup

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "hostile"

PIECES = st.sampled_from(
    (
        *("<p>", "</p>", "<p class='a", '"', "'>", "</>", "<!--", "-->", "<![CDATA[", "]]>", "<script>"),
        *("</script>", "&amp;", "&#0;", "&notit;", "&", ";", "<", ">", "/", "=", " ", "\n", "\r\n", "\r"),
        *("\f", "\0", "\ufeff", "\ud800", "\U0001f600", "字", "text", "<title>", "<textarea>", "<plaintext>"),
        *("<?php", "?>", "<noscript>"),
    )
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)


def tiles(raw: str, start: int, end: int) -> bool:
    at = start
    for _, begin, stop, _ in markup.tokens(raw, start, end):
        if begin != at or stop <= begin:
            return False
        at = stop
    return at == end


@settings(max_examples=300)
@given(TEXTS)
def test_tokens_tile_any_text(raw: str) -> None:
    assert tiles(raw, 0, len(raw))


@settings(max_examples=100)
@given(TEXTS, TEXTS, TEXTS)
def test_tokens_tile_a_range_at_its_place(before: str, inside: str, after: str) -> None:
    assert tiles(before + inside + after, len(before), len(before) + len(inside))


def test_positions_are_raw_where_lines_end_in_carriage_returns() -> None:
    raw = "a\r\n\r\n<p>b\rc</p>"
    found = [(kind, raw[start:end]) for kind, start, end, _ in markup.tokens(raw)]
    assert found == [(0, "a\r\n\r\n"), (1, "<p>"), (0, "b\rc"), (2, "</p>")]


def test_tags_are_named_in_lower_case() -> None:
    assert [value for kind, _, _, value in markup.tokens("<DIV><Br/></DIV>") if kind != 0] == [
        "div",
        "br",
        "div",
    ]


def test_references_come_resolved_with_their_place() -> None:
    assert list(markup.tokens("&lt;&#x5b57;")) == [(3, 0, 4, "<"), (3, 4, 12, "字")]


def test_an_empty_end_tag_is_found_between_tokens() -> None:
    assert (4, 1, 4, "") in list(markup.tokens("a</>b"))


def test_a_tag_cut_off_by_the_end_is_a_token_of_its_own() -> None:
    assert list(markup.tokens('a<p class="x'))[-1] == (4, 1, 12, "")


def test_the_first_of_two_equal_attributes_wins() -> None:
    assert markup.attributes("<a id=1 ID=2>") == {"id": "1"}


def test_attributes_of_what_is_no_tag_are_none() -> None:
    assert markup.attributes("plain") == {}


def test_references_in_a_title_resolve_beside_angle_brackets() -> None:
    assert markup.resolved("a &lt;b&gt; < c") == "a <b> < c"


@pytest.mark.parametrize(
    "raw",
    ["<div>" * 100_000, "<" * 500_000, "&" * 500_000, "</>" * 100_000, "<a " * 100_000, "\r" * 500_000],
    ids=["deep", "brackets", "ampersands", "empty end tags", "open tag", "carriage returns"],
)
def test_long_monotonous_input_tiles(raw: str) -> None:
    assert tiles(raw, 0, len(raw))


def test_twenty_thousand_attributes_are_read() -> None:
    assert len(markup.attributes("<p " + " ".join(f"a{at}=x" for at in range(20_000)) + ">")) == 20_000


def test_the_html5lib_tokenizer_inputs_tile() -> None:
    folder = HOSTILE / "html5lib-tests"
    if not folder.is_dir():
        pytest.skip("the html5lib tests are not beside the checkout")
    inputs = [
        case["input"]
        for file in sorted(folder.rglob("*.test"))
        for case in json.loads(file.read_text("utf-8")).get("tests", ())
        if isinstance(case["input"], str)
    ]
    assert inputs
    assert [raw for raw in inputs if not tiles(raw, 0, len(raw))] == []
