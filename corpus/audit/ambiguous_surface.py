"""A form that has another label here than in places like this one.

A form may rightly have two labels: `DeepSeek` is a company and an app. What distinguishes them is the
context. Reported is a mention in the minority (at most a fifth of the form's gold mentions) that stands
in the same context as one with the usual label: at least four characters around the mention are the same,
counted outward on both sides. Reported too is the only exception of a form that has one label in at least
nine other mentions, on three or more pages.

Example: `在新加坡举行` has LOC in eight places and ORG in one, with the same words on both sides.

Mend: correct the label, or waive it with what tells the two apart; a rule for the guidelines often comes
of it.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from corpus.audit._marks import gold, mentions, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

ALIKE = 4
"""Characters of context, left and right together, that make two places alike."""

MINORITY = 0.2
"""Share of a form's mentions up to which a label is an exception rather than a second meaning."""

USUAL = 9
"""Mentions with one label that make a single exception noteworthy in any context."""

PAGES = 3


def check(view: AuditView) -> Iterator[Found]:
    """Hold each mention with an unusual label against those with the usual one."""
    rows = gold(mentions(view))
    several = rows.filter(pl.col("label").n_unique().over("quote") > 1)
    for _, group in several.group_by("quote", maintain_order=True):
        counts = group["label"].value_counts(sort=True)
        usual, most = counts.row(0)
        majority = group.filter(pl.col("label") == usual)
        rare = counts.filter(pl.col("count") <= MINORITY * group.height)["label"].to_list()
        contexts = {_context(row) for row in majority.iter_rows(named=True)}
        alone = counts.height == 2 and most >= USUAL and majority["document_id"].n_unique() >= PAGES
        for row in group.filter(pl.col("label").is_in(rare)).iter_rows(named=True):
            like = max(_alike(_context(row), context) for context in contexts)
            if like < ALIKE and not (alone and counts["count"][1] == 1):
                continue
            where = "also in this context" if like >= ALIKE else "everywhere else"
            message = f"{shown(row['quote'])} is {row['label']} here and {usual} in {most} places, {where}"
            hint = f"correct it to {usual}, or waive it with what makes it {row['label']} here"
            yield found(__name__, Place.of(row), message, hint, row["label"])


def _context(row: dict[str, Any]) -> tuple[str, str]:
    text, start, end = row["all"], row["start"], row["end"]
    return text[max(0, start - ALIKE) : start][::-1], text[end : end + ALIKE]


def _alike(one: tuple[str, str], other: tuple[str, str]) -> int:
    return sum(
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(mine, theirs, strict=False)))
        for mine, theirs in zip(one, other, strict=True)
    )
