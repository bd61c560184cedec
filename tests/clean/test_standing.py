"""Where a unit stands on its page: what lies between it and the text, its rank, its element beside others."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.clean.features import measure
from corpus.clean.html import layout
from corpus.clean.model import load
from corpus.clean.standing import NAMES, Look, standing

WEIR = "Stone by stone, the weir was raised again this spring, and the miller came to look at it."
PAGE = (
    "<title>The weir</title><h1>The weir</h1><div class=story>"
    + f"<p>{WEIR}</p>" * 3
    + "</div><ul><li><a href=y>More news from the valley</a><li><a href=z>Next</a></ul>"
    + "<div class=newsletter><p>Sign up for letters from the mill</p></div>"
)
TEXT = slice(1, 4)
ASKED = 6


def measured(first: list[float]) -> dict[str, np.ndarray]:
    page, words = layout(PAGE), load().vocabulary
    features = measure(PAGE, page, words)
    assert [unit.text for unit in page.units][TEXT] == [WEIR] * 3
    chances = np.array([[chance, 0.0] for chance in first])
    chosen = np.arange(len(page.units))
    columns = standing(Look(PAGE, page, features, words, chances), chosen, [(1, 4), (1, 4)])
    return {name: np.broadcast_to(column, len(chosen)) for name, column in zip(NAMES, columns, strict=True)}


@pytest.fixture
def found() -> dict[str, np.ndarray]:
    return measured([0.1, 0.9, 0.9, 0.8, 0.05, 0.05, 0.6])


def test_links_between_a_unit_and_the_text_are_counted(found: dict[str, np.ndarray]) -> None:
    assert found["between0_links"][ASKED] == pytest.approx(np.log1p(2))
    assert found["between0_links"][TEXT].tolist() == [0, 0, 0]


def test_the_element_that_holds_most_is_told_from_others(found: dict[str, np.ndarray]) -> None:
    assert found["parent_richest"].tolist() == [0, 1, 1, 1, 0, 0, 0]
    assert found["parent_inside"][ASKED] == 0


def test_units_are_ranked_among_those_of_their_page(found: dict[str, np.ndarray]) -> None:
    assert found["of_surest"][1] == 1
    assert found["rank"][ASKED] == pytest.approx(np.log1p(3))


def test_what_stands_behind_the_title_is_told_from_what_stands_before(found: dict[str, np.ndarray]) -> None:
    assert found["units_from_title"].tolist() == list(range(7))


def test_a_page_on_which_nothing_is_likely_is_measured_too() -> None:
    assert all(np.isfinite(column).all() for column in measured([0.0] * 7).values())
