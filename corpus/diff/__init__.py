"""What changed between two editions of a published dataset, row by row.

Documents are paired by their id. A document's paragraphs are paired by their id, which is of their text; what
is left between two paired ones is paired in order where the texts are alike, and is then a changed text. An
annotation is paired by its id, else by its place: same annotator, layer and target on the same text. A place
counts in the paragraph's counterpart, so a sentence added above moves nothing.

The schema is that of the cards: configs, columns, kinds, and the class labels in their order, since readers
are given their numbers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.diff.editions import Edition, columns, edition, keyed
from corpus.diff.judgements import Judged, judgements
from corpus.diff.texts import Changed, paired, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

APART = frozenset({"split", "raw_sha256", "raw_chars", "kept_chars", "paragraphs"})
"""The columns of a document that are no facts of it: its split, its page and its sizes."""

__all__ = [
    "APART",
    "Changed",
    "Column",
    "Counts",
    "Dealt",
    "Diff",
    "Edition",
    "Judged",
    "columns",
    "diff",
    "edition",
]


class Dealt(NamedTuple):
    """A document that changed its split."""

    document_id: str
    old: str
    new: str


class Column(NamedTuple):
    """A column, `config/column`, that was added, removed or changed its kind; None where there is none."""

    name: str
    old: str | None
    new: str | None


class Counts(NamedTuple):
    """How many rows of a config were added, removed, and changed under their key."""

    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from an old edition to a new one, part by part; empty where nothing did.

    `rows` counts all rows of each config that has changes, whatever the other parts say of them. `facts` are
    documents whose own row changed, other than in its text: id -> the columns.
    """

    old_version: str
    new_version: str
    released: str | None
    columns: tuple[Column, ...] = ()
    splits: tuple[Dealt, ...] = ()
    documents_added: tuple[str, ...] = ()
    documents_removed: tuple[str, ...] = ()
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    paragraphs_added: tuple[Changed, ...] = ()
    paragraphs_removed: tuple[Changed, ...] = ()
    paragraphs_changed: tuple[Changed, ...] = ()
    annotations_added: tuple[Judged, ...] = ()
    annotations_removed: tuple[Judged, ...] = ()
    annotations_relabelled: tuple[Judged, ...] = ()
    annotations_moved: tuple[Judged, ...] = ()
    rows: dict[str, Counts] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the diff as JSON values."""
        return {
            name: [each._asdict() if hasattr(each, "_asdict") else each for each in value]
            if isinstance(value, tuple)
            else value
            for name, value in (asdict(self) | {"rows": _plain(self.rows)}).items()
        }


def _plain(rows: Mapping[str, Counts]) -> dict[str, dict[str, int]]:
    return {config: counts._asdict() for config, counts in rows.items()}


def diff(old: Edition, new: Edition) -> Diff:
    """Tell what changed from `old` to `new`."""
    before, after = keyed(old, "documents"), keyed(new, "documents")
    both = sorted(before.keys() & after.keys())
    pairs = paired(old, new, both)
    added, removed, changed = texts(old, new, pairs)
    judged = judgements(old, new, pairs)
    return Diff(
        old_version=old.version,
        new_version=new.version,
        released=new.released,
        columns=tuple(_columns(old.columns, new.columns)),
        splits=tuple(
            Dealt(name, before[name]["split"], after[name]["split"])
            for name in both
            if before[name]["split"] != after[name]["split"]
        ),
        documents_added=tuple(sorted(after.keys() - before.keys())),
        documents_removed=tuple(sorted(before.keys() - after.keys())),
        facts={name: facts for name in both if (facts := _facts(before[name], after[name]))},
        paragraphs_added=added,
        paragraphs_removed=removed,
        paragraphs_changed=changed,
        annotations_added=judged["added"],
        annotations_removed=judged["removed"],
        annotations_relabelled=judged["relabelled"],
        annotations_moved=judged["moved"],
        rows={
            config: counts
            for config in sorted(old.tables.keys() | new.tables.keys())
            if any(counts := _row_counts(old, new, config))
        },
    )


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the columns of a document's row that differ, its split and its sizes aside."""
    names = [name for name in before if name in after and name not in APART]
    return tuple(name for name in names if before[name] != after[name])


def _row_counts(old: Edition, new: Edition, config: str) -> Counts:
    if config in old.tables and config in new.tables and old.tables[config].equals(new.tables[config]):
        return Counts(0, 0, 0)
    before, after = keyed(old, config), keyed(new, config)
    shared = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in shared)
    return Counts(len(after) - len(shared), len(before) - len(shared), changed)


def _columns(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Column]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Column(name, before.get(name), after.get(name))
