"""`corpus export`: documents and annotations for another tool, or the published rows."""

from __future__ import annotations

from pathlib import Path

import click

from corpus.annotating import export_files
from corpus.annotations import FORMATS
from corpus.cli._findings import show
from corpus.publish import rows


@click.command()
@click.argument("format_name", metavar="FORMAT", type=click.Choice(sorted([*FORMATS, *rows.FORMATS])))
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write."
)
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--layer", type=click.Choice(["entity", "stance"]), help="Export only this layer.")
@click.option("--annotator", help="Export only this annotator's annotations.")
def command(format_name: str, to: Path, root: Path, layer: str | None, annotator: str | None) -> None:
    """Export documents and annotations as FORMAT, and name what the format could not hold.

    With csv or jsonl the rows of ROOT's published folder are written instead, a folder a config. A cell of a
    CSV file that a spreadsheet would run as a formula begins with an apostrophe there.
    """
    if format_name in rows.FORMATS:
        if layer or annotator:
            raise click.UsageError(
                f"{format_name} holds the published rows; --layer, --annotator do not apply"
            )
        files = rows.export(format_name, root / "published", to)
    else:
        files, findings = export_files(root, format_name, to, layer, annotator)
        show(findings)
    for file in files:
        click.echo(file)
