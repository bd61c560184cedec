"""`corpus agreement`: how far annotators agree."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import click

from corpus.annotating import agreement_of

PARTS = ("all", "label", "target", "annotators", "document", "week")


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--part", type=click.Choice(PARTS), help="Only this breakdown.")
@click.option("--gamma", is_flag=True, help="Gamma of mentions, too; takes pygamma-agreement, and a while.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a figure and line.")
def command(root: Path, part: str | None, *, gamma: bool, json_: bool) -> None:
    """Measure the agreement of the annotators of the project at ROOT, with 95 % bootstrap intervals.

    Stances: observed agreement, Krippendorff's alpha, Fleiss' and Cohen's kappa, Gwet's AC1; entities: F1 of
    spans, exact and overlapping. `gold` is left out. A figure that is undefined says why.
    """
    for row in agreement_of(root, with_gamma=gamma):
        if part not in {None, row.part}:
            continue
        if json_:
            made = {
                name: None if isinstance(value, float) and math.isnan(value) else value
                for name, value in asdict(row).items()
            }
            click.echo(json.dumps(made, ensure_ascii=False))
            continue
        value = "undefined" if math.isnan(row.value) else f"{row.value:.3f}"
        bounds = "" if math.isnan(row.low) else f"[{row.low:.3f}, {row.high:.3f}]"
        what = f"{row.layer} {row.part} {row.name}".rstrip()
        rest = f"{row.units} units in {row.documents} documents {row.note}".rstrip()
        click.echo(f"{what:<44} {row.measure:<16} {value:>9} {bounds:<16} {rest}")
