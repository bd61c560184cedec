"""Generated web pages for the scale benchmarks: sizes and shapes of real ones, no text of anybody's.

A page is a site's template (styles, scripts, menus, the same on all its pages) around a story, with readers'
comments, lists of other stories and scripts up to its size: 20 to 300 KB, 127 KB on average. By bytes a sixth
is scripts and an eighth styles, a kilobyte has nine tags; some 1,000 collected pages have a fifth, a tenth
and seven. Four sites in five are Chinese, one in eight of these in GB 18030. Pages of one site in eight begin
with an empty line, as those of many templates do; it is among such that libmagic takes pages for scripts.

Each page follows from the seed and its number alone, so that any number of them can be streamed. Of 100, 4
print an earlier story again in their own site's template, 4 print it edited, 4 quote paragraphs of it.
"""

from __future__ import annotations

import random
from functools import cache, lru_cache
from typing import NamedTuple

from scale_text import name, paragraph, sentence, title

SITES = 40
SMALLEST, LARGEST = 20_000, 300_000
EXPONENT = 0.68
"""Of the draw that gives a size between the two on a logarithmic scale: makes the mean 127 KB."""

BACK = 2_000
"""How many pages an earlier story may lie back."""

AGAIN = (("copy", 0.04), ("edited", 0.04), ("quoting", 0.04))
"""What a page may be made of an earlier one, and how often."""


class Site(NamedTuple):
    """What all pages of one site share."""

    name: str
    chinese: bool
    encoding: str
    opening: str
    closing: str
    story: str
    comments: bool


class Made(NamedTuple):
    """A page: where it lies, its address, its body as served, and what of it is main content."""

    path: str
    url: str
    body: bytes
    content_type: str
    paragraphs: tuple[str, ...]


def made(number: int, seed: int = 0, sizes: tuple[int, int] = (SMALLEST, LARGEST)) -> Made:
    """Make one page: the same for the same number, seed and bounds of its size in bytes."""
    draw = random.Random(f"{seed} page {number}")
    site = site_of(_site_number(number, seed))
    headline, paragraphs = _story(number, seed)
    wanted = int(sizes[0] * (sizes[1] / sizes[0]) ** draw.random() ** EXPONENT)
    day = f"2025-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    parts = [
        site.opening.replace("{title}", headline).replace("{day}", day),
        site.story.format(
            title=headline,
            day=day,
            author=name(draw, site.chinese),
            text="\n".join(f"<p>{each}</p>" for each in paragraphs),
        ),
        _comments(draw, site.chinese) if site.comments else "",
    ]
    pieces = _filling(_site_number(number, seed))
    room = wanted - sum(len(part.encode(site.encoding)) for part in (*parts, site.closing))
    at = draw.randrange(len(pieces))
    while room > 0:
        text, size = pieces[at % len(pieces)]
        parts.append(text)
        room -= size
        at += draw.randint(1, 5)
    body = "".join([*parts, site.closing]).encode(site.encoding)
    told = "text/html" if site.encoding == "gb18030" else "text/html; charset=utf-8"
    return Made(
        f"{site.name}/{number:08}.html", f"https://{site.name}.example/{number}", body, told, paragraphs
    )


def origin(number: int, seed: int = 0) -> tuple[str, int] | None:
    """What a page is made of: the kind and the number of the story's first page; None for an own story."""
    draw = random.Random(f"{seed} origin {number}")
    at, chance = draw.random(), 0.0
    for kind, share in AGAIN:
        chance += share
        if at < chance and number:
            chinese = site_of(_site_number(number, seed)).chinese
            for _ in range(20):
                earlier = draw.randrange(max(0, number - BACK), number)
                if not origin(earlier, seed) and site_of(_site_number(earlier, seed)).chinese == chinese:
                    return kind, earlier
            return None
    return None


def _site_number(number: int, seed: int) -> int:
    return int(random.Random(f"{seed} site {number}").random() * SITES)


@lru_cache(maxsize=256)
def _story(number: int, seed: int) -> tuple[str, tuple[str, ...]]:
    """The headline and the paragraphs of a page."""
    draw = random.Random(f"{seed} story {number}")
    chinese = site_of(_site_number(number, seed)).chinese
    own = tuple(paragraph(draw, chinese) for _ in range(int(draw.lognormvariate(2.5, 0.5)) + 3))
    headline = title(draw, chinese)
    if not (found := origin(number, seed)):
        return headline, own
    kind, earlier = found
    first, theirs = _story(earlier, seed)
    if kind == "copy":
        return first, theirs
    if kind == "edited":
        changed = draw.randrange(len(theirs))
        new = theirs[changed][: len(theirs[changed]) // 2] + sentence(draw, chinese)
        return headline, (*theirs[:changed], new, *theirs[changed + 1 :])
    taken = draw.randint(1, min(3, len(theirs)))
    at = draw.randrange(len(theirs) - taken + 1)
    return headline, (*own[:2], *theirs[at : at + taken], *own[2:])


_STORIES = (
    (
        "<article><h1>{title}</h1>"
        '<div class="meta"><span>{day}</span> <span>{author}</span></div>{text}</article>'
    ),
    (
        '<div class="title"><h1>{title}</h1></div>'
        '<p class="source">{day} {author}</p><div id="content">{text}</div>'
    ),
    '<div class="post"><h2>{title}</h2><time>{day}</time><div class="body">{text}</div><p>{author}</p></div>',
)


@cache
def site_of(number: int) -> Site:
    """What the pages of a site share; sites are the same for every seed."""
    draw = random.Random(f"site {number}")
    chinese = number % 5 != 0
    encoding = "gb18030" if chinese and number % 10 == 1 else "utf-8"
    words = _words(draw, 12)
    doctype = ("<!DOCTYPE html>\n", "<!doctype html>", "<!DOCTYPE html>\n<!-- page -->\n")[number % 3]
    if number % 8 == 7:  # as templates often begin: then libmagic goes by the scripts it finds in the head
        doctype = f"\n{doctype}"
    links = "".join(
        f'<li><a href="/{_words(draw, 1)[0]}/">{title(draw, chinese)[:4]}</a></li>' for _ in range(24)
    )
    head = (
        f'{doctype}<html lang="{"zh-CN" if chinese else "en"}"><head>'
        f'<meta charset="{encoding}"><title>{{title}} - Site {number}</title>'
        f'<meta property="og:site_name" content="Site {number}">'
        '<meta property="article:published_time" content="{day}T08:00:00Z">'
        f"<script>(function(w,d){{w.{words[1]}=w.{words[1]}||[d.title]}})(window,document);</script>"
        f"{''.join(_style(draw) for _ in range(3))}{''.join(_script(draw) for _ in range(2))}</head>"
    )
    opening = f'{head}<body><div class="top"><ul class="{words[0]} nav">{links}</ul></div><div class="main">'
    story = _STORIES[number % 3 if number % 7 else 1]
    foot = f'</div><div class="footer"><ul>{links}</ul><p>Copyright Site {number}</p></div>'
    closing = f"{foot}{_script(draw)}</body></html>"
    return Site(f"site-{number:02}", chinese, encoding, opening, closing, story, number % 3 != 1)


def _comments(draw: random.Random, chinese: bool) -> str:
    heading, reply, like = ("评论", "回复", "赞") if chinese else ("Comments", "Reply", "Like")
    said = (
        f'<li class="comment"><b>{name(draw, chinese)}</b><span>2025-{draw.randint(1, 12):02}-'
        f"{draw.randint(1, 28):02} {draw.randint(0, 23):02}:{draw.randint(0, 59):02}</span>"
        f"<div>{paragraph(draw, chinese, 1, 2)}</div>"
        f'<a href="#r">{reply}</a> <a href="#u">{like}({draw.randint(0, 99)})</a></li>'
        for _ in range(int(draw.random() ** 2 * 30))
    )
    return f'<div id="comments"><h3>{heading}</h3><ul>{"".join(said)}</ul></div>'


@cache
def _filling(site: int) -> list[tuple[str, int]]:
    """What stands around the stories of a site, in pieces of one to six kilobytes, with their bytes."""
    draw = random.Random(f"filling {site}")
    kind = site_of(site)
    makers = [_script, _style, *[_cards] * 6]
    texts = [
        make(draw, kind.chinese) if make is _cards else make(draw) for make in draw.choices(makers, k=60)
    ]
    return [(text, len(text.encode(kind.encoding))) for text in texts]


def _script(draw: random.Random) -> str:
    names = _words(draw, 40)
    lines = (
        f"var {each} = function(t, n) "
        f"{{var r = t.{draw.choice(names)} || {draw.randrange(10**6)}; return r}};\n"
        for each in names
    )
    return f'<script type="text/javascript">\n{"".join(lines)}</script>\n'


def _style(draw: random.Random) -> str:
    rules = (
        f".{each}{{margin:{draw.randrange(99)}px 0;color:#{draw.randrange(16**6):06x};display:block}}"
        for each in _words(draw, 40)
    )
    return f"<style>{''.join(rules)}</style>\n"


def _cards(draw: random.Random, chinese: bool) -> str:
    cards = (
        f'<div class="card c{draw.randrange(9)}"><a class="link" href="/{draw.randrange(10**6)}.html" '
        f'data-id="{draw.randrange(10**9)}"><img src="/images/2025/{draw.randrange(10**6)}-320x200.jpg" '
        f'width="320" height="200" srcset="/images/2025/{draw.randrange(10**6)}-320x200.jpg 320w, '
        f'/images/2025/{draw.randrange(10**6)}-640x400.jpg 640w" sizes="(max-width: 640px) 100vw, 320px" '
        f'loading="lazy" decoding="async" class="attachment-{draw.randrange(99)} wp-post-image" alt="">'
        f'<span class="headline">{title(draw, chinese)}</span></a>'
        f"<em>{draw.randint(1, 12)}-{draw.randint(1, 28)}</em></div>\n"
        for _ in range(draw.randint(4, 14))
    )
    return f'<div class="list {_words(draw, 1)[0]}">{"".join(cards)}</div>\n'


def _words(draw: random.Random, count: int) -> list[str]:
    """Names as programs have them."""
    return ["".join(draw.choices("abcdefghiklmnoprstuvw", k=draw.randint(4, 9))) for _ in range(count)]
