"""A label too rare to learn or to measure.

A label of which train holds fewer than ten gold examples cannot be learnt, and a score on it in test is
chance; still it counts as much as any other in a macro average. Told only once train has 20 gold examples
for each declared label on average, so that a corpus in its beginnings is left in peace, but a label that
test has and train has not is always told. `none` and other stance labels are counted by target.

Example: `EVENT` has 4 gold mentions in train, where the other labels have 120 or more.

Mend: annotate pages that have it, merge the label into another, or leave it out; or waive it and say so
in the card.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

LEARNABLE = 10
ENOUGH = 20
SEVERAL = 3


def check(view: AuditView) -> Iterator[Found]:
    """Count gold examples of each declared label in train."""
    splits = view.given["documents"].select("document_id", "split")
    entity = [label.name for label in view.project.entity_labels]
    stance = [label.name for label in view.project.stance_labels]
    yield from _rare(gold(mentions(view)).join(splits, on="document_id"), entity, "entity", "")
    rows = gold(judgements(view)).join(splits, on="document_id")
    for target in view.project.targets:
        mine = rows.filter(pl.col("target") == target.target_id)
        yield from _rare(mine, stance, "stance", f" toward {target.target_id}")


def _rare(rows: pl.DataFrame, labels: list[str], layer: str, toward: str) -> Iterator[Found]:
    train = rows.filter(pl.col("split") == "train")
    counts = dict(train["label"].value_counts().iter_rows())
    held_out = Counter(rows.filter(pl.col("split") != "train")["label"].to_list())
    grown = train.height >= ENOUGH * len(labels)
    for label in labels:
        count = counts.get(label, 0)
        only_outside = not count and held_out[label] >= SEVERAL and bool(train.height)
        if (grown and count < LEARNABLE) or only_outside:
            outside = ", which other splits have" if only_outside else ""
            message = f"{layer} label {label}{toward} has {count} gold examples in train{outside}"
            hint = "annotate pages that have it, merge it, or leave it out"
            yield found(
                __name__, Place(line=f"{layer} {label}{toward}"), message, hint, f"{layer} {label}{toward}"
            )
