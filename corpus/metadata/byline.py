"""Claims from the lines readers see around a title: labels, names, dates, in Chinese and other languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import LONGEST, Claim, tidy
from corpus.metadata.dates import find, is_full
from corpus.metadata.names import NOBODY, OUTLET, is_aside, is_desk, is_person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.metadata.claims import Field

LONGEST_LINE = 200
"""Code points of a line that can be a byline; what is longer is text."""

_LABEL = re.compile(
    # A label begins with one of these, a Latin one where a word begins: most places are passed over at once.
    r"""
    (?: (?=[最更修发發刊出创上投公时時日文稿信新内資资来來責责本期网美执值编編主审校监摄攝图制翻译]
          |[阅閱浏瀏点點评評人字分打收转訂关标作撰采採见特全首记記通报報整口])
      | (?<![^\W_]) (?=[LlUuMmZzAaVvPpCcRrDdSsQFfBbWTt]) )
    (?: (?P<modified_at>
        (?:最[后後近])? (?:更新|修改|修订) (?:时间|時間|日期|于|於)?
      | (?:编辑|編輯) (?:于|於|时间|時間)
      | (?:[Ll]ast\s)? (?:[Uu]pdated?|[Mm]odified) (?:\son|\sat)?
      | (?:[Zz]uletzt\s)? [Aa]ktualisiert (?:\sam)?
      | [Mm]is\sà\sjour (?:\sle)? | [Aa]c?tualizado (?:\sel|\sem)? | [Aa]ggiornato (?:\sil)?
    )
  | (?P<published_at>
        (?:发布|發布|發佈|发表|發表|刊登|刊发|出版|发稿|创建|上线|发帖|投稿|公開)
        (?:时间|時間|日期|日|于|於|(?=\s?[:：]))
      | (?:时间|時間|日期) (?=\s?[:：])
      | (?:(?:[Ff]irst\s)? [Pp]ublished|[Pp]osted|[Cc]reated|[Rr]eleased?) (?:\son|\sat)?
      | [Vv]eröffentlicht (?:\sam)? | [Pp]ublié (?:\sle)?
      | [Pp]ublicado (?:\sel|\sem)? | [Pp]ubblicato (?:\sil)?
      | (?:[Dd]ate|DATE|Datum|Data|Stand) (?=\s?:)
    )
  | (?P<publisher>
        (?:文章|稿件|信息|新闻|新聞|内容|資料|资料)? [来來]\s?源 (?:于|於|自)? (?=\s?[:：丨|/])
      | (?<!\S) [来來]源 (?=\s+[^\s\d])
      | (?:稿源|出[处處]|[Ss]ource|Quelle|Fuente) (?=\s?[:：])
    )
  | (?P<other>
        (?:责任|責任|本期|网络|美术|执行|值班)?
        (?:编辑|編輯|责编|責編|主编|编审|校对|审核|审校|监制|摄影|攝影|图片|制图|翻译|译者|审读|编译
            |记录|記錄|整理|口述)
        (?=\s?[:：丨|/\s])
      | (?:阅读|閱讀|浏览|瀏覽|点击|點擊|(?:评论|評論)(?![员員])|人气) [数數量次]{0,2}
      | 字[号體体] | 字数 | 分享 | 打印 | 收藏 | 转发 | 点赞 | 訂閱 | 关键[词字] | 标签 | 分类
    )
  | (?P<author>
        (?:作\s?者|撰文|撰稿人?|采写|文字) (?=\s?[:：丨|/\s]) | 文 (?=\s?[:：丨|/])
      | (?:本[报報刊网台]|见习|特约|全媒体|首席|新华社)? (?:记者|記者|通讯员) (?=[:：丨|/\s])
      | (?<![^\W_]) (?:采访|採訪|报道|報道|报导|報導) (?=\s?[:：/]\s?[^\W\d_]{2,4}(?![^\W_]))
      | (?:^|(?<=[|·•,\n]\s))
        (?:[Ww]ritten\s[Bb]y|[Bb]y|BY|[Aa]uthor|[Tt]hread\s[Ss]tarter|[Aa]utor(?:in)?|[Vv]on|[Pp]ar|[Pp]or|[Dd]i)
        (?=\s?:|\s+["“]?[A-ZÀ-ÞА-Я])
    ) )
    """,
    re.VERBOSE,
)
_EDGE = " \t\u3000:：|｜丨/·•,，;；-–—()（）[]【】<>《》、"
_STOP = re.compile(
    r"[|｜丨\t\n\r•·]| {2,}|\u3000{1,}| [-–—] |(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])|[;；，(（\[【\]】]"
)
_SPLIT = re.compile(r"[\s|｜丨·•,，/]+")
_ASIDE = re.compile(r"【[^】]{0,30}】|\[[^\]]{0,30}\]")
_COLUMNIST = re.compile(r"(?P<name>[^\s，。,.:：《]{2,8})\s?[·|｜/／]?\s?《[^《》]{1,20}》\s?(?:专栏|專欄)")
_NO_ACCOUNT = re.compile(r"[于於的在]$|发布|發布|发表|推荐|推薦|阅读|评论|更新|关注|编辑|浏览|正文|首页")
# A diary's line after its date: the day of the week, the weather.
_DAY = re.compile(
    r"(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[晴阴陰雨雪雾霧][天转轉]?|[小中大]?[到至]?[中大暴]?[雨雪]|多云|多雲"
)
_TAIL = re.compile(r"\s(?:on|at|in|am|le|el|em|Date|[⋅–—-])$", re.IGNORECASE)
_SENTENCE = re.compile(r"[，。；,;!！?？]")
_NO_NAME = re.compile(r"^[\W\d_]*$|https?:|www\.|@|[。!！?？]")


def claims(line: str, evidence: str, *, is_byline: bool, day_first: bool | None = None) -> list[Claim]:
    """Read what one visible line says of the page: who wrote it, where it is from, when it appeared.

    Editors, photographers and counts are labelled too, and skipped. Names without a label are believed only
    in a line known to be a byline (`is_byline`): `NAME NAME DATE`, where one account is author and publisher.

    >>> for claim in claims("来源:港口日报 作者:林一 编辑:陈二 2025-03-04 06:47", "byline", is_byline=True):
    ...     print(*claim)
    publisher 港口日报 byline
    author 林一 byline
    published_at 2025-03-04T06:47 byline
    """
    if len(line) > LONGEST_LINE or not line.strip():
        return []
    if columnist := _COLUMNIST.fullmatch(line.strip()):
        return [Claim("author", columnist["name"], evidence)]
    found: list[Claim] = []
    rest = line
    marks = list(_LABEL.finditer(line))
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(line)
        label = mark.lastgroup
        value, taken = line[mark.end() : end], end
        if label in {"published_at", "modified_at"}:
            if dated := find(value, day_first=day_first):
                field: Field = "published_at" if label == "published_at" else "modified_at"
                found.append(Claim(field, dated.iso, evidence))
                taken = mark.end() + dated.end
            else:
                taken = mark.end()
        elif label in {"author", "publisher"}:
            name, length = _name(value)
            if name:
                found.append(Claim("author" if label == "author" else "publisher", name, evidence))
            taken = mark.end() + length
        else:
            taken = mark.end() + _name(value)[1]
        rest = rest[: mark.start()] + "\x00" * (taken - mark.start()) + rest[taken:]
    unlabelled = list(_unlabelled(rest, found, evidence, is_byline=is_byline, day_first=day_first))
    # An outlet that stands by itself in the line runs the page; a source named beside it lent the text.
    outlets = [claim for claim in unlabelled if claim.field == "publisher"]
    return outlets + found + [claim for claim in unlabelled if claim.field != "publisher"]


def labelled_date(line: str, *, day_first: bool | None = None) -> str | None:
    """Return the date of publication that a line states under a label, None for any other date.

    >>> labelled_date("阅读 (16) 发表于:2025-03-04 12:30"), labelled_date("2025-03-04 12:30")
    ('2025-03-04T12:30', None)
    """
    if "20" not in line and "19" not in line:
        return None
    for mark in _LABEL.finditer(line):
        if mark.lastgroup == "published_at":
            dated = find(line[mark.end() : mark.end() + 60], day_first=day_first)
            if dated and dated.start <= 6:
                return dated.iso
    return None


def _name(value: str) -> tuple[str, int]:
    """Return the name a labelled value starts with, and how much of the value it takes."""
    start = len(value) - len(value.lstrip(_EDGE))
    stop = _STOP.search(value, start)
    end = stop.start() if stop else len(value)
    dated = find(value[start:end])
    if dated:
        end = start + dated.start
    name = _TAIL.sub("", tidy(value[start:end].strip(_EDGE)))
    if (
        not name
        or len(name) > LONGEST["publisher"]
        or set(name.split("、")) & NOBODY
        or _NO_NAME.search(name)
    ):
        return "", end
    return name, end


def _unlabelled(
    rest: str, found: list[Claim], evidence: str, *, is_byline: bool, day_first: bool | None
) -> Iterator[Claim]:
    """Read the date and the names that stand without a label; `rest` has NUL where labelled values stood."""
    fields = {claim.field for claim in found}
    dated = find(rest.replace("\x00", " "), day_first=day_first)
    if dated is not None and "published_at" not in fields:
        left = rest.replace("\x00", " ").strip()
        alone = is_full(dated.iso) and 2 * (dated.end - dated.start) >= len(left)
        # A time of day is written by machines; a date that opens a line without a sentence stands by itself.
        stamped = "T" in dated.iso and len(left) <= 80
        opening = (
            is_full(dated.iso)
            and rest[: dated.start].strip() == ""
            and len(left) <= 60
            and not _SENTENCE.search(left)
        )
        if is_byline or alone or fields or stamped or opening:
            yield Claim("published_at", dated.iso, evidence if is_byline or fields else f"{evidence}:bare")
    named = fields & {"author", "publisher"}
    if is_byline and (dated is not None or named):
        yield from _named(rest, (dated.start, dated.end) if dated else None, named, evidence)


def _named(rest: str, dated: tuple[int, int] | None, named: set[Field], evidence: str) -> Iterator[Claim]:
    """Read names without a label: `AUTHOR ACCOUNT DATE`, `OUTLET PERSON DATE`, `OUTLET DATE 作者:PERSON`.

    `dated` is the place of the date, `named` the fields that labels have told.
    """
    remainder = f"{rest[: dated[0]]} {rest[dated[1] :]}" if dated else rest
    remainder = _ASIDE.sub(" ", remainder.replace("\x00", " ")).strip()
    names = [name for name in _SPLIT.split(remainder) if name and not _NO_NAME.search(name)]
    names = [name for name in names if not (is_aside(name) or is_desk(name))]
    if not 0 < len(names) <= 3 or not all(1 < len(name) <= 20 for name in names):
        return
    if named:
        # What is left beside labelled names is the outlet, if it is called like one.
        if len(names) == 1 and OUTLET.search(names[0]) and names[0] not in NOBODY:
            yield Claim("publisher", names[0], evidence)
        return
    if any(name in NOBODY or _DAY.fullmatch(name) or _NO_ACCOUNT.search(name) for name in names):
        return
    # `AUTHOR ACCOUNT DATE` is how pages of accounts head their posts; one account's name often stands twice.
    if len(names) == 1 and OUTLET.search(names[0]):
        yield Claim("publisher", names[0], evidence)
    elif not names[0].isascii():
        swapped = len(names) == 2 and is_person(names[1]) and not is_person(names[0])
        author, *others = reversed(names) if swapped else names
        yield Claim("author", author, evidence)
        if len(others) == 1:
            yield Claim("publisher", others[0], evidence)
