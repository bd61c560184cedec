"""UIMA CAS in its JSON notation: read as `cas` reads it, written with the type system inside."""

from __future__ import annotations

from corpus.annotations import cas
from corpus.annotations.cas import by_annotator, offset_unit, read, task_unit
from corpus.annotations.cas import write_json as write

__all__ = ["by_annotator", "holds", "offset_unit", "read", "suffixes", "task_unit", "write"]

suffixes = (".json",)
holds = cas.holds | {"control"}
