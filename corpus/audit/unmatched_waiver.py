"""A waiver that accepts nothing any more.

A waiver names a finding by its content. If the check does not find that any more, the text was mended or
has changed, or the waiver's `quote` is not the text found. Left in place it would accept a later mistake
that nobody has looked at. Waivers of estimates (`likely_label_error`, `likely_mention_error`) may stay: what
models suspect today they may leave in peace tomorrow, and somebody did look at it.

Example: the paragraph was corrected, and the waiver for its unmarked name is still there.

Mend: delete the waiver; if the finding only changed, waive it under its new key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

ESTIMATES = "likely_"
"""How the names of checks begin whose findings come and go with the rest of the corpus."""

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Compare the waivers with what all other checks found."""
    surfaces = view.found or {}
    for each in view.waivers:
        pair = (each.check, each.key)
        why = None
        if pair not in surfaces and not each.check.startswith(ESTIMATES):
            why = "matches no finding"
        elif each.quote is not None and surfaces.get(pair, each.quote) != each.quote:
            why = f"quotes {shown(each.quote)}, the finding is on {shown(surfaces[pair])}"
        if why:
            message = f"the waiver of {each.check} {each.key} by {each.by} {why}"
            yield found(
                __name__,
                Place(line=each.where),
                message,
                "delete it, or correct key and quote",
                f"{each.check} {each.key}",
            )
