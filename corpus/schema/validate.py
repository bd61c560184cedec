"""Corpus -> its good rows and the findings: every failing row is named, and none is changed.

A page stands or falls as a whole: where a row of `documents`, `paragraphs`, `segments` or `blocks` is wrong,
the document is set aside with everything in it. A wrong entity, stance or annotation goes alone. What is left
is a valid corpus: validating it again finds nothing.

Rules run from the plain to the dependent: columns, casts, rows, references, pages, annotations. A row that
failed in one stage is not held against the next.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from corpus.records import Finding
from corpus.schema.checks import ANNOTATION_RULES, DOCUMENT_RULES, REBUILD, Rule
from corpus.schema.frames import Corpus, polars_schema
from corpus.schema.model import expectation, model
from corpus.schema.sieve import PAGE_TABLES, REMARK_TABLES, Failure, Sieve
from corpus.schema.tables import FLAT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from corpus.schema.declaration import Table
    from corpus.schema.project import Project

SHOWN_CHARS = 100
"""Characters of a value or a key shown in a finding's message."""

SHOWN = 5
"""Failing rows shown in a finding's message; their number is always told."""

_LABELS_HINT = "correct the annotation, or declare the name in schema/labels.yaml"


class Numbers(NamedTuple):
    """Where rows of some pages stand in a larger corpus: the number of each, and how many there are."""

    rows: Mapping[str, pl.Series]
    of: Mapping[str, int]


def validate(corpus: Corpus, numbers: Numbers | None = None) -> tuple[Corpus, tuple[Finding, ...]]:
    """Split a corpus into its valid part and the findings, one a rule and column; never raises for rows.

    A finding names table, key and column in `where`, and in its message the expectation, how many rows
    break it, and the first SHOWN of them with key and value. All are of level `error` but `set-aside`, a
    `note` that counts the rows that went because the page they belong to did. With `numbers`, rows are
    counted and named as those of the corpus that these pages are of.
    """
    sieve = _read(corpus, numbers)
    for name, table in FLAT.items():
        _blame_all(sieve, _row_failures(table, sieve.live[name], corpus.project))
    for name in (*PAGE_TABLES, *REMARK_TABLES):
        _blame_all(sieve, _reference_failures(FLAT[name], sieve))
    sieve.settle()
    _blame_all(sieve, _broken(DOCUMENT_RULES, sieve))
    sieve.settle()
    _blame_all(sieve, _broken(ANNOTATION_RULES, sieve))
    findings = [
        _finding(failure, given, numbers.of[failure.table] if numbers else given.height)
        for failure in sieve.failures
        for given in (sieve.given[failure.table],)
    ]
    findings += [_set_aside(name, count) for name in FLAT if (count := sieve.set_aside(name))]
    clean = {name: sieve.live[name].drop("row") for name in FLAT}
    return replace(corpus, tables=MappingProxyType(clean)), tuple(findings)


def _blame_all(sieve: Sieve, failures: Iterable[Failure]) -> None:
    # A list first: rules of one stage do not see what their neighbours took out.
    for failure in list(failures):
        sieve.blame(failure)


def _read(corpus: Corpus, numbers: Numbers | None) -> Sieve:
    """Number the rows of every declared table and cast its columns; blame what cannot be cast."""
    failures: list[Failure] = []
    given: dict[str, pl.DataFrame] = {}
    for name, table in FLAT.items():
        frame = corpus.tables.get(name)
        if frame is None:
            failures.append(Failure("table-missing", name, "", "the table, even if empty"))
            frame = pl.DataFrame(schema=polars_schema(table))
        numbered = frame.with_row_index("row")
        if numbers:
            numbered = numbered.with_columns(numbers.rows[name].alias("row"))
        given[name], found = _cast(table, numbered)
        failures += found
    sieve = Sieve(given)
    for failure in failures:
        whole = failure.rows is None and failure.check != "column-unknown"
        (sieve.give_up if whole else sieve.blame)(failure)
    return sieve


def _cast(table: Table, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Failure]]:
    """Bring a frame to its declared columns in their order; values that would change are failures."""
    failures: list[Failure] = []
    columns = [frame["row"]]
    for name, kind in polars_schema(table).items():
        if name not in frame.columns:
            failures.append(Failure("column-missing", table.name, name, f"a column of {kind}"))
            columns.append(pl.Series(name, [None] * frame.height, dtype=kind))
            continue
        cast = _cast_series(frame[name], kind)
        columns.append(cast)
        lost = frame.filter(frame[name].is_not_null() & cast.is_null())
        if lost.height:
            rows = lost.select("row", found=pl.col(name).map_elements(_shown, return_dtype=pl.String))
            failures.append(Failure("cast", table.name, name, f"a value of {kind}", rows))
    known = {"row", *table.names}
    unknown = [name for name in frame.columns if name not in known]
    failures += [
        Failure("column-unknown", table.name, name, f"the columns {', '.join(table.names)}")
        for name in unknown
    ]
    return pl.DataFrame(columns), failures


def _cast_series(series: pl.Series, kind: pl.DataType) -> pl.Series:
    """Cast without loss: null where the value would change, such as 1.5 to an integer or a number to text."""
    if series.dtype == kind:
        return series
    numbers = series.dtype.is_numeric() and kind.is_numeric()
    if numbers or (series.dtype == pl.String and kind.is_numeric()) or series.dtype == pl.Null:
        cast = series.cast(kind, strict=False)
        if series.dtype.is_float() and kind.is_integer():
            cast = cast.zip_with(cast.cast(pl.Float64) == series, pl.Series([None], dtype=kind))
        return cast
    if isinstance(series.dtype, (pl.Categorical, pl.Enum)) and kind == pl.String:
        return series.cast(kind)
    return pl.Series(series.name, [None] * len(series), dtype=kind)


def _row_failures(table: Table, frame: pl.DataFrame, project: Project) -> Iterator[Failure]:
    """Ask the table's pandera model; its failure cases come back as failures under our rules' names."""
    from pandera.errors import SchemaErrors

    try:
        model(table, project).validate(frame.drop("row"), lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        for (column, check), group in cases.group_by("column", "check", maintain_order=True):
            yield _row_failure(table, frame, project, (column, check), group["index"].cast(pl.UInt32))


def _row_failure(
    table: Table, frame: pl.DataFrame, project: Project, case: tuple[str | None, str], index: pl.Series
) -> Failure:
    column, check = case
    if check == "not_nullable":
        check = "not-null"
    elif check in {"multiple_fields_uniqueness", "field_uniqueness"}:
        check, column = "unique-key", table.key[0]
    elif ":" in check:  # a check on whole rows names the column to blame; pandera would name the table
        check, column = check.split(":")
    assert column is not None
    rows = frame[index.unique().sort()]
    found = rows.select(
        "row", found=pl.col(column).map_elements(_shown, return_dtype=pl.String, skip_nulls=False)
    )
    hint = _LABELS_HINT if check == "declared-label" else REBUILD
    return Failure(check, table.name, column, expectation(table[column], check, project), found, hint)


def _reference_failures(table: Table, sieve: Sieve) -> Iterator[Failure]:
    """Find rows that refer to a document or paragraph that was never there, whether it was sound or not."""
    for reference in table.references:
        parent = FLAT[reference.table]
        column = reference.columns[0]
        keys = sieve.given[parent.name].select(pl.col(parent.key[0]).alias(column)).unique()
        rows = sieve.live[table.name].filter(pl.col(column).is_not_null())
        rows = rows.join(keys, on=column, how="anti", maintain_order="left")
        if rows.height:
            found = rows.select("row", found=pl.col(column).map_elements(_shown, return_dtype=pl.String))
            expected = f"the {column} of one of the {parent.name}"
            hint = f"correct {column}, or add the page it stands for"
            yield Failure("foreign-key", table.name, column, expected, found, hint)


def _broken(rules: tuple[Rule, ...], sieve: Sieve) -> Iterator[Failure]:
    for rule in rules:
        rows = rule.failing({name: table.lazy() for name, table in sieve.live.items()}).collect()
        if rows.height:
            yield Failure(rule.check, rule.table, rule.column, rule.expected, rows, rule.hint)


def _finding(failure: Failure, given: pl.DataFrame, height: int) -> Finding:
    """Word a failure: how many rows, the first few with their keys, and what was expected."""
    if failure.rows is None:
        where = f"{failure.table}.{failure.column}".rstrip(".")
        found = "a column unknown to it" if failure.check == "column-unknown" else "none"
        return Finding(
            failure.check, "error", where, f"found {found}; expected {failure.expected}", failure.hint
        )
    key = FLAT[failure.table].key
    count = failure.rows.height
    first = failure.rows.head(SHOWN).join(given, on="row", maintain_order="left")
    keys = [_key(row, key) for row in first.iter_rows(named=True)]
    shown = ", ".join(f"{_plain(found)} at {name}" for found, name in zip(first["found"], keys, strict=True))
    more = f" and {count - SHOWN} more" if count > SHOWN else ""
    return Finding(
        failure.check,
        "error",
        f"{failure.table}[{keys[0]}].{failure.column}",
        f"{count} of {height} rows: found {shown}{more}; expected {failure.expected}",
        failure.hint,
    )


def _set_aside(table: str, count: int) -> Finding:
    message = f"{count} rows set aside with the page or paragraph they belong to, which breaks another rule"
    return Finding("set-aside", "note", table, message, "mend the errors above and they come back")


def _key(row: dict[str, object], key: tuple[str, ...]) -> str:
    if any(row[name] is None for name in key):
        return f"row {row['row']}"
    return ", ".join(_plain(str(row[name])) for name in key)


def _shown(value: object) -> str:
    return "null" if value is None else repr(value)


def _plain(text: str) -> str:
    """Cut text short and spell out what a terminal would obey instead of show."""
    printable = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:SHOWN_CHARS]
    )
    return printable if len(text) <= SHOWN_CHARS else f"{printable}…"
