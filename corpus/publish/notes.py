"""A diff told to people: as text, as Markdown release notes, as an entry for a changelog.

What comes from pages and annotations is escaped in Markdown and stripped of control characters in text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from corpus.publish.card import escape
from corpus.publish.versions import Version, enough, least, needed, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.diff import Changed, Column, Dealt, Diff, Judged

_Kind = TypeVar("_Kind")

SHOWN = 20
"""Changes named a kind in release notes; their number is always told."""

_LONG = 60


def verdict(changed: Diff) -> str:
    """Say which version the new edition needs, and whether it has one that says enough.

    >>> from corpus.diff import Diff
    >>> verdict(Diff("1.0.0", "1.0.0", None, documents_added=("a",), rows={"documents": (1, 0, 0)}))
    'a minor step: 1.1.0 or later; the new edition says 1.0.0, which is not enough'
    """
    asked = needed(changed)
    after, smallest = changed.new_version, least(changed.old_version, asked)
    fits = enough(changed.old_version, after, asked) or (asked == "patch" and after == changed.old_version)
    outcome = "which is enough" if fits else "which is not enough"
    return f"a {asked} step: {smallest} or later; the new edition says {after}, {outcome}"


def as_text(changed: Diff) -> str:
    """Tell a diff in lines for a terminal, every change on one."""
    lines = [f"{changed.old_version} -> {changed.new_version}: {told(changed)}", f"needs {verdict(changed)}"]
    for title, changes in _parts(changed):
        lines += ["", f"{title}: {len(changes):,}", *(f"  {_plain(change)}" for change in changes)]
    lines += ["", *(f"rows of {_plain(name)}: {_rows(counts)}" for name, counts in changed.rows.items())]
    return "\n".join(lines).rstrip() + "\n"


def as_markdown(changed: Diff) -> str:
    """Tell a diff as release notes in Markdown; of each kind of change the first SHOWN are named."""
    after, before = Version.read(changed.new_version), Version.read(changed.old_version)
    lines = [f"# {after}\n", f"Since {before}: {told(changed)}.\n"]
    for title, changes in _parts(changed):
        lines += [f"## {title}: {len(changes):,}\n", *(f"- {escape(change)}" for change in changes[:SHOWN])]
        if len(changes) > SHOWN:
            lines.append(f"- … and {len(changes) - SHOWN:,} more")
        lines.append("")
    if changed.rows:
        lines += ["## Rows\n", "| config | added | removed | changed |", "|---|--:|--:|--:|"]
        lines += [
            f"| {_config(name)} | {' | '.join(f'{n:,}' for n in counts)} |"
            for name, counts in changed.rows.items()
        ]
    return "\n".join(lines).rstrip() + "\n"


def as_changelog(changed: Diff) -> str:
    """Draft an entry in the form of Keep a Changelog, for people to edit: what was counted, nothing guessed.

    It is for the new edition's version where that says enough, else for the smallest that does.
    """
    asked = needed(changed)
    fits = enough(changed.old_version, changed.new_version, asked)
    version = changed.new_version if fits else least(changed.old_version, asked)
    entries = {
        "Added": [
            (len(changed.documents_added), "document", ""),
            (len(changed.paragraphs_added), "paragraph", ""),
            (len(changed.annotations_added), "annotation", ""),
            (sum(column.old is None for column in changed.columns), "column", ""),
        ],
        "Changed": [
            (len(changed.paragraphs_changed), "paragraph", " with another text"),
            (len(changed.annotations_relabelled), "annotation", " relabelled"),
            (len(changed.annotations_moved), "annotation", " moved"),
            (len(changed.splits), "document", " in another split"),
            (len(changed.facts), "document", " with other facts"),
            (sum(None not in {column.old, column.new} for column in changed.columns), "column", ""),
        ],
        "Removed": [
            (len(changed.documents_removed), "document", ""),
            (len(changed.paragraphs_removed), "paragraph", ""),
            (len(changed.annotations_removed), "annotation", ""),
            (sum(column.new is None for column in changed.columns), "column", ""),
        ],
    }
    lines = [f"## [{version}]" + (f" - {changed.released}" if changed.released else ""), ""]
    for title, counted in entries.items():
        told_ = [f"- {n:,} {noun}{'s' if n != 1 else ''}{rest}." for n, noun, rest in counted if n]
        if told_:
            lines += [f"### {title}", "", *told_, ""]
    if len(lines) == 2:
        lines += ["### Changed", "", "- Card or datasheet; no row.", ""]
    return "\n".join(lines)


def _parts(changed: Diff) -> Iterator[tuple[str, list[str]]]:
    """Give every kind of change that there is: its title and a line a change."""
    parts: list[tuple[str, list[str]]] = [
        ("Columns changed", _lines(changed.columns, _column)),
        ("Documents in another split", _lines(changed.splits, _dealt)),
        ("Documents added", list(changed.documents_added)),
        ("Documents removed", list(changed.documents_removed)),
        ("Documents with other facts", [f"{n}: {', '.join(names)}" for n, names in changed.facts.items()]),
        ("Paragraphs added", _lines(changed.paragraphs_added, lambda p: f"{p.new_id}: {_short(p.new)}")),
        ("Paragraphs removed", _lines(changed.paragraphs_removed, lambda p: f"{p.old_id}: {_short(p.old)}")),
        ("Paragraphs with another text", _lines(changed.paragraphs_changed, _text)),
        ("Annotations added", _lines(changed.annotations_added, lambda j: f"{_who(j)}: {j.new}")),
        ("Annotations removed", _lines(changed.annotations_removed, lambda j: f"{_who(j)}: {j.old}")),
        ("Annotations relabelled", _lines(changed.annotations_relabelled, _judged)),
        ("Annotations moved", _lines(changed.annotations_moved, _judged)),
    ]
    return ((title, changes) for title, changes in parts if changes)


def _config(name: str) -> str:
    """Name a config; a folder from elsewhere may bear any name."""
    return f"`{name}`" if name.isidentifier() else escape(name)


def _lines(changes: Sequence[_Kind], line: Callable[[_Kind], str]) -> list[str]:
    return [line(change) for change in changes]


def _column(column: Column) -> str:
    if column.old is None:
        return f"{column.name} added: {column.new}"
    return f"{column.name}: {column.old} -> {column.new or 'removed'}"


def _dealt(dealt: Dealt) -> str:
    return f"{dealt.document_id}: {dealt.old} -> {dealt.new}"


def _text(change: Changed) -> str:
    """Show the first difference of two texts, with a little of what stands before it."""
    same = next((i for i, (a, b) in enumerate(zip(change.old, change.new, strict=False)) if a != b), None)
    at = max(0, (min(len(change.old), len(change.new)) if same is None else same) - 10)
    return f"{change.new_id}: {_short(change.old[at:])} -> {_short(change.new[at:])}"


def _who(judged: Judged) -> str:
    toward = f" toward {judged.target}" if judged.target else ""
    return f"{judged.annotator}, {judged.layer}{toward}, {judged.document_id}, {_short(judged.quote)}"


def _judged(judged: Judged) -> str:
    return f"{_who(judged)}: {judged.old or 'nowhere'} -> {judged.new or 'nowhere'}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:_LONG]}…”" if len(line) > _LONG else f"“{line}”"


def _plain(line: str) -> str:
    """Leave out control characters: what a page says is shown, never obeyed by a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)


def _rows(counts: Sequence[int]) -> str:
    added, removed, changed = counts
    return f"{added:,} added, {removed:,} removed, {changed:,} changed"
