"""The errors a user of Corpus can meet.

CorpusError            reaches the user as one clear message, without a traceback
├── ProjectError       a corpus project is not as it must be (a file missing, schema/ wrong, two ids alike)
├── UnreadableError    one raw file, page or export cannot be read: it is quarantined, the rest goes on
├── ValidationError    tables break the schema; carries the findings
└── PublishError       the published folder cannot be written; the old one is intact
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.records import Finding


class CorpusError(Exception):
    """Something the user can mend: the message says where, what was found, what was expected, what to do."""


class ProjectError(CorpusError):
    """The corpus project is not as it must be."""


class UnreadableError(CorpusError):
    """One input cannot be read; the caller quarantines it under this message and goes on."""


class ValidationError(CorpusError):
    """Tables break the schema; `findings` name every failing row."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class PublishError(CorpusError):
    """The published folder could not be written; what stood there before still stands."""
