"""A split without pages or without gold.

A split that is declared and empty makes `load_dataset` give two splits where the card says three; one
with pages and without gold cannot evaluate anything. Told from ten clusters of pages on (fewer cannot
fill three splits), and for gold from 30 gold annotations of the layer on.

Example: the ratios give validation 0.1, and no page is in it.

Mend: change the ratios or the policy, or annotate pages of that split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._marks import gold, judgements, mentions
from corpus.audit._view import Place, found
from corpus.records import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"

PAGES = 10
GOLD = 30


def check(view: AuditView) -> Iterator[Found]:
    """Count pages and gold of each split that is to have a share."""
    documents = view.tables["documents"]
    if documents["duplicate_cluster"].n_unique() < PAGES:
        return
    wanted = [name for name, ratio in zip(SPLITS, view.project.split.ratios, strict=True) if ratio > 0]
    filled = set(documents["split"])
    for name in wanted:
        if name not in filled:
            message = f"the split {name} is to have a share of the pages and has none"
            yield found(
                __name__, Place(line=name), message, "change ratios or policy, or collect more pages", name
            )
    for layer, rows in (("entity", mentions(view)), ("stance", judgements(view))):
        decided = gold(rows).join(documents.select("document_id", "split"), on="document_id")
        for name in wanted:
            if decided.height >= GOLD and name in filled and name not in set(decided["split"]):
                message = f"the split {name} has pages and no {layer} gold"
                hint = f"adjudicate {layer} annotations on pages of {name}"
                yield found(__name__, Place(line=f"{name} {layer}"), message, hint, f"{name} {layer}")
