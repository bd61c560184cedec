"""What cleaning found out about a page, as bytes and back: flat columns in JSON, nothing that can run.

The bytes say nothing of where the page lies: its id and path come from whoever has the page, so that the same
body in two files, or moved, is packed once. The first line is what a build needs of every page (`heading`),
the second the blocks, metadata and languages. They come from a cache folder that may have been damaged or
written by somebody else, so what is read is checked: it is about the content that was asked for, blocks tile
the raw text, roles are known, segments lie inside, and paragraphs are made from the blocks again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.records import ROLES, Block, Document, Encoding, Fact, Metadata, Paragraph, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from corpus.records import Page

    Made = Callable[[str, Iterable[Block]], tuple[Paragraph, ...]]

_FACTS = Metadata.__slots__
_NOT_THIS = "not what cleaning this page gives"


class Heading(NamedTuple):
    """What a build needs of every page.

    `about` is the digest of what cleaning saw, `raw_chars` the length of the raw text, and `lines` the
    digests and lengths of the kept lines, packed by whoever packs the page.
    """

    about: bytes
    raw_chars: int
    encoding: Encoding
    published_at: str | None
    lines: bytes


def pack(document: Document, about: bytes = b"", lines: bytes = b"") -> bytes:
    """Return what cleaning and telling the language found out, without the raw text and the page's name."""
    encoding = document.encoding
    heading = {
        "about": about.hex(),
        "raw_chars": len(document.raw),
        "encoding": [encoding.name, encoding.evidence, encoding.declared, encoding.replacements],
        "published_at": document.metadata.value("published_at"),
        "lines": b64encode(lines).decode(),
    }
    blocks = document.blocks
    kinds = {kind: number for number, kind in enumerate(dict.fromkeys((b.role, b.rule) for b in blocks))}
    columns = {
        "kinds": list(kinds),
        "kind": [kinds[block.role, block.rule] for block in blocks],
        "end": [block.raw_end for block in blocks],
        "text": {number: block.text for number, block in enumerate(blocks) if block.text},
        "segments": {
            number: list(chain.from_iterable(block.segments))
            for number, block in enumerate(blocks)
            if block.segments
        },
        "metadata": [getattr(document.metadata, name) for name in _FACTS],
        "language": [document.language, document.script],
        "languages": [paragraph.language for paragraph in document.paragraphs],
    }
    return b"\n".join(json.dumps(line, separators=(",", ":")).encode("ascii") for line in (heading, columns))


def heading(packed: bytes) -> Heading:
    """Read the heading of what was packed; raises ValueError where there is none."""
    try:
        read = json.loads(packed[: packed.index(b"\n")])
        name, evidence, declared, replacements = read["encoding"]
        return Heading(
            bytes.fromhex(read["about"]),
            _count(read["raw_chars"]),
            Encoding(_text(name), _text(evidence), _told(declared), _count(replacements)),
            _told(read["published_at"]),
            b64decode(read["lines"], validate=True),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"{_NOT_THIS}: {error!r}") from None


def unpack(packed: bytes, page: Page, made: Made, about: bytes = b"", raw: str | None = None) -> Document:
    """Make the document of a page again; `made` makes paragraphs of blocks (`corpus.paragraphs.paragraphs`).

    Without `raw`, the document's raw text is left empty: for rows alone, which hold none of it. Raises
    ValueError where the bytes were not packed from this content.
    """
    known = heading(packed)
    try:
        if known.about != about or (raw is not None and len(raw) != known.raw_chars):
            raise ValueError("another page")  # noqa: TRY301 - one way out
        read = json.loads(packed[packed.index(b"\n") + 1 :])
        blocks = _blocks(read, known.raw_chars)
        paragraphs = made(page.document_id, blocks)
        told = [
            Paragraph(each.paragraph_id, each.position, each.role, each.text, each.segments, _told(language))
            for each, language in zip(paragraphs, read["languages"], strict=True)
        ]
        language, script = map(_told, read["language"])
        facts = [fact and Fact(*map(_text, fact)) for fact in read["metadata"]]
        metadata = Metadata(**dict(zip(_FACTS, facts, strict=True)))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"{_NOT_THIS}: {error!r}") from None
    return Document(
        document_id=page.document_id,
        raw_path=page.raw_path,
        raw_sha256=page.sha256,
        format=page.format,
        raw=raw or "",
        encoding=known.encoding,
        metadata=metadata,
        paragraphs=tuple(told),
        blocks=blocks,
        language=language,
        script=script,
    )


def _blocks(read: dict[str, Any], length: int) -> tuple[Block, ...]:
    kinds, ends, texts = read["kinds"], read["end"], read["text"]
    segments = {number: _segments(flat, length) for number, flat in read["segments"].items()}
    if any(role not in ROLES or not isinstance(rule, str) for role, rule in kinds):
        raise ValueError("a role that there is not")
    if (ends[-1] if ends else 0) != length:
        raise ValueError("blocks that do not end with the raw text")
    if any(end <= start for start, end in pairwise([0, *ends])):
        raise ValueError("blocks that do not tile the raw text")
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("a text that is none")
    return tuple(
        Block(start, end, texts.get(number, ""), kinds[kind][0], kinds[kind][1], segments.get(number, ()))
        for start, end, kind, number in zip(
            *([0, *ends][: len(ends)], ends, read["kind"], map(str, range(len(ends)))), strict=True
        )
    )


def _segments(flat: Sequence[int], length: int) -> tuple[Segment, ...]:
    if len(flat) % 4 or min(flat) < 0 or max(flat) > length:
        raise ValueError("a segment outside the raw text")
    numbers = iter(flat)
    return tuple(map(_SEGMENT, zip(numbers, numbers, numbers, numbers, strict=True)))


# A named tuple's own constructor is Python code; there are a thousand segments a page.
_SEGMENT = partial(tuple.__new__, Segment)


def _told(value: str | None) -> str | None:
    return None if value is None else _text(value)


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"found {value!r}, expected a text")
    return value


def _count(value: int) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError(f"found {value!r}, expected a count")
    return value
