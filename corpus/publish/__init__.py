"""Corpus -> published/: a dataset folder that `load_dataset` reads and the Hub accepts, whole or not at all.

A target is a module with `write(corpus, to) -> list[Path]`. They run in the order of TARGETS: the Parquet
files first, then the manifest that digests them, then what quotes the manifest. The datasheet, which people
write and the tables fill, comes between: card and Croissant quote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from corpus.errors import PublishError
from corpus.publish import card, croissant, datasheet, manifest, parquet, versions
from corpus.publish.card import REPOSITORY_CARD, repository_card, write_repository_card
from corpus.publish.integrity import verify
from corpus.publish.swap import replacing
from corpus.publish.versions import VersionError

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.schema.frames import Corpus

__all__ = [
    "REPOSITORY_CARD",
    "Target",
    "VersionError",
    "publish",
    "repository_card",
    "verify",
    "write_repository_card",
]


class Target(Protocol):
    """What a module must offer to be written into a published folder."""

    def write(self, corpus: Corpus, to: Path) -> list[Path]:
        """Write files below the unfinished folder `to` and tell which."""


TARGETS: tuple[Target, ...] = (parquet, manifest)
QUOTING: tuple[Target, ...] = (card, croissant)


def publish(corpus: Corpus, to: Path, sheet: str | None = None, *, versioned: bool = False) -> list[Path]:
    """Write a valid corpus to the dataset folder `to` and return the files it now holds, sorted.

    The folder is written beside `to` and swapped in whole: a crash or an error leaves the old one intact. The
    same corpus gives the same bytes. `sheet` is the project's datasheet, published with its figures filled.
    Raises PublishError for a corpus without a paragraph, a folder that `corpus build` did not make, another
    build at work there, or a disk that refuses; and VersionError, where `versioned`, for rows that changed
    under a version that does not say so (see `corpus.publish.versions`).
    """
    if corpus.tables["paragraphs"].is_empty():
        raise PublishError(
            f"{to}: found a corpus without a single paragraph; expected at least one; "
            "what was published before still stands; see the findings of the build"
        )
    with replacing(to) as fresh:
        for target in TARGETS:
            target.write(corpus, fresh)
        if sheet is not None:
            datasheet.publish_copy(sheet, fresh)
        for target in QUOTING:
            target.write(corpus, fresh)
        if versioned:
            versions.insist(to, fresh)
        manifest.seal(fresh)
    return sorted(path for path in to.rglob("*") if path.is_file())
