"""The semantic version of a dataset, and the step that a change of its rows asks of it.

major: a config or column is gone, of another kind or another meaning, a class label is gone or has another
number (a program that reads them breaks); a document changed its split (scores do not compare, a model may
have seen the row).
minor: rows were added, removed, changed or relabelled, a config, a column or a last class label is new
(results change, programs do not). patch: nothing in the rows, such as the card, the datasheet, guidelines.

Before 1.0.0 nothing is promised (semver, 4): there a minor step is enough for what is major later. A
pre-release such as `0.2.0-dev` (semver, 9) promises nothing either: while a corpus is being made, its rows
may change from build to build; `corpus diff` with the last release tells which version the next one needs.
https://semver.org/spec/v2.0.0.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from corpus.diff import APART, columns, diff, edition
from corpus.errors import CorpusError, PublishError
from corpus.publish import manifest
from corpus.records import Finding
from corpus.schema.project import CORPUS_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from corpus.diff import Column, Diff, Edition

STEPS = ("none", "patch", "minor", "major")
"""From no step to the greatest."""

_MOST_ROWS = 100_000
"""Rows of an edition up to which a refusal names every kind of change: a row takes some 1.5 kB of memory
(the reference corpus compared with itself after an edit: 13.5 MB for 8,891 rows)."""

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,99}))?", re.ASCII)


class VersionError(PublishError):
    """The version does not say what happened to the rows; the old edition stands. `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.where}: {finding.message}; {finding.hint}")
        self.finding = finding


class Version(NamedTuple):
    """A semantic version. `pre` is its pre-release, empty where it has none."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @classmethod
    def read(cls, text: str) -> Version:
        """Read a version; CorpusError where it is none."""
        found = _VERSION.fullmatch(text)
        if not found:
            raise CorpusError(f"found the version {text[:40]!r}; expected a semantic one such as 1.2.0")
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4] or "")

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    @property
    def rank(self) -> tuple[object, ...]:
        """What versions are ordered by (semver, 11): a pre-release comes before its release.

        >>> versions = ["1.0.0", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0-rc", "0.9.0"]
        >>> sorted(versions, key=lambda version: Version.read(version).rank)
        ['0.9.0', '1.0.0-rc', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0']
        """
        parts = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre.split(".") if part
        )
        return (self.major, self.minor, self.patch, not self.pre, parts)


def is_version(text: str) -> bool:
    """Whether a text is a version that `Version.read` reads."""
    return _VERSION.fullmatch(text) is not None


def needed(changed: Diff) -> str:
    """Tell the step that a diff asks for, by the table above: `major`, `minor`, `patch`."""
    if changed.splits or any(_breaks(column) for column in changed.columns):
        return "major"
    return "minor" if changed.rows or changed.columns else "patch"


def _breaks(column: Column) -> bool:
    """Whether a program that reads the column breaks; class labels added at the end break none.

    >>> from corpus.diff import Column
    >>> _breaks(Column("stance/label", "label: favor, none", "label: favor, none, neutral"))
    False
    >>> _breaks(Column("stance/label", "label: favor, none", "label: against, favor, none"))
    True
    """
    if column.old is None:
        return False
    return column.new is None or not ("label: " in column.old and column.new.startswith(f"{column.old}, "))


def step(old: str, new: str) -> str:
    """Tell the step from one version to a later one.

    >>> [step("1.2.3", new) for new in ("1.2.4", "1.3.0", "2.0.0", "1.2.3")]
    ['patch', 'minor', 'major', 'none']
    """
    before, after = Version.read(old), Version.read(new)
    for place, name in ((0, "major"), (1, "minor"), (2, "patch")):
        if before[place] != after[place]:
            return name
    return "none" if before == after else "patch"


def enough(old: str, new: str, step_needed: str) -> bool:
    """Whether the version `new` says so much: a pre-release on either side may, since it promises nothing.

    >>> enough("0.1.0", "0.2.0", "major"), enough("1.1.0", "1.2.0", "major")
    (True, False)
    """
    before, after = Version.read(old), Version.read(new)
    if before.pre or after.pre:
        return True
    asked = "minor" if before.major == 0 and step_needed == "major" else step_needed
    return STEPS.index(step(old, new)) >= STEPS.index(asked)


def least(old: str, step_needed: str) -> str:
    """Tell the smallest version after `old` that says so much.

    >>> least("0.1.0", "major"), least("1.4.2", "major"), least("1.4.2", "patch"), least("0.2.0-dev", "minor")
    ('0.2.0', '2.0.0', '1.4.3', '0.2.0')
    """
    before = Version.read(old)
    if before.pre:
        return str(before._replace(pre=""))
    if step_needed == "major" and before.major:
        return f"{before.major + 1}.0.0"
    if step_needed in {"major", "minor"}:
        return f"{before.major}.{before.minor + 1}.0"
    return f"{before.major}.{before.minor}.{before.patch + (step_needed == 'patch')}"


def insist(old: Path, new: Path) -> None:
    """Raise VersionError where the edition in `new` may not take the place of the one in `old`.

    Its version is lower, or its rows or columns are others and the version does not say so. Nothing is asked
    where `old` is no whole published folder or another corpus's. Where the old rows cannot be read any more,
    a minor step is asked for rows whose digests differ: a damaged folder can still be built anew.
    """
    try:
        before, after = manifest.read(old), manifest.read(new)
        was, now = str(before["version"]), str(after["version"])
        ranks = Version.read(was).rank, Version.read(now).rank
    except (CorpusError, KeyError):
        return
    if not before.get("complete") or before.get("name") != after.get("name"):
        return
    if ranks[1] < ranks[0]:
        raise VersionError(
            _finding("version-backwards", f"{now}, but {was} is published", _hint(was, "patch"))
        )
    if Version.read(was).pre or Version.read(now).pre or not _differs(old, new, before, after):
        return
    asked = _asked(old, new)
    if not enough(was, now, asked):
        what = _told(old, new, before, after)
        message = f"{now} after {was}, but what is published would change: {what}"
        raise VersionError(_finding("version-not-raised", message, _hint(was, asked)))


def _asked(old: Path, new: Path) -> str:
    """Tell the step that editions which differ ask for: columns and splits decide, no row need be paired."""
    try:
        before, after = (edition(folder, ("documents",)) for folder in (old, new))
        schema = diff(before._replace(tables={}), after._replace(tables={}))
        breaks = needed(schema) == "major" or _documents(before, after)["document{} in another split"]
    except CorpusError:
        return "minor"
    return "major" if breaks else "minor"


def _told(old: Path, new: Path, before: dict[str, object], after: dict[str, object]) -> str:
    """Sum up what changed; of large corpora only their documents, since rows are paired in memory."""
    try:
        if max(_rows(before), _rows(after)) <= _MOST_ROWS:
            return told(diff(edition(old), edition(new)))
        documents = _documents(*(edition(folder, ("documents",)) for folder in (old, new)))
    except CorpusError as error:
        return f"the old rows cannot be read ({error})"
    return _counts(documents) or "rows of the same documents"


def _documents(old: Edition, new: Edition) -> dict[str, int]:
    """Count the documents that came, went or changed, by what they did."""
    tables = [each.tables.get("documents", pl.DataFrame(schema=_DEALT)) for each in (old, new)]
    shared = [name for name in tables[0].columns if name in tables[1].columns]
    facts = pl.struct(sorted(set(shared) - APART)).struct.json_encode().hash()
    page = pl.struct(sorted(set(shared) & {"raw_sha256"} or _DEALT)).struct.json_encode().hash()
    before, after = (table.select("document_id", "split", facts=facts, page=page) for table in tables)
    both = before.join(after, on="document_id")
    changed = {
        name: both.filter(pl.col(name) != pl.col(f"{name}_right")).height for name in before.columns[1:]
    }
    return {
        "document{} added": after.height - both.height,
        "document{} removed": before.height - both.height,
        "document{} with other facts": changed["facts"],
        "document{} of another page": changed["page"],
        "document{} in another split": changed["split"],
    }


_DEALT = {"document_id": pl.String, "split": pl.String}


def _rows(read: dict[str, object]) -> int:
    tables = read.get("tables")
    sizes = (table.get("rows") for table in tables.values()) if isinstance(tables, dict) else ()
    return sum(size for size in sizes if isinstance(size, int))


def _differs(old: Path, new: Path, before: dict[str, object], after: dict[str, object]) -> bool:
    """Whether digests of rows or declared columns differ: then a closer look is worth its time."""
    same = (_digests(read) | {"schema": read.get("schema_version")} for read in (before, after))
    if len({json.dumps(each, sort_keys=True) for each in same}) > 1:
        return True
    try:
        return columns(old) != columns(new)
    except CorpusError:
        return False


def _digests(read: dict[str, object]) -> dict[str, object]:
    tables = read.get("tables")
    if not isinstance(tables, dict):
        return {}
    return {name: table.get("sha256") if isinstance(table, dict) else None for name, table in tables.items()}


def _finding(check: str, found: str, hint: str) -> Finding:
    return Finding(check, "error", CORPUS_FILE, f"found version {found}", hint)


def _hint(was: str, asked: str) -> str:
    return (
        f"set `version: {least(was, asked)}` or a later one (a pre-release such as "
        f"{least(was, asked)}-dev may change from build to build); `corpus diff` shows what changed"
    )


def told(changed: Diff) -> str:
    """Sum a diff up in one line.

    >>> from corpus.diff import Dealt, Diff
    >>> told(Diff("1.0.0", "1.0.0", None, splits=(Dealt("a", "train", "test"),), documents_added=("b", "c")))
    '2 documents added, 1 document in another split'
    """
    counts = {
        "document{} added": len(changed.documents_added),
        "document{} removed": len(changed.documents_removed),
        "document{} with other facts": len(changed.facts),
        "paragraph{} added": len(changed.paragraphs_added),
        "paragraph{} removed": len(changed.paragraphs_removed),
        "paragraph{} with another text": len(changed.paragraphs_changed),
        "annotation{} added": len(changed.annotations_added),
        "annotation{} removed": len(changed.annotations_removed),
        "annotation{} relabelled": len(changed.annotations_relabelled),
        "annotation{} moved": len(changed.annotations_moved),
        "document{} in another split": len(changed.splits),
        "column{} changed": len(changed.columns),
    }
    if not any(counts.values()) and changed.rows:
        return f"{sum(map(sum, changed.rows.values())):,} rows of {', '.join(changed.rows)}"
    return _counts(counts) or "nothing in the rows"


def _counts(counts: Mapping[str, int]) -> str:
    parts = (f"{count:,} {what.format('s' if count != 1 else '')}" for what, count in counts.items() if count)
    return ", ".join(parts)
