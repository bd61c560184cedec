"""A form that is marked with other boundaries here than elsewhere.

Gold marks `新加坡警方` whole in most places and only `警方` in one: a model learns both, and agreement
suffers. Reported is a place of a form where gold marks only part of it, or more on one side and less on
the other, if gold marks the whole form in at least three places, and in three of four of its places.
Forms that are marked inside longer mentions (`云州` in `云州大学`) are no disagreement and are left
alone.

Example: `云岭海关` is marked in seven places; here `岭海关周` is, one character late.

Mend: move the offsets, or waive it with the reason; where both are common, the guidelines lack a rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from corpus.audit._marks import gold, mentions, shown
from corpus.audit._places import places
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

WHOLE = 3
SHARE = 0.75
"""A form's usual boundaries are known from so many mentions, and so large a share of its places: on the first
tags of 914 Weibo messages, 7 findings, all on messages that experts changed later (chance: 32 %). If one
moves, run `python benchmarks/audit_checks.py` again."""


def check(view: AuditView) -> Iterator[Found]:
    """Find forms of which gold marks a part, or a part and more."""
    rows = gold(mentions(view))
    counts = rows.filter(pl.col("quote").str.len_chars() > 1).group_by("quote").len("whole")
    known = dict(counts.filter(pl.col("whole") >= WHOLE).iter_rows())
    marked: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.select("paragraph_id", "start", "end", "quote", "label").iter_rows(named=True):
        marked[row["paragraph_id"]].append(row)
    paragraphs = view.tables["paragraphs"].join(rows, on="paragraph_id", how="semi", maintain_order="left")
    cut = []
    for document_id, paragraph_id, start, end, form in places(paragraphs, list(known)):
        here = [row for row in marked[paragraph_id] if row["start"] < end and start < row["end"]]
        if here and not any(row["start"] <= start and end <= row["end"] for row in here):
            cut.append((document_id, paragraph_id, start, end, form, here))
    times = Counter(form for *_, form, _ in cut)
    for document_id, paragraph_id, start, end, form, here in cut:
        if known[form] < SHARE * (known[form] + times[form]):
            continue
        parts = ", ".join(f"{shown(row['quote'])} at {row['start']}-{row['end']}" for row in here)
        message = f"{shown(form)} is marked whole in {known[form]} places; here gold marks {parts}"
        place = Place(document_id, paragraph_id, start, end, form)
        hint = "move the offsets, or waive it with the reason for other boundaries here"
        yield found(__name__, place, message, hint, here[0]["label"])
