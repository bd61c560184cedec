"""Ledgers of cleaning: what became of each raw character, and what changed between two cleanings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Change(NamedTuple):
    """Raw characters `[raw_start, raw_end)` of a document whose role or rule is not what it was."""

    document_id: str
    raw_start: int
    raw_end: int
    before: tuple[str, str]
    after: tuple[str, str]
    text: str


def changes(
    document_id: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Change]:
    """Compare two tilings of one raw text: blocks as `corpus clean --json --blocks` prints them.

    Raises ValueError where they do not tile the same raw text.

    >>> old = [{"raw_start": 0, "raw_end": 9, "role": "other", "rule": "short", "text": "开放"}]
    >>> new = [{"raw_start": 0, "raw_end": 9, "role": "paragraph", "rule": "main_text", "text": "开放"}]
    >>> changes("a", old, new)[0].after
    ('paragraph', 'main_text')
    """
    end = [blocks[-1]["raw_end"] if blocks else 0 for blocks in (before, after)]
    if end[0] != end[1]:
        raise ValueError(
            f"{document_id}: {end[0]} raw characters before and {end[1]} after; not one raw text"
        )
    return [
        Change(document_id, start, stop, _fate(old), _fate(new), str(new["text"] or old["text"]))
        for start, stop, old, new in _overlaps(before, after)
        if _fate(old) != _fate(new)
    ]


def totals(found: Sequence[Change]) -> dict[tuple[tuple[str, str], tuple[str, str]], int]:
    """Raw characters by what they were and what they are, most first."""
    counts: Counter[tuple[tuple[str, str], tuple[str, str]]] = Counter()
    for change in found:
        counts[change.before, change.after] += change.raw_end - change.raw_start
    return dict(counts.most_common())


def _fate(block: Mapping[str, Any]) -> tuple[str, str]:
    return str(block["role"]), str(block["rule"])


def _overlaps(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, int, Mapping[str, Any], Mapping[str, Any]]]:
    """The pieces that both tilings leave whole, each with its two blocks."""
    left = right = start = 0
    while left < len(before) and right < len(after):
        stop = min(before[left]["raw_end"], after[right]["raw_end"])
        if stop > start:
            yield start, stop, before[left], after[right]
        start = stop
        left += before[left]["raw_end"] <= stop
        right += after[right]["raw_end"] <= stop
