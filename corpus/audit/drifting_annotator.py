"""An annotator whose agreement with the others changes over time.

People tire, and they learn; either way labels from the two ends of the work mean different things. An
annotator's stance votes on units that others judged too are put in order of time and halved, and so are the
mentions on pages that others marked too. Reported is a change of at least 15 points in the share that agrees
with the others' majority (of mentions: that somebody else marked with the same extent and label), if it is
too large for chance (two-proportion z of 3.3 or more, one in a thousand) and each half has 50 or more.

Example: a3 agrees with the others in 84 % of the first 400 votes and in 61 % of the last 400.

Mend: discuss cases of the worse half with the annotator, and have them judged again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import judgements, mentions, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

FEWEST = 50
DROP = 0.15
SURE = 3.3


def check(view: AuditView) -> Iterator[Found]:
    """Compare the agreement of each annotator's earlier and later half, by stances and by mentions."""
    for layer, what, rows in (
        ("stance", "votes", _agreed_votes(votes(judgements(view)))),
        ("entity", "mentions", _agreed_mentions(votes(mentions(view)))),
    ):
        for (annotator,), group in rows.sort("annotator", "created_at", "annotation_id").group_by(
            "annotator", maintain_order=True
        ):
            half = group.height // 2
            if half < FEWEST or group["created_at"].n_unique() < 2:
                continue
            early, late = group.head(half), group.tail(group.height - half)
            first, last = _share(early), _share(late)
            if abs(first - last) < DROP or _z(first, early.height, last, late.height) < SURE:
                continue
            since = late["created_at"][0]
            message = f"{annotator} agrees with the others in {first:.0%} of {early.height} {what} before "
            message += f"{since}, and in {last:.0%} of {late.height} from then on"
            hint = "discuss cases of the worse half with the annotator and have them judged again"
            place = Place(line=f"annotations/{layer}/{annotator}.jsonl")
            about = str(annotator) if layer == "stance" else f"{layer} {annotator}"
            yield found(__name__, place, message, hint, about)


def _agreed_votes(rows: pl.DataFrame) -> pl.DataFrame:
    """Votes on units that others judged too; `same` tells whether they go with the majority of the others."""
    unit = ["paragraph_id", "target"]
    pairs = rows.select(*unit, "annotator", "label", "created_at", "annotation_id").join(
        rows.select(*unit, other="annotator", said="label"), on=unit
    )
    others = pairs.filter(pl.col("annotator") != pl.col("other"))
    # What the others' majority says; where they are divided, nobody can be held against them.
    said = others.group_by("annotator", *unit, "label", "created_at", "annotation_id").agg(
        majority=pl.col("said").mode()
    )
    return said.filter(pl.col("majority").list.len() == 1).with_columns(
        same=pl.col("majority").list.first() == pl.col("label")
    )


def _agreed_mentions(rows: pl.DataFrame) -> pl.DataFrame:
    """Mentions on pages that others marked too, and as `same` whether anybody else has the very same one."""
    pages = rows.filter(pl.col("annotator").n_unique().over("document_id") > 1)
    made = ["paragraph_id", "start", "end", "label"]
    return pages.with_columns(same=pl.col("annotator").n_unique().over(made) > 1)


def _share(rows: pl.DataFrame) -> float:
    return float(rows.select(pl.col("same").mean()).item())


def _z(first: float, count: int, last: float, other: int) -> float:
    whole = (first * count + last * other) / (count + other)
    error = math.sqrt(whole * (1 - whole) * (1 / count + 1 / other))
    return abs(first - last) / error if error else 0.0
