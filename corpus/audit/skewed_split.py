"""A split whose size or labels are far from the whole corpus.

A score on a test split stands for the corpus only if the split looks like it. Reported is a split whose
share of the pages is more than ten points from its ratio (from 30 clusters of near-duplicates on), and
one whose labels of a layer or target have a total variation distance of more than 0.2 from the corpus, if
it has 50 gold annotations and the difference is beyond chance (chi-squared, p < 0.001). `by_target` holds
targets out on purpose and `by_time` may shift labels with the news, so labels are not compared under
these two.

Example: `against` is 22 % of the corpus and 55 % of test.

Mend: split `stratified`, or annotate more pages; if the shift is wanted, waive it and say so in the card.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions
from corpus.audit._view import Place, found
from corpus.records import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

APART = 0.1
CLUSTERS = 30
DISTANCE = 0.2
GOLD = 50
SURE = 3.09
"""Standard deviations that chance passes once in a thousand times, one-sided."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare sizes with ratios, and labels with those of the corpus."""
    documents = view.tables["documents"]
    # Where a split is empty the others are too large: `empty_split` says so.
    filled = {name for name, ratio in zip(SPLITS, view.project.split.ratios, strict=True) if ratio}
    if documents["duplicate_cluster"].n_unique() >= CLUSTERS and filled <= set(documents["split"]):
        for name, ratio in zip(SPLITS, view.project.split.ratios, strict=True):
            share = documents["split"].to_list().count(name) / documents.height
            if share and abs(share - ratio) > APART:
                message = f"{name} has {share:.0%} of the pages, where the ratios give {ratio:.0%}"
                yield found(__name__, Place(line=name), message, "change ratios or policy", name)
    if view.project.split.policy in {"by_target", "by_time"}:
        return
    splits = documents.select("document_id", "split")
    rows = gold(mentions(view)).join(splits, on="document_id")
    yield from _labels(rows, "entity labels")
    stances = gold(judgements(view)).join(splits, on="document_id")
    for target in view.project.targets:
        mine = stances.filter(pl.col("target") == target.target_id)
        yield from _labels(mine, f"stances toward {target.target_id}")


def _labels(rows: pl.DataFrame, what: str) -> Iterator[Found]:
    whole = Counter(rows["label"].to_list())
    for name in SPLITS:
        here = Counter(rows.filter(pl.col("split") == name)["label"].to_list())
        size, all_ = here.total(), whole.total()
        if size < GOLD or size == all_:
            continue
        far = {label: here[label] / size - count / all_ for label, count in whole.items()}
        if sum(map(abs, far.values())) / 2 > DISTANCE and _sure(here, whole):
            label = max(far, key=lambda each: abs(far[each]))
            message = f"{what} in {name} are unlike the corpus: {label} is {here[label] / size:.0%}, "
            message += f"{whole[label] / all_:.0%} in the whole"
            yield found(
                __name__,
                Place(line=f"{name} {what}"),
                message,
                "split stratified, or annotate more pages",
                f"{name} {what}",
            )


def _sure(here: Counter[str], whole: Counter[str]) -> bool:
    """Tell whether chi-squared of a split against the rest is beyond chance (Wilson & Hilferty 1931)."""
    size, all_ = here.total(), whole.total()
    squares = 0.0
    for label, count in whole.items():
        for seen, expected in (
            (here[label], count * size / all_),
            (count - here[label], count * (all_ - size) / all_),
        ):
            squares += (seen - expected) ** 2 / expected
    degrees = len(whole) - 1
    cube = math.cbrt(squares / degrees)
    return cube > 1 - 2 / (9 * degrees) + SURE * math.sqrt(2 / (9 * degrees))
