"""Parts -> what is published of them: validated, nested, digested, and kept by key for the next build.

All that a build does with the rows of a part it does once, in any process, and keeps in the store: the
published frames by config and split, sorted by their keys; the digests of their rows; and facts, small enough
to be held for all parts. What no part can tell alone (`corpus.publish.suspects`) is asked of the facts.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from corpus import code
from corpus.errors import PublishError
from corpus.publish import standoff, suspects
from corpus.publish.digest import row_digests
from corpus.publish.nest import nested
from corpus.publish.tokens import misfits
from corpus.schema.forms import arrow_schema, label_names
from corpus.schema.frames import Corpus
from corpus.schema.parts import Part
from corpus.schema.sound import sound
from corpus.schema.tables import PUBLISHED
from corpus.store import Store, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from corpus.publish.digest import Digests
    from corpus.records import Finding
    from corpus.schema.project import Project

    Map = Callable[[Callable[[Part], str], Sequence[Part]], Iterable[str]]

KIND = "finished"
_FACTS = "facts.json"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_PARTS = (
    *("publish/digest.py", "publish/finished.py", "publish/nest.py", "publish/standoff.py"),
    *("publish/suspects.py", "publish/tokens.py", "records.py", "schema", "store.py"),
)
_LIBRARIES = ("numpy", "pandera", "polars", "pyarrow", "regex")


class Rows(NamedTuple):
    """The published rows of a part in a config and split: how many, the first one's key, and what they say.

    `digest` is of all rows, `full` of those from which text is withheld, empty where none is.
    """

    height: int = 0
    first: tuple[Any, ...] = ()
    digest: str = ""
    full: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with a part; it can be sent to other processes, as can the parts.

    `trusted` rows are taken as valid.
    """

    project: Project
    store: Store
    version: str
    trusted: bool = False

    @classmethod
    def of(cls, project: Project, store: Store, *, trusted: bool = False) -> Work:
        """Make the work of a project, under a version that tells all that results depend on but the part."""
        labels = {each: label_names(each, project) for each in ("annotation", "entity", "stance", "target")}
        told = json.dumps([_code(), labels, project.text, trusted], ensure_ascii=False)
        return cls(project, store, hashlib.sha256(told.encode()).hexdigest(), trusted)

    def key(self, part: Part) -> str:
        """Return the key of what becomes of a part."""
        return hashlib.sha256(f"{self.version} {part.key}".encode()).hexdigest()

    def __call__(self, part: Part) -> str:
        """Finish a part and return its key in the store. Raises OSError where no disk takes it."""
        tables = part.load()
        span = (part.document_ids[0], part.document_ids[-1]) if part.document_ids else None
        write = partial(self._write, tables)
        self.store.put(KIND, self.key(part), write, span)
        return self.key(part)

    def facts(self, part: Part) -> Mapping[str, Any] | None:
        """Recall the facts of a part, None where it is not finished."""
        held = self.store.read(KIND, self.key(part), _FACTS)
        return json.loads(held) if held else None

    def read(self, part: Part, name: str) -> bytes:
        """Read a file of a finished part; one that was damaged since is made again."""
        for _ in range(2):
            held = self.store.read(KIND, self.key(part), name)
            if held is not None:
                return held
            self(part)
        raise PublishError(
            f"{self.store.folder}: found no whole {name} where one was just written; expected a disk that "
            "keeps what it is given; mend it and build again"
        )

    def _write(self, tables: Mapping[str, pl.DataFrame], to: Path) -> None:
        good = self.trusted or sound(tables, self.project)
        facts: dict[str, Any] = {"sound": good, **_counted(tables), "rows": {}}
        if good:
            facts |= _valid(tables)
            for config, split, rows in nested(Corpus(tables, self.project)):
                told = _put(to, config, split, rows, self.project.text)
                facts["rows"].setdefault(config, {})[split] = told
        for name, rows in suspects.asked(tables).items():
            write_frame(rows, to / name)
        (to / _FACTS).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


class Piece(NamedTuple):
    """A finished part, and its facts."""

    part: Part
    work: Work
    facts: Mapping[str, Any]

    @property
    def result(self) -> tuple[str, str]:
        """Where the store has it: kind and key."""
        return KIND, self.work.key(self.part)

    def height(self, config: str, split: str) -> int:
        """Count the published rows of a config and split."""
        told = self.facts["rows"].get(config, _NOTHING).get(split)
        return told[0] if told else 0

    def rows(self, config: str, split: str) -> Rows:
        """Tell of the published rows of a config and split."""
        told = self.facts["rows"].get(config, {}).get(split)
        return Rows(told[0], tuple(told[1]), *told[2:]) if told else Rows()

    def table(self, config: str, split: str) -> pa.Table:
        """Read the published rows, sorted by their key, as they are written."""
        import pyarrow as pa

        held = pa.py_buffer(self.work.read(self.part, f"{config}.{split}.arrow"))
        alone = pa.ipc.IpcReadOptions(use_threads=False)  # a thread has a heap of its own
        return pa.ipc.open_file(held, options=alone).read_all().cast(arrow_schema(PUBLISHED[config]))

    def digests(self, config: str, split: str, *, full: bool = False) -> Digests:
        """Read the sorted digests of the rows, or of the full rows where their text is withheld."""
        name = f"{config}.{split}.{'full' if full else 'digests'}"
        return np.frombuffer(self.work.read(self.part, name), np.uint8).reshape(-1, 32)


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished corpus: its pieces in the order of their documents, and what a build reports of it.

    `documents`, `paragraphs`, `untagged` and `widened` count what is valid, `raw_chars` and `ledger` (raw
    characters by role and rule) all there is. `used` are the results in the store that it stands on.
    """

    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]
    documents: int
    paragraphs: int
    raw_chars: int
    ledger: dict[tuple[str, str], int]
    untagged: int
    widened: int
    work: Work

    @property
    def published_ledger(self) -> dict[tuple[str, str], int]:
        """The raw characters of what is published, by role and rule."""
        return _ledger(self.pieces)

    @property
    def used(self) -> frozenset[tuple[str, str]]:
        """The results that must stay in the store for the next build, by kind and key."""
        return frozenset(piece.result for piece in self.pieces)


def finish(parts: Sequence[Part], project: Project, store: Store, map_: Map = map) -> Finished:
    """Validate and finish the parts of a corpus; those that were finished before are recalled.

    `map_` calls a function on parts, in any processes, and gives the results. The findings are those of
    `corpus.schema.validate` on the whole corpus; only parts in which something is wrong are held in memory.
    Raises PublishError where no disk takes the results.
    """
    return _finish(parts, Work.of(project, store), map_)


def trust(parts: Sequence[Part], project: Project, store: Store) -> Finished:
    """Finish the parts of a corpus that is known to be valid."""
    return _finish(parts, Work.of(project, store, trusted=True), map)


def _finish(parts: Sequence[Part], work: Work, map_: Map) -> Finished:
    try:
        pieces = _pieces(parts, work, map_)
        wrong = [] if work.trusted else _suspects(pieces, work)
        findings: tuple[Finding, ...] = ()
        good = [piece for number, piece in enumerate(pieces) if number not in set(wrong)]
        counts = [piece.facts for piece in good]
        if wrong:
            given = [piece.facts["given"] for piece in pieces]
            clean, findings = suspects.judged(parts, given, wrong, work.project)
            counts.append(_valid(clean.tables))
            if not findings:  # rows of one document in two parts, or of a kind that was cast
                good.insert(wrong[0], _whole([parts[number] for number in wrong], clean, work))
    except OSError as error:
        raise PublishError(
            f"{work.store.folder}: found that the disk refuses ({error.strerror or error}); expected room "
            "for what a build works out; mend that and build again"
        ) from error
    return Finished(
        pieces=tuple(good),
        findings=findings,
        **{name: sum(each[name] for each in counts) for name in _VALID},
        raw_chars=sum(piece.facts["raw_chars"] for piece in pieces),
        ledger=_ledger(pieces),
        work=work,
    )


def _pieces(parts: Sequence[Part], work: Work, map_: Map) -> list[Piece]:
    facts = [work.facts(part) for part in parts]
    todo = [part for part, known in zip(parts, facts, strict=True) if known is None]
    for _ in map_(work, todo):
        pass
    return [
        Piece(part, work, known or json.loads(work.read(part, _FACTS)))
        for part, known in zip(parts, facts, strict=True)
    ]


def _suspects(pieces: Sequence[Piece], work: Work) -> list[int]:
    return suspects.find(
        [piece.part for piece in pieces],
        [bool(piece.facts["sound"]) for piece in pieces],
        [piece.facts["given"] for piece in pieces],
        lambda number, name: work.read(pieces[number].part, name),
    )


def _whole(parts: Sequence[Part], clean: Corpus, work: Work) -> Piece:
    """Finish valid tables of some parts as one piece."""
    ids = tuple(sorted(name for part in parts for name in part.document_ids))
    key = hashlib.sha256("".join(part.key for part in parts).encode()).hexdigest()
    trusting = replace(work, version=f"{work.version} trusted", trusted=True)
    (piece,) = _pieces([Part(key, ids, partial(_same, clean.tables))], trusting, map)
    return piece


def _same(tables: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    return tables


def _put(to: Path, config: str, split: str, rows: pl.DataFrame, text: str) -> list[object]:
    """Write the rows of a config and split, with their digests; tell how many, and the first one's key."""
    full = ""
    if text == "standoff":
        full = _put_digests(to / f"{config}.{split}.full", standoff.recoverable(config, rows))
        rows = standoff.blank(config, rows)
    write_frame(rows, to / f"{config}.{split}.arrow")
    digest = _put_digests(to / f"{config}.{split}.digests", rows)
    return [rows.height, list(rows.select(PUBLISHED[config].key).row(0)), digest, full]


def _put_digests(path: Path, rows: pl.DataFrame) -> str:
    digests = row_digests(rows).tobytes()
    path.write_bytes(digests)
    return hashlib.sha256(digests).hexdigest()


def _counted(tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Count what there is, valid or not: rows by table, raw characters, and these by role and rule."""
    chars = (pl.col("raw_end") - pl.col("raw_start")).sum()
    documents, blocks = tables.get("documents"), tables.get("blocks")
    ledger = [] if blocks is None else blocks.group_by("role", "rule").agg(chars).sort("role", "rule").rows()
    return {
        "given": {name: table.height for name, table in tables.items()},
        "raw_chars": 0 if documents is None else documents["raw_chars"].sum(),
        "ledger": ledger,
    }


_VALID = ("documents", "paragraphs", "untagged", "widened")


def _valid(tables: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Count what is valid, and the adjudicated mentions that IOB2 tags leave out or widen."""
    spans = tables["entities"].group_by("paragraph_id").agg(pl.struct("start", "end", "label").alias("spans"))
    marked = spans.join(tables["paragraphs"].select("paragraph_id", "text"), on="paragraph_id")
    counts = [
        misfits(text, [(span["start"], span["end"], span["label"]) for span in each])
        for text, each in marked.select("text", "spans").iter_rows()
    ]
    sizes = (tables["documents"].height, tables["paragraphs"].height)
    return dict(
        zip(_VALID, (*sizes, sum(left for left, _ in counts), sum(wider for _, wider in counts)), strict=True)
    )


def _ledger(pieces: Iterable[Piece]) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for piece in pieces:
        for role, rule, chars in piece.facts["ledger"]:
            counts[role, rule] += chars
    # A role or a rule may be missing where a table is broken: such a corpus is counted, and not published.
    return dict(sorted(counts.items(), key=lambda each: [(part is not None, part or "") for part in each[0]]))


@cache
def _code() -> str:
    return code.digest(_LIBRARIES, _PARTS)
