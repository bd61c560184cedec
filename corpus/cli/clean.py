"""`corpus clean`: clean pages anywhere, inside a project or not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus import raw
from corpus.clean import explain
from corpus.errors import CorpusError
from corpus.language import detect
from corpus.ledger import changes, totals
from corpus.pages import clean_body, clean_page
from corpus.records import Document, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator


def _pages(paths: tuple[Path, ...]) -> Iterator[Page | Quarantined]:
    for path in paths:
        if path.is_dir():
            files, quarantined = raw.find(path, distinct=False)
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
    language = detect(document.text, facts.value("language"))
    made: dict[str, Any] = {
        "path": document.raw_path,
        "document_id": document.document_id,
        "title": document.title,
        "url": facts.value("url"),
        "publisher": facts.value("publisher"),
        "author": facts.value("author"),
        "published_at": facts.value("published_at"),
        "modified_at": facts.value("modified_at"),
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


def _explain(document: Document) -> list[dict[str, Any]]:
    url = document.metadata.value("url")
    return [
        {
            **each._asdict(),
            "chances": {name: round(chance, 4) for name, chance in each.chances.items()},
            "features": {name: round(value, 4) for name, value in each.features.items()},
        }
        for each in explain(document.raw, document.format, url)
    ]


def _print_grounds(document: Document) -> None:
    click.secho(f"── {document.raw_path}", dim=True)
    for row in _explain(document):
        chances = ", ".join(f"{name} {chance:.2f}" for name, chance in row["chances"].items())
        words = f"; named {', '.join(row['words'])}" if row["words"] else ""
        click.secho(f"{row['role']} by {row['rule']}", bold=True, nl=False)
        click.echo(f"  ({row['meaning']}{'; ' if chances else ''}{chances}{words})")
        click.echo(f"  {_harmless(row['text'])[:100]}")


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Pages that `corpus clean --json --blocks` printed, by document id."""
    pages = {}
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            page = json.loads(line)
            pages[str(page["document_id"])] = {"blocks": page["blocks"]}
        except (ValueError, KeyError, TypeError) as error:
            found = f"{path}:{number}: not a line of `corpus clean --json --blocks` ({error})"
            raise CorpusError(f"{found}; print both versions so, then compare them") from None
    return pages


def _diff(before: Path, after: Path, *, json_: bool) -> None:
    """Print what two cleanings of the same pages do differently, rule by rule."""
    old, new = _read(before), _read(after)
    found = []
    for document_id in sorted(old.keys() & new.keys()):
        try:
            found += changes(document_id, old[document_id]["blocks"], new[document_id]["blocks"])
        except ValueError as error:
            raise CorpusError(str(error)) from None
    for change in found if json_ else []:
        click.echo(json.dumps(change._asdict(), ensure_ascii=False))
    if json_:
        return
    for (was, now), count in totals(found).items():
        click.secho(f"{count:>9,}  {was[0]} by {was[1]} -> {now[0]} by {now[1]}", bold=True)
        examples = [c for c in found if (c.before, c.after) == (was, now) and c.text]
        for change in examples[:3]:
            click.echo(f"           {change.document_id}:{change.raw_start}  {_harmless(change.text)[:70]}")
    for title, ids in (("only before", old.keys() - new.keys()), ("only after", new.keys() - old.keys())):
        if ids:
            click.echo(f"{title}: {', '.join(sorted(ids))}")
    if not found:
        click.echo(f"{len(old.keys() & new.keys())} pages, no difference")


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, allow_dash=True),
)
@click.option("--json", "json_", is_flag=True, help="Print one JSON object a page and line.")
@click.option("--blocks", is_flag=True, help="Show every block of the page: its raw place, role and rule.")
@click.option("--explain", "explain_", is_flag=True, help="Show why each piece of text was kept or dropped.")
@click.option(
    "--diff", is_flag=True, help="Compare two files that --json --blocks printed: what changed its fate."
)
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[Path, ...], *, json_: bool, blocks: bool, explain_: bool, diff: bool
) -> None:
    """Clean the pages in PATHS (files or folders, `-` for standard input) and print their main text.

    A page that cannot be read is named on standard error; the others are still printed, and the exit code is
    then 2.
    """
    if diff:
        if len(paths) != 2:
            raise click.UsageError(f"--diff compares two files; found {len(paths)}")
        _diff(*paths, json_=json_)
        return
    unreadable = 0
    for document in _documents(paths):
        if isinstance(document, Quarantined):
            unreadable += 1
            record = f"#{document.record_id}" if document.record_id else ""
            click.echo(f"corpus: {document.raw_path}{record}: {document.reason}", err=True)
        elif json_:
            made = as_json(document, blocks=blocks) | ({"explain": _explain(document)} if explain_ else {})
            click.echo(json.dumps(made, ensure_ascii=False))
        elif explain_:
            _print_grounds(document)
        else:
            _print(document, blocks=blocks)
    ctx.exit(2 if unreadable else 0)
