"""Recognise words that script conversion changes, where an alignment found only different characters.

Converting between the mainland and Taiwan changes words, not only characters (信息 資訊). Converting
whole texts first would also change words that were never converted; so the converter is asked only where a
few characters of one text stand for a few others between the same neighbours.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import opencc

from corpus.anchor.folding import fold_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus.anchor.folding import Folded

_LONGEST = 6
"""Characters in the longest word pair looked for."""
_AROUND = ((2, 2), (2, 0), (0, 2), (1, 1), (0, 0))
"""How many neighbours are converted along, left and right: the dictionary's words may reach past the gap."""


@lru_cache(maxsize=1)
def _converters() -> tuple[opencc.OpenCC, opencc.OpenCC]:
    return opencc.OpenCC("s2twp"), opencc.OpenCC("tw2sp")


@lru_cache(maxsize=16384)
def _converted_alike(old: str, new: str) -> bool:
    """Tell whether conversion, either way, turns one text into the other."""
    one, two = fold_text(old)[0], fold_text(new)[0]
    for converter in _converters():
        if fold_text(converter.convert(old))[0] == two or fold_text(converter.convert(new))[0] == one:
            return True
    return False


def _gaps(place: NDArray[np.int64], old: Folded, new: Folded) -> Iterator[tuple[int, int, int, int]]:
    """Name short stretches (old start, old end, new start, new end) between the same neighbours."""
    lost = place < 0
    turns = np.flatnonzero(np.diff(np.concatenate(([False], lost, [False])).astype(np.int8)))
    for low, high in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if high - low > _LONGEST or old.paragraph[low] != old.paragraph[high - 1]:
            continue
        first, last = old.first[old.paragraph[low]], old.first[old.paragraph[low] + 1]
        before = int(place[low - 1]) + 1 if low > first else -1
        after = int(place[high]) if high < last else -1
        if before < 0 and after >= 0:
            before = int(new.first[new.paragraph[after]])
        if after < 0 and before > 0:
            after = int(new.first[new.paragraph[before - 1] + 1])
        if 0 < after - before <= _LONGEST and new.paragraph[before] == new.paragraph[after - 1]:
            yield low, high, before, after


def _read(text: Folded, paragraphs: Sequence[str], low: int, high: int) -> str:
    """Return what folded characters of one paragraph stand for, without the white space between them."""
    written = paragraphs[int(text.paragraph[low])][int(text.start[low]) : int(text.end[high - 1])]
    return "".join(written.split())


def _window(
    place: NDArray[np.int64], gap: tuple[int, int, int, int], left: int, right: int
) -> tuple[int, int, int, int] | None:
    """Widen a gap by neighbours that have places, and by what was put in between them."""
    low, high, new_low, new_high = gap
    a, b = low - left, high + right
    if a < 0 or b > len(place):
        return None
    if (place[a:low] < 0).any() or (place[high:b] < 0).any():
        return None
    c = int(place[a]) if left else new_low
    d = int(place[b - 1]) + 1 if right else new_high
    return (a, b, c, d) if c <= new_low and new_high <= d <= c + 3 * _LONGEST else None


def _spread(
    place: NDArray[np.int64],
    until: NDArray[np.int64],
    gap: tuple[int, int, int, int],
    window: tuple[int, int, int, int],
) -> None:
    """Give the gap's characters their share of the new word, its neighbours what was put in beside them."""
    low, high, new_low, new_high = gap
    edges = new_low + (np.arange(high - low + 1) * (new_high - new_low)) // (high - low)
    place[low:high] = np.minimum(edges[:-1], new_high - 1)
    until[low:high] = np.maximum(edges[1:] - 1, place[low:high])
    for at in range(window[0] + 1, low):
        place[at] = until[at - 1] + 1
    for at in range(window[1] - 2, high - 1, -1):
        until[at] = place[at + 1] - 1


def match_phrases(
    place: NDArray[np.int64], old: Folded, new: Folded, old_texts: Sequence[str], new_texts: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give places to characters of converted words; return first and last place of each old character.

    The two differ only where one character stands for several of a longer word.
    """
    place, until = place.copy(), place.copy()
    taken = np.zeros(len(new.codes) + 1, dtype=bool)
    taken[place[place >= 0]] = True
    for low, high, new_low, new_high in _gaps(place, old, new):
        if taken[new_low:new_high].any():
            continue
        for left, right in _AROUND:
            window = _window(place, (low, high, new_low, new_high), left, right)
            if window is None:
                continue
            a, b, c, d = window
            if old.paragraph[a] != old.paragraph[b - 1] or new.paragraph[c] != new.paragraph[d - 1]:
                continue
            if _converted_alike(_read(old, old_texts, a, b), _read(new, new_texts, c, d)):
                _spread(place, until, (low, high, new_low, new_high), window)
                break
    return place, until
