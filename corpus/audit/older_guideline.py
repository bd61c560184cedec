"""Annotations made under another version of the guidelines than today's.

When a rule changes, labels given before it may be wrong now, and nobody sees it on the label. Lines name
the version they followed; those of another version than `schema/guidelines.md` states are counted here,
one finding for each annotator, layer and version.

Example: the guidelines are at version 1.2, and 340 lines of a1 say `"guideline": "1.0"`.

Mend: look through what the changed rule concerns and raise the version in these lines; if the change
cannot concern them, say so in a waiver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Count the lines of each version other than the project's."""
    now = view.project.guideline_version
    other = view.lines.filter(pl.col("guideline") != now)
    groups = other.group_by("layer", "annotator", "guideline").len().sort("layer", "annotator", "guideline")
    for layer, annotator, guideline, count in groups.iter_rows():
        age = _age(guideline, now)
        message = f"{count} lines were made under guidelines {guideline}, {age}; today's are {now}"
        hint = "check them against the rules that changed, then raise the version in the lines"
        place = Place(line=f"annotations/{layer}/{annotator}.jsonl")
        yield found(__name__, place, message, hint, f"{layer} {annotator} {guideline}")


def _age(version: str, now: str) -> str:
    parts = [part.split(".") for part in (version, now)]
    if not all(piece.isdigit() and piece.isascii() and len(piece) < 10 for part in parts for piece in part):
        return "which names no version that can be compared"
    one, other = ([int(piece) for piece in part] for part in parts)
    return "which are older" if one < other else "which are newer than the schema's"
