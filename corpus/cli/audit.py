"""`corpus audit`: what is wrong, or looks wrong, with a corpus and its annotations."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from corpus.audit import Found, Outcome

SHOWN = 10
"""Findings shown of each check; their number is always told, and `--json` gives all."""


def _as_json(found: list[Outcome]) -> dict[str, Any]:
    return {
        "checks": [
            {
                "check": each.check,
                "level": each.level,
                "findings": len(each.findings),
                "waived": each.waived,
                "baseline": len(each.accepted),
                "broken": each.broken,
                "skipped": each.skipped,
            }
            for each in found
        ],
        "findings": [_finding(finding) for each in found for finding in each.findings],
    }


def _finding(each: Found) -> dict[str, Any]:
    names = ("check", "level", "split", "where", "document_id", "paragraph_id", "start", "end", "surface")
    return {name: getattr(each, name) for name in (*names, "message", "hint", "key")}


def _print(found: list[Outcome]) -> None:
    for outcome in found:
        if not outcome.findings:
            continue
        click.secho(f"{outcome.level}: {outcome.check}: {len(outcome.findings)} found", bold=True)
        for each in outcome.findings[:SHOWN]:
            click.echo(f"  {each.line}")
        if len(outcome.findings) > SHOWN:
            click.echo(f"  … and {len(outcome.findings) - SHOWN} more; --json shows all")
        click.echo(f"  to mend: {outcome.findings[0].hint} (corpus audit --explain {outcome.check})")
    counts = Counter({"error": 0, "warning": 0, "note": 0})
    for outcome in found:
        counts[outcome.level] += len(outcome.findings)
    said = ", ".join(f"{count} {level}s" for level, count in counts.items())
    waived, old = sum(each.waived for each in found), sum(len(each.accepted) for each in found)
    click.echo(f"{len(found)} checks: {said}; {waived} waived, {old} in the baseline")


def _explain(name: str) -> None:
    from corpus.audit import checks, explain, page

    if name == "all":
        click.echo(page(checks()), nl=False)
        return
    told = explain(name)
    click.secho(f"{told.check} ({told.level})", bold=True)
    click.echo(f"{told.message}.\n\n{told.text}")


@contextmanager
def _shown() -> Iterator[Callable[[int, int, str], None] | None]:
    """Show how far the audit is where somebody sits at a terminal; nothing is loaded for it elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cleaning", total=None)
        yield lambda done, total, what: bar.update(task, completed=done, total=total, description=what)


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--json", "json_", is_flag=True, help="Print all findings as one JSON object.")
@click.option("--explain", "name", metavar="ID", help="Explain a check instead, or `all`.")
@click.option("--baseline", is_flag=True, help="Accept all present findings as old; later, only tighten.")
@click.pass_context
def command(ctx: click.Context, root: Path, name: str | None, *, json_: bool, baseline: bool) -> None:
    """Audit the corpus project at ROOT: its integrity, its consistency, its splits, its pages.

    Each finding says where, what and how to mend, and ends with the key by which annotations/waivers.yaml can
    accept it. Exits with 1 where there is a finding at error level. With --baseline the findings are
    written to annotations/baseline.yaml and accepted from then on; run again, it only takes mended ones out.
    """
    if name is not None:
        _explain(name)
        return
    from corpus.auditing import outcomes, tighten

    with _shown() as tell:
        found = outcomes(root, progress=tell)
    if baseline:
        kept, gone = tighten(root, found)
        click.echo(f"annotations/baseline.yaml holds {kept} findings; {gone} mended ones taken out", err=True)
        ctx.exit(0)
    if json_:
        click.echo(json.dumps(_as_json(found), ensure_ascii=False))
    else:
        _print(found)
    ctx.exit(1 if any(each.level == "error" and each.findings for each in found) else 0)
