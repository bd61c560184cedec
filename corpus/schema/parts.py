"""A corpus in parts: runs of documents in the order of their ids, cut where the ids themselves say.

A boundary depends on nothing but the digest of an id, so a document that comes or goes changes the part it
lies in and no other (content-defined chunking: Muthitacharoen, Chen and Mazières, "A Low-bandwidth Network
File System", SOSP 2001, 3.1). A shard group is a run of parts that is published as one file a config and
split; its boundaries are boundaries of parts too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl

PART_DOCUMENTS = 64
"""Documents of a part on average: each one's digest begins a part with one chance in so many."""

GROUP_DOCUMENTS = 1024
"""Documents of a shard group on average; a multiple of PART_DOCUMENTS."""

SHARD_DOCUMENTS = 5000
"""Documents up to which a corpus is one group, so that a small one is one file a config and split."""

_LONGEST = 8
"""A part or group never grows past so many times its average: one in three thousand (e ** -8) would."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of documents in the order of their ids, with all that is published of them, as flat tables.

    `key` is the SHA-256, in hex, of everything that its rows depend on, the version of the code included.
    `document_ids` are sorted. `load` returns the tables of FLAT by name, rows of these documents alone; it
    can be pickled and be called in another process.
    """

    key: str
    document_ids: tuple[str, ...]
    load: Callable[[], Mapping[str, pl.DataFrame]]


def parts(document_ids: Sequence[str], average: int = PART_DOCUMENTS) -> Iterator[tuple[int, int]]:
    """Cut sorted ids into parts: yield start and end of each, end exclusive.

    >>> ids = [f"harbour/{number:04}" for number in range(500)]
    >>> cut = [ids[start:end] for start, end in parts(ids, 16)]
    >>> sum(cut, []) == ids, len(cut)
    (True, 28)
    >>> fewer = [ids[start:end] for start, end in parts([each for each in ids if each != "harbour/0321"], 16)]
    >>> len(cut) - len(fewer) in (-1, 0, 1)
    True
    """
    start = 0
    for at in range(1, len(document_ids)):
        if at - start >= _LONGEST * average or begins(document_ids[at], average):
            yield start, at
            start = at
    if document_ids:
        yield start, len(document_ids)


def groups(
    cut: Sequence[Part], average: int = GROUP_DOCUMENTS, small: int = SHARD_DOCUMENTS
) -> Iterator[tuple[int, int]]:
    """Put parts into shard groups: yield the numbers of the first part of each and of the one after its last.

    A corpus of at most `small` documents is one group.
    """
    if sum(len(part.document_ids) for part in cut) <= small:
        if cut:
            yield 0, len(cut)
        return
    start = size = 0
    for number, part in enumerate(cut):
        count = len(part.document_ids)
        if number > start and (begins(part.document_ids[0], average) or size + count > _LONGEST * average):
            yield start, number
            start, size = number, 0
        size += count
    yield start, len(cut)


def begins(document_id: str, average: int) -> bool:
    """Tell whether a document begins a part, or group, of so many documents on average.

    >>> sum(begins(str(number), 64) for number in range(64_000))
    986
    """
    digest = hashlib.blake2b(document_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % average == 0
