"""A page whose near-duplicate is in another split.

A repost in `test` of a page in `train` lets a model be tested on what it has learnt by heart. A page and
all its near-duplicates belong in one split; `corpus build` deals them so, and this holds the result
against it.

Example: `harbour-daily/tides` is in train, its repost `river-post/tides-again` in test.

Mend: build again; if the splits are dealt by hand, move one of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Find clusters of documents that are in more than one split."""
    documents = view.given["documents"]
    several = documents.filter(pl.col("split").n_unique().over("duplicate_cluster") > 1)
    for (cluster,), group in several.sort("document_id").group_by("duplicate_cluster", maintain_order=True):
        names = group["document_id"].to_list()
        where = ", ".join(
            f"{name} in {split}" for name, split in group.select("document_id", "split").iter_rows()
        )
        message = f"near-duplicates in more than one split: {where}"
        hint = "a page and its near-duplicates belong in one split: build again"
        yield found(__name__, Place(document_id=names[0]), message, hint, str(cluster))
