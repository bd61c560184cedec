"""A paragraph as tokens with IOB2 tags.

The rule is plain and fixed, so that tokens never depend on a dictionary or on the labels: a Han, kana or
Bopomofo character is a token, a run of other letters, marks and digits is a token (`Tàixī`, `H100`, `3.5`),
and so is every other character that is not white space. White space is between tokens, never in them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# Scripts written without spaces, where a character is the unit that every tokeniser can agree on (UAX #24).
_ALONE = r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}]"
_TOKEN = rf"{_ALONE}\p{{M}}*|\p{{Nd}}+(?:[.,]\p{{Nd}}+)+|(?:(?!{_ALONE})[\p{{L}}\p{{M}}\p{{N}}])+|\S"


class Token(NamedTuple):
    """A token and its place: `text[start:end]` of the paragraph, in code points."""

    start: int
    end: int
    text: str


def tokens(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens.

    >>> [token.text for token in tokens("云岭卖出 3.5 万片 H100。")]
    ['云', '岭', '卖', '出', '3.5', '万', '片', 'H100', '。']
    """
    return tuple(Token(match.start(), match.end(), match.group()) for match in _pattern().finditer(text))


@cache
def _pattern() -> Any:  # noqa: ANN401 - regex has no types
    import regex

    return regex.compile(_TOKEN)


def iob2(cut: tuple[Token, ...], spans: Iterable[tuple[int, int, str]]) -> tuple[str, ...]:
    """Tag tokens with spans of (start, end, label); of spans that share a token the longest is tagged.

    A token that a span covers in part is tagged whole: tokens do not bend to labels. Spans of equal length go
    by their start.

    >>> iob2(tokens("云岭海关"), [(0, 4, "ORG"), (0, 2, "PLACE")])
    ('B-ORG', 'I-ORG', 'I-ORG', 'I-ORG')
    """
    tags = ["O"] * len(cut)
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        inside = [i for i, token in enumerate(cut) if token.start < end and start < token.end]
        if inside and all(tags[i] == "O" for i in inside):
            tags[inside[0]] = f"B-{label}"
            for i in inside[1:]:
                tags[i] = f"I-{label}"
    return tuple(tags)


def misfits(text: str, spans: Iterable[tuple[int, int, str]]) -> tuple[int, int]:
    """Count the spans that the tags of a text cannot hold, and those they hold wider than they are.

    The first share a token with a longer span; the second begin or end inside a token.

    >>> misfits("云岭海关H100", [(0, 4, "ORG"), (0, 2, "PLACE"), (4, 5, "PRODUCT")])
    (1, 1)
    """
    given = list(spans)
    cut = tokens(text)
    tagged = sum(tag.startswith("B-") for tag in iob2(cut, given))
    starts, ends = {token.start for token in cut}, {token.end for token in cut}
    wider = sum(not (start in starts and end in ends) for start, end, _ in given)
    return len(given) - tagged, wider
