"""The title: what the page's visible headline and its machine-readable titles agree on, without the site's name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import LONGEST
from corpus.records import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Separators between a title and the name of its site: with space around them, or what only serves as one.
_SEPARATOR = re.compile(
    r"\s+[|｜\-–—·•»«>:：/~]+\s+|\s?[|｜»«]\s?|_+|——|(?<=[^\x00-\x7f])\s?[-–—]\s?(?=[^\x00-\x7f])"
)
_FOLDED = re.compile(r"[\W_]+")


def choose(
    candidates: Sequence[Fact], headings: Sequence[str], sites: Iterable[str], host: str
) -> Fact | None:
    """Return the title with its evidence.

    A heading (`h1`) that a candidate confirms is what readers see, whole and without decoration, so it is
    preferred; else the first candidate in the order given, without the name of its site. A candidate that is
    nothing but the site's name is none.

    >>> told = [Fact("Port opens again - Harbour Daily", "title")]
    >>> choose(told, ["Port opens again"], [], "harbour.example")
    Fact(value='Port opens again', evidence='h1')
    >>> choose(told, [], ["Harbour Daily"], "harbour.example")
    Fact(value='Port opens again', evidence='title')
    """
    names = {folded(site) for site in sites} - {""}
    cleaned = []
    for value, evidence in candidates:
        bare = without_site(value, names, host)
        if 1 < len(bare) <= LONGEST["title"] and folded(bare) not in names:
            cleaned.append(Fact(bare, evidence))
    for heading in headings:
        if folded(heading) in names or not 1 < len(heading) <= LONGEST["title"]:
            continue
        if any(
            agree(heading, value) or agree(heading, whole.value)
            for (value, _), whole in zip(cleaned, candidates, strict=False)
        ):
            return Fact(heading, "h1")
    if cleaned:
        return cleaned[0]
    lone = [
        heading
        for heading in headings
        if 1 < len(heading) <= LONGEST["title"] and folded(heading) not in names
    ]
    return Fact(lone[0], "h1") if len(lone) == 1 else None


def without_site(title: str, names: set[str], host: str) -> str:
    """Cut the site's name, and sections between it and the title, off either end.

    Known by the names the page gives its site or by the host; without either, a short last part after a
    separator is taken for one, since most pages end their title so and few titles are written so.

    >>> without_site("Port opens again_News_Harbour Daily", {"harbourdaily"}, "")
    'Port opens again'
    >>> without_site("Port opens again | harbour.example", set(), "harbour.example")
    'Port opens again'
    """
    parts = [(0, 0)]
    parts = [
        *parts,
        *((found.start(), found.end()) for found in _SEPARATOR.finditer(title[: LONGEST["title"]])),
    ]
    if len(parts) == 1:
        return title
    starts = [end for _, end in parts]
    ends = [start for start, _ in parts[1:]] + [len(title)]
    pieces = [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
    if len(pieces) < 2:
        return title.strip()
    for number in range(len(pieces) - 1, 0, -1):
        if _is_site(title[slice(*pieces[number])], names, host):
            cut = number
            # Between a title and its site some pages name sections: `Title_Section_Site`.
            while cut > 1 and len(title[slice(*pieces[cut - 1])]) <= 8 < len(title[slice(*pieces[0])]):
                cut -= 1
            return title[: pieces[cut - 1][1]].strip()
    if _is_site(title[slice(*pieces[0])], names, host):
        return title[pieces[1][0] :].strip()
    last = title[slice(*pieces[-1])]
    head = title[: pieces[-2][1]].strip()
    return (
        head if len(head) >= 2 * len(last) or "_" in title[pieces[-2][1] : pieces[-1][0]] else title.strip()
    )


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
    name = folded(piece)
    if not name:
        return True
    if name in names or any(
        len(known) > 3 and (known in name or (len(name) > 3 and name in known)) for known in names
    ):
        return len(piece) <= 60
    labels = "".join(host.split(".")[:-1])
    return (
        len(name) > 3
        and name.isascii()
        and (name in labels or name == folded(host) or (len(labels) > 4 and labels in name))
    )
