"""A form that is labelled elsewhere but not here.

A name that gold marks nearly everywhere and leaves out in one place was probably overlooked there. A form
is expected to be marked if gold marks it at least three times, on two or more pages, and in three of four
of the places where it stands in adjudicated text. The places left over are reported.

Left alone are: single characters, places inside a longer mention or overlapping another one, places
inside a number or a word of an alphabet (`Dell` in `Dellings`), and parts of longer forms that are
labelled themselves, all of which would cry wolf. Pages without gold entities are not looked at.

Words that are names only sometimes (a company and its product, a place in the name of a people) are
rarely marked in three of four places and so not reported. The check finds the slip in a well-annotated
corpus, not the state of a bad one.

Example: `南屿公司` is ORG in eleven places and nothing in the twelfth.

Mend: mark it, or waive it with the reason why it is no mention there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, mentions, shown
from corpus.audit._places import free_places
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

LABELLED = 3
PAGES = 2
SHARE = 0.75
"""A form is expected to be marked from these on: on the first tags of 914 Weibo messages, 8 findings, all on
messages that experts changed later (chance: 32 %). If one moves, run `python benchmarks/audit_checks.py`
again."""


def check(view: AuditView) -> Iterator[Found]:
    """Find unmarked places of forms that are otherwise marked."""
    rows = gold(mentions(view)).filter(pl.col("quote").str.len_chars() > 1)
    forms = rows.group_by("quote").agg(
        marked=pl.len(), pages=pl.col("document_id").n_unique(), label=pl.col("label").mode().sort().first()
    )
    wanted = forms.filter((pl.col("marked") >= LABELLED) & (pl.col("pages") >= PAGES))
    if wanted.is_empty():
        return
    free = free_places(view, gold(mentions(view)), rows["quote"].unique().to_list())
    open_ = free.join(wanted, on="quote", maintain_order="left")
    counted = open_.with_columns(unmarked=pl.len().over("quote"))
    usual = counted.filter(pl.col("marked") >= SHARE * (pl.col("marked") + pl.col("unmarked")))
    for row in usual.iter_rows(named=True):
        message = f"{shown(row['quote'])} is {row['label']} in {row['marked']} other places and unmarked here"
        hint = f"mark it as {row['label']}, or waive it with the reason why it is no mention here"
        yield found(__name__, Place.of(row), message, hint, row["label"])
