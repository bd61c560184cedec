"""A gold annotation that no annotator made.

Gold is what annotators' judgements were adjudicated to. Gold without a single judgement behind it is one
person's opinion entered at the end, an annotator's line that was lost, or a line on the wrong place. Gold
whose note says who decided it and why (`decided by …: …`) is taken at its word. For mentions, a vote is
any annotator's mention that overlaps the gold one; pages that nobody else annotated at all are told once
each.

Example: gold says `favor` toward `export-controls` of a paragraph; the lines of a1 and a2 have nothing
there.

Mend: bring the lost lines back, or write into the gold line's note who decided and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions, shown, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"


def check(view: AuditView) -> Iterator[Found]:
    """Look for an annotator's line behind each gold one; silent where a layer has gold alone."""
    yield from _stances(judgements(view))
    yield from _mentions(mentions(view))


def _undecided(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("note").fill_null("").str.contains(r"^(parts [0-9 -]+; )?decided by .+:"))


def _stances(rows: pl.DataFrame) -> Iterator[Found]:
    made = votes(rows)
    if made.is_empty():
        return
    for row in (
        _undecided(gold(rows)).join(made, on=["paragraph_id", "target"], how="anti").iter_rows(named=True)
    ):
        message = (
            f"gold is {row['label']} toward {row['target']} of {shown(row['quote'])}; no annotator judged it"
        )
        hint = "bring the annotators' lines back, or note in the gold line who decided and why"
        yield found(__name__, Place.of(row), message, hint, row["target"] or "")


def _mentions(rows: pl.DataFrame) -> Iterator[Found]:
    made = votes(rows)
    if made.is_empty():
        return
    wanted = _undecided(gold(rows))
    alone = wanted.join(made, on="document_id", how="anti")
    for (document_id,), group in alone.group_by("document_id", maintain_order=True):
        message = f"{group.height} gold mentions on a page that no annotator has a mention on"
        hint = "bring the annotators' lines back, or note in the gold lines who decided and why"
        yield found(__name__, Place(document_id=str(document_id)), message, hint, "entity")
    rest = wanted.join(made, on="document_id", how="semi")
    pairs = rest.select("annotation_id", "paragraph_id", "start", "end").join(
        made.select("paragraph_id", other_start="start", other_end="end"), on="paragraph_id"
    )
    met = pairs.filter((pl.col("other_start") < pl.col("end")) & (pl.col("start") < pl.col("other_end")))
    for row in rest.join(met, on="annotation_id", how="anti").iter_rows(named=True):
        message = f"gold has {shown(row['quote'])} as {row['label']}; no annotator marked anything there"
        hint = "note in the gold line who decided and why, or delete it"
        yield found(__name__, Place.of(row), message, hint, row["label"])
