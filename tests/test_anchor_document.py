from __future__ import annotations

import random

import pytest

from corpus.anchor import anchor
from corpus.records import Annotation, Block, Document, Encoding, Metadata, Paragraph, Segment

RAW = [
    ("paragraph", "东洲市港务局昨日宣布，三号码头将在年底前关闭，港务局没有说明理由。"),
    ("related", "相关阅读：港务局去年亏损"),
    ("paragraph", "码头工人代表周敏说，港务局事先没有通知任何人。"),
    ("paragraph", "安置方案预计下月公布，周敏表示不会接受转岗。"),
]


def document(pieces, sha256="new"):
    """A page whose blocks are `<p>` around each text; kept roles become paragraphs."""
    raw, blocks, paragraphs = "", [], []
    for role, text in pieces:
        blocks.append(Block(len(raw), len(raw) + 3, "", "markup", "tag"))
        raw += "<p>"
        segments = (Segment(0, len(text), len(raw), len(raw) + len(text)),)
        blocks.append(Block(len(raw), len(raw) + len(text), text, role, "test", segments))
        if role == "paragraph":
            paragraphs.append(Paragraph(f"d#p-{len(paragraphs)}", len(paragraphs), role, text, segments))
        raw += text
    empty = Encoding("utf-8", "given"), Metadata()
    return Document("d", "d.html", sha256, "html", raw, *empty, tuple(paragraphs), tuple(blocks))


def annotate(page, index, quote, occurrence=0, **changes):
    """An annotation as an annotator's tool writes it: quote, context, raw place."""
    text = page.paragraphs[index].text
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(quote, start + 1)
    end = start + len(quote)
    raw_start = page.paragraphs[index].segments[0].raw_start + start
    fields = {
        "annotation_id": f"{index}-{start}",
        "document_id": page.document_id,
        "layer": "entity",
        "label": "ORG",
        "target": None,
        "exact": quote,
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[end : end + 32],
        "raw_sha256": page.raw_sha256,
        "raw_start": raw_start,
        "raw_end": raw_start + len(quote),
        "annotator": "a1",
        "guideline": "1.0",
        "created_at": "2026-11-21T08:00:00Z",
    }
    return Annotation(**{**fields, **changes})


PAGE = document(RAW)
ALL = [
    annotate(PAGE, 0, "东洲市港务局"),
    annotate(PAGE, 0, "港务局", 1),
    annotate(PAGE, 1, "周敏"),
    annotate(PAGE, 1, "港务局"),
    annotate(PAGE, 2, "周敏"),
    annotate(PAGE, 2, RAW[3][1], layer="stance"),
]


def quotes(anchors, page):
    return [a and page.paragraphs[a.paragraph].text[a.start : a.end] for a in anchors]


def test_on_the_same_raw_file_every_anchor_is_exact():
    anchors = anchor(ALL, PAGE)
    assert {(a.method, a.confidence) for a in anchors} == {("exact", 1.0)}
    assert quotes(anchors, PAGE) == [a.exact for a in ALL]


def test_when_cleaning_keeps_more_the_raw_place_still_decides():
    page = document([("paragraph", text) for _, text in RAW])
    anchors = anchor(ALL, page)
    assert [a.paragraph for a in anchors] == [0, 0, 2, 2, 3, 3]
    assert {a.method for a in anchors} == {"exact"}


def test_a_place_that_is_now_dropped_is_an_orphan_though_its_words_stand_elsewhere():
    page = document([*RAW[:2], ("comment", RAW[2][1]), RAW[3]])
    assert [a is None for a in anchor(ALL, page)] == [False, False, True, True, False, False]


def test_white_space_that_cleaning_folds_otherwise_is_not_a_difference():
    annotation = annotate(PAGE, 0, "三号码头", exact="三号 码头")
    found = anchor([annotation], PAGE)[0]
    assert (quotes([found], PAGE), found.method) == (["三号码头"], "moved")


def test_a_wrong_raw_place_is_overruled_by_the_quote():
    annotation = annotate(PAGE, 1, "港务局", raw_start=5, raw_end=8)
    found = anchor([annotation, *ALL], PAGE)[0]
    assert (found.paragraph, quotes([found], PAGE)) == (1, ["港务局"])


def test_when_the_page_is_fetched_again_quote_and_context_decide():
    new = document([("paragraph", "编者按：本文有更新。"), RAW[3], RAW[0], ("paragraph", RAW[2][1])], "newer")
    anchors = anchor(ALL, new)
    assert [a.paragraph for a in anchors] == [2, 2, 3, 3, 1, 1]
    assert quotes(anchors, new) == [a.exact for a in ALL]
    assert {a.method for a in anchors} == {"moved"}


def test_edits_around_a_mention_do_not_lose_it():
    new = document(
        [(role, text.replace("昨日", "今早").replace("下月", "本月底")) for role, text in RAW], "newer"
    )
    assert quotes(anchor(ALL[:5], new), new) == [a.exact for a in ALL[:5]]


def test_a_mention_edited_away_is_an_orphan_while_its_namesakes_stay():
    new = document([RAW[0], (RAW[2][0], RAW[2][1].replace("港务局", "有关部门")), RAW[3]], "newer")
    anchors = anchor(ALL, new)
    assert anchors[3] is None
    assert [a.paragraph for a in anchors if a] == [0, 0, 1, 2, 2]


def test_nothing_is_attached_to_a_page_without_paragraphs():
    assert anchor(ALL, document([("navigation", "首页 新闻 体育")], "newer")) == [None] * len(ALL)


def test_two_annotators_of_one_mention_get_one_place():
    second = annotate(PAGE, 1, "周敏", annotator="a2", annotation_id="other")
    new = document(RAW[2:], "newer")
    one, two = anchor([ALL[2], second], new)
    assert one == two is not None


def test_a_quote_without_context_is_not_searched_for():
    bare = annotate(PAGE, 2, "安置方案", prefix="", suffix="")
    new = document([("paragraph", "编者按"), RAW[3]], "newer")
    assert anchor([bare], new) == [None]


def test_a_quote_that_is_a_whole_short_paragraph_is_found_as_one():
    page = document([("paragraph", "安置方案"), *RAW], "older")
    new = document([*RAW, ("paragraph", "安置方案")], "newer")
    found = anchor([annotate(page, 0, "安置方案")], new)[0]
    assert (found.paragraph, found.start, found.end) == (3, 0, 4)


def test_the_order_of_annotations_does_not_matter():
    new = document([RAW[3], RAW[0], RAW[2]], "newer")
    expected = dict(zip([a.annotation_id + a.exact for a in ALL], anchor(ALL, new), strict=True))
    for seed in range(5):
        shuffled = random.Random(seed).sample(ALL, len(ALL))
        assert anchor(shuffled, new) == [expected[a.annotation_id + a.exact] for a in shuffled]


def test_an_annotation_of_another_document_is_refused():
    with pytest.raises(ValueError, match="expected 'd'"):
        anchor([annotate(PAGE, 0, "三号码头", document_id="e")], PAGE)
