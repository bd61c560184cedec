"""Documents -> train, validation, test, by one of five policies; no near-duplicate cluster crosses a split.

`random`      a hash of the cluster decides: stateless, a document keeps its split whatever else is added
`by_source`   the same, with everything from one source (and what its near-duplicates tie to it) in one split
`by_time`     the oldest documents train, the latest test; days are not divided
`by_target`   stance targets are held out, for zero-shot stance: no target of a later split occurs in train
`stratified`  each source and label is dealt in the given ratios, as nearly as the clusters allow

What "stateless" can mean for clusters: a cluster is dealt by its first-published document (the one with the
smallest id among undated ones). A repost that is found later is dated later, so it joins the split of its
original and moves nothing. Only a newly found *earlier* version, or a document that ties two clusters
together, can move documents; `corpus diff` shows that. `by_time` and `stratified` weigh documents against
each other and so may move some when others are added; `by_target` moves documents only when a target is
added.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import ProjectError
from corpus.records import SPLITS

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

RATIOS = (0.8, 0.1, 0.1)

# A time that names its year; one without ("--03-04") cannot be put before or after another.
_DATED = re.compile(r"\d{4}(?:-\d{2}){0,2}")


class SplitUnit(NamedTuple):
    """What dealing a document needs to know of it.

    `published_at` is ISO 8601, as complete as is known; `labels` are `target=label` of its stances, or labels
    of any other kind.
    """

    document_id: str
    cluster: str
    source: str = ""
    published_at: str | None = None
    labels: tuple[str, ...] = ()


def assign(
    documents: Sequence[SplitUnit], policy: str = "random", seed: int = 0, ratios: Sequence[float] = RATIOS
) -> dict[str, str]:
    """Return the split of each document by id; the answer does not depend on the order of `documents`.

    `ratios` follow SPLITS and sum to one; they are met as nearly as whole clusters (and sources, targets,
    days) allow. Raises ProjectError for an unknown policy, ratios that are none, a document that occurs
    twice, and for `by_time` without dates and `by_target` with fewer than two targets.

    >>> texts = [SplitUnit("a", "a"), SplitUnit("b", "a"), SplitUnit("c", "c"), SplitUnit("d", "d")]
    >>> assign(texts, "random", seed=1, ratios=(0.5, 0, 0.5))
    {'a': 'train', 'b': 'train', 'c': 'test', 'd': 'train'}
    """
    deal = _POLICIES.get(policy)
    if deal is None:
        raise ProjectError(f"the split policy '{policy}' is not known; known are {', '.join(_POLICIES)}")
    if len(ratios) != len(SPLITS) or min(ratios) < 0 or abs(sum(ratios) - 1) > 1e-6:
        raise ProjectError(
            f"found split ratios {tuple(ratios)}, expected three that sum to 1 ({', '.join(SPLITS)})"
        )
    twice = [
        document for document, count in Counter(unit.document_id for unit in documents).items() if count > 1
    ]
    if twice:
        raise ProjectError(f"documents that occur twice cannot be dealt: {', '.join(sorted(twice)[:5])}")
    ordered = sorted(documents)
    clusters = list(_grouped(ordered, lambda unit: [unit.cluster]).values())
    dealt = deal(clusters, seed, tuple(ratios)) if clusters else {}
    by_document = {unit.document_id: dealt[unit.cluster] for unit in ordered}
    return {unit.document_id: by_document[unit.document_id] for unit in documents}


def _random(clusters: list[list[SplitUnit]], seed: int, ratios: tuple[float, ...]) -> dict[str, str]:
    return {units[0].cluster: _at(_point(_first(units), seed), ratios) for units in clusters}


def _by_source(clusters: list[list[SplitUnit]], seed: int, ratios: tuple[float, ...]) -> dict[str, str]:
    """Deal the groups that sources and clusters tie together, each by its smallest source."""
    units = [unit for cluster in clusters for unit in cluster]
    splits: dict[str, str] = {}
    for group in _grouped(units, lambda unit: [("source", unit.source), ("cluster", unit.cluster)]).values():
        split = _at(_point(min(unit.source for unit in group), seed), ratios)
        splits |= {unit.cluster: split for unit in group}
    return splits


def _by_time(clusters: list[list[SplitUnit]], seed: int, ratios: tuple[float, ...]) -> dict[str, str]:
    """Cut the days in order, counting documents; a cluster is as late as its latest document.

    Documents without a date train: in validation and test every document is then known to be later than every
    dated one in train, which is what these splits are for.
    """
    del seed  # time leaves nothing to chance
    days: defaultdict[str, list[list[SplitUnit]]] = defaultdict(list)
    splits: dict[str, str] = {}
    for units in clusters:
        latest = max(filter(None, map(_day, units)), default=None)
        if latest is None:
            splits[units[0].cluster] = SPLITS[0]
        else:
            days[latest].append(units)
    if not days:
        raise ProjectError(
            "the split policy by_time needs dates, and no document has one; choose another policy"
        )
    counts = {day: sum(map(len, days[day])) for day in sorted(days)}
    total, before = sum(counts.values()), 0
    for day, count in counts.items():
        split = _at((before + count / 2) / total, ratios)
        splits |= {units[0].cluster: split for units in days[day]}
        before += count
    return splits


def _by_target(clusters: list[list[SplitUnit]], seed: int, ratios: tuple[float, ...]) -> dict[str, str]:
    """Deal the targets in the order of their hashes; a cluster goes to the latest split of its targets.

    So train holds no target of validation or test, and validation none of test; a test document may also
    speak of a target that train knows. Clusters without targets are dealt at random.
    """
    targets = {_target(label) for units in clusters for unit in units for label in unit.labels}
    if len(targets) < 2:
        found = f"only '{targets.pop()}' has" if targets else "no document has"
        raise ProjectError(f"the split policy by_target needs two targets or more; {found} stances")
    ordered = sorted(targets, key=lambda target: (_point(target, seed), target))
    held = {target: _at((rank + 0.5) / len(ordered), ratios) for rank, target in enumerate(ordered)}
    splits = _random(clusters, seed, ratios)
    for units in clusters:
        spoken_of = {held[_target(label)] for unit in units for label in unit.labels}
        if spoken_of:
            splits[units[0].cluster] = max(spoken_of, key=SPLITS.index)
    return splits


def _stratified(clusters: list[list[SplitUnit]], seed: int, ratios: tuple[float, ...]) -> dict[str, str]:
    """Deal clusters so that every source and label comes out in the ratios (iterative stratification).

    The rarest trait that is left goes first, each of its clusters to the split that lacks most of it; largest
    clusters first, since what is small can still be levelled. After Sechidis, Tsoumakas & Vlahavas 2011, "On
    the stratification of multi-label data", with clusters for examples.
    """
    traits = {units[0].cluster: _traits(units) for units in clusters}
    order = {units[0].cluster: (-len(units), _point(_first(units), seed)) for units in clusters}
    totals: Counter[Hashable] = Counter()
    holders: defaultdict[Hashable, list[str]] = defaultdict(list)
    for cluster, counts in traits.items():
        for trait, count in counts.items():
            totals[trait] += count
            holders[trait].append(cluster)
    lacking = {trait: [ratio * count for ratio in ratios] for trait, count in totals.items()}
    splits: dict[str, str] = {}
    for trait in sorted(totals, key=lambda trait: (totals[trait], str(trait))):
        left = [cluster for cluster in holders[trait] if cluster not in splits]
        for cluster in sorted(left, key=order.__getitem__):
            chosen = max(range(len(SPLITS)), key=lambda at: (lacking[trait][at], lacking[_ALL][at], -at))
            splits[cluster] = SPLITS[chosen]
            for other, count in traits[cluster].items():
                lacking[other][chosen] -= count
    return splits


_ALL = ("every document",)


def _traits(units: list[SplitUnit]) -> Counter[Hashable]:
    """Count what a cluster has of each trait; every cluster has _ALL, the commonest."""
    traits: Counter[Hashable] = Counter({_ALL: len(units)})
    traits.update(("source", unit.source) for unit in units)
    traits.update(("label", label) for unit in units for label in unit.labels)
    return traits


_POLICIES: dict[str, Callable[[list[list[SplitUnit]], int, tuple[float, ...]], dict[str, str]]] = {
    "random": _random,
    "by_source": _by_source,
    "by_time": _by_time,
    "by_target": _by_target,
    "stratified": _stratified,
}
POLICIES = tuple(_POLICIES)


def _grouped(
    units: Iterable[SplitUnit], ties: Callable[[SplitUnit], Sequence[Hashable]]
) -> Mapping[Hashable, list[SplitUnit]]:
    """Group units that share a tie, directly or through others."""
    above: dict[Hashable, Hashable] = {}

    def root(tie: Hashable) -> Hashable:
        while above.setdefault(tie, tie) != tie:
            above[tie] = above[above[tie]]
            tie = above[tie]
        return tie

    listed = list(units)
    for unit in listed:
        first, *others = ties(unit)
        for other in others:
            above[root(other)] = root(first)
    groups: defaultdict[Hashable, list[SplitUnit]] = defaultdict(list)
    for unit in listed:
        groups[root(ties(unit)[0])].append(unit)
    return groups


def _first(units: Iterable[SplitUnit]) -> str:
    """Return the id of the document published first; undated ones come last, by id."""
    return min(
        units, key=lambda unit: (_day(unit) is None, unit.published_at or "", unit.document_id)
    ).document_id


def _day(unit: SplitUnit) -> str | None:
    """Return the day a document was published, or the month or year if that is all; None without a year."""
    found = _DATED.match(unit.published_at or "")
    return found[0] if found else None


def _target(label: str) -> str:
    return label.rpartition("=")[0] or label


def _point(name: str, seed: int) -> float:
    """Return a number in [0, 1) that depends on a name and the seed and on nothing else."""
    digest = blake2b(f"{seed}\0{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def _at(point: float, ratios: tuple[float, ...]) -> str:
    """Return the split in whose share of [0, 1) a point lies; a split with ratio 0 has none."""
    edge = 0.0
    for split, ratio in zip(SPLITS, ratios, strict=True):
        edge += ratio
        if point < edge:
            return split
    return next(split for split, ratio in zip(SPLITS[::-1], ratios[::-1], strict=True) if ratio)
