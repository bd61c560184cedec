"""The nouns that pass from step to step: frozen, flat, standard library only.

Every offset is in Unicode code points, `start` inclusive, `end` exclusive. Offsets called `raw_*` count in
the raw text: the decoded body before any newline or Unicode normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Format = Literal["html", "markdown", "text"]

KEPT_ROLES = ("heading", "paragraph", "list_item", "quote")
"""Roles whose blocks become paragraphs."""

METADATA_ROLES = ("title", "caption", "byline")
"""Roles kept as metadata or apart, never as main text."""

DROPPED_ROLES = (
    "navigation",
    "comment",
    "related",
    "advertisement",
    "disclaimer",
    "interface",
    "duplicate",
    "markup",
    "other",
)
"""Roles whose text is not published as paragraphs."""

ROLES = (*KEPT_ROLES, *METADATA_ROLES, *DROPPED_ROLES)

GOLD = "gold"
"""The annotator whose annotations are the adjudicated layer."""

NOTHING = "none"
"""The label of a gold line in the entity layer by which a person decided that no mention stands there."""

SPLITS = ("train", "validation", "test")
"""The names of the splits, in the order they are published."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as collected: its body and what the collector knew of it.

    `record_id` names the page inside a file of many pages, None where the file is the page. `raw_path` is the
    file's POSIX path below `raw/` (or its bare name outside a project); `document_id` follows from both. `at`
    is a hint where its record begins in the file (bytes; rows of Parquet): None, or a place from which it may
    all the same not be readable.
    """

    body: bytes
    format: Format
    sha256: str
    raw_path: str
    document_id: str
    record_id: str | None = None
    url: str | None = None
    content_type: str | None = None
    fetched_at: str | None = None
    at: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A raw file or page that could not be read or cleaned: where, and the reason in a sentence."""

    raw_path: str
    reason: str
    record_id: str | None = None


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding a body was decoded with (WHATWG name, lower case) and why.

    `evidence` is one of `bom`, `http`, `meta`, `xml`, `detector`, `default`, or `given` for text that came as
    `str`. `declared` is what the page claimed when the bytes contradict it, else None. `replacements` counts
    U+FFFD put in place of undecodable bytes.
    """

    name: str
    evidence: str
    declared: str | None = None
    replacements: int = 0


class Segment(NamedTuple):
    """`text[start:end]` comes from `raw[raw_start:raw_end]`.

    Where both ranges have the same length they correspond code point by code point; otherwise the segment is
    one indivisible piece (an entity such as `&amp;`, a run of white space folded to one space).
    """

    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of raw text and its fate. The blocks of a document tile its raw text: no gap, no overlap.

    `text` is what a reader sees of it (empty for markup), `segments` trace that text to raw text, `role` is
    one of ROLES, and `rule` names what decided. A block whose role is in KEPT_ROLES becomes one paragraph.
    """

    raw_start: int
    raw_end: int
    text: str
    role: str
    rule: str
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of main text, made of one block, with the raw pieces it came from."""

    paragraph_id: str
    position: int
    role: str
    text: str
    segments: tuple[Segment, ...]
    language: str | None = None

    @property
    def raw_start(self) -> int:
        """Where the paragraph begins in the raw text."""
        return self.segments[0].raw_start

    @property
    def raw_end(self) -> int:
        """Where the paragraph ends in the raw text."""
        return self.segments[-1].raw_end


class Fact(NamedTuple):
    """A metadata value and the evidence it rests on, such as `json-ld`, `meta:og:title`, `time`, `byline`."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about itself; None where it says nothing that could be believed.

    Times are ISO 8601 and only as complete as the evidence: `2025-03-04T06:47`, `2025-03`, or `--03-04T06:47`
    (month and day, year unknown).
    """

    title: Fact | None = None
    author: Fact | None = None
    publisher: Fact | None = None
    url: Fact | None = None
    published_at: Fact | None = None
    modified_at: Fact | None = None
    language: Fact | None = None

    def value(self, name: str) -> str | None:
        """Return the value of one of the facts, None where there is none."""
        fact: Fact | None = getattr(self, name)
        return fact.value if fact else None


@dataclass(frozen=True, slots=True)
class Document:
    """A cleaned page: metadata, paragraphs of main text, and blocks that account for all of its raw text.

    `language` and `script` (BCP 47, ISO 15924), its own and its paragraphs', are None until they are told.
    """

    document_id: str
    raw_path: str
    raw_sha256: str
    format: Format
    raw: str = field(repr=False)
    encoding: Encoding
    metadata: Metadata
    paragraphs: tuple[Paragraph, ...]
    blocks: tuple[Block, ...] = field(repr=False)
    language: str | None = None
    script: str | None = None

    @property
    def title(self) -> str | None:
        """The title, None where the page has none."""
        return self.metadata.value("title")

    @property
    def text(self) -> str:
        """The main text without the title, paragraphs joined by a newline."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's one judgement: an entity mention, or a stance of a paragraph toward a target.

    In the gold layer an entity may also be labelled NOTHING (`is_nothing`): it is no mention then.

    `exact`, `prefix`, `suffix` are paragraph text (prefix and suffix up to 32 code points); `raw_sha256`,
    `raw_start`, `raw_end` are the place in the raw text it was made on. `where` is `file:line`, for messages.
    """

    annotation_id: str
    document_id: str
    layer: Literal["entity", "stance"]
    label: str
    target: str | None
    exact: str
    prefix: str
    suffix: str
    raw_sha256: str
    raw_start: int
    raw_end: int
    annotator: str
    guideline: str
    created_at: str
    note: str | None = None
    where: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether this is a person's decision that no mention lies within the quote."""
        return (self.layer, self.annotator, self.label) == ("entity", GOLD, NOTHING)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an annotation stands in today's paragraphs, how it was found, and how sure that is.

    `paragraph` is an index into the document's paragraphs. `method` is `exact`, `moved` or `fuzzy`; an
    annotation without a place has no Anchor and is reported as an `orphan`. `confidence` is in [0, 1].
    """

    paragraph: int
    start: int
    end: int
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong: by validation or by an audit check.

    `check` is the check's id, `level` is `error`, `warning` or `note`, `where` names the place (`file:line`,
    or table, key and column), `message` says what was found against what was expected, `hint` how to mend it.
    """

    check: str
    level: Literal["error", "warning", "note"]
    where: str
    message: str
    hint: str = ""
