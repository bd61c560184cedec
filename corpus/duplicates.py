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
from functools import cache, lru_cache
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
    twos = _combined(codes[:-1], codes[1:])
    fours = _combined(twos[:-2], twos[2:])
    eights = _combined(fours[:-4], fours[4:])
    dense = _combined(fours[:-1], codes[4:])[codes[:-4] >= _DENSE]
    alphabetic = _combined(eights[:-1], codes[8:])[codes[:-8] < _DENSE]
    hashes = np.concatenate([dense, alphabetic])
    if len(codes) and not len(hashes):
        whole = codes[:1]
        for at in range(1, len(codes)):
            whole = _combined(whole, codes[at : at + 1])
        hashes = whole
    return np.unique(hashes)


def _combined(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash pairs: a multiplication, then the finaliser of SplitMix64 (Steele, Lea & Flood 2014).

    It spreads the highest bits evenly, by which the sketch picks.
    """
    hashes = left * np.uint64(0x9E3779B97F4A7C15) + right
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = hashes ^ (hashes >> np.uint64(31))
    return mixed


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

    def at(self, level: int) -> int:
        """Return how many of the sample are left at a level at least its own."""
        return int(np.searchsorted(self.sample, np.uint64(2 ** (64 - level) - 1), side="right"))


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
        sketch = _Sketch(index, len(hashes), level, hashes)
        sketches.append(sketch._replace(sample=hashes[: sketch.at(level)].copy()))
    return sketches, same


def _candidates(sketches: Sequence[_Sketch], wanted: float) -> Iterator[tuple[int, int]]:
    """Yield the pairs of texts whose sketches meet often enough to be compared, likeliest first."""
    if len(sketches) < 2:
        return
    sizes = np.array([sketch.size for sketch in sketches])
    owners = np.repeat(np.arange(len(sketches)), [len(sketch.sample) for sketch in sketches])
    hashes = np.concatenate([sketch.sample for sketch in sketches])
    order = np.lexsort((owners, sizes[owners], hashes))
    hashes, owners = hashes[order], owners[order]
    found = []
    for apart in range(1, _NEIGHBOURS + 1):
        meeting = np.flatnonzero(hashes[apart:] == hashes[:-apart])
        pairs = owners[meeting] * len(sketches) + owners[meeting + apart]
        found.append(np.unique(pairs, return_counts=True))
    pairs, inverse = np.unique(np.concatenate([pairs for pairs, _ in found]), return_inverse=True)
    counts = np.bincount(inverse, np.concatenate([counts for _, counts in found]), len(pairs))
    promising = []
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        left, right = (sketches[at] for at in divmod(pair, len(sketches)))
        level = max(left.level, right.level)  # samples are nested: the finer one is cut to the coarser
        share = count / max(1, min(left.at(level), right.at(level)))
        if share >= wanted * _PROMISE:
            promising.append((-share, left.owner, right.owner))
    for _, first, second in sorted(promising):
        yield first, second


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
