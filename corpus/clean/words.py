"""The words of start tags (class, id, role, microdata) and of texts, as far as a vocabulary knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, repeat
from operator import add
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus.clean.html import Layout

LONGEST_TAG: Final = 1000
"""So many code points of a start tag are read."""

LONGEST_VALUE: Final = 200
"""So many code points of an attribute are read."""

_ATTRIBUTES: Final = re.compile(
    r"""\b(?:class|id|role|itemprop)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
_TELLING: Final = (" class", " id", "\nclass", "\nid", "\tclass", "\tid", " CLASS", " ID")
_UNUSUAL: Final = re.compile(r"""\s(?:class|id|CLASS|ID)\s*=\s*[^"\s]""")
_WORDY: Final = (' class="', ' id="', ' role="', ' itemprop="')
_WORD: Final = re.compile("[A-Z]?[a-z]{2,}|[A-Z]{2,}")
_TEXT_WORD: Final = re.compile(r"[^\W\d_]+|[©|»]")
_MOST_TAGS: Final = 1 << 14

_NOWHERE: Final = (0, 0)

_END: Final = "\0"
"""Behind each of many texts that are read at once; no visible text holds it (`visible.UNSEEN`)."""

_BORDER: Final = -2
_UNKNOWN: Final = -1

_WORD_OR_END: Final = re.compile(rf"{_TEXT_WORD.pattern}|{_END}")


class Bags(NamedTuple):
    """Words as numbers: those of row `i` are `ids[offsets[i]:offsets[i + 1]]`."""

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Known words of tags and of texts, with their numbers.

    `of_tags` remembers the known words of start tags that were read: pages of one site share most of them.
    `of_texts` are the words of texts, and what parts the texts of a page.
    """

    tag: Mapping[str, int]
    text: Mapping[str, int]
    of_tags: dict[str, tuple[int, ...]] = field(init=False, repr=False)
    of_texts: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin with nothing read."""
        object.__setattr__(self, "of_tags", _Tags(self.tag))
        object.__setattr__(self, "of_texts", {**self.text, _END: _BORDER})


class _Tags(dict[str, tuple[int, ...]]):
    """The numbers of the known words of a start tag; forgotten when they are too many."""

    def __init__(self, known: Mapping[str, int]) -> None:
        super().__init__()
        self.known = known

    def __missing__(self, source: str) -> tuple[int, ...]:
        if len(self) >= _MOST_TAGS:
            self.clear()
        known = self.known
        words = tag_words(source) if "=" in source else ()
        found = self[source] = tuple([known[word] for word in words if word in known])
        return found

    def __reduce__(self) -> tuple[type[_Tags], tuple[Mapping[str, int]]]:
        """Leave behind what was read where a vocabulary goes to another process."""
        return _Tags, (self.known,)


@lru_cache(maxsize=1 << 15)
def part_words(value: str) -> tuple[str, ...]:
    """Cut a class name, an id or the like into its words, in lower case.

    >>> part_words("entry-content articleBody x2")
    ('entry', 'content', 'article', 'body')
    """
    return tuple(word.lower() for word in _WORD.findall(value))


def tag_words(source: str) -> list[str]:
    """Read the words of a start tag: of its class, id, role and microdata.

    >>> tag_words('<div id="main" class="post-body wide">')
    ['post', 'body', 'wide', 'main']
    """
    return [word for value in _values(source) for word in part_words(value)]


def _values(source: str) -> list[str]:
    """Read the values of the attributes that tell what a start tag is for."""
    values: list[str] = []
    for opening in _WORDY:
        at = source.find(opening)
        if at >= 0:
            at += len(opening)
            values.append(source[at : min(source.find('"', at), at + LONGEST_VALUE)])
    if (
        not any(map(_WORD.search, values))
        and any(map(source.__contains__, _TELLING))
        and _UNUSUAL.search(source)
    ):
        found = _ATTRIBUTES.findall(source[:LONGEST_TAG])
        values += [(double or single or bare)[:LONGEST_VALUE] for double, single, bare in found]
    return values


def tag_bags(raw: str, page: Layout, vocabulary: Vocabulary) -> Bags:
    """Gather the known words of the tags of all elements that hold text, then of the units' inner tags."""
    nodes, known = page.nodes, vocabulary.of_tags
    held = zip(nodes.start, nodes.end, nodes.first, nodes.last, strict=True)
    places = [(start, end) if first < last else _NOWHERE for start, end, first, last in held]
    places += [unit.inner for unit in page.units]
    rows = [
        known[raw[start : end if end - start < LONGEST_TAG else start + LONGEST_TAG]] for start, end in places
    ]
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([*map(len, rows)], out=offsets[1:])
    return Bags(np.fromiter(chain.from_iterable(rows), np.int32, offsets[-1]), offsets)


def text_words(text: str) -> list[str]:
    """Read the words of a text that tell what it is for: of a long one the first and the last ones."""
    return [part for word in _TEXT_WORD.findall(_telling(text).lower()) for part in _parts(word)]


def _telling(text: str) -> str:
    return text if len(text) <= 120 else text[:60] + " " + text[-40:]


def _parts(word: str) -> Iterable[str]:
    """Cut a run of ideographs into pairs; other words are whole."""
    return [word] if word < "\u2e80" or len(word) == 1 else _pairs(word)


def _pairs(word: str) -> Iterable[str]:
    """Cut out each character of a word with the one behind it: the first thirty pairs."""
    return map(add, word, word[1:31])


def text_bags(texts: Sequence[str], vocabulary: Vocabulary) -> Bags:
    """Gather the known words of texts, all of them read at once."""
    joined = _END.join([*map(_telling, texts), ""])
    words = _WORD_OR_END.findall(joined.lower())
    if joined.isascii():
        parts = words
    else:
        parts = []
        for word in words:
            if word < "\u2e80" or len(word) == 1:
                parts.append(word)
            else:
                parts += _pairs(word)
    numbers = np.fromiter(map(vocabulary.of_texts.get, parts, repeat(_UNKNOWN)), np.int32, len(parts))
    known = numbers >= 0
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum(known)[numbers == _BORDER]
    return Bags(numbers[known], offsets)
