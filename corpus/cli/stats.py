"""`corpus stats`: what a published dataset holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.stats import CONFIGS, Figures, figures
from corpus.tables import scan


def _print(made: Figures) -> None:
    click.echo(
        f"{made.documents:,} documents, {made.paragraphs:,} paragraphs, {made.text_chars:,} characters"
    )
    click.echo(f"{made.duplicate_clusters:,} clusters of near-duplicate documents")
    tables = {
        "documents by split": made.splits,
        "documents by publisher": made.publishers,
        "documents by language": made.languages,
        "documents by script": made.scripts,
        "documents by format": made.formats,
        "documents by encoding": made.encodings,
        "paragraphs by role": made.roles,
        "raw characters by role": made.ledger,
        "dropped raw characters by rule": made.dropped_by,
        "entities by label": made.entities,
        "annotations by anchor": made.anchors,
    }
    tables |= {f"stance toward {target}": counts for target, counts in made.stances.items()}
    tables |= {f"{layer} annotations by annotator": counts for layer, counts in made.votes.items()}
    for title, counts in tables.items():
        if counts:
            click.secho(f"\n{title}", bold=True)
        for name, count in counts.items():
            click.echo(f"{count:>12,}  {name}")


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--json", "json_", is_flag=True, help="Print the figures as one JSON object.")
def command(root: Path, *, json_: bool) -> None:
    """Count what the dataset published by the project at ROOT holds (or the dataset folder ROOT itself)."""
    folder = root if (root / "MANIFEST.json").is_file() else root / "published"
    made = figures({config: scan(folder, config) for config in CONFIGS})
    if json_:
        click.echo(json.dumps(made.as_json(), ensure_ascii=False))
    else:
        _print(made)
