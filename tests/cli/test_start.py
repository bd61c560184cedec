"""What commands load: a start is fast as long as nobody imports at the top of a module what few need."""

import subprocess
import sys

import pytest

HEAVY = {
    *("datasets", "fsspec", "matplotlib", "numpy", "opencc", "pandas", "pandera", "polars", "pyarrow"),
    *("rapidfuzz", "regex", "rich", "sklearn", "turbohtml", "yaml"),
}


def _loaded(code, *arguments):
    """The modules that a fresh interpreter holds after some code."""
    told = "\nimport sys\nprint('\\n', *sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code + told, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n\n")[-1].split())


def _of_command(*arguments):
    code = (
        "import sys\nfrom corpus.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass"
    )
    return _loaded(code, *arguments)


def test_the_package_loads_nothing_but_itself():
    loaded = _loaded("import corpus")
    assert {name for name in loaded if name.partition(".")[0] == "corpus"} == {"corpus"}
    assert not HEAVY & loaded
    assert not {"click", "dataclasses", "json"} & loaded


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["build", "--help"], ["init", "--help"]])
def test_to_be_told_of_a_command_loads_no_library_but_that_of_commands(arguments):
    assert not HEAVY & _of_command(*arguments)


def test_a_build_that_finds_nothing_changed_loads_no_library(project, monkeypatch):
    from corpus import last_build
    from corpus.build import build

    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    build(project.root, workers=1)
    code = (
        "import sys\nfrom corpus import last_build\nlast_build.QUIET_SECONDS = 0\n"
        "from corpus.cli import main\ntry:\n    main(['build', sys.argv[1]])\nexcept SystemExit:\n    pass"
    )
    loaded = _loaded(code, project.root)
    assert "corpus.last_build" in loaded
    assert not {"corpus.cleaning_run", "corpus.schema", "corpus.parts", "corpus.publish"} & loaded
    assert not HEAVY & loaded
    assert not {"importlib.metadata", "multiprocessing", "random", "sqlite3"} & loaded


def test_before_pages_are_cleaned_nothing_is_loaded_that_runs_threads():
    loaded = _loaded(
        "import corpus.cleaning_run, corpus.parts.workspace, corpus.schema.project, corpus.pages"
    )
    assert not {"datasets", "pandera", "polars", "pyarrow"} & loaded


@pytest.mark.parametrize("command", ["trace", "clean"])
def test_to_look_at_a_page_loads_nothing_of_tables(project, command):
    where = (
        ["my-source/page", "--root", project.root]
        if command == "trace"
        else [project.root / "raw/my-source/page.html"]
    )
    loaded = _of_command(command, *where)
    assert "turbohtml" in loaded
    assert not {"datasets", "pandera", "polars", "pyarrow", "rich", "sklearn"} & loaded


def _ended(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_command_that_ends_does_what_was_to_be_done_at_its_end_and_keeps_its_code():
    code = (
        "import atexit, sys\natexit.register(print, 'at the end')\nsys.argv = ['corpus', 'nothing']\n"
        "from corpus.cli import main\nprint('before')\nmain()\nprint('never')"
    )
    assert _ended("-c", code) == (2, "before\nat the end\n")


def test_a_command_that_ends_waits_for_threads():
    code = (
        "import sys, threading, time\nsys.argv = ['corpus', '--version']\nfrom corpus.cli import main\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), print('late'))).start()\nmain()"
    )
    code, out = _ended("-c", code)
    assert (code, out.endswith("late\n")) == (0, True)


def test_a_profiler_tells_of_a_command_that_ends():
    code, out = _ended("-m", "cProfile", "-m", "corpus", "--version")
    assert (code, "function calls" in out) == (0, True)
