"""What each unit of a plain-text page is for: body or not is known by now, role and rule are named here.

The page is read in zones: head (before the body), body, comment section, tail. Tell-tale words only count in
the zone where they mean what they say, so an article that quotes readers or speaks of sharing stays whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.clean import text_model
from corpus.clean import text_words as words
from corpus.clean.text_features import ALONE
from corpus.clean.text_lines import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.text_features import Matrix
    from corpus.clean.text_lines import Unit

_COLUMN = {name: column for column, name in enumerate(ALONE)}
_HEADING = 72  # columns: a heading line of 36 Chinese characters or a dozen English words
_TITLE = 180  # columns a title may take: long ones of news portals reach 150


class Fate(NamedTuple):
    """The role of a unit and the rule that gave it."""

    role: str
    rule: str


class Page(NamedTuple):
    """A page under way: its units, what was seen of them, and which belong to the body.

    `seen` are the rows of ALONE, `signs` the same as truth values a column, `tokens` their number a unit.
    """

    units: Sequence[Unit]
    seen: Matrix
    signs: dict[str, list[bool]]
    tokens: list[float]
    body: list[bool]

    def any(self, names: Sequence[str], rows: range) -> bool:
        """Whether one of `rows` shows one of the tell-tales."""
        return any(self.signs[name][row] for name in names for row in rows if 0 <= row < len(self.units))


def fates(units: Sequence[Unit], seen: Matrix, chosen: NDArray[np.bool_]) -> list[Fate]:
    """Name the role and rule of every unit, given which ones the sequence model chose as body."""
    signs = {name: column.tolist() for name, column in zip(ALONE, (seen > 0).T, strict=True)}
    page = Page(units, seen, signs, np.expm1(seen[:, 0]).tolist(), chosen.tolist())
    cut = comment_section(page)
    if cut is not None:
        page.body[cut:] = [False] * (len(units) - cut)
    _closing_call(page)
    forced = _intruders(page) | _notices(page)
    forced |= _titles(page)
    forced |= _bylines(page, forced)
    for row in forced:
        page.body[row] = False
    kept = [row for row, inside in enumerate(page.body) if inside]
    first, last = (kept[0], kept[-1]) if kept else (len(units), -1)
    related = _related(page, cut)
    named: list[Fate] = []
    for row in range(len(units)):
        if row in forced:
            named.append(forced[row])
        elif page.body[row]:
            named.append(_kept(page, row, last))
        else:
            zone = "head" if row < first else "body" if row < last else "tail"
            if cut is not None and row >= cut:
                zone = "comments"
            named.append(_dropped(page, row, zone, related=related[row]))
    return named


# Lines that say themselves what they are; they stand right below a body, where the model is least sure.
_PICTURE = re.compile(r"[【\[（(]\s*(?:图|圖|图片|圖片|图为|圖為|照片)\s*\d*\s*[】\]）):：]")
_BUTTONS = re.compile(r"\W*(?:[【\[][^】\]]{1,8}[】\]]\s*){2,}")
_OTHER_PAGE = re.compile(r"(?:上|下)一?[篇条條则則页頁]\s*[:：]")
_ALSO_READ = re.compile(
    r"\W*(?:also read|read also|читайте (?:также|ещё|еще|також)|lesen sie (?:dazu )?auch|(?:baca|"
    r"simak) juga|(?:à |a )?lire aussi|"
    r"leia também|leggi anche|lee también|lees ook|läs också|les også|læs også|lue myös|"
    r"(?:prze)?czytaj (?:też|także|również)|"
    r"διαβάστε επίσης|citește și|čtěte také|延伸阅读|延伸閱讀|相关阅读|相關閱讀|推荐阅读|関連記事|"
    r"관련\s?기사|اقر[أا] أ?ا?يض[اًا]+|"
    r"بیشتر بخوانید|یہ بھی پڑھیں)\s*[:：]\s*\S",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(
    r"\W*(?:(?:page|seite|página|pagina|стр\.?|страница|sayfa|strona|trang|halaman|صفحة)\s+\d{1,3}\s*"
    r"(?:/|of|von|de|di|из|dari|sur|van|z|من)\s*\d{1,3}|\d{1,3}\s*(?:dari|of|/)\s*\d{1,3}\s*(?:halaman|"
    r"pages?|ページ|页|頁)|"
    r"第\s?[一二三四五六七八九十\d]{1,3}\s?[页頁](?:\W*共\s?\d{1,3}\s?[页頁])?)\W*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W*(?:фото|foto|photos?|bild|사진|写真|photo credit|image credit|图源|圖源|图片来源|圖片來源|摄影|"
    r"攝影)\s?[:：/＝=]\s?\S",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"[^\s:：，,。]{1,8}\s?[:：]")
_EDITOR = re.compile(
    r"[（(【\[]?\s*(?:责任|責任|执行|執行|本版|本期)?(?:编辑|編輯|责编|責編|校对|校對)\s*[:： /／]\s*\S{2,4}"
    r"(?:[、\s]\s*\S{2,4}){0,3}\s*[）)】\]]?"
)


def comment_section(page: Page) -> int | None:
    """The row a section of readers' comments begins at, None where none is seen below the body.

    A header such as a count or "Comments" opens one if comments, or prompts to write some, follow it; it must
    stand below some of the body, so that a counter beside the title opens nothing.
    """
    prose = np.cumsum(np.array(page.body) * page.seen[:, _COLUMN["prose"]]).tolist()
    signs = page.signs
    for row, above in enumerate(prose):
        if not above or not (signs["comments"][row] or signs["prompt"][row]):
            continue
        if page.body[row] and not signs["comments"][row] and page.tokens[row] > 30:
            continue  # a sentence of the body that speaks of comments
        after = range(row + 1, min(row + 13, len(page.units)))
        evidence = sum(signs["reply"][at] or signs["ago"][at] or signs["prompt"][at] for at in after)
        evidence += sum((signs["date"][at] or signs["time"][at]) and page.tokens[at] < 16 for at in after)
        below = prose[-1] - above
        if evidence >= 2 or (evidence >= 1 and below <= above) or below <= 0.15 * above:
            return row
    return None


def ahead_of_comments(
    units: Sequence[Unit], seen: Matrix, likely: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the probabilities with those of a section of readers' comments, if one is seen, set to naught.

    The text above it is taken as widely as any cut may take it: comments longer than the article make the
    article look unlikely, and are then all that is chosen.
    """
    chosen = likely >= text_model.LEAST
    signs = {name: (seen[:, _COLUMN[name]] > 0).tolist() for name in (*_COMMENT_SIGNS, "prompt")}
    cut = comment_section(Page(units, seen, signs, np.expm1(seen[:, 0]).tolist(), chosen.tolist()))
    out = likely.copy()
    if cut is not None:
        out[cut:] = 0
    return out


def _closing_call(page: Page) -> None:
    """Leave the author's last line with the body where it calls for comments: it is no prompt of the site."""
    last = max((row for row, inside in enumerate(page.body) if inside), default=len(page.units))
    for row in range(last + 1, min(last + 2, len(page.units))):
        page.body[row] = page.tokens[row] < 40 and words.CALL.search(page.units[row].text.lower()) is not None


def _intruders(page: Page) -> dict[int, Fate]:
    """Find what stands in the body and is none of it: placeholders, buttons, labels, a doubled passage."""
    found: dict[int, Fate] = {}
    passages: set[str] = set()
    for row, unit in enumerate(page.units):
        if not page.body[row]:
            continue
        line = _line_fate(page, row)
        if line:
            found[row] = line
        elif page.signs["advert"][row] and words.ADVERT.fullmatch(unit.text.lower()):
            found[row] = Fate("advertisement", "advert_label")
        elif page.signs["breadcrumb"][row] and not unit.mark:
            found[row] = Fate("navigation", "breadcrumb")
        elif page.tokens[row] > 60 and unit.text in passages:
            found[row] = Fate("duplicate", "repeated_passage")
        passages.add(unit.text)
    return found


def _line_fate(page: Page, row: int) -> Fate | None:
    """What a line of the body says itself to be, None where it says nothing."""
    text, short = page.units[row].text, page.tokens[row] < 60
    pictured = page.signs["caption"][row] and text[0] in "▲△▼"
    if page.signs["image"][row]:
        return Fate("caption", "image_placeholder")
    if short and (pictured or _PICTURE.match(text) or (page.tokens[row] < 30 and _CREDIT.match(text))):
        return Fate("caption", "caption")
    if _PAGE_OF.fullmatch(text):
        return Fate("navigation", "page_number")
    if (page.signs["interface"][row] and columns(text) <= 24) or _BUTTONS.fullmatch(text):
        return Fate("interface", "button")
    other = short and (_OTHER_PAGE.match(text) or _ALSO_READ.match(text))
    return Fate("related", "other_page") if other else None


def _notices(page: Page) -> dict[int, Fate]:
    """Find notices of copyright and the like among the last units of the body."""
    found: dict[int, Fate] = {}
    for row in [row for row, inside in enumerate(page.body) if inside][-6:]:
        if page.signs["disclaimer"][row] or words.NOTICE.search(page.units[row].text[:160].lower()):
            found[row] = Fate("disclaimer", "disclaimer")
        elif page.signs["copyright"][row] and page.tokens[row] < 60:
            found[row] = Fate("disclaimer", "copyright")
    return found


def _titles(page: Page) -> dict[int, Fate]:
    """Find the title above the first passage of the body; further copies of it are duplicates."""
    prose = page.signs["prose"]
    once = (page.seen[:, _COLUMN["repeats"]] <= 1).tolist()  # a long title, doubled, may read as a passage
    first = next((row for row, inside in enumerate(page.body) if inside and prose[row] and once[row]), 0)
    best, best_score = -1, 1.0
    for row in range(max(0, first - 30), first):
        score = _title_score(page, row, first)
        if score > best_score:
            best, best_score = row, score
    if best < 0:
        return {}
    title = page.units[best].text
    copies = [row for row, unit in enumerate(page.units) if _same(unit.text, title)]
    found = {copies[0]: Fate("title", "title")}
    for row in copies[1:]:
        if row <= first or page.body[row]:
            found[row] = Fate("duplicate", "title_again")
    return found


def _bylines(page: Page, forced: dict[int, Fate]) -> dict[int, Fate]:
    """Find who and when within the body: right above its first passage, and as its last line."""
    found: dict[int, Fate] = {}
    kept = [row for row, inside in enumerate(page.body) if inside and row not in forced]
    first = next((at for at, row in enumerate(kept) if page.signs["prose"][row]), 0)
    for row in kept[:first]:
        dated = page.signs["date"][row] or page.signs["time"][row]
        credit = page.signs["caption"][row] or page.signs["ends_sentence"][row]
        if not credit and page.tokens[row] < (40 if page.signs["byline"][row] else 20 * dated):
            found[row] = Fate("byline", "byline")
    for row in kept[-4:]:
        own = page.units[row].text
        if _EDITOR.fullmatch(own) or (row == kept[-1] and page.signs["byline"][row] and columns(own) <= 40):
            found[row] = Fate("byline", "byline")
    return found


_NO_TITLE = (
    "interface",
    "related",
    "comments",
    "prompt",
    "breadcrumb",
    "copyright",
    "image",
    "advert",
    "url",
)


def _title_score(page: Page, row: int, first: int) -> float:
    """How much a line above the body looks like the title; above 1 it may be it.

    Weights chosen on pages written for the tests and looked over on the development dumps.
    """
    unit = page.units[row]
    width = columns(unit.text)
    menu = page.seen[row, _COLUMN["separators"]] > 3
    if not 6 <= width <= _TITLE or menu or unit.mark == "bullet" or page.any(_NO_TITLE, range(row, row + 1)):
        return 0.0
    if (page.signs["date"][row] and width < 40) or (page.signs["byline"][row] and width < 60):
        return 0.0
    score = 1.0 + min(width, 48) / 48
    score += 1.5 * (page.seen[row, _COLUMN["repeats"]] > 1) * (width >= 16)
    score += 1.5 * page.any(("byline", "date"), range(row + 1, min(row + 5, first + 1)))
    score -= 1.0 * (unit.text[-1] in "。.,，;；")
    score -= 0.8 * (page.seen[row, _COLUMN["separators"]] > 1) + 0.5 * (page.seen[row, _COLUMN["tabs"]] > 0)
    score -= 0.06 * (first - row)
    score += 0.3 * min(unit.blanks, 1)
    return float(score)


def _same(text: str, title: str) -> bool:
    """Whether a line says the title again, perhaps with the name of the site behind it."""
    if text == title:
        return True
    return len(title) >= 10 and text.startswith(title) and len(text) <= len(title) + 24


def _related(page: Page, cut: int | None) -> list[bool]:
    """Mark what stands under a heading such as "recommended": the heading and the lines after it."""
    marks = []
    inside = False
    for row in range(len(page.units)):
        if page.body[row] or row == cut or page.signs["copyright"][row]:
            inside = False
        elif page.signs["related"][row]:
            inside = True
        marks.append(inside)
    return marks


def _kept(page: Page, row: int, last: int) -> Fate:
    """Name the role of a unit of the body."""
    unit = page.units[row]
    if unit.mark == "quote":
        return Fate("quote", "body_quote")
    width = columns(unit.text) if len(unit.text) <= _HEADING else _HEADING + 1
    below = next((at for at in range(row + 1, min(row + 8, last + 1)) if page.body[at]), None)
    longer = below is not None and page.signs["prose"][below]
    headingly = width <= _HEADING and longer and _headline(unit.text)
    if unit.mark == "number" and headingly and unit.text[0] in "一二三四五六七八九十":
        return Fate("heading", "body_heading")
    if unit.mark:
        return Fate("list_item", "body_list")
    if headingly and width <= columns(page.units[below or row].text):
        return Fate("heading", "body_heading")
    return Fate("paragraph", "body")


def _headline(text: str) -> bool:
    """Whether a short line is worded like a heading: no sentence, speech or question, no comma at its end."""
    inner = text.rstrip(words.CLOSERS)
    if not inner or inner[-1] in ",，;；:：、" or (text[0] in '“"「『«' and text[-1] in '”"」』»'):
        return False
    if inner[-1] in "？?" and _SPEAKER.match(inner):
        return False  # what somebody asks, in an interview
    stops = sum(inner.count(stop) for stop in "。！？!?….")
    asks = inner[-1] in "？?！!"
    return stops <= asks and not (asks and any(comma in inner for comma in ",，"))


def _entry_of_a_menu(page: Page, row: int) -> bool:
    """Whether a short list entry below the comments has none of their signs near it."""
    near = range(row - 4, row + 5)
    return page.units[row].mark == "bullet" and page.tokens[row] < 8 and not page.any(_COMMENT_SIGNS, near)


_COMMENT_SIGNS = ("reply", "ago", "date", "time", "comments")
_NAMED_BY = (
    ("image", "caption", "image_placeholder"),
    ("breadcrumb", "navigation", "breadcrumb"),
    ("interface", "interface", "button"),
    ("prompt", "interface", "comment_prompt"),
    ("comments", "interface", "comment_count"),
    ("copyright", "disclaimer", "copyright"),
    ("disclaimer", "disclaimer", "disclaimer"),
    ("advert", "advertisement", "advert_label"),
)


def _dropped(page: Page, row: int, zone: str, *, related: bool) -> Fate:
    """Name the role of a unit outside the body."""
    signs = page.signs
    for flag, role, rule in _NAMED_BY:
        if signs[flag][row] and not (flag in {"breadcrumb", "image"} and zone == "comments"):
            return Fate(role, rule)
    prose = signs["prose"][row]
    if zone != "comments" and _ALSO_READ.match(page.units[row].text):
        fate = Fate("related", "other_page")
    elif related:
        fate = Fate("related", "related_list")
    elif zone == "comments" and not _entry_of_a_menu(page, row):
        fate = Fate("comment", "comment_section")
    elif signs["caption"][row]:
        fate = Fate("caption", "caption")
    elif len(page.units[row].text) <= 120 and (
        signs["byline"][row] or signs["date"][row] or signs["time"][row]
    ):
        fate = Fate("byline", "byline")
    elif prose and page.any(("reply",), range(row - 3, row + 4)):
        fate = Fate("comment", "reply_beside")
    elif prose or zone == "body":
        fate = Fate("other", "outside_body")
    else:
        fate = Fate("navigation", "menu")
    return fate
