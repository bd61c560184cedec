"""Mentions in IOB2 tags, read leniently, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OUTSIDE = "O"


class Mention(NamedTuple):
    """The tokens from `start` up to `end` (exclusive) under one label."""

    start: int
    end: int
    label: str


def read_mentions(tags: Sequence[str]) -> list[Mention]:
    """Read the mentions of one row's tags, in order.

    An `I-` that continues nothing, or continues a mention of another label, begins a mention of its own, as
    in the CoNLL scorer: a likely error must not vanish because it is also badly written.

    >>> read_mentions(["B-ORG", "I-ORG", "O", "I-PER"])
    [Mention(start=0, end=2, label='ORG'), Mention(start=3, end=4, label='PER')]
    """
    found: list[Mention] = []
    start, label = 0, ""
    for place, tag in enumerate([*tags, OUTSIDE]):
        prefix, _, named = tag.partition("-")
        if label and (prefix != "I" or named != label):
            found.append(Mention(start, place, label))
            label = ""
        if tag != OUTSIDE and not label:
            start, label = place, named
    return found


def write_tags(mentions: Iterable[Mention], length: int) -> list[str]:
    """Write mentions that do not overlap as the IOB2 tags of a row of so many tokens.

    >>> write_tags([Mention(1, 3, "ORG")], 4)
    ['O', 'B-ORG', 'I-ORG', 'O']
    """
    tags = [OUTSIDE] * length
    for start, end, label in mentions:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags
