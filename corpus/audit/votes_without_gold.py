"""Judgements that were not adjudicated although their neighbours were.

A page whose gold layer is there but has holes is published with silent holes: the paragraph looks as if
nobody had judged it, or as if the mention were none. Reported are a paragraph and target that annotators
judged and gold does not have, and a mention that all of two or more annotators made alike and gold has
nothing in place of. Pages without any gold of the layer are `not_adjudicated`.

Example: a1 and a2 both mark `南屿公司` as ORG, and `annotations/entity/gold.jsonl` has nothing there.

Mend: adjudicate the unit. Where gold leaves a mention out on purpose, give it a gold line with the label
`none`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import NOTHING_HERE, gold, judgements, mentions, shown, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Look for gold behind what annotators judged, on pages that have gold."""
    yield from _stances(judgements(view))
    denied = view.gold.filter(NOTHING_HERE).select("document_id", "paragraph_id", "start", "end", "label")
    yield from _mentions(mentions(view), denied)


def _stances(rows: pl.DataFrame) -> Iterator[Found]:
    decided = gold(rows)
    made = votes(rows).join(decided, on=["document_id", "target"], how="semi")
    open_ = made.join(decided, on=["paragraph_id", "target"], how="anti")
    for (_, target), group in open_.group_by("paragraph_id", "target", maintain_order=True):
        row = group.row(0, named=True)
        said = ", ".join(f"{each['annotator']}={each['label']}" for each in group.iter_rows(named=True))
        message = f"{shown(row['quote'])} has votes toward {target} ({said}) and no gold"
        yield found(
            __name__, Place.of(row), message, "adjudicate it in annotations/stance/gold.jsonl", str(target)
        )


def _mentions(rows: pl.DataFrame, denied: pl.DataFrame) -> Iterator[Found]:
    decided = pl.concat([gold(rows).select(denied.columns), denied])
    made = votes(rows).join(decided, on="document_id", how="semi")
    judges = made.group_by("document_id").agg(judges=pl.col("annotator").n_unique())
    unit = ["document_id", "paragraph_id", "start", "end", "label", "quote"]
    agreed = made.group_by(unit, maintain_order=True).agg(said=pl.col("annotator").n_unique())
    agreed = agreed.join(judges, on="document_id", maintain_order="left")
    agreed = agreed.filter((pl.col("judges") > 1) & (pl.col("said") == pl.col("judges")))
    pairs = agreed.select(*unit).join(
        decided.select("paragraph_id", gold_start="start", gold_end="end"), on="paragraph_id"
    )
    met = pairs.filter((pl.col("gold_start") < pl.col("end")) & (pl.col("start") < pl.col("gold_end")))
    for row in agreed.join(met, on=unit[1:4], how="anti", maintain_order="left").iter_rows(named=True):
        what = f"{shown(row['quote'])} as {row['label']}"
        message = f"all {row['said']} annotators have {what}; gold has nothing there"
        hint = "adjudicate it in annotations/entity/gold.jsonl; the label none says that nothing is there"
        yield found(__name__, Place.of(row), message, hint, row["label"])
