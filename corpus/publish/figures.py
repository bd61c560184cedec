"""The figures that a datasheet may quote: a closed set of named ones, and two ways to count rows.

A marker names a figure, the tables answer it, and nothing that a datasheet says is ever run as code:

| query | answers |
|---|---|
| a name in FIGURES | one number or word |
| `count TABLE column=value …` | the rows of a published table that have those values (`column=` for none) |
| `distinct TABLE column` | the values that a column of a published table has |
| `agreement LAYER MEASURE` | a measure of `corpus.agreement` on all annotators, with its interval |
| a name in TABLES | a Markdown table |
| a name in MEASURED | a Markdown table that takes models and minutes: made once for the rows it names |

What comes from pages (publishers, folders) is escaped: it cannot end a table or a marker.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from corpus.errors import CorpusError
from corpus.publish import manifest
from corpus.publish.card import escape
from corpus.publish.digest import digest_splits
from corpus.publish.figure_tables import TABLES, told_measure, told_number, told_share
from corpus.records import KEPT_ROLES
from corpus.schema.tables import LAYERS, PUBLISHED
from corpus.stats import CONFIGS, agreement, figures, number
from corpus.tables import asked, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from corpus.agreement import Row
    from corpus.stats import Figures

MEASURES = {
    "stance": ("agreement", "alpha", "fleiss_kappa", "gwet_ac1"),
    "entity": ("f1_exact", "f1_overlap"),
}
"""What `corpus agreement` measures on all annotators of a layer."""

MEASURED = {"baselines": ("stance", "entities")}
"""Tables that are not counted but measured, and the configs whose rows they are measured on."""


class Counted:
    """The published tables, in memory or on disk, and what is counted in them when it is asked for, once.

    `ledger` are their raw characters by role and rule, where these were counted before.
    """

    def __init__(
        self,
        tables: Mapping[str, pl.DataFrame | pl.LazyFrame],
        digests: Mapping[str, str] | None = None,
        ledger: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self.tables = {name: table.lazy() for name, table in tables.items()}
        self.digests = digests or {}
        self.ledger = ledger

    @classmethod
    def of(cls, folder: Path, ledger: Mapping[tuple[str, str], int] | None = None) -> Counted:
        """Read the dataset folder; raises CorpusError where there is none.

        An edition without text goes by the digests of its full rows, so that what was measured on them holds.
        """
        tables = {config: scan(folder, config) for config in PUBLISHED}
        said = manifest.read(folder)
        try:
            if "full" in said:
                digests = {config: digest_splits(parts) for config, parts in said["full"].items()}
                return cls(tables, digests, ledger)
            listed = said.get("tables", {})
            digests = {config: str(table["sha256"]) for config, table in listed.items()}
            return cls(tables, digests, ledger)
        except (AttributeError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{folder / manifest.MANIFEST}: found another shape ({error!r}); expected the manifest that "
                "`corpus build` writes; see `corpus verify`"
            ) from None

    @cached_property
    def figures(self) -> Figures:
        """What `corpus stats` tells."""
        return figures({config: self.tables[config] for config in CONFIGS}, self.ledger)

    @cached_property
    def agreement(self) -> list[Row]:
        """What `corpus agreement` tells."""
        return agreement(asked(self.tables["annotations"]))

    def seal(self, query: str, table: str) -> str:
        """Name the rows that a measured table is of, and its own digest: the line that stands below it."""
        rows = ", ".join(f"{name} `{self.digests.get(name, 'none')[:16]}`" for name in MEASURED[query])
        return f"Measured on the rows {rows}; table `{hashlib.sha256(table.encode()).hexdigest()[:8]}`."

    def answer(self, kind: str, query: str) -> str:
        """Answer the query of a marker: `figure`, in one line, or `table`, in Markdown.

        Raises CorpusError for a query that is unknown (see `refusal`), or that has to be measured.
        """
        if wrong := refusal(kind, query):
            raise CorpusError(wrong)
        if query in MEASURED:
            raise CorpusError(f"found the table `{query}`, which is measured; expected one that is counted")
        if kind == "table":
            return TABLES[query](self)
        word, *rest = shlex.split(query)
        return FIGURES[query](self) if query in FIGURES else _ASKED[word](self, rest)


def refusal(kind: str, query: str) -> str | None:
    """Say what is wrong with a query, None where nothing is: what was found, what was expected.

    >>> refusal("figure", "documents")
    >>> refusal("figure", "count documents colour=red")
    'found no column `colour` in `documents`; expected one of its columns, not a list; see docs/tables.md'
    """
    if kind == "table":
        names = (*TABLES, *MEASURED)
        return None if query in names else f"found the table `{query}`; expected one of {', '.join(names)}"
    if query in FIGURES:
        return None
    try:
        word, *rest = shlex.split(query)
    except ValueError:
        word, rest = "", []
    if word == "agreement":
        known = [f"`agreement {layer} {measure}`" for layer in LAYERS for measure in MEASURES[layer]]
        return None if f"`{query}`" in known else f"found `{query}`; expected one of {', '.join(known)}"
    if word not in _ASKED:
        ways = "`count TABLE column=value …`, `distinct TABLE column`, `agreement LAYER MEASURE`"
        return f"found the figure `{query}`; expected one of {', '.join(FIGURES)}, or {ways}"
    return _unaskable(word, rest)


def _unaskable(word: str, rest: list[str]) -> str | None:
    table, *conditions = rest or [""]
    if table not in PUBLISHED:
        return f"found the table `{table}`; expected one of {', '.join(PUBLISHED)}"
    if word == "distinct" and len(conditions) != 1:
        return f"found {len(conditions)} columns; expected one, as in `distinct documents language`"
    for condition in conditions:
        name, equals, _ = condition.partition("=")
        if word == "count" and not equals:
            return f"found `{condition}`; expected column=value, as in `count documents language=zh`"
        scalar = {column.name for column in PUBLISHED[table].columns if not column.many} | {"split"}
        if name not in scalar:
            return (
                f"found no column `{name}` in `{table}`; expected one of its columns, not a list; "
                "see docs/tables.md"
            )
    return None


def _count(counted: Counted, rest: list[str]) -> str:
    table, *conditions = rest
    rows = counted.tables[table]
    for condition in conditions:
        name, _, value = condition.partition("=")
        column = pl.col(name).cast(pl.String)
        rows = rows.filter(column == value if value else column.is_null() | (column == ""))
    return told_number(number(rows, pl.len()))


def _distinct(counted: Counted, rest: list[str]) -> str:
    table, name = rest
    return told_number(number(counted.tables[table], pl.col(name).drop_nulls().n_unique()))


def _agreed(counted: Counted, rest: list[str]) -> str:
    layer, measure = rest
    found = [
        row for row in counted.agreement if (row.layer, row.part, row.measure) == (layer, "all", measure)
    ]
    return told_measure(found[0]) if found else "undefined"


_ASKED: dict[str, Callable[[Counted, list[str]], str]] = {
    "count": _count,
    "distinct": _distinct,
    "agreement": _agreed,
}


def _edge(column: str, table: str, *, last: bool) -> Callable[[Counted], str]:
    """Make the figure of the first or last day in a column of times; a time without a year has none."""

    def edge(counted: Counted) -> str:
        days = pl.col(column).str.extract(r"^(\d{4}(?:-\d{2}){0,2})")
        found = asked(counted.tables[table].select(days.max() if last else days.min())).item()
        return str(found) if found is not None else "unknown"

    return edge


def _judged(counted: Counted, least: int) -> int:
    """Count the documents that at least so many annotators judged."""
    votes = counted.tables["annotations"].group_by("document_id").agg(pl.col("annotator").n_unique())
    return number(votes.filter(pl.col("annotator") >= least), pl.len())


def _guidelines(counted: Counted) -> str:
    versions = asked(counted.tables["annotations"].select(pl.col("guideline").unique().sort())).to_series()
    plain = (v if re.fullmatch(r"[\w.-]+", v) else escape(v) for v in versions)
    return ", ".join(plain) or "none"


FIGURES: dict[str, Callable[[Counted], str]] = {
    "documents": lambda c: told_number(c.figures.documents),
    "paragraphs": lambda c: told_number(c.figures.paragraphs),
    "blocks": lambda c: told_number(number(c.tables["blocks"], pl.len())),
    "characters": lambda c: told_number(c.figures.kept_chars),
    "raw_characters": lambda c: told_number(c.figures.raw_chars),
    "kept_share": lambda c: told_share(
        sum(c.figures.ledger.get(role, 0) for role in KEPT_ROLES), c.figures.raw_chars
    ),
    "sources": lambda c: told_number(len(c.figures.sources)),
    "languages": lambda c: told_number(len(c.figures.languages.keys() - {"unknown"})),
    "scripts": lambda c: told_number(len(c.figures.scripts.keys() - {"unknown"})),
    "encodings": lambda c: told_number(len(c.figures.encodings)),
    "formats": lambda c: told_number(len(c.figures.formats)),
    "annotators": lambda c: told_number(number(c.tables["annotations"], pl.col("annotator").n_unique())),
    "annotations": lambda c: told_number(number(c.tables["annotations"], pl.len())),
    "documents_judged_twice": lambda c: told_number(_judged(c, 2)),
    "guidelines": _guidelines,
    "mentions": lambda c: told_number(sum(c.figures.entities.values())),
    "entity_labels": lambda c: told_number(len(c.figures.entities)),
    "stances": lambda c: told_number(sum(sum(each.values()) for each in c.figures.stances.values())),
    "targets": lambda c: told_number(len(c.figures.stances)),
    "duplicate_clusters": lambda c: told_number(c.figures.duplicate_clusters),
    "published_from": _edge("published_at", "documents", last=False),
    "published_to": _edge("published_at", "documents", last=True),
    "annotated_from": _edge("created_at", "annotations", last=False),
    "annotated_to": _edge("created_at", "annotations", last=True),
}
"""Figures of one word: name -> how it is counted."""
