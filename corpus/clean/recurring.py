"""Lines that recur from page to page of one source: the site's own, whatever they look like on one page.

A separate pass over pages already cleaned. `recurring` reads the blocks of many pages of one source and
names the kept lines that recur; `dropped` takes them out of a page under the rule `recurring`. A repost must
not lose its body for having been seen before: a page most of whose kept text stands on other pages too is a
copy, is not counted as evidence, and is left as it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from corpus.records import KEPT_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.records import Block

RULE: Final = "recurring"
"""The rule of a block dropped here."""

LEAST: Final = 4
"""On so many pages of a source, copies not counted, a line must stand to be the site's own."""

SHARE: Final = 0.05
"""And on this share of them."""

LONGEST: Final = 400
"""Longer texts are never taken for a site's line."""

COPY: Final = 0.5
"""A page is a copy where more than this share of its kept text stands on other pages."""


def recurring(pages: Iterable[Sequence[Block]]) -> frozenset[bytes]:
    """Name the kept lines that recur across the pages of one source, by digest.

    Two passes over digests, not texts: memory grows with the number of kept blocks, time with that of pages.
    Fewer than four pages are no evidence.

    >>> recurring([])
    frozenset()
    """
    seen = [lines(page) for page in pages]
    pages_of = Counter(digest for page in seen for digest in page)
    originals = [page for page in seen if not _copied(page, pages_of)]
    counted = Counter(digest for page in originals for digest, size in page.items() if size <= LONGEST)
    enough = max(LEAST, SHARE * len(originals))
    return frozenset(digest for digest, number in counted.items() if number >= enough)


def dropped(blocks: Sequence[Block], recur: frozenset[bytes]) -> tuple[Block, ...]:
    """Take the lines that recur out of what is kept of a page, unless they are most of it."""
    kept = lines(blocks)
    if sum(size for digest, size in kept.items() if digest in recur) > COPY * sum(kept.values()):
        return tuple(blocks)
    return tuple(
        replace(block, role="other", rule=RULE)
        if block.role in KEPT_ROLES and _digest(block.text) in recur
        else block
        for block in blocks
    )


def lines(blocks: Iterable[Block]) -> dict[bytes, int]:
    """Read the kept lines of a page: digest and length."""
    return {_digest(block.text): len(block.text) for block in blocks if block.role in KEPT_ROLES}


def _digest(text: str) -> bytes:
    """Name a line, whatever its case and spacing."""
    return blake2b(" ".join(text.casefold().split()).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _copied(page: dict[bytes, int], pages_of: Counter[bytes]) -> bool:
    """Tell whether most of a page's kept text stands on other pages."""
    return sum(size for digest, size in page.items() if pages_of[digest] > 1) > COPY * sum(page.values())
