"""Cleaning HTML: golden pages, tiling, roles, explanations, lines that recur."""

from __future__ import annotations

import gzip
import importlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import clean, explain
from corpus.clean.html import layout
from corpus.clean.margins import RULES as MARGIN_RULES
from corpus.clean.margins import settle
from corpus.clean.model import load
from corpus.clean.page import clean_html
from corpus.clean.recurring import RULE, dropped, recurring
from corpus.clean.roles import RULES, Verdict
from corpus.records import KEPT_ROLES, ROLES, Block

PAGES = Path(__file__).parent / "pages"
DEVELOPMENT = Path(__file__).resolve().parents[3] / "shared" / "pages" / "dev"

TAGS = st.sampled_from(
    (
        *(
            "<p>",
            "</p>",
            "<div class='comments'>",
            "</div>",
            "<h1>",
            "</h1>",
            "<a href=x>",
            "</a>",
            "<li>",
            "<ul>",
        ),
        *(
            "<article>",
            "</article>",
            "<title>t</title>",
            "<script>x</script>",
            "<!-- c -->",
            "<br>",
            "<td>",
            "<tr>",
        ),
        *(
            "<div hidden>",
            "<button>",
            "&amp;",
            "\r\n",
            "\0",
            "\ud800",
            "\u202e",
            "\ufeff",
            "字句。",
            "Words here. ",
        ),
        *(
            "A longer sentence that might well be main text, with a comma. ",
            "<noscript>",
            "</noscript>",
            "</>",
        ),
    )
)


def tiles(raw: str, blocks: tuple[Block, ...]) -> bool:
    at = 0
    for block in blocks:
        if block.raw_start != at or block.raw_end <= at or block.role not in ROLES:
            return False
        at = block.raw_end
    return at == len(raw)


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_a_golden_page_keeps_its_text_and_nothing_else(page: Path) -> None:
    blocks = clean(page.read_text("utf-8"), "html")
    found = [f"{block.role}\t{block.text}" for block in blocks if block.role in KEPT_ROLES]
    assert found == page.with_suffix(".txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("page", "text", "role"),
    [
        ("harbour-news-zh", "终于修好了，以后不用在海上漂一整夜了，希望票价不要涨。", "comment"),
        ("harbour-news-zh", "港口新闸门启用 货轮等候时间减半", "title"),
        ("harbour-news-zh", "海湾大桥夜间封闭检修", "related"),
        ("harbour-news-zh", "首页", "navigation"),
        ("lighthouse-blog-en", "The lamp room in the first week of January.", "caption"),
        ("lighthouse-blog-en", "Post Comment", "interface"),
        ("lighthouse-blog-en", "© 2031 Tidewater Notes. All rights reserved.", "disclaimer"),
    ],
)
def test_what_is_dropped_has_the_role_that_fits(page: str, text: str, role: str) -> None:
    blocks = clean((PAGES / f"{page}.html").read_text("utf-8"), "html")
    assert [block.role for block in blocks if block.text == text] == [role]


@settings(max_examples=150, deadline=None)
@given(st.lists(TAGS, max_size=40).map("".join))
def test_blocks_tile_any_markup(raw: str) -> None:
    assert tiles(raw, clean(raw, "html"))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.lists(TAGS, max_size=15).map("".join), st.text(max_size=20))
def test_a_range_tiles_at_its_place(before: str, inside: str, after: str) -> None:
    blocks = clean_html(before + inside + after, len(before), len(before) + len(inside))
    assert not blocks or (blocks[0].raw_start, blocks[-1].raw_end) == (len(before), len(before) + len(inside))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda path: path.stem)
def test_segments_lead_back_to_the_raw_text(page: Path) -> None:
    raw = page.read_text("utf-8")
    for block in clean(raw, "html"):
        for start, end, raw_start, raw_end in block.segments:
            assert block.raw_start <= raw_start < raw_end <= block.raw_end
            if end - start == raw_end - raw_start > 1:
                assert block.text[start:end].split() == raw[raw_start:raw_end].split()


def test_every_rule_is_named() -> None:
    markup = {
        "tags",
        "head",
        "script",
        "style",
        "template",
        "embedded",
        "figure_markup",
        "comment_markup",
        "hidden",
    }
    rules = {block.rule for page in PAGES.glob("*.html") for block in clean(page.read_text("utf-8"), "html")}
    assert rules <= set(RULES) | set(MARGIN_RULES) | markup


def test_an_explanation_names_rule_chances_and_features() -> None:
    raw = (PAGES / "lighthouse-blog-en.html").read_text("utf-8")
    (found,) = [one for one in explain(raw, "html") if one.text.startswith("Lovely piece")]
    assert found.role == "comment"
    assert found.chances["main_text"] < 0.5
    assert "comment" in found.words
    assert found.features["tokens"] > 0


def test_explaining_twice_is_as_good_as_once() -> None:
    package = importlib.import_module("corpus.clean")
    assert package.explain("<p>text", "html") == package.explain("<p>text", "html")


def test_explanations_and_blocks_agree() -> None:
    raw = (PAGES / "harbour-news-zh.html").read_text("utf-8")
    told = [(one.raw_start, one.role, one.rule) for one in explain(raw, "html")]
    assert told == [(block.raw_start, block.role, block.rule) for block in clean(raw, "html") if block.text]


def test_the_same_page_is_cleaned_alike_each_time() -> None:
    raw = (PAGES / "old-layout-de.html").read_text("utf-8")
    assert clean(raw, "html") == clean(raw, "html")


def test_an_empty_page_has_no_blocks() -> None:
    assert clean("", "html") == ()


def test_the_model_is_a_few_hundred_kilobytes_and_finite() -> None:
    size = (Path(__file__).resolve().parents[2] / "corpus" / "clean" / "model.npz").stat().st_size
    assert size < 600_000
    assert all(np.isfinite(weight).all() for weight in load().weights.values())


@pytest.mark.parametrize(
    "raw",
    [
        "<div>" * 30_000 + "text",
        "<p>Some words here.</p>" * 20_000,
        "<p>" + "字" * 500_000,
        "<p " + "a=1 " * 20_000,
    ],
    ids=["depth", "paragraphs", "long text", "attributes"],
)
def test_monstrous_pages_tile(raw: str) -> None:
    assert tiles(raw, clean(raw, "html"))


@pytest.mark.slow
def test_every_development_page_tiles() -> None:
    if not DEVELOPMENT.is_dir():
        pytest.skip("the development pages are not beside the checkout")
    for line in (DEVELOPMENT / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["dataset"] == "plaindump":
            continue
        body = (DEVELOPMENT / row["path"]).read_bytes()
        body = gzip.decompress(body) if row["path"].endswith(".gz") else body
        raw = body.decode(row["encoding"].split(" ")[0], "replace")
        assert tiles(raw, clean(raw, "html")), row["id"]


def page_of(*texts: str) -> list[Block]:
    return [Block(at, at + 1, text, "paragraph", "main_text") for at, text in enumerate(texts)]


def test_a_line_on_many_pages_of_a_source_is_the_sites_own() -> None:
    pages = [
        page_of(f"Body of page {at}, long enough to be most of it.", "Read on our app") for at in range(6)
    ]
    lines = recurring(pages)
    assert [block.rule for block in dropped(pages[0], lines)] == ["main_text", RULE]


def test_a_line_on_three_pages_is_no_evidence() -> None:
    pages = [
        page_of(f"Body of page {at}, long enough to be most of it.", "Read on our app") for at in range(3)
    ]
    assert recurring(pages) == frozenset()


def test_a_repost_keeps_its_body_however_often_it_was_posted() -> None:
    pages = [page_of("The same body, first part.", "The same body, second part.") for _ in range(8)]
    lines = recurring(pages)
    assert all(dropped(page, lines) == tuple(page) for page in pages)


def test_what_is_dropped_already_is_no_evidence() -> None:
    pages = [[replace(block, role="navigation") for block in page_of("Home", f"x{at}")] for at in range(9)]
    assert recurring(pages) == frozenset()


def test_the_captions_of_a_gallery_are_its_text():
    pictures = "".join(
        f"<p><img src='{n}.jpg'></p><p>五月{n}日，渔民在{n}号码头整理渔网。 东堤日报记者 许望舒 摄</p>"
        for n in range(1, 7)
    )
    lead = "<h1>开渔前的码头</h1><p>东堤港下周开渔，渔民正在作最后的准备。</p>"
    page = f"<html><body><article>{lead}{pictures}</article></body></html>"
    assert sum(block.role == "paragraph" for block in clean(page, "html")) == 7


STORY = "".join(
    f"<p>The ferry left pier {n} before dawn, and the crew counted {n} crates of glass on the deck.</p>"
    for n in range(2, 9)
)


DEK = "Nobody asked what was inside. One clerk did."


def settled(head: str) -> dict[str, str]:
    """The rules by text where the first look kept the story alone."""
    title = "<head><title>Crates at dawn</title></head>"
    raw = f"<html>{title}<body><article>{head}{STORY}</article></body></html>"
    page = layout(raw)
    dropped_before = Verdict("other", "not_main_text")
    verdicts = [
        Verdict("paragraph", "main_text") if "ferry" in u.text else dropped_before for u in page.units
    ]
    return {unit.text: rule for unit, (_, rule) in zip(page.units, settle(raw, page, verdicts), strict=True)}


def test_what_a_page_names_its_standfirst_is_kept_behind_the_title():
    assert settled(f'<h1>Crates at dawn</h1><p class="dek">{DEK}</p>')[DEK] == "standfirst_line"


@pytest.mark.parametrize(
    "head",
    [
        f'<p class="dek">{DEK}</p><h1>Crates at dawn</h1>',
        f"<h1>Crates at dawn</h1><p>{DEK}</p>",
        f'<h1>Crates at dawn</h1><p class="dek"><a href="/x">{DEK}</a></p>',
    ],
    ids=["above the title", "not named", "a link"],
)
def test_other_lines_beside_the_title_are_no_standfirst(head):
    assert settled(head)[DEK] == "not_main_text"


def settled_list(kept: str) -> list[str]:
    """The roles of a list's entries in a story, of which the first look kept those marked `k`."""
    entries = "".join(f"<li>crate {number} had no stamp on its lid</li>" for number in range(len(kept)))
    raw = f"<html><body><article>{STORY}<ul>{entries}</ul>{STORY}</article></body></html>"
    page, marks = layout(raw), iter(kept)
    verdicts = [
        Verdict("other", "not_main_text")
        if "stamp" in unit.text and next(marks) != "k"
        else Verdict("list_item" if "stamp" in unit.text else "paragraph", "main_text")
        for unit in page.units
    ]
    made = settle(raw, page, verdicts)
    return [role for unit, (role, _) in zip(page.units, made, strict=True) if "stamp" in unit.text]


def test_a_list_most_of_whose_entries_are_kept_is_kept_whole():
    assert settled_list("kk-") == ["list_item"] * 3


def test_a_list_most_of_whose_entries_are_dropped_is_left_as_it_is():
    assert settled_list("k--") == ["list_item", "other", "other"]
