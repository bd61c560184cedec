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


def cut(raw: str) -> list[str]:
    """The pieces of raw text that tokens stand for."""
    pieces, at = [], 0
    for token in markup.tokens(raw):
        stop = at + len((token.data if token.type is markup.TEXT else token.source) or "")
        pieces.append(raw[at:stop])
        at = stop
    return pieces


def tiles(raw: str) -> bool:
    """Whether tokens that stand for something tile a text, but for a tag that its end cuts off."""
    pieces = cut(raw)
    left = raw[len("".join(pieces)) :]
    return all(pieces) and left[:1] in {"", "<"}


@settings(max_examples=300)
@given(TEXTS)
def test_tokens_tile_any_text(raw: str) -> None:
    assert tiles(raw)


@settings(max_examples=300)
@given(TEXTS)
def test_a_token_stands_where_it_is_found_in_the_raw_text(raw: str) -> None:
    mended = [markup.lines_mended(piece).replace("</>", "<!>") for piece in cut(raw)]
    told = [token.data if token.type is markup.TEXT else token.source for token in markup.tokens(raw)]
    assert [piece.replace("\0", "\ufffd") for piece in mended] == [
        (text or "").replace("\0", "\ufffd") for text in told
    ]


def test_positions_are_raw_where_lines_end_in_carriage_returns() -> None:
    raw = "a\r\n\r\n<p>b\rc</p>"
    assert cut(raw) == ["a\r\n\r\n", "<p>", "b\rc", "</p>"]


def test_tags_are_named_in_lower_case() -> None:
    assert [token.tag for token in markup.tokens("<DIV><Br/></DIV>")] == ["div", "br", "div"]


def test_references_come_resolved_with_their_place() -> None:
    raw = "&lt;&#x5b57;"
    assert cut(raw) == ["&lt;", "&#x5b57;"]
    assert [(token.type, token.data) for token in markup.tokens(raw)] == [
        (markup.REFERENCE, "<"),
        (markup.REFERENCE, "字"),
    ]


def test_an_empty_end_tag_is_found_between_tokens() -> None:
    assert cut("a</>b") == ["a", "</>", "b"]


def test_a_tag_cut_off_by_the_end_has_no_token() -> None:
    assert cut('a<p class="x') == ["a"]


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
    assert tiles(raw)


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
    assert [raw for raw in inputs if not tiles(raw)] == []
