from __future__ import annotations

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.anchor import reanchor
from corpus.anchor.folding import fold_text
from corpus.records import Anchor

OLD = [
    "本报讯（记者 林溪）东洲市港务局昨日宣布，将在年底前关闭三号码头。",
    "港务局局长何俊表示，码头设备老化，每年维修费用超过两千万元。",
    "码头工人代表周敏说，他们直到上周才得知消息，东洲市港务局没有事先通知。",
    "市政府发言人回应称，安置方案正在研究，预计下月公布。",
    "三号码头建于一九六二年，曾是东洲最大的煤炭码头。",
]
MENTIONS = [(0, 9, 15), (1, 5, 7), (2, 6, 8), (2, 25, 31), (3, 0, 6), (4, 0, 4), (4, 14, 16)]


def texts(anchors, new):
    return [a and new[a.paragraph][a.start : a.end] for a in anchors]


def quotes(mentions=MENTIONS, old=OLD):
    return [old[p][s:e] for p, s, e in mentions]


def test_unchanged_text_is_exact_with_full_confidence():
    assert reanchor(MENTIONS, OLD, list(OLD)) == [Anchor(*mention, "exact", 1.0) for mention in MENTIONS]


def test_an_untouched_mention_in_an_edited_text_is_exact():
    new = [OLD[0], OLD[1].replace("两千万", "三千万"), *OLD[2:]]
    assert reanchor([(0, 9, 15)], OLD, new)[0].method == "exact"


def test_a_paragraph_added_above_moves_mentions_down():
    new = ["编者按：以下为本报综合报道。", *OLD]
    anchors = reanchor(MENTIONS, OLD, new)
    assert [(a.paragraph - 1, a.start, a.end) for a in anchors] == MENTIONS
    assert {a.method for a in anchors} == {"moved"}


def test_white_space_between_characters_does_not_lose_a_mention():
    new = [" ".join(text) for text in OLD]
    assert [text.replace(" ", "") for text in texts(reanchor(MENTIONS, OLD, new), new)] == [
        quote.replace(" ", "") for quote in quotes()
    ]


def test_line_breaks_and_invisible_marks_do_not_lose_a_mention():
    new = [text.replace("局", "局\u200b").replace("，", "，\r\n\u3000") for text in OLD]
    anchors = reanchor(MENTIONS, OLD, new)
    assert all(anchor.method in {"exact", "moved"} for anchor in anchors)
    assert [fold_text(t)[0] for t in texts(anchors, new)] == [fold_text(q)[0] for q in quotes()]


def test_width_does_not_lose_a_mention():
    old, new = ["会议在ABC大厦12层举行。"], ["会议在ＡＢＣ大厦１２层举行。"]
    assert texts(reanchor([(0, 3, 8), (0, 8, 11)], old, new), new) == ["ＡＢＣ大厦", "１２层"]


def test_punctuation_variants_do_not_lose_a_mention():
    old, new = ["他说：“《东洲晚报》……不可信。”"], ["他说:「〈东洲晚报〉...不可信.」"]
    anchor = reanchor([(0, 4, 10)], old, new)[0]
    assert (new[0][anchor.start : anchor.end], anchor.method) == ("〈东洲晚报〉", "moved")


@pytest.mark.parametrize("script", ["s2t", "s2tw", "s2hk"])
def test_script_does_not_lose_a_mention(script):
    converter = opencc.OpenCC(script)
    new = [converter.convert(text) for text in OLD]
    anchors = reanchor(MENTIONS, OLD, new)
    assert texts(anchors, new) == [converter.convert(quote) for quote in quotes()]
    assert {anchor.method for anchor in anchors} <= {"exact", "moved"}


def test_a_word_that_script_conversion_replaces_is_found():
    old, new = (
        ["该公司发布了新的软件产品，信息部门负责测试。"],
        ["該公司釋出了新的軟體產品，資訊部門負責測試。"],
    )
    assert texts(reanchor([(0, 8, 10), (0, 13, 15)], old, new), new) == ["軟體", "資訊"]


def test_a_word_that_conversion_makes_longer_is_found_whole():
    old, new = ["他把全部材料都存放在U盘里面带走。"], ["他把全部材料都存放在隨身碟裡面帶走。"]
    assert texts(reanchor([(0, 10, 12)], old, new), new) == ["隨身碟"]


def test_moved_paragraphs_take_their_mentions_along():
    new = [OLD[4], OLD[2], OLD[0], OLD[3], OLD[1]]
    anchors = reanchor(MENTIONS, OLD, new)
    assert [anchor.paragraph for anchor in anchors] == [2, 4, 1, 1, 3, 0, 0]
    assert texts(anchors, new) == quotes()


def test_a_deleted_paragraph_leaves_orphans_though_its_words_stand_elsewhere():
    assert reanchor([(0, 9, 15), (2, 25, 31)], OLD, OLD[1:])[0] is None


def test_a_deleted_sentence_leaves_orphans():
    old = ["东洲港今日停运。东洲港务局致歉。周边道路封闭。"]
    new = ["东洲港今日停运。周边道路封闭。"]
    assert reanchor([(0, 0, 3), (0, 8, 11), (0, 16, 18)], old, new)[1] is None


def test_of_two_sentences_that_begin_alike_the_deleted_one_is_told():
    old = ["会议上午开始。东洲代表团先发言。东洲代表团后离席。会议结束。"]
    new = ["会议上午开始。东洲代表团后离席。会议结束。"]
    first, second = reanchor([(0, 7, 12), (0, 16, 21)], old, new)
    assert first is None
    assert (second.start, second.end) == (7, 12)


def test_merged_paragraphs_keep_their_mentions():
    new = [OLD[0] + OLD[1], OLD[2] + " " + OLD[3] + OLD[4]]
    assert texts(reanchor(MENTIONS, OLD, new), new) == quotes()


def test_split_paragraphs_keep_their_mentions():
    new = [part for text in OLD for part in text.replace("，", "，|", 1).split("|")]
    assert texts(reanchor(MENTIONS, OLD, new), new) == quotes()


def test_of_a_paragraph_printed_twice_in_a_row_the_first_is_meant():
    anchor = reanchor([(2, 6, 8)], OLD, [*OLD[:3], OLD[2], *OLD[3:]])[0]
    assert (anchor.paragraph, anchor.method) == (2, "exact")


def test_of_an_edited_original_and_its_copy_after_it_the_original_is_meant():
    new = [*OLD[:2], OLD[2].replace("消息", "此事"), OLD[2], *OLD[3:]]
    assert reanchor([(2, 6, 8)], OLD, new)[0].paragraph == 2


def test_a_copy_elsewhere_does_not_draw_mentions_away():
    assert reanchor([(4, 0, 4)], OLD, [OLD[4], *OLD])[0].paragraph == 5


CAPTIONS = [
    "六月三日，东洲港口的工人在三号码头卸货。本报记者 林溪 摄",
    "六月三日，东洲港口的工人（左）在三号码头卸货。本报记者 林溪 摄",
    "市政府发言人回应称，安置方案正在研究，预计下月公布。",
]


def test_captions_that_differ_by_a_word_change_places_and_keep_their_mentions():
    new = [CAPTIONS[1], CAPTIONS[0], CAPTIONS[2]]
    anchors = reanchor([(0, 15, 19), (1, 18, 22)], CAPTIONS, new)
    assert [(a.paragraph, a.start) for a in anchors] == [(1, 15), (0, 18)]


def test_of_two_captions_that_differ_by_a_word_the_deleted_one_is_told():
    assert reanchor([(0, 15, 19), (1, 18, 22)], CAPTIONS, CAPTIONS[1:])[0] is None


def test_of_copies_in_one_paragraph_the_first_is_meant():
    new = [*OLD[:2], OLD[2] + OLD[2], *OLD[3:]]
    anchors = reanchor([(2, 6, 8), (2, 25, 31)], OLD, new)
    assert [(a.paragraph, a.start) for a in anchors] == [(2, 6), (2, 25)]


def test_a_sentence_deleted_from_the_original_is_not_looked_for_in_the_copy_after_it():
    old = [*OLD[:2], OLD[1] + "何俊没有回答记者的其他提问。" + OLD[2], *OLD[3:]]
    new = [*OLD[:2], OLD[1] + OLD[2], old[2], *OLD[3:]]
    assert reanchor([(2, len(OLD[1]), len(OLD[1]) + 2)], old, new) == [None]


def test_a_sentence_deleted_from_the_original_is_not_looked_for_in_a_copy_elsewhere():
    old = [OLD[0], OLD[1] + "何俊没有回答记者的其他提问。" + OLD[2], *OLD[3:]]
    new = [OLD[0], OLD[1] + OLD[2], *OLD[3:], "相关阅读", old[1]]
    assert reanchor([(1, len(OLD[1]), len(OLD[1]) + 2)], old, new) == [None]


def test_a_deleted_phrase_does_not_fall_on_a_copy_of_its_likeness():
    old = [*OLD, "周敏说，东洲市港务局没有事先通知。"]
    assert reanchor([(5, 4, 10)], old, [*OLD[:4], OLD[2], OLD[4]]) == [None]


def test_a_list_of_contents_does_not_draw_mentions_away_from_the_headings():
    headings = ["码头为什么关闭", "工人怎样安置", "港口往何处去"]
    page = "".join(heading + text for heading, text in zip(headings, OLD, strict=False))
    new = [*headings, *[text for pair in zip(headings, OLD, strict=False) for text in pair]]
    mentions = [(0, page.index(heading), page.index(heading) + 2) for heading in headings]
    assert [anchor.paragraph for anchor in reanchor(mentions, [page], new)] == [3, 5, 7]


def test_copies_lower_the_confidence():
    sure = reanchor([(2, 6, 8)], OLD, ["编者按", *OLD])[0]
    unsure = reanchor([(2, 6, 8)], OLD, ["编者按", *OLD[:3], OLD[2], *OLD[3:]])[0]
    assert unsure.confidence < sure.confidence


def test_each_of_many_equal_mentions_stays_itself():
    old = ["东洲队先胜，东洲队再胜，东洲队三胜，东洲队夺冠。"]
    new = ["昨晚，东洲队先胜，东洲队再胜，东洲队三胜，东洲队终于夺冠。"]
    mentions = [(0, 6 * k, 6 * k + 3) for k in range(4)]
    assert [a.start for a in reanchor(mentions, old, new)] == [3 + 6 * k for k in range(4)]


def test_a_replaced_character_inside_makes_it_fuzzy():
    old, new = ["市长何俊明昨天出席了仪式。"], ["市长何骏明昨天出席了仪式。"]
    anchor = reanchor([(0, 2, 5)], old, new)[0]
    assert (new[0][anchor.start : anchor.end], anchor.method) == ("何骏明", "fuzzy")
    assert anchor.confidence < 0.99


def test_a_mention_replaced_by_another_word_is_an_orphan():
    old, new = ["市长何俊明昨天出席了仪式并讲话。"], ["市长林若溪昨天出席了仪式并讲话。"]
    assert reanchor([(0, 2, 5)], old, new) == [None]


def test_characters_put_into_a_mention_are_covered():
    old, new = ["东洲港务局发布公告称码头关闭。"], ["东洲市港务局发布公告称码头关闭。"]
    assert texts(reanchor([(0, 0, 5)], old, new), new) == ["东洲市港务局"]


def test_a_stance_on_a_whole_paragraph_survives_edits():
    new = ["导语", *OLD[:3], OLD[3].replace("下月", "本月底"), OLD[4]]
    anchor = reanchor([(3, 0, len(OLD[3]))], OLD, new)[0]
    assert (anchor.paragraph, anchor.start, anchor.end) == (4, 0, len(new[4]))


def test_english_mentions_survive_case_spacing_and_edits():
    old = ["The Dongzhou Port Authority said on Monday it would close Pier Three.", "Workers were not told."]
    new = [
        "Workers were not told.",
        "The  Dongzhou  Port Authority said Tuesday that it will close PIER THREE.",
    ]
    assert texts(reanchor([(0, 4, 27), (0, 58, 68)], old, new), new) == [
        "Dongzhou  Port Authority",
        "PIER THREE",
    ]


def test_decomposed_accents_are_the_same_letters():
    old, new = ["Le café de la gare est fermé."], ["Le cafe\u0301 de la gare est ferme\u0301."]
    assert texts(reanchor([(0, 3, 7)], old, new), new) == ["cafe\u0301"]


def test_nothing_is_attached_to_an_empty_text():
    assert reanchor(MENTIONS, OLD, []) == [None] * len(MENTIONS)
    assert reanchor(MENTIONS, OLD, ["", "  "]) == [None] * len(MENTIONS)


def test_no_annotations_give_no_anchors():
    assert reanchor([], OLD, []) == []


@pytest.mark.parametrize("mention", [(9, 0, 1), (0, 5, 5), (0, 0, 999), (-1, 0, 1), (0, -1, 2)])
def test_an_annotation_outside_the_old_text_is_refused(mention):
    with pytest.raises(ValueError, match="no range of the old text"):
        reanchor([mention], OLD, OLD)


def test_unrelated_text_orphans_everything():
    assert reanchor(MENTIONS, OLD, ["今晨气温骤降，山区出现霜冻，农户连夜抢收蔬菜。"]) == [None] * len(
        MENTIONS
    )


def test_hostile_repetition_is_answered():
    assert len(reanchor([(0, 5, 9)], ["的" * 20_000], ["的" * 19_999])) == 1
    assert len(reanchor([(3, 0, 2)], ["的的的的"] * 2000, ["的的的"] * 1999)) == 1


paragraphs = st.lists(
    st.text(alphabet="东洲港务局，。 AB\n", min_size=1, max_size=30), min_size=1, max_size=6
)


@st.composite
def changed(draw):
    """Any old text with any mention, and any new text."""
    old = draw(paragraphs)
    index = draw(st.integers(0, len(old) - 1))
    start = draw(st.integers(0, len(old[index]) - 1))
    end = draw(st.integers(start + 1, len(old[index])))
    return (index, start, end), old, draw(paragraphs)


@settings(max_examples=150, deadline=None)
@given(changed())
def test_anchors_lie_in_the_new_text_and_moved_ones_read_the_same(case):
    mention, old, new = case
    anchor = reanchor([mention], old, new)[0]
    if anchor is None:
        return
    text = new[anchor.paragraph][anchor.start : anchor.end]
    assert 0 <= anchor.start < anchor.end <= len(new[anchor.paragraph])
    assert 0 <= anchor.confidence <= 1
    quote = old[mention[0]][mention[1] : mention[2]]
    if anchor.method == "exact":
        assert ((anchor.paragraph, anchor.start, anchor.end), text) == (mention, quote)
    if anchor.method == "moved":
        assert fold_text(text)[0] == fold_text(quote)[0]


@settings(max_examples=60, deadline=None)
@given(changed(), st.randoms())
def test_neither_order_nor_company_of_annotations_matters(case, rng):
    mention, old, new = case
    others = [(index, 0, len(text)) for index, text in enumerate(old)]
    shuffled = rng.sample([mention, *others], len(others) + 1)
    together = dict(zip(shuffled, reanchor(shuffled, old, new), strict=True))
    assert [together[m] for m in (mention, *others)] == reanchor([mention, *others], old, new)
    assert together[mention] == reanchor([mention], old, new)[0]


@settings(max_examples=60, deadline=None)
@given(paragraphs)
def test_unchanged_text_is_always_exact(old):
    mentions = [(index, 0, len(text)) for index, text in enumerate(old)]
    assert {anchor.method for anchor in reanchor(mentions, old, list(old))} == {"exact"}
