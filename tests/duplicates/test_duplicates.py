"""Near-duplicates: found for what they are, whatever the script, the order and the company they keep."""

from __future__ import annotations

import random

import numpy as np
import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.duplicates import CONTAINED_SHINGLES, clusters, shingles, similarity

CHINESE = (
    "港口海关昨天公布了上半年的检查结果，共有十七批货物因为申报不实被退回。负责人表示，今后还会加强对转运企业的审核，"
    "并且和邻近地区的部门交换信息。几家物流公司回应说，他们已经按照新的要求重新登记，希望流程能够尽快稳定下来。"
    "当地商会认为，规则变得清楚是好事，但是小企业需要更多时间来准备文件。码头工人说，检查变多以后排队的卡车也变多了，"
    "有时要等上大半天。运输部门正在考虑增加夜间通道，预计下个月会有结果。"
)
ENGLISH = (
    "Customs at the port published the results of half a year of inspections yesterday: seventeen shipments "
    "were returned because their papers did not match. A spokeswoman said that companies which forward goods "
    "will be looked at more closely, and that offices in the region will share what they learn. Several "
    "carriers replied that they have registered again under the new rules and hope that procedures settle. "
)
NOUNS = [
    *"船货税港法车厂矿河桥楼店校医药米油煤电网",
    "芯片",
    "机器",
    "工人",
    "学生",
    "记者",
    "专家",
    "农民",
    "司机",
]
VERBS = [
    "检查",
    "购买",
    "出售",
    "运送",
    "讨论",
    "拒绝",
    "支持",
    "批评",
    "登记",
    "修理",
    "寻找",
    "介绍",
    "统计",
    "研究",
]


def written(seed: int, sentences: int) -> str:
    """Write a text of sentences that no other seed writes."""
    rnd = random.Random(seed)
    words = lambda: "".join(rnd.choice(NOUNS) + rnd.choice(VERBS) + rnd.choice(NOUNS) for _ in range(3))  # noqa: E731
    return "".join(f"{words()}{rnd.randrange(1000)}，{words()}。\n" for _ in range(sentences))


def edited(text: str, share: float, seed: int) -> str:
    rnd = random.Random(seed)
    return "".join(char if rnd.random() > share else rnd.choice(text) for char in text)


def together(*texts: str) -> bool:
    return len(set(clusters({str(number): text for number, text in enumerate(texts)}).values())) == 1


@pytest.mark.parametrize("config", ["s2t", "s2tw", "s2hk", "s2twp"])
def test_simplified_and_traditional_versions_are_one(config):
    assert together(CHINESE, opencc.OpenCC(config).convert(CHINESE))


@pytest.mark.parametrize(
    "other",
    [
        CHINESE.replace("，", ","),
        " ".join(CHINESE),
        CHINESE.replace("。", "。\n\n\u3000\u3000"),
        "【转载】" + CHINESE + "\n责任编辑：某某",
        CHINESE[: len(CHINESE) * 3 // 4],
        "".join(reversed(CHINESE.split("。"))),
        edited(CHINESE, 0.04, 1),
    ],
)
def test_what_reposting_changes_does_not_matter(other):
    assert together(CHINESE, other)


@pytest.mark.parametrize(
    "other",
    [
        ENGLISH.upper(),
        ENGLISH.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        ENGLISH.replace("returned", "sent back").replace("yesterday", "on Monday"),
        ENGLISH.replace("fi", "\ufb01"),
        "Read more: " + ENGLISH + " All rights reserved.",
    ],
)
def test_english_reposts_are_found_too(other):
    assert together(ENGLISH, other)


def test_different_texts_stay_apart():
    texts = {str(seed): written(seed, 12) for seed in range(40)} | {"zh": CHINESE, "en": ENGLISH}
    assert clusters(texts) == {identifier: identifier for identifier in texts}


def test_a_cluster_is_called_by_its_smallest_id():
    assert clusters({"b": CHINESE, "a": CHINESE + "完", "c": ENGLISH}) == {"b": "a", "a": "a", "c": "c"}


def test_near_duplicates_of_near_duplicates_are_one_cluster():
    steps = [CHINESE]
    for seed in range(6):
        steps.append(edited(steps[-1], 0.04, seed))
    assert similarity(steps[0], steps[-1])[0] < 0.4
    assert together(*steps)


@pytest.mark.parametrize("times", [2, 4, 8, 16])
def test_a_repost_inside_a_longer_page_counts(times):
    page = written(1, 12 * (times - 1))
    repost = written(0, 12)
    middle = len(page) // 2
    assert together(repost, page[:middle] + repost + page[middle:])


def test_a_quoted_sentence_is_no_repost():
    quote = written(0, 1)
    assert len(shingles(quote)) < CONTAINED_SHINGLES
    assert not together(quote, written(1, 10) + quote + written(2, 10))


def test_short_texts_join_only_if_they_are_nearly_the_same():
    texts = {
        "a": "（完）",
        "b": "完",
        "c": "责编",
        "d": "责任编辑：王五",
        "e": "责任编辑 王五",
        "f": "责任编辑：赵六",
    }
    assert clusters(texts) == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "d", "f": "f"}


def test_texts_without_letters_are_like_no_other():
    assert clusters({"a": "", "b": "", "c": "——", "d": "。"}) == {"a": "a", "b": "b", "c": "c", "d": "d"}


def test_no_texts_make_no_clusters():
    assert clusters({}) == {}


def test_thresholds_can_be_set():
    other = edited(CHINESE, 0.04, 1)
    jaccard, contained = similarity(CHINESE, other)
    assert clusters({"a": CHINESE, "b": other}, threshold=jaccard, containment=1.0)["b"] == "a"
    assert (
        clusters({"a": CHINESE, "b": other}, threshold=jaccard + 0.01, containment=contained + 0.01)["b"]
        == "b"
    )


def test_phrases_in_every_page_join_nothing():
    foot = "本网站所有内容版权归发布者所有，未经许可不得转载，违者将依法追究责任。联系电话与地址见首页底部。"
    texts = {str(seed): written(seed, 12) + foot for seed in range(60)}
    assert clusters(texts) == {identifier: identifier for identifier in texts}


def test_near_duplicates_are_found_among_many_pages_of_one_template():
    foot = (
        "本网站所有内容版权归发布者所有，未经许可不得转载，违者将依法追究责任。联系电话与地址见首页底部。" * 2
    )
    texts = {f"{seed:03}": written(seed, 8) + foot for seed in range(150)}
    texts |= {f"{seed:03}-copy": edited(written(seed, 8), 0.02, seed) + foot for seed in range(0, 150, 10)}
    found = clusters(texts)
    assert {identifier: found[identifier] for identifier in texts if "copy" in identifier} == {
        f"{seed:03}-copy": f"{seed:03}" for seed in range(0, 150, 10)
    }


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_texts_does_not_matter(rnd):
    texts = {
        str(seed): written(seed % 5, 6) if seed % 2 else edited(written(seed % 5, 6), 0.03, seed)
        for seed in range(14)
    }
    shuffled = list(texts.items())
    rnd.shuffle(shuffled)
    assert clusters(dict(shuffled)) == clusters(texts)


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_any_texts_are_clustered_by_a_name_of_their_own(texts, seed):
    named = {f"{number}": text for number, text in enumerate([*texts, *texts[:2]])}
    found = clusters(named)
    assert list(found) == list(named)
    for identifier, cluster in found.items():
        assert found[cluster] == cluster <= identifier


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_similarity_is_that_of_the_sets(left, right):
    first, second = set(shingles(left).tolist()), set(shingles(right).tolist())
    shared = len(first & second)
    expected = (
        (shared / len(first | second), shared / min(len(first), len(second))) if first and second else (0, 0)
    )
    assert similarity(left, right) == pytest.approx(expected)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_shingles_are_sorted_and_distinct(text):
    hashes = shingles(text)
    assert (np.diff(hashes.astype(object)) > 0).all()


@pytest.mark.slow
def test_recall_at_jaccard_of_four_fifths_is_what_the_benchmark_says():
    texts, alike = {}, {}
    for seed in range(1500):
        text = written(seed, random.Random(seed).randint(4, 40))
        texts[f"{seed:04}-a"], texts[f"{seed:04}-b"] = text, edited(text, 0.02, seed)
        alike[seed] = similarity(text, texts[f"{seed:04}-b"])[0]
    found = clusters(texts)
    high = [seed for seed, jaccard in alike.items() if jaccard >= 0.8]
    assert len(high) > 500
    assert all(found[f"{seed:04}-b"] == f"{seed:04}-a" for seed in high)
    assert len(set(found.values())) >= 1500 - 5
