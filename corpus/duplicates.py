"""Texts -> clusters of near-duplicates, in any language: reposts, light edits, other writing systems.

Two texts are near-duplicates if they share enough of their character n-grams ("shingles"; Broder 1997) behind
a normalisation that removes what reposting changes: width and case (NFKC, case folding), white space,
punctuation and symbols, traditional characters (to simplified, one by one). A shingle that begins with a Han
character, kana or Hangul has five characters; any other has nine, since five letters of an alphabet are in
every tenth page. Enough is a Jaccard similarity of THRESHOLD, or containment: CONTAINMENT of the shorter
text's shingles in the longer one, which finds a repost inside a longer page. A cluster is everything that a
chain of near-duplicates connects, so that none crosses a split, and is called by its smallest id; a text
without near-duplicates is a cluster of its own.

Candidates come from a FracMinHash sketch (Irber et al. 2022, "Lightweight compositional analysis of
metagenomes with FracMinHash and minimum metagenome covers"): the shingles whose hash lies below a bound, here
one that leaves a text about 64 to 128 of them. Two texts have that many chances to meet, where MinHash with
banding gives some twenty, and the sketch knows containment. Every pair that meets often enough is then
compared exactly. Figures, and a comparison with MinHash libraries: docs/benchmarks-duplicates.md.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache, reduce
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

# Characters from the CJK radicals on say as much as half a word elsewhere.
_DENSE = 0x2E80
# Calibrated on articles with gold text (docs/benchmarks-duplicates.md; re-run benchmarks/duplicates.py if one
# moves): of unrelated Chinese texts no pair is above 0.02 (contained: 0.10), of English ones none above 0.09
# (0.20); one character in twenty changed leaves 0.5 to 0.6. Both mean about three fifths of a text.
THRESHOLD = 0.4
CONTAINMENT = 0.6
# A shorter text, two or three sentences, is quoted in others rather than reposted: only Jaccard joins it.
CONTAINED_SHINGLES = 100

_SKETCH = 64
# Of the texts that share a shingle, each is paired with so many of about its size: a phrase in thousands of
# texts must not make millions of pairs, and near-duplicates share many shingles.
_NEIGHBOURS = 16
# A pair is compared exactly if its sketches promise half of what is asked, which leaves room for chance.
_PROMISE = 0.5


def clusters(
    texts: Mapping[str, str], threshold: float = THRESHOLD, containment: float = CONTAINMENT
) -> dict[str, str]:
    """Return the cluster of each text by id: the smallest id among its near-duplicates, or its own.

    The answer does not depend on the order of `texts`. A text without letters or digits is like no other.

    >>> clusters({"b": "港口海關公布了檢查結果。", "a": "港口海关公布了检查结果", "c": "别的新闻"})
    {'b': 'a', 'a': 'a', 'c': 'c'}
    """
    ids = sorted(texts)
    sketches, same = _sketches(texts, ids)
    groups = _Groups(len(ids))
    for first, other in same:
        groups.join(first, other)

    @lru_cache(maxsize=256)
    def shingles_of(index: int) -> NDArray[np.uint64]:
        return shingles(texts[ids[index]])

    for left, right in _candidates(sketches, min(threshold, containment)):
        if groups.of(left) != groups.of(right) and _near(
            shingles_of(left), shingles_of(right), threshold, containment
        ):
            groups.join(left, right)
    found = {identifier: ids[groups.of(index)] for index, identifier in enumerate(ids)}
    return {identifier: found[identifier] for identifier in texts}


def similarity(left: str, right: str) -> tuple[float, float]:
    """Return the exact Jaccard similarity of two texts' shingles, and the smaller set's share in the other.

    >>> similarity("港口海關公布了檢查結果。", "港口海关公布了检查结果，今天")
    (0.7777777777777778, 1.0)
    """
    first, second = shingles(left), shingles(right)
    return _overlap(first, second)


def shingles(text: str) -> NDArray[np.uint64]:
    """Return the sorted distinct hashes of a text's shingles, of all of the text if it is too short for one.

    Hashes have 64 bits: among 10,000 shingles two collide once in 10^11 texts, so sets of hashes stand for
    sets of shingles. A text without letters or digits has none.
    """
    codes = _normalised(text)
    twos = codes[:-1] * _WEIGHTS[0] + codes[1:]
    fours = twos[:-2] * _WEIGHTS[1] + twos[2:]
    eights = fours[:-4] * _WEIGHTS[2] + fours[4:]
    dense = (fours[:-1] * _WEIGHTS[3] + codes[4:])[codes[:-4] >= _DENSE]
    alphabetic = (eights[:-1] * _WEIGHTS[3] + codes[8:])[codes[:-8] < _DENSE]
    hashes = np.concatenate([dense, alphabetic])
    if len(codes) and not len(hashes):
        hashes = np.array(
            [reduce(lambda whole, code: (whole * _WHOLE + code) % 2**64, codes.tolist())], np.uint64
        )
    # The finaliser of SplitMix64 (Steele, Lea & Flood 2014): the sketch picks by the highest bits.
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    hashes.sort()  # np.unique does the same by way of a hash table, which takes five times as long
    first = np.ones(len(hashes), np.bool_)
    first[1:] = hashes[1:] != hashes[:-1]
    distinct: NDArray[np.uint64] = hashes[first]
    return distinct


# Odd numbers of 64 bits from the digits of pi and e: sums of characters so weighted collide as random ones
# do.
_WEIGHTS = np.array(
    [0x243F6A8885A308D3, 0x13198A2E03707345, 0xB7E151628AED2A6B, 0xBF7158809CF4F3C7], np.uint64
)
_WHOLE = 0x9E3779B97F4A7C15


def _normalised(text: str) -> NDArray[np.uint64]:
    """Return the code points of a text that count, folded to one form."""
    table = _folding()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = table[np.minimum(codes, len(table) - 1)]
    if (folded == _EXPANDS).any():
        longer = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        codes = np.frombuffer(longer.encode("utf-32-le", "surrogatepass"), np.uint32)
        folded = table[np.minimum(codes, len(table) - 1)]
    kept: NDArray[np.uint64] = folded[(folded != 0) & (folded != _EXPANDS)].astype(np.uint64)
    return kept


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
            folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
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


class _Sketch(NamedTuple):
    """The sample of one text's shingles: those whose hash has `level` leading zero bits."""

    owner: int
    size: int
    level: int
    sample: NDArray[np.uint64]


# The bounds below which a sample lies, by level: each has half of what the one before has.
_BOUNDS = np.array([2 ** (64 - level) - 1 for level in range(40)], np.uint64)


def _sketches(texts: Mapping[str, str], ids: Sequence[str]) -> tuple[list[_Sketch], list[tuple[int, int]]]:
    """Sketch each text; of texts with the same shingles only the first, returned in pairs with the others."""
    sketches: list[_Sketch] = []
    same: list[tuple[int, int]] = []
    first_of: dict[bytes, int] = {}
    for index, identifier in enumerate(ids):
        hashes = shingles(texts[identifier])
        if not len(hashes):
            continue
        first = first_of.setdefault(blake2b(hashes.tobytes(), digest_size=16).digest(), index)
        if first != index:
            same.append((first, index))
            continue
        level = max(0, (len(hashes) // _SKETCH).bit_length() - 1)
        sample = hashes[: np.searchsorted(hashes, _BOUNDS[level], side="right")].copy()
        sketches.append(_Sketch(index, len(hashes), level, sample))
    return sketches, same


def _candidates(sketches: Sequence[_Sketch], wanted: float) -> Iterator[tuple[int, int]]:
    """Yield the pairs of texts whose sketches meet often enough to be compared, likeliest first."""
    pairs, counts = _meetings(sketches)
    if not len(pairs):
        return
    left, right = np.divmod(pairs, len(sketches))
    # Samples are nested: the finer one of two is cut to the coarser before they are held against each other.
    levels = np.array([sketch.level for sketch in sketches])
    cut = np.array(
        [np.searchsorted(sketch.sample, _BOUNDS[: levels.max() + 1], side="right") for sketch in sketches]
    )
    level = np.maximum(levels[left], levels[right])
    share = counts / np.maximum(1, np.minimum(cut[left, level], cut[right, level]))
    promising = np.flatnonzero(share >= wanted * _PROMISE)
    for at in promising[np.argsort(-share[promising], kind="stable")].tolist():
        yield sketches[left[at]].owner, sketches[right[at]].owner


def _meetings(sketches: Sequence[_Sketch]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count how many shingles each pair of sketches shares; a pair is `left * len(sketches) + right`."""
    if len(sketches) < 2:
        return np.zeros(0, np.int64), np.zeros(0)
    sizes = np.array([sketch.size for sketch in sketches])
    owners = np.repeat(np.arange(len(sketches)), [len(sketch.sample) for sketch in sketches])
    hashes = np.concatenate([sketch.sample for sketch in sketches])
    order = np.lexsort((owners, sizes[owners], hashes))
    hashes, owners = hashes[order], owners[order]
    found = []
    for apart in range(1, _NEIGHBOURS + 1):
        meeting = np.flatnonzero(hashes[apart:] == hashes[:-apart])
        ordered = np.sort([owners[meeting], owners[meeting + apart]], axis=0)
        found.append(np.unique(ordered[0] * len(sketches) + ordered[1], return_counts=True))
    pairs, inverse = np.unique(np.concatenate([pairs for pairs, _ in found]), return_inverse=True)
    counts = np.bincount(inverse, np.concatenate([counts for _, counts in found]), len(pairs))
    return pairs, counts.astype(np.float64)


def _near(left: NDArray[np.uint64], right: NDArray[np.uint64], threshold: float, containment: float) -> bool:
    """Whether two sets of shingles make their texts near-duplicates."""
    jaccard, contained = _overlap(left, right)
    return jaccard >= threshold or (
        min(len(left), len(right)) >= CONTAINED_SHINGLES and contained >= containment
    )


def _overlap(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> tuple[float, float]:
    if not len(left) or not len(right):
        return 0.0, 0.0
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared), shared / min(len(left), len(right))


class _Groups:
    """Disjoint sets of indices, each called by its smallest (union-find with path halving)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def of(self, index: int) -> int:
        """Return the smallest index in the set of this one."""
        above = self._above
        while above[index] != index:
            above[index] = above[above[index]]
            index = above[index]
        return index

    def join(self, left: int, right: int) -> None:
        """Make one set of the sets of two indices."""
        first, second = self.of(left), self.of(right)
        self._above[max(first, second)] = min(first, second)
