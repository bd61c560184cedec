"""What is measured of a unit's text: whether it names a date, a time, a year."""

from __future__ import annotations

import pytest

from corpus.clean.features import NAMES, measure
from corpus.clean.html import layout
from corpus.clean.model import load


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Harbour, 4/3/25", (1, 0, 0)),
        ("港口 2024年3月4日", (1, 0, 1)),
        ("3月 4日 起", (1, 0, 0)),
        ("3月起", (0, 0, 0)),
        ("5月 12日开放, 第12345月6日", (1, 0, 0)),
        ("4 March 1998", (1, 0, 1)),
        ("June 3rd, 2019 in print", (1, 0, 1)),
        ("at 7:45", (0, 1, 0)),
        ("um 12h30", (0, 1, 0)),
        ("3 小时前", (0, 1, 0)),
        ("17 min. ago", (0, 1, 0)),
        ("hace 5 horas", (0, 1, 0)),
        ("vor Ort, 5 Boote", (0, 0, 0)),
        ("quay 1950", (0, 0, 1)),
        ("12 boats, 7 quays", (0, 0, 0)),
        ("no number", (0, 0, 0)),
    ],
)
def test_dates_times_and_years_are_told_apart(text: str, found: tuple[int, int, int]) -> None:
    raw = f"<p>{text}</p>"
    numbers = measure(raw, layout(raw), load().vocabulary).numbers[0]
    assert tuple(numbers[[NAMES.index(name) for name in ("date", "time", "year")]]) == found


def test_elements_whose_tags_begin_alike_are_of_one_kind() -> None:
    raw = '<div class="a"><p>one</p><p>two</p><p></p></div><div class="a"><p>three</p></div><ul><li>four</ul>'
    features = measure(raw, layout(raw), load().vocabulary)
    kind = features.elements.kind
    assert kind[features.places[:, 0]].tolist() == [2, 2, 2, 4]
    assert kind[features.elements.parent[features.places[:, 0]]].tolist() == [1, 1, 1, 3]
    assert kind[4] == 0  # the paragraph without text
