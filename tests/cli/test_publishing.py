"""`corpus datasheet`, `corpus diff` and `corpus verify` on a project."""

from __future__ import annotations

import json
import shutil

import pytest

from corpus.cli import main
from corpus.publish.figures import Counted


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


@pytest.fixture
def built(run, project):
    assert run("build", project.root)[0] == 0
    return project


def test_datasheet_makes_figures_and_check_says_what_is_left(run, built):
    code, _, err = run("datasheet", built.root, "--check")
    assert code == 1
    assert "DATASHEET.md:" in err
    code, out, err = run("datasheet", built.root)
    assert (code, err) == (0, "")
    assert "Left to do: questions without an answer: 56." in out
    assert "It holds <!-- figure: documents -->1<!-- /figure --> documents" in (
        built.root / "DATASHEET.md"
    ).read_text("utf-8")
    code, out, _ = run("datasheet", built.root, "--check", "--json")
    assert code == 1
    assert {json.loads(line)["check"] for line in out.splitlines()} == {"datasheet-unanswered"}


def test_datasheet_check_writes_nothing_and_passes_once_all_is_answered(run, built):
    run("datasheet", built.root)
    path = built.root / "DATASHEET.md"
    path.write_text(path.read_text("utf-8").replace("*Unanswered.*", "For the tests of the tool."), "utf-8")
    before = path.read_bytes()
    assert run("datasheet", built.root, "--check")[0] == 0
    assert path.read_bytes() == before
    built.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    _, _, err = run("build", built.root)
    assert "warning: DATASHEET.md: found figures that are not the tables'" in err
    assert run("datasheet", built.root, "--check")[0] == 1
    assert run("datasheet", built.root)[0] == 0
    assert run("datasheet", built.root, "--check")[0] == 0


def test_datasheet_begins_one_where_there_is_none(run, built):
    (built.root / "DATASHEET.md").unlink()
    code, _, err = run("datasheet", built.root, "--check")
    assert code == 1
    assert "found no datasheet" in err
    code, out, _ = run("datasheet", built.root)
    assert code == 0
    assert "begun" in out
    assert "### 7.8" in (built.root / "DATASHEET.md").read_text("utf-8")


def test_datasheet_names_a_marker_it_cannot_fill(run, built):
    built.write("DATASHEET.md", "# Ours\n<!-- table: riches -->\n<!-- /table -->\n")
    code, _, err = run("datasheet", built.root)
    assert code == 1
    assert "DATASHEET.md:2: found the table `riches`; expected one of configs" in err


def test_datasheet_of_an_unpublished_project_says_what_to_do(run, project):
    code, _, err = run("datasheet", project.root)
    assert code == 2
    assert "corpus build" in err


def test_diff_tells_two_editions_apart_in_every_form(run, built, tmp_path):
    shutil.copytree(built.root / "published", tmp_path / "old")
    built.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    run("build", built.root)
    code, out, _ = run("diff", tmp_path / "old", built.root)
    assert code == 0
    assert "1 document added" in out
    assert "needs a minor step: 0.1.0 or later" in out
    read = json.loads(run("diff", tmp_path / "old", built.root, "--json")[1])
    assert (read["needed"], read["documents_added"]) == ("minor", ["my-source/more"])
    assert run("diff", tmp_path / "old", built.root, "--markdown")[1].startswith("# 0.1.0-dev\n")
    assert "### Added\n\n- 1 document.\n" in run("diff", tmp_path / "old", built.root, "--changelog")[1]


def test_diff_of_a_folder_that_holds_no_dataset_is_refused(run, built, tmp_path):
    code, _, err = run("diff", tmp_path, built.root)
    assert code == 2
    assert "MANIFEST.json" in err
    assert "Traceback" not in err


def test_verify_passes_what_was_published_and_names_what_was_changed(run, built):
    code, out, _ = run("verify", built.root / "published")
    assert code == 0
    assert "my-corpus 0.1.0-dev is whole" in out
    card = built.root / "published" / "README.md"
    card.write_bytes(card.read_bytes() + b"more")
    code, _, err = run("verify", built.root)
    assert code == 1
    assert "README.md: found SHA-256" in err
    (line,) = run("verify", built.root, "--json")[1].splitlines()
    assert json.loads(line)["check"] == "file-changed"


def test_verify_of_a_folder_that_is_no_dataset_is_refused(run, tmp_path):
    code, _, err = run("verify", tmp_path)
    assert code == 2
    assert "MANIFEST.json" in err


def test_what_was_measured_on_the_full_rows_holds_in_an_edition_without_text(run, built):
    config = built.root / "schema/corpus.yaml"
    built.annotate(built.line("南屿贸易公司"))
    run("build", built.root)
    built.write("DATASHEET.md", "# Ours\n\n<!-- table: baselines -->\n<!-- /table -->\n")
    counted = Counted.of(built.root / "published")
    table = f"| a table |\n\n{counted.seal('baselines', '| a table |')}"
    built.write("DATASHEET.md", f"# Ours\n\n<!-- table: baselines -->\n{table}\n<!-- /table -->\n")
    config.write_text(config.read_text("utf-8") + "publish: {text: standoff}\n", "utf-8")
    run("build", built.root)
    assert run("datasheet", built.root)[0] == 0
    assert table in (built.root / "DATASHEET.md").read_text("utf-8")


def test_nothing_is_measured_on_an_edition_without_text_and_it_says_so(run, built):
    config = built.root / "schema/corpus.yaml"
    config.write_text(config.read_text("utf-8") + "publish: {text: standoff}\n", "utf-8")
    run("build", built.root)
    built.write("DATASHEET.md", "# Ours\n\n<!-- table: baselines -->\n<!-- /table -->\n")
    assert "not measured: this edition has no text" in run("datasheet", built.root)[2]
