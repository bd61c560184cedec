"""`corpus init`: a new corpus project."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click

from corpus.errors import ProjectError

FOLDERS = ("raw/my-source", "annotations/entity", "annotations/stance")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Start a corpus project in FOLDER, which is made where it is missing.

    Nothing that stands there is overwritten: where a file of the project is there already, none is written.
    """
    with as_file(files("corpus") / "template") as template:
        sources = sorted(path for path in template.rglob("*") if path.is_file())
        texts = {path.relative_to(template): path.read_text("utf-8") for path in sources}
    there = [str(name) for name in texts if (folder / name).exists()]
    if there:
        raise ProjectError(f"{folder} holds {', '.join(there)} already; choose another folder")
    for below in FOLDERS:
        (folder / below).mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    click.echo(f"Started a corpus project in {folder}: read {folder / 'README.md'} for the next step.")
