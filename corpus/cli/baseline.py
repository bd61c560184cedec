"""`corpus baseline`: fit the bundled models on a published corpus, score them, save them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.baselines import SHOWN, Run, curve, run, table_of, write
from corpus.models import METHODS
from corpus.records import SPLITS

METHOD_NAMES = sorted({name for methods in METHODS.values() for name in methods})


@click.command()
@click.argument("task", type=click.Choice(list(METHODS)))
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Save each model in this folder."
)
@click.option(
    "--method", type=click.Choice(METHOD_NAMES), multiple=True, help="Only this method; may be repeated."
)
@click.option(
    "--split", type=click.Choice(SPLITS[1:]), default="test", show_default=True, help="Score on it."
)
@click.option(
    "--plots",
    type=click.Path(path_type=Path, file_okay=False),
    help="Draw scores and learning curve of the strongest method.",
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a baseline and line.")
def command(
    task: str,
    root: Path,
    out: Path | None,
    method: tuple[str, ...],
    split: str,
    plots: Path | None,
    *,
    json_: bool,
) -> None:
    """Fit the baselines of TASK on the split `train` of the project at ROOT (or the dataset folder ROOT).

    Needs a CPU and seconds, and downloads nothing. The same dataset gives the same scores. With --out each
    model is saved as a folder below it, with its card, its scores and its predictions.
    """
    folder = root if (root / "MANIFEST.json").is_file() else root / "published"
    unknown = set(method) - METHODS[task].keys()
    if unknown:
        known = ", ".join(METHODS[task])
        raise click.UsageError(f"{task} has no method {', '.join(sorted(unknown))}; it has {known}")
    runs = run(folder, task, split, [name for name in METHODS[task] if not method or name in method])
    written = write(runs, out) if out else []
    if plots:
        written += _draw(folder, task, split, runs, plots)
    if json_:
        for each in runs:
            click.echo(json.dumps(_as_json(each), ensure_ascii=False))
        return
    click.echo(table_of(task, runs), nl=False)
    for each in runs:
        click.echo(f"{each.method}: {each.seconds:.1f} s; {each.result.signature}")
    for path in written:
        click.echo(path)


def _draw(folder: Path, task: str, split: str, runs: tuple[Run, ...], to: Path) -> list[Path]:
    from corpus.plots import draw_curve, draw_result

    picture = draw_curve(curve(folder, task, split), to / "curve.png", SHOWN[task][0])
    return [*draw_result(runs[-1].result, to), picture]


def _as_json(each: Run) -> dict[str, object]:
    return {"method": each.method, "seconds": round(each.seconds, 3), **each.result.as_json()}
