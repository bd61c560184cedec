"""What cleaning found out about a page, as bytes and back: two lines of JSON, then columns.

The bytes say nothing of where the page lies: its id and path come from whoever has the page, so that the same
body in two files, or moved, is packed once. The first line is what a build needs of every page (`heading`),
the second kinds of blocks, metadata and languages. Behind them stand numbers and texts of the blocks: places
as differences to where the one before ended, since these are small and often nothing, in 32 bits, all their
first bytes, then all their second bytes and so on, which compresses best; then all texts as one, in UTF-8.

They come from a cache folder that may have been damaged or written by somebody else, so nothing in them can
run and what is read is checked: it is about the content that was asked for, blocks tile the raw text, roles
are known, segments lie inside, and paragraphs are made from the blocks again.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64decode, b64encode
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corpus.records import KEPT_ROLES, ROLES, Block, Document, Encoding, Fact, Metadata, Paragraph, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from corpus.records import Page

    Made = Callable[[str, Iterable[Block]], tuple[Paragraph, ...]]
    Numbers = np.ndarray[Any, np.dtype[np.int64]]

_FACTS = Metadata.__slots__
_NOT_THIS = "not what cleaning this page gives"
_NUMBER = np.dtype("<i4")
_OF_A_BLOCK = 4
_OF_A_SEGMENT = 4
_LARGEST = 1 << 31
_COUNTLESS = 1 << 63
_OF_A_LINE = 12


class Heading(NamedTuple):
    """What a build needs of every page.

    `about` is the digest of what cleaning saw, `raw_chars` the length of the raw text, and `lines` the
    digests and lengths of the kept lines, 8 and 4 bytes each, packed by whoever packs the page.
    """

    about: bytes
    raw_chars: int
    encoding: Encoding
    published_at: str | None
    lines: bytes


class Columns(NamedTuple):
    """The blocks of a page, a column for each of their fields but the segments, in the order of the blocks.

    `kind` is the number of each block's role and rule among `kinds`.
    """

    raw_start: Numbers
    raw_end: Numbers
    text: list[str]
    kind: Numbers
    kinds: list[tuple[str, str]]


def head(document: Document, about: bytes = b"", lines: bytes = b"") -> Heading:
    """Return what a build needs of a page that was just cleaned."""
    told = document.metadata.value("published_at")
    return Heading(about, len(document.raw), document.encoding, told, lines)


def pack(document: Document, known: Heading) -> bytes:
    """Return what cleaning and telling the language found out, without the raw text and the page's name."""
    encoding = known.encoding
    told = {
        "about": known.about.hex(),
        "raw_chars": known.raw_chars,
        "encoding": [encoding.name, encoding.evidence, encoding.declared, encoding.replacements],
        "published_at": known.published_at,
        "lines": b64encode(known.lines).decode(),
    }
    blocks = document.blocks
    named = [f"{block.role} {block.rule}" for block in blocks]  # texts, which the collector does not look at
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys(named))}
    texts = [block.text for block in blocks]
    segments = [block.segments for block in blocks if block.segments]
    numbers = array("q", map(kinds.__getitem__, named))
    numbers.fromlist([block.raw_end for block in blocks])
    numbers.fromlist(list(map(len, texts)))
    numbers.fromlist([len(block.segments) for block in blocks])
    numbers.fromlist(list(chain.from_iterable(chain.from_iterable(segments))))
    differences = _differences(np.frombuffer(numbers, np.int64), len(blocks))
    columns = {
        "kinds": [kind.split(" ", 1) for kind in kinds],
        "blocks": len(blocks),
        "metadata": [getattr(document.metadata, name) for name in _FACTS],
        "language": [document.language, document.script],
        "languages": [paragraph.language for paragraph in document.paragraphs],
    }
    shuffled = differences.astype(_NUMBER).view(np.uint8).reshape(-1, _NUMBER.itemsize).T.tobytes()
    lines = (json.dumps(line, separators=(",", ":")).encode("ascii") for line in (told, columns))
    size = len(shuffled).to_bytes(4, "little")
    return b"\n".join([*lines, size + shuffled + "".join(texts).encode("utf-8", "surrogatepass")])


def _differences(numbers: Numbers, count: int) -> Numbers:
    """Turn places into differences: rows of the blocks, then rows of the segments, each one after the other.

    A block has its kind, length, and the lengths of its text and segments. A segment has how far behind the
    one before it begins and how long it is, in its text, then in the raw text, where the length is what it is
    more than in the text. The first of a block begins behind the beginning of its text, and of the block.
    """
    of_blocks = numbers[: _OF_A_BLOCK * count].reshape(_OF_A_BLOCK, count)
    of_segments = numbers[_OF_A_BLOCK * count :].reshape(-1, _OF_A_SEGMENT)
    told = np.empty_like(numbers)
    blocks = told[: _OF_A_BLOCK * count].reshape(_OF_A_BLOCK, count)
    blocks[:] = of_blocks
    blocks[1, 1:] -= of_blocks[1, :-1]
    segments = told[_OF_A_BLOCK * count :].reshape(_OF_A_SEGMENT, -1)
    first = _firsts(of_blocks[3])
    starts = of_blocks[1] - blocks[1]
    for row, begin in ((0, 0), (2, starts[first.blocks])):
        start, end = of_segments[:, row], of_segments[:, row + 1]
        segments[row, 1:] = end[:-1]
        segments[row, first.segments] = begin
        segments[row + 1] = end - start
        np.subtract(start, segments[row], out=segments[row])
    segments[3] -= segments[1]
    if told.size and not -_LARGEST <= told.min() <= told.max() < _LARGEST:
        raise ValueError("a page longer than can be packed")
    return told


class _First(NamedTuple):
    """The blocks that have segments, and the number of the first segment of each."""

    blocks: Numbers
    segments: Numbers


def _firsts(counts: Numbers) -> _First:
    there = np.flatnonzero(counts)
    return _First(there, (np.cumsum(counts) - counts)[there])


def heading(packed: bytes) -> Heading:
    """Read the heading of what was packed; raises ValueError where there is none.

    What it gives can be listed: counts that fit into SQLite, texts that can be encoded, whole lines.
    """
    try:
        read = json.loads(packed[: packed.index(b"\n")])
        name, evidence, declared, replacements = read["encoding"]
        return Heading(
            bytes.fromhex(read["about"]),
            _count(read["raw_chars"]),
            Encoding(_text(name), _text(evidence), _told(declared), _count(replacements)),
            _encodable(read["published_at"]),
            _lines(read["lines"]),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"{_NOT_THIS}: {error!r}") from None


class Packed:
    """What was packed, read and checked: its blocks as columns, or the document.

    Raises ValueError where the bytes were not packed from the content that `about` tells of, or with `raw`,
    from that raw text.
    """

    def __init__(self, packed: bytes, about: bytes = b"", raw: str | None = None) -> None:
        self.heading = heading(packed)
        self._raw = raw
        try:
            if self.heading.about != about or (raw is not None and len(raw) != self.heading.raw_chars):
                raise ValueError("another page")
            _, line, rest = packed.split(b"\n", 2)
            self._told = json.loads(line)
            self.columns, self._counts, self._segments = _read(self._told, rest, self.heading.raw_chars)
        except _NOT_SO as error:
            raise ValueError(f"{_NOT_THIS}: {error!r}") from None

    def kept(self) -> Numbers:
        """Return the numbers of the blocks that were kept: a few of all."""
        kept = np.array([role in KEPT_ROLES for role, _ in self.columns.kinds], np.bool_)
        return np.flatnonzero(kept[self.columns.kind]) if len(kept) else np.zeros(0, np.int64)

    def document(self, page: Page, made: Made, only: Numbers | None = None) -> Document:
        """Make the document of a page again; `made` makes paragraphs of blocks (`corpus.paragraphs`).

        Without raw text it is left empty: for rows alone, which hold none of it. With `only`, it has no
        blocks but those of these numbers; its paragraphs are made of them.
        """
        read = self._told
        try:
            blocks = self._blocks(np.arange(len(self.columns.kind)) if only is None else only)
            paragraphs = made(page.document_id, blocks)
            told = [
                Paragraph(
                    each.paragraph_id, each.position, each.role, each.text, each.segments, _told(language)
                )
                for each, language in zip(paragraphs, read["languages"], strict=True)
            ]
            language, script = map(_told, read["language"])
            facts = [fact and Fact(*map(_text, fact)) for fact in read["metadata"]]
            metadata = Metadata(**dict(zip(_FACTS, facts, strict=True)))
        except _NOT_SO as error:
            raise ValueError(f"{_NOT_THIS}: {error!r}") from None
        return Document(
            document_id=page.document_id,
            raw_path=page.raw_path,
            raw_sha256=page.sha256,
            format=page.format,
            raw=self._raw or "",
            encoding=self.heading.encoding,
            metadata=metadata,
            paragraphs=tuple(told),
            blocks=blocks,
            language=language,
            script=script,
        )

    def _blocks(self, wanted: Numbers) -> tuple[Block, ...]:
        start, end, text, kind, kinds = self.columns
        texts = [text[number] for number in wanted.tolist()]
        named = [kinds[each] for each in kind[wanted].tolist()]
        ends = np.cumsum(self._counts)
        segments = [
            tuple(map(_SEGMENT, self._segments[at - count : at].tolist())) if count else ()
            for at, count in zip(ends[wanted].tolist(), self._counts[wanted].tolist(), strict=True)
        ]
        places = zip(start[wanted].tolist(), end[wanted].tolist(), strict=True)
        return tuple(
            Block(begin, stop, text, role, rule, mine)
            for (begin, stop), text, (role, rule), mine in zip(places, texts, named, segments, strict=True)
        )


_NOT_SO = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)


def _read(read: dict[str, Any], rest: bytes, length: int) -> tuple[Columns, Numbers, Numbers]:
    """Read the blocks, how many segments each has, and all segments: start, end, raw start, raw end."""
    count = _count(read["blocks"])
    size = int.from_bytes(rest[:4], "little")
    if size % _NUMBER.itemsize or len(rest) < 4 + size:
        raise ValueError("columns that break off")
    shuffled = np.frombuffer(rest, np.uint8, size, 4).reshape(_NUMBER.itemsize, -1)
    numbers = np.ascontiguousarray(shuffled.T).view(_NUMBER).ravel().astype(np.int64)
    kind, lengths, chars, counts = numbers[: _OF_A_BLOCK * count].reshape(_OF_A_BLOCK, count)
    segments = numbers[_OF_A_BLOCK * count :].reshape(_OF_A_SEGMENT, -1)
    kinds = [(_text(role), _text(rule)) for role, rule in read["kinds"]]
    if any(role not in ROLES for role, _ in kinds):
        raise ValueError("a role that there is not")
    if count and (lengths.min() < 1 or chars.min() < 0 or counts.min() < 0):
        raise ValueError("blocks that do not tile the raw text")
    if count and not 0 <= kind.min() <= kind.max() < len(kinds):
        raise ValueError("a kind that there is not")
    text = rest[4 + size :].decode("utf-8", "surrogatepass")
    if lengths.sum() != length or chars.sum() != len(text) or counts.sum() != segments.shape[1]:
        raise ValueError("blocks that do not end with the raw text")
    ends = np.cumsum(lengths)
    starts = ends - lengths
    cuts = [0, *np.cumsum(chars).tolist()]
    texts = [text[start:end] if end > start else "" for start, end in pairwise(cuts)]
    return Columns(starts, ends, texts, kind, kinds), counts, _segments(segments, counts, starts, length)


def _segments(told: Numbers, counts: Numbers, starts: Numbers, length: int) -> Numbers:
    """Return all segments, a row each, from what `_differences` gives."""
    first = _firsts(counts)
    many = counts[first.blocks]
    columns = []
    for gap, long, begin in ((told[0], told[1], 0), (told[2], told[3] + told[1], starts[first.blocks])):
        end = np.cumsum(gap + long)
        end += np.repeat(begin - (end - gap - long)[first.segments], many)
        columns += [end - long, end]
    if told.size and (min(column.min() for column in columns) < 0 or max(c.max() for c in columns) > length):
        raise ValueError("a segment outside the raw text")
    if (told[1] < 0).any() or (told[1] + told[3] < 0).any():
        raise ValueError("a segment that ends before it begins")
    return np.stack(columns, axis=1)


# A named tuple's own constructor is Python code; there are a thousand segments a page.
_SEGMENT = partial(tuple.__new__, Segment)


def _lines(value: str) -> bytes:
    lines = b64decode(value, validate=True)
    if len(lines) % _OF_A_LINE:
        raise ValueError("lines that break off")
    return lines


def _told(value: str | None) -> str | None:
    return None if value is None else _text(value)


def _encodable(value: str | None) -> str | None:
    if value is not None:
        _text(value).encode()
    return value


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"found {value!r}, expected a text")
    return value


def _count(value: int) -> int:
    if not isinstance(value, int) or not 0 <= value < _COUNTLESS:
        raise TypeError(f"found {value!r}, expected a count")
    return value
