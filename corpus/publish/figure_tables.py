"""The tables that a datasheet may quote, made in Markdown from the published tables.

What comes from pages (publishers, folders) is escaped: it cannot end a table or a marker.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from corpus.publish.card import escape
from corpus.records import SPLITS
from corpus.schema.tables import LAYERS, PUBLISHED
from corpus.stats import source_of
from corpus.tables import asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from corpus.agreement import Row
    from corpus.publish.figures import Counted
    from corpus.stats import Figures

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


def told_number(count: int) -> str:
    """Spell a whole number.

    >>> told_number(1650)
    '1,650'
    """
    return f"{count:,}"


def told_share(part: int, whole: int) -> str:
    """Spell a share in percent.

    >>> told_share(1, 8)
    '12.5 %'
    """
    return f"{part / whole:.1%}".replace("%", " %") if whole else "none"


def told_measure(row: Row) -> str:
    """Spell a measure with its interval: `0.963 [0.944, 0.979]`."""
    if math.isnan(row.value):
        return "undefined"
    bounds = "" if math.isnan(row.low) else f" [{row.low:.3f}, {row.high:.3f}]"
    return f"{row.value:.3f}{bounds}"


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    """Make a Markdown table: whole numbers with separators, to the right; other cells as they are given."""
    given = [tuple(row) for row in rows]
    right = [isinstance(cell, int) or str(cell).endswith(" %") for cell in (given[0] if given else head)]
    made = [[told_number(cell) if isinstance(cell, int) else str(cell) for cell in row] for row in given]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('--:' if each else '---' for each in right)}|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in made)])


def _counts(title: str, of: Callable[[Figures], Mapping[str, int]], unit: str) -> Callable[[Counted], str]:
    def counts(counted: Counted) -> str:
        found = of(counted.figures)
        whole = sum(found.values())
        return _table(
            (title, unit, "share"),
            ((escape(name), count, told_share(count, whole)) for name, count in found.items()),
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
                told_measure(row),
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
    rows = ((f"`{name}`", gone, told_share(gone, counted.figures.documents)) for name, gone in found if gone)
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
