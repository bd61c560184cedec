"""`corpus adjudicate`: a gold layer proposed from many annotators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.annotating import propose_gold

if TYPE_CHECKING:
    from corpus.adjudicate import Proposal


def _as_json(proposal: Proposal) -> dict[str, Any]:
    row = proposal.annotation
    return {
        "where": proposal.where,
        "layer": row.layer if row else None,
        "document_id": row.document_id if row else None,
        "quote": row.exact if row else None,
        "target": row.target if row else None,
        "label": row.label if row else None,
        "votes": dict(proposal.votes),
        "probability": round(proposal.probability, 4),
        "reason": proposal.reason,
        "decided": proposal.decided,
        "look": proposal.look,
    }


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--write", is_flag=True, help="Write the proposals into gold.jsonl, beside people's decisions.")
@click.option(
    "--all", "all_", is_flag=True, help="Show every place, not only those that a person must decide."
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a place and line.")
def command(root: Path, *, write: bool, all_: bool, json_: bool) -> None:
    """Propose a gold layer from the annotators of the project at ROOT, and show what a person must decide.

    A person's decision is never overwritten: it is a line of gold.jsonl whose note does not begin with
    "proposed by". That no mention is there is a decision too: give the proposed line the label "none".
    Votes and reason stand in the note of every proposal.
    """
    proposals, written = propose_gold(root, write=write)
    for proposal in proposals:
        if not (all_ or proposal.look):
            continue
        row = _as_json(proposal)
        if json_:
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        votes = ", ".join(f"{annotator}={vote}" for annotator, vote in proposal.votes)
        click.echo(
            f"{proposal.where}: {row['label'] or 'nothing'} ({proposal.reason}; {votes}) {row['quote']!r}"
        )
    look = sum(proposal.look for proposal in proposals)
    decided = sum(proposal.decided for proposal in proposals)
    names = ", ".join(f"{path.parent.name}/{path.name}" for path in written) or "nothing"
    counts = f"{len(proposals)} places, {decided} decided by people, {look} for a person to decide"
    click.echo(f"{counts}; wrote {names}", err=True)
