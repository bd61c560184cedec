"""The pytest plugin: `pytest --corpus ROOT` tests a corpus project beside the code that uses it.

Silent and light when it is not switched on: nothing of Corpus is imported before an item runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--corpus ROOT` and the ini key `corpus`."""
    help_ = "test the corpus project at this folder"
    parser.getgroup("corpus").addoption("--corpus", metavar="ROOT", help=help_)
    parser.addini("corpus", help_)
