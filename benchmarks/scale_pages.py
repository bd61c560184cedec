"""Generated web pages for the scale benchmarks: sizes and shapes of real ones, no text of anybody's.

Every page has a template around its body (scripts, styles, menus, lists of other stories), as its site has
it, and a body of made-up sentences. Sizes are 20 to 300 KB, log-uniform, most of it markup and scripts, as on
news sites. Seven in ten are Chinese, the others English; one in twenty reprints another page's body.
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HAN = (
    "码头货轮仓库港口船员灯塔海风清晨渔网市场谷物机器工人计划时间城市道路"
    "河流桥梁学校医生老师孩子春天夏季收成价格消息会议报告"
)
_LINK = "的了在是和与为从到对将把被就也都而及或这那一些每各其"
_SYLLABLES = [first + vowel for first in "bklmnrst" for vowel in "aeio"]
_SMALL = ("the", "of", "and", "to", "in", "is", "for", "on", "with", "that", "it", "as", "by", "from")
SITES = 20
SMALLEST, LARGEST = 20_000, 300_000


def pages(count: int, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Yield `count` pages as (path below raw/, HTML), the same for the same seed."""
    bodies: list[tuple[bool, list[str]]] = []
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        if bodies and draw.random() < 0.05:
            chinese, body = draw.choice(bodies)
        else:
            chinese = draw.random() < 0.7
            body = [_paragraph(draw, chinese) for _ in range(draw.randint(4, 16))]
            bodies = [*bodies[-200:], (chinese, body)]
        site = draw.randrange(SITES)
        yield f"site-{site:02}/{number:07}.html", _page(draw, site, body, chinese)


def write(count: int, root: Path, seed: int = 0) -> int:
    """Write pages below `root`/raw and return their bytes."""
    total = 0
    for path, page in pages(count, seed):
        to = root / "raw" / path
        to.parent.mkdir(parents=True, exist_ok=True)
        total += to.write_bytes(page.encode())
    return total


def _word(draw: random.Random) -> str:
    return "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4)))


def _sentence(draw: random.Random, chinese: bool) -> str:
    if chinese:
        clauses = (draw.choices(_HAN + _LINK, k=draw.randint(6, 18)) for _ in range(draw.randint(1, 3)))
        return "，".join(map("".join, clauses)) + "。"
    words = [draw.choice(_SMALL) if draw.random() < 0.4 else _word(draw) for _ in range(draw.randint(8, 20))]
    return " ".join(words).capitalize() + "."


def _paragraph(draw: random.Random, chinese: bool) -> str:
    return ("" if chinese else " ").join(_sentence(draw, chinese) for _ in range(draw.randint(2, 6)))


def _page(draw: random.Random, site: int, body: list[str], chinese: bool) -> str:
    title = _sentence(draw, chinese).rstrip("。.")
    day = f"2025-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    paragraphs = "".join(f"<p>{each}</p>\n" for each in body)
    parts = [
        f'<!doctype html><html lang="{"zh" if chinese else "en"}"><head><meta charset="utf-8">',
        f'<title>{title}</title><meta property="og:site_name" content="Site {site}">',
        f'<meta property="article:published_time" content="{day}T08:00:00Z"></head><body>',
        _menu(site, chinese),
        f'<article><h1>{title}</h1><div class="info">{day}</div>{paragraphs}</article>',
    ]
    room = int(SMALLEST * (LARGEST / SMALLEST) ** draw.random()) - sum(len(part.encode()) for part in parts)
    while room > 0:
        parts.append(_filling(draw, chinese))
        room -= len(parts[-1].encode())
    return "".join([*parts, f'<div class="foot">Site {site}</div></body></html>'])


@cache
def _menu(site: int, chinese: bool) -> str:
    same = random.Random(site)
    links = (f'<li><a href="/{_word(same)}/">{_sentence(same, chinese)[:4]}</a></li>' for _ in range(20))
    return f'<ul class="menu">{"".join(links)}</ul>'


def _filling(draw: random.Random, chinese: bool) -> str:
    """A script, a style sheet or a list of other stories: most of a news page's bytes."""
    kind = draw.random()
    if kind < 0.3:
        lines = (f"var {_word(draw)}={draw.randrange(10**9)}" for _ in range(100))
        return f"<script>{';'.join(lines)}</script>"
    if kind < 0.5:
        rules = (f".{_word(draw)}{{margin:{draw.randrange(99)}px}}" for _ in range(60))
        return f"<style>{''.join(rules)}</style>"
    cards = (
        f'<div class="card c{draw.randrange(9)}"><a class="link" href="/{draw.randrange(10**6)}.html" '
        f'data-id="{draw.randrange(10**9)}"><img src="/i/{draw.randrange(10**6)}.jpg" alt="">'
        f"<span>{_sentence(draw, chinese)[:24]}</span></a></div>\n"
        for _ in range(12)
    )
    return f'<div class="list">{"".join(cards)}</div>'
