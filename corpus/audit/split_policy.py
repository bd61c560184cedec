"""A split that breaks the policy the project declares.

`schema/corpus.yaml` says how pages are dealt. `by_source` promises that no source is in two splits,
`by_time` that no dated page of train is later than a dated page of test, `by_target` that a target in
test has no stance in train. Whoever reads the card relies on it.

Example: the policy is `by_source`, and `harbour-daily` is in train and in test.

Mend: build again; a source that near-duplicates tie to others follows them, so the other source must move
too.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Ask the declared policy's question; `random` and `stratified` promise nothing about single pages."""
    policy = view.project.split.policy
    if policy == "by_source":
        yield from _by_source(view)
    elif policy == "by_time":
        yield from _by_time(view)
    elif policy == "by_target":
        yield from _by_target(view)


def _by_source(view: AuditView) -> Iterator[Found]:
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for raw_path, split in view.given["documents"].select("raw_path", "split").iter_rows():
        if source := view.project.source_of(raw_path):
            splits[source.name].add(split)
    for name, found_in in sorted(splits.items()):
        if len(found_in) > 1:
            message = (
                f"the source {name} is in {' and '.join(sorted(found_in))}, where the policy is by_source"
            )
            yield found(
                __name__, Place(line=name), message, "build again, so that each source is in one split", name
            )


def _by_time(view: AuditView) -> Iterator[Found]:
    dated = view.given["documents"].filter(pl.col("published_at").str.contains(r"^\d{4}-\d{2}-\d{2}"))
    days = dated.with_columns(day=pl.col("published_at").str.slice(0, 10))
    for early, late in (("train", "validation"), ("train", "test"), ("validation", "test")):
        first = min(days.filter(pl.col("split") == late)["day"].to_list(), default="9999")
        for row in days.filter((pl.col("split") == early) & (pl.col("day") > first)).iter_rows(named=True):
            message = f"published on {row['day']} and in {early}, while {late} begins on {first}"
            hint = "build again, so that splits follow the days"
            yield found(__name__, Place(document_id=row["document_id"]), message, hint, late)


def _by_target(view: AuditView) -> Iterator[Found]:
    splits = view.given["documents"].select("document_id", "split")
    rows = gold(judgements(view)).filter(pl.col("label") != "none").join(splits, on="document_id")
    for (target,), group in rows.sort("target").group_by("target", maintain_order=True):
        found_in = sorted(group["split"].unique())
        if "train" in found_in and len(found_in) > 1:
            message = (
                f"stances toward {target} are in {' and '.join(found_in)}, where the policy is by_target"
            )
            yield found(
                __name__,
                Place(line=str(target)),
                message,
                "build again, so that held-out targets stay out",
                str(target),
            )
