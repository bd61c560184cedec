"""`corpus datasheet`: the figures of DATASHEET.md made anew, or checked."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path

import click

from corpus.cli._findings import show
from corpus.errors import CorpusError
from corpus.publish import manifest
from corpus.publish.card import DATASHEET
from corpus.publish.datasheet import check, fill, read, told
from corpus.publish.figures import Counted
from corpus.records import Finding

_MISSING = Finding(
    "datasheet-missing",
    "error",
    DATASHEET,
    "found no datasheet; expected one",
    "run `corpus datasheet`, which begins one with every question, and answer them",
)


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--check", "check_", is_flag=True, help="Change nothing; exit with 1 where anything is wrong.")
@click.option("--json", "json_", is_flag=True, help="Print the findings, one JSON object a line.")
@click.pass_context
def command(ctx: click.Context, root: Path, *, check_: bool, json_: bool) -> None:
    """Make the figures of ROOT/DATASHEET.md anew from ROOT/published.

    Only what stands between markers is written; prose is people's. Where there is no datasheet, one is begun
    with every question. Exits with 1 where a marker cannot be filled. With --check nothing is written, and a
    stale figure, a question without an answer, a note of something left to do, or a number in prose that the
    tables contradict exits with 1 as well.
    """
    counted = Counted.of(root / "published")
    text = read(root)
    if check_:
        findings = check(text, counted) if text is not None else (_MISSING,)
        shown = findings
    else:
        filled = fill(_template() if text is None else text, counted, partial(_measure, root / "published"))
        if filled.text != text:
            _write(root / DATASHEET, filled.text)
        done = "begun" if text is None else f"figures made anew: {len(filled.stale)}"
        click.echo(f"{root / DATASHEET}: {done}", err=json_)
        findings = check(filled.text, counted)
        shown = tuple(finding for finding in findings if finding.check == "datasheet-marker")
    if json_:
        for finding in findings:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
    else:
        show(shown)
        click.echo(f"Left to do: {told(findings)}." if findings else "Nothing is left to do.")
    ctx.exit(1 if shown else 0)


def _measure(published: Path, query: str) -> str | None:
    """Fit and score the bundled baselines, the one table that is measured; None and why where that fails."""
    if manifest.read(published).get("text") == "standoff":
        why = "this edition has no text; build with `publish.text: full`, run this, then build without again"
        click.echo(f"{query}: not measured: {why}", err=True)
        return None
    try:
        from corpus.baselines import table

        return table(published) or "No split has rows to learn from while another has rows to score."
    except (CorpusError, ImportError) as error:
        click.echo(f"{query}: not measured: {error}", err=True)
        return None


def _template() -> str:
    return (files("corpus") / "template" / DATASHEET).read_text("utf-8")


def _write(path: Path, text: str) -> None:
    """Write beside and rename: a crash leaves the old datasheet or the new one."""
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise CorpusError(
            f"{path}: cannot be written ({error.strerror}); the old one is whole; mend that and run it again"
        ) from error
