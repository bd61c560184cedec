"""`corpus trace`: from a paragraph to its raw text, and from raw text to its fate."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.trace import trace


@click.command()
@click.argument("what", metavar="ID")
@click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="The corpus project.  [default: this folder]",
)
@click.option("--text", help="Only where the paragraphs hold this text.")
@click.option("--at", type=int, help="The block at this offset (in code points) of the raw text.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a place and line.")
@click.pass_context
def command(
    ctx: click.Context, what: str, root: Path, text: str | None, at: int | None, *, json_: bool
) -> None:
    """Trace a document or paragraph ID to its place in the raw file.

    With --json each line holds `quote` and `raw` as an annotation line has them. Exits with 1 where --text is
    not found.
    """
    places = trace(root, what, text, at)
    for place in places:
        if json_:
            click.echo(json.dumps(place.as_json(), ensure_ascii=False))
            continue
        click.secho(place.paragraph_id or f"{place.document_id} (dropped)", bold=True)
        click.echo(
            f"  raw   {place.raw_path}:{place.line}:{place.column} [{place.raw_start}, {place.raw_end})"
        )
        click.echo(f"  rule  {place.role} by {place.rule}")
        if place.start is not None:
            click.echo(f"  text  [{place.start}, {place.end}) {place.text!r}")
        click.echo(f"  from  {place.raw!r}")
    if not places:
        click.echo(f"corpus: {text!r} stands in no paragraph of {what}", err=True)
    ctx.exit(0 if places else 1)
