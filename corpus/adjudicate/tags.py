"""IOB2 tags to spans and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Span(NamedTuple):
    """A mention: tokens `start` to `end`, `end` exclusive, with its label."""

    start: int
    end: int
    label: str


def spans(tags: Sequence[str]) -> list[Span]:
    """Read the mentions of IOB2 tags; an I- that continues nothing begins a mention, as in IOB1.

    >>> spans(["B-PER", "I-PER", "I-ORG", "O", "B-PER"])
    [Span(start=0, end=2, label='PER'), Span(start=2, end=3, label='ORG'), Span(start=4, end=5, label='PER')]
    """
    found: list[Span] = []
    for position, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if not label:
            continue
        if prefix == "I" and found and found[-1].end == position and found[-1].label == label:
            found[-1] = found[-1]._replace(end=position + 1)
        else:
            found.append(Span(position, position + 1, label))
    return found


def tags(mentions: Iterable[Span], length: int) -> list[str]:
    """Write mentions that do not overlap as IOB2 tags.

    >>> tags([Span(1, 3, "ORG")], 4)
    ['O', 'B-ORG', 'I-ORG', 'O']
    """
    made = ["O"] * length
    for start, end, label in mentions:
        made[start:end] = [f"B-{label}", *([f"I-{label}"] * (end - start - 1))]
    return made
