"""Metadata: whose name stands where, in bylines, forums, feeds and the frame of a site."""

from __future__ import annotations

import pytest

from corpus.metadata import extract
from corpus.records import Block, Fact, Segment


def block(text: str, role: str = "other") -> Block:
    return Block(0, len(text), text, role, "test")


def shown(raw: str, *pieces: tuple[str, str]) -> tuple[Block, ...]:
    """Blocks made of pieces of a raw text; `|` parts the pieces between which markup stands."""
    blocks, at = [], 0
    for role, text in pieces:
        segments: list[Segment] = []
        visible = ""
        for piece in text.split("|"):
            at = raw.index(piece, at)
            segments.append(Segment(len(visible), len(visible) + len(piece), at, at + len(piece)))
            visible += piece
            at += len(piece)
        blocks.append(Block(segments[0].raw_start, at, visible, role, "test", tuple(segments)))
    return tuple(blocks)


def told(line: str, role: str = "byline") -> tuple[str | None, str | None]:
    found = extract("", "text", (block("港口重新开放", "title"), block(line, role)))
    return found.author and found.author.value, found.publisher and found.publisher.value


# --- names in lines -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "author", "publisher"),
    [
        ("港口周报 林一 03-04 06:47", "林一", "港口周报"),
        ("港口月谈 欧阳二三 03-04 06:47", "欧阳二三", "港口月谈"),
        ("林一 港口青年 03-04 06:47", "林一", "港口青年"),
        ("原创 林一 港口夜话 2025年3月4日 06:47 河南", "林一", "港口夜话"),
        ("专栏 | 林一 | 2025年3月4日", "林一", None),
        ("2025/03/04 06:47 專欄：潮汐食評|林一", "林一", None),
        ("港口晚报 记者 林一", "林一", "港口晚报"),
        ("港口早报 2025年03月04日06:47 记者 林一 通讯员 陈二", "林一", "港口早报"),
        ("2025年03月04日 06:47 港口信息港 作者：林一 【大 中 小】", "林一", "港口信息港"),
        ("港口早报 2025年03月04日06:47 来源 潮汐财经", None, "港口早报"),
        ("港口周刊 2025年第14期 2025-03-04 记录：林一", None, "港口周刊"),
        ("2025-03-04 来源：港口会展组委会、本网 作者：林一", "林一", None),
    ],
)
def test_outlets_persons_and_asides_of_a_byline_are_told_apart(
    line: str, author: str | None, publisher: str | None
) -> None:
    assert told(line) == (author, publisher)


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("报道：林一 摄影：陈二", "林一"),
        ("採訪/林一", "林一"),
        ("林一 · 《潮汐》专栏", "林一"),
        ("相关报道：林一", None),
        ("报道：港口三年来第一次停航检修", None),
        ("作者：本网评论员", "本网评论员"),
    ],
)
def test_a_reporter_and_a_columnist_are_named_beside_the_date_too(line: str, author: str | None) -> None:
    assert told(line, "other")[0] == author


@pytest.mark.parametrize("desk", ["综合外电", "港口新闻直播组", "港口日報讀者組整理", "作者：港口日报编辑部"])
def test_a_desk_is_nobody(desk: str) -> None:
    assert told(f"{desk} 2025年3月4日 06:47")[0] is None


def test_names_in_two_elements_are_two_names_though_no_space_parts_them() -> None:
    raw = "<p><span>林一</span><a href='/a'>港口青年</a> <i>2025年3月4日 06:47</i></p>"
    found = extract(raw, "html", shown(raw, ("byline", "林一|港口青年")))
    assert found.author is None, "a line without a date or a label names nobody"
    raw = raw.replace("</a> <i>", "</a><i>")
    found = extract(raw, "html", shown(raw, ("byline", "林一|港口青年|2025年3月4日 06:47")))
    assert found.author == Fact("林一", "byline")
    assert found.publisher == Fact("港口青年", "byline")


def test_a_labelled_name_ends_where_its_element_does() -> None:
    raw = "<p>2025-03-04<span>来源：港口财经</span><span>作者：林一</span><a>我要评论</a></p>"
    found = extract(raw, "html", shown(raw, ("byline", "2025-03-04|来源：港口财经|作者：林一|我要评论")))
    assert found.author == Fact("林一", "byline")
    assert found.publisher == Fact("港口财经", "byline")


def test_a_raised_sign_does_not_part_a_date() -> None:
    raw = "<p>Posted March 4<sup>th</sup>, 2025</p>"
    blocks = shown(raw, ("byline", "Posted March 4|th|, 2025"))
    assert extract(raw, "html", blocks).published_at == Fact("2025-03-04", "byline")


# --- forums and questions -------------------------------------------------------------------------------

TOPIC = (
    "<h1>等新机还是修旧机</h1><a href='/memberlist'>会员</a> <a href='space-uid-7.html'>潮汐电工</a>"
    "<p>高级</p><b>楼主</b><em>发表于 2025-3-4 06:47</em><p>各位怎么看？</p>"
    "<a href='space-uid-8.html'>林一</a>"
)


def test_the_member_beside_the_first_post_began_the_topic() -> None:
    blocks = shown(
        TOPIC,
        *(("title", "等新机还是修旧机"), ("navigation", "会员"), ("navigation", "潮汐电工")),
        *(("other", "高级"), ("navigation", "楼主"), ("byline", "发表于 2025-3-4 06:47")),
        *(("paragraph", "各位怎么看？"), ("related", "林一")),
    )
    assert extract(TOPIC, "html", blocks).author == Fact("潮汐电工", "text")
    without_mark = tuple(each for each in blocks if each.text != "楼主")
    assert extract(TOPIC, "html", without_mark).author is None


def test_a_question_was_published_when_it_was_made_and_not_when_an_answer_was_edited() -> None:
    answer = block("编辑于 2025-03-04 22:15", "byline")
    found = extract("", "html", (answer,))
    assert found.published_at is None
    assert found.modified_at == Fact("2025-03-04T22:15", "byline")
    made = '<meta itemprop="dateCreated" content="2025-03-04T01:40:00.000Z">'
    found = extract(made, "html", (answer,))
    assert found.published_at == Fact("2025-03-04T01:40:00Z", "microdata:datecreated")


# --- feeds ----------------------------------------------------------------------------------------------


def test_a_feed_entry_tells_its_author_below_the_title_and_its_site_at_the_end() -> None:
    signed = "*Lin Yi · Tue, 04 Mar 2025 06:47:31 +0800*"
    raw = f"# [Port opens](https://port.example/a)\n\n{signed}\n\nThree ships.\n"
    footer = block("The post Port opens appeared first on Harbour Notes.", "advertisement")
    found = extract(raw, "markdown", (block("Port opens", "title"), footer))
    assert found.author == Fact("Lin Yi", "markdown:date")
    assert found.publisher == Fact("Harbour Notes", "feed:footer")
    assert found.published_at == Fact("2025-03-04T06:47:31+08:00", "markdown:date")


def test_emphasis_in_the_text_is_no_signature() -> None:
    raw = "# Port opens\n\n*Three ships, all of them late.*\n"
    assert extract(raw, "markdown", ()).author is None


# --- the frame of a site --------------------------------------------------------------------------------

HEAD = block("港口重新开放", "title")
SOURCE = block("2025-03-04 06:47 来源：潮汐快讯", "byline")


@pytest.mark.parametrize(
    "frame",
    [
        (block("港口夜谈", "navigation"), HEAD, SOURCE),
        (block("跳到正文", "navigation"), block("港口夜谈 首页", "navigation"), HEAD, SOURCE),
        (block("您现在的位置：港口夜谈 >> 要闻 >> 正文"), HEAD, SOURCE),
        (HEAD, SOURCE, block("关于我们"), block("港口夜谈 版权所有 1999-2025")),
    ],
)
def test_a_site_that_names_itself_twice_is_the_publisher_before_the_source_of_the_text(
    frame: tuple[Block, ...],
) -> None:
    page = "<title>港口重新开放 - 本地 - 港口夜谈 - Powered by BoardX!</title>"
    assert extract(page, "html", frame).publisher == Fact("港口夜谈", "site")
    assert extract(page, "html", (HEAD, SOURCE)).publisher == Fact("潮汐快讯", "byline")


def test_a_section_at_the_end_of_the_title_is_not_the_site() -> None:
    frame = (block("新闻", "navigation"), HEAD)
    assert extract("<title>港口重新开放 - 新闻</title>", "html", frame).publisher is None
    frame = (block("港口夜谈 专栏", "navigation"), HEAD)
    assert extract("<title>港口重新开放_港口夜谈专栏</title>", "html", frame).publisher == Fact(
        "港口夜谈", "site"
    )


def test_the_title_itself_is_never_the_publisher() -> None:
    page = "<title>港口重新开放-港口夜谈</title>"
    assert extract(page, "html", (HEAD, block("首页 > 港口重新开放"))).publisher is None


def test_an_outlet_that_owns_the_rights_is_the_publisher_for_want_of_a_better_and_a_company_is_not() -> None:
    assert extract("", "text", (HEAD, block("Copyright © 2025 港口日报 版权所有"))).publisher == Fact(
        "港口日报", "frame"
    )
    assert extract("", "text", (HEAD, block("© 2025 港口科技有限公司 版权所有"))).publisher is None


# --- titles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        (
            "等新机还是修旧机？ - 选型 - 港口吧 - Powered by BoardX!",
            "[求助] 等新机还是修旧机？",
            "等新机还是修旧机？",
        ),
        ("港口日报 - 副刊 - 书介：替一张船票立传", "", "书介：替一张船票立传"),
        ("[打印版] 港口重新开放", "", "港口重新开放"),
        ("港口重新开放 三艘货轮靠岸 潮汐网", "", "港口重新开放 三艘货轮靠岸"),
        ("港口重新开放 码头接入互联网", "", "港口重新开放 码头接入互联网"),
        ("重新开放 潮汐晚报与港口生活网", "", "重新开放 潮汐晚报与港口生活网"),
    ],
)
def test_sections_topics_and_variants_are_no_part_of_a_title(title: str, heading: str, expected: str) -> None:
    page = f"<title>{title}</title>" + (f"<h1>{heading}</h1>" if heading else "")
    found = extract(page, "html", ()).title
    assert found is not None
    assert found.value == expected


def test_the_first_line_of_a_dump_is_its_title_if_a_byline_follows_and_no_other_is_known() -> None:
    lines = (block("凌晨的鱼市开了灯", "navigation"), block("港口早报网 >> 渔讯", "navigation"))
    rule = block("=" * 30, "title")
    signed = block("港口早报 2025-03-04 记者 林一", "byline")
    assert extract("", "text", (*lines, signed, rule)).title == Fact("凌晨的鱼市开了灯", "block:title")
    assert extract("", "text", (*lines, rule)).title is None
    menu = block("首页 要闻 本市 渔讯", "navigation")
    assert extract("", "text", (menu, signed)).title is None
    assert extract("", "text", (block("Skip to content"), signed)).title is None
    assert extract("", "text", (block("网站"), block("渔讯"), signed)).title is None


def test_the_line_above_the_byline_is_the_title_of_a_page_that_marks_none() -> None:
    blocks = (
        block("渔讯", "navigation"),
        block("凌晨的鱼市开了灯"),
        block("2025-03-04 06:47 林一", "byline"),
    )
    assert extract("<p>", "html", blocks).title == Fact("凌晨的鱼市开了灯", "block:above-byline")
    assert extract("<title>鱼市开灯，四张卡分拣</title>", "html", blocks).title == Fact(
        "鱼市开灯，四张卡分拣", "title"
    )
    assert extract("<p>", "html", (blocks[0], blocks[2])).title is None
