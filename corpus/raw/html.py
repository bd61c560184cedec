"""One HTML page, as a browser or crawler saved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.raw._content import make_page, read_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corpus.records import Page

suffixes = (".html", ".htm", ".xhtml", ".shtml")


def read(path: Path) -> Iterator[Page]:
    """Yield the page of a file; one that is really an image, a PDF or an archive is named and refused."""
    yield make_page(read_body(path), path, "html")
