"""The house rules that a tool can hold: layers, types, lint, no drawer, nothing left to do."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "corpus").rglob("*.py"))


def _run(*command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_layers_hold():
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_layers_are_told_as_they_are_held():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    lines = [re.sub("[()]", "", layer) for layer in declared["contracts"][0]["layers"]]
    assert "\n".join(lines) in (ROOT / "docs/architecture.md").read_text("utf-8")


def test_ruff_finds_nothing():
    code, out = _run("ruff", "check", "--quiet", ".")
    assert code == 0, out


def test_the_code_is_formatted():
    code, out = _run("ruff", "format", "--check", "--quiet", ".")
    assert code == 0, out


def test_mypy_finds_nothing():
    code, out = _run("mypy")
    assert code == 0, out


def test_nothing_is_left_to_do():
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    left = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in (*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
        if (found := unfinished.search(path.read_text("utf-8")))
    ]
    assert left == []


@pytest.mark.parametrize("name", ["utils", "util", "helpers", "common", "misc", "base"])
def test_there_is_no_drawer(name):
    assert not [path for path in SOURCES if name in (path.stem, *path.parts)]


def test_the_files_it_must_have_are_there():
    needed = ["README.md", "CHANGELOG.md", "DATASHEET.md", "LICENSE", "CITATION.cff", "Makefile", ".ci/run"]
    assert [name for name in needed if not (ROOT / name).is_file()] == []
