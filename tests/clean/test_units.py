"""Units made the short way are those made the long way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean.units import plain_unit, unit
from corpus.clean.visible import BOLD, CELL, LINE, LINK

PLAIN = st.text(alphabet="ab 字\n\xa0\u3000\u200b.", min_size=1, max_size=6)
VALUES = st.sampled_from(("&", " ", "\xa0", "ab", "", LINE, CELL, "\u200b"))
STYLES = st.sampled_from((0, LINK, BOLD, LINK | BOLD))
RUNS = st.lists(st.tuples(PLAIN, st.none() | VALUES, st.booleans(), STYLES), min_size=1, max_size=6)


@settings(max_examples=500)
@given(RUNS)
def test_a_unit_of_plain_text_is_that_made_piece_by_piece(
    runs: list[tuple[str, str | None, bool, int]],
) -> None:
    raw, pieces = "", []
    for text, value, parted, style in runs:
        raw += "<i>" if parted else ""
        pieces.append((len(raw), len(raw) + len(text), value, style))
        raw += text
    made = plain_unit(raw, pieces.copy(), 3, (1, 2), 4)
    assert made is None or made == unit(raw, pieces, 3, (1, 2), 4)


def test_plain_text_in_several_elements_is_a_unit_made_the_short_way() -> None:
    raw = " The <a>port</a> of <b>Leith</b>\n"
    places = [(0, 5, 0), (8, 12, LINK), (16, 20, 0), (23, 28, BOLD), (32, 33, 0)]
    made = plain_unit(raw, [(start, end, None, style) for start, end, style in places], 0, (0, 0), 0)
    assert made is not None
    assert (made.text, made.size, made.linked, made.bold) == ("The port of Leith", 17, 4, 5)
    assert [raw[start:end] for _, _, start, end in made.traces] == ["The ", "port", " of ", "Leith"]
