"""Findings of the baseline that have been mended.

The baseline accepts the findings an old corpus started with. Those that are gone should leave it too, or
they could come back unseen: the corpus may only get better.

Example: the baseline holds 240 findings, 17 of which no check reports any more.

Mend: run `corpus audit --baseline`, which takes them out and adds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._view import Place, found
from corpus.audit._waivers import BASELINE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Count the baseline's findings that no check reports."""
    gone = sorted(view.baseline - set(view.found or {}))
    if gone:
        first = ", ".join(f"{name} {key}" for name, key in gone[:3])
        message = f"{len(gone)} of {len(view.baseline)} findings of the baseline are mended, such as {first}"
        yield found(
            __name__,
            Place(line=BASELINE_FILE),
            message,
            "run `corpus audit --baseline`, which takes them out",
        )
