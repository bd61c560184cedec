"""The pytest plugin: `pytest --corpus ROOT` tests a corpus project beside the code that uses it.

Two items ask whether the sources build without an error, and whether the published folder is what they build
to. One item for each audit check and split asks what `corpus audit` asks: an error fails, a warning warns, a
note skips with its list. `--corpus-rows` makes an item of each finding. Silent and light when it is not
switched on: nothing of Corpus is imported then.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus.audit import Found, Outcome
    from corpus.last_build import Report

SHOWN = 10
"""Findings shown in a failure; their number is always told."""


class CorpusAuditWarning(pytest.PytestWarning):
    """A finding of the audit at warning level."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--corpus ROOT` and `--corpus-rows`, and the ini key `corpus`."""
    help_ = "test the corpus project at this folder"
    group = parser.getgroup("corpus")
    group.addoption("--corpus", metavar="ROOT", help=help_)
    group.addoption("--corpus-rows", action="store_true", help="one item for each finding of the audit")
    parser.addini("corpus", help_)


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the items of the project, where there is one."""
    chosen = config.getoption("corpus") or config.getini("corpus")
    if chosen:
        root = Path(config.rootpath, chosen)
        built = _Built(root)
        items += [
            CorpusItem.from_parent(session, name=f"corpus[{name}]", built=built, check=check)
            for name, check in (("sources", _sources), ("published", _published))
        ]
        items += _audit_items(session, _Audit(root), rows=config.getoption("corpus_rows"))


class _Wrong(pytest.Item):
    """An item that fails with a list instead of a traceback."""

    root: Path

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Show the list without a traceback; an error of ours keeps its own."""
        from corpus.errors import CorpusError

        if isinstance(excinfo.value, WrongCorpusError):
            return "\n".join([f"{excinfo.value} in {self.root}:", *_first(excinfo.value.lines)])
        if isinstance(excinfo.value, CorpusError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the item in reports."""
        return self.root, None, self.name


class CorpusItem(_Wrong):
    """One question about a corpus project; `check` answers with what is wrong, line by line."""

    def __init__(self, *, built: _Built, check: Any, **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**kwargs)
        self.root = built.root
        self.built, self.check = built, check

    def runtest(self) -> None:
        """Fail with the list of what is wrong."""
        if wrong := self.check(self.built):
            raise WrongCorpusError(wrong)


class AuditItem(_Wrong):
    """One check of the audit, on one split or on the corpus as a whole; `key` narrows it to one finding."""

    def __init__(self, *, audit: _Audit, check: str, split: str, key: str = "", **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.root = audit.root
        self.audit, self.check, self.split, self.key = audit, check, split, key

    def runtest(self) -> None:
        """Fail, warn or skip with the list of findings, as the check's level has it."""
        outcome = self.audit.outcomes[self.check]
        found = [each for each in outcome.findings if each.split == self.split and self.key in {"", each.key}]
        if not found:
            return
        lines = [_line(each) for each in found]
        said = f"{self.check}: {len(found)} found"
        if outcome.level == "error":
            raise WrongCorpusError(lines, said)
        text = "\n".join([f"{said} in {self.root}:", *_first(lines)])
        if outcome.level == "note":
            pytest.skip(text)
        warnings.warn(CorpusAuditWarning(text), stacklevel=1)


class WrongCorpusError(Exception):
    """A corpus project is not as it should be; `lines` say how."""

    def __init__(self, lines: list[str], said: str = "") -> None:
        super().__init__(said or f"{len(lines)} found")
        self.lines = lines


class _Audit:
    """The audit of a project, run once in a process when the first item asks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._made: dict[str, Outcome] | None = None
        self._failed: Exception | None = None

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What became of each check; what kept the audit from running is raised for each item alike."""
        if self._failed:
            raise self._failed
        if self._made is None:
            from corpus.auditing import outcomes
            from corpus.errors import CorpusError

            try:
                self._made = {outcome.check: outcome for outcome in outcomes(self.root)}
            except CorpusError as error:
                self._failed = error
                raise
        return self._made


def _audit_items(session: pytest.Session, audit: _Audit, *, rows: bool) -> Iterator[pytest.Item]:
    """Make the items of the audit; only `rows` runs it now, since it takes the findings to name them."""
    for check, splits in _scopes().items():
        found = audit.outcomes[check].findings if rows else ()
        for split in splits:
            keys = sorted({each.key for each in found if each.split == split}) or [""]
            for key in keys:
                name = "-".join(part for part in (check, split, key) if part)
                yield AuditItem.from_parent(
                    session, name=f"audit[{name}]", audit=audit, check=check, split=split, key=key
                )


def _scopes() -> dict[str, tuple[str, ...]]:
    """Tell the splits each check is asked of; empty text stands for the corpus as a whole.

    What belongs to no page of today's corpus is in no split, so checks by split are asked of that too.
    """
    from corpus.audit import checks
    from corpus.records import SPLITS

    return {name: (*SPLITS, "") if module.scope == "split" else ("",) for name, module in checks().items()}


def _line(each: Found) -> str:
    return f"{each.line} ({each.hint})" if each.hint else each.line


def _first(lines: list[str]) -> list[str]:
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


class _Built:
    """The project built into a folder that is gone again, once in a process."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def made(self) -> tuple[Report, dict[str, Any] | None]:
        """The report, and the tables as the manifest has them; None where nothing could be published."""
        from corpus.build import build

        with tempfile.TemporaryDirectory() as folder:
            report = build(
                self.root, Path(folder, "published"), workers=1, cache=False
            )  # a proof rests on nothing remembered
            return report, _tables(report.published) if report.published else None


def _tables(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_text("utf-8"))["tables"]
    return made


def _sources(built: _Built) -> list[str]:
    report, _ = built.made
    quarantined = [f"{each.raw_path}: {each.reason}" for each in report.quarantined]
    findings = [
        f"{each.where}: {each.message}{f' ({each.hint})' if each.hint else ''}"
        for each in (*report.orphans, *report.findings)
        if each.level == "error"
    ]
    return quarantined + findings


def _published(built: _Built) -> list[str]:
    there = built.root / "published"
    if not (there / "MANIFEST.json").is_file():
        return [f"{there}: nothing is published; run `corpus build`"]
    fresh = built.made[1]
    if fresh is None:
        return ["the sources do not build; see the item corpus[sources]"]
    old = _tables(there)
    return [
        f"`{name}` is not what the sources build to; run `corpus build`"
        for name in sorted(fresh.keys() | old.keys())
        if fresh.get(name) != old.get(name)
    ]
