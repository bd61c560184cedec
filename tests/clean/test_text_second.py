"""The second look at plain-text pages: what it sees of a page as a whole, and whom it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.clean import text_features, text_model, text_roles, text_second
from corpus.clean.text_lines import units

PAGE = """Menu
Search

The old ferry ran again on Sunday, and half the town came down to the quay to see it leave.
The captain said the engine had been rebuilt twice, and that the ferry would now run until autumn.

The ferry was built when the captain was a boy.

Ten recipes for a wet weekend
Which chair suits your back
"""
LIKELY = np.array([0.01, 0.01, 0.95, 0.9, 0.6, 0.3, 0.3])

ASKED = """Home

What would you like us to plant in the park next spring? Tell the gardeners here until the end of May.

Comments
Ada Lovell on May 3, 2019 at 4:47 pm said:
Roses would be lovely beside the pond, where the old bench has been standing empty for years.
Tom Brook on May 4, 2019 at 9:12 am said:
I would rather have a meadow, since it needs less water in July and the bees like it more.
"""


@pytest.fixture(scope="module")
def measured() -> dict[str, list[float]]:
    found = units(PAGE)
    assert len(found) == len(LIKELY)
    alone = text_features.alone(found)
    rows = np.concatenate([alone, text_features.among(found, alone)], axis=1)
    chosen = text_second.candidates(LIKELY)
    seen = text_second.seen(found, rows, LIKELY, chosen)
    assert seen.shape == (5, len(text_second.NAMES) + rows.shape[1])
    return {name: seen[:, at].tolist() for at, name in enumerate(text_second.NAMES)}


def test_units_the_chains_rule_out_are_not_looked_at_again():
    assert text_second.candidates(LIKELY).tolist() == [2, 3, 4, 5, 6]


def test_what_the_chains_rule_out_stays_as_they_say():
    found = units(PAGE)
    alone = text_features.alone(found)
    rows = np.concatenate([alone, text_features.among(found, alone)], axis=1)
    revised = text_second.revised(found, rows, LIKELY)
    assert revised[:2].tolist() == LIKELY[:2].tolist()
    assert ((revised >= 0) & (revised <= 1)).all()


def test_comments_surer_than_the_short_text_above_them_are_set_aside():
    found = units(ASKED)
    doubtful = np.array([0.01, 0.38, 0.02, 0.3, 0.9, 0.5, 0.95])
    left = text_roles.ahead_of_comments(found, text_features.alone(found), doubtful)
    assert left.tolist() == [0.01, 0.38, 0, 0, 0, 0, 0]
    unlikely = np.array([0.01, 0.02, *doubtful[2:]])
    assert (
        text_roles.ahead_of_comments(found, text_features.alone(found), unlikely).tolist()
        == unlikely.tolist()
    )


def test_the_run_of_most_probability_holds_the_text(measured):
    assert measured["run0_inside"] == [1, 1, 1, 0, 0]
    assert measured["run0_far"][2] == 0 >= measured["run0_far"][3] > measured["run0_far"][4]


def test_words_that_the_surest_text_uses_tell_its_own_from_beginnings_of_others(measured):
    known = measured["words_known"]
    assert known[4] == 0
    assert min(known[0], known[1], known[2]) > max(known[3], known[4])


def test_the_surest_text_above_and_below_is_found(measured):
    assert measured["sure_above"] == [-1, 1, 1, 2, 3]
    assert measured["sure_below"] == [1, -1, -1, -1, -1]


def test_the_measures_of_a_page_are_the_same_for_all_its_units(measured):
    assert all(len(set(measured[f"page_{name}"])) == 1 for name in ("mass", "share", "doubt", "sure", "most"))


def test_the_forest_fits_what_is_seen():
    width = len(text_second.NAMES) + len(text_features.ALONE) + len(text_features.AMONG)
    assert text_model.forests().second.columns.max() < width
