"""An annotator who agrees with nobody.

Somebody who read the guidelines differently, or chose at random, agrees with the others hardly more than
chance. Reported is an annotator whose Cohen's kappa (stances) with every other annotator who judged 30 or
more of the same units is below 0.2, or whose mentions (exact extent and label) meet those of every other
on shared pages with an F1 below 0.3 on 30 or more mentions. Of two annotators who agree badly nobody can
say which is the odd one: then both are named.

Example: a4 has a kappa of 0.05 with a1 and 0.08 with a2, who have 0.71 between them.

Mend: train the annotator anew and leave these judgements out of adjudication until they are made again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.agreement import cohen_kappa
from corpus.audit._marks import judgements, mentions, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

FEWEST = 30
KAPPA = 0.2
F1 = 0.3


def check(view: AuditView) -> Iterator[Found]:
    """Compare each annotator with each other one, by stances and by mentions."""
    hint = "train the annotator anew; leave these judgements out until they are made again"
    for layer, figures, least, what in (
        ("stance", _kappas(votes(judgements(view))), KAPPA, "kappa"),
        ("entity", _f1s(votes(mentions(view))), F1, "F1"),
    ):
        for annotator, found_with in sorted(figures.items()):
            values = [value for value in found_with.values() if not math.isnan(value)]
            if values and max(values) < least:
                said = ", ".join(f"{value:.2f} with {other}" for other, value in sorted(found_with.items()))
                message = f"{annotator} agrees with nobody: {what} {said}"
                place = Place(line=f"annotations/{layer}/{annotator}.jsonl")
                yield found(__name__, place, message, hint, f"{layer} {annotator}")


def _kappas(rows: pl.DataFrame) -> dict[str, dict[str, float]]:
    unit = ["paragraph_id", "target"]
    rows = rows.unique([*unit, "annotator"], maintain_order=True)
    pairs = rows.select(*unit, "annotator", "label").join(
        rows.select(*unit, other="annotator", said="label"), on=unit
    )
    figures: dict[str, dict[str, float]] = {}
    both = pairs.filter(pl.col("annotator") != pl.col("other"))
    for (annotator, other), group in both.group_by("annotator", "other"):
        if group.height >= FEWEST:
            kappa = cohen_kappa(group["label"].to_list(), group["said"].to_list())
            figures.setdefault(str(annotator), {})[str(other)] = kappa
    return figures


def _f1s(rows: pl.DataFrame) -> dict[str, dict[str, float]]:
    unit = ["document_id", "paragraph_id", "start", "end", "label"]
    pages = rows.select("document_id", "annotator").unique()
    figures: dict[str, dict[str, float]] = {}
    names = sorted(rows["annotator"].unique())
    for one in names:
        for other in names:
            if one == other:
                continue
            shared = pages.filter(pl.col("annotator") == one).join(
                pages.filter(pl.col("annotator") == other), on="document_id", how="semi"
            )
            mine, theirs = (
                rows.filter(pl.col("annotator") == name)
                .join(shared, on="document_id", how="semi")
                .select(unit)
                .unique()
                for name in (one, other)
            )
            if min(mine.height, theirs.height) >= FEWEST:
                met = mine.join(theirs, on=unit, how="semi").height
                figures.setdefault(one, {})[other] = 2 * met / (mine.height + theirs.height)
    return figures
