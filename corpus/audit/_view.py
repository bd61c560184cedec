"""What the checks look at: the tables, every annotation line as written, what reading them found."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus.places import text_range
from corpus.records import GOLD, Document, Finding, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corpus.audit._waivers import Waiver
    from corpus.records import Anchor, Annotation
    from corpus.schema import Corpus, Project

LINES = pl.Schema(
    {
        "annotation_id": pl.String(),
        "document_id": pl.String(),
        "layer": pl.String(),
        "label": pl.String(),
        "target": pl.String(),
        "quote": pl.String(),
        "raw_start": pl.Int64(),
        "raw_end": pl.Int64(),
        "annotator": pl.String(),
        "guideline": pl.String(),
        "created_at": pl.String(),
        "note": pl.String(),
        "where": pl.String(),
        "current": pl.Boolean(),
        "there": pl.String(),
        "role": pl.String(),
        "rule": pl.String(),
        "paragraph_id": pl.String(),
        "start": pl.Int64(),
        "end": pl.Int64(),
        "method": pl.String(),
    }
)
"""The table of annotation lines. `current` is whether a line was made on today's raw file; if so, `there` is
the text that stands at its raw place today, in a block of `role` by `rule`. `method` is how it was anchored:
`exact`, `moved`, `fuzzy`, `orphan`, or `refused` for one whose document, label or target is unknown, and
`paragraph_id`, `start`, `end` say where."""


@dataclass(frozen=True, slots=True)
class Found(Finding):
    """A finding of an audit check with its place and content, so that a waiver knows it again.

    `start` and `end` are offsets in the paragraph's text (code points, end exclusive), `surface` the text
    there, `about` what else tells it from others at the same place: a label, a target, an annotator. `split`
    is empty for what concerns the corpus as a whole. `probability` is how likely it is right, where that is
    estimated; such findings come likeliest first.
    """

    document_id: str = ""
    paragraph_id: str = ""
    start: int | None = None
    end: int | None = None
    surface: str = ""
    about: str = ""
    split: str = ""
    probability: float | None = None

    @property
    def key(self) -> str:
        """Twelve hex digits made of what was found where: the same content gives the same key.

        A paragraph's id follows from its text, so the key changes with the text and not with row or position.
        """
        place = self.paragraph_id or self.document_id
        said = [self.check, place, str(self.start), str(self.end), self.surface, self.about]
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:12]

    @property
    def line(self) -> str:
        """Say in one line where, what, and the key."""
        return f"{self.where}: {self.message} [{self.key}]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found; all empty for the corpus as a whole."""

    document_id: str = ""
    paragraph_id: str = ""
    start: int | None = None
    end: int | None = None
    surface: str = ""
    line: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Place:
        """Read a place off a row of `lines`, `entities` or another table: what it lacks stays empty."""
        return cls(
            row.get("document_id") or "",
            row.get("paragraph_id") or "",
            row.get("start"),
            row.get("end"),
            row.get("quote") or "",
            row.get("where") or "",
        )

    @property
    def where(self) -> str:
        """Name the place in one line."""
        name = self.paragraph_id or self.document_id
        if self.paragraph_id and self.start is not None:
            name = f"{name} {self.start}-{self.end}"
        return " ".join(part for part in (self.line, name) if part) or "the corpus"


def found(  # noqa: PLR0913, PLR0917 - what a finding says, in the order it is read
    name: str, place: Place, message: str, hint: str, about: str = "", probability: float | None = None
) -> Found:
    """Make a finding of the check whose `__name__` is given; the runner adds level and split.

    Control characters are spelt out in what people will read: pages choose them, terminals obey them.
    """
    check = name.rpartition(".")[2]
    at = (place.document_id, place.paragraph_id, place.start, place.end, place.surface)
    return Found(
        check, "note", _plain(place.where), _plain(message), _plain(hint), *at, about, "", probability
    )


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


@dataclass(frozen=True, slots=True)
class AuditView:
    """A corpus as the checks see it; nothing in it is changed by a check.

    `tables` are the flat tables' valid rows, `given` the same before validation. `lines` (schema LINES) holds
    every annotation line that could be read, gold and refused ones too; `raw` the raw text by document.
    `problems` are findings of reading, admitting and validating, `quarantined` the pages that could not be
    read. `today` is the day of the audit, ISO 8601, given from outside so that an audit can be repeated.
    `found` holds the (check, key) of all other checks' findings for those that run last, else None.
    """

    project: Project
    tables: Mapping[str, pl.DataFrame]
    given: Mapping[str, pl.DataFrame]
    lines: pl.DataFrame
    raw: Mapping[str, str]
    problems: tuple[Finding, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    baseline: frozenset[tuple[str, str]] = frozenset()
    today: str = ""
    found: Mapping[tuple[str, str], str] | None = None

    @property
    def gold(self) -> pl.DataFrame:
        """The gold lines that stand in a paragraph."""
        return self.placed.filter(pl.col("annotator") == GOLD)

    @property
    def votes(self) -> pl.DataFrame:
        """The annotators' lines that stand in a paragraph, gold left out."""
        return self.placed.filter(pl.col("annotator") != GOLD)

    @property
    def placed(self) -> pl.DataFrame:
        """The lines that stand in a paragraph."""
        return self.lines.filter(pl.col("paragraph_id").is_not_null())

    def splits(self) -> dict[str, str]:
        """Return the split of each document, of those set aside by validation too."""
        documents = self.given["documents"]
        return dict(zip(documents["document_id"].to_list(), documents["split"].to_list(), strict=True))

    def texts(self) -> dict[str, str]:
        """Return each paragraph's text by its id."""
        paragraphs = self.tables["paragraphs"]
        return dict(zip(paragraphs["paragraph_id"].to_list(), paragraphs["text"].to_list(), strict=True))


def view_of(  # noqa: PLR0913 - one argument for each thing that is known of a corpus
    given: Corpus,
    valid: Corpus,
    documents: Sequence[Document],
    anchors: Iterable[tuple[Annotation, Anchor | None]],
    *,
    refused: Iterable[Annotation] = (),
    problems: Iterable[Finding] = (),
    quarantined: Iterable[Quarantined] = (),
    waivers: Iterable[Waiver] = (),
    baseline: Iterable[tuple[str, str]] = (),
    today: str | None = None,
) -> AuditView:
    """Make the view of a corpus from its tables before and after validation, its documents and its lines.

    `refused` are annotations that name an unknown document, label or target. `today` is the present day (UTC)
    where it is not given.
    """
    return AuditView(
        project=given.project,
        tables=valid.tables,
        given=given.tables,
        lines=_lines(documents, anchors, refused),
        raw=MappingProxyType({document.document_id: document.raw for document in documents}),
        problems=tuple(problems),
        quarantined=tuple(quarantined),
        waivers=tuple(waivers),
        baseline=frozenset(baseline),
        today=today or datetime.now(UTC).date().isoformat(),
    )


def _lines(
    documents: Sequence[Document],
    anchors: Iterable[tuple[Annotation, Anchor | None]],
    refused: Iterable[Annotation],
) -> pl.DataFrame:
    by_id = {document.document_id: document for document in documents}
    columns: defaultdict[str, list[Any]] = defaultdict(list)
    for annotation, anchor, method in (
        *((line, anchor, anchor.method if anchor else "orphan") for line, anchor in anchors),
        *((line, None, "refused") for line in refused),
    ):
        for name, value in _line(annotation, anchor, by_id.get(annotation.document_id)).items():
            columns[name].append(value)
        columns["method"].append(method)
    rows = pl.DataFrame({name: columns[name] for name in LINES.names()}, schema=LINES)
    return rows.sort("document_id", "raw_start", "raw_end", "target", "annotator", "annotation_id")


def _line(annotation: Annotation, anchor: Anchor | None, document: Document | None) -> dict[str, Any]:
    current = document is not None and annotation.raw_sha256 == document.raw_sha256
    there = role = rule = None
    if document and current:
        held = text_range(document.blocks, annotation.raw_start, annotation.raw_end)
        if held is not None:
            block = document.blocks[held[0]]
            there, role, rule = block.text[held[1] : held[2]], block.role, block.rule
    return {
        "annotation_id": annotation.annotation_id,
        "document_id": annotation.document_id,
        "layer": annotation.layer,
        "label": annotation.label,
        "target": annotation.target,
        "quote": annotation.exact,
        "raw_start": annotation.raw_start,
        "raw_end": annotation.raw_end,
        "annotator": annotation.annotator,
        "guideline": annotation.guideline,
        "created_at": annotation.created_at,
        "note": annotation.note,
        "where": annotation.where,
        "current": current,
        "there": there,
        "role": role,
        "rule": rule,
        "paragraph_id": document.paragraphs[anchor.paragraph].paragraph_id if document and anchor else None,
        "start": anchor.start if anchor else None,
        "end": anchor.end if anchor else None,
    }
