"""`corpus verify`: a published folder checked against its own digests."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from corpus.cli._findings import show
from corpus.publish import editions, manifest, verify
from corpus.remote import RemotePath, located


@click.command()
@click.argument("published", default=".")
@click.option("--json", "json_", is_flag=True, help="Print the findings, one JSON object a line.")
@click.pass_context
def command(ctx: click.Context, published: str, *, json_: bool) -> None:
    """Check the dataset folder PUBLISHED, or that of the project there, byte by byte and row by row.

    PUBLISHED may be an address (s3://…): the edition that stands there is fetched and checked.

    Every file against SHA256SUMS and the manifest, every table's rows against their logical digest. Exits
    with 1 where a file was changed, lost or added, or a row says something else.
    """
    folder = located(published)
    if isinstance(folder, RemotePath):
        findings, read = editions.verify_at(folder)
    else:
        if not folder.is_dir():
            raise click.UsageError(f"{folder}: found no such folder; expected one that `corpus build` wrote")
        folder = folder if (folder / manifest.MANIFEST).is_file() else folder / "published"
        findings, read = verify(folder), manifest.read(folder)
    if json_:
        for finding in findings:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
    else:
        show(findings)
        if not findings:
            rows = sum(table["rows"] for table in read["tables"].values())
            click.echo(
                f"{folder}: {read['name']} {read['version']} is whole: "
                f"{len(read['files'])} files, {rows:,} rows, as they were published"
            )
    ctx.exit(1 if findings else 0)
