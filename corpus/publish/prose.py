"""Numbers in prose that claim a total: `72 documents`, `seventy-two documents`, `七十二篇`.

A number counts as a claim where a counted noun follows it at once. "2 of the documents", "2 Chinese
documents" and the numbers one and 一 ("one document at a time") claim nothing about the whole, and neither do
ordinals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NOUNS = {
    "documents": (("documents", "pages"), ("篇", "个文档", "个页面", "份文档")),
    "paragraphs": (("paragraphs",), ("段", "个段落")),
    "sources": (("sources", "outlets"), ("个来源", "家媒体")),
    "annotators": (("annotators",), ("位标注者", "名标注者", "个标注者", "位标注员", "名标注员")),
    "annotations": (("annotations",), ("条标注", "个标注")),
    "mentions": (("mentions", "entity mentions"), ("处提及", "个实体")),
    "stances": (("stances",), ("条立场", "个立场")),
    "targets": (("targets",), ("个目标", "个对象")),
    "languages": (("languages",), ("种语言", "种语文")),
}
"""Figure -> the nouns that count it: English, and Chinese with their measure words."""

_ONES = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {
    **{word: number for number, word in enumerate((*_ONES, *_TEENS, "nineteen"), 2)},
    **{
        f"{ten}-{one}" if one else ten: 10 * tens + number
        for tens, ten in enumerate(_TENS, 2)
        for number, one in enumerate(("", "one", *_ONES))
    },
}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_SMALLEST = 2
_LONGEST = 20
"""Characters of a number that may be a count; Python refuses to read very long ones."""

_FIGURE_OF = {noun: figure for figure, forms in NOUNS.items() for form in forms for noun in form}


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_ENGLISH = re.compile(
    rf"(?<![\w.,/-])(\d{{1,3}}(?:,\d{{3}})+|\d+|{_any(list(_WORDS))})\s+"
    rf"({_any([noun for english, _ in NOUNS.values() for noun in english])})\b",
    re.IGNORECASE,
)
_NUMERALS = "〇零一二三四五六七八九十百千万两兩"
_CHINESE_NOUNS = _any([noun for _, chinese in NOUNS.values() for noun in chinese])
_CHINESE = re.compile(
    rf"(?<![第A-Za-z0-9_.,/-])(?<!第 )(\d{{1,3}}(?:,\d{{3}})+|\d+)\s*({_CHINESE_NOUNS})"
    rf"|(?<!第)(?<!第 )(?<![{_NUMERALS}])([{_NUMERALS}]+)\s*({_CHINESE_NOUNS})"
)


class Claim(NamedTuple):
    """A total that prose claims: where, in which words, of which figure, and how many."""

    at: int
    words: str
    figure: str
    total: int


def claims(prose: str) -> Iterator[Claim]:
    """Find the totals that prose claims, in the order of their places.

    >>> [(claim.figure, claim.total) for claim in claims("1,650 stances of six annotators; 七十二篇，第三段")]
    [('stances', 1650), ('annotators', 6), ('documents', 72)]
    >>> list(claims("2 of the documents, one annotator, 3 English pages"))
    []
    """
    found = []
    for match in (*_ENGLISH.finditer(prose), *_CHINESE.finditer(prose)):
        number, noun = (group for group in match.groups() if group is not None)
        count = _value(number.lower())
        if count is not None and count >= _SMALLEST:
            words = " ".join(match.group().split())
            found.append(Claim(match.start(), words, _FIGURE_OF[noun.lower()], count))
    return iter(sorted(found))


def _value(number: str) -> int | None:
    if len(number) > _LONGEST:
        return None
    if number in _WORDS:
        return _WORDS[number]
    if number[0].isascii():
        return int(number.replace(",", ""))
    return _chinese(number)


def _chinese(number: str) -> int | None:
    """Read a Chinese numeral; None where it is none, such as 千万.

    >>> [_chinese(number) for number in ("七十二", "十", "两百零五", "一万两千", "二〇二五", "百十")]
    [72, 10, 205, 12000, 2025, None]
    """
    if "万" in number:
        high, _, low = number.partition("万")
        parts = (_chinese(high) if high else None, _chinese(low) if low else 0)
        return None if parts[0] is None or parts[1] is None else 10_000 * parts[0] + parts[1]
    if all(sign in _DIGITS for sign in number):
        return int("".join(str(_DIGITS[sign]) for sign in number))
    total, digit, last = 0, None, 10_000
    for place, sign in enumerate(number):
        if sign in _DIGITS:
            digit = _DIGITS[sign] or digit
            continue
        unit = _UNITS[sign]
        if unit >= last or (digit is None and (unit != 10 or place)):
            return None
        total, digit, last = total + unit * (1 if digit is None else digit), None, unit
    return total + (digit or 0)
