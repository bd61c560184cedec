"""`corpus build`: raw files and annotations to a published dataset."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from corpus import __version__, log
from corpus.build import build
from corpus.cli._findings import SHOWN, show
from corpus.records import KEPT_ROLES
from corpus.remote import RemotePath, located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from rich.progress import Progress

    from corpus.last_build import Report
    from corpus.records import Finding


LOG_SECONDS = 1


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "published": str(report.published) if report.published else None,
        "documents": report.documents,
        "paragraphs": report.paragraphs,
        "raw_chars": report.raw_chars,
        "annotations": report.annotations,
        "ledger": [
            {"role": role, "rule": rule, "raw_chars": count} for (role, rule), count in report.ledger.items()
        ],
        "quarantined": [
            {"raw_path": each.raw_path, "record_id": each.record_id, "reason": each.reason}
            for each in report.quarantined
        ],
        "moved": [each._asdict() for each in report.moved],
        "untagged": report.untagged,
        "widened": report.widened,
        "orphans": [_finding(each) for each in report.orphans],
        "findings": [_finding(each) for each in report.findings],
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in ("check", "level", "where", "message", "hint")}


def _print(report: Report) -> None:
    kept = sum(count for (role, _), count in report.ledger.items() if role in KEPT_ROLES)
    share = f"{kept / report.raw_chars:.1%}" if report.raw_chars else "nothing"
    click.echo(
        f"{report.documents} documents, {report.paragraphs} paragraphs, {report.annotations} annotations"
    )
    click.echo(f"{report.raw_chars:,} raw characters, every one accounted for; kept {share}")
    by_role: Counter[str] = Counter()
    for (role, _), count in report.ledger.items():
        by_role[role] += count
    click.echo("  " + ", ".join(f"{role} {count:,}" for role, count in by_role.most_common()))
    if report.untagged or report.widened:
        left, wider = report.untagged, report.widened
        click.echo(f"IOB2 tags leave out {left} mentions that longer ones cover, and widen {wider} to tokens")
    places = [f"{each.raw_path}: {each.reason}" for each in report.quarantined]
    _list("quarantined", places)
    _list("anchored anew", [f"{m.where}: {m.method}, confidence {m.confidence:.2f}" for m in report.moved])
    show((*report.orphans, *report.findings))
    if report.published:
        click.echo(f"Published in {report.published}")
    else:
        click.echo(
            "Nothing published: mend the errors above. What was published before still stands.", err=True
        )


def _list(what: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{what}: {len(lines)}", err=True)
    for line in lines[:SHOWN]:
        click.echo(f"  {line}", err=True)
    if len(lines) > SHOWN:
        click.echo(f"  … and {len(lines) - SHOWN} more; --json shows all", err=True)


def _share(units: str) -> tuple[int, int]:
    """Read `I/N`."""
    first, _, second = units.partition("/")
    if first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second):
        return int(first), int(second)
    raise click.UsageError(f"--units {units}: expected I/N with I from 1 to N, such as 3/64")


def _telling(bar: Progress | None) -> Callable[[int, int, int], None]:
    """Show how far the cleaning is, and its rate of pages since it began; put it in the log now and then."""
    began, pages, told = monotonic(), 0, 0.0
    task = None if bar is None else bar.add_task("cleaning", total=None, quarantined=0, rate="")

    def tell(done: int, total: int, quarantined: int) -> None:
        nonlocal pages, told
        if bar is not None and task is not None:
            rate = f"{pages / (monotonic() - began + 0.01):.0f} pages a second"
            bar.update(task, completed=done, total=total, quarantined=quarantined, rate=rate)
        if monotonic() - told >= LOG_SECONDS or (done == total and not pages):
            told = monotonic()
            log.tell("progress", files=done, of=total, pages=pages, quarantined=quarantined)
        pages += 1

    return tell


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option(
    "--raw",
    help="Where the raw files lie: a folder, or an address (s3://…).  "
    "[default: `raw` in schema/corpus.yaml, else ROOT/raw]",
)
@click.option(
    "--out", help="The folder to write, or an address to publish at (s3://…).  [default: ROOT/published]"
)
@click.option("--engine", default="local", show_default=True, help="What runs the work.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes.  [default: one a core]")
@click.option(
    "--units",
    metavar="I/N",
    help="Only clean the I-th of N shares of the pages into the cache, for many machines; publish nothing.",
)
@click.option(
    "--log",
    "log_",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Add what happens to this file, as JSON lines.",
)
@click.option("--no-cache", is_flag=True, help="Clean every page anew; remember nothing.")
@click.option("--json", "json_", is_flag=True, help="Print the whole report as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    root: Path,
    raw: str | None,
    out: str | None,
    engine: str,
    workers: int | None,
    units: str | None,
    log_: Path | None,
    *,
    no_cache: bool,
    json_: bool,
) -> None:
    """Build the corpus project at ROOT: clean, join, validate and publish.

    Exits with 1 where anything was set aside or is wrong. Quarantined pages and orphaned annotations are
    named and the rest is published; an annotation line that cannot be used, or a row that breaks the schema,
    keeps the old published folder in place.
    """
    # What cleans has its processes; threads for the small sums of numpy only keep it from being forked.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow and polars would keep for later what they let go of: some 30 MB in each process.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
    if log_ and (folder := _kept_apart(log_, root, raw, out)):
        raise click.UsageError(f"--log {log_}: the log would be part of {folder}; choose a file elsewhere")
    share = _share(units) if units else None
    if share and (no_cache or out):
        raise click.UsageError(
            "--units fills the cache and publishes nothing: leave out --no-cache and --out"
        )
    given = {
        "raw": raw,
        "out": out,
        "engine": engine,
        "workers": workers,
        "units": units,
        "cache": not no_cache,
    }
    with log.written(log_) if log_ else nullcontext(), _ended():
        log.tell("start", version=__version__, root=str(root), **given)
        with _bar() as bar:
            tell = _telling(bar)
            if share:
                from corpus.cleaning_run import Run, fill

                filled = fill(root, Run(engine, workers, raw=located(raw) if raw else None), share, tell)
                ended = filled._asdict()
            else:
                report = build(root, out, engine, workers, tell, cache=not no_cache, raw=raw)
                ended = _told(report)
        log.tell("end", code=0 if share or report.ok else 1, **ended)
    if share:
        words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in ended.items())
        click.echo(json.dumps(ended) if json_ else words)
        return
    if json_:
        click.echo(json.dumps(_as_json(report), ensure_ascii=False))
    else:
        _print(report)
    ctx.exit(0 if report.ok else 1)


def _bar() -> AbstractContextManager[Progress | None]:
    """Return the line of progress where somebody sits at a terminal; nothing is loaded for it elsewhere."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("left, quarantined {task.fields[quarantined]}"),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def _ended() -> Iterator[None]:
    """Tell of the end of a run that raises."""
    try:
        yield
    except BaseException as error:
        code = 130 if isinstance(error, KeyboardInterrupt | click.Abort) else 2
        log.tell("end", code=code, error=str(error) or type(error).__name__)
        raise


def _told(report: Report) -> dict[str, object]:
    """Tell of what a build found and published, and return its counts."""
    for finding in (*report.orphans, *report.findings):
        log.tell("finding", **_finding(finding))
    if report.published:
        log.tell("published", where=str(report.published), files=len(report.files))
    return {
        "documents": report.documents,
        "paragraphs": report.paragraphs,
        "annotations": report.annotations,
        "quarantined": len(report.quarantined),
        "orphans": len(report.orphans),
        "findings": len(report.findings),
    }


def _kept_apart(path: Path, root: Path, raw: str | None, out: str | None) -> Path | None:
    """Return the folder that a build reads or writes and in which `path` would lie, if any."""
    read = (root / name for name in ("raw", "annotations", "schema"))
    places = [*read, located(raw or root), located(out or root / "published")]
    there = path.resolve()
    folders = [
        each for each in places if not isinstance(each, RemotePath) and each.resolve() != root.resolve()
    ]
    return next((each for each in folders if there.is_relative_to(each.resolve())), None)
