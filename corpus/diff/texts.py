"""Paragraphs of two editions paired, and so the texts that were added, removed or changed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from rapidfuzz.distance import Indel

from corpus.diff.editions import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus.diff.editions import Edition

ALIKE = 0.5
"""Two paragraphs between the same neighbours are one, changed, where half of their characters stay: below
that, readers of a release would not call it the same paragraph."""

_MOST_PAIRS = 250_000
"""Above so many pairs in one gap, paragraphs are paired by their order alone: aligning would take minutes."""


class Changed(NamedTuple):
    """A paragraph whose text changed: its id before and after, and both texts."""

    document_id: str
    old_id: str
    new_id: str
    old: str
    new: str


def _paragraphs(given: Edition) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(
        keyed(given, "paragraphs").values(), key=lambda row: (row["document_id"], row["position"])
    ):
        found[row["document_id"]].append(row)
    return found


def paired(old: Edition, new: Edition, both: Iterable[str]) -> dict[str, str]:
    """Pair the paragraphs of the documents in both editions: old id -> new id."""
    before, after = _paragraphs(old), _paragraphs(new)
    pairs: dict[str, str] = {}
    for name in both:
        ours, theirs = before.get(name, []), after.get(name, [])
        there = {row["paragraph_id"] for row in theirs}
        same = {row["paragraph_id"] for row in ours if row["paragraph_id"] in there}
        pairs |= {each: each for each in same}
        for left, right in _gaps(ours, theirs, same):
            pairs |= {
                left[i]["paragraph_id"]: right[j]["paragraph_id"]
                for i, j in _aligned([_text(row) for row in left], [_text(row) for row in right])
            }
    return pairs


def _text(row: Mapping[str, Any]) -> str:
    return str(row.get("text") or "")


def _gaps(
    ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], same: set[str]
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Give what lies unpaired after the same paired paragraph, on both sides."""
    left, right = _after(ours, same), _after(theirs, same)
    for anchor in left.keys() & right.keys():
        yield left[anchor], right[anchor]


def _after(rows: Sequence[dict[str, Any]], same: set[str]) -> dict[str | None, list[dict[str, Any]]]:
    found: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    last: str | None = None
    for row in rows:
        if row["paragraph_id"] in same:
            last = row["paragraph_id"]
        else:
            found[last].append(row)
    return found


def _aligned(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Pair texts in their order so that the likenesses sum to the most; none below ALIKE.

    >>> _aligned(["The port opens at nine.", "Ships wait."], ["New!", "The port opens at ten."])
    [(0, 1)]
    """
    if len(left) * len(right) > _MOST_PAIRS:
        alike = [(i, i) for i in range(min(len(left), len(right)))]
        return [(i, j) for i, j in alike if Indel.normalized_similarity(left[i], right[j]) >= ALIKE]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    like = [[Indel.normalized_similarity(one, two, score_cutoff=ALIKE) for two in right] for one in left]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            both = like[i][j] + best[i + 1][j + 1] if like[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    pairs, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def texts(
    old: Edition, new: Edition, pairs: Mapping[str, str]
) -> tuple[tuple[Changed, ...], tuple[Changed, ...], tuple[Changed, ...]]:
    """Tell the paragraphs that were added, removed, and whose text changed."""
    before, after = keyed(old, "paragraphs"), keyed(new, "paragraphs")
    kept = set(pairs.values())
    added = (
        Changed(row["document_id"], "", name, "", _text(row))
        for name, row in after.items()
        if name not in kept
    )
    removed = (
        Changed(row["document_id"], name, "", _text(row), "")
        for name, row in before.items()
        if name not in pairs
    )
    changed = (
        Changed(after[theirs]["document_id"], ours, theirs, _text(before[ours]), _text(after[theirs]))
        for ours, theirs in pairs.items()
        if ours != theirs
    )
    return tuple(sorted(added)), tuple(sorted(removed)), tuple(sorted(changed))
