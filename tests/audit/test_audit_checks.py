"""Every check keeps the contract, finds what its cases say, and nothing where they say nothing."""

import json
import re
from pathlib import Path

import pytest

from corpus.audit import LAST, check_names, checks, page, run
from corpus.errors import CorpusError

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_check_finds_exactly_what_its_case_says(path, view_of_described):
    case = json.loads(path.read_text("utf-8"))
    name = path.parent.name
    modules = checks() if name in LAST else {name: checks()[name]}
    outcomes = {outcome.check: outcome for outcome in run(view_of_described(case), modules)}
    assert outcomes[name].broken is None
    found = sorted(
        (each.surface or each.document_id or each.where, each.message) for each in outcomes[name].findings
    )
    expected = sorted(case["expect"])
    assert [surface for surface, _ in found] == [surface for surface, _ in expected], found
    for (_, message), (_, said) in zip(found, expected, strict=True):
        assert said in message


@pytest.mark.parametrize("name", check_names())
def test_a_check_keeps_the_contract(name):
    module = checks()[name]
    assert module.level in {"error", "warning", "note"}
    assert module.scope in {"split", "corpus"}
    assert callable(module.check)
    assert module.check.__doc__


@pytest.mark.parametrize("name", check_names())
def test_a_check_explains_itself_with_a_message_an_example_and_a_cure(name):
    message, empty, *text = checks()[name].__doc__.split("\n")
    assert message.endswith(".")
    assert len(message) <= 100
    assert not empty
    assert re.search(r"^Example: ", "\n".join(text), re.MULTILINE)
    assert re.search(r"^Mend: ", "\n".join(text), re.MULTILINE)


@pytest.mark.parametrize("name", check_names())
def test_a_check_has_cases_that_trigger_it_and_cases_that_must_not(name):
    expected = [
        json.loads(path.read_text("utf-8"))["expect"] for path in sorted((CASES / name).glob("*.json"))
    ]
    assert any(expected), f"no case triggers {name}"
    assert not all(expected), f"no case shows what {name} leaves alone"


def test_every_case_belongs_to_a_check():
    assert {path.parent.name for path in FILES} == set(check_names())


def test_the_page_of_the_checks_is_current():
    written = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
    assert written.read_text("utf-8") == page(checks()), "run `corpus audit --explain all > docs/audit.md`"


def test_an_unknown_check_is_answered_with_the_known_ones():
    from corpus.audit import explain

    with pytest.raises(CorpusError, match=r"no such check; known are .*quote_mismatch"):
        explain("quote_mismach")
