from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "benchmarks/scale.json"
DOCS = ROOT / "docs/scale.md"


@pytest.fixture
def bench(monkeypatch):
    """The benchmark's modules, imported as they run: from their own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import scale_goals
    import scale_model
    import scale_plan
    import scale_tables

    return {
        "goals": scale_goals,
        "model": scale_model,
        "plan": scale_plan,
        "tables": scale_tables,
    }


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(st.floats(0, 100), st.floats(0, 1), st.floats(0, 1)).filter(lambda terms: sum(terms) > 0.01),
)
def test_a_cost_that_is_a_sum_of_terms_is_found_again(terms):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        from scale_model import fit
    sizes = [(100, 13), (300, 38), (1000, 127), (300, 9), (300, 75)]
    fixed, page, megabyte = terms
    runs = [
        {"pages": pages, "megabytes": size, "cpu": fixed + page * pages + megabyte * size}
        for pages, size in sizes
    ]
    found = fit(runs, "cpu")
    assert found.at(5000, 600) == pytest.approx(fixed + page * 5000 + megabyte * 600, rel=1e-2)
    assert found.worst < 1e-4


def test_no_term_is_below_zero(bench):
    runs = [{"pages": n, "megabytes": n / 10, "peak": 100 - n / 100} for n in (10, 100, 1000)]
    found = bench["model"].fit(runs, "peak")
    assert min(found.fixed, found.page, found.megabyte) >= 0
    assert found.worst > 0


def test_a_command_is_charged_with_all_that_it_starts():
    # In a process of its own, since the measuring one waits for all of its children.
    busy = "import time\nend = time.process_time() + .4\nwhile time.process_time() < end: pass\n"
    started = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {busy!r}])\n{busy}print(7)"
    measure = (
        "import json\nfrom scale_measure import adopt, cost\nadopt()\n"
        f"print(json.dumps(cost('-c', {started!r}).__dict__))"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure], cwd=ROOT / "benchmarks", capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert (found["out"], found["status"]) == ("7\n", 0)
    assert found["cpu"] >= 0.8
    assert found["driver"] < found["cpu"]
    assert found["peak"] > 1


GROWTH = {
    "runs": [
        {
            "pages": pages,
            "megabytes": pages * size,
            "cpu": 2 + pages * 0.03,
            "driver": 1 + pages * 0.01,
            "peak": 200 + pages * 0.5,
            "driver_peak": 150 + pages * 0.5,
            "wall": 9.0,
            "cache": 1000 + pages * 9000,
            "files": 3 + pages // 25,
            "published": 5000 + pages * 2000,
        }
        for pages, size in ((100, 0.13), (300, 0.13), (1000, 0.13), (300, 0.03), (300, 0.25))
    ],
    "shares": [
        {
            "pages": pages,
            "megabytes": pages * 0.13,
            "fill": {"cpu": 1 + pages * 0.025, "driver": 0.5 + pages * 0.001, "kept": pages * 9000},
            "behind": {"cpu": 1 + pages * 0.026, "driver": 1 + pages * 0.01},
            "without": {"cpu": 1.5 + pages * 0.03},
        }
        for pages in (100, 300, 1000)
    ],
    "largest": 300_000,
}


def test_the_work_of_a_cluster_follows_from_what_was_measured(bench):
    work = bench["plan"].job(GROWTH, pages=10_000)
    assert work.units == 100
    assert work.seconds == pytest.approx(2.4, rel=0.02)
    assert work.driver == pytest.approx(0.1)
    assert work.read == pytest.approx(13e6)
    assert work.written == pytest.approx(900_000)
    assert work.alone == pytest.approx(10_000 * (0.01 + 0.016 / 16))


def test_the_limit_reached_first_stands_first(bench):
    rows = bench["tables"].tables({"growth": {**ABOUT, **GROWTH}})["limits"].splitlines()
    assert rows[2].startswith("| memory of the driver")
    assert "1.3 · 10⁵" in rows[2]


ABOUT = {"pages": 300, "revision": "abc", "when": "2025-01-01", "cores": 2, "cpu": "slow", "load": 0.5}


def test_a_page_of_the_docs_is_filled_and_filling_again_changes_nothing(bench):
    places = "<!-- table: growth -->\nold\n<!-- /table -->\n<!-- table: again -->\n<!-- /table -->\n"
    page = f"Before.\n{places}After.\n"
    once = bench["tables"].filled(page, {"growth": {**ABOUT, **GROWTH}})
    assert "old" not in once
    assert "| 1,000 | 130 | 32.0 | 32.0 | 11.0 | 700 | 650 | 9 | 9.0 |" in once
    assert "Not measured." in once
    assert once.startswith("Before.\n")
    assert once.endswith("After.\n")
    assert bench["tables"].filled(once, {"growth": {**ABOUT, **GROWTH}}) == once


def _upon(*pages: int) -> dict[str, object]:
    """Runs of so many pages, each with builds upon it that cost 1 s and 10 µs a page."""
    names = ("nothing changed", "one changed page", "one changed annotation")
    again = {
        count: {name: {"cpu": 1 + count * 1e-5, "wall": 1.0, "peak": 99.0} for name in names}
        for count in pages
    }
    runs = [{**GROWTH["runs"][0], "pages": n, "cpu": 5 + n * 0.02, "again": again[n]} for n in pages]
    return {**GROWTH, "runs": runs}


def test_what_a_changed_page_costs_is_carried_on_by_its_start_and_a_share_a_page(bench):
    share, at_most = bench["goals"].carried(_upon(1000, 10_000), "one changed page")
    assert share == pytest.approx(2 / 2005)
    assert at_most == pytest.approx((2 + 0.05 * 1.1 / 9000 * 90_000) / 2005)


def test_what_was_measured_at_the_size_aimed_at_is_not_reckoned(bench):
    found = {goal.what: goal for goal in bench["goals"].goals({"growth": _upon(1000, 100_000)})}
    assert found["CPU of a build: one changed page"].measured == "0.10% of one of 100,000"
    assert found["CPU of a build: one changed page"].met
    assert found["CPU of a build: nothing changed"].met is (2 / 2005 <= 0.001)


def test_a_place_for_no_table_is_refused(bench):
    with pytest.raises(SystemExit, match="growht"):
        bench["tables"].filled("<!-- table: growht -->\n<!-- /table -->\n", {})


@pytest.mark.parametrize("name", ["scale", "benchmarks"])
def test_the_tables_of_the_docs_are_those_of_the_figures(bench, name):
    page = DOCS.with_stem(name).read_text("utf-8")
    assert bench["tables"].filled(page, json.loads(FIGURES.read_text("utf-8"))) == page, (
        f"run `python benchmarks/scale.py --tables --docs docs/{name}.md`"
    )


def test_every_table_has_its_place_in_the_page_on_scale(bench):
    page = DOCS.read_text("utf-8")
    assert set(re.findall(r"<!-- table: ([\w-]+) -->", page)) == {
        bench["tables"].GOALS,
        *bench["tables"].TABLES,
    }
