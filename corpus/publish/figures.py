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
import math
import re
import shlex
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from corpus.errors import CorpusError
from corpus.publish import manifest
from corpus.publish.card import escape
from corpus.publish.digest import digest_splits
from corpus.records import KEPT_ROLES, SPLITS
from corpus.schema.tables import LAYERS, PUBLISHED
from corpus.stats import CONFIGS, agreement, figures, number, source_of
from corpus.tables import asked, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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

_MEASURE_NAMES = {
    "agreement": "observed agreement",
    "alpha": "Krippendorff's alpha",
    "fleiss_kappa": "Fleiss' kappa",
    "gwet_ac1": "Gwet's AC1",
    "cohen_kappa": "Cohen's kappa",
    "f1_exact": "F1 of spans, exact",
    "f1_overlap": "F1 of spans, overlapping",
}


_PLAIN_MEASURES = ("alpha", "cohen_kappa", "f1_exact")
"""Those of breakdowns: one a layer is enough to compare labels, targets and pairs."""


class Counted:
    """The published tables, in memory or on disk, and what is counted in them when it is asked for, once."""

    def __init__(
        self, tables: Mapping[str, pl.DataFrame | pl.LazyFrame], digests: Mapping[str, str] | None = None
    ) -> None:
        self.tables = {name: table.lazy() for name, table in tables.items()}
        self.digests = digests or {}

    @classmethod
    def of(cls, folder: Path) -> Counted:
        """Read the dataset folder; raises CorpusError where there is none.

        An edition without text goes by the digests of its full rows, so that what was measured on them holds.
        """
        tables = {config: scan(folder, config) for config in PUBLISHED}
        said = manifest.read(folder)
        try:
            if "full" in said:
                return cls(tables, {config: digest_splits(parts) for config, parts in said["full"].items()})
            listed = said.get("tables", {})
            return cls(tables, {config: str(table["sha256"]) for config, table in listed.items()})
        except (AttributeError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{folder / manifest.MANIFEST}: found another shape ({error!r}); expected the manifest that "
                "`corpus build` writes; see `corpus verify`"
            ) from None

    @cached_property
    def figures(self) -> Figures:
        """What `corpus stats` tells."""
        return figures({config: self.tables[config] for config in CONFIGS})

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
    return _number(number(rows, pl.len()))


def _distinct(counted: Counted, rest: list[str]) -> str:
    table, name = rest
    return _number(number(counted.tables[table], pl.col(name).drop_nulls().n_unique()))


def _agreed(counted: Counted, rest: list[str]) -> str:
    layer, measure = rest
    found = [
        row for row in counted.agreement if (row.layer, row.part, row.measure) == (layer, "all", measure)
    ]
    return _measured(found[0]) if found else "undefined"


_ASKED: dict[str, Callable[[Counted, list[str]], str]] = {
    "count": _count,
    "distinct": _distinct,
    "agreement": _agreed,
}


def _number(count: int) -> str:
    return f"{count:,}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}".replace("%", " %") if whole else "none"


def _measured(row: Row) -> str:
    """Spell a measure with its interval: `0.963 [0.944, 0.979]`."""
    if math.isnan(row.value):
        return "undefined"
    bounds = "" if math.isnan(row.low) else f" [{row.low:.3f}, {row.high:.3f}]"
    return f"{row.value:.3f}{bounds}"


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
    "documents": lambda c: _number(c.figures.documents),
    "paragraphs": lambda c: _number(c.figures.paragraphs),
    "blocks": lambda c: _number(number(c.tables["blocks"], pl.len())),
    "characters": lambda c: _number(c.figures.kept_chars),
    "raw_characters": lambda c: _number(c.figures.raw_chars),
    "kept_share": lambda c: _share(
        sum(c.figures.ledger.get(role, 0) for role in KEPT_ROLES), c.figures.raw_chars
    ),
    "sources": lambda c: _number(len(c.figures.sources)),
    "languages": lambda c: _number(len(c.figures.languages.keys() - {"unknown"})),
    "scripts": lambda c: _number(len(c.figures.scripts.keys() - {"unknown"})),
    "encodings": lambda c: _number(len(c.figures.encodings)),
    "formats": lambda c: _number(len(c.figures.formats)),
    "annotators": lambda c: _number(number(c.tables["annotations"], pl.col("annotator").n_unique())),
    "annotations": lambda c: _number(number(c.tables["annotations"], pl.len())),
    "documents_judged_twice": lambda c: _number(_judged(c, 2)),
    "guidelines": _guidelines,
    "mentions": lambda c: _number(sum(c.figures.entities.values())),
    "entity_labels": lambda c: _number(len(c.figures.entities)),
    "stances": lambda c: _number(sum(sum(each.values()) for each in c.figures.stances.values())),
    "targets": lambda c: _number(len(c.figures.stances)),
    "duplicate_clusters": lambda c: _number(c.figures.duplicate_clusters),
    "published_from": _edge("published_at", "documents", last=False),
    "published_to": _edge("published_at", "documents", last=True),
    "annotated_from": _edge("created_at", "annotations", last=False),
    "annotated_to": _edge("created_at", "annotations", last=True),
}
"""Figures of one word: name -> how it is counted."""


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    """Make a Markdown table: whole numbers with separators, to the right; other cells as they are given."""
    given = [tuple(row) for row in rows]
    right = [isinstance(cell, int) or str(cell).endswith(" %") for cell in (given[0] if given else head)]
    made = [[_number(cell) if isinstance(cell, int) else str(cell) for cell in row] for row in given]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('--:' if each else '---' for each in right)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in made)])


def _counts(title: str, of: Callable[[Figures], Mapping[str, int]], unit: str) -> Callable[[Counted], str]:
    def counts(counted: Counted) -> str:
        found = of(counted.figures)
        whole = sum(found.values())
        return _table(
            (title, unit, "share"),
            ((escape(name), count, _share(count, whole)) for name, count in found.items()),
        )

    return counts


def _by_split(table: pl.LazyFrame) -> dict[str, int]:
    counts = dict(asked(table.group_by("split").len()).iter_rows())
    return {split: int(counts.get(split, 0)) for split in SPLITS}


def _configs(counted: Counted) -> str:
    rows = []
    for config, table in counted.tables.items():
        sizes = _by_split(table).values()
        rows.append((f"`{config}`", PUBLISHED[config].row, *sizes, sum(sizes)))
    return _table(("config", "a row is", *SPLITS, "all"), rows)


def _splits(counted: Counted) -> str:
    documents, paragraphs = (_by_split(counted.tables[name]) for name in ("documents", "paragraphs"))
    named = counted.tables["documents"].group_by("split").agg(source_of().n_unique())
    sources = dict(asked(named).iter_rows())
    rows = ((split, documents[split], paragraphs[split], int(sources.get(split, 0))) for split in SPLITS)
    return _table(("split", "documents", "paragraphs", "sources"), rows)


def _sources(counted: Counted) -> str:
    by_source = (
        counted.tables["documents"]
        .group_by(source_of().alias("source"))
        .agg(
            pl.col("publisher").drop_nulls().unique().sort(),
            pl.len().alias("documents"),
            pl.col("paragraphs").sum(),
            pl.col("licence").unique().sort(),
        )
    )
    rows = [
        (escape(source), escape(", ".join(publishers)), documents, paragraphs, escape(", ".join(licences)))
        for source, publishers, documents, paragraphs, licences in asked(by_source).sort("source").iter_rows()
    ]
    return _table(("source", "publisher", "documents", "paragraphs", "licence"), rows)


def _mentions(counted: Counted) -> str:
    nested = counted.tables["paragraphs"].select("split", "entities").explode("entities")
    found = nested.filter(pl.col("entities").is_not_null()).unnest("entities")
    counts = {
        (label, split): n for label, split, n in asked(found.group_by("label", "split").len()).iter_rows()
    }
    sizes = {
        label: [int(counts.get((label, split), 0)) for split in SPLITS] for label in counted.figures.entities
    }
    rows = ((escape(label), *size, sum(size)) for label, size in sizes.items())
    return _table(("label", *SPLITS, "all"), rows)


def _stances(counted: Counted) -> str:
    labels = sorted({label for counts in counted.figures.stances.values() for label in counts})
    rows = [
        (escape(target), *(counts.get(label, 0) for label in labels))
        for target, counts in counted.figures.stances.items()
    ]
    return _table(("target", *map(escape, labels)), rows)


def _annotators(counted: Counted) -> str:
    by_annotator = (
        counted.tables["annotations"]
        .group_by("annotator")
        .agg(
            pl.col("document_id").n_unique(),
            *((pl.col("layer") == layer).sum().cast(pl.Int64).alias(layer) for layer in LAYERS),
        )
    )
    head = ("annotator", "documents", "mentions", "stances")
    found = asked(by_annotator).sort("annotator").iter_rows()
    return _table(head, ((escape(name), *rest) for name, *rest in found))


def _agreement(part: str, title: str) -> Callable[[Counted], str]:
    def agreed(counted: Counted) -> str:
        rows = [
            (
                *((escape(row.name),) if title else ()),
                row.layer,
                _MEASURE_NAMES[row.measure],
                _measured(row),
                row.units,
                row.documents,
            )
            for row in counted.agreement
            if row.part == part and row.units and (not title or row.measure in _PLAIN_MEASURES)
        ]
        head = ("layer", "measure", "value [95 % interval]", "units", "documents")
        return _table((*((title,) if title else ()), *head), rows)

    return agreed


def _missing(counted: Counted) -> str:
    names = [column.name for column in PUBLISHED["documents"].columns if column.nullable]
    without = asked(counted.tables["documents"].select(pl.col(names).null_count())).row(0)
    found = zip(names, without, strict=True)
    rows = ((f"`{name}`", gone, _share(gone, counted.figures.documents)) for name, gone in found if gone)
    return _table(("column of `documents`", "documents without", "share"), rows)


TABLES: dict[str, Callable[[Counted], str]] = {
    "configs": _configs,
    "splits": _splits,
    "sources": _sources,
    "languages": _counts("language", lambda f: f.languages, "documents"),
    "scripts": _counts("script", lambda f: f.scripts, "documents"),
    "formats": _counts("format", lambda f: f.formats, "documents"),
    "encodings": _counts("encoding", lambda f: f.encodings, "documents"),
    "licences": _counts("licence", lambda f: f.licences, "documents"),
    "roles": _counts("role", lambda f: f.roles, "paragraphs"),
    "fates": _counts("role", lambda f: f.ledger, "raw characters"),
    "missing": _missing,
    "mentions": _mentions,
    "stances": _stances,
    "annotators": _annotators,
    "agreement": _agreement("all", ""),
    "agreement_by_label": _agreement("label", "label"),
    "agreement_by_target": _agreement("target", "target"),
    "agreement_by_pair": _agreement("annotators", "annotators"),
}
"""Tables: name -> how it is made."""
