"""`pytest --corpus ROOT`: an item for each check and split, and what the levels mean."""

import re

import pytest

# Loaded before pytester remembers which modules to forget after a test: what is loaded twice is not itself.
import corpus.auditing
import corpus.cli.init  # noqa: F401

AUDIT = ("-k", "audit[")


@pytest.fixture
def audited(pytester, project):
    def call(*arguments):
        return pytester.runpytest_subprocess("--corpus", str(project.root), *AUDIT, *arguments)

    return call


def _wrong(project):
    """A comma in a mention (an error), older guidelines (a warning), nothing adjudicated (a note)."""
    project.annotate(
        project.line("南屿贸易公司", annotator="a1", guideline="0.9"),
        project.line("葛青禾认为，", annotator="a2"),
    )


def test_there_is_an_item_for_each_check_and_split(audited):
    from corpus.audit import checks

    scopes = [module.scope for module in checks().values()]
    audited().assert_outcomes(passed=scopes.count("corpus") + 4 * scopes.count("split"))


def test_an_error_fails_with_document_offsets_surface_and_cure(audited, project):
    _wrong(project)
    result = audited("-k", "ragged_edge")
    result.assert_outcomes(passed=3, failed=1)
    text = result.stdout.str()
    assert re.search(r"ragged_edge: 1 found in ", text)
    assert re.search(
        r"annotations/entity/a2\.jsonl:1 my-source/page#p-[0-9a-f]{8} \d+-\d+: '葛青禾认为，'", text
    )
    assert "(move the offset to the edge of the name)" in text
    assert "Traceback" not in text


def test_a_warning_warns_and_a_note_skips(audited, project):
    _wrong(project)
    result = audited("-k", "older_guideline or not_adjudicated", "-rs")
    result.assert_outcomes(passed=4, skipped=1, warnings=1)
    result.stdout.fnmatch_lines(["*older_guideline: 1 found in *"])


def test_rows_are_items_of_their_own(audited, project):
    project.annotate(
        project.line("葛青禾认为，", annotator="a2"),
        project.line("南屿贸易公司的经理葛", annotator="a2"),
        project.line("，逾期", annotator="a2"),
    )
    result = audited("--corpus-rows", "-k", "ragged_edge")
    result.assert_outcomes(passed=3, failed=2)
    assert len(re.findall(r"FAILED .*audit\[ragged_edge-\w+-[0-9a-f]{12}\]", result.stdout.str())) == 2


def test_items_run_beside_xdist_and_write_junit(audited, project, pytester):
    _wrong(project)
    result = audited("-k", "ragged_edge or older_guideline", "-n", "2", "--junitxml=report.xml")
    result.assert_outcomes(passed=4, failed=1, warnings=1)
    report = (pytester.path / "report.xml").read_text("utf-8")
    assert "audit[ragged_edge-" in report
    assert "葛青禾认为，" in report


def test_a_project_that_cannot_be_read_fails_with_the_reason_and_no_traceback(audited, project):
    project.write("schema/labels.yaml", "stance: [")
    result = audited("-k", "ragged_edge")
    result.assert_outcomes(failed=4)
    assert "schema/labels.yaml:1" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
