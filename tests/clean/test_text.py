"""Plain-text pages: lines, units, tiling, segments, hostile input, the first seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import text, text_features, text_model
from corpus.clean.text_lines import joint, lines, render, units
from corpus.records import KEPT_ROLES, ROLES

SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "000_75c65102d1026a70.txt"

LINE = st.one_of(
    st.text(max_size=30),
    st.sampled_from([
        "首页 > 新闻 >", "图片", "分享到：", "3 条评论", "Leave a Reply", "  • 列表", " - one", "> quoted",
        "1. first",
        "她说，天快亮了，路还很长。", "The kettle was on, and nobody spoke for a while.", "2024-05-06 07:08",
        "\u3000\u3000",
        "\ufeff标题", "\x00", "\ud800", "a\u00a0\u00a0b\tc", "……", "推荐阅读", "By Ann Other",
    ]),
)  # fmt: skip
END = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", " "])
PAGE = st.lists(st.tuples(LINE, END), max_size=25).map(lambda rows: "".join(line + end for line, end in rows))


def check(raw: str) -> None:
    blocks = text.clean(raw)
    assert "".join(raw[block.raw_start : block.raw_end] for block in blocks) == raw
    at = 0
    for block in blocks:
        assert block.raw_start == at
        assert block.raw_end > at
        at = block.raw_end
        assert block.role in ROLES
        assert block.rule
        assert "".join(block.text[part.start : part.end] for part in block.segments) == block.text
        place = block.raw_start
        for part in block.segments:
            assert place <= part.raw_start <= part.raw_end <= block.raw_end
            place = part.raw_end
            piece = raw[part.raw_start : part.raw_end]
            shown = block.text[part.start : part.end]
            assert shown == piece or (shown == " " and not piece.strip())


@settings(max_examples=150, deadline=None)
@given(PAGE)
def test_blocks_tile_any_page_and_segments_trace_every_character(raw):
    check(raw)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_blocks_tile_any_text(raw):
    check(raw)


def test_an_empty_page_has_no_blocks():
    assert text.clean("") == ()


def test_white_space_alone_is_one_blank_block():
    (block,) = text.clean(" \n\u3000\r\n\t")
    assert (block.role, block.rule, block.text) == ("markup", "blank", "")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c"])
def test_every_line_end_of_unicode_ends_a_line(end):
    assert [raw_line.blanks for raw_line in lines(f"a{end}b{end}{end}c")] == [0, 0, 1]


def test_the_same_page_with_other_line_ends_keeps_the_same_paragraphs():
    raw = (Path(__file__).parent / "dumps" / "news_portal.txt").read_bytes().decode()
    kept = [block.text for block in text.clean(raw) if block.role in KEPT_ROLES]
    windows = [block.text for block in text.clean(raw.replace("\n", "\r\n")) if block.role in KEPT_ROLES]
    assert kept
    assert kept == windows


@pytest.mark.parametrize(
    "raw",
    [
        "\x00" * 50,
        "\ud800\udfff 坏字符。\n\n" * 20,
        "\u202eevil\u202c\n" * 20,
        "> " * 500 + "deep",
        "• " * 300,
        "。\n" * 300,
        "|" * 5_000,
        ("a" * 30 + "\n") * 50,
        "1" * 100_000,
        "9:" * 20_000,
        "评论 " * 20_000,
        "by " * 20_000,
    ],
    ids=lambda raw: repr(raw[:8]),
)
def test_odd_pages_tile(raw):
    check(raw)


def test_two_hundred_thousand_short_lines_tile():
    raw = "短行\n" * 200_000
    blocks = text.clean(raw)
    assert blocks[-1].raw_end == len(raw)


@pytest.mark.slow
def test_a_line_of_fifty_million_characters_tiles():
    raw = "长" * 50_000_000
    blocks = text.clean(raw)
    assert sum(block.raw_end - block.raw_start for block in blocks) == len(raw)


@pytest.mark.parametrize(
    ("before", "after", "between"),
    [
        ("电", "话", ""), ("て", "い", ""), ("line", "two", " "), ("한국", "어", " "), ("芯片", "AI", ""),
        ("AI", "芯片", ""),
        ("well-", "known", ""), ("1990-", "2000", " "), ("ไทย", "ไทย", ""), ("", "a", ""),
    ],
)  # fmt: skip
def test_lines_are_joined_as_their_script_asks(before, after, between):
    assert joint(before, after) == between


def test_runs_of_white_space_inside_a_line_become_one_space():
    assert render("a \t b\u00a0c d", [(0, 9)])[0] == "a b c d"


def test_verse_is_not_joined():
    raw = "春眠不觉晓\n处处闻啼鸟\n夜来风雨声\n花落知多少\n"
    assert len(units(raw)) == 4


def test_a_hard_wrapped_paragraph_is_one_unit():
    raw = (
        "The ferry leaves at nine in the morning and comes\n"
        "back at noon, unless the fog is thick, in which\n"
        "case nobody leaves.\n"
    )
    (unit,) = units(raw)
    assert unit.text.endswith("which case nobody leaves.")


def test_quoted_mail_is_unwrapped_without_its_marks():
    raw = (
        "> the tide tables for next week were wrong and we\n"
        "> had to turn round twice, which cost us an hour of\n"
        "> daylight and a good deal of patience.\n"
    )
    (unit,) = units(raw)
    assert unit.mark == "quote"
    assert ">" not in unit.text


def test_every_unit_is_explained_by_its_features_and_rule():
    raw = (Path(__file__).parent / "dumps" / "blog_comments.txt").read_bytes().decode()
    told = text.explain(raw)
    assert len(told) == len(units(raw))
    assert all(set(one.features) == set(text_features.ALONE) and 0 <= one.body <= 1 for one in told)


def test_the_forests_fit_the_features():
    width = len(text_features.ALONE) + len(text_features.AMONG)
    for forest in text_model.forests()[:2]:
        assert forest.columns.max() < width
        assert forest.values.shape == (len(forest.columns), 16)


def test_a_tree_is_walked_by_masks_as_by_branches():
    forest = text_model.Forest(
        np.array([[0, 1] + [0] * 13], np.int16),
        np.array([[0.5, 0.5] + [np.inf] * 13], np.float32),
        np.array(
            [[0b110, 0b101] + [0xFFFF] * 13], np.uint16
        ),  # column 0 off: leaf 0 goes; column 1 off: leaf 1 goes
        np.array([0xFFFF], np.uint16),
        np.array([[1.0, 2.0, 3.0] + [0.0] * 13], np.float32),
        np.array([0.0]),
    )
    rows = np.array([[0, 0], [1, 0], [1, 1]], np.float32)
    odds = np.log(1 / (1 / text_model.chances(forest, rows)[:, 0] - 1))
    assert np.allclose(odds, [1, 2, 3])


def test_the_cut_is_lower_where_nothing_is_certain():
    tokens = np.ones(4)
    assert text_model.chosen(np.array([0.9, 0.9, 0.3, 0.1]), tokens).tolist() == [True, True, False, False]
    assert text_model.chosen(np.array([0.45, 0.4, 0.35, 0.1]), tokens).tolist() == [True, True, True, False]


def test_a_unit_beside_the_body_needs_less_than_one_apart():
    likely = np.array([0.42, 0.05, *[0.99] * 8, 0.42])
    assert text_model.chosen(likely, np.ones(11)).tolist() == [False, False, *[True] * 9]


beside_the_seeds = pytest.mark.skipif(
    not SEED.exists(), reason="the seed pages do not lie beside this checkout"
)


@beside_the_seeds
def test_the_broken_headings_of_the_first_seed_are_joined():
    joined = [block.text for block in text.clean(SEED.read_bytes().decode()) if block.rule == "heading_lines"]
    assert len(joined) == 6
    assert joined[0].startswith("美国怀疑中国公司通过新加坡获取")
    assert joined[4].startswith("网友评论:")
    assert all("\n" not in heading for heading in joined)


@beside_the_seeds
def test_the_roles_of_the_first_seed_are_those_a_reader_sees():
    blocks = text.clean(SEED.read_bytes().decode())
    roles = [block.role for block in blocks if block.role not in KEPT_ROLES and block.role != "markup"]
    assert roles == [
        "navigation", "title", "interface", "duplicate", "byline", "caption", "caption", "disclaimer",
        "interface", "interface", "interface", "comment", "comment", "comment", "comment", "related",
    ]  # fmt: skip


@beside_the_seeds
def test_the_first_seed_keeps_lists_quoted_netizens_and_closing_questions():
    kept = [block for block in text.clean(SEED.read_bytes().decode()) if block.role in KEPT_ROLES]
    assert [block.text.startswith("-") for block in kept if block.role == "list_item"] == [False] * 8
    assert sum("网友" in block.text for block in kept) >= 5
    assert any(block.text.startswith("通心粉们") for block in kept)


def test_a_note_of_one_sentence_is_kept():
    blocks = text.clean("码头今天照常开放，船只请按编号靠泊。\n")
    assert [block.role for block in blocks if block.text] == ["paragraph"]


def test_lines_broken_by_hand_at_commas_are_joined_where_blank_lines_part_paragraphs():
    page = "\n\n".join(
        f"第{n}天一早我们沿着海堤往东走到旧灯塔那里去看潮水，\n看见退潮以后的滩涂上停着几只搁浅的木船，\n没有人知道它们是谁家的。"
        for n in "一二三四"
    )
    kept = [block.text for block in text.clean(page) if block.role == "paragraph"]
    assert len(kept) == 4
    assert all("\n" not in each and each.endswith("谁家的。") for each in kept)
