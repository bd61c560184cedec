"""`corpus import`: annotations made in another tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import click

from corpus.annotating import import_files
from corpus.annotations import FORMATS
from corpus.annotations.placing import Given
from corpus.cli._findings import show


@click.command(name="import")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(sorted(FORMATS)))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--annotator", help="Who made the marks that do not say it themselves.")
@click.option("--layer", type=click.Choice(["entity", "stance"]), help="Import only this layer.")
@click.option("--target", help="What labels of whole texts are stances toward.")
@click.option("--guideline", default="unknown", show_default=True, help="The guidelines' version followed.")
@click.option("--created-at", help="When marks were made that do not say it (ISO 8601 with zone).")
@click.option("--json", "json_", is_flag=True, help="Print the outcome as one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    format_name: str,
    files: tuple[Path, ...],
    root: Path,
    annotator: str | None,
    layer: Literal["entity", "stance"] | None,
    target: str | None,
    guideline: str,
    created_at: str | None,
    *,
    json_: bool,
) -> None:
    """Import FILES that another tool exported (FORMAT) into the project's annotations.

    Every quote is checked against the project's paragraphs. What is there already is not added again; what
    cannot be placed is named, and the exit code is then 1.
    """
    given = Given(annotator, guideline, created_at, layer, target)
    added, findings = import_files(root, format_name, files, given)
    if json_:
        made = {
            "added": len(added.new),
            "present": len(added.present),
            "findings": [
                {"level": each.level, "where": each.where, "message": each.message} for each in findings
            ],
        }
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        show(findings)
        click.echo(f"added {len(added.new)} annotations; {len(added.present)} were there already")
    ctx.exit(1 if any(each.level == "error" for each in findings) else 0)
