"""`corpus forget`: remove a document everywhere, for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.rights import Removal, forget


@click.command()
@click.argument("document_id")
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--reason", required=True, help="Why, for the tombstone; name no private person.")
@click.option("--yes", is_flag=True, help="Remove; without it only what would be removed is shown.")
@click.option("--json", "json_", is_flag=True, help="Print what is removed as JSON.")
def command(document_id: str, root: Path, reason: str, *, yes: bool, json_: bool) -> None:
    """Forget DOCUMENT_ID: remove its raw page and its annotations, and never publish it again.

    A tombstone in schema/forgotten.yaml keeps digests of it, no text. The next `corpus build` publishes
    without it, refuses it should it come back, and names other pages that hold its text.
    """
    today = datetime.now(UTC).date().isoformat()
    removal = forget(root, document_id, reason, today, write=yes)
    if json_:
        shown = removal._asdict() | {"tombstone": removal.tombstone._asdict(), "removed": yes}
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for line in _told(removal):
        click.echo(line)
    click.echo(
        "Removed. Run `corpus build`; the history of a version control system still holds the page."
        if yes
        else "Nothing was removed: add --yes"
    )


def _told(removal: Removal) -> list[str]:
    record = f", record {removal.record_id} of it" if removal.record_id else ""
    lines = [f"raw/{removal.raw_path}{record}"]
    lines += [f"{path}: {count} lines" for path, count in removal.lines.items()]
    lines += [
        f"the same bytes, set aside by the next build: {each} (`corpus forget` it too)"
        for each in removal.identical
    ]
    lines += [f"also holds its text, and stays: {each}" for each in removal.elsewhere]
    return lines
