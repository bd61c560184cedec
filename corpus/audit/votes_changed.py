"""Votes in a gold line's note that are not the annotators' lines.

A gold line's note ends with the votes it was made from: `votes a1=favor, a2=none`, `-` for one who marked
nothing. If a vote named there is gone from its annotator's file, or says something else now, either a
line was lost or changed after adjudication, or gold was made from other votes than the ones published
with it.

Example: the note says `votes a1=favor, a2=favor`, and the line of a2 was lost in a merge.

Mend: bring the line back from the history, or adjudicate the unit again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions, shown, votes
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

_VOTES = re.compile(r"\bvotes ((?:[\w.@+\-]+=[\w\-]+(?:, |$|(?=;)))+)")
"""Votes as docs/annotations.md has them. A vote on another extent (`ORG@3-7`) ends the list."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare the votes that gold notes name with the lines of their annotators."""
    yield from _compare(judgements(view), ["paragraph_id", "target"])
    yield from _compare(mentions(view), ["paragraph_id", "start", "end"])


def _compare(rows: pl.DataFrame, unit: list[str]) -> Iterator[Found]:
    named = gold(rows).filter(pl.col("note").str.contains(r"\bvotes \S+="))
    made = votes(rows).join(named, on=unit, how="semi")
    lines: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for *key, label in made.select("annotator", *unit, "label").iter_rows():
        lines[tuple(key)].append(label)
    for row in named.iter_rows(named=True):
        place = tuple(row[name] for name in unit)
        told = _VOTES.search(row["note"])
        for vote in told[1].rstrip(", ").split(", ") if told else ():
            name, _, label = vote.partition("=")
            now = lines.get((name, *place), [])
            if label in now or (label == "-" and (not now or row["layer"] == "entity")):
                continue
            toward = f" toward {row['target']}" if row["target"] else ""
            has = f"says {' and '.join(now)}" if now else "has no line there"
            message = (
                f"gold of {shown(row['quote'])}{toward} was made with {name}={label}; today {name} {has}"
            )
            hint = f"bring the line of {name} back, or adjudicate again"
            yield found(__name__, Place.of(row), message, hint, f"{name} {row['target'] or row['label']}")
