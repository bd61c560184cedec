"""Where a unit stands on its page: its rank, its element, what parts it from the text, its wording.

Measures for the second look (`second.py`), which sees the verdicts of the first on all units. A unit is
ranked among the units of its page, its element is compared with the one that holds most of what is likely,
and what lies between it and the text (links, headings, dates, elements named as the end of a text) is
counted. How much of what is likely lies in elements named as articles, threads, products or lists tells what
kind of page it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from corpus.clean import features as first_look
from corpus.clean.roles import numbers_comments, or_bags, word_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corpus.clean.features import Features
    from corpus.clean.html import Layout
    from corpus.clean.words import Vocabulary

    Numbers = NDArray[np.float64]
    Places = NDArray[np.int64]

NAMED: Final = {
    "content": "content contents body text detail details copy richtext prose",
    "article": "article articles entry post story news blog",
    "author": "author authors bio about profile avatar contributor writer byline",
    "share": "share sharing social facebook twitter whatsapp tools actions rating vote votes like likes"
    " bookmark print",
    "widget": "widget widgets sidebar module box card cards tile tiles grid carousel slider slide gallery"
    " feed stream",
    "comment": "comment comments commentlist disqus respond response responses reply replies commenter"
    " pinglun discussion kommentar kommentare",
    "thread": "post posts message messages thread topic forum answer answers question postbody signature",
    "product": "product products price cart shop buy offer deal",
    "related": "related recommend recommended recommendation recommendations popular trending more latest"
    " recent similar outbrain taboola mostread next prev previous also read promo tags tag category"
    " categories archive",
    "list": "list item items row col listing results result loop archive",
}
"""Words of class names and the like, by what the element that bears them is for."""

WORDED: Final = {
    "ask": "subscribe newsletter sign join donate support register login membership inbox free email"
    " abonnieren 订阅 关注 公众 扫码 下载",
    "share": "share tweet follow facebook twitter whatsapp instagram pinterest linkedin teilen 分享 微信 微博"
    " 点赞 收藏",
    "legal": "© copyright reserved rights rechte vorbehalten terms privacy policy cookie cookies disclaimer"
    " affiliate commission 版权 转载 免责 侵权 声明",
    "more": "read more click here continue see also related watch next previous view weiterlesen mehr 阅读"
    " 更多 相关 推荐 点击 上一 下一",
    "who": "by author editor writer contributed reporter staff photo image credit getty 记者 编辑 作者 来源"
    " 责任",
    "contact": "contact call phone email address tel mail fax 联系 电话 邮箱 地址",
    "talk": "comment comments reply replies report like posted says said wrote quote 评论 回复 举报 楼主"
    " 发表",
}
"""Words at the beginning and the end of a text, by what such texts are for."""

_SHARED: Final = ("content", "comment", "thread", "related", "widget", "list", "product")
_BREAKS: Final = ("related", "share", "comment", "author")
_BETWEEN: Final = ("links", "headings", "dated", "breaks", "unlikely")
_SINCE: Final = ("dated", "breaks", "links", "unlikely")
_HOLDERS: Final = ("home", "parent", "above")
NAMES: Final = (
    *(f"page_named_{name}" for name in (*_SHARED, "content_of_article")),
    *(f"worded_{name}" for name in WORDED),
    *("page_surest", "of_surest", "mass_surer", "rank", "rank_share", "page_over_half", "page_over_most"),
    *(f"{at}_{name}" for at in _HOLDERS for name in ("richest", "mass", "inside", "deeper", "page_mass")),
    "kind_mass",
    *(f"between{at}_{name}" for at in range(2) for name in _BETWEEN),
    *(f"{side}_{name}" for name in _SINCE for side in ("since", "until")),
    *("comments_numbered", "page_comment", "comment_before", "comment_mass"),
    *("title_apart", "mass_before_title", "units_from_title"),
)
"""What is measured, in order."""

_AT: Final = {name: at for at, name in enumerate(first_look.NAMES)}
_HEADINGS: Final = [_AT[f"kind_{kind}"] for kind in (2, 3, 4, 5)]
_KINDS: Final = [_AT[f"kind_{kind}"] for kind in range(18)]
_AROUND: Final = [0, 1, 2, *range(5, 5 + first_look.FURTHER)]
_NEAR: Final = 6
_LONG: Final = 15
_UNLIKELY: Final = 0.1


class Look(NamedTuple):
    """A page after the first look: `first` are the probabilities of its units (units x 2)."""

    raw: str
    page: Layout
    features: Features
    vocabulary: Vocabulary
    first: Numbers


def standing(look: Look, chosen: Places, runs: Sequence[tuple[int, int]]) -> list[Numbers]:
    """Measure the chosen units of a page: a column (or one number for all) for each of NAMES.

    `runs` are the two runs of units in which most of what is likely lies.
    """
    features, vocabulary = look.features, look.vocabulary
    main, comment = look.first[:, 0], look.first[:, 1]
    tokens = np.minimum(features.tokens, 400)
    mass = main * tokens
    of_tags, of_texts = _groups(vocabulary)
    bits = or_bags(of_tags, features.tags)
    around = bits[features.places[:, _AROUND]]
    marks = _marks(features, around, main)
    return [
        *_named(around, mass),
        *_worded(features, of_texts, chosen),
        *_rank(main, mass, features.tokens > _LONG, chosen),
        *_holders(features, mass, chosen),
        *_between(marks, runs, chosen),
        *_since(marks, chosen),
        *_comments(look.raw, comment * tokens, float(tokens.sum()), chosen),
        *_title(features, mass, chosen),
    ]


@lru_cache(maxsize=4)
def _groups(vocabulary: Vocabulary) -> tuple[Places, Places]:
    """Make the tables for the words of tags and of texts, once."""
    return word_groups(vocabulary.tag, NAMED), word_groups(vocabulary.text, WORDED)


def _summed(values: Numbers | NDArray[np.bool_]) -> Numbers:
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums


def _named(around: Places, mass: Numbers) -> list[Numbers]:
    """How much of what is likely lies in elements of each name."""
    total, groups = max(float(mass.sum()), 1e-6), list(NAMED)
    both = (1 << groups.index("content")) | (1 << groups.index("article"))
    near = np.bitwise_or.reduce(around[:, :_NEAR], axis=1)
    inside = [(near >> groups.index(name)) & 1 == 1 for name in _SHARED]
    inside.append((around & both == both).any(axis=1))
    return [np.array(mass[held].sum() / total) for held in inside]


def _worded(features: Features, groups: Places, chosen: Places) -> list[Numbers]:
    """Whether a text has words that ask, share, sign and the like."""
    bits = or_bags(groups, features.text)[chosen]
    return [((bits >> at) & 1).astype(np.float64) for at in range(len(WORDED))]


def _rank(main: Numbers, mass: Numbers, long: NDArray[np.bool_], chosen: Places) -> list[Numbers]:
    """How sure a unit is beside the others of its page."""
    total = max(float(mass.sum()), 1e-6)
    surest = float(main[long].max() if long.any() else main.max())
    order = np.argsort(main, kind="stable")
    below = np.searchsorted(main[order], main[chosen], side="right")
    return [
        np.array(surest),
        main[chosen] / max(surest, 1e-6),
        1 - _summed(mass[order])[below] / total,
        np.log1p(len(main) - below),
        (len(main) - below) / len(main),
        *(np.array(mass[main > least].sum() / total) for least in (0.5, 0.8)),
    ]


def _holders(features: Features, mass: Numbers, chosen: Places) -> list[Numbers]:
    """Compare the unit's element, and the two around that, with those of their kind that hold most."""
    total = max(float(mass.sum()), 1e-6)
    (parent, first, last, _), holder = features.elements, features.places[:, 0]
    depth = features.numbers[:, _AT["depth"]].astype(np.float64)
    found = []
    for _ in _HOLDERS:
        held = np.bincount(holder, weights=mass)
        best = int(held.argmax())
        own = holder[chosen]
        level = float(depth[int(np.argmax(holder == best))])
        found += [
            (own == best).astype(np.float64),
            held[own] / max(float(held[best]), 1e-6),
            ((chosen >= first[best]) & (chosen < last[best])).astype(np.float64),
            depth[chosen] - level,
            np.array(held[best] / total),
        ]
        holder = parent[holder]
    kinds = features.numbers[:, _KINDS].argmax(axis=1)
    return [*found, (np.bincount(kinds, weights=mass, minlength=len(_KINDS)) / total)[kinds[chosen]]]


def _marks(features: Features, around: Places, main: Numbers) -> dict[str, NDArray[np.bool_]]:
    """Units that part texts: links, headings, dates, elements named as the end of a text, unlikely ones."""
    numbers, groups = features.numbers, list(NAMED)
    near = np.bitwise_or.reduce(around[:, :4], axis=1)
    breaks = sum(1 << groups.index(name) for name in _BREAKS)
    return {
        "links": numbers[:, _AT["all_link"]] > 0,
        "headings": numbers[:, _HEADINGS].max(axis=1) > 0,
        "dated": numbers[:, _AT["date"]] + numbers[:, _AT["time"]] > 0,
        "breaks": near & breaks != 0,
        "unlikely": main < _UNLIKELY,
    }


def _between(
    marks: Mapping[str, NDArray[np.bool_]], runs: Sequence[tuple[int, int]], chosen: Places
) -> list[Numbers]:
    """How many of the marks lie between a unit and each run, as logarithms; none for a unit inside."""
    found = []
    for start, end in runs:
        low = np.where(chosen < start, chosen + 1, np.where(chosen >= end, end, chosen))
        high = np.where(chosen < start, start, chosen)
        for name in _BETWEEN:
            sums = _summed(marks[name])
            found.append(np.log1p(sums[high] - sums[low]))
    return found


def _since(marks: Mapping[str, NDArray[np.bool_]], chosen: Places) -> list[Numbers]:
    """How many units ago the last mark was, and how many ahead the next one is; -1 where there is none."""
    found = []
    for name in _SINCE:
        marked = marks[name]
        count = len(marked)
        order = np.arange(count)
        last = np.maximum.accumulate(np.where(marked, order, -1))[chosen]
        following = np.minimum.accumulate(np.where(marked, order, count)[::-1])[::-1][chosen]
        found.append(np.where(last < 0, -1.0, chosen - last))
        found.append(np.where(following == count, -1.0, following - chosen))
    return found


def _comments(raw: str, mass: Numbers, tokens: float, chosen: Places) -> list[Numbers]:
    """What the page has of comments, and how much of that stands before the unit."""
    total = float(mass.sum())
    return [
        np.array(float(numbers_comments(raw))),
        np.array(total / max(tokens, 1)),
        _summed(mass)[chosen] / max(total, 1e-6),
        np.array(np.log1p(total)),
    ]


def _title(features: Features, mass: Numbers, chosen: Places) -> list[Numbers]:
    """How much of what is likely lies between a unit and the page's title, and before it; -2 without one."""
    titles = np.flatnonzero(features.numbers[:, _AT["is_title"]] > 0)
    if not len(titles):
        return [np.array(-2.0)] * 3
    at = int(titles[0])
    sums = _summed(mass)
    total = max(float(sums[-1]), 1e-6)
    apart = (sums[np.maximum(chosen, at)] - sums[np.minimum(chosen, at)]) / total
    return [np.sign(chosen - at) * apart, np.array(sums[at] / total), (chosen - at).astype(np.float64)]
