"""`corpus cache`: what a project remembers of pages it cleaned, and of the parts it was built from."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.cache import Cache
from corpus.cleaning_run import CACHE, prune
from corpus.folders import FOLDER
from corpus.parts.workspace import STORE
from corpus.store import opened


@click.command()
@click.argument("what", type=click.Choice(["stats", "prune", "verify"]))
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, what: str, root: Path, *, json_: bool) -> None:
    """Look after what builds of the project at ROOT left for the next one: cleaned pages, and parts.

    `stats` counts what there is; `prune` removes pages that no page there is, cleaned by this code, would ask
    for, and results that the last finished build did not use; `verify` reads all of it and removes what is
    damaged, exiting with 1 where it found any. A build needs neither: damaged entries are found and made
    again as they are met.
    """
    pages, results = root / CACHE, root / FOLDER / STORE
    damaged: list[str] = []
    pruned: dict[str, int | None] = {}
    if what == "prune":
        pruned = {"pruned": prune(root), "pruned_results": opened(results).sweep() if results.is_dir() else 0}
    elif what == "verify":
        damaged = _damaged_pages(pages) if pages.is_dir() else []
        damaged += opened(results).verify() if results.is_dir() else []
    made = {**pruned, **({"damaged": damaged} if what == "verify" else {}), **_counts(pages, results)}
    if json_:
        click.echo(json.dumps(made))
    else:
        click.echo(f"{pages}: {made['entries']} pages in {made['shards']} shards, {made['bytes']:,} bytes")
        click.echo(f"{results}: {made['results']} results, {made['result_bytes']:,} bytes")
        if pruned:
            gone = pruned["pruned_results"]
            told = "none, since a build is at work on them" if gone is None else gone
            click.echo(f"pruned entries: {pruned['pruned']}; results: {told}")
        for name in damaged:
            click.echo(f"damaged and removed: {name}", err=True)
    ctx.exit(1 if damaged else 0)


def _damaged_pages(folder: Path) -> list[str]:
    there = Cache(folder)
    try:
        return there.verify()
    finally:
        there.close()


def _counts(pages: Path, results: Path) -> dict[str, object]:
    counts: dict[str, object] = {"entries": 0, "shards": 0, "bytes": 0, "results": 0, "result_bytes": 0}
    if pages.is_dir():
        there = Cache(pages)
        try:
            counts |= there.counts()._asdict()
        finally:
            there.close()
    if results.is_dir():
        kept = opened(results).counts()
        counts |= {"results": kept.results, "result_bytes": kept.bytes}
    return counts
