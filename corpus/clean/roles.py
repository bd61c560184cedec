"""From probabilities to roles: what is kept, as what, and why the rest was dropped.

What is kept is decided by the learned probabilities and a few rules that overrule them; which role a unit gets
then follows from its element. A dropped unit gets the first role whose rule fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.clean.features import NAMES

if TYPE_CHECKING:

    from numpy.typing import NDArray

    from corpus.clean.features import Bags, Features, Vocabulary
    from corpus.clean.html import Layout, Unit

RULES: Final = {
    "main_text": "the unit, its neighbours and the page look like main text",
    "title": "a heading that repeats the page's title",
    "caption": "text of a figure's caption",
    "byline": "a short line with a date, a time or an author's mark-up outside the main text",
    "comment_text": "the unit, its neighbours and the page look like readers' comments",
    "comment_words": "an element around it is named as a comment section, on a page that is no forum",
    "hidden": "an element around it is not displayed",
    "form_control": "a button, a choice or a field of a form",
    "repeated": "the same text is kept elsewhere on the page",
    "legal_words": "a short line on copyright, liability or reprinting",
    "ad_words": "an element around it, or the text itself, is marked as an advertisement",
    "site_frame": "it lies in the navigation, header or footer of the site",
    "related_words": "an element around it is named as related, recommended or popular pages",
    "linked_title": "a longer text that is nothing but a link",
    "links": "a short text that is nothing but links",
    "interface_words": "a short line that asks to share, follow, log in, subscribe or accept",
    "not_main_text": "nothing above fits, and it does not look like main text",
}
"""The rules a unit's role can rest on, and what each means. The names are stable."""

KEEP: Final = 0.5
"""From this probability on a unit is main text."""

_AT: Final = {name: at for at, name in enumerate(NAMES)}

_GROUPS: Final = {
    "comment": "comment comments commentlist disqus respond reply replies commenter pinglun livefyre kommentar"
    " kommentare commentaires comentarios",
    "caption": "caption figcaption credit imagecaption bildunterschrift legende",
    "byline": "byline author authors date datetime timestamp dateline published publish pubdate autor datum posted",
    "ad": "ad ads advert advertisement advertising sponsor sponsored promo promotion adsbygoogle anzeige werbung",
    "frame": "nav navbar navigation menu footer header breadcrumb breadcrumbs sidebar topbar masthead toolbar pagination"
    " pager contentinfo banner",
    "related": "related recommend recommended recommendation recommendations popular trending teaser teasers tags"
    " more latest recent similar outbrain taboola mostread",
}
"""Words of class names and the like that name what an element is for."""

_LEGAL: Final = re.compile(
    r"©|copyright|all rights reserved|alle rechte|tous droits|todos los derechos|版权|版權|免责|免責|侵权|转载|轉載|無断転載|ICP备",
    re.IGNORECASE,
)
_AD: Final = re.compile(
    r"^(?:advertisement|anzeige|werbung|publicité|publicidad|广告|廣告|広告|sponsored\b.*)$", re.IGNORECASE
)
_INTERFACE: Final = re.compile(
    r"\b(?:share|tweet|follow|subscribe|sign up|sign in|log ?in|register|newsletter|cookies?|print|email|download"
    r"|teilen|drucken|anmelden|abonnieren|merken|partager|imprimer|compartir|reply|like|report|skip to)\b"
    r"|分享|收藏|登录|登入|注册|註冊|关注|關注|点赞|打印|举报|扫一扫|扫码|下载|返回|订阅|公众号|ログイン|シェア",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """What a unit became, and the rule that decided."""

    role: str
    rule: str


def judge(
    page: Layout, features: Features, found: NDArray[np.float64], vocabulary: Vocabulary
) -> list[Verdict]:
    """Give every unit its role; `found` are the probabilities of main text and of a comment."""
    words = named(features, vocabulary)
    kept = keeps(features, found, words)
    texts = {unit.text for unit, keep in zip(page.units, kept, strict=True) if keep}
    names, hidden = page.nodes.name, page.nodes.hidden
    numbers = features.numbers
    around = np.argmax(kept) if kept.any() else len(kept)
    verdicts = []
    for at, unit in enumerate(page.units):
        if kept[at]:
            verdicts.append(Verdict(_kept_role(names[unit.node], numbers[at]), "main_text"))
        elif hidden[unit.node]:
            verdicts.append(Verdict("markup", "hidden"))
        else:
            marks = {group for group, column in words.items() if column[at]}
            verdicts.append(_dropped(unit, numbers[at], marks, found[at, 1], unit.text in texts, at < around))
    return verdicts


def named(features: Features, vocabulary: Vocabulary) -> dict[str, NDArray[np.bool_]]:
    """Tell for each unit which groups of words name it, or one of the elements around it."""
    groups = _word_groups(vocabulary)
    bits = _or_bags(groups, features.tags)
    far = np.bitwise_or.reduce(
        bits[features.places[:, [0, 1, 2, 3, *range(5, features.places.shape[1])]]], axis=1
    )
    near = np.bitwise_or.reduce(bits[features.places[:, [0, 1, 3]]], axis=1)
    reach = {"caption": near, "byline": near}
    return {group: (reach.get(group, far) >> at) & 1 == 1 for at, group in enumerate(_GROUPS)}


def keeps(
    features: Features, found: NDArray[np.float64], words: dict[str, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Decide which units are main text."""
    kept: NDArray[np.bool_] = found[:, 0] >= KEEP
    comments = words["comment"]
    if (kept & comments).any():
        # On a forum most of what is kept lies in elements named after comments; under an article little does.
        outside = float(features.tokens[kept & ~comments].sum())
        if outside > 0.5 * float(features.tokens[kept].sum()):
            kept &= ~comments
    title = features.numbers[:, _AT["title_equal"]] > 0
    return kept & ~title


def _word_groups(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Make the table from a word's number to the groups it belongs to, one bit each."""
    table = np.zeros(len(vocabulary.tag) + 1, dtype=np.int64)
    for at, words in enumerate(_GROUPS.values()):
        for word in words.split():
            if word in vocabulary.tag:
                table[vocabulary.tag[word]] |= 1 << at
    return table


def _or_bags(table: NDArray[np.int64], bags: Bags) -> NDArray[np.int64]:
    """Join the groups of the words of each row; one more row stands for none."""
    out = np.zeros(len(bags.offsets), dtype=np.int64)
    filled = np.flatnonzero(bags.offsets[1:] > bags.offsets[:-1])
    if len(filled):
        out[filled] = np.bitwise_or.reduceat(table[bags.ids], bags.offsets[:-1][filled])
    return out


def _kept_role(name: str, numbers: NDArray[np.float32]) -> str:
    """Tell the role of a kept unit from the element it lies in."""
    if name in {"h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary"}:
        return "heading"
    if numbers[_AT["in_blockquote"]]:
        return "quote"
    if name in {"li", "dd", "dt"}:
        return "list_item"
    return "paragraph"


def _dropped(
    unit: Unit, numbers: NDArray[np.float32], marks: set[str], comment: float, repeated: bool, early: bool
) -> Verdict:
    """Tell the role of a dropped unit: the first that fits."""
    text = unit.text
    short = len(text) <= 160
    dated = numbers[_AT["date"]] or numbers[_AT["time"]]
    linked = numbers[_AT["all_link"]]
    frame = numbers[_AT["in_nav"]] or numbers[_AT["in_footer"]] or "frame" in marks
    checks = (
        (
            numbers[_AT["title_equal"]] or (numbers[_AT["kind_2"]] and numbers[_AT["title_part"]]),
            "title",
            "title",
        ),
        (
            numbers[_AT["kind_14"]] or numbers[_AT["in_button"]] or numbers[_AT["in_select"]],
            "interface",
            "form_control",
        ),
        (
            numbers[_AT["kind_13"]] or numbers[_AT["in_figcaption"]] or "caption" in marks,
            "caption",
            "caption",
        ),
        (comment >= 0.5, "comment", "comment_text"),
        ("comment" in marks, "comment", "comment_words"),
        (repeated, "duplicate", "repeated"),
        (short and _LEGAL.search(text), "disclaimer", "legal_words"),
        ("ad" in marks or (short and _AD.search(text)), "advertisement", "ad_words"),
        (early and short and not linked and (dated or "byline" in marks), "byline", "byline"),
        (frame, "navigation", "site_frame"),
        ("related" in marks, "related", "related_words"),
        (linked and len(text) > 25 and not early, "related", "linked_title"),
        (linked, "navigation", "links"),
        (short and _INTERFACE.search(text), "interface", "interface_words"),
        (short and (dated or "byline" in marks), "byline", "byline"),
    )
    return next(
        (Verdict(role, rule) for fits, role, rule in checks if fits), Verdict("other", "not_main_text")
    )
