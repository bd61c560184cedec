"""Every figure that the command line, the card, the datasheet and reports show of a published dataset."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus.records import KEPT_ROLES, SPLITS, Annotation
from corpus.tables import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.agreement import Row

CONFIGS = ("documents", "paragraphs", "blocks", "annotations")
"""The published tables that figures are made of."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a published dataset; every breakdown maps a name to a count, largest first.

    `ledger` counts raw characters by role, `dropped_by` those of dropped roles by rule. `entities` counts
    gold mentions by label, `stances` gold stances by target and label, `votes` annotators' annotations by
    layer and annotator. `sources` are the folders below `raw/` that documents come from.
    `duplicate_clusters` counts clusters of two or more documents.
    """

    documents: int
    paragraphs: int
    raw_chars: int
    kept_chars: int
    text_chars: int
    splits: dict[str, int]
    sources: dict[str, int]
    licences: dict[str, int]
    publishers: dict[str, int]
    languages: dict[str, int]
    scripts: dict[str, int]
    formats: dict[str, int]
    encodings: dict[str, int]
    roles: dict[str, int]
    ledger: dict[str, int]
    dropped_by: dict[str, int]
    entities: dict[str, int]
    stances: dict[str, dict[str, int]]
    votes: dict[str, dict[str, int]]
    anchors: dict[str, int]
    duplicate_clusters: int

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


def figures(
    published: Mapping[str, pl.DataFrame | pl.LazyFrame], ledger: Mapping[tuple[str, str], int] | None = None
) -> Figures:
    """Count what the published tables of CONFIGS hold, in memory or on disk (see `corpus.tables.scan`).

    With `ledger`, the raw characters by role and rule, the blocks are not read: they are most rows.
    """
    documents, paragraphs, blocks, annotations = (published[name].lazy() for name in CONFIGS)
    chars = (pl.col("raw_end") - pl.col("raw_start")).sum().alias("chars")
    if ledger is None:
        sized = asked(blocks.group_by("role", "rule").agg(chars)).lazy()
    else:
        rows = [(role, rule, count) for (role, rule), count in ledger.items()]
        kinds = {"role": pl.String, "rule": pl.String, "chars": pl.Int64}
        sized = pl.LazyFrame(rows, kinds, orient="row")
    stances = paragraphs.select(pl.col("stances").explode()).drop_nulls().unnest("stances")
    entities = paragraphs.select(pl.col("entities").explode()).drop_nulls().unnest("entities")
    clusters = documents.group_by("duplicate_cluster").len().filter(pl.col("len") > 1)
    by_split = _counts(documents, "split")
    return Figures(
        documents=number(documents, pl.len()),
        paragraphs=number(paragraphs, pl.len()),
        raw_chars=number(documents, pl.col("raw_chars").sum()),
        kept_chars=number(documents, pl.col("kept_chars").sum()),
        text_chars=number(paragraphs, pl.col("text").str.len_chars().sum()),
        splits={split: by_split.get(split, 0) for split in SPLITS},
        sources=_counts(documents.with_columns(source_of().alias("source")), "source"),
        licences=_counts(documents, "licence"),
        publishers=_counts(documents, "publisher"),
        languages=_counts(documents, "language"),
        scripts=_counts(documents, "script"),
        formats=_counts(documents, "format"),
        encodings=_counts(documents, "encoding"),
        roles=_counts(paragraphs, "role"),
        ledger=_counts(sized, "role", "chars"),
        dropped_by=_counts(sized.filter(~pl.col("role").is_in(KEPT_ROLES)), "rule", "chars"),
        entities=_counts(entities, "label"),
        stances=_nested(stances, "target", "label"),
        votes=_nested(annotations, "layer", "annotator"),
        anchors=_counts(annotations, "anchor"),
        duplicate_clusters=number(clusters, pl.len()),
    )


def number(table: pl.LazyFrame, of: pl.Expr) -> int:
    """Ask a table for one number.

    >>> number(pl.LazyFrame({"chars": [3, 4]}), pl.col("chars").sum())
    7
    """
    return int(asked(table.select(of)).item())


def source_of() -> pl.Expr:
    """Name a document's source: the first folder of its raw path, or the file where it lies in none.

    >>> pl.select(raw_path=pl.lit("harbour-daily/2025/arrests.html")).select(source_of()).item()
    'harbour-daily'
    """
    return pl.col("raw_path").str.split("/").list.first()


def agreement(annotations: pl.DataFrame) -> list[Row]:
    """Measure agreement on the published table `annotations`, as `corpus agreement` does on a project.

    An orphan has no place and takes no part, and neither does what was adjudicated: the table holds votes.
    """
    placed = annotations.filter(pl.col("paragraph_id").is_not_null())
    votes, places = [], {}
    for row in placed.iter_rows(named=True):
        vote = Annotation(
            annotation_id=row["annotation_id"],
            document_id=row["document_id"],
            layer=row["layer"],
            label=row["label"],
            target=row["target"],
            exact=row["quote"],
            prefix="",
            suffix="",
            raw_sha256="",
            raw_start=0,
            raw_end=0,
            annotator=row["annotator"],
            guideline=row["guideline"],
            created_at=row["created_at"],
        )
        votes.append(vote)
        places[row["annotation_id"]] = (row["paragraph_id"], row["start"], row["end"])
    from corpus.agreement import report

    return report(votes, places)


def _counts(table: pl.LazyFrame, by: str, of: str | None = None) -> dict[str, int]:
    """Rows (or the sum of a column) by another's values, largest first, ties by name; null is `unknown`."""
    what = pl.col(of).sum() if of else pl.len()
    counted = table.group_by(pl.col(by).fill_null("unknown")).agg(what.alias("count"))
    ordered = asked(counted).sort("count", by, descending=[True, False])
    return dict(ordered.select(by, "count").iter_rows())


def _nested(table: pl.LazyFrame, outer: str, inner: str) -> dict[str, dict[str, int]]:
    """Rows by two columns, both in the order of their names."""
    counted = asked(table.group_by(outer, inner).len()).sort(outer, inner)
    made: dict[str, dict[str, int]] = {}
    for first, second, count in counted.iter_rows():
        made.setdefault(first, {})[second] = count
    return made
