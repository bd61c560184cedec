"""Blocks to paragraphs: the kept blocks in order, each with an id that survives edits elsewhere."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from corpus.records import KEPT_ROLES, Block, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable


def paragraphs(document_id: str, blocks: Iterable[Block]) -> tuple[Paragraph, ...]:
    """Return the kept blocks of one document as paragraphs, in reading order.

    A paragraph's id is made from its own text, so that adding a paragraph above does not move it; a repeated
    text gets `-2`, `-3` … Blocks whose role is not in KEPT_ROLES, or that have no text, make no paragraph.

    >>> from corpus.records import Segment
    >>> kept = Block(0, 2, "芯片", "paragraph", "main", (Segment(0, 2, 0, 2),))
    >>> [p.paragraph_id for p in paragraphs("harbour/a", [kept, kept])]
    ['harbour/a#p-984636a8', 'harbour/a#p-984636a8-2']
    """
    seen: Counter[str] = Counter()
    made: list[Paragraph] = []
    for block in blocks:
        if block.role not in KEPT_ROLES or not block.text or not block.segments:
            continue
        digest = hashlib.sha256(block.text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        seen[digest] += 1
        repeat = f"-{seen[digest]}" if seen[digest] > 1 else ""
        paragraph_id = f"{document_id}#p-{digest}{repeat}"
        made.append(Paragraph(paragraph_id, len(made), block.role, block.text, block.segments))
    return tuple(made)
