"""The margins of the main text: short lines that stand among it and are something else, and the reverse.

The network sees blocks of main text; what it cannot see well is the single short line at their edge. Each
rule here looks at one line, its element and its kept neighbours, and overrules the network only where the
line says itself what it is.
"""

from __future__ import annotations

import html
import re
from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING, Final

from corpus.clean.roles import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.clean.html import Layout
    from corpus.clean.units import Unit

RULES: Final = {
    "title_line": "the line is the page's title, or the part of it before the site's name",
    "above_title": "a short line above the title",
    "byline_line": "a line before the main text that names a date and who wrote or published it",
    "time_line": "a line that is nothing but a time",
    "caption_line": "a short line that credits a picture",
    "picture_line": "a short text that stands alone with a picture in an element of their own",
    "disclaimer_line": "a line that disclaims responsibility or speaks of reprinting",
    "advertisement_line": "a short line that begins by calling itself an advertisement",
    "interface_line": "a short line that counts likes or asks to follow, share or vote",
    "related_line": "a short line that points to another page",
    "menu_line": "a line of short entries between separators",
    "bold_line": "a short bold line without a full stop before a paragraph",
    "standfirst_line": "sentences right behind the title, beside it, in an element named after a standfirst",
    "signature_line": "who signs a notice and its date, right behind its last paragraph",
    "entry_line": "a paragraph that is an entry of a list",
    "between_main_text": "a heading between two kept units of its own element",
    "entry_in_text": "an entry of a list most of whose entries are kept",
    "table_in_text": "a row of a table that stands between two kept units of the element the table is in",
}

SHORT: Final = 60
"""Code points of the longest line that is taken for a caption, a prompt or a heading."""

PICTURE: Final = 4000
"""So many code points are searched for a picture before its caption."""

LIST: Final = 200
"""Entries of the longest list that is looked at as a whole."""

TOLD: Final = 6
"""Code points from which a line that repeats a part of the title is told by that alone."""

_TITLE: Final = re.compile(r"<title[^>]*>([^<]{1,400})", re.IGNORECASE)
_SITE: Final = re.compile(r"\s+[-–—|｜_·»:：]+\s+|[|｜_]|\s*[-–—]{2,}\s*")
_DATE: Final = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}\s*[./]\s*\d{1,2}\s*[./]\s*\d{4}"
    r"|\b\d{1,2}\.?\s+(?:de\s+)?[A-Za-zÀ-ž]{3,10}\.?,?\s+(?:de\s+)?\d{4}\b"
    r"|\b[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}\b|\d{1,2}\s*[-月]\s*\d{1,2}日?\s+\d{1,2}:\d{2}"
)
_TIME: Final = re.compile(
    r"[\[(（【]?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?\s*(?:[AaPp]\.?[Mm]\.?)?[\])）】]?\s*\S{0,3}"
)
_SENTENCE: Final = re.compile(r"[。！？!?.…]\s*[”’」』\"']?\s*$|[。！？].")
_CAPTION: Final = re.compile(
    r"^[▲△▼◎↑↓]|^(?:图|圖|图片|圖片|图为|圖為|图源|圖源)\s*[:：/／|｜]|"
    r"[（(](?:资料|資料|档案|檔案)(?:图|圖|照)片?[）)]\s*$|"
    r"(?:示意|资料|資料|网络|網絡)[图圖]片?$|制[图圖]\s*[:：/／]\s*\S{2,12}$|[。\s]\S{2,8}(?:资料|資料)[图圖]?片?$|"
    r"^[【\[](?:图|圖|图片|圖片)\s*\d*[】\]]|^[图圖表]\s*[一二三四五六七八九十\d]{1,3}\s*[:：]|"
    r"[（(/／\s。](?:\S{0,8}\s?\S{2,4}\s?)?[摄攝][）)]?\s*$|"
    r"^(?:Photo|Image|Picture|Foto|Bild)\s*(?:by|credit|courtesy)?\s*[:：]",
    re.IGNORECASE,
)
_DISCLAIMER: Final = re.compile(
    r"^[（(【\[*＊]*\s*(?:(?:免责|免責|版权|版權|郑重|特别|重要)?(?:声明|聲明|提示)\s*[:：]|"
    r"(?:disclaimer|copyright notice)\s*:|"
    r"(?:本文|本站|本网|本報|本报|来函|來函|文章|以上)[^。]{0,30}"
    r"(?:不代表|仅代表|僅代表|转自|轉自|转载|轉載|首发|首發|来稿|來稿|侵权|侵權|仅供参考|僅供參考|文责自负|文責自負)|"
    r"(?:本文|本站|本网|本網|本刊|本号|本號)[^。]{0,24}(?:不对|不對|不承担|不承擔|不负|不負)[^。]{0,16}(?:责任|責任)|"
    r"未经[^。]{0,12}(?:不得|禁止|严禁)|\S{0,16}(?:纯属|純屬|均为|均為|系|係|为|為)(?:虚构|虛構))",
    re.IGNORECASE,
)
_ADVERTISEMENT: Final = re.compile(
    r"^[【\[]?(?:广告|廣告|広告|推广|推廣|赞助|贊助|advertisement|anzeige|publicité)[】\]]?(?:\s|[|｜:：]|$|(?=[^\w]))",
    re.IGNORECASE,
)
_INTERFACE: Final = re.compile(
    r"^(?:没有更多|沒有更多|没有了|已经到底|加载更多|載入更多|查看更多|已加载全部).{0,6}$|"
    r"^[👆👇☝📮⬆⬇]\W*\S.{0,40}$|(?:加个|加個|设为|設為)星[标標]|后台回复[“「]|^(?:\W*[【\[][^】\]]{2,8}[】\]]\W*){2,}$|"
    r"^[\d,.]+\s*(?:万|萬)?\+?\s*(?:人|位)?(?:网友)?(?:赞同|贊同|点赞|點贊|阅读|閱讀|喜欢|评论|評論)|"
    r"(?:点击|點擊|点一下|戳)(?:上方|下方|左下角)?.{0,8}(?:关注|關注|阅读|订阅|查看)|点个.{0,3}(?:在看|赞)|"
    r"^(?:字体|字號|字号|大\s*中\s*小)\s*[:：]|^【?大\s*中\s*小】?$|自动刷新|自動更新|"
    r"^(?:本帖)?最后由.{1,20}(?:编辑|編輯)|(?:继续|繼續)(?:往下)?(?:阅读|閱讀)$|"
    r"^(?:sign up|subscribe|share this|follow us|read more|click here)\b.{0,40}$",
    re.IGNORECASE,
)
# What a forum writes around a post: the floor it stands on, the rank of who wrote it.
_POST: Final = re.compile(
    r"(?:沙发|沙發|板凳|地板|地下室|楼主|樓主|第?\d{1,5}\s*[#＃楼樓Ff])"
    r"|(?:新手上路|(?:初级|中级|高级|初級|中級|高級|金牌|银牌|铜牌|论坛|普通|认证|註冊|注册|资深)(?:会员|會員|用户|元老|用戶))"
)
_RELATED: Final = re.compile(
    r"^\W*(?:(?:related|read (?:also|more|next)|also read|see also|more (?:from|on)|watch|recommended|"
    r"don.t miss|lesen sie auch|mehr zum thema|lesetipp|lire aussi|à lire aussi|lee también|"
    r"leia (?:também|mais)|leggi anche|"
    r"читайте также|相关(?:阅读|新闻|链接|报道|文章)|延伸阅读|推荐阅读|更多阅读|"
    r"相關(?:閱讀|新聞|報導)|延伸閱讀|関連記事)\s*[:：|｜>»\-–—]|"
    r"(?:you may also like|you might also like|up next|related (?:stories|articles|content|posts)|"
    r"recommended (?:for you|stories)|most read|more stories|don.t miss|see more)\b.{0,12}$|"
    r"(?:see more|don.t miss)\s*:|the post\b.{1,160}\bappeared first on\b.{1,80}$|"
    r"[上下]一?[篇条條则則]\s*[:：])",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    r"\S{2,24}(?:局|部|厅|廳|委|委员会|委員會|办公室|辦公室|政府|法院|检察院|公司|协会|協會|大学|大學)"
)
_DAY: Final = re.compile(
    r"[\d〇零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
)
_STANDFIRST: Final = re.compile(
    r"\b(?:class|id|itemprop)\s*=\s*(?P<quote>[\"'])[^\"'>]{0,200}?"
    r"(?<![A-Za-z])(?:dek|deck|standfirst|stand-first|subtitle|sub-title|alternativeHeadline)(?![A-Za-z])",
    re.IGNORECASE,
)
_WRITER: Final = re.compile(
    r"记者|記者|作者|撰文|编辑|編輯|责编|来源|來源|文\s*[/／|｜]|采访|採訪|^\s*(?:by|von|par|por|di)\s+[A-ZÀ-Ž]",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(
    r"[（(【]?(?:责任|責任)?(?:编辑|編輯|校对|校對|审核|審核)\s*[:：]|(?:索引号|索引號|文号|文號|发文机关|发布机构|发布日期|成文日期|主题词|主題詞|发布时间|發布時間|更新时间|更新時間)\s*[:：]"
)
_PLACE: Final = re.compile(
    r"(?:您|你)?(?:现在|現在|当前|目前)?(?:的|所在)?位置\s*[:：]|you are here\s*:", re.IGNORECASE
)
_SEPARATOR: Final = re.compile(r"\s*(?:[|｜·•>»›]|->|→)\s*")
_SPEAKER: Final = re.compile(r"[^\s:：，,。]{1,8}\s?[:：]")
_QUESTION: Final = re.compile(r"[?？]\s*[”’」』\"']?$")


def settle(raw: str, page: Layout, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Overrule the verdicts on single lines at the margins of the main text; all others stay."""
    made = list(verdicts)
    titles = _titles(raw)
    for find, verdict in _WITHIN:
        for at in find(page, made):
            made[at] = verdict
    titled = _title_at(page, made, titles)
    if titled >= 0 and made[titled].role != "title":
        made[titled] = Verdict("title", "title_line")
    kept = [at for at, verdict in enumerate(made) if verdict.role in _KEPT]
    standfirsts = dict.fromkeys(_standfirsts(raw, page, titled, kept), "standfirst_line")
    for at, rule in (standfirsts | dict.fromkeys(_signatures(page, kept), "signature_line")).items():
        made[at] = Verdict("paragraph", rule)
    body = next((at for at in kept if _is_sentences(page.units[at].text)), len(made))
    for at, after in zip_longest(kept, kept[1:], fillvalue=-1):
        text = page.units[at].text
        if at < body and len(text) >= TOLD and _squeezed(text) in titles:
            made[at] = Verdict("title", "title_line")
        elif at < titled and len(text) <= SHORT and not _is_sentences(text):
            made[at] = Verdict("navigation", "above_title")
        elif _is_byline(text, early=at < body):
            made[at] = Verdict("byline", "byline_line")
        elif _is_caption(raw, page, at):
            made[at] = Verdict("caption", "picture_line")
        else:
            made[at] = _line_fate(text) or _shape(page, at, after, made[at])
    return _gallery(page, made, verdicts)


def _gallery(page: Layout, made: list[Verdict], before: Sequence[Verdict]) -> list[Verdict]:
    """Give captions back where they are most of the text: the captions of a gallery are its story."""
    captions = [at for at, verdict in enumerate(made) if verdict.rule in {"caption_line", "picture_line"}]
    rest = sum(len(page.units[at].text) for at, verdict in enumerate(made) if verdict.role in _KEPT)
    if sum(len(page.units[at].text) for at in captions) > rest:
        for at in captions:
            made[at] = before[at]
    return made


def _shape(page: Layout, at: int, after: int, verdict: Verdict) -> Verdict:
    """What a kept paragraph is by its type and element: a bold line is a heading, an entry a list item."""
    unit = page.units[at]
    if verdict.role == "paragraph" and _is_heading(unit, page.units[after] if after >= 0 else None):
        return Verdict("heading", "bold_line")
    if verdict.role == "paragraph" and page.nodes.name[page.nodes.parent[unit.node]] == "li":
        return Verdict("list_item", "entry_line")
    return verdict


def _title_at(page: Layout, verdicts: Sequence[Verdict], parts: set[str]) -> int:
    """The unit that shows the page's title, -1 where none does."""
    titles = {part for part in parts if len(part) >= TOLD}
    short = parts - titles
    for at, (unit, verdict) in enumerate(zip(page.units, verdicts, strict=True)):
        squeezed = _squeezed(unit.text) if len(unit.text) <= 3 * SHORT else ""
        if verdict.role == "title" or (squeezed in titles and not unit.linked):
            return at
        h1 = page.nodes.name[unit.node] == "h1"
        if h1 and len(squeezed) >= 6 and any(squeezed in title or title in squeezed for title in titles):
            return at
        if verdict.role in _KEPT and _is_sentences(unit.text):
            break
    return next((at for at, unit in enumerate(page.units) if _is_short_title(page, unit, short)), -1)


def _is_short_title(page: Layout, unit: Unit, short: set[str]) -> bool:
    """Whether a unit is a title of few characters: only where the page's first heading says the same."""
    return page.nodes.name[unit.node] == "h1" and not unit.linked and _squeezed(unit.text) in short


_KEPT: Final = frozenset(("paragraph", "heading", "list_item", "quote"))


def _titles(raw: str) -> set[str]:
    """The page's title and its parts, without white space."""
    match = _TITLE.search(raw, 0, 200_000)
    if not match:
        return set()
    whole = html.unescape(match[1]).strip()
    parts = [whole, *_SITE.split(whole)]
    return {squeezed for part in parts if len(squeezed := _squeezed(part)) >= 2}


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _is_sentences(text: str) -> bool:
    return len(text) >= 40 and bool(_SENTENCE.search(text))


def _is_byline(text: str, *, early: bool) -> bool:
    """Whether a line dates or signs the page; behind the first sentences it must do both, or name a field."""
    if len(text) > 2 * SHORT or _SENTENCE.search(text):
        return False
    if _FIELD.match(text):
        return True
    dated = _DATE.search(text)
    signed = _WRITER.search(text)
    if dated and len(text) - len(dated[0]) <= SHORT:
        return early or bool(signed)
    return early and len(text) <= SHORT // 2 and bool(signed)


def _line_fate(text: str) -> Verdict | None:
    """What a line says itself to be, None where it says nothing or is too long for a line."""
    if len(text) > 3 * SHORT:
        return None
    for rule, fits in _LINE_RULES.items():
        if fits(text):
            return Verdict(rule.split("_")[0] if rule not in _ROLES else _ROLES[rule], rule)
    return None


def _is_caption(raw: str, page: Layout, at: int) -> bool:
    """Whether a unit is the only text of an element that holds a picture before it."""
    unit, nodes = page.units[at], page.nodes
    around = nodes.parent[unit.node]
    if not unit.images or len(unit.text) > 2 * SHORT or around <= 0:
        return False
    alone = nodes.first[around] == at and nodes.last[around] == at + 1
    return alone and "<img" in raw[nodes.end[around] : unit.start][:PICTURE].lower()


def _is_menu(text: str) -> bool:
    """Whether a line is a menu or a breadcrumb: four entries or more, most of them short."""
    if len(text) > 3 * SHORT:
        return False
    parts = _SEPARATOR.split(text)
    short = sum(len(part) <= SHORT // 5 for part in parts)
    return bool(_PLACE.match(text)) or (len(parts) >= 4 and short >= 0.75 * len(parts))


_ROLES: Final = {"time_line": "byline", "menu_line": "navigation"}

_LINE_RULES: Final[dict[str, Callable[[str], object]]] = {
    "time_line": _TIME.fullmatch,
    "caption_line": lambda text: len(text) <= SHORT and _CAPTION.search(text),
    "disclaimer_line": _DISCLAIMER.search,
    "advertisement_line": lambda text: len(text) <= SHORT and _ADVERTISEMENT.search(text),
    "interface_line": lambda text: (
        len(text) <= SHORT // 2 and (_INTERFACE.search(text) or _POST.fullmatch(text))
    ),
    "related_line": lambda text: len(text) <= 2 * SHORT and _RELATED.search(text),
    "menu_line": _is_menu,
}


def _is_heading(unit: Unit, after: Unit | None) -> bool:
    """Whether a kept line is bold throughout, short, no sentence, and before text that is not bold."""
    if (
        unit.bold < unit.size * 0.95
        or not unit.size
        or unit.linked
        or len(unit.text) > SHORT
        or after is None
    ):
        return False
    if _QUESTION.search(unit.text) and (len(unit.text) > SHORT // 3 or _SPEAKER.match(unit.text)):
        return False  # an interviewer's questions are set in bold too
    return not _SENTENCE.search(unit.text.rstrip("?？!！")) and after.bold < after.size * 0.95


def _standfirsts(raw: str, page: Layout, titled: int, kept: Sequence[int]) -> list[int]:
    """The dropped lines between the title and the text that the page itself calls the standfirst."""
    if titled < 0 or not kept or kept[0] <= titled:
        return []
    units, nodes = page.units, page.nodes
    around = nodes.parent[units[titled].node]
    return [
        at
        for at in range(titled + 1, min(titled + 3, kept[0]))
        if nodes.parent[units[at].node] == around
        and not units[at].linked
        and _is_sentences(units[at].text)
        and _STANDFIRST.search(raw[nodes.start[units[at].node] : units[at].start][:PICTURE].partition(">")[0])
    ]


def _signatures(page: Layout, kept: Sequence[int]) -> list[int]:
    """The lines behind the last kept unit, in its element, that sign a notice as offices do.

    Before annexes a notice is signed in its midst: there office and date must stand together.
    """
    found: list[int] = []
    for at in kept[:-1]:
        lines = page.units[at + 1 : at + 3]
        if len(lines) == 2 and _OFFICE.fullmatch(lines[0].text) and _DAY.fullmatch(lines[1].text):
            found += [at + 1, at + 2]
    if found or not kept:
        return found
    last = page.units[kept[-1]]
    for at in range(kept[-1] + 1, min(kept[-1] + 4, len(page.units))):
        unit = page.units[at]
        beside = page.nodes.parent[unit.node] == page.nodes.parent[last.node]
        signs = _OFFICE.fullmatch(unit.text) or (found and _DAY.fullmatch(unit.text))
        if not (beside and signs) or unit.linked:
            break
        found.append(at)
    return found


_NO_ROW: Final = frozenset(("hidden", "form_control", "ad_words", "comment_words", "title"))


def _tables(page: Layout, verdicts: Sequence[Verdict]) -> list[int]:
    """Dropped rows of the tables that stand in the main text.

    A table does if it has rows of several cells, hardly a link, and text of the same element is kept right
    before it and right behind it: menus and boxes laid out as tables stand beside the text, not in it.
    """
    nodes, units = page.nodes, page.units
    found: list[int] = []
    tables = [node for node, name in enumerate(nodes.name) if name == "table"]
    if not tables:
        return found
    cells = [0, *accumulate("\t" in unit.text for unit in units)]
    links = [0, *accumulate(unit.linked > 0 for unit in units)]
    for node in tables:
        first, last = nodes.first[node], nodes.last[node]
        if last - first < 2 or nodes.hidden[node] or not 0 < first < last < len(units):
            continue
        around = nodes.parent[node]
        if first - 1 < nodes.first[around] or last >= nodes.last[around]:
            continue
        beside = verdicts[first - 1].role in _KEPT and verdicts[last].role in _KEPT
        rows = 2 * (cells[last] - cells[first]) >= last - first and links[last] == links[first]
        if beside and rows and (not found or first > found[-1]):
            found += [
                at
                for at in range(first, last)
                if verdicts[at].role not in _KEPT and verdicts[at].rule not in _NO_ROW
            ]
    return found


def _entries(page: Layout, verdicts: Sequence[Verdict]) -> list[int]:
    """Dropped entries of lists most of whose entries are kept: a list stands or falls as a whole."""
    nodes, units = page.nodes, page.units
    found = []
    for node in [node for node, name in enumerate(nodes.name) if name in {"ul", "ol"}]:
        entries = range(nodes.first[node], nodes.last[node])
        if not 3 <= len(entries) <= LIST:
            continue
        dropped = [at for at in entries if verdicts[at].role not in _KEPT]
        if 0 < len(dropped) < len(entries) / 2:
            found += [at for at in dropped if verdicts[at].rule == "not_main_text" and not units[at].linked]
    return found


def _gaps(page: Layout, verdicts: Sequence[Verdict]) -> list[int]:
    """Dropped headings that stand between two kept units of the element they are in."""
    nodes = page.nodes
    found = []
    for at in range(1, len(verdicts) - 1):
        before, unit, after = page.units[at - 1], page.units[at], page.units[at + 1]
        dropped = verdicts[at].rule in {"not_main_text", "interface_words"}
        if not dropped or unit.linked or len(unit.text) > SHORT:
            continue
        if not (verdicts[at - 1].role in _KEPT and verdicts[at + 1].role in _KEPT):
            continue
        bold = unit.bold >= unit.size * 0.95 and unit.size
        if not (bold or nodes.name[unit.node] in {"h2", "h3", "h4", "h5", "h6"}):
            continue
        if nodes.parent[unit.node] in {nodes.parent[before.node], nodes.parent[after.node]}:
            found.append(at)
    return found


_WITHIN: Final[tuple[tuple[Callable[[Layout, Sequence[Verdict]], list[int]], Verdict], ...]] = (
    (_gaps, Verdict("heading", "between_main_text")),
    (_tables, Verdict("paragraph", "table_in_text")),
    (_entries, Verdict("list_item", "entry_in_text")),
)
"""What is given back where the text around it is kept, in this order."""
