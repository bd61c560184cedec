"""`corpus verify`: a published folder checked against its own digests."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from corpus.cli._findings import show
from corpus.publish import manifest, verify


@click.command()
@click.argument("published", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--json", "json_", is_flag=True, help="Print the findings, one JSON object a line.")
@click.pass_context
def command(ctx: click.Context, published: Path, *, json_: bool) -> None:
    """Check the dataset folder PUBLISHED, or that of the project there, byte by byte and row by row.

    Every file against SHA256SUMS and the manifest, every table's rows against their logical digest. Exits
    with 1 where a file was changed, lost or added, or a row says something else.
    """
    folder = published if (published / manifest.MANIFEST).is_file() else published / "published"
    findings = verify(folder)
    if json_:
        for finding in findings:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
    else:
        show(findings)
        if not findings:
            read = manifest.read(folder)
            rows = sum(table["rows"] for table in read["tables"].values())
            click.echo(
                f"{folder}: {read['name']} {read['version']} is whole: "
                f"{len(read['files'])} files, {rows:,} rows, as they were published"
            )
    ctx.exit(1 if findings else 0)
