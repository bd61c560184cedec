"""`corpus cache`: what a project remembers of pages it cleaned."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.cache import Cache
from corpus.cleaning_run import CACHE, prune


@click.command()
@click.argument("what", type=click.Choice(["stats", "prune", "verify"]))
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, what: str, root: Path, *, json_: bool) -> None:
    """Look after the cache of the project at ROOT.

    `stats` counts what it holds; `prune` removes what no page there is, cleaned by this code, would ask for;
    `verify` reads all of it and removes what is damaged, exiting with 1 where it found any. A build needs
    neither: damaged entries are found and made again as they are met.
    """
    folder = root / CACHE
    damaged: list[str] = []
    if not folder.is_dir():
        made: dict[str, object] = {"entries": 0, "shards": 0, "bytes": 0}
    elif what == "prune":
        made = {"pruned": prune(root), **_counts(folder)}
    else:
        there = Cache(folder)
        damaged = there.verify() if what == "verify" else []
        there.close()
        made = {**({"damaged": damaged} if what == "verify" else {}), **_counts(folder)}
    if json_:
        click.echo(json.dumps(made))
    else:
        told = f"{made['entries']} pages in {made['shards']} shards, {made['bytes']:,} bytes"
        click.echo(f"{folder}: {told}")
        if "pruned" in made:
            click.echo(f"pruned {made['pruned']} entries")
        for name in damaged:
            click.echo(f"damaged and removed: {name}", err=True)
    ctx.exit(1 if damaged else 0)


def _counts(folder: Path) -> dict[str, object]:
    there = Cache(folder)
    try:
        return dict(there.counts()._asdict())
    finally:
        there.close()
