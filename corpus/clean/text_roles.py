"""What each unit of a plain-text page is for: body or not is known by now, its role and the rule are named here.

The page is read in zones: head (before the body), body, comment section, tail. Tell-tale words only count in the
zone where they mean what they say, so an article that quotes readers or speaks of sharing stays whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

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
    """A page under way: its units, what was seen of them (rows of ALONE), and which belong to the body."""

    units: Sequence[Unit]
    seen: Matrix
    body: NDArray[np.bool_]

    def flag(self, name: str) -> NDArray[np.bool_]:
        """Which units show the tell-tale `name` (one of ALONE)."""
        return self.seen[:, _COLUMN[name]] > 0


def fates(units: Sequence[Unit], seen: Matrix, chosen: NDArray[np.bool_]) -> list[Fate]:
    """Name the role and rule of every unit, given which ones the sequence model chose as body."""
    page = Page(units, seen, chosen.copy())
    forced: dict[int, Fate] = {}
    cut = comment_section(page)
    if cut is not None:
        page.body[cut:] = False
    _intruders(page, forced)
    _titles(page, forced)
    for row in forced:
        page.body[row] = False
    kept = np.flatnonzero(page.body)
    first, last = (int(kept[0]), int(kept[-1])) if len(kept) else (len(units), -1)
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
            named.append(_dropped(page, row, zone, related[row]))
    return named


def comment_section(page: Page) -> int | None:
    """The row a section of readers' comments begins at, None where none is seen below the body.

    A header such as a count or "Comments" opens one if comments, or prompts to write some, follow it; it must
    stand below some of the body, so that a counter beside the title opens nothing.
    """
    prose = np.cumsum(page.body * page.seen[:, _COLUMN["prose"]])
    signs = page.flag("reply") | page.flag("ago") | page.flag("prompt")
    dated = (page.flag("date") | page.flag("time")) & (page.seen[:, 0] < np.log1p(16))
    for row in np.flatnonzero(page.flag("comments") | page.flag("prompt")):
        if not prose[row]:
            continue
        after = slice(row + 1, row + 13)
        evidence = int(signs[after].sum()) + int(dated[after].sum())
        below = prose[-1] - prose[row]
        if evidence >= 2 or (evidence >= 1 and below <= prose[row]) or below <= 0.15 * prose[row]:
            if page.body[row] and page.flag("prompt")[row] and page.seen[row, 0] > np.log1p(30):
                continue  # a sentence of the body that speaks of comments
            return int(row)
    return None


def _intruders(page: Page, forced: dict[int, Fate]) -> None:
    """Find what stands inside the body and is none of it: placeholders, buttons, labels, a doubled passage."""
    passages: set[str] = set()
    for row in np.flatnonzero(page.body):
        unit = page.units[row]
        if page.flag("image")[row]:
            forced[row] = Fate("caption", "image_placeholder")
        elif page.flag("interface")[row] and columns(unit.text) <= 24:
            forced[row] = Fate("interface", "button")
        elif page.flag("advert")[row] and words.ADVERT.fullmatch(unit.text):
            forced[row] = Fate("advertisement", "advert_label")
        elif page.flag("breadcrumb")[row] and not unit.mark:
            forced[row] = Fate("navigation", "breadcrumb")
        elif page.seen[row, 0] > np.log1p(60):
            if unit.text in passages:
                forced[row] = Fate("duplicate", "repeated_passage")
            passages.add(unit.text)
    kept = [row for row in np.flatnonzero(page.body) if row not in forced]
    for row in reversed(kept[-6:]):
        if page.flag("disclaimer")[row]:
            forced[row] = Fate("disclaimer", "disclaimer")
        elif page.flag("copyright")[row] and page.seen[row, 0] < np.log1p(60):
            forced[row] = Fate("disclaimer", "copyright")


def _titles(page: Page, forced: dict[int, Fate]) -> None:
    """Find the title above the first passage of the body; further copies of it are duplicates."""
    passages = np.flatnonzero(page.body & (page.seen[:, _COLUMN["prose"]] > 0))
    if not len(passages):
        return
    first = int(passages[0])
    best, best_score = -1, 1.0
    for row in range(max(0, first - 30), first):
        score = _title_score(page, row, first)
        if score > best_score:
            best, best_score = row, score
    if best < 0:
        return
    title = page.units[best].text
    copies = [row for row in range(len(page.units)) if _same(page.units[row].text, title)]
    early = [row for row in copies if row <= first]
    forced[early[0]] = Fate("title", "title")
    for row in copies:
        if row != early[0] and (row <= first or page.body[row]):
            forced[row] = Fate("duplicate", "title_again")


def _title_score(page: Page, row: int, first: int) -> float:
    """How much a line above the body looks like the title; above 1 it may be it.

    Weights chosen on pages written for the tests and looked over on the development dumps.
    """
    unit = page.units[row]
    width = columns(unit.text)
    if not 6 <= width <= _TITLE or unit.mark == "bullet":
        return 0.0
    signs = (
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
    if any(page.flag(name)[row] for name in signs) or (page.flag("date")[row] and width < 40):
        return 0.0
    if page.flag("byline")[row] and width < 60:
        return 0.0
    score = 1.0 + min(width, 48) / 48
    score += 1.5 * (page.seen[row, _COLUMN["repeats"]] > 1) * (width >= 16)
    after = slice(row + 1, min(row + 5, first + 1))
    score += 1.5 * bool((page.flag("byline")[after] | page.flag("date")[after]).any())
    score -= 1.0 * bool(unit.text[-1] in "。.,，;；")
    score -= 0.8 * (page.seen[row, _COLUMN["separators"]] > 1) + 0.5 * (page.seen[row, _COLUMN["tabs"]] > 0)
    score -= 0.06 * (first - row)
    score += 0.3 * min(unit.blanks, 1)
    return float(score)


def _same(text: str, title: str) -> bool:
    """Whether a line says the title again, perhaps with the name of the site behind it."""
    if text == title:
        return True
    return len(title) >= 10 and text.startswith(title) and len(text) <= len(title) + 24


def _related(page: Page, cut: int | None) -> NDArray[np.bool_]:
    """Mark what stands under a heading such as "recommended": the heading and the short lines after it."""
    marks = np.zeros(len(page.units), bool)
    headers = page.flag("related")
    inside = False
    for row in range(len(page.units)):
        if page.body[row] or (cut is not None and row == cut) or page.flag("copyright")[row]:
            inside = False
        elif headers[row]:
            inside = True
        marks[row] = inside
    return marks


def _kept(page: Page, row: int, last: int) -> Fate:
    """Name the role of a unit of the body."""
    unit = page.units[row]
    if unit.mark == "quote":
        return Fate("quote", "body_quote")
    width = columns(unit.text)
    below = next((at for at in range(row + 1, min(row + 8, last + 1)) if page.body[at]), None)
    headingly = width <= _HEADING and below is not None and _headline(unit.text)
    longer = below is not None and page.seen[below, _COLUMN["prose"]] > 0
    if unit.mark == "number" and headingly and longer and unit.text[0] in "一二三四五六七八九十":
        return Fate("heading", "body_heading")
    if unit.mark:
        return Fate("list_item", "body_list")
    if headingly and longer and width <= columns(page.units[below or row].text):
        return Fate("heading", "body_heading")
    return Fate("paragraph", "body")


def _headline(text: str) -> bool:
    """Whether a short line is worded like a heading: no sentence inside, no speech, no comma at its end."""
    inner = text.rstrip(words.CLOSERS)
    if not inner or inner[-1] in ",，;；:：、" or (text[0] in '“"「『«' and text[-1] in '”"」』»'):
        return False
    stops = sum(inner.count(stop) for stop in "。！？!?….")
    asks = inner[-1] in "？?！!"
    return stops <= asks and not (asks and any(comma in inner for comma in ",，"))


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


def _dropped(page: Page, row: int, zone: str, related: bool) -> Fate:
    """Name the role of a unit outside the body."""
    unit = page.units[row]
    for flag, role, rule in _NAMED_BY:
        if page.flag(flag)[row] and not (flag in {"breadcrumb", "image"} and zone == "comments"):
            return Fate(role, rule)
    if related:
        return Fate("related", "related_list")
    if zone == "comments":
        return Fate("comment", "comment_section")
    if page.flag("caption")[row]:
        return Fate("caption", "caption")
    short = columns(unit.text) <= 120
    if short and (page.flag("byline")[row] or page.flag("date")[row] or page.flag("time")[row]):
        return Fate("byline", "byline")
    if page.seen[row, _COLUMN["prose"]] > 0 and page.flag("reply")[max(0, row - 3) : row + 4].any():
        return Fate("comment", "reply_beside")
    if page.seen[row, _COLUMN["prose"]] > 0:
        return Fate("other", "outside_body")
    return Fate("navigation", "menu") if zone != "body" else Fate("other", "not_body")
