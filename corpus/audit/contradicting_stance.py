"""Near-identical paragraphs with different gold stances.

A repost says what its original says. Where two paragraphs share at least nine tenths of their character
n-grams (as `corpus.duplicates` counts them: width, punctuation and traditional characters do not matter)
and have different gold labels toward the same target, one of the two is wrong, or the context decides and
the guidelines should say so. Paragraphs of fewer than 15 characters are left alone: a heading may mean
different things on different pages.

Example: a paragraph is `against` in the original and `neutral` in its repost in traditional characters.

Mend: correct one of them, or waive it with what the context changes.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, shown
from corpus.audit._view import Place, found
from corpus.duplicates import similarity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

SAME = 0.9
"""Jaccard similarity of shingles from which two paragraphs say the same."""

SHORTEST = 15

MOST = 40
"""Paragraphs of one cluster that are compared pair by pair; of more, only neighbours in order of text."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare gold labels within clusters of near-duplicate paragraphs."""
    rows = gold(judgements(view)).filter(pl.col("all").str.len_chars() >= SHORTEST)
    unit = ["duplicate_cluster", "target"]
    differing = rows.filter(pl.col("label").n_unique().over(unit) > 1).sort(*unit, "all", "paragraph_id")
    for (_, target), group in differing.group_by(unit, maintain_order=True):
        found_rows = group.rows(named=True)
        near = combinations(found_rows, 2) if group.height <= MOST else pairwise(found_rows)
        for one, other in near:
            if one["label"] == other["label"] or similarity(one["all"], other["all"])[0] < SAME:
                continue
            there = f"{other['label']} in {other['paragraph_id']}"
            message = (
                f"{shown(one['quote'])} is {one['label']} toward {target}, and {there}, which says the same"
            )
            hint = "correct one of the two, or waive it with what the context changes"
            yield found(__name__, Place.of(one), message, hint, f"{target} {other['paragraph_id']}")
