"""A corpus in parts: runs of documents in the order of their ids, cut where the ids themselves say.

A boundary depends on nothing but the digest of an id, so a document that comes or goes changes the part it
lies in and no other (content-defined chunking: Muthitacharoen, Chen and Mazières, "A Low-bandwidth Network
File System", SOSP 2001, 3.1). A shard group is a run of parts that is published as one file a config and
split; its boundaries are boundaries of parts too. Laid one after another, the paragraphs of parts are in the
order of their ids as well: no part begins where that would not hold.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from corpus.schema.frames import Corpus

PART_DOCUMENTS = 64
"""Documents of a part on average: each one's digest begins a part with one chance in so many."""

GROUP_DOCUMENTS = 1024
"""Documents of a shard group on average; a multiple of PART_DOCUMENTS."""

SHARD_DOCUMENTS = 5000
"""Documents up to which a corpus is one group, so that a small one is one file a config and split."""

_LONGEST_PART = 2
"""A part is cut at so many times its average, since a worker holds all of it: one in seven (e ** -2) is."""

_LONGEST_GROUP = 2
"""A group is cut at so many times its average, since a changed page is written with its group."""


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

    A part may outgrow its bounds where ids of pages begin other pages' ids, followed by a sign up to `#`: the
    paragraphs of `a` and of `a b` are sorted as one.

    >>> ids = [f"harbour/{number:04}" for number in range(500)]
    >>> cut = [ids[start:end] for start, end in parts(ids, 16)]
    >>> sum(cut, []) == ids, len(cut)
    (True, 32)
    >>> fewer = [ids[start:end] for start, end in parts([each for each in ids if each != "harbour/0321"], 16)]
    >>> len(cut) - len(fewer) in (-1, 0, 1)
    True
    """
    start = 0
    for at in range(1, len(document_ids)):
        full = at - start >= _LONGEST_PART * average
        if (full or begins(document_ids[at], average)) and not _interleaves(document_ids, at):
            yield start, at
            start = at
    if document_ids:
        yield start, len(document_ids)


def cut(corpus: Corpus, average: int = PART_DOCUMENTS) -> list[Part]:
    """Cut a corpus that is in memory into parts; a row of no known document goes to the first.

    Rows keep their order within a part. The keys are running numbers: they name no content.
    """
    ids = sorted(set(corpus.tables["documents"]["document_id"].drop_nulls()))
    bounds = list(parts(ids, average)) or [(0, 0)]
    numbers = [number for number, (start, end) in enumerate(bounds) for _ in range(start, end)]
    owner = pl.DataFrame(
        {"document_id": ids, _PART: numbers}, schema={"document_id": pl.String, _PART: pl.Int64}
    )
    cuts = {name: _dealt(corpus.tables, name, owner) for name in corpus.tables}
    return [
        Part(
            hashlib.sha256(str(number).encode()).hexdigest(),
            tuple(ids[start:end]),
            partial(
                _loaded, {name: rows.get(number, corpus.tables[name].clear()) for name, rows in cuts.items()}
            ),
        )
        for number, (start, end) in enumerate(bounds)
    ]


_PART = "part"


def _dealt(tables: Mapping[str, pl.DataFrame], name: str, owner: pl.DataFrame) -> dict[int, pl.DataFrame]:
    """Deal the rows of a table to the parts, by number."""
    frame = tables[name]
    if "document_id" not in frame.columns and "paragraphs" in tables:
        places = tables["paragraphs"].select("paragraph_id", "document_id").unique("paragraph_id")
        owner = places.join(owner, on="document_id").select("paragraph_id", _PART)
    on = owner.columns[0]
    if frame.schema.get(on) != pl.String:
        return {0: frame}
    dealt = frame.join(owner, on=on, how="left", maintain_order="left").with_columns(
        pl.col(_PART).fill_null(0)
    )
    cuts = dealt.partition_by(_PART, as_dict=True, include_key=False, maintain_order=True)
    return {int(number): rows for (number,), rows in cuts.items()}


def _loaded(tables: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    return tables


def _interleaves(ids: Sequence[str], at: int) -> bool:
    """Tell whether an earlier document may have paragraphs that sort after some of the one at a place.

    Its paragraphs are called by its id, `#p-` and a digest, so that its id begins the other's, and what
    follows there is no more than that.
    """
    document_id = ids[at]
    for place, sign in enumerate(document_id):
        if sign <= "#":
            found = bisect_left(ids, document_id[:place], 0, at)
            if found < at and ids[found] == document_id[:place]:
                return True
    return False


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
        if number > start and (
            begins(part.document_ids[0], average) or size + count > _LONGEST_GROUP * average
        ):
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
