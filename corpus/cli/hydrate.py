"""`corpus hydrate`: texts back into an edition that was published without them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.rights import hydrate

_SHOWN = 10


@click.command()
@click.argument("published", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--raw",
    "raw_root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder with your raw files of the same pages.",
)
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write."
)
@click.option("--json", "json_", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def command(ctx: click.Context, published: Path, raw_root: Path, to: Path, *, json_: bool) -> None:
    """Fill PUBLISHED, an edition without text, from your own raw files of the same pages.

    Pages are matched by their bytes, whatever their files are called. Every row is checked against the
    publisher's digests; unless all agree nothing is written, the documents are named, and 1 is the exit code.
    """
    done = hydrate(published, raw_root, to)
    if json_:
        folder = str(done.folder) if done.folder else None
        click.echo(json.dumps(done._asdict() | {"folder": folder}, ensure_ascii=False))
    elif done.folder:
        click.echo(f"Every text is back, and is the one that was published: {done.folder}")
    for names, why in (
        (done.missing, "no raw file holds its page"),
        (done.different, "this version of Corpus finds another text in it; MANIFEST.json names the version"),
    ):
        for name in names[:_SHOWN]:
            click.echo(f"{name}: {why}", err=True)
        if len(names) > _SHOWN:
            click.echo(f"… and {len(names) - _SHOWN} more", err=True)
    ctx.exit(0 if done.folder else 1)
