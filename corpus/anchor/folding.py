"""Fold paragraphs into one sequence of characters that survives width, script, punctuation and white space.

Two texts that a reader calls the same fold to the same characters; each folded character keeps the range of
the text it came from, so that a place found in folded text is a place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import opencc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Punctuation that editors, feeds and input methods swap for one another; NFKC folds the full-width forms of
# ASCII and the ellipsis, this folds what NFKC leaves apart.
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("“”„‟‘’‚‛′″「」『』﹁﹂﹃﹄〝〞`´", '"'),
        "'": '"',
        **dict.fromkeys("‐‑‒–—―−─━~～〜˗", "-"),
        **dict.fromkeys("、﹑､", ","),
        **dict.fromkeys("。｡․…⋯", "."),
        **dict.fromkeys("•‧∙・･⋅●▪◦", "·"),
        **dict.fromkeys("《〈«‹＜", "<"),
        **dict.fromkeys("》〉»›＞", ">"),
        **dict.fromkeys("【〔〖［", "["),
        **dict.fromkeys("】〕〗］", "]"),
    }
)

_REPEATED = frozenset(".-!?·*=_~")
"""Marks of which any number in a row is one: how many an ellipsis or a dash has depends on who typed it."""

_HAN = ((0x3400, 0xA000), (0xF900, 0xFB00))
_SCRIPTS = ("t2s", "s2t", "tw2s", "s2tw", "hk2s", "s2hk")

SENTENCE_ENDS = frozenset(ord(mark) for mark in '.!?;"')


class Folded(NamedTuple):
    """Paragraphs folded into one sequence: four arrays of one length, and where paragraphs begin in them.

    Character `k` is `codes[k]` and stands for `paragraphs[paragraph[k]][start[k]:end[k]]`. `first[p]` is the
    first character of paragraph `p`, with one more entry for the end.
    """

    codes: NDArray[np.int64]
    paragraph: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first: NDArray[np.int64]


@lru_cache(maxsize=1)
def _variants() -> dict[int, int]:
    """Map each Han character to one of its simplified, traditional, Taiwan and Hong Kong variants.

    Characters that any OpenCC table maps to one another get one representative (里裏裡, 发發髮), so that no
    choice of converter and no homograph can tell two scripts of one text apart.
    """
    han = [chr(code) for low, high in _HAN for code in range(low, high)]
    parent: dict[str, str] = {}

    def root(character: str) -> str:
        while (above := parent.get(character, character)) != character:
            character = above
        return character

    for script in _SCRIPTS:
        converted = opencc.OpenCC(script).convert("\n".join(han)).split("\n")
        for character, other in zip(han, converted, strict=True):
            if character != other and len(other) == 1:
                one, two = sorted((root(character), root(other)))
                parent[two] = one
    return {ord(character): ord(root(character)) for character in parent}


@lru_cache(maxsize=65536)
def _fold_cluster(cluster: str) -> str:
    """Fold one character with its combining marks; empty for white space, controls and invisible marks."""
    folded = unicodedata.normalize("NFKC", cluster).casefold().translate(_PUNCTUATION)
    folded = unicodedata.normalize("NFKC", folded)
    return "".join(c for c in folded if not (c.isspace() or unicodedata.category(c) in {"Cc", "Cf"}))


# A character with the combining marks after it (Latin, Cyrillic, Hebrew, kana voicing): NFKC composes them.
# Variation selectors are dropped by matching them here and nowhere else.
_COMBINED = re.compile(
    "(.)([\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]*)"
    "[\ufe00-\ufe0f]*",
    re.DOTALL,
)


def fold_text(text: str) -> tuple[str, list[int], list[int]]:
    """Return a text's folded characters and, for each, the start and end in the text that it stands for.

    A run of one punctuation mark becomes one (…… and ..., —— and --).

    >>> fold_text("「聯合國 頭髮……」")[0] == fold_text("“联合国头发...”")[0]
    True
    """
    folded: list[str] = []
    start: list[int] = []
    end: list[int] = []
    for match in _COMBINED.finditer(text):
        low, high = match.span()
        for character in _fold_cluster(match.group(1) + match.group(2)):
            if folded and folded[-1] == character and character in _REPEATED:
                end[-1] = high
                continue
            folded.append(character)
            start.append(low)
            end.append(high)
    return "".join(folded).translate(_variants()), start, end


def fold(paragraphs: Sequence[str]) -> Folded:
    """Fold paragraphs into one sequence of characters with the way back to their offsets."""
    folded = [fold_text(text) for text in paragraphs]
    lengths = np.array([len(characters) for characters, _, _ in folded], dtype=np.int64)
    joined = "".join(characters for characters, _, _ in folded)
    return Folded(
        codes=np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64),
        paragraph=np.repeat(np.arange(len(folded), dtype=np.int64), lengths),
        start=np.array([place for _, start, _ in folded for place in start], dtype=np.int64),
        end=np.array([place for _, _, end in folded for place in end], dtype=np.int64),
        first=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
    )
