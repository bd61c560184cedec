from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def simulation(monkeypatch):
    """The simulation, imported as it runs: from its own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import scale_simulation

    return scale_simulation


def seconds(simulation, cluster, job, seed=0):
    return simulation.simulate(simulation.Cluster(**cluster), simulation.Job(**job), seed).seconds


def test_one_core_without_failures_takes_the_sum_of_the_times(simulation):
    cluster = {"nodes": 1, "cores": 1, "network": 100, "storage": 1000}
    job = {"units": 7, "seconds": 3.0, "read": 200, "written": 100, "driver": 0.5, "start": 4, "alone": 6}
    assert seconds(simulation, cluster, job) == pytest.approx(4 + 7 * (3 + 2 + 1 + 0.5) + 6)


def test_work_that_needs_nothing_shared_is_divided_by_the_cores(simulation):
    assert seconds(simulation, {"nodes": 4, "cores": 5}, {"units": 200, "seconds": 3.0}) == pytest.approx(30)


def test_the_last_round_is_as_long_as_the_others(simulation):
    assert seconds(simulation, {"nodes": 1, "cores": 4}, {"units": 9, "seconds": 1.0}) == pytest.approx(3)


def test_storage_bounds_work_that_does_nothing_but_read(simulation):
    cluster = {"nodes": 10, "cores": 10, "network": 1e9, "storage": 1e6}
    job = {"units": 500, "seconds": 0.0, "read": 2e4}
    outcome = simulation.simulate(simulation.Cluster(**cluster), simulation.Job(**job))
    assert outcome.seconds == pytest.approx(500 * 2e4 / 1e6)
    assert outcome.storage == pytest.approx(1)


def test_a_network_bounds_its_own_node_where_storage_is_wide(simulation):
    cluster = {"nodes": 2, "cores": 4, "network": 4e3, "storage": 1e9}
    assert seconds(simulation, cluster, {"units": 16, "seconds": 0.0, "read": 1e3}) == pytest.approx(2)


def test_reading_overlaps_with_the_work_of_other_cores(simulation):
    cluster = {"nodes": 1, "cores": 2, "network": 1e9, "storage": 1.0}
    # Two transfers of 2 at once take 4; then each core is a second at work while the other reads.
    assert seconds(simulation, cluster, {"units": 2, "seconds": 1.0, "read": 2.0}) == pytest.approx(5)


def test_a_driver_that_hands_out_slowly_bounds_everything(simulation):
    job = {"units": 1000, "seconds": 1.0, "driver": 0.1}
    outcome = simulation.simulate(simulation.Cluster(nodes=50, cores=20), simulation.Job(**job))
    assert outcome.seconds == pytest.approx(1000 * 0.1, rel=0.03)
    assert outcome.driver > 0.95


def test_a_slow_node_holds_up_shares_and_hardly_a_queue(simulation):
    job = {"units": 400, "seconds": 1.0}
    slow = {"nodes": 10, "cores": 1, "slow": 0.1, "slowness": 4.0}
    assert seconds(simulation, {**slow, "shares": True}, job) == pytest.approx(160)
    assert seconds(simulation, slow, job) < 46


def test_failures_cost_what_theory_says(simulation):
    rate, pause, work = 60.0, 5.0, 20.0
    cluster = simulation.Cluster(nodes=1, cores=1, failures=rate, pause=pause, tries=1000)
    job = simulation.Job(units=3000, seconds=work)
    outcome = simulation.simulate(cluster, job, seed=1)
    each = rate / 3600
    # A unit that begins anew after each failure: (e^(rt) - 1) (1/r + pause) seconds on average.
    expected = 3000 * math.expm1(each * work) * (1 / each + pause)
    assert outcome.seconds == pytest.approx(expected, rel=0.05)
    assert outcome.lost == 0
    assert outcome.failed == pytest.approx(3000 * math.expm1(each * work), rel=0.1)


def test_a_unit_that_fails_each_time_is_given_up_and_the_rest_goes_on(simulation):
    cluster = simulation.Cluster(nodes=1, cores=3, failures=3600 * 1000, pause=0.0, tries=4)
    outcome = simulation.simulate(cluster, simulation.Job(units=5, seconds=1.0))
    assert (outcome.lost, outcome.failed) == (5, 20)


def test_units_of_different_length_have_the_mean_that_was_asked_for(simulation):
    job = {"units": 20_000, "seconds": 2.0, "spread": 0.7}
    assert seconds(simulation, {"nodes": 1, "cores": 1}, job) == pytest.approx(40_000, rel=0.03)


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.integers(1, 4),
    cores=st.integers(1, 4),
    units=st.integers(1, 40),
    read=st.floats(0, 50),
    slow=st.floats(0, 1),
    failures=st.sampled_from([0.0, 20.0]),
    shares=st.booleans(),
    seed=st.integers(0, 99),
)
def test_no_cluster_is_faster_than_its_cores_or_its_storage(  # noqa: PLR0917 - one of each
    nodes, cores, units, read, slow, failures, shares, seed
):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import scale_simulation as simulation
    cluster = simulation.Cluster(
        *(nodes, cores, 100.0, 50.0, slow, 2.0, failures), pause=1.0, tries=100, shares=shares
    )
    job = simulation.Job(units, 3.0, 0.5, read, driver=0.01)
    outcome = simulation.simulate(cluster, job, seed)
    assert outcome.lost == 0
    assert outcome.busy <= 1 + 1e-9
    assert outcome.storage <= 1 + 1e-9
    assert outcome.seconds >= units * read / 50.0 - 1e-6
    assert outcome == simulation.simulate(cluster, job, seed)
