"""Hard-wrapped Chinese dumps whose paragraphs are told by their indents; lines that say what they are."""

from __future__ import annotations

import pytest

from corpus.clean import clean
from corpus.clean.text_lines import units
from corpus.records import KEPT_ROLES

WIDTH = 30

PARAGRAPHS = (
    "清溪镇的旧堰今年春天重新垒了起来，石匠们说，上一回修它，还是他们祖父的年月，那时候全镇的人都来抬石头。",
    "水务站的账上写着，用石2300方，工钱18万元，比预算省下4万元，省下的钱拿去修了通往磨坊的小路。",
    "磨坊主人每天都来看，还带了茶。他说水声回来了，夜里才睡得着，前几年断水，他反而总是醒。",
    "镇上的小学生给每一段新堰起了名字，写在木牌上，插在堤边，谁路过都要念一遍，念到最后一块就到了校门口。",
)


def wrapped(paragraph: str) -> str:
    text = "\u3000\u3000" + paragraph
    return "\n".join(text[at : at + WIDTH] for at in range(0, len(text), WIDTH))


DUMP = "旧堰重修\n清溪报 2031年05月08日 记者 柳溪石\n======================\n" + "\n".join(
    map(wrapped, PARAGRAPHS)
)


def test_paragraphs_told_by_indents_are_joined() -> None:
    texts = [unit.text for unit in units(DUMP + "\n\n" + "\n".join(map(wrapped, PARAGRAPHS)))]
    assert [text for text in texts if text in PARAGRAPHS] == [*PARAGRAPHS, *PARAGRAPHS]


def test_a_drawn_line_is_joined_to_nothing() -> None:
    raw = DUMP + "\n" + "=" * 60 + "\n【打印】【关闭】"
    assert "=" * 60 in [unit.text for unit in units(raw)]


@pytest.mark.parametrize(
    "line",
    [
        "（责任编辑 柳小满）",
        "【图】石匠在堰上。记者 柳溪石 摄",
        "【打印】【关闭】【返回顶部】",
        "上一篇：磨坊换了新水轮，镇上又热闹起来",
    ],
)
def test_a_line_below_the_body_that_says_what_it_is_is_dropped(line: str) -> None:
    blocks = clean(f"{DUMP}\n{line}\n", "text")
    assert [block.role in KEPT_ROLES for block in blocks if block.text == line] == [False]
