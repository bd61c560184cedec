"""`corpus status`: what a build would do again, and why."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import click

from corpus.cli._findings import SHOWN
from corpus.status import MEANING, follows, status


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--out", help="The published folder, or the address (s3://…).  [default: ROOT/published]")
@click.option("--json", "json_", is_flag=True, help="Print everything as one JSON object.")
def command(root: Path, out: str | None, *, json_: bool) -> None:
    """Show what `corpus build` would do again for the project at ROOT, and why; nothing is built."""
    found = status(root, out)
    if json_:
        click.echo(json.dumps({**found._asdict(), "stale": [each._asdict() for each in found.stale]}))
        return
    by_reason = defaultdict(list)
    for each in found.stale:
        by_reason[each.what, each.why].append(each.name)
    for (what, why), names in by_reason.items():
        click.echo(f"{len(names)} {what if len(names) == 1 else what + 's'}: {MEANING[what, why]}")
        for name in names[:SHOWN]:
            click.echo(f"  {name}{f': {then}' if (then := follows(name)) and what == 'file' else ''}")
        if len(names) > SHOWN:
            click.echo(f"  … and {len(names) - SHOWN} more; --json shows all")
    clean = sum(each.cleaned for each in found.stale)
    if found.current:
        click.echo(f"{found.pages} pages; nothing changed since the last build: a build would do nothing")
    else:
        click.echo(
            f"{found.pages} pages, of which a build would clean {clean}, and publish what changed with them"
        )
