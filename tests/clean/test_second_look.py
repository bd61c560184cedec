"""The second look at a page: trees, what the head tells, the text as a whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import clean, explain
from corpus.clean.features import measure
from corpus.clean.forest import NODES, Forest, probabilities
from corpus.clean.html import layout
from corpus.clean.model import load
from corpus.clean.model import probabilities as first_look
from corpus.clean.roles import KEEP, _without_comments, numbers_comments
from corpus.clean.second import AT_LEAST, COLUMNS, LEAST, best_run, looked_at_again, revised, seen
from corpus.clean.standing import Look
from corpus.clean.told import NAMES, compared, folded, told
from corpus.records import KEPT_ROLES


def full_trees(generator: np.random.Generator, count: int) -> Forest:
    """Trees of four levels; node `n` has the children `2n + 1` and `2n + 2`, leaves count from the left."""
    masks = np.zeros((count, NODES), np.uint16)
    for node in range(NODES):
        level = (node + 1).bit_length() - 1
        width = 16 >> level
        first = (node + 1 - (1 << level)) * width
        masks[:, node] = 0xFFFF & ~(((1 << (width // 2)) - 1) << first)
    return Forest(
        generator.integers(0, 5, (count, NODES)).astype(np.int16),
        generator.standard_normal((count, NODES)).astype(np.float32),
        masks,
        generator.standard_normal((count, NODES + 1)).astype(np.float32),
        generator.standard_normal(1),
    )


def walked(trees: Forest, row: np.ndarray) -> float:
    total = float(trees.bias[0])
    for columns, cuts, values in zip(trees.columns, trees.cuts, trees.values, strict=True):
        node = 0
        while node < NODES:
            node = 2 * node + 1 + int(row[columns[node]] > cuts[node])
        total += float(values[node - NODES])
    return float(1 / (1 + np.exp(-total)))


@given(st.integers(0, 10_000))
def test_a_forest_says_what_walking_its_trees_says(seed: int) -> None:
    generator = np.random.default_rng(seed)
    trees = full_trees(generator, 3)
    rows = generator.standard_normal((300, 5)).astype(np.float32)
    found = probabilities(trees, rows)
    assert found[[0, 7, 299]] == pytest.approx([walked(trees, rows[at]) for at in (0, 7, 299)])


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_the_best_run_sums_to_the_most_any_run_does(values: list[int]) -> None:
    start, end = best_run(np.array(values, dtype=float))
    runs = [sum(values[a:b]) for a in range(len(values)) for b in range(a, len(values) + 1)]
    assert sum(values[start:end]) == max(runs, default=0)


def test_linked_data_tells_headline_and_body() -> None:
    raw = """<script type="application/ld+json">{"headline": "The \\u201cold\\u201d weir is mended",
    "articleBody": "<p>Stone by stone the weir was raised &amp; sealed.</p>"}</script>"""
    found = told(raw, [(0, len(raw))])
    assert found.headlines == {"theoldweirismended"}
    assert found.bodies == {"stonebystonetheweirwasraisedsealed"}


def test_a_broken_string_in_linked_data_is_taken_as_it_is() -> None:
    raw = r'<script>{"description": "Stone by stone \x the weir was raised"}</script>'
    assert told(raw, [(0, len(raw))]).descriptions == {"stonebystonextheweirwasraised"}


def test_units_are_compared_with_what_is_told() -> None:
    raw = '<meta property="og:description" content="Stone by stone the weir was raised again">'
    texts = ["Menu", "Stone by stone the weir was raised again, and sealed.", "Then it rained."]
    found = compared(texts, told(raw, [(0, len(raw))]), np.array([1.0, 10, 3]), np.array([0, 1, 2]))
    assert found[:, NAMES.index("described")].tolist() == [0, 1, 0]
    assert found[:, NAMES.index("after_described")].tolist() == [0, 1, 1]


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


PAGE = (
    "<title>The weir</title><div><a href=x>Home</a></div><article><h1>The weir</h1>"
    + "<p>Stone by stone, the weir was raised again this spring, and the miller came to look at it.</p>" * 3
    + "</article><ul><li><a href=y>More news</a></ul>"
)


def test_only_units_that_may_be_main_text_are_looked_at_again() -> None:
    page, model = layout(PAGE), load()
    features = measure(PAGE, page, model.vocabulary)
    first = first_look(model, features)
    assert model.trees is not None
    second = revised(Look(PAGE, page, features, model.vocabulary, first), model.trees)
    again = looked_at_again(first, features.tokens)
    others = np.setdiff1d(np.arange(len(first)), again)
    assert (second[others] == first[others]).all()
    assert (second[:, 1] == first[:, 1]).all()


@given(st.lists(st.floats(0, 1), max_size=60))
def test_units_likely_enough_and_the_likeliest_are_looked_at_again(chances: list[float]) -> None:
    first = np.array([[chance, 0.0] for chance in chances]).reshape(-1, 2)
    again = looked_at_again(first, np.full(len(chances), 30.0))
    assert set(np.flatnonzero(first[:, 0] >= LEAST)) <= set(again)
    assert len(again) >= min(AT_LEAST, len(chances))
    assert again.tolist() == sorted(set(again.tolist()))


def test_a_choice_of_a_form_is_never_main_text() -> None:
    boards = "".join(f"<option>Wildes Wasser und stille Seen, Tafel {number}</option>" for number in "123")
    page = PAGE.replace("</article>", f"<select>{boards}</select></article>")
    assert not any("Tafel" in text for text in kept_texts(page))


def test_what_is_seen_has_a_number_for_each_name() -> None:
    page, model = layout(PAGE), load()
    features = measure(PAGE, page, model.vocabulary)
    every = np.arange(len(page.units))
    rows = seen(Look(PAGE, page, features, model.vocabulary, first_look(model, features)), every)
    assert rows.shape == (len(page.units), len(COLUMNS))
    assert np.isfinite(rows).all()


def test_an_explanation_tells_both_looks() -> None:
    (found,) = [one for one in explain(PAGE, "html") if one.text.startswith("Home")]
    assert found.chances["main_text"] < KEEP
    assert 0 <= found.chances["first_look"] <= 1


def test_a_page_that_links_to_two_comments_numbers_them() -> None:
    assert numbers_comments('<a href="#comment-12">5 May</a> <a href="#comment-14">6 May</a>')
    assert not numbers_comments('<a href="#comment-12">5 May</a> <a href="#comment-12">again</a>')
    assert not numbers_comments("comment12 and comment13 in a sentence")


NUMBERED = '<li id="comment-1"><li id="comment-2">'


@pytest.mark.parametrize(
    ("raw", "sure", "kept"),
    [(NUMBERED, 0.9, [True, False]), (NUMBERED, 0.5, [True, True]), ("", 0.9, [True, True])],
    ids=["beside main text", "nothing sure is left", "not numbered"],
)
def test_what_looks_like_a_comment_is_let_go(raw: str, sure: float, kept: list[bool]) -> None:
    found = np.array([[sure, 0.0], [0.6, 0.8]])
    tokens = np.array([80.0, 300.0])
    assert _without_comments(raw, np.array([True, True]), found, tokens).tolist() == kept


def kept_texts(raw: str) -> list[str]:
    return [block.text for block in clean(raw, "html") if block.role in KEPT_ROLES]


SENTENCE = "春汛过后，水务站把旧堰一块石头一块石头地垒了起来，磨坊主人每天都来看，还带了茶。"


def article(inside: str) -> str:
    before = "".join(f"<p>{SENTENCE}第{number}天，石匠们又垒了半尺。</p>" for number in "一二三")
    after = f"<p>{SENTENCE}最后一天，闸门合拢，水慢慢涨上来。</p>"
    title = "<title>旧堰重修完工</title>"
    return f"{title}<div class=content><h1>旧堰重修完工</h1>{before}{inside}{after}</div>"


def test_a_table_in_the_text_is_kept_row_by_row() -> None:
    rows = "".join(f"<tr><td>第{day}天<td>{day}5方<td>{day}人</tr>" for day in "123")
    assert [text for text in kept_texts(article(f"<table>{rows}</table>")) if "\t" in text] == [
        f"第{day}天\t{day}5方\t{day}人" for day in "123"
    ]


@pytest.mark.parametrize(
    ("inside", "text", "role"),
    [
        ("<div><img src=a><div>石匠在堰上歇息。</div></div>", "石匠在堰上歇息。", "caption"),
        ("<p>旧堰剖面示意图</p>", "旧堰剖面示意图", "caption"),
        ("<p>表一：每日用石</p>", "表一：每日用石", "caption"),
        ("<p>没有更多了</p>", "没有更多了", "interface"),
        ("<p>【发表评论】【打印此文】【关闭窗口】</p>", "【发表评论】【打印此文】【关闭窗口】", "interface"),
        ("<p>上一篇：磨坊换了新水轮</p>", "上一篇：磨坊换了新水轮", "related"),
    ],
)  # fmt: skip
def test_a_line_that_says_what_it_is_leaves_the_text(inside: str, text: str, role: str) -> None:
    assert [block.role for block in clean(article(inside), "html") if block.text == text] == [role]


def test_a_short_question_with_its_speaker_in_bold_is_no_heading() -> None:
    asked = "<p><b>问：石头够吗？</b></p><p>“够，山里有的是，就是抬下来费劲，一块要四个人。”石匠说。</p>"
    assert [block.role for block in clean(article(asked), "html") if block.text == "问：石头够吗？"] == [
        "paragraph"
    ]


def test_a_notice_signed_before_its_annex_keeps_its_signature() -> None:
    signed = "<p>清溪县水务局</p><p>2031年5月8日</p>"
    assert {"清溪县水务局", "2031年5月8日"} <= set(kept_texts(article(signed)))


@settings(deadline=None, max_examples=1)
@given(st.just("<table><tr><td>a<td>b<tr><td>c<td>d" * 3_000))
def test_tables_in_tables_tile(raw: str) -> None:
    blocks = clean(raw, "html")
    assert "".join(raw[block.raw_start : block.raw_end] for block in blocks) == raw
