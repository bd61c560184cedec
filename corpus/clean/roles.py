"""From probabilities to roles: what is kept, as what, and why the rest was dropped.

What is kept is decided by the learned probabilities and a few rules that overrule them; which role a unit
gets then follows from its element. A dropped unit gets the first role whose rule fits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.clean.features import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from corpus.clean.features import Features
    from corpus.clean.html import Layout
    from corpus.clean.words import Bags, Vocabulary

RULES: Final = {
    "main_text": "the unit, its neighbours and the page look like main text",
    "title": "a heading that repeats the page's title",
    "caption": "text of a figure's caption",
    "byline": "a short line with a date, a time or an author's mark-up outside the main text",
    "comment_words": "an element around it is named as a comment section",
    "comment_text": "the unit, its neighbours and the page look like readers' comments",
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

KEEP: Final = 0.35
"""From this probability on, after the second look, a unit is main text."""

KEEP_LINK: Final = 0.8
"""And from this one, if it is nothing but a link."""

HALF: Final = 0.5
SURE: Final = 0.7
"""Probabilities from which a unit may be taken for a comment, and for main text beside comments."""

_COMMENT_NUMBER: Final = re.compile(r"comment-?(\d+)")

LEAST_TEXT: Final = 30
"""A page with fewer tokens of main text than this is looked at again, with less demanding probabilities."""

KEEP_LITTLE: Final = (0.3, 0.15, 0.1)
"""Those, one after the other until there is text enough."""

_AT: Final = {name: at for at, name in enumerate(NAMES)}

_GROUPS: Final = {
    "comment": "comment comments commentlist disqus respond reply replies commenter pinglun livefyre"
    " kommentar kommentare commentaires comentarios",
    "caption": "caption figcaption credit imagecaption bildunterschrift legende",
    "byline": "byline author authors date datetime timestamp dateline published publish pubdate autor datum"
    " posted",
    "ad": "ad ads advert advertisement advertising sponsor sponsored promo promotion adsbygoogle anzeige"
    " werbung",
    "frame": "nav navbar navigation menu footer header breadcrumb breadcrumbs sidebar topbar masthead toolbar"
    " pagination pager contentinfo banner",
    "related": "related recommend recommended recommendation recommendations popular trending teaser teasers"
    " tags more latest recent similar outbrain taboola mostread",
}
"""Words of class names and the like that name what an element is for."""

_TEXT_GROUPS: Final = {
    "legal": "© copyright copyrights reserved rechte vorbehalten impressum droits réservés derechos"
    " reservados disclaimer 版权 版權 免责 免責 侵权 转载 轉載 转发 著作",
    "advertised": "advertisement anzeige werbung publicité publicidad sponsored 广告 廣告 広告 赞助",
    "interface": "share shares tweet follow subscribe login register newsletter cookie cookies print email"
    " download facebook twitter whatsapp pinterest linkedin instagram teilen drucken anmelden abonnieren"
    " merken partager imprimer compartir reply like report skip search"
    " 分享 收藏 登录 登陆 登入 注册 註冊 关注 關注 点赞 打印 举报 扫码 扫一"
    " 下载 返回 订阅 公众 微信 微博 评论 搜索",
}
"""Words of short texts that tell what they are for."""

GROUPS: Final = {**_GROUPS, **_TEXT_GROUPS}


class Verdict(NamedTuple):
    """What a unit became, and the rule that decided."""

    role: str
    rule: str


def judge(
    raw: str, page: Layout, features: Features, found: NDArray[np.float64], vocabulary: Vocabulary
) -> list[Verdict]:
    """Give every unit its role; `found` are the probabilities of main text and of a comment."""
    words = named(features, vocabulary)
    kept = keeps(raw, features, found, words)
    reasons = _reasons(page, features, found, words, kept).tolist()
    names = page.nodes.name
    quoted = features.numbers[:, _AT["in_blockquote"]].tolist()
    return [
        Verdict("quote" if quote else _KEPT.get(names[unit.node], "paragraph"), "main_text")
        if keep
        else _FATES[reason]
        for unit, keep, quote, reason in zip(page.units, kept.tolist(), quoted, reasons, strict=True)
    ]


@lru_cache(maxsize=4)
def _groups(vocabulary: Vocabulary) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Make the tables for the words of tags and of texts, once."""
    return word_groups(vocabulary.tag, _GROUPS), word_groups(vocabulary.text, _TEXT_GROUPS)


def named(features: Features, vocabulary: Vocabulary) -> dict[str, NDArray[np.bool_]]:
    """Tell for each unit which groups of words name it, or one of the elements around it."""
    of_tags, of_texts = _groups(vocabulary)
    tags = or_bags(of_tags, features.tags)
    found = tags[features.places]
    near = found[:, 0] | found[:, 1] | found[:, 3]
    far = near | found[:, 2] | np.bitwise_or.reduce(found[:, 5:], axis=1)
    text = or_bags(of_texts, features.text)[:-1]
    out = {}
    for at, group in enumerate(_GROUPS):
        out[group] = ((near if group in {"caption", "byline"} else far) >> at) & 1 == 1
    for at, group in enumerate(_TEXT_GROUPS):
        out[group] = (text >> at) & 1 == 1
    return out


_FATES: Final = (
    Verdict("markup", "hidden"),
    Verdict("title", "title"),
    Verdict("interface", "form_control"),
    Verdict("caption", "caption"),
    Verdict("comment", "comment_words"),
    Verdict("duplicate", "repeated"),
    Verdict("disclaimer", "legal_words"),
    Verdict("advertisement", "ad_words"),
    Verdict("comment", "comment_text"),
    Verdict("byline", "byline"),
    Verdict("navigation", "site_frame"),
    Verdict("related", "related_words"),
    Verdict("related", "linked_title"),
    Verdict("navigation", "links"),
    Verdict("interface", "interface_words"),
    Verdict("byline", "byline"),
    Verdict("other", "not_main_text"),
)
"""What a dropped unit becomes, in the order in which the reasons are asked."""

_KEPT: Final = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "legend", "summary"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list_item"),
}
"""The role of a kept unit by the element it lies in, where that is not `paragraph`."""


def keeps(
    raw: str, features: Features, found: NDArray[np.float64], words: dict[str, NDArray[np.bool_]]
) -> NDArray[np.bool_]:
    """Decide which units are main text: by probability, unless a rule says no."""

    def has(name: str) -> NDArray[np.bool_]:
        column: NDArray[np.bool_] = features.numbers[:, _AT[name]] > 0
        return column

    chance, tokens = found[:, 0], features.tokens
    never = has("title_equal") | has("in_figcaption") | has("kind_13")
    never |= has("in_nav") | has("in_footer") | has("in_aside")
    never |= has("in_select") | (has("all_link") & (chance < KEEP_LINK))
    kept: NDArray[np.bool_] = (chance >= KEEP) & ~never
    kept = _mostly(kept, has("hidden"), tokens)
    comments = words["comment"]
    kept = _without_comments(raw, kept, found, tokens)
    # On a forum most of what is kept lies in elements named after comments; under an article little does.
    kept = _mostly(kept, comments, tokens)
    forum = bool((kept & comments).any())
    if float(tokens[kept].sum()) < LEAST_TEXT:
        chance = np.where(has("title_equal") | (comments & (not forum)), 0, chance)
        for enough in (KEEP, *KEEP_LITTLE):
            kept = chance >= enough
            if float(tokens[kept].sum()) >= LEAST_TEXT:
                break
    return kept


def _without_comments(
    raw: str, kept: NDArray[np.bool_], found: NDArray[np.float64], tokens: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Let go of units more likely comments than main text, where the page numbers its comments.

    Sure main text must be left: on a forum the posts may look like comments, and are the text.
    """
    suspect = kept & (found[:, 1] > found[:, 0]) & (found[:, 1] > HALF)
    rest = kept & ~suspect
    enough = float(tokens[rest].sum()) >= LEAST_TEXT and bool((found[rest, 0] > SURE).any())
    return rest if enough and suspect.any() and numbers_comments(raw) else kept


def numbers_comments(raw: str) -> bool:
    """Whether a page names or links to two single comments at least."""
    first = ""
    for match in _COMMENT_NUMBER.finditer(raw):
        if raw[match.start() - 1] in "#-\"'=" and first not in {"", match[1]}:
            return True
        first = first or (match[1] if raw[match.start() - 1] in "#-\"'=" else "")
    return False


def _mostly(
    kept: NDArray[np.bool_], suspect: NDArray[np.bool_], tokens: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Let go of suspect units, unless they are half of what is kept or more: then the page is made so."""
    doubtful = float(tokens[kept & suspect].sum())
    return kept & ~suspect if doubtful < float(tokens[kept].sum()) / 2 else kept


def _reasons(
    page: Layout,
    features: Features,
    found: NDArray[np.float64],
    words: dict[str, NDArray[np.bool_]],
    kept: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Find for each unit the first reason that fits why it is dropped: an index into _FATES."""

    def has(name: str) -> NDArray[np.bool_]:
        column: NDArray[np.bool_] = features.numbers[:, _AT[name]] > 0
        return column

    count = len(kept)
    texts = {unit.text for unit, keep in zip(page.units, kept.tolist(), strict=True) if keep}
    short = features.tokens <= 40
    early = np.arange(count) < (int(kept.argmax()) if kept.any() else count)
    dated = has("date") | has("time") | words["byline"]
    linked = has("all_link")
    frame = has("in_nav") | has("in_footer") | words["frame"]
    fits = (
        has("hidden"),
        has("title_equal") | (has("kind_2") & has("title_part")),
        has("kind_14") | has("in_button") | has("in_select"),
        has("kind_13") | has("in_figcaption") | words["caption"],
        words["comment"],
        np.array([unit.text in texts for unit in page.units]),
        short & words["legal"],
        words["ad"] | (short & words["advertised"]),
        (found[:, 1] >= HALF) & ~linked & ~frame,
        early & short & ~linked & dated,
        frame,
        words["related"],
        linked & (features.tokens > 5) & ~early,
        linked,
        short & words["interface"],
        short & dated,
        np.ones(count, dtype=bool),
    )
    out: NDArray[np.int64] = np.argmax(np.stack(fits), axis=0)
    return out


def word_groups(numbers: Mapping[str, int], groups: Mapping[str, str]) -> NDArray[np.int64]:
    """Make the table from a word's number to the groups it belongs to, one bit each."""
    bits: dict[int, int] = {}
    for at, words in enumerate(groups.values()):
        for word in words.split():
            if (number := numbers.get(word)) is not None:
                bits[number] = bits.get(number, 0) | 1 << at
    table = np.zeros(len(numbers) + 1, dtype=np.int64)
    table[list(bits)] = list(bits.values())
    return table


def or_bags(table: NDArray[np.int64], bags: Bags) -> NDArray[np.int64]:
    """Join the groups of the words of each row; one more row stands for none."""
    out = np.zeros(len(bags.offsets), dtype=np.int64)
    filled = np.flatnonzero(bags.offsets[1:] > bags.offsets[:-1])
    if len(filled):
        out[filled] = np.bitwise_or.reduceat(table[bags.ids], bags.offsets[:-1][filled])
    return out
