"""Claims from the lines readers see around a title: labels, names and dates in Chinese, English and others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from corpus.metadata.claims import LONGEST, Claim, tidy
from corpus.metadata.dates import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.metadata.claims import Field

LONGEST_LINE = 200
"""Code points of a line that can be a byline; what is longer is text."""

Label = Literal["author", "publisher", "published_at", "modified_at", "other"]

_LABELS: tuple[tuple[Label, str], ...] = (
    ("modified_at", r"(?:最[后後近])?(?:更新|修改|修订)(?:时间|時間|日期|于|於)?|(?:[Ll]ast )?(?:[Uu]pdated?|[Mm]odified)(?: on| at)?"
     r"|(?:[Zz]uletzt )?[Aa]ktualisiert(?: am)?|[Mm]is à jour(?: le)?|[Aa]ctualizado(?: el)?|[Aa]tualizado(?: em)?|[Aa]ggiornato(?: il)?"),
    ("published_at", r"(?:发布|發布|發佈|发表|發表|刊登|刊发|出版|发稿|创建|上线|发帖|投稿|公開)(?:时间|時間|日期|日|于|於)|(?:时间|時間|日期)(?=\s?[:：])|"
     r"(?:(?:[Ff]irst )?[Pp]ublished|[Pp]osted|[Cc]reated|[Rr]eleased?)(?: on| at)?|[Vv]eröffentlicht(?: am)?|[Pp]ublié(?: le)?|"
     r"[Pp]ublicado(?: el| em)?|[Pp]ubblicato(?: il)?|(?:[Dd]ate|Datum|Stand|DATE)(?=\s?:)"),
    ("publisher", r"(?:文章|稿件|信息|新闻|新聞|内容|資料|资料)?[来來]\s?源(?:于|於|自)?(?=\s?[:：丨|/])|稿源(?=\s?[:：])|出[处處](?=\s?[:：])|(?:[Ss]ource|Quelle|Fuente)(?=\s?:)"),
    ("other", r"(?:责任|責任|本期|网络|美术|执行|值班)?(?:编辑|編輯|责编|責編|主编|编审|校对|审核|审校|监制|摄影|攝影|图片|制图|翻译|译者|审读|编译)(?=\s?[:：丨|/\s])"
     r"|(?:阅读|閱讀|浏览|瀏覽|点击|點擊|评论|評論|人气|字[号體体]|字数|分享|打印|收藏|转发|点赞|訂閱|关键[词字]|标签|分类)(?:[数數量次]{1,2})?"),
    ("author", r"(?:作\s?者|撰文|撰稿人?|撰稿|采写|文字)(?=\s?[:：丨|/\s])|文(?=\s?[:：丨|/])|(?:本[报報刊网台]|见习|特约|全媒体|首席|新华社)?(?:记者|記者|通讯员)"
     r"(?=[:：丨|/\s])|(?:^|(?<=[|·•,\n]\s))(?:[Ww]ritten [Bb]y|[Bb]y|BY|[Aa]uthor|[Aa]utor(?:in)?|[Vv]on|[Pp]ar|[Pp]or|[Dd]i)(?=\s?:|\s+[\"“]?[A-ZÀ-ÞА-Я])"),
)  # fmt: skip
_LABEL = re.compile("|".join(f"(?P<{label}>{pattern})" for label, pattern in _LABELS))
_EDGE = " \t\u3000:：|｜丨/·•,，;；-–—()（）[]【】<>《》、"
_STOP = re.compile(
    r"[|｜丨\t\n\r•·]| {2,}|\u3000{1,}| [-–—] |(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])|[;；，(（\[【]"
)
_SPLIT = re.compile(r"[\s|｜丨·•,，/]+")
_PUBLISHING = re.compile(
    r"(?:网|網|报|報|社|台|臺|刊|频道|新闻|新聞|传媒|日报|在线|News|Times|Post|Daily|Journal|Press)$"
)
_NO_NAME = re.compile(r"^[\W\d_]*$|https?:|www\.|@|[。!！?？]")


def claims(line: str, evidence: str, *, is_byline: bool, day_first: bool | None = None) -> list[Claim]:
    """Read what one visible line says of the page: who wrote it, where it is from, when it appeared.

    Editors, photographers and counts are labelled too, and skipped. Names without a label are believed only
    in a line known to be a byline (`is_byline`): `NAME NAME DATE`, where one account is author and publisher.

    >>> claims("来源:港口日报 作者:林一 2025-03-04 06:47", "byline", is_byline=True)[1:]  # doctest: +NORMALIZE_WHITESPACE
    [Claim(field='author', value='林一', evidence='byline'),
     Claim(field='published_at', value='2025-03-04T06:47', evidence='byline')]
    """
    if len(line) > LONGEST_LINE or not line.strip():
        return []
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
    found.extend(_unlabelled(rest, found, evidence, is_byline=is_byline, day_first=day_first))
    return found


def _name(value: str) -> tuple[str, int]:
    """Return the name a labelled value starts with, and how much of the value it takes."""
    start = len(value) - len(value.lstrip(_EDGE))
    stop = _STOP.search(value, start)
    end = stop.start() if stop else len(value)
    dated = find(value[start:end])
    if dated:
        end = start + dated.start
    name = tidy(value[start:end].strip(_EDGE))
    if not name or len(name) > LONGEST["publisher"] or _NO_NAME.search(name):
        return "", end
    return name, end


def _unlabelled(
    rest: str, found: list[Claim], evidence: str, *, is_byline: bool, day_first: bool | None
) -> Iterator[Claim]:
    fields = {claim.field for claim in found}
    dated = find(rest.replace("\x00", " "), day_first=day_first)
    if dated is None:
        return
    remainder = rest[: dated.start] + " " + rest[dated.end :]
    alone = 2 * (dated.end - dated.start) >= len(rest.replace("\x00", "").strip())
    if "published_at" not in fields and (is_byline or alone or fields):
        yield Claim("published_at", dated.iso, evidence)
    if not is_byline or fields & {"author", "publisher"}:
        return
    names = [
        name
        for name in _SPLIT.split(remainder.replace("\x00", " ").strip())
        if name and not _NO_NAME.search(name)
    ]
    if not 0 < len(names) <= 3 or not all(1 < len(name) <= 20 for name in names):
        return
    # `AUTHOR ACCOUNT DATE` is how pages of accounts head their posts; one account's name often stands twice.
    if len(names) == 1 and _PUBLISHING.search(names[0]):
        yield Claim("publisher", names[0], evidence)
    elif not names[0].isascii():
        yield Claim("author", names[0], evidence)
        if len(names) == 2:
            yield Claim("publisher", names[1], evidence)
