"""Running checks: broken ones, waivers, the baseline, keys, and the command."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus.audit import checks, run
from corpus.audit._waivers import Waiver, read_baseline, read_waivers, write_baseline
from corpus.cli import main
from corpus.errors import ProjectError

CASES = sorted((Path(__file__).parent / "cases").glob("*/*.json"))
CASE = {
    "documents": {"tide/one": {"blocks": ["云岭海关周二查验，货主是南屿公司，随后放行。"]}},
    "lines": [{"document": "tide/one", "quote": "南屿公司，", "label": "ORG"}],
}


def _found(view, name):
    return next(outcome for outcome in run(view) if outcome.check == name)


@pytest.fixture
def finding(view_of_described):
    (found,) = _found(view_of_described(CASE), "ragged_edge").findings
    return found


def _waived(view_of_described, finding, **changes):
    waiver = (
        Waiver("ragged_edge", finding.key, "It is so written.", "A. Person", "2026-01-01")._asdict() | changes
    )
    return view_of_described({**CASE, "waivers": [waiver]})


@pytest.mark.parametrize("path", CASES[::5], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_check_breaks_on_what_another_one_finds(path, view_of_described):
    outcomes = run(view_of_described(json.loads(path.read_text("utf-8"))))
    assert [(outcome.check, outcome.broken) for outcome in outcomes if outcome.broken] == []


@pytest.mark.parametrize("table", ["documents", "paragraphs", "entities", "stances"])
def test_tables_that_validation_empties_break_no_check(table, view_of_described):
    view = view_of_described(CASE)
    emptied = {**view.tables, table: view.tables[table].clear()}
    outcomes = run(replace(view, tables=emptied))
    assert [(outcome.check, outcome.broken) for outcome in outcomes if outcome.broken] == []


def test_the_audit_does_not_change_what_it_looks_at(view_of_described):
    view = view_of_described(CASE)
    before = {name: table.clone() for name, table in view.tables.items()}
    run(view)
    assert all(table.equals(before[name]) for name, table in view.tables.items())


def test_a_check_that_raises_is_reported_and_the_others_run(view_of_described):
    def check(view):
        raise ZeroDivisionError("nothing there")

    broken = SimpleNamespace(level="warning", scope="corpus", check=check)
    one, other = run(view_of_described(CASE), {"broken": broken, "ragged_edge": checks()["ragged_edge"]})
    assert one.level == "error"
    assert one.broken == "ZeroDivisionError: nothing there"
    assert "the check itself is broken" in one.findings[0].message
    assert len(other.findings) == 1


LIKELY = json.loads((CASES[0].parents[1] / "likely_label_error/swapped.json").read_text("utf-8"))


@pytest.fixture
def bare(monkeypatch):
    """An installation without the extra `models`."""
    for name in ("sklearn", "pycrfsuite"):
        monkeypatch.setitem(sys.modules, name, None)


def test_a_check_that_lacks_an_extra_is_skipped_with_the_extra_named(view_of_described, bare):
    for name in ("likely_label_error/swapped", "likely_mention_error/label", "target_shortcut/target"):
        case = json.loads((CASES[0].parents[1] / f"{name}.json").read_text("utf-8"))
        check = name.partition("/")[0]
        (outcome,) = run(view_of_described(case), {check: checks()[check]})
        assert (outcome.level, outcome.broken) == ("note", None)
        assert "annotated-corpus[models]" in outcome.findings[0].message
        assert outcome.skipped


def test_waivers_of_a_check_that_did_not_run_are_left_in_peace(view_of_described, bare):
    waiver = Waiver("likely_label_error", "0" * 12, "Seen.", "A. Person", "2026-01-01")._asdict()
    view = view_of_described({**LIKELY, "waivers": [waiver], "baseline": [["likely_label_error", "1" * 12]]})
    assert not _found(view, "unmatched_waiver").findings
    assert not _found(view, "mended_baseline").findings


def test_the_likeliest_errors_come_first(view_of_described):
    chances = [each.probability for each in _found(view_of_described(LIKELY), "likely_label_error").findings]
    assert chances == sorted(chances, reverse=True)
    assert all(0.5 < chance < 1 for chance in chances)


def test_a_waiver_accepts_its_finding(view_of_described, finding):
    view = _waived(view_of_described, finding, quote="南屿公司，")
    outcome = _found(view, "ragged_edge")
    assert (outcome.findings, outcome.waived) == ((), 1)
    assert not _found(view, "unmatched_waiver").findings


def test_an_expired_waiver_accepts_nothing(view_of_described, finding):
    view = _waived(view_of_described, finding, expires="2026-11-20")
    assert len(_found(view, "ragged_edge").findings) == 1
    assert len(_found(view, "expired_waiver").findings) == 1


def test_a_waiver_that_quotes_another_text_accepts_nothing(view_of_described, finding):
    view = _waived(view_of_described, finding, quote="北屿")
    assert len(_found(view, "ragged_edge").findings) == 1
    assert "quotes '北屿'" in _found(view, "unmatched_waiver").findings[0].message


def test_a_key_stays_when_other_lines_and_pages_are_added(view_of_described, finding):
    more = {
        "documents": {"reef/zero": {"blocks": ["别的。"]}, **CASE["documents"]},
        "lines": [{"document": "tide/one", "quote": "云岭海关", "label": "ORG"}, *CASE["lines"]],
    }
    assert _found(view_of_described(more), "ragged_edge").findings[0].key == finding.key


def test_a_key_changes_with_the_text(view_of_described, finding):
    changed = json.loads(json.dumps(CASE).replace("\\u5468\\u4e8c", "\\u5468\\u4e09"))
    assert _found(view_of_described(changed), "ragged_edge").findings[0].key != finding.key


def test_control_characters_of_a_page_do_not_reach_a_terminal(view_of_described):
    lines = [{"document": "tide/\x1b[31m", "quote": "\x1b[2J", "label": "\x1b]0;", "annotator": "a1"}]
    found = [
        each for outcome in run(view_of_described({**CASE, "lines": lines})) for each in outcome.findings
    ]
    assert {each.check for each in found} == {"unknown_document", "unknown_label"}
    assert "\x1b" not in "".join(f"{each.line}{each.hint}" for each in found)


def test_waivers_are_read_strictly(tmp_path):
    (tmp_path / "annotations").mkdir()
    file = tmp_path / "annotations" / "waivers.yaml"
    good = '- {check: orphan, key: "0123456789ab", reason: Kept., by: A. P., date: "2026-01-02"}\n'
    file.write_text(good, "utf-8")
    assert read_waivers(tmp_path, ("orphan",))[0].reason == "Kept."
    for bad, said in (
        (good.replace("orphan", "orphans"), "did you mean `orphan`"),
        (good.replace(', date: "2026-01-02"', ""), "no `date`"),
        (good.replace('"0123456789ab"', "row 7"), "twelve hex digits"),
        (good + good, "a second time"),
        (good.replace('"2026-01-02"', "2026-01-02"), "put it in quotes"),
    ):
        file.write_text(bad, "utf-8")
        with pytest.raises(ProjectError, match=said):
            read_waivers(tmp_path, ("orphan",))


def test_the_baseline_only_ever_loses_keys(tmp_path):
    one, two, three = (("orphan", digit * 12) for digit in "123")
    assert write_baseline(tmp_path, [one, two]) == (2, 0)
    assert write_baseline(tmp_path, [two, three]) == (1, 1)
    assert read_baseline(tmp_path) == {two}
    assert write_baseline(tmp_path, []) == (0, 1)
    assert read_baseline(tmp_path) == frozenset()


@pytest.fixture
def call(capsys, project):
    def run_(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["audit", *([] if "--explain" in arguments else [str(project.root)]), *arguments])
        return ended.value.code, capsys.readouterr().out

    return run_


def test_the_command_says_where_what_and_how_to_mend(call, project):
    project.annotate(project.line("葛青禾认为，"))
    code, out = call()
    assert code == 1
    assert "error: ragged_edge: 1 found" in out
    assert "ends with '，'" in out
    assert "to mend: move the offset" in out


def test_the_command_prints_json_with_keys_for_waivers(call, project):
    project.annotate(project.line("葛青禾认为，"))
    made = json.loads(call("--json")[1])
    (found,) = made["findings"]
    assert (found["check"], found["surface"], len(found["key"])) == ("ragged_edge", "葛青禾认为，", 12)
    waiver = f'- {{check: ragged_edge, key: "{found["key"]}", reason: So., by: A., date: "2026-01-02"}}\n'
    project.write("annotations/waivers.yaml", waiver)
    code, out = call()
    assert code == 0
    assert "1 waived" in out


def test_a_baseline_starts_green_and_reports_what_is_new_and_what_is_mended(call, project):
    project.annotate(project.line("葛青禾认为，"))
    assert call("--baseline")[0] == 0
    assert call()[0] == 0
    project.annotate(project.line("葛青禾认为，"), project.line("，逾期"))
    code, out = call()
    assert code == 1
    assert "begins with '，'" in out
    assert "葛青禾认为，" not in out
    project.annotate(project.line("葛青禾"))
    code, out = call()
    assert code == 0
    assert "warning: mended_baseline: 1 found" in out
    call("--baseline")
    assert "mended_baseline" not in call()[1]


def test_a_project_without_a_page_is_audited_without_a_traceback(call, project):
    (project.root / "raw/my-source/page.html").unlink()
    assert call()[0] == 0


def test_explain_tells_the_long_text_of_a_check(call):
    code, out = call("--explain", "quote_mismatch")
    assert code == 0
    assert "UTF-16 units" in out


def test_explaining_an_unknown_check_is_wrong_use(call):
    assert call("--explain", "quote_mismach")[0] == 2
