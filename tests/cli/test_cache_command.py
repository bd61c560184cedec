"""`corpus cache` counts, prunes and verifies the results of builds beside the pages they cleaned."""

from __future__ import annotations

import pytest

from corpus.build import build
from corpus.cli import main


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


def _results(project):
    return sorted((project.root / ".corpus" / "store").glob("*/*/*/seal.json"))


def test_results_are_counted(run, project):
    build(project.root, workers=1)
    code, out, _ = run("cache", "stats", project.root)
    assert code == 0
    assert f"{len(_results(project))} results" in out


def test_results_that_the_last_build_did_not_use_are_pruned(run, project):
    build(project.root, workers=1)
    before = _results(project)
    assert "results: 0" in run("cache", "prune", project.root)[1]
    unused = before[0].parents[1] / ("0" * 64)
    unused.mkdir()
    assert "results: 1" in run("cache", "prune", project.root)[1]
    assert _results(project) == before


def test_a_damaged_result_is_named_and_removed_and_the_next_build_makes_it_again(run, project):
    build(project.root, workers=1)
    published = (project.root / "published" / "SHA256SUMS").read_bytes()
    seal = _results(project)[0]
    seal.write_bytes(b"")
    code, _, err = run("cache", "verify", project.root)
    assert code == 1
    assert f"damaged and removed: {seal.parents[2].name}/{seal.parent.name}" in err
    (project.root / ".corpus" / "last-build.json").unlink(missing_ok=True)
    assert build(project.root, workers=1).published
    assert (project.root / "published" / "SHA256SUMS").read_bytes() == published
