"""`corpus push`: the published folder to a dataset repository on the Hub."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.publish.push import Plan, push


@click.command()
@click.argument("repo")
@click.argument("root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--yes", is_flag=True, help="Push; without it only what would be done is shown.")
@click.option("--private", is_flag=True, help="Make the repository private, where it does not exist yet.")
@click.option("--json", "json_", is_flag=True, help="Print the plan as JSON.")
def command(repo: str, root: Path, *, yes: bool, private: bool, json_: bool) -> None:
    """Push what is published below ROOT to the dataset repository REPO (`owner/name`) on the Hub.

    One commit holds all of it, and the tag v<version> is set on it; a push that broke off is simply repeated.
    Nothing is pushed without --yes, and nothing over a version that was pushed with other content.
    """
    plan = push(root / "published", repo, private=private, dry_run=not yes)
    if json_:
        click.echo(json.dumps(plan._asdict() | {"pushed": yes}, ensure_ascii=False))
        return
    for verb, names in (("add", plan.added), ("remove", plan.removed)):
        for name in names:
            click.echo(f"{verb} {name}")
    click.echo(_summary(plan, pushed=yes))


def _summary(plan: Plan, *, pushed: bool) -> str:
    kept = f"{len(plan.unchanged)} files unchanged"
    if not pushed:
        new = "" if plan.parent else " (a new repository)"
        return f"Would push version {plan.version} to {plan.repo}{new}; {kept}. Nothing was pushed: add --yes"
    done = plan.commit or "nothing to commit"
    return f"Pushed version {plan.version} to {plan.repo}: {done}; {kept}"
