"""A row that breaks the declaration of its table.

The flat tables are validated before anything is published: types, bounds, keys, references, offsets, the
tiling of each page by its blocks. What is invalid is set aside with all that depends on it; the other
checks see the valid rest.

Example: `quote: 1 of 812 rows: found '岭海关周', where the paragraph has '云岭海关' at 0 to 4`.

Mend: the message of each rule says what; most are mended by `corpus build`, the rest in the line or page
they name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"

_READING = ("annotation-", "unknown-")
"""Problems of reading and admitting lines, which other checks pass on."""


def check(view: AuditView) -> Iterator[Found]:
    """Pass on the findings of validation at error level."""
    for problem in view.problems:
        if problem.level == "error" and not problem.check.startswith(_READING):
            message = f"{problem.check}: {problem.message}"
            yield found(
                __name__, Place(line=problem.where), message, problem.hint, f"{problem.check} {problem.where}"
            )
