"""A paragraph that stands in two splits, on pages that are not reposts.

Pages that share a single paragraph – an agency's report, a press statement – are no near-duplicates and
may be dealt into different splits; the paragraph is then trained on and tested on. Reported are
paragraphs of 40 or more characters that share nine tenths of their character n-grams across splits, once
for each cluster. If one of them carries gold labels the finding says so: that is where scores are spoilt.

Example: the ministry's statement of 180 characters is quoted whole in a train page and in a test page.

Mend: keep such pages in one split (a source of their own, or split `by_source`), or waive it if the
paragraph is not evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found
from corpus.duplicates import similarity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

SHORTEST = 40
SAME = 0.9
"""Jaccard similarity of shingles from which two paragraphs are the same for a model."""


def check(view: AuditView) -> Iterator[Found]:
    """Find clusters of paragraphs that are in more than one split."""
    documents = view.given["documents"].select("document_id", "split", page="duplicate_cluster")
    long = view.given["paragraphs"].filter(pl.col("text").str.len_chars() >= SHORTEST)
    rows = long.join(documents, on="document_id").sort("paragraph_id")
    cluster = "duplicate_cluster"
    several = rows.filter(
        (pl.col("split").n_unique().over(cluster) > 1) & (pl.col("page").n_unique().over(cluster) > 1)
    )
    labelled = set(view.gold["paragraph_id"])
    for (name,), group in several.group_by(cluster, maintain_order=True):
        first = group.row(0, named=True)
        others = group.filter(pl.col("split") != first["split"])
        same = [
            row for row in others.iter_rows(named=True) if similarity(first["text"], row["text"])[0] >= SAME
        ]
        if not same:
            continue
        where = ", ".join(f"{row['paragraph_id']} in {row['split']}" for row in same[:3])
        more = f" and {len(same) - 3} more" if len(same) > 3 else ""
        gold_ = (
            "; it carries gold labels"
            if {first["paragraph_id"], *(row["paragraph_id"] for row in same)} & labelled
            else ""
        )
        message = f"{shown(first['text'])} in {first['split']} also stands in {where}{more}{gold_}"
        place = Place(first["document_id"], first["paragraph_id"], surface=first["text"][:40])
        yield found(
            __name__, place, message, "keep such pages in one split, or leave one of them out", str(name)
        )
