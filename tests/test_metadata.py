"""Metadata: what a page says of itself, which of its claims is believed, and what is refused."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.metadata import elements, extract
from corpus.records import Block, Fact

SHARED = Path(__file__).resolve().parents[2] / "shared"


def block(text: str, role: str = "other") -> Block:
    return Block(0, len(text), text, role, "test")


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(fields)}</script>'


NEWS = "NewsArticle"


# --- order of trust -------------------------------------------------------------------------------------


def test_a_headline_that_the_meta_title_confirms_is_the_title() -> None:
    told = '<meta property="og:title" content="Port opens again - Harbour Daily">'
    page = f"{told}<h1>Port <b>opens</b> again</h1>"
    assert extract(page, "html", ()).title == Fact("Port opens again", "h1")


def test_a_headline_in_other_words_beats_a_title_written_for_search_engines() -> None:
    page = (
        '<meta property="og:title" content="Harbour port reopening: all facts">'
        "<h1>After three weeks of fog, the harbour port opens again</h1>"
    )
    assert extract(page, "html", ()).title == Fact(
        "After three weeks of fog, the harbour port opens again", "h1"
    )


def test_a_headline_that_shares_nothing_with_the_titles_is_not_the_title() -> None:
    page = '<meta property="og:title" content="Ferry tariffs rise in May"><h1>My small blog</h1>'
    assert extract(page, "html", ()).title == Fact("Ferry tariffs rise in May", "meta:og:title")


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("港口重新开放_国内_港口日报网", "", "港口重新开放"),
        ("港口重新开放-港口日报网", "", "港口重新开放"),
        ("港口重新开放 - 港口晚报", "港口晚报", "港口重新开放"),
        ("Harbour Daily | Port opens again", "Harbour Daily", "Port opens again"),
        (
            "Port opens again – and stays open – Harbour Daily",
            "Harbour Daily",
            "Port opens again – and stays open",
        ),
        ("A long story about one small port | News", "", "A long story about one small port"),
        ("C - the language", "", "C - the language"),
        ("Port-au-Prince", "", "Port-au-Prince"),
        ("Salt &amp; Light", "", "Salt & Light"),
    ],
)
def test_the_name_of_the_site_is_cut_off_a_title_and_nothing_else(
    title: str, site: str, expected: str
) -> None:
    page = f"<title>{title}</title>" + (f'<meta property="og:site_name" content="{site}">' if site else "")
    found = extract(page, "html", ()).title
    assert found is not None
    assert found.value == expected


def test_a_title_that_is_only_the_name_of_the_site_is_none() -> None:
    page = '<title>Harbour Daily</title><meta property="og:site_name" content="Harbour Daily">'
    assert extract(page, "html", ()).title is None
    assert extract("<title>港口日报网</title>", "html", ()).title is None


def test_the_site_at_the_end_of_the_title_is_the_publisher_where_nothing_else_names_one() -> None:
    page = "<title>港口重新开放_国内_港口日报网</title>"
    assert extract(page, "html", ()).publisher == Fact("港口日报网", "title")
    assert extract(page, "html", (block("来源:港口晚报", "byline"),)).publisher == Fact("港口晚报", "byline")
    assert extract("<title>Port opens | Late edition</title>", "html", ()).publisher is None


def test_json_ld_is_believed_before_meta_elements_and_those_before_the_byline() -> None:
    page = (
        ld(**{"@type": NEWS, "datePublished": "2025-03-04T06:47:00+08:00", "author": {"name": "Lin Yi"}})
        + '<meta name="author" content="Web desk"><meta property="og:site_name" content="Harbour Daily">'
        '<meta property="article:published_time" content="2025-03-05">'
    )
    found = extract(page, "html", (block("来源:港口晚报 2025-03-06", "byline"),))
    assert found.published_at == Fact("2025-03-04T06:47:00+08:00", "json-ld")
    assert found.author == Fact("Lin Yi", "json-ld")
    assert found.publisher == Fact("Harbour Daily", "meta:og:site_name")


def test_the_modified_time_is_told_apart_from_the_published_one() -> None:
    page = (
        '<meta property="article:modified_time" content="2025-03-05T10:00:00Z">'
        '<time class="entry-date published" datetime="2025-03-04T06:47:00Z">4 March</time>'
    )
    found = extract(page, "html", ())
    assert found.published_at == Fact("2025-03-04T06:47:00Z", "time")
    assert found.modified_at == Fact("2025-03-05T10:00:00Z", "meta:article:modified_time")


def test_microdata_is_read_from_attributes_text_and_nested_names() -> None:
    page = (
        '<span itemprop="author" itemscope><a href="/a"><span itemprop="name">Lin Yi</span></a></span>'
        '<span itemprop="datePublished" content="2025-03-04">yesterday</span>'
        "<div itemprop=headline>Port opens again</div>"
    )
    found = extract(page, "html", ())
    assert found.author == Fact("Lin Yi", "microdata:author")
    assert found.published_at == Fact("2025-03-04", "microdata:datepublished")
    assert found.title == Fact("Port opens again", "microdata:headline")


def test_nothing_is_read_from_comments_scripts_or_drawings() -> None:
    page = (
        '<!-- <meta property="og:title" content="Old title"> <h1>Old</h1> -->'
        "<script>var x = '<title>Script title</title><h1>Script</h1>';</script>"
        "<svg><title>Magnifying glass</title></svg>"
    )
    assert extract(page, "html", ()).title is None


def test_tags_are_read_in_any_case_with_any_quotes_and_line_breaks() -> None:
    page = "<META\n CONTENT='Port > opens'\r\n PROPERTY=og:title><HTML LANG=zh-CN><TiTLe>x</tItLE >"
    found = extract(page, "html", ())
    assert found.title == Fact("Port > opens", "meta:og:title")
    assert found.language == Fact("zh-CN", "html:lang")


# --- JSON-LD --------------------------------------------------------------------------------------------


def test_a_graph_is_walked_and_names_behind_ids_are_found() -> None:
    page = ld(
        **{
            "@graph": [
                {"@type": "WebSite", "@id": "#site", "name": "Harbour Daily", "inLanguage": "en-GB"},
                {"@type": "Person", "@id": "#lin", "name": "Lin Yi"},
                {
                    "@type": ["Article", "NewsArticle"],
                    "headline": "Port opens",
                    "author": [{"@id": "#lin"}, {"name": "Chen Er"}, "Lin Yi"],
                    "publisher": {"@id": "#site"},
                    "dateModified": "2025-03-05",
                },
            ]
        }
    )
    found = extract(page, "html", ())
    assert found.author == Fact("Lin Yi, Chen Er", "json-ld")
    assert found.publisher == Fact("Harbour Daily", "json-ld")
    assert found.modified_at == Fact("2025-03-05", "json-ld")


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "Port opens", "x": [1, 2,],}',
        '<!-- {"@type": "NewsArticle", "headline": "Port opens"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Port opens"}\n//]]>',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Port opens&quot;}",
        '{"@type": "NewsArticle", "headline": "Port \n opens"};',
        '[[{"@type": "NewsArticle", "headline": "Port opens"}]]',
        '{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "Port opens"}}',
    ],
)
def test_json_ld_with_the_usual_faults_is_mended(text: str) -> None:
    page = f"<script type='application/ld+json'>{text}</script>"
    assert extract(page, "html", ()).title == Fact("Port opens", "json-ld")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"NewsArticle"',
        "{",
        '{"@type": "NewsArticle", "headline": 5, "author": [[["x"]]], "datePublished": {"a": 1}}',
        '{"@type": {"a": 1}, "headline": "Port opens"}',
        '{"@type": "BreadcrumbList", "name": "Port opens"}',
        '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Port opens"}]}',
        "[" * 100_000,
        '{"@graph":' * 50_000 + "}" * 50_000,
        '{"@type": "NewsArticle", "headline": "Port opens", "x": "' + "x" * 1_100_000 + '"}',
        '{"@type": "NewsArticle", "datePublished": ' + "9" * 10_000 + "}",
    ],
    ids=range(13),
)
def test_json_ld_that_speaks_for_nothing_or_bursts_its_bounds_is_no_evidence(text: str) -> None:
    found = extract(f"<script type='application/ld+json'>{text}</script>", "html", ())
    assert found.title is None
    assert found.published_at is None
    assert found.author is None


def test_json_is_parsed_and_never_evaluated(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    page = f"<script type='application/ld+json'>__import__('pathlib').Path({str(mark)!r}).touch()</script>"
    extract(page, "html", ())
    assert not mark.exists()


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["https://social.example/lin", "@lin", "admin", "12345", "", "x" * 300, "\u202e"]
)
def test_a_url_a_handle_or_nobody_is_no_author(value: str) -> None:
    assert extract(f'<meta name="author" content="{value}">', "html", ()).author is None


def test_the_word_by_is_no_part_of_a_name() -> None:
    assert extract('<meta name="author" content="By Lin Yi">', "html", ()).author == Fact(
        "Lin Yi", "meta:author"
    )


def test_invisible_and_control_characters_are_taken_out_of_values() -> None:
    page = '<meta property="og:title" content="Port\x07 op\u202eens\u200b &#x202E; &#10; again\ud800">'
    found = extract(page, "html", ()).title
    assert found == Fact("Port opens again", "meta:og:title")


# --- url ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "fetched", "expected"),
    [
        (
            '<link rel="canonical" href="https://www.port.example/a">',
            "https://m.port.example/a?from=app",
            Fact("https://www.port.example/a", "link:canonical"),
        ),
        (
            '<link rel="canonical" href="/a">',
            "https://port.example/a?x=1",
            Fact("https://port.example/a", "link:canonical"),
        ),
        (
            '<link rel="canonical" href="https://evil.example/a">',
            "https://port.example/a",
            Fact("https://port.example/a", "given"),
        ),
        (
            '<link rel="canonical" href="https://port.example/">',
            "https://port.example/a",
            Fact("https://port.example/a", "given"),
        ),
        (
            '<link rel="canonical" href="https://port.example/a"><meta property="og:url" content="https://port.example/a">',
            None,
            Fact("https://port.example/a", "link:canonical"),
        ),
        (
            '<link rel="canonical" href="https://port.example/a">',
            None,
            Fact("https://port.example/a", "link:canonical"),
        ),
        ('<link rel="canonical" href="https://port.example/">', None, None),
        (
            '<link rel="canonical" href="https://port.example/a"><meta property="og:url" content="https://evil.example/a">',
            None,
            None,
        ),
        ('<link rel="canonical" href="javascript:alert(1)">', None, None),
        ('<link rel="canonical" href="https://user:pass@port.example/a">', None, None),
        ("", "ftp://port.example/a", None),
        ("", "https://port.example/a", Fact("https://port.example/a", "given")),
    ],
)
def test_a_page_is_believed_about_its_url_unless_something_speaks_against_it(
    head: str, fetched: str | None, expected: Fact | None
) -> None:
    assert extract(head, "html", (), fetched).url == expected


# --- lines readers see ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "author", "publisher", "published"),
    [
        ("港口来客 港口来客 03-04 06:47", "港口来客", "港口来客", "--03-04T06:47"),
        ("2025年3月4日 06:47 来源:港口日报 责任编辑:陈二", None, "港口日报", "2025-03-04T06:47"),
        ("來源：港口日報　作者：林一　2025-03-04", "林一", "港口日報", "2025-03-04"),
        ("文/林一 图/陈二 发布时间:2025/3/4 6:47:05", "林一", None, "2025-03-04T06:47:05"),
        ("本报记者 林一 2025-03-04 06:47 阅读 1234 评论 5", "林一", None, "2025-03-04T06:47"),
        ("港口新闻网 2025-03-04 06:47", None, "港口新闻网", "2025-03-04T06:47"),
        ("By Lin Yi | March 4, 2025 at 6:47 pm", "Lin Yi", None, "2025-03-04T18:47"),
        ("Von Lin Yi, 04.03.2025, 06:47 Uhr", "Lin Yi", None, "2025-03-04T06:47"),
        ("责任编辑:陈二", None, None, None),
        ("来源: 作者:", None, None, None),
        ("来源:互联网 作者:佚名 2025-03-04", None, None, "2025-03-04"),
        ("已于 2025-03-04 06:47 发布", None, None, "2025-03-04T06:47"),
        ("By Lin Yi on March 4, 2025", "Lin Yi", None, "2025-03-04"),
    ],
)
def test_a_byline_tells_author_publisher_and_time(
    line: str, author: str | None, publisher: str | None, published: str | None
) -> None:
    found = extract("", "text", (block("标题在此", "title"), block(line, "byline")))
    values = [fact and fact.value for fact in (found.author, found.publisher, found.published_at)]
    assert values == [author, publisher, published]


def test_a_date_in_a_line_under_the_title_counts_and_one_in_a_sentence_does_not() -> None:
    text = "2017年4月1日,港口的三个码头和周边地区被划为新区,随后开始了疏浚工程。" + "直到今年才完工。" * 5
    head = (block("港口重新开放", "title"),)
    assert extract("", "text", (*head, block(text, "paragraph"))).published_at is None
    dated = extract("", "text", (*head, block("2025-03-04 06:47 港口"), block(text, "paragraph")))
    assert dated.published_at == Fact("2025-03-04T06:47", "text:bare")


def test_a_labelled_date_is_believed_before_a_bare_one_above_it() -> None:
    blocks = (block("港口重新开放", "title"), block("2025-03-06 10:00"), block("发布时间:2025-03-04"))
    assert extract("", "text", blocks).published_at == Fact("2025-03-04", "text")


def test_comments_are_no_evidence_for_author_or_date() -> None:
    blocks = (block("港口重新开放", "title"), block("作者:路人 2025-03-04 06:47", "comment"))
    found = extract("", "text", blocks)
    assert found.author is None
    assert found.published_at is None


def test_a_copyright_line_is_no_evidence_for_a_year() -> None:
    blocks = (
        block("港口重新开放", "title"),
        block("港口来客 03-04 06:47", "byline"),
        block("Copyright © 2025 港口日报 版权所有"),
    )
    assert extract("", "text", blocks).published_at == Fact("--03-04T06:47", "byline")


def test_a_date_without_a_year_takes_it_from_a_path_of_the_same_day() -> None:
    blocks = (block("港口来客 03-04 06:47", "byline"),)
    found = extract("", "text", blocks, "https://port.example/2025/03/04/a.html")
    assert found.published_at == Fact("2025-03-04T06:47", "byline+url")
    other = extract("", "text", blocks, "https://port.example/2025/03/05/a.html")
    assert other.published_at == Fact("2025-03-05", "url")


def test_slashes_are_read_by_the_region_the_page_declares() -> None:
    line = (block("Posted on 03/04/2025", "byline"),)
    assert extract('<html lang="en-US">', "html", line).published_at == Fact("2025-03-04", "byline")
    assert extract('<html lang="de">', "html", line).published_at == Fact("2025-04-03", "byline")
    assert extract('<html lang="en">', "html", line).published_at == Fact("2025", "byline")


# --- the header of a feed dump --------------------------------------------------------------------------

DUMP = (
    "<!--1741070911000-->\n[港口\\[图\\]重新开放(快讯)](https://port.example/a_(b)/1.html)\n------\n\n"
    "<div><i>Tue, 04 Mar 2025 06:47:31 GMT</i></div><p>三艘货轮靠岸。</p>"
)


def test_a_feed_dump_tells_title_url_and_time_in_its_header() -> None:
    found = extract(DUMP, "markdown", ())
    assert found.title == Fact("港口[图]重新开放(快讯)", "markdown:link")
    assert found.url == Fact("https://port.example/a_(b)/1.html", "markdown:link")
    assert found.published_at == Fact("2025-03-04T06:47:31Z", "markdown:date+epoch")
    assert found.publisher is None
    assert found.author is None


def test_the_epoch_of_a_feed_dump_serves_where_no_date_is_stated() -> None:
    bare = DUMP.replace("<i>Tue, 04 Mar 2025 06:47:31 GMT</i>", "")
    assert extract(bare, "markdown", ()).published_at == Fact("2025-03-04T06:48:31Z", "markdown:epoch")


def test_an_epoch_of_another_day_does_not_confirm_the_stated_date() -> None:
    late = DUMP.replace("1741070911000", "1743070911000")
    assert extract(late, "markdown", ()).published_at == Fact("2025-03-04T06:47:31Z", "markdown:date")


def test_a_link_in_the_text_is_not_taken_for_a_header() -> None:
    assert extract("See [this port](https://port.example/) for more.\n", "markdown", ()).url is None


# --- hostile pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "<h1>" * 100_000,
        "<time>" * 100_000,
        "<meta property=og:title content=x>" * 100_000,
        '<meta property="og:title content=' * 30_000,
        "<title>" * 100_000,
        "<" * 1_000_000,
        "<!--" * 200_000,
        "<script>" * 100_000,
        "<svg>" * 100_000,
        "<h1>" + "<b>" * 100_000 + "</h1>",
        "<a itemprop=author itemscope " * 50_000,
        '<meta content="' + "x" * 2_000_000,
        "<html " + " ".join(f"a{number}=1" for number in range(20_000)) + ">",
    ],
    ids=range(13),
)
def test_the_scan_of_a_hostile_page_ends_within_its_bounds(raw: str) -> None:
    found = elements.scan(raw)
    assert len(found.claims) + len(found.headings) + len(found.times) <= 2 * elements.MOST
    assert extract(raw, "html", (), None).url is None


def test_only_lines_short_enough_for_a_byline_are_read_and_few_of_them() -> None:
    blocks = (block("作者:林一 " * 100, "byline"), *(block("(" * 200, "byline") for _ in range(10_000)))
    assert extract("", "text", blocks).author is None


# --- invariants -----------------------------------------------------------------------------------------

MARKS = """< > " ' = <meta~ property=og:title~ content=" <title> </title> <h1 </h1> <time~datetime= <!-- -->
<svg> 2025-03-04 06:47 <script~type=application/ld+json> </script> {"@type":"Article" ,"author": [ ] { } İ
itemprop=author~ rel=canonical~ href= &#x202e; https:// port.example /2025/03/04/ 来源: 作者~ [a](b)"""
PIECES = st.sampled_from(
    [*(mark.replace("~", " ") for mark in MARKS.split()), " ", "\x00", "\x1b", "\ud800", "\r\n", "\n---\n"]
)


@settings(max_examples=300)
@given(
    st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join),
    st.sampled_from(["html", "markdown", "text"]),
)
def test_no_text_makes_extract_raise_or_answer_differently(raw: str, form: str) -> None:
    blocks = tuple(block(line, role) for line in raw.splitlines() for role in ("title", "byline", "other"))
    found = extract(raw, form, blocks, raw[:40])  # type: ignore[arg-type]
    assert extract(raw, form, blocks, raw[:40]) == found  # type: ignore[arg-type]
    for field in ("title", "author", "publisher", "url", "published_at", "modified_at", "language"):
        fact = getattr(found, field)
        if fact is not None:
            assert fact.value == fact.value.strip()
            assert not {unicodedata.category(char) for char in fact.value} & {"Cc", "Cs"}
            assert not set(fact.value) & set("\u200b\u202e\ufeff")
            assert fact.evidence


# --- the seeds ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed pages are not beside this checkout")
@pytest.mark.parametrize(("suffix", "form"), [("1026a70.txt", "text"), ("c7b8b2e.txt", "markdown")])
def test_the_seeds_tell_their_title_and_time(suffix: str, form: str) -> None:
    from corpus.clean import clean

    path = next(path for path in (SHARED / "seeds").iterdir() if path.name.endswith(suffix))
    raw = path.read_text(encoding="utf-8")
    found = extract(raw, form, clean(raw, form))  # type: ignore[arg-type]
    assert found.title is not None
    assert found.title.value in raw
    assert found.published_at is not None
    if form == "text":
        assert found.published_at == Fact("--03-04T06:47", "byline")
        assert found.author is not None
        assert found.publisher is not None
        assert found.author.value == found.publisher.value
        assert f"{found.author.value} {found.publisher.value} 03-04 06:47" in raw
    else:
        assert found.published_at == Fact("2025-02-01T14:33:55Z", "markdown:date+epoch")
        assert found.url is not None
        assert f"]({found.url.value})" in raw
