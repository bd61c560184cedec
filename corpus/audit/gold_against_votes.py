"""Gold that contradicts what all annotators said.

An adjudicator may overrule everybody, and then says why. Where two or more annotators agree on a label,
gold has another one and its note names no person's decision (`decided by …: …`), the likelier story is a
slip in the gold file. A unit on which annotators disagree is not reported: that is what adjudication is
for.

Example: a1 and a2 both say `against`, gold says `favor`, and its note is empty.

Mend: correct the gold label, or write into its note who decided and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions, shown, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Compare gold labels with those of two or more annotators who agree."""
    yield from _compare(judgements(view), ["paragraph_id", "target"])
    yield from _compare(mentions(view), ["paragraph_id", "start", "end"])


def _compare(rows: pl.DataFrame, unit: list[str]) -> Iterator[Found]:
    undecided = ~pl.col("note").fill_null("").str.contains(r"^(parts [0-9 -]+; )?decided by .+:")
    said = votes(rows).group_by(unit).agg(
        voted=pl.col("label").first(),
        labels=pl.col("label").n_unique(),
        judges=pl.col("annotator").n_unique(),
    )  # fmt: skip
    agreed = said.filter((pl.col("labels") == 1) & (pl.col("judges") > 1))
    both = gold(rows).filter(undecided).join(agreed, on=unit, maintain_order="left")
    for row in both.filter(pl.col("label") != pl.col("voted")).iter_rows(named=True):
        toward = f" toward {row['target']}" if row["target"] else ""
        all_ = f"all {row['judges']} annotators say {row['voted']}"
        message = f"gold says {row['label']}{toward} of {shown(row['quote'])}; {all_}"
        hint = "correct the gold label, or note in its line who decided and why"
        yield found(__name__, Place.of(row), message, hint, f"{row['label']} {row['target'] or ''}")
