"""What cleaning found out, as bytes and back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.packing import Packed, _segments, head, heading, pack
from corpus.pages import clean_body, tell_language
from corpus.paragraphs import paragraphs
from corpus.records import KEPT_ROLES, Page

BODY = (
    "<html><head><title>港口 &amp; 船</title></head><body>"
    "<nav><a href='/'>首页</a></nav><article><h1>港口</h1>"
    "<p>东堤港务处周二上午宣布，历时三周的仓库清点已经结束，共核对货柜四千一百个。</p>"
    "<p>The harbour office said on Tuesday that the count had come to an end after three weeks of work.</p>"
    "</article></body></html>"
)


def _page(document):
    return Page(b"", document.format, document.raw_sha256, document.raw_path, document.document_id)


ABOUT = bytes(range(32))
LINES = b"twelve bytes" * 2


def _pack(document):
    return pack(document, head(document, ABOUT, LINES))


def _again(document, packed):
    return Packed(packed, ABOUT, document.raw).document(_page(document), paragraphs)


def _made(body=BODY):
    return tell_language(clean_body(body))


def test_a_document_comes_back_as_it_was():
    document = _made()
    assert document.paragraphs
    assert _again(document, _pack(document)) == document


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<b>", "港口今天开放，", "ships ", "&amp;", "\ud800", "\r\n", "<li>", "𠮷"]
        )
        | st.text(max_size=9)
    )
)
def test_any_page_comes_back_as_it_was(parts):
    document = _made("".join(parts))
    assert _again(document, _pack(document)) == document


def test_the_packed_form_does_not_tell_where_the_page_lies():
    document = _made()
    assert document.document_id.encode() not in _pack(document).replace(b"paragraph", b"")


@pytest.mark.parametrize(
    "harm",
    [
        lambda read: read["kinds"].__setitem__(0, ["ship", "rule"]),
        lambda read: read["kinds"].__setitem__(0, ["markup", 7]),
        lambda read: read["kinds"].clear(),
        lambda read: read.update(blocks=read["blocks"] + 1),
        lambda read: read.update(blocks=read["blocks"] - 1),
        lambda read: read.update(blocks=-1),
        lambda read: read.update(blocks=10**30),
        lambda read: read["languages"].append("zh"),
        lambda read: read.pop("metadata"),
        lambda read: read["metadata"].__setitem__(0, ["title", 3]),
        lambda read: read["language"].__setitem__(0, {}),
    ],
)
def test_what_this_page_cannot_have_given_is_refused(harm):
    document = _made()
    first, second, third = _pack(document).split(b"\n", 2)
    read = json.loads(second)
    harm(read)
    with pytest.raises(ValueError, match="not what cleaning this page gives"):
        _again(document, b"\n".join([first, json.dumps(read).encode(), third]))


@settings(max_examples=200, deadline=None)
@given(at=st.floats(0, 0.9999), byte=st.integers(0, 255), cut=st.booleans())
def test_harmed_columns_are_refused_or_give_blocks_that_tile_the_raw_text(at, byte, cut):
    document = _made()
    packed = _pack(document)
    begin = packed.index(b"\n", packed.index(b"\n") + 1) + 1
    place = begin + int(at * (len(packed) - begin))
    harmed = packed[:place] if cut else packed[:place] + bytes([byte]) + packed[place + 1 :]
    try:
        found = _again(document, harmed)
    except ValueError:
        return
    assert [block.raw_start for block in found.blocks[1:]] == [block.raw_end for block in found.blocks[:-1]]
    assert found.blocks[-1].raw_end == len(document.raw)
    places = [place for block in found.blocks for segment in block.segments for place in segment]
    assert 0 <= min(places) <= max(places) <= len(document.raw)


@pytest.mark.parametrize("told", [[5, -2, 5, 3], [5, 1, 5, -3]])
def test_a_segment_that_ends_before_it_begins_is_refused(told):
    count, start = np.ones(1, np.int64), np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="ends before it begins"):
        _segments(np.array(told).reshape(4, 1), count, start, 10)


def test_the_columns_are_the_blocks():
    document = _made()
    start, end, text, kind, kinds = Packed(_pack(document), ABOUT).columns
    told = [
        (block.raw_start, block.raw_end, block.text, (block.role, block.rule)) for block in document.blocks
    ]
    named = [kinds[number] for number in kind.tolist()]
    assert list(zip(start.tolist(), end.tolist(), text, named, strict=True)) == told


def test_a_document_of_kept_blocks_alone_is_the_same_but_for_the_others():
    document = _made()
    packed = Packed(_pack(document), ABOUT)
    bare = packed.document(_page(document), paragraphs, packed.kept())
    kept = tuple(block for block in document.blocks if block.role in KEPT_ROLES)
    assert 0 < len(kept) < len(document.blocks)
    assert replace(bare, raw=document.raw) == replace(document, blocks=kept)


@pytest.mark.parametrize(
    "harm",
    [
        lambda read: read.update(about="00"),
        lambda read: read.update(about=7),
        lambda read: read.update(raw_chars=read["raw_chars"] + 1),
        lambda read: read.update(raw_chars=-1),
        lambda read: read["encoding"].pop(),
        lambda read: read.update(encoding=["utf-8", "bom", 3, 0]),
        lambda read: read.update(lines="?"),
        lambda read: read.update(lines=7),
        lambda read: read.pop("published_at"),
    ],
)
def test_a_heading_that_is_not_this_pages_is_refused(harm):
    document = _made()
    first, rest = _pack(document).split(b"\n", 1)
    read = json.loads(first)
    harm(read)
    with pytest.raises(ValueError, match="not what cleaning this page gives"):
        _again(document, json.dumps(read).encode() + b"\n" + rest)


@pytest.mark.parametrize(
    "harm", [{"lines": "bGluZXM="}, {"raw_chars": 1 << 63}, {"published_at": "2025-03-04\ud800"}]
)
def test_a_heading_that_could_not_be_listed_is_refused(harm):
    first, rest = _pack(_made()).split(b"\n", 1)
    with pytest.raises(ValueError, match="not what cleaning this page gives"):
        heading(json.dumps(json.loads(first) | harm).encode() + b"\n" + rest)


def test_the_heading_tells_what_a_build_needs_of_every_page():
    document = _made()
    known = heading(_pack(document))
    assert known == (ABOUT, len(document.raw), document.encoding, None, LINES)


def test_without_its_raw_text_a_document_is_the_same_but_for_that():
    document = _made()
    bare = Packed(_pack(document), ABOUT).document(_page(document), paragraphs)
    assert replace(bare, raw=document.raw) == document
    assert bare.raw == ""


@pytest.mark.parametrize("packed", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_was_never_packed_is_refused(packed):
    with pytest.raises(ValueError, match="not what cleaning this page gives"):
        _again(_made(), packed)
