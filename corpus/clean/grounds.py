"""Why each unit of a page got its role: what was measured, how likely it was, which rule decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from corpus.clean import margins, roles
from corpus.clean.features import NAMES
from corpus.clean.html import layout
from corpus.clean.model import Model, load
from corpus.clean.page import judged
from corpus.clean.roles import named

if TYPE_CHECKING:
    from collections.abc import Mapping


MEANINGS: Final = {**roles.RULES, **margins.RULES}
"""The rules the role of a unit of HTML can rest on, and what each means."""


class Explained(NamedTuple):
    """One unit, its fate, and the grounds.

    `meaning` says what the rule means; `chances` are the learned probabilities by name (that of main text
    after the second look at the page, and after the first), `features` what was measured (numbers that are
    not zero), `words` the groups of words that name the unit or what is around it.
    """

    raw_start: int
    raw_end: int
    text: str
    role: str
    rule: str
    meaning: str
    chances: Mapping[str, float]
    features: Mapping[str, float]
    words: tuple[str, ...]


def explain_html(
    raw: str, start: int = 0, end: int | None = None, model: Model | None = None
) -> list[Explained]:
    """Explain every unit of `raw[start:end]`, read as HTML; what holds no text is not explained."""
    page = layout(raw, start, len(raw) if end is None else end)
    if not page.units:
        return []
    model = model or load()
    found = judged(raw, page, model)
    groups = named(found.features, model.vocabulary)
    out = []
    for at, (unit, verdict) in enumerate(zip(page.units, found.verdicts, strict=True)):
        main, comment = found.chances[at].tolist()
        first = float(found.first[at, 0])
        numbers = found.features.numbers[at].tolist()
        out.append(
            Explained(
                unit.start,
                unit.end,
                unit.text,
                *verdict,
                MEANINGS[verdict.rule],
                {"main_text": round(main, 4), "first_look": round(first, 4), "comment": round(comment, 4)},
                {name: round(number, 4) for name, number in zip(NAMES, numbers, strict=True) if number},
                tuple(group for group, column in groups.items() if column[at]),
            )
        )
    return out
