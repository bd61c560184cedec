"""`corpus evaluate`: scores of predictions against a published corpus."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.baselines import CONFIG, gold
from corpus.cli._findings import show
from corpus.evaluate import Result, compare_predictions, evaluate, read, sheet
from corpus.evaluate.resampling import SAMPLES, SEED
from corpus.records import SPLITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.baselines import Gold
    from corpus.evaluate import Comparison, Sheet
    from corpus.records import Finding


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path, exists=True))
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option(
    "--task", type=click.Choice(list(CONFIG)), help="What was predicted; told by the rows if not given."
)
@click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True)
@click.option(
    "--against", type=click.Path(path_type=Path, exists=True), help="Other predictions to compare with."
)
@click.option(
    "--test",
    "method",
    type=click.Choice(["bootstrap", "randomisation"]),
    default="bootstrap",
    show_default=True,
    help="How to compare: paired bootstrap or approximate randomisation, over documents.",
)
@click.option("--samples", type=click.IntRange(100, 100_000), default=SAMPLES, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True)
@click.option(
    "--plots", type=click.Path(path_type=Path, file_okay=False), help="Draw the scores into this folder."
)
@click.option("--json", "json_", is_flag=True, help="Print everything as one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    predictions: Path,
    root: Path,
    task: str | None,
    split: str,
    against: Path | None,
    method: str,
    samples: int,
    seed: int,
    plots: Path | None,
    *,
    json_: bool,
) -> None:
    """Score PREDICTIONS against the dataset published by the project at ROOT (or the dataset folder ROOT).

    PREDICTIONS are JSON Lines, Parquet, or a folder saved by `datasets`: paragraph_id, target and label (and
    probabilities) for stance; paragraph_id and spans or tags for entities; what `corpus clean --json` prints
    for cleaning. Every score has a 95 % bootstrap interval over documents; cite it with the signature.

    Wrong or missing ids, unknown labels and overlapping spans are named and counted, nothing is scored, and
    the exit code is 1.
    """
    folder = root if (root / "MANIFEST.json").is_file() else root / "published"
    rows = read(predictions, split)
    wanted = gold(folder, task or _task(predictions, rows), split)
    one, other = _counted(ctx, wanted, rows, json_=json_), None
    result = evaluate(one, wanted.source, samples, seed)
    compared: tuple[Comparison, ...] = ()
    if against is not None:
        other = _counted(ctx, wanted, read(against, split), json_=json_)
        compared = compare_predictions(one, other, method, samples, seed)
    drawn = _draw(result, plots) if plots else []
    if json_:
        more = {"comparison": [each.as_json() for each in compared], "test": method} if against else {}
        click.echo(json.dumps(result.as_json() | more, ensure_ascii=False))
        return
    _print(result, compared)
    for path in drawn:
        click.echo(path)


def _task(path: Path, rows: list[dict[str, Any]]) -> str:
    """Tell the task by the columns of the first row."""
    first = rows[0].keys() if rows else set()
    if "target" in first:
        return "stance"
    if "spans" in first or "tags" in first:
        return "entities"
    if "document_id" in first:
        return "cleaning"
    raise click.UsageError(
        f"{path}: cannot tell the task from the columns {sorted(first)}; name it with --task"
    )


def _counted(ctx: click.Context, wanted: Gold, rows: list[dict[str, Any]], *, json_: bool) -> Sheet:
    """Count, or show what is refused and exit with 1."""
    kept = wanted.of_split(rows)
    if len(kept) < len(rows):
        click.echo(f"{len(rows) - len(kept)} predictions are of other splits and set aside", err=True)
    made, findings = sheet(wanted.task, wanted.rows, kept, wanted.labels)
    if made is None:
        _refuse(findings, json_=json_)
        ctx.exit(1)
    return made


def _refuse(findings: Sequence[Finding], *, json_: bool) -> None:
    counts = Counter(finding.check for finding in findings)
    if json_:
        refused = [
            {name: getattr(finding, name) for name in ("check", "where", "message", "hint")}
            for finding in findings
        ]
        click.echo(
            json.dumps({"refused": dict(sorted(counts.items())), "findings": refused}, ensure_ascii=False)
        )
        return
    show(findings)
    said = ", ".join(f"{count} {check}" for check, count in sorted(counts.items()))
    click.echo(f"refused: {said}; nothing was scored", err=True)


def _print(result: Result, compared: Sequence[Comparison]) -> None:
    for score in result.scores:
        name = f"{score.name} {score.part}".rstrip()
        value = "undefined" if math.isnan(score.value) else f"{score.value:.4f}"
        bounds = "" if math.isnan(score.low) else f"[{score.low:.4f}, {score.high:.4f}]"
        click.echo(f"{name:<44} {value:>9} {bounds}".rstrip())
    if compared:
        click.secho("\ncompared: difference (first less second), p", bold=True)
    for each in compared:
        name = f"{each.name} {each.part}".rstrip()
        click.echo(f"{name:<44} {each.difference:>+9.4f} p={each.p:.4f}")
    if result.confusion:
        click.secho("\ngold in rows, predicted in columns", bold=True)
        names = list(result.confusion)
        click.echo(" " * 12 + "".join(f"{name[:10]:>11}" for name in names))
        for name, row in result.confusion.items():
            click.echo(f"{name[:12]:<12}" + "".join(f"{row[other]:>11}" for other in names))
    for note in result.notes:
        click.echo(f"note: {note}")
    click.echo(f"signature: {result.signature}")


def _draw(result: Result, to: Path) -> list[Path]:
    from corpus.plots import draw_result

    return draw_result(result, to)
