"""The title: what the visible headline and the machine-readable titles agree on, without the site's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import LONGEST
from corpus.records import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Separators between a title and the name of its site: with space around them, or what only serves as one.
_SEPARATOR = re.compile(
    r"\s+[|｜\-–—·•»«>:：/~]+\s+|\s?[|｜»«]\s?|_+|——|--+|(?<=[^\x00-\x7f])\s?[-–—]\s?(?=[^\x00-\x7f]|\d)"
)
# Words of three letters and more, or single characters of scripts that put no space between words.
_WORD = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]|[^\W\d_\u2e80-\u9fff\uac00-\ud7af]{3,}")
# What a variant of a page puts before its title.
_VARIANT = re.compile(
    r"^[\[［【(（](?:打印版|列印版|手机版|移动版|print version|printable)[\]］】)）]\s*", re.IGNORECASE
)
# A site's name that only a space parts from a title written without spaces.
_SPACED_SITE = re.compile(
    r"(?<=[^\x00-\x7f])\s+[\u3400-\u9fff]{2,8}"
    r"(?:(?<!互联|互聯|物联|物聯)(?<![上全电電入联聯触])[网網]|日报|日報|晚报|晚報)$"
)
_SECTION = re.compile(r"[\u3400-\u9fff]{1,4}")
_DECORATION = re.compile(r"\s*(?:¶|\[\s?(?:编辑|編輯|edit|bearbeiten)\s?\])\s*$", re.IGNORECASE)
_KIND = re.compile(
    r"(?:网|網|报|報|频道|频道首页|社区|论坛|論壇|博客|百科|百科全书|资讯|新闻|新聞|日报|在线|门户|首页)$"
)
_OUTLET = re.compile(r"[^\x00-\x7f](?:网|網|报|報|社|台|论坛|論壇|社区|在线)$")
_FOLDED = re.compile(r"[\W_]+")


def choose(
    candidates: Sequence[Fact], headings: Sequence[Fact], sites: Iterable[str], host: str
) -> Fact | None:
    """Return the title with its evidence.

    A heading that a candidate confirms is what readers see, whole and without decoration, so it is preferred:
    one that says the same, then one that shares much of its wording (many pages word their `og:title` for
    search engines). Else the first candidate in the order given. The site's name is cut off, and is no title.

    >>> told = [Fact("Port opens again - Harbour Daily", "title")]
    >>> choose(told, [Fact("Port opens again", "h1")], [], "harbour.example")
    Fact(value='Port opens again', evidence='h1')
    >>> choose(told, [], ["Harbour Daily"], "harbour.example")
    Fact(value='Port opens again', evidence='title')
    """
    names = {folded(site) for site in sites} - {""}
    candidates = [Fact(_VARIANT.sub("", value), evidence) for value, evidence in candidates]
    cleaned = [Fact(without_site(value, names, host), evidence) for value, evidence in candidates]
    cleaned = [fact for fact in cleaned if _is_title(fact.value, names)]
    headings = [
        heading
        if heading.evidence == "h1"
        else Fact(without_site(heading.value, names, host), heading.evidence)
        for heading in headings
    ]
    seen = [
        fact
        for fact in (Fact(_DECORATION.sub("", _VARIANT.sub("", text)), place) for text, place in headings)
        if _is_title(fact.value, names)
    ]
    for heading in seen:
        for told in cleaned:
            if agree(heading.value, told.value):
                return Fact(_plainer(heading.value, told.value), heading.evidence)
    for heading in seen:
        if any(agree(heading.value, value) for value, _ in candidates) and not _is_site(
            heading.value, names, host
        ):
            return heading
    distinct = {folded(heading.value): heading for heading in seen}
    for heading in distinct.values():
        if not _is_site(heading.value, names, host) and any(
            _share(heading.value, told.value) >= 0.25 for told in cleaned
        ):
            return heading
    if cleaned:
        return cleaned[0]
    return next(iter(distinct.values())) if len(distinct) == 1 else None


def _is_title(text: str, names: set[str]) -> bool:
    """Whether a text can be a title: not too long, not the name of a site or, being short, of an outlet."""
    if len(text) <= 10 and _OUTLET.search(text):
        return False
    return 1 < len(text) <= LONGEST["title"] and bool(folded(text)) and folded(text) not in names


def _plainer(heading: str, told: str) -> str:
    """Of two that agree, leave out what only the heading element holds (a button, a badge at its end)."""
    extra = heading.removeprefix(told).lstrip()
    if (
        extra != heading
        and not told.endswith(("…", "..."))
        and extra[:1] not in {":", "：", "-", "–", "—", "|", "("}
    ):
        return told
    before = heading.removesuffix(told).rstrip()
    return told if before != heading and before and before[-1] not in ":：|-–—," else heading


def _share(one: str, other: str) -> float:
    """Return the share of words (of characters where words are not spaced) that two titles have in common."""
    first, second = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return len(first & second) / max(1, min(len(first), len(second))) if min(len(first), len(second)) else 0.0


def without_site(title: str, names: set[str], host: str) -> str:
    """Cut the site's name, sections between it and the title, and its software's, off either end.

    Known by the names the page gives its site or by the host; without either, a short last part after a
    separator is taken for one, since most pages end their title so and few titles are written so.

    >>> without_site("Port opens again_News_Harbour Daily", {"harbourdaily"}, "")
    'Port opens again'
    >>> without_site("Port opens again | harbour.example", set(), "harbour.example")
    'Port opens again'
    """
    if (spaced := _SPACED_SITE.search(title)) and spaced.start() > len(spaced[0]):
        title = title[: spaced.start()]
    pieces = _pieces(title)
    first, last = 0, len(pieces) - 1
    last -= last > 0 and title[pieces[last][0] :].lower().startswith("powered by ")
    while first < last:
        piece, before = title[slice(*pieces[last])], title[pieces[last - 1][1] : pieces[last][0]].strip()
        # Between a title and its site some pages name sections: `Title_Section_Site`.
        section = last < len(pieces) - 1 and len(piece) <= 8 < len(title[slice(*pieces[first])])
        if "_" in before or section or _is_site(piece, names, host):
            last -= 1
        elif _is_site(title[slice(*pieces[first])], names, host) or (
            first > 0 and _SECTION.fullmatch(title[slice(*pieces[first])])
        ):
            first += 1
        else:
            break
    if first == 0 and last == len(pieces) - 1 and last > 0:
        tail, head = title[slice(*pieces[last])], title[: pieces[last - 1][1]].strip()
        last -= len(head) >= 2 * len(tail)
    return title[pieces[first][0] : pieces[last][1]].strip() if pieces else ""


def site(title: str, host: str) -> str | None:
    """Return the name of the site a title ends or begins with, if its kind or its host says that it is one.

    >>> site("港口重新开放_国内_港口日报网", ""), site("Port opens | Harbour Daily", "harbourdaily.example")
    ('港口日报网', 'Harbour Daily')
    >>> site("Port opens | Late edition", "harbourdaily.example") is None
    True
    """
    pieces = _pieces(title)
    for start, end in (pieces[-1], pieces[0]) if len(pieces) > 1 else ():
        piece = title[start:end].strip()
        if 2 < len(piece) <= 30 and (
            _OUTLET.search(piece) or (_is_site(piece, set(), host) and piece.isascii())
        ):
            return piece
    return None


def parts(title: str) -> list[str]:
    """Return the parts of a title between its separators.

    >>> parts("港口重新开放 - 国内 - 港口日报网")
    ['港口重新开放', '国内', '港口日报网']
    """
    return [title[start:end].strip() for start, end in _pieces(title)]


def _pieces(title: str) -> list[tuple[int, int]]:
    """Return the places of the parts of a title between its separators."""
    marks = list(_SEPARATOR.finditer(title[: LONGEST["title"]]))
    starts = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(title)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if title[start:end].strip()]


def agree(one: str, other: str) -> bool:
    """Whether two titles are the same but for case, punctuation and what one adds (a cut, a suffix)."""
    short, long = sorted((folded(one), folded(other)), key=len)
    return bool(short) and (
        short == long or (2 * len(short) >= len(long) and len(short) >= 6 and short in long)
    )


def folded(text: str) -> str:
    """Return only letters and digits, without case.

    >>> folded("Salt & Light!")
    'saltlight'
    """
    return _FOLDED.sub("", text[: LONGEST["title"]]).casefold()


def _is_site(piece: str, names: set[str], host: str) -> bool:
    """Whether a part of a title is the site's name: as the page gives it, as its host spells it, by kind."""
    name = folded(piece)
    if not name or name in names or (len(piece) <= 20 and _KIND.search(piece.strip())):
        return True
    if any(len(known) > 3 and len(name) > 3 and (known in name or name in known) for known in names):
        return len(piece) <= 60
    labels = host.split(".")[:-1]
    spelled = name in "".join(labels) or any(len(label) > 4 and label in name for label in labels)
    return len(name) > 3 and name.isascii() and (spelled or name == folded(host)) and len(piece) <= 40
