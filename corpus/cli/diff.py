"""`corpus diff`: what changed between two published datasets, and which version that asks for."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.diff import diff, edition
from corpus.publish.notes import as_changelog, as_markdown, as_text
from corpus.publish.versions import enough, least, needed

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@click.option("--json", "form", flag_value="json", help="Print everything as one JSON object.")
@click.option("--markdown", "form", flag_value="markdown", help="Print release notes.")
@click.option("--changelog", "form", flag_value="changelog", help="Draft an entry for a changelog.")
def command(old: Path, new: Path, form: str | None) -> None:
    """Tell what changed from OLD to NEW, two dataset folders or projects that hold one in published/.

    Documents and paragraphs added, removed, with another text; annotations added, removed, relabelled,
    moved; splits and columns changed; and the step of the semantic version that this asks for.
    """
    changed = diff(edition(_published(old)), edition(_published(new)))
    if form == "json":
        asked = needed(changed)
        verdict = {
            "needed": asked,
            "least_version": least(changed.old_version, asked),
            "enough": enough(changed.old_version, changed.new_version, asked),
        }
        click.echo(json.dumps(verdict | changed.as_json(), ensure_ascii=False))
    else:
        tell = {"markdown": as_markdown, "changelog": as_changelog}.get(form or "", as_text)
        click.echo(tell(changed), nl=False)


def _published(folder: Path) -> Path:
    return folder if (folder / "MANIFEST.json").is_file() else folder / "published"
