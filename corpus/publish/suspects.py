"""What no part of a corpus can tell alone: which parts have to be validated together, and what is found then.

A part in which every rule holds is valid with the others, unless an id or a near-duplicate cluster of it
stands in another part too. All other parts are suspects, with the parts that their rows refer to. Validated
together they give the findings of the whole corpus, since all that is wrong in it is in them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import polars as pl

from corpus.schema.frames import Corpus
from corpus.schema.tables import FLAT
from corpus.schema.validate import Numbers, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from corpus.records import Finding
    from corpus.schema.parts import Part
    from corpus.schema.project import Project

    Read = Callable[[int, str], bytes]
    """Reads a file of `asked` of a part, by the number of the part."""

_DEALT = "dealt.arrow"
_IDS = {"annotations": "annotation_id", "entities": "entity_id"}
"""The tables whose keys do not begin with the id of a document, and these keys."""


def asked(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Make the small frames of a part that `find` asks for, by file name."""
    columns = {_DEALT: ("documents", ["duplicate_cluster", "split"])}
    columns |= {_ids(table): (table, [key]) for table, key in _IDS.items()}
    return {
        name: tables[table].select(names)
        for name, (table, names) in columns.items()
        if table in tables and tables[table].height and set(names) <= set(tables[table].columns)
    }


def find(
    parts: Sequence[Part], sound: Sequence[bool], given: Sequence[Mapping[str, int]], read: Read
) -> list[int]:
    """Name the parts that have to be validated together, by number.

    `sound` tells which parts are valid on their own, `given` how many rows of each table a part has.
    """
    wrong = {number for number, good in enumerate(sound) if not good}
    there = [number for number, rows in enumerate(given) if rows.get("documents")]
    dealt = _all(there, read, _DEALT).unique()
    if not dealt.is_empty():
        across = dealt.filter(pl.col("split").n_unique().over("duplicate_cluster") > 1)
        wrong.update(across["part"])
    for table, key in _IDS.items():
        there = [number for number, rows in enumerate(given) if rows.get(table)]
        ids = _all(there, read, _ids(table))
        if not ids.is_empty():
            wrong.update(ids.filter(pl.col(key).is_duplicated())["part"])
    return sorted(_with_referred(wrong, parts)) if wrong else []


def judged(
    parts: Sequence[Part], given: Sequence[Mapping[str, int]], wrong: Sequence[int], project: Project
) -> tuple[Corpus, tuple[Finding, ...]]:
    """Validate some parts together, as rows of the whole corpus: what is good of them, and the findings."""
    loaded = {number: parts[number].load() for number in wrong}
    tables: dict[str, pl.DataFrame] = {}
    rows: dict[str, pl.Series] = {}
    heights: dict[str, int] = {}
    for name in FLAT:
        ends, end = [], 0
        for each in given:
            ends.append(end)
            end += each.get(name, 0)
        heights[name] = end
        frames = {number: each[name] for number, each in loaded.items() if name in each}
        if frames:
            tables[name] = pl.concat(frames.values())
        numbers = [n for number, frame in frames.items() for n in _range(ends[number], frame.height)]
        rows[name] = pl.Series("row", numbers, dtype=pl.UInt32)
    return validate(Corpus(tables, project), Numbers(rows, heights))


def _range(start: int, count: int) -> range:
    return range(start, start + count)


def _ids(table: str) -> str:
    return f"{table}.ids.arrow"


def _all(numbers: Sequence[int], read: Read, name: str) -> pl.DataFrame:
    """Lay the files of that name of some parts one after another, with the number of the part."""
    import pyarrow as pa

    tables = [pa.ipc.open_file(pa.py_buffer(read(number, name))).read_all() for number in numbers]
    if not tables:
        return pl.DataFrame()
    whole = pl.DataFrame(pl.from_arrow(pa.concat_tables(tables)))
    counts = pl.Series([table.num_rows for table in tables])
    return whole.with_columns(part=pl.Series(numbers, dtype=pl.Int32).repeat_by(counts).explode())


def _with_referred(wrong: set[int], parts: Sequence[Part]) -> set[int]:
    """Add the parts whose documents are named by rows of wrong parts, and so on, till there is none."""
    held = [(part.document_ids[0], number) for number, part in enumerate(parts) if part.document_ids]
    firsts = [first for first, _ in held]
    found, new = set(wrong), set(wrong)
    while new:
        names = {name for number in new for name in _named(parts[number].load())}
        owners = {held[at - 1][1] for name in names if (at := bisect_right(firsts, name))}
        new = owners - found
        found |= new
    return found


def _named(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Yield the documents that rows name, by their id or by a paragraph's."""
    for table in tables.values():
        for column in ("document_id", "paragraph_id"):
            if table.schema.get(column) == pl.String:
                for name in table[column].drop_nulls().unique():
                    yield name.rpartition("#p-")[0] if column == "paragraph_id" else name
