"""`corpus anchor`: annotations whose text moved, and accepting their new places."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.annotating import accept


def _print(row: dict[str, object], form: str, *, json_: bool) -> None:
    click.echo(json.dumps(row, ensure_ascii=False) if json_ else form.format(**row))


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--write", is_flag=True, help="Bring the lines up to date: quote, context and raw place.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object an annotation and line.")
@click.pass_context
def command(ctx: click.Context, root: Path, *, write: bool, json_: bool) -> None:
    """List the annotations that stand elsewhere than where they were made, and the orphans.

    Each is given with the method that found it and its confidence. With --write the lines are rewritten; ids,
    labels, annotators and times stay, and so do orphans, which only a person can mend. Exits with 1 where
    there are orphans.
    """
    accepted = accept(root, write=write)
    for annotation, anchor in accepted.anchored:
        if anchor is None:
            continue
        row: dict[str, object] = {
            "where": annotation.where,
            "id": annotation.annotation_id,
            "quote": annotation.exact,
            "method": anchor.method,
            "confidence": round(anchor.confidence, 4),
        }
        _print(row, "{where}: {method} ({confidence}) {quote!r}", json_=json_)
    for orphan in accepted.orphans:
        row = {"where": orphan.where, "id": orphan.annotation_id, "quote": orphan.exact, "method": "orphan"}
        _print(row, "{where}: orphan {quote!r}", json_=json_)
    if not json_:
        written = ", ".join(path.name for path in accepted.files) or "nothing"
        counts = f"{len(accepted.anchored)} anchored anew, {len(accepted.orphans)} orphans"
        click.echo(f"{counts}; wrote {written}", err=True)
    ctx.exit(1 if accepted.orphans else 0)
