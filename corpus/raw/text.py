"""One page as text, whatever that is: a plain dump, an RSS-to-Markdown dump, or HTML under a plain name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.raw._content import make_page, read_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus.records import Page

suffixes = (".txt", ".text")


def read(path: Path) -> Iterator[Page]:
    """Yield the page of a file, of the format its content shows (`corpus.raw._content.sniff`)."""
    yield make_page(read_body(path), path, None)
