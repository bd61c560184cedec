"""langdetect's random walks over its own profiles, among the languages of one script.

langdetect (1.0.9) reads a text character by character and multiplies one list of floats with another, n-gram
by n-gram. The same walks are made here from the same profiles, with the same seed and the same normalisation,
but the n-grams of a text are looked up in one go and a walk's products are taken as rows of a matrix: a tenth
of the time. Probabilities agree with langdetect's to some fifteen digits: only the order of rounding differs.
"""

from __future__ import annotations

import json
import random
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from langdetect import detector_factory
from langdetect.utils.ngram import NGram

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SEED = 0

STRIDE = 5
"""A walk is looked at after its first n-gram and then whenever it has read so many more."""

FURTHEST = 1001
"""No walk reads more n-grams than this."""

SCALE = 1024.0
"""Shares lie between a ten-thousandth and a fifth: times this, a hundred of them still multiply to a float.

Being a power of two it changes no digit.
"""

CONVERGED = 0.99999
"""A walk ends when one language is so likely."""

LEAST = 0.1
"""A language less likely than this is no answer."""

_ALPHA, _WIDTH, _FREQUENCY = 0.5, 0.05, 10_000
_LATIN = re.compile("[A-z]")
_SPACES = re.compile(" {2,}")
_CAPITALS = re.compile(r"[^\W\d_a-z]{2}")
_NOT_LATIN = re.compile("[\u0300-\U0010ffff]")

# N-grams multiplied in one go: most walks end within the first stretch.
_STRETCHES = [(0, 61, 0), *((at, min(at + 100, FURTHEST), STRIDE - 1) for at in range(61, FURTHEST, 100))]
_GAUSS_WORDS = 4  # `random.gauss` draws two floats, of two words each, for two numbers
_WORDS = 2600  # a walk draws a word an n-gram, and at most as many that are too large


class Tables(NamedTuple):
    """The way from the characters of an n-gram to its row.

    `characters` numbers them (0 is what no n-gram has). The row is that of `single` by one number, of
    `double` by the number that `pairs` gives two, of `triple` by that number and the third; -1 is none.
    """

    characters: NDArray[np.int16]
    pairs: NDArray[np.int16]
    single: NDArray[np.int16]
    double: NDArray[np.int16]
    triple: NDArray[np.int16]


class Profiles(NamedTuple):
    """Languages, shares of n-grams in them times SCALE (n-grams x languages), and the way to the rows."""

    languages: tuple[str, ...]
    shares: NDArray[np.float64]
    tables: Tables


@cache
def profiles(languages: tuple[str, ...]) -> Profiles:
    """Read the profiles that come with langdetect for these languages."""
    folder = Path(detector_factory.PROFILES_DIRECTORY)
    told = [json.loads((folder / language).read_text(encoding="utf-8")) for language in languages]
    rows: dict[str, int] = {}
    for profile in told:
        for gram in profile["freq"]:
            if 0 < len(gram) <= NGram.N_GRAM and " " not in {gram, gram[1:-1]}:
                rows.setdefault(gram, len(rows))
    shares = np.zeros((len(rows), len(languages)))
    for at, profile in enumerate(told):
        known = [gram for gram in profile["freq"] if gram in rows]
        counts = [profile["freq"][gram] / profile["n_words"][len(gram) - 1] for gram in known]
        shares[[rows[gram] for gram in known], at] = counts
    return Profiles(tuple(profile["name"] for profile in told), shares * SCALE, _tables(rows))


def _tables(rows: Mapping[str, int]) -> Tables:
    """Make the tables that lead from characters to rows."""
    numbers = {char: at for at, char in enumerate(sorted({char for gram in rows for char in gram}), 1)}
    begun = {pair: at for at, pair in enumerate(sorted({gram[:2] for gram in rows if len(gram) > 1}), 1)}
    size = len(numbers) + 1
    characters = np.zeros(1 << 16, dtype=np.int16)
    characters[[ord(char) for char in numbers]] = [*numbers.values()]
    pairs = np.zeros((size, size), dtype=np.int16)
    single = np.full(size, -1, dtype=np.int16)
    double = np.full(len(begun) + 1, -1, dtype=np.int16)
    triple = np.full((len(begun) + 1, size), -1, dtype=np.int16)
    for (one, other), at in ((tuple(pair), at) for pair, at in begun.items()):
        pairs[numbers[one], numbers[other]] = at
    for gram, row in rows.items():
        if len(gram) == 1:
            single[numbers[gram]] = row
        elif len(gram) == 2:
            double[begun[gram]] = row
        else:
            triple[begun[gram[:2]], numbers[gram[2]]] = row
    return Tables(characters, pairs, single, double, triple)


def ask(text: str, priors: Mapping[str, float], trials: int) -> tuple[str | None, float]:
    """Return the likeliest language of a text and its probability, the mean over walks; None if none.

    `text` holds letters of one script, apostrophes and spaces; `priors` names the languages asked for.

    >>> ask("der Hafen ist offen", {"de": 1.0, "en": 1.0}, trials=1)[0]
    'de'
    """
    known, start = _start(tuple(priors.items()))
    found = grams(text, known.tables)
    if not len(found):
        return None, 0.0
    if trials == 1:
        mean = _walked(found, known.shares, start, _first_smoothing(), _GAUSS_WORDS)[0]
    else:
        mean = _mean(found, known.shares, start, trials)
    best = int(mean.argmax())
    probability = float(mean[best])
    return (known.languages[best], probability) if probability > LEAST else (None, 0.0)


def grams(text: str, known: Tables) -> NDArray[np.int16]:
    """Return the rows of the n-grams of a text, of one to three characters, in the order in which they end.

    A word begins with a space; a character in capitals behind another is passed over.
    """
    if not text.isascii() and 2 * len(_LATIN.findall(text)) < len(_NOT_LATIN.findall(text)):
        text = _LATIN.sub("", text)
    padded = _SPACES.sub(" ", f" {text.translate(_NORMAL)}")
    numbers = known.characters[np.frombuffer(padded.encode("utf-16-le", "surrogatepass"), dtype="<u2")]
    begun = known.pairs[numbers[:-1], numbers[1:]]
    found = np.full((len(begun), 3), -1, dtype=np.int16)
    found[:, 0] = known.single[numbers[1:]]
    found[:, 1] = known.double[begun]
    found[1:, 2] = known.triple[begun[:-1], numbers[2:]]
    if _CAPITALS.search(padded):
        upper = np.fromiter(map(str.isupper, padded), np.bool_, len(padded))
        found = found[~(upper[1:] & upper[:-1])]
    known_ones: NDArray[np.int16] = found[found >= 0]
    return known_ones


class _Normal(dict[int, str]):
    """The character that langdetect reads in place of each; filled as they are met.

    No profile has one beyond the basic plane: any other character that none has stands for those.
    """

    def __missing__(self, code: int) -> str:
        found = self[code] = str(NGram.normalize(chr(code))) if code <= 0xFFFF else "\uffff"
        return found


_NORMAL = _Normal()


@lru_cache(maxsize=256)
def _start(priors: tuple[tuple[str, float], ...]) -> tuple[Profiles, NDArray[np.float64]]:
    """Give the profiles of the languages asked for, and their probabilities before the first n-gram."""
    prior = dict(priors)
    known = profiles(tuple(sorted(prior)))
    ordered = [prior[language] for language in known.languages]
    return known, np.array(ordered) / sum(ordered)


@cache
def _first_smoothing() -> float:
    return _smoothing(random.Random(SEED))  # noqa: S311 - the walks must be the same again


def _smoothing(chance: random.Random) -> float:
    return (_ALPHA + chance.gauss(0.0, 1.0) * _WIDTH) / _FREQUENCY


@cache
def _words() -> NDArray[np.uint32]:
    """Draw all the 32-bit words that three walks can need, in the order in which they would draw them."""
    count = 3 * (_WORDS + _GAUSS_WORDS)
    drawn = random.Random(SEED).getrandbits(32 * count)  # noqa: S311 - the walks must be the same again
    return np.frombuffer(drawn.to_bytes(4 * count, "little"), dtype="<u4")


@lru_cache(maxsize=512)
def _picks(count: int, at: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Choose among so many n-grams as `random.choice` does from word `at` on; count the words drawn.

    It takes as many bits of a word as the count has, and draws again where they make too large a number.
    """
    bits = _words()[at : at + _WORDS] >> (32 - count.bit_length())
    drawn = np.flatnonzero(bits < count)
    return bits[drawn], drawn + 1


def _mean(
    found: NDArray[np.int16], shares: NDArray[np.float64], start: NDArray[np.float64], trials: int
) -> NDArray[np.float64]:
    """Average the ends of so many walks, each of which goes on drawing where the one before it ended."""
    chance = random.Random(SEED)  # noqa: S311 - the walks must be the same again
    at = 0
    mean = np.zeros_like(start)
    for trial in range(trials):
        weight = _smoothing(chance)
        at += 0 if trial % 2 else _GAUSS_WORDS
        likely, drawn = _walked(found, shares, start, weight, at)
        at += drawn
        chance.getrandbits(32 * drawn)
        mean += likely / trials
    return mean


def _walked(
    found: NDArray[np.int16],
    shares: NDArray[np.float64],
    likely: NDArray[np.float64],
    weight: float,
    at: int,
) -> tuple[NDArray[np.float64], int]:
    """Walk until one language is all but certain; return the probabilities there, and the words drawn."""
    picks, drawn = _picks(len(found), at)
    for begin, end, first in _STRETCHES:
        factors = shares[found[picks[begin:end]]] + weight * SCALE
        along = np.multiply.accumulate(factors, axis=0)[first::STRIDE] * likely
        total = np.add.reduce(along, axis=1)
        ends = np.maximum.reduce(along, axis=1) > CONVERGED * total
        place = int(ends.argmax())
        if ends[place]:
            return along[place] / total[place], int(drawn[begin + first + STRIDE * place])
        likely = along[-1] / total[-1]
    return likely, int(drawn[FURTHEST - 1])
