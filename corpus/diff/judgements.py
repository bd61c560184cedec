"""Annotations of two editions coupled: added, removed, relabelled, moved; adjudicated ones are `gold`'s."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from corpus.diff.editions import keyed
from corpus.records import GOLD

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from corpus.diff.editions import Edition


class Judged(NamedTuple):
    """An annotation, or what was adjudicated (`gold`), that was added, removed, relabelled or moved.

    `old` and `new` are labels, or places (`paragraph_id[start:end]`) of one that moved; None where there is
    none.
    """

    annotator: str
    layer: str
    document_id: str
    quote: str
    target: str | None
    old: str | None
    new: str | None


class _Judgement(NamedTuple):
    judgement_id: str | None
    annotator: str
    layer: str
    document_id: str
    paragraph_id: str | None
    start: int | None
    end: int | None
    label: str
    target: str | None
    quote: str

    @property
    def place(self) -> tuple[Hashable, ...]:
        """Who judged what, where: a stance is of its whole paragraph, however long that is."""
        span = (None, None) if self.layer == "stance" else (self.start, self.end)
        return (self.annotator, self.layer, self.document_id, self.paragraph_id, *span, self.target)

    @property
    def words(self) -> tuple[Hashable, ...]:
        """Who marked which words as what, wherever they stand in their paragraph."""
        return (self.annotator, self.layer, self.document_id, self.paragraph_id, self.quote, self.label)


def _judged(given: Edition) -> Iterator[_Judgement]:
    """Give every annotator's annotations, and what was adjudicated as those of `gold`."""
    for row in keyed(given, "annotations").values():
        yield _Judgement(
            judgement_id=row["annotation_id"],
            annotator=row["annotator"],
            layer=row["layer"],
            document_id=row["document_id"],
            paragraph_id=row.get("paragraph_id"),
            start=row.get("start"),
            end=row.get("end"),
            label=row["label"],
            target=row.get("target"),
            quote=row.get("quote") or "",
        )
    for name, row in keyed(given, "paragraphs").items():
        document, text = row["document_id"], str(row.get("text") or "")
        for each in row.get("entities") or ():
            yield _Judgement(
                *(each["entity_id"], GOLD, "entity", document, name),
                *(each["start"], each["end"], each["label"], None, str(each.get("text") or "")),
            )
        for each in row.get("stances") or ():
            yield _Judgement(
                *(None, GOLD, "stance", document, name, 0, None), *(each["label"], each["target"], text)
            )


def judgements(old: Edition, new: Edition, pairs: Mapping[str, str]) -> dict[str, tuple[Judged, ...]]:
    """Tell what was `added`, `removed`, `relabelled`, `moved`, given paragraphs paired old id -> new id."""
    found: dict[str, list[Judged]] = {name: [] for name in ("added", "removed", "relabelled", "moved")}
    before, after = list(_judged(old)), list(_judged(new))
    for ours, theirs in _couples(before, after, pairs):
        told = theirs or ours
        assert told is not None
        who = (told.annotator, told.layer, told.document_id, told.quote, told.target)
        if ours is None or theirs is None:
            name = "added" if ours is None else "removed"
            found[name].append(Judged(*who, ours and ours.label, theirs and theirs.label))
            continue
        if ours.label != theirs.label:
            found["relabelled"].append(Judged(*who, ours.label, theirs.label))
        if not _stays(ours, theirs, pairs):
            found["moved"].append(Judged(*who, _spelt(ours), _spelt(theirs)))
    return {name: tuple(sorted(rows, key=_order)) for name, rows in found.items()}


def _order(row: Judged) -> tuple[str, ...]:
    return tuple(str(value) for value in row)


def _couples(
    before: list[_Judgement], after: list[_Judgement], pairs: Mapping[str, str]
) -> Iterator[tuple[_Judgement | None, _Judgement | None]]:
    """Couple judgements by id, else by place, else by their words; who has no partner is with None."""
    left, right = before, after
    for key in (_by_id, lambda each: each.place, lambda each: each.words):
        there: dict[Hashable, list[_Judgement]] = defaultdict(list)
        for each in right:
            there[key(each)].append(each)
        alone: list[_Judgement] = []
        for each in left:
            partners = there[key(_carried(each, pairs))]
            if partners:
                yield each, partners.pop(0)
            else:
                alone.append(each)
        left, right = alone, [each for rest in there.values() for each in rest]
    yield from ((each, None) for each in left)
    yield from ((None, each) for each in right)


def _by_id(judgement: _Judgement) -> Hashable:
    """An id that is the judgement's own: an adjudicated stance has none, and is its place."""
    if judgement.judgement_id is None:
        return judgement.place
    return judgement.annotator, judgement.judgement_id


def _carried(judgement: _Judgement, pairs: Mapping[str, str]) -> _Judgement:
    """Put a judgement of the old edition on its paragraph's counterpart."""
    here = judgement.paragraph_id or ""
    return judgement._replace(paragraph_id=pairs.get(here, judgement.paragraph_id))


def _stays(ours: _Judgement, theirs: _Judgement, pairs: Mapping[str, str]) -> bool:
    """Whether two coupled judgements stand on one place."""
    return _carried(ours, pairs).place == theirs.place


def _spelt(judgement: _Judgement) -> str | None:
    if judgement.paragraph_id is None:
        return None
    return f"{judgement.paragraph_id}[{judgement.start}:{judgement.end}]"
