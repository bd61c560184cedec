"""The tables: FLAT ones inside, tied by ids, and PUBLISHED ones that `load_dataset` reads.

Offsets are Unicode code points, `start` inclusive, `end` exclusive; `raw_*` ones count in the raw text.
Flat tables hold each fact once: a paragraph's segments, mentions and stances are tables of their own, a
document's title and licence stand in `documents` alone, and the split is a column of `documents` that every
other table follows. Publishing joins and nests them; nothing else does.
"""

from __future__ import annotations

from dataclasses import replace

from corpus.records import KEPT_ROLES, ROLES, SPLITS
from corpus.schema.declaration import Column, Reference, Table

SCHEMA_VERSION = 1
"""Goes up when a table, a column or what it means changes."""

FORMATS = ("html", "markdown", "text")
LAYERS = ("entity", "stance")
ANCHORS = ("exact", "moved", "fuzzy", "orphan")
ENCODING_EVIDENCE = ("bom", "http", "meta", "xml", "detector", "default", "given")

# ISO 8601, as complete as the evidence: 2025, 2025-03, 2025-03-04T06:47:10+08:00, --03-04T06:47 (no year).
PARTIAL_TIME = (
    r"(\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?"
    r"|--\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?)?)"
)
FULL_TIME = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})"
SHA256 = r"[0-9a-f]{64}"

_DOCUMENT_ID = Column(
    "document_id",
    "text",
    "The page: its path below raw/ without suffix, `#` and the record's id where the file holds many pages",
    stored="prefix",
)
_PARAGRAPH_ID = Column(
    "paragraph_id",
    "text",
    "document_id, `#p-` and the first 8 hex digits of the text's SHA-256 (`-2`, `-3` … for a repeat)",
    stored="prefix",
)
_START = Column("start", "integer", "First code point in the paragraph's text", low=0)
_END = Column("end", "integer", "One past the last code point in the paragraph's text", low=0)
_RAW_START = Column("raw_start", "integer", "First code point in the raw text", low=0)
_RAW_END = Column("raw_end", "integer", "One past the last code point in the raw text", low=0)
_POSITION = Column("position", "integer", "Place in the document, from 0", low=0)
_TEXT = Column("text", "text", "The paragraph's text", stored="length")
_TITLE = Column("title", "text", "The page's title, null where it says none", nullable=True)
_URL = Column("url", "text", "The page's address, null where it says none", nullable=True)
_PUBLISHER = Column("publisher", "text", "Who published the page", nullable=True)
_PUBLISHED_AT = Column(
    "published_at",
    "text",
    "ISO 8601, only as complete as the evidence (`2025-03`, `--03-04T06:47`)",
    nullable=True,
    pattern=PARTIAL_TIME,
)
_LICENCE = Column("licence", "text", "Licence of the page's text, as an SPDX expression")
_LANGUAGE = Column(
    "language",
    "text",
    "Language as a BCP 47 code such as zh or en, null where it could not be told",
    nullable=True,
)
_DUPLICATES = Column(
    "duplicate_cluster",
    "text",
    "The smallest id among its near-duplicates: its own where there is none",
    stored="prefix",
)
_MENTION_TEXT = Column("text", "text", "The mention: text[start:end] of its paragraph")
_ENTITY_LABEL = Column("label", "text", "Adjudicated entity label", labels="entity")
_STANCE_LABEL = Column(
    "label", "text", "Adjudicated stance of the paragraph toward the target", labels="stance"
)
_TARGET = Column("target", "text", "What the stance is toward: the id of a declared target", labels="target")
_AGREEMENT = Column(
    "agreement",
    "number",
    "Share of annotators who chose the adjudicated label, null where none is known",
    nullable=True,
    low=0,
    high=1,
)

DOCUMENTS = Table(
    "documents",
    "a page",
    (
        _DOCUMENT_ID,
        Column("split", "text", "The split of the page and of everything in it", values=SPLITS),
        Column("raw_path", "text", "The raw file's POSIX path below raw/", stored="prefix"),
        Column("raw_sha256", "text", "SHA-256 of the page's body as collected", pattern=SHA256),
        _URL,
        _TITLE,
        _PUBLISHER,
        Column("author", "text", "Who wrote the page, as it says", nullable=True),
        _PUBLISHED_AT,
        Column("published_at_evidence", "text", "What it rests on: `json-ld`, `byline` …", nullable=True),
        _LANGUAGE,
        Column("script", "text", "Script as an ISO 15924 code such as Hans, Hant or Latn", nullable=True),
        Column("format", "text", "Format of the raw page", values=FORMATS),
        Column("encoding", "text", "WHATWG name of the encoding the page was decoded with"),
        Column("encoding_evidence", "text", "Why that encoding", values=ENCODING_EVIDENCE),
        _LICENCE,
        Column("raw_chars", "integer", "Code points of raw text", low=0),
        Column("kept_chars", "integer", "Code points of paragraph text kept", low=0),
        Column("paragraphs", "integer", "Number of paragraphs", low=0),
        _DUPLICATES,
    ),
    key=("document_id",),
)  # fmt: skip

PARAGRAPHS = Table(
    "paragraphs",
    "a paragraph",
    (
        _PARAGRAPH_ID,
        _DOCUMENT_ID,
        _POSITION,
        Column("role", "text", "What the paragraph is on its page", values=KEPT_ROLES),
        _TEXT,
        _LANGUAGE,
        _RAW_START,
        _RAW_END,
        _DUPLICATES,
    ),
    key=("paragraph_id",),
    references=(Reference(("document_id",), "documents"),),
)

SEGMENTS = Table(
    "segments",
    "a piece of a paragraph and the raw piece it came from",
    (_PARAGRAPH_ID, _POSITION, _START, _END, _RAW_START, _RAW_END),
    key=("paragraph_id", "position"),
    references=(Reference(("paragraph_id",), "paragraphs"),),
)

ENTITIES = Table(
    "entities",
    "an adjudicated entity mention",
    (
        Column("entity_id", "text", "The mention", stored="prefix"),
        _PARAGRAPH_ID,
        _DOCUMENT_ID,
        _START,
        _END,
        _MENTION_TEXT,
        _ENTITY_LABEL,
    ),
    key=("entity_id",),
    references=(Reference(("paragraph_id",), "paragraphs"),),
)

STANCES = Table(
    "stances",
    "an adjudicated stance of a paragraph toward a target",
    (_PARAGRAPH_ID, _DOCUMENT_ID, _TARGET, _STANCE_LABEL, _AGREEMENT),
    key=("paragraph_id", "target"),
    references=(Reference(("paragraph_id",), "paragraphs"),),
)

ANNOTATIONS = Table(
    "annotations",
    "one annotator's one annotation, before adjudication",
    (
        Column("annotation_id", "text", "The annotation", stored="prefix"),
        Column("layer", "text", "What was annotated", values=LAYERS),
        _DOCUMENT_ID,
        replace(_PARAGRAPH_ID, nullable=True, description="The paragraph it stands in, null for an orphan"),
        replace(
            _START, nullable=True, description="First code point in the paragraph's text, null for an orphan"
        ),
        replace(_END, nullable=True, description="One past the last code point, null for an orphan"),
        Column("quote", "text", "The text it was made on", stored="length"),
        Column("label", "text", "The label this annotator chose", labels="annotation"),
        Column("target", "text", "The stance's target, null for an entity", nullable=True, labels="target"),
        Column("annotator", "text", "Who made it, as a pseudonym"),
        Column("guideline", "text", "Version of the guidelines followed"),
        Column("created_at", "text", "When it was made, ISO 8601 with zone", pattern=FULL_TIME),
        Column("anchor", "text", "How it was found in today's paragraphs", values=ANCHORS),
    ),
    key=("annotation_id",),
    references=(Reference(("document_id",), "documents"), Reference(("paragraph_id",), "paragraphs")),
)

BLOCKS = Table(
    "blocks",
    "a piece of raw text and its fate",
    (
        _DOCUMENT_ID,
        _POSITION,
        _RAW_START,
        _RAW_END,
        Column("text", "text", "What a reader sees of it, empty for markup", blank=True, stored="length"),
        Column("role", "text", "What it is on the page; kept roles become paragraphs", values=ROLES),
        Column("rule", "text", "The rule that decided the role"),
    ),
    key=("document_id", "position"),
    references=(Reference(("document_id",), "documents"),),
)

FLAT = {
    table.name: table for table in (DOCUMENTS, PARAGRAPHS, SEGMENTS, BLOCKS, ENTITIES, STANCES, ANNOTATIONS)
}
"""The flat tables by name, each after those it refers to."""

_ANNOTATOR_LABELS = Column(
    "annotator_labels",
    "text",
    "What each annotator chose, sorted by annotator",
    many=True,
    fields=(Column("annotator", "text", "A pseudonym"), replace(_STANCE_LABEL, description="Their label")),
)

PUBLISHED = {
    table.name: table
    for table in (
        Table(
            "paragraphs",
            "a paragraph",
            (
                *(PARAGRAPHS[name] for name in ("paragraph_id", "document_id", "position", "role", "text")),
                _LANGUAGE,
                _TITLE,
                _URL,
                _PUBLISHER,
                _PUBLISHED_AT,
                Column(
                    "entities", "text", "Adjudicated mentions, sorted by start, longest first",
                    many=True,
                    fields=tuple(ENTITIES[name] for name in ("entity_id", "start", "end", "text", "label")),
                ),
                Column(
                    "stances", "text", "Adjudicated stances, sorted by target",
                    many=True,
                    fields=tuple(STANCES[name] for name in ("target", "label", "agreement")),
                ),
                _RAW_START,
                _RAW_END,
                Column(
                    "segments", "text", "Piece by piece, where the text came from in the raw text",
                    many=True,
                    fields=tuple(SEGMENTS[name] for name in ("start", "end", "raw_start", "raw_end")),
                ),
                _DUPLICATES,
                _LICENCE,
            ),
            key=("paragraph_id",),
        ),
        Table(
            "stance",
            "a paragraph and a target",
            (
                *(_PARAGRAPH_ID, _DOCUMENT_ID, _TITLE, _TEXT),
                *(_TARGET, _STANCE_LABEL, _ANNOTATOR_LABELS, _AGREEMENT),
            ),
            key=("paragraph_id", "target"),
        ),
        Table(
            "entities",
            "a paragraph as tokens, of a page with adjudicated mentions",
            (
                _PARAGRAPH_ID,
                _DOCUMENT_ID,
                Column("tokens", "text", "Han characters, words, signs, without spaces", many=True),
                Column("tags", "text", "IOB2 tags, of the longest mentions", many=True, labels="iob2"),
                Column(
                    "spans", "text", "All mentions, in code points of the paragraph's text",
                    many=True,
                    fields=tuple(ENTITIES[name] for name in ("start", "end", "label", "text")),
                ),
            ),
            key=("paragraph_id",),
        ),
        replace(DOCUMENTS, columns=tuple(column for column in DOCUMENTS.columns if column.name != "split")),
        ANNOTATIONS,
        BLOCKS,
    )
}  # fmt: skip
"""The published configs by name, the default first."""

DEFAULT_CONFIG = "paragraphs"
