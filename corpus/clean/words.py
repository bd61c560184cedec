"""The words of start tags (class, id, role, microdata) and of texts, as far as a vocabulary knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import add
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus.clean.html import Layout

LONGEST_TAG: Final = 1000
"""So many code points of a start tag are read."""

WHOLE: Final = 120
"""A text of so many code points is read as a whole."""

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
_MOST_READ: Final = 1 << 14

_NOWHERE: Final = (0, 0)


class Bags(NamedTuple):
    """Words as numbers: those of row `i` are `ids[offsets[i]:offsets[i + 1]]`."""

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Known words of tags and of texts, with their numbers.

    `of_tags` and `of_texts` remember the known words of start tags and texts that were read: pages of one
    site share most of them.
    """

    tag: Mapping[str, int]
    text: Mapping[str, int]
    of_tags: dict[str, tuple[int, ...]] = field(init=False, repr=False)
    of_texts: dict[str, tuple[int, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin with nothing read."""
        object.__setattr__(self, "of_tags", _Read(self.tag, tag_words))
        object.__setattr__(self, "of_texts", _Read(self.text, text_words))


class _Read(dict[str, tuple[int, ...]]):
    """The numbers of the known words of what was read; forgotten when they are too many."""

    def __init__(self, known: Mapping[str, int], words: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self.known, self.words = known, words

    def __missing__(self, source: str) -> tuple[int, ...]:
        if len(self) >= _MOST_READ:
            self.clear()
        known = self.known
        found = self[source] = tuple([known[word] for word in self.words(source) if word in known])
        return found

    def __reduce__(self) -> tuple[type[_Read], tuple[Mapping[str, int], Callable[[str], Iterable[str]]]]:
        """Leave behind what was read where a vocabulary goes to another process."""
        return _Read, (self.known, self.words)


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
    return [word for value in _values(source) for word in part_words(value)] if "=" in source else []


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
    return _bags([known[raw[start:end][:LONGEST_TAG]] for start, end in places])


def text_words(text: str) -> list[str]:
    """Read the words of a text that tell what it is for: of a long one the first and the last ones."""
    words: list[str] = []
    for word in _TEXT_WORD.findall((text if len(text) <= WHOLE else _telling(text)).lower()):
        if word < "\u2e80" or len(word) == 1:
            words.append(word)
        else:
            # A run of ideographs is cut into pairs.
            words += map(add, word, word[1:31])
    return words


def _telling(text: str) -> str:
    return text[:60] + " " + text[-40:]


def text_bags(texts: Iterable[str], vocabulary: Vocabulary) -> Bags:
    """Gather the known words of texts."""
    known = vocabulary.of_texts
    return _bags([known[text if len(text) <= WHOLE else _telling(text)] for text in texts])


def _bags(rows: Sequence[tuple[int, ...]]) -> Bags:
    """Put rows of words together."""
    offsets = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([*map(len, rows)], out=offsets[1:])
    return Bags(np.fromiter(chain.from_iterable(rows), np.int32, offsets[-1]), offsets)
