"""Near-duplicates among the documents and paragraphs of all parts, by the sketches that the parts hold."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from corpus import code
from corpus.duplicates import Sketches, Verified, cluster
from corpus.parts import pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from corpus.duplicates.meeting import Map
    from corpus.parts.pages import Counts
    from corpus.store import Store

KIND = "near"

MEMORY = 64 << 20
"""Bytes that looking for near-duplicates may take."""

_VERIFIED = "near-{}.npy"
_FILES = ("documents.npy", "paragraphs.npy")


class Piece(NamedTuple):
    """A part's pages in the store: documents `start` to `end` of the corpus, end exclusive."""

    key: str
    start: int
    end: int
    counts: Counts


class _Meet(NamedTuple):
    """Where ranges of hashes are met, and by whom: by this process where `map_` is None."""

    scratch: Path
    map_: Map | None


class Clusters(NamedTuple):
    """For each document and each paragraph, by its place, the place of the first of its near-duplicates."""

    documents: NDArray[np.int64]
    paragraphs: NDArray[np.int64]


def key(pieces: Sequence[Piece]) -> str:
    """Return the key of the near-duplicates of parts."""
    return pages.digest(_code_version().encode(), *(piece.key.encode() for piece in pieces))


@cache
def _code_version() -> str:
    return code.digest(("numpy", "opencc"), ("duplicates", "parts/near.py"))


def clusters(
    store: Store, pieces: Sequence[Piece], kept: Path, scratch: Path, map_: Map | None = None
) -> Clusters:
    """Find the near-duplicates; those of the same parts are recalled.

    `kept` is where the pairs that were compared exactly are kept for the next build, `scratch` a folder for
    this one. With `map_` ranges of hashes are met by others, who must see `scratch`.
    """
    place = store.get(KIND, key(pieces))
    if place:
        return Clusters(*(np.load(place / name, allow_pickle=False) for name in _FILES))
    meet = _Meet(scratch, map_)
    made = Clusters(
        _documents(store, pieces, kept / _VERIFIED.format("documents"), meet),
        _paragraphs(store, pieces, kept / _VERIFIED.format("paragraphs"), meet),
    )
    store.put(KIND, key(pieces), partial(_write, made))
    return made


def _write(made: Clusters, to: Path) -> None:
    for name, firsts in zip(_FILES, made, strict=True):
        np.save(to / name, firsts, allow_pickle=False)


def _documents(store: Store, pieces: Sequence[Piece], known: Path, meet: _Meet) -> NDArray[np.int64]:

    def texts(piece: Piece, places: NDArray[np.int64]) -> Iterator[str]:
        [paragraphs] = pages.frames(store, piece.key, "paragraphs")
        whole = paragraphs.sort("document_id", "position").group_by("document_id", maintain_order=True)
        held = dict(whole.agg(pl.col("text").str.join("\n")).iter_rows())
        [documents] = pages.frames(store, piece.key, "documents")
        ids = documents["document_id"]
        return (held.get(ids[place], "") for place in places.tolist())

    begins = np.array([piece.start for piece in pieces], np.int64)
    near = _Near(pages.DOCUMENT_SKETCHES, begins, texts)
    return _clusters(store, pieces, near, known, meet)


def _paragraphs(store: Store, pieces: Sequence[Piece], known: Path, meet: _Meet) -> NDArray[np.int64]:

    def texts(piece: Piece, places: NDArray[np.int64]) -> Iterator[str]:
        column = pages.selected(store, piece.key, "paragraphs", ["text"])["text"]
        return iter(column.gather(places).to_list())

    near = _Near(pages.PARAGRAPH_SKETCHES, starts(pieces), texts)
    return _clusters(store, pieces, near, known, meet)


def starts(pieces: Sequence[Piece]) -> NDArray[np.int64]:
    """Return the place of each part's first paragraph among all paragraphs."""
    counts = np.array([piece.counts.paragraphs for piece in pieces], np.int64)
    return np.cumsum(counts) - counts


class _Near(NamedTuple):
    """Texts of a kind: the file of a part's sketches, the place of its first, and how its texts are read."""

    file: str
    begins: NDArray[np.int64]
    texts: Callable[[Piece, NDArray[np.int64]], Iterator[str]]


def _clusters(
    store: Store, pieces: Sequence[Piece], near: _Near, known: Path, meet: _Meet
) -> NDArray[np.int64]:
    def sketches() -> Iterator[Sketches]:
        for piece in pieces:
            held = pages.held(store, piece.key, near.file)
            yield Sketches.unpacked(np.load(io.BytesIO(held), allow_pickle=False))

    def texts_of(places: NDArray[np.int64]) -> Iterator[str]:
        for owner, mine in _runs(near.begins, places):
            yield from near.texts(pieces[owner], places[mine] - near.begins[owner])

    verified, made_by = None, np.frombuffer(bytes.fromhex(_code_version()), np.uint64)
    with suppress(OSError, ValueError, EOFError):
        code_read, words = np.split(np.load(known, allow_pickle=False), [len(made_by)])
        verified = Verified.unpacked(words) if np.array_equal(code_read, made_by) else None
    made = cluster(sketches, texts_of, memory=MEMORY, known=verified, scratch=meet.scratch, map_=meet.map_)
    beside = meet.scratch / known.name
    with suppress(OSError):
        np.save(beside, np.concatenate([made_by, made.verified.packed()]), allow_pickle=False)
        beside.replace(known)
    return made.first


def _runs(begins: NDArray[np.int64], places: NDArray[np.int64]) -> Iterator[tuple[int, slice]]:
    """Yield each part that some places, which are sorted, lie in, by its number, with the run of these."""
    owners = np.searchsorted(begins, places, "right") - 1
    values, first = np.unique(owners, return_index=True)
    ends = np.append(first, len(owners))[1:]
    for value, start, end in zip(values.tolist(), first.tolist(), ends.tolist(), strict=True):
        yield value, slice(start, end)


def copies(
    store: Store, pieces: Sequence[Piece], first: NDArray[np.int64]
) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield, for each part, the places of paragraphs that repeat others, with the name of their cluster."""
    others = np.flatnonzero(first != np.arange(len(first)))
    begins = starts(pieces)
    names = _names(store, pieces, begins, np.unique(first[others]))
    for begin, piece in zip(begins.tolist(), pieces, strict=True):
        end = begin + piece.counts.paragraphs
        mine = others[np.searchsorted(others, begin) : np.searchsorted(others, end)]
        yield tuple((place - begin, names[int(first[place])]) for place in mine.tolist())


def _names(
    store: Store, pieces: Sequence[Piece], begins: NDArray[np.int64], places: NDArray[np.int64]
) -> Mapping[int, str]:
    """Return the ids of paragraphs by their places among all."""
    found: dict[int, str] = {}
    for owner, run in _runs(begins, places):
        mine = places[run]
        ids = pages.selected(store, pieces[owner].key, "paragraphs", ["paragraph_id"])["paragraph_id"]
        found |= zip(mine.tolist(), ids.gather(mine - begins[owner]).to_list(), strict=True)
    return found
