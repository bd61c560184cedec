"""Corpus -> published/: a dataset folder that `load_dataset` reads and the Hub accepts, whole or not at all.

A corpus comes in parts (`corpus.schema.parts`), which are finished one by one (`finish`) and then written
(`publish_parts`): the Parquet files first, then the manifest that digests them, then what quotes the
manifest. The datasheet, which people write and the tables fill, comes between: card and Croissant quote it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import PublishError
from corpus.publish import card, croissant, datasheet, manifest, shards, versions
from corpus.publish.card import REPOSITORY_CARD, repository_card, write_repository_card
from corpus.publish.finished import Finished, finish, trust
from corpus.publish.integrity import verify
from corpus.publish.swap import replacing
from corpus.publish.versions import VersionError
from corpus.schema.parts import cut
from corpus.store import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.schema.frames import Corpus

__all__ = [
    "REPOSITORY_CARD",
    "Finished",
    "VersionError",
    "finish",
    "publish",
    "publish_parts",
    "repository_card",
    "verify",
    "write_repository_card",
]


def publish(corpus: Corpus, to: Path, sheet: str | None = None, *, versioned: bool = False) -> list[Path]:
    """Write a valid corpus to the dataset folder `to` and return the files it now holds, sorted.

    See `publish_parts`; the corpus is cut into parts, which are finished in a temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="corpus-", ignore_cleanup_errors=True) as scratch:
        finished = trust(cut(corpus), corpus.project, opened(Path(scratch, "store")))
        return publish_parts(finished, corpus.inputs, to, sheet, versioned=versioned)


def publish_parts(  # noqa: PLR0913 - all that a build knows when it publishes
    finished: Finished,
    inputs: Mapping[str, str],
    to: Path,
    sheet: str | None = None,
    *,
    versioned: bool = False,
    map_: shards.Map = map,
    counts: Mapping[str, int] | None = None,
) -> list[Path]:
    """Write a finished corpus to the dataset folder `to` and return the files it now holds, sorted.

    The folder is written beside `to` and swapped in whole: a crash or an error leaves the old one intact. The
    same rows give the same bytes, in whatever parts they come; files of rows that stand in `to` as they were
    made are taken over. `inputs` holds the SHA-256 of every file that the corpus was made from, by its path
    below the project; `sheet` is the project's datasheet, published with its figures filled; `counts`
    tell of the run, in the manifest.
    Raises PublishError for a corpus without a paragraph, a folder that `corpus build` did not make, another
    build at work there, or a disk that refuses; and VersionError, where `versioned`, for rows that changed
    under a version that does not say so (see `corpus.publish.versions`).
    """
    if not finished.paragraphs:
        raise PublishError(
            f"{to}: found a corpus without a single paragraph; expected at least one; "
            "what was published before still stands; see the findings of the build"
        )
    project, to = finished.work.project, to.absolute()
    with replacing(to) as fresh:
        edition = shards.lay(finished, fresh, to, map_)
        sums = {name: file.sha256 for name, file in edition.files.items()}
        manifest.write(project, inputs, edition.tables, edition.full, fresh, counts=counts)
        if sheet is not None:
            datasheet.publish_copy(sheet, fresh, finished.published_ledger)
        card.write(project, fresh, {name: file.arrow_bytes for name, file in edition.files.items()})
        croissant.write(project, fresh, sums)
        if versioned:
            versions.insist(to, fresh)
        manifest.seal(fresh, sums)
    shards.note(finished, edition)
    return sorted(path for path in to.rglob("*") if path.is_file())
