"""An annotation line that cannot be used as it stands.

Lines of `annotations/<layer>/<annotator>.jsonl` are read strictly: one that is no JSON object, lacks a
key, names an impossible time or offset, or lies in the wrong file is not guessed at. It takes no part in
anything until it is mended, so a published corpus would lack it in silence.

Example: `{"id": "e7", "layer": "entity", "labl": "ORG", …}` in `annotations/entity/a1.jsonl` – the key
`labl` is unknown.

Mend: correct the line that is named, or delete it. `docs/annotations.md` gives the form of a line.
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
    """Pass on what reading the lines found, ids that are taken excepted (`duplicate_id`)."""
    for problem in view.problems:
        if problem.check.startswith("annotation-") and problem.check != "annotation-duplicate":
            yield found(__name__, Place(line=problem.where), problem.message, problem.hint, problem.where)
