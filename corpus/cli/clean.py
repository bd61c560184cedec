"""`corpus clean`: clean pages anywhere, inside a project or not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import raw
from corpus.build import clean_body, clean_page
from corpus.language import detect
from corpus.records import Document, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator


def _pages(paths: tuple[Path, ...]) -> Iterator[Page | Quarantined]:
    for path in paths:
        if path.is_dir():
            files, quarantined = raw.find(path)
            yield from quarantined
            for file in files:
                yield from raw.read(file, path)
        else:
            yield from raw.read(path)


def _documents(paths: tuple[Path, ...]) -> Iterator[Document | Quarantined]:
    if [str(path) for path in paths] == ["-"]:
        yield clean_body(sys.stdin.buffer.read())
        return
    for page in _pages(paths):
        yield page if isinstance(page, Quarantined) else clean_page(page)


def as_json(document: Document, *, blocks: bool = False) -> dict[str, Any]:
    """Return the object that `corpus clean --json` prints for one page."""
    facts = document.metadata
    language = detect(document.text, facts.language.value if facts.language else None)
    made: dict[str, Any] = {
        "path": document.raw_path,
        "document_id": document.document_id,
        "title": document.title,
        "url": facts.url.value if facts.url else None,
        "publisher": facts.publisher.value if facts.publisher else None,
        "author": facts.author.value if facts.author else None,
        "published_at": facts.published_at.value if facts.published_at else None,
        "modified_at": facts.modified_at.value if facts.modified_at else None,
        "language": language.language,
        "script": language.script,
        "format": document.format,
        "encoding": document.encoding.name,
        "encoding_evidence": document.encoding.evidence,
        "replacements": document.encoding.replacements,
        "evidence": {name: fact.evidence for name in facts.__slots__ if (fact := getattr(facts, name))},
        "paragraphs": [
            {
                "paragraph_id": paragraph.paragraph_id,
                "text": paragraph.text,
                "role": paragraph.role,
                "raw_start": paragraph.raw_start,
                "raw_end": paragraph.raw_end,
                "segments": [segment._asdict() for segment in paragraph.segments],
            }
            for paragraph in document.paragraphs
        ],
        "text": document.text,
    }
    if blocks:
        made["blocks"] = [
            {
                "raw_start": block.raw_start,
                "raw_end": block.raw_end,
                "role": block.role,
                "rule": block.rule,
                "text": block.text,
            }
            for block in document.blocks
        ]
    return made


def _harmless(text: str) -> str:
    """Text without control characters: a page must not steer the terminal it is shown on."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _print(document: Document, *, blocks: bool) -> None:
    click.secho(f"── {document.raw_path}", dim=True)
    if document.title:
        click.secho(_harmless(document.title), bold=True)
    if blocks:
        for block in document.blocks:
            place = f"{block.raw_start}-{block.raw_end}"
            click.echo(f"{place:>15}  {block.role:<13} {block.rule:<24} {block.text[:60]!r}")
        return
    for paragraph in document.paragraphs:
        click.echo(f"\n{_harmless(paragraph.text)}")
    click.echo()


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, allow_dash=True),
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a page and line.")
@click.option("--blocks", is_flag=True, help="Show every block of the page: its raw place, role and rule.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], *, json_: bool, blocks: bool) -> None:
    """Clean the pages in PATHS (files or folders, `-` for standard input) and print their main text.

    A page that cannot be read is named on standard error; the others are still printed, and the exit code is
    then 2.
    """
    unreadable = 0
    for document in _documents(paths):
        if isinstance(document, Quarantined):
            unreadable += 1
            record = f"#{document.record_id}" if document.record_id else ""
            click.echo(f"corpus: {document.raw_path}{record}: {document.reason}", err=True)
        elif json_:
            click.echo(json.dumps(as_json(document, blocks=blocks), ensure_ascii=False))
        else:
            _print(document, blocks=blocks)
    ctx.exit(2 if unreadable else 0)
