"""The pytest plugin: `pytest --corpus ROOT` tests a corpus project beside the code that uses it.

Two items: the sources build without an error, and the published folder is what they build to. Silent and
light when it is not switched on: nothing of Corpus is imported before an item runs.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from corpus.build import Report

SHOWN = 10
"""Findings shown in a failure; their number is always told."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--corpus ROOT` and the ini key `corpus`."""
    help_ = "test the corpus project at this folder"
    parser.getgroup("corpus").addoption("--corpus", metavar="ROOT", help=help_)
    parser.addini("corpus", help_)


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the items of the project, where there is one."""
    chosen = config.getoption("corpus") or config.getini("corpus")
    if chosen:
        root = Path(config.rootpath, chosen)
        items += [
            CorpusItem.from_parent(session, name=f"corpus[{name}]", root=root, check=check)
            for name, check in (("sources", _sources), ("published", _published))
        ]


class CorpusItem(pytest.Item):
    """One question about a corpus project; `check` answers with what is wrong, line by line."""

    def __init__(self, *, root: Path, check: Any, **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**kwargs)
        self.root = root
        self.check = check

    def runtest(self) -> None:
        """Fail with the list of what is wrong."""
        if wrong := self.check(self.root):
            raise WrongCorpusError(wrong)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Show the list without a traceback; an error of ours keeps its own."""
        from corpus.errors import CorpusError

        if isinstance(excinfo.value, WrongCorpusError):
            lines = excinfo.value.lines
            more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
            return "\n".join([f"{len(lines)} found in {self.root}:", *lines[:SHOWN], *more])
        if isinstance(excinfo.value, CorpusError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the item in reports."""
        return self.root, None, self.name


class WrongCorpusError(Exception):
    """A corpus project is not as it should be; `lines` say how."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(f"{len(lines)} found")
        self.lines = lines


def _build(root: Path, to: Path) -> Report:
    from corpus.build import build

    return build(root, to, workers=1)


def _sources(root: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        report = _build(root, Path(folder, "published"))
    quarantined = [f"{each.raw_path}: {each.reason}" for each in report.quarantined]
    findings = [
        f"{each.where}: {each.message}{f' ({each.hint})' if each.hint else ''}"
        for each in (*report.orphans, *report.findings)
        if each.level == "error"
    ]
    return quarantined + findings


def _published(root: Path) -> list[str]:
    there = root / "published" / "MANIFEST.json"
    if not there.is_file():
        return [f"{there.parent}: nothing is published; run `corpus build`"]
    with tempfile.TemporaryDirectory() as folder:
        report = _build(root, Path(folder, "published"))
        if not report.published:
            return ["the sources do not build; see the item corpus[sources]"]
        fresh = json.loads((report.published / "MANIFEST.json").read_text("utf-8"))["tables"]
    old = json.loads(there.read_text("utf-8"))["tables"]
    return [
        f"`{name}` is not what the sources build to; run `corpus build`"
        for name in sorted(fresh.keys() | old.keys())
        if fresh.get(name) != old.get(name)
    ]
