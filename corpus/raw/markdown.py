"""One page in Markdown, as feed readers and converters dump it: HTML may be mixed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.raw._content import make_page, read_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus.records import Page

suffixes = (".md", ".markdown")


def read(path: Path) -> Iterator[Page]:
    """Yield the page of a file; what is no text is named and refused."""
    yield make_page(read_body(path), path, "markdown")
