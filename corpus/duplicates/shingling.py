"""Texts -> their character n-grams ("shingles"; Broder 1997), as hashes, behind a normalisation.

The normalisation removes what reposting changes: width and case (NFKC, case folding), white space,
punctuation and symbols, traditional characters (to simplified, one by one). A shingle that begins with a Han
character, kana or Hangul has five characters; any other has nine, since five letters of an alphabet are in
every tenth page. Many texts are hashed in one go, since most are short paragraphs.
"""

from __future__ import annotations

import unicodedata
from functools import cache, reduce
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


def shingled(texts: Iterable[str]) -> Iterator[Shingled]:
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
    pieces, counts = [np.zeros(0, np.uint64)], np.zeros(len(texts), np.int64)
    # A long text in pieces, so that only its codes and its hashes are arrays as long as it is.
    for start in range(0, len(codes), 2 * _BATCH):
        within = np.clip(edges, start, start + 2 * _BATCH)
        hashes, needed = _rolled(codes, start, int(within[-1]))
        whole = np.repeat(edges[1:], np.diff(within)) - np.arange(start, within[-1]) >= needed
        counts += np.diff(np.concatenate([[0], np.cumsum(whole)])[within - start])
        pieces.append(hashes[whole])
    hashes = np.concatenate(pieces)
    short = np.flatnonzero((counts == 0) & (np.diff(edges) > 0))
    if len(short):
        alls = [_whole(codes[edges[text] : edges[text + 1]].tolist()) for text in short.tolist()]
        hashes = np.insert(hashes, np.cumsum(counts)[short], np.array(alls, np.uint64))
        counts[short] = 1
    return _distinct(_mixed(hashes), np.concatenate([[0], np.cumsum(counts)]))


def _rolled(codes: NDArray[np.uint32], start: int, end: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash the shingles that begin at some places, and tell how many characters each has."""
    length = end - start
    padded = np.zeros(length + _LONG, np.uint64)
    padded[: min(length + _LONG, len(codes) - start)] = codes[start : end + _LONG]
    twos = padded[:-1] * _WEIGHTS[0] + padded[1:]
    fours = twos[:-2] * _WEIGHTS[1] + twos[2:]
    eights = fours[:-4] * _WEIGHTS[2] + fours[4:]
    dense = padded[:length] >= _DENSE
    hashes = np.where(
        dense,
        fours[:length] * _WEIGHTS[3] + padded[4 : 4 + length],
        eights[:length] * _WEIGHTS[3] + padded[8 : 8 + length],
    )
    return hashes, np.where(dense, _SHORT, _LONG)


def _whole(codes: Sequence[int]) -> int:
    return reduce(lambda so_far, code: (so_far * _WHOLE + code) % 2**64, codes)


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply the finaliser of SplitMix64 (Steele, Lea & Flood 2014): a sketch picks by the highest bits."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = hashes ^ (hashes >> np.uint64(31))
    return mixed


def _distinct(hashes: NDArray[np.uint64], starts: NDArray[np.int64]) -> Shingled:
    """Sort the hashes of each text, and leave one of each."""
    for start, end in pairwise(starts.tolist()):
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


def _normalised(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the code points of the texts that count, folded to one form, and where each text's begin."""
    folded = _folded(texts)
    expanding = folded == _EXPANDS
    if expanding.any():
        ends = np.array([0, *accumulate(map(len, texts))])
        within = np.searchsorted(ends, np.flatnonzero(expanding), side="right") - 1
        longer = set(within.tolist())
        texts = [_expanded(text) if at in longer else text for at, text in enumerate(texts)]
        folded = _folded(texts)
    kept = (folded != 0) & (folded != _EXPANDS)
    edges = np.array([0, *accumulate(map(len, texts))])
    return folded[kept], np.concatenate([[0], np.cumsum(kept)])[edges]


def _folded(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return what each character counts as: a code point, 0 for nothing, _EXPANDS for more than one."""
    table = _folding()
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.minimum(codes, len(table) - 1)
    folded = table[codes]
    unseen = folded == _UNSEEN
    if unseen.any():
        new = sorted(set(codes[unseen].tolist()))
        # What a character is folded to may be traditional itself.
        once = _once_folded(new)
        again = dict(zip(once, _once_folded(once), strict=True)) | {0: 0, _EXPANDS: _EXPANDS}
        table[new] = [again[code] for code in once]
        folded = table[codes]
    return folded


def _expanded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


_EXPANDS = 0xFFFFFFFF
_UNSEEN = 0xFFFFFFFE
# Beyond the third plane there are no letters.
_PLANES = 0x40000


@cache
def _folding() -> NDArray[np.uint32]:
    """Return the table of what characters are folded to, which is filled as they are met.

    A text has a few thousand of the 250,000 that there are, and folding those takes half a second.
    """
    table = np.full(_PLANES + 1, _UNSEEN, np.uint32)
    table[_PLANES] = 0
    return table


def _once_folded(codes: Sequence[int]) -> list[int]:
    """Fold characters: letters, digits and marks count, Han characters are simplified one by one.

    Phrases would need segmenting, and do not matter to similarity.
    """
    found = []
    for code in codes:
        char = chr(code) if code < _PLANES else ""
        folded = _expanded(char) if char and unicodedata.category(char)[0] in "LNM" else ""
        found.append((ord(folded) if len(folded) == 1 else _EXPANDS) if folded else 0)
    han = [at for at, code in enumerate(codes) if found[at] == code and _is_han(code)]
    simplified = _simplifier().convert("\n".join(chr(codes[at]) for at in han)).split("\n") if han else []
    for at, char in zip(han, simplified, strict=True):
        found[at] = ord(char) if len(char) == 1 else codes[at]
    return found


def _is_han(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code < _PLANES


@cache
def _simplifier() -> Any:  # noqa: ANN401 - opencc has no types
    import opencc

    return opencc.OpenCC("t2s")
