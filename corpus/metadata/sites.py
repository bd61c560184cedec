"""The name a site gives itself in its own frame: title, logo, place in the site, copyright line, feed footer.

Any one of them may be something else (a section, a company, a maker of templates), so that two that agree are
believed before a source that a byline names, and one alone only for want of a better.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import Claim, tidy
from corpus.metadata.names import OUTLET
from corpus.metadata.titles import agree, folded, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.records import Block

EDGE = 8
"""Visible blocks at the beginning and at the end of a page in which its frame is looked for."""

LONGEST_NAME = 30
LONGEST_LINE = 300

_GENERIC = re.compile(
    r"(?:首页|首頁|主页|主頁|论坛|論壇|.{0,4}(?:新闻|新聞|资讯|频道|頻道)|资讯中心|新闻中心|博客|社区|频道|专栏|正文|详情|文章|登录|返回|下载"
    r"|home|news|blog|forum|article|articles|index|menu|search|login|sign in|skip to (?:main )?content)",
    re.IGNORECASE,
)
_SKIPPED = re.compile(
    r"^\W*$|\bskip\b|\bjump to\b|跳[过過转轉到至]|移至|直达|直達|无障碍|無障礙", re.IGNORECASE
)
_SECTION = re.compile(r"(?<=..)(?:专栏|專欄|频道|頻道|首页|首頁|官网|手机版|移动版)$")
_POWERED = re.compile(r"powered by", re.IGNORECASE)
_TRAIL = re.compile(
    r"^(?:(?:您|你)?(?:现在|現在|当前|當前|所在)?的?(?:位置|位置是)\s?[:：]\s?)?"
    r"([^\s>›»→＞/|:：-][^>›»→＞/|:：]{1,29}?)\s{0,3}(?:>{1,2}|-+>|›|»|→|＞)"
)
_STEP = re.compile(r"[>›»→＞]")
_FRONT = re.compile(r"(?:网站)?(?:首页|首頁|主页)$")
_RIGHTS = re.compile(r"版权所有|版權所有|©|copyright", re.IGNORECASE)
_OWNER = re.compile(
    r"(?:©|copyright|版权所有|版權所有|all rights reserved|\(c\)|by|19\d\d|20\d\d|[-–—~至.,:：|·\s])+",
    re.IGNORECASE,
)
_APPEARED = re.compile(
    r"^The post .{1,400} (?:first appeared on|appeared first on) ([^\n]{2,60}?)\.?$", re.DOTALL
)


def claims(titled: str | None, headline: str, blocks: Sequence[Block]) -> list[Claim]:
    """Return the name of the site as its frame tells it, or as the footer of its feed does.

    `titled` is the text of the `<title>` element, `headline` the page's own title. A name that ends or
    begins `titled` and stands elsewhere in the frame is claimed as `site`; the first place of a trail or the
    owner of the rights alone, where it is the name of an outlet, as `frame`.
    """
    shown = [block.text for block in blocks if block.text]
    for line in shown[-EDGE:]:
        if line.startswith("The post ") and (match := _APPEARED.match(line[:600])):
            return [Claim("publisher", tidy(match[1]), "feed:footer")]
    # A logo stands first, but for links that lead past it; what follows it are names of sections.
    logo = next((line for line in shown[:3] if not _SKIPPED.search(line)), "").strip()
    trails = [name for line in shown[: 5 * EDGE] if (name := _trail(line))]
    rights = [line for line in shown[-EDGE:] if len(line) <= LONGEST_LINE and _RIGHTS.search(line)]
    for end in _ends(titled or ""):
        if agree(end, headline) or folded(headline).startswith(folded(end)):
            continue
        for name in dict.fromkeys((end, _SECTION.sub("", end))):
            if name in {logo, logo.split(" ")[0], *trails} or any(name in line for line in rights):
                return [Claim("publisher", name, "site")] if _is_name(name) else []
    owners = (_OWNER.sub("\n", line).split("\n") for text in rights for line in text.split("\n"))
    alone = [*trails, *(owner.strip() for pieces in owners for owner in pieces)]
    return [Claim("publisher", name, "frame") for name in alone if _is_outlet(name)][:1]


def _ends(title: str) -> list[str]:
    """Return the last and the first part of a title, where they can be a site's name."""
    found = [part for part in parts(title) if not _POWERED.match(part)]
    return [part for part in (found[-1], found[0]) if _is_name(part)] if len(found) > 1 else []


def _trail(line: str) -> str | None:
    """Return what a line such as `Site >> Section >> Article` begins with.

    >>> _trail("港口日报网首页 >> 要闻 >> 正文"), _trail("首页 > 要闻 >")
    ('港口日报网', None)
    """
    match = _TRAIL.match(line) if len(line) <= LONGEST_LINE and _STEP.search(line) else None
    name = _FRONT.sub("", match[1]).strip() if match else ""
    return name if _is_name(name) else None


def _is_name(name: str) -> bool:
    return 1 < len(name) <= LONGEST_NAME and not _GENERIC.fullmatch(name)


def _is_outlet(name: str) -> bool:
    return _is_name(name) and not name.isascii() and len(name) <= 12 and OUTLET.search(name) is not None
