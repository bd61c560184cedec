"""Texts -> their character n-grams ("shingles"; Broder 1997), as hashes, behind a normalisation.

The normalisation removes what reposting changes: width and case (NFKC, case folding), white space, punctuation
and symbols, traditional characters (to simplified, one by one). A shingle that begins with a Han character,
kana or Hangul has five characters; any other has nine, since five letters of an alphabet are in every tenth
page. Many texts are hashed in one go, since most are short paragraphs.
"""

from __future__ import annotations

import unicodedata
from functools import cache, reduce
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# Characters from the CJK radicals on say as much as half a word elsewhere.
_DENSE = 0x2E80
_SHORT, _LONG = 5, 9
# Characters hashed in one go: what a processor keeps near it.
_BATCH = 1 << 14


class Shingled(NamedTuple):
    """The shingles of some texts: text i has `hashes[starts[i]:starts[i + 1]]`, sorted and distinct."""

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]

    def of(self, index: int) -> NDArray[np.uint64]:
        """Return the shingles of one of the texts."""
        return self.hashes[self.starts[index] : self.starts[index + 1]]


def shingles(text: str) -> NDArray[np.uint64]:
    """Return the sorted distinct hashes of a text's shingles, of all of the text if it is too short for one.

    Hashes have 64 bits: among 10,000 shingles two collide once in 10^11 texts, so sets of hashes stand for
    sets of shingles. A text without letters or digits has none.
    """
    return _hashed([text]).hashes


def shingled(texts: Sequence[str]) -> Iterator[Shingled]:
    """Hash texts as `shingles` does each, many at a time: yields them in order, some texts to a batch."""
    batch: list[str] = []
    length = 0
    for text in texts:
        if batch and length + len(text) > _BATCH:
            yield _hashed(batch)
            batch, length = [], 0
        batch.append(text)
        length += len(text)
    if batch:
        yield _hashed(batch)


def similarity(left: str, right: str) -> tuple[float, float]:
    """Return the exact Jaccard similarity of two texts' shingles, and the smaller set's share in the other.

    >>> similarity("港口海關公布了檢查結果。", "港口海关公布了检查结果，今天")
    (0.7777777777777778, 1.0)
    """
    first, second = shingles(left), shingles(right)
    if not len(first) or not len(second):
        return 0.0, 0.0
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / (len(first) + len(second) - shared), shared / min(len(first), len(second))


def _hashed(texts: Sequence[str]) -> Shingled:
    codes, edges = _normalised(texts)
    lengths = np.diff(edges)
    padded = np.concatenate([codes, np.zeros(_LONG, np.uint64)])
    twos = padded[:-1] * _WEIGHTS[0] + padded[1:]
    fours = twos[:-2] * _WEIGHTS[1] + twos[2:]
    eights = fours[:-4] * _WEIGHTS[2] + fours[4:]
    dense = codes >= _DENSE
    hashes = np.where(
        dense,
        fours[: len(codes)] * _WEIGHTS[3] + padded[4 : 4 + len(codes)],
        eights[: len(codes)] * _WEIGHTS[3] + padded[8 : 8 + len(codes)],
    )
    left = np.repeat(edges[1:], lengths) - np.arange(len(codes))
    whole = left >= np.where(dense, _SHORT, _LONG)
    counts = np.diff(np.concatenate([[0], np.cumsum(whole)])[edges])
    for short in np.flatnonzero((counts == 0) & (lengths > 0)).tolist():
        start = int(edges[short])
        characters = codes[start : int(edges[short + 1])].tolist()
        hashes[start] = np.uint64(reduce(lambda all_, code: (all_ * _WHOLE + code) % 2**64, characters))
        whole[start] = True
        counts[short] = 1
    return _distinct(_mixed(hashes[whole]), np.concatenate([[0], np.cumsum(counts)]))


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply the finaliser of SplitMix64 (Steele, Lea & Flood 2014): a sketch picks by the highest bits."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = hashes ^ (hashes >> np.uint64(31))
    return mixed


def _distinct(hashes: NDArray[np.uint64], starts: NDArray[np.int64]) -> Shingled:
    """Sort the hashes of each text, and leave one of each."""
    edges = starts.tolist()
    for start, end in zip(edges, edges[1:], strict=False):
        hashes[start:end].sort()
    first = np.ones(len(hashes), np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    first[starts[:-1][starts[:-1] < len(hashes)]] = True
    return Shingled(hashes[first], np.concatenate([[0], np.cumsum(first)])[starts])


# Odd numbers of 64 bits from the digits of pi and e: sums of characters so weighted collide as random ones
# do.
_WEIGHTS = np.array(
    [0x243F6A8885A308D3, 0x13198A2E03707345, 0xB7E151628AED2A6B, 0xBF7158809CF4F3C7], np.uint64
)
_WHOLE = 0x9E3779B97F4A7C15


def _normalised(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the code points of the texts that count, folded to one form, and where each text's begin."""
    table = _folding()
    folded = table[np.minimum(_code_points(texts), len(table) - 1)]
    expanding = folded == _EXPANDS
    if expanding.any():
        ends = np.array([0, *accumulate(map(len, texts))])
        within = np.searchsorted(ends, np.flatnonzero(expanding), side="right") - 1
        longer = set(within.tolist())
        texts = [_expanded(text) if at in longer else text for at, text in enumerate(texts)]
        folded = table[np.minimum(_code_points(texts), len(table) - 1)]
    kept = (folded != 0) & (folded != _EXPANDS)
    edges = np.array([0, *accumulate(map(len, texts))])
    return folded[kept].astype(np.uint64), np.concatenate([[0], np.cumsum(kept)])[edges]


def _code_points(texts: Sequence[str]) -> NDArray[np.uint32]:
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)


def _expanded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


_EXPANDS = 0xFFFFFFFF
# Beyond the third plane there are no letters.
_PLANES = 0x40000


@cache
def _folding() -> NDArray[np.uint32]:
    """Return what each code point counts as: another one, 0 for nothing, _EXPANDS for more than one.

    Letters, digits and marks count. Han characters are simplified one by one; phrases would need segmenting,
    and do not matter to similarity.
    """
    table = np.zeros(_PLANES + 1, np.uint32)
    for code in range(_PLANES):
        char = chr(code)
        if unicodedata.category(char)[0] in "LNM":
            folded = _expanded(char)
            table[code] = ord(folded) if len(folded) == 1 else _EXPANDS
    traditional = [code for code in range(0x3400, _PLANES) if table[code] == code and _is_han(code)]
    simplified = _simplifier().convert("\n".join(map(chr, traditional))).split("\n")
    for code, char in zip(traditional, simplified, strict=True):
        if len(char) == 1:
            table[code] = ord(char)
    # What a character is folded to may be traditional itself.
    changed = (table != 0) & (table != _EXPANDS)
    table[changed] = table[table[changed]]
    table[_PLANES] = 0
    return table


def _is_han(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code < _PLANES


def _simplifier() -> Any:  # noqa: ANN401 - opencc has no types
    import opencc

    return opencc.OpenCC("t2s")
