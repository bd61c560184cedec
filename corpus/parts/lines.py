"""The lines that recur from page to page of a source, as `corpus.clean.recurring` finds them: out of memory.

Lines are counted by ranges of their digests, as many as the memory asks for, in two passes over the list of
pages: which pages are copies, then which lines recur on the others.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from corpus.clean.recurring import COPY, LEAST, LONGEST, SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Lines = Callable[[], Iterator[tuple[str, bytes]]]

MEMORY = 64 << 20
"""Bytes that counting may take."""

_LINE = np.dtype([("digest", ">u8"), ("length", ">u4")])
_LINE_BYTES = 200  # of memory a line in hand: its columns, their order, and what sorting takes
_BATCH = 2000


def hits(lines: Lines, sources: NDArray[np.int32], memory: int = MEMORY) -> dict[int, bytes]:
    """Return, for each page with lines that recur in its source, their digests, by the page's number.

    `lines` yields id and lines (8 bytes of digest, 4 of length each) of every page, in order, as often as it
    is called; `sources` numbers the source of each. Any amount of memory gives the same.
    """
    total = sum(len(packed) // _LINE.itemsize for _, packed in lines())
    ranges = max(1, -(-total * _LINE_BYTES // memory))
    whole, common = np.zeros(len(sources)), np.zeros(len(sources))
    for number in range(ranges):
        page, digest, length = _range(lines, number, ranges)
        group, counts = _groups(sources[page], digest)
        whole += np.bincount(page, length, len(sources))
        common += np.bincount(page, length * (counts[group] > 1), len(sources))
    original = common <= COPY * whole
    enough = np.maximum(LEAST, SHARE * np.bincount(sources[original], minlength=sources.max(initial=0) + 1))
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    for number in range(ranges):
        page, digest, length = _range(lines, number, ranges)
        group, counts = _groups(sources[page], digest)
        told = np.bincount(group, original[page] & (length <= LONGEST), len(counts))
        for at in np.flatnonzero(told[group] >= enough[sources[page]]).tolist():
            found[int(page[at])].append(int(digest[at]).to_bytes(8))
    return {page: b"".join(sorted(digests)) for page, digests in sorted(found.items())}


def _range(
    lines: Lines, number: int, ranges: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return page, digest and length of the lines whose digest lies in one of so many ranges."""
    pages, digests, lengths = [], [], []
    stream, first = lines(), 0
    while batch := list(islice(stream, _BATCH)):
        packed = np.frombuffer(b"".join(each for _, each in batch), _LINE)
        page = first + np.repeat(np.arange(len(batch)), [len(each) // _LINE.itemsize for _, each in batch])
        digest = packed["digest"].astype(np.uint64)
        mine = digest % np.uint64(ranges) == number
        pages.append(page[mine])
        digests.append(digest[mine])
        lengths.append(packed["length"][mine].astype(np.int64))
        first += len(batch)
    if not pages:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64)
    return np.concatenate(pages), np.concatenate(digests), np.concatenate(lengths)


def _groups(
    sources: NDArray[np.int32], digests: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the lines by source and digest; return each line's number, and how many share each."""
    order = np.lexsort((digests, sources))
    ordered, owner = digests[order], sources[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (ordered[1:] != ordered[:-1]) | (owner[1:] != owner[:-1])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(first) - 1
    return group, np.bincount(group, minlength=0)
