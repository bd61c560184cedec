"""An annotation whose id another annotation has.

Ids tie an annotation to its agreement figures, its adjudication and its waivers. Of two lines with one id
the second is set aside, since nobody can tell which of them a reference means.

Example: the line `{"id": "e7", …}` was copied to mark the next paragraph, and the id was copied with it.

Mend: delete the line if it repeats the other one; otherwise give it an id of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Pass on what reading the lines found of ids that are taken."""
    for problem in view.problems:
        if problem.check == "annotation-duplicate":
            yield found(__name__, Place(line=problem.where), problem.message, problem.hint, problem.where)
