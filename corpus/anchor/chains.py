"""Find which stretches of the old text stand where in the new one, moved paragraphs included.

Seed and chain, as in whole-genome alignment (MUMmer, Delcher et al. 1999; minimap2, Li 2018): rare n-grams
that both texts share are merged into runs, runs that keep their order are chained, and each character is
given to one chain only. A moved paragraph is a chain of its own; of two copies, the one in line with its
neighbours wins, because it makes the longer chain, and of two in line the first.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.anchor.copies import Rivals
from corpus.anchor.runs import link, share_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus.anchor.copies import Originals
    from corpus.anchor.folding import Folded

_NEAR = 8
"""New paragraphs looked back over for an earlier copy."""


class Run(NamedTuple):
    """`old[old_start:old_start + length]` is `new[new_start:new_start + length]`, in folded characters."""

    old_start: int
    new_start: int
    length: int


def free_parts(run: Run, used_old: NDArray[np.bool_], used_new: NDArray[np.bool_]) -> list[Run]:
    """Cut a run down to the stretches that are free on both sides."""
    taken = (
        used_old[run.old_start : run.old_start + run.length]
        | used_new[run.new_start : run.new_start + run.length]
    )
    if not taken.any():
        return [run]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], taken, [True])).astype(np.int8)))
    return [
        Run(run.old_start + int(low), run.new_start + int(low), int(high - low))
        for low, high in zip(edges[::2], edges[1::2], strict=True)
    ]


def _before(run: Run, chain: list[Run]) -> list[Run]:
    """Put a run before a chain (kept last run first); where they overlap the earlier one keeps its all.

    Of a paragraph printed twice in a row, the runs of both copies overlap: the first copy is the one that
    stays.
    """
    while chain:
        later = chain.pop()
        cut = max(
            0, run.old_start + run.length - later.old_start, run.new_start + run.length - later.new_start
        )
        if cut < later.length:
            chain.append(Run(later.old_start + cut, later.new_start + cut, later.length - cut))
            break
    return [*chain, run]


def _order(runs: NDArray[np.int64], old: Folded, new: Folded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return link(runs, old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]])


def _without_crumbs(chain: list[Run], old: Folded) -> list[Run]:
    """Leave out crumbs of runs cut at paragraphs: a full stop must not hold a paragraph's place."""
    whole = np.diff(old.first)
    kept = [run for run in chain if run.length >= 5 or 2 * run.length >= whole[old.paragraph[run.old_start]]]
    return kept or chain


def _best_chain(runs: NDArray[np.int64], old: Folded, new: Folded) -> list[Run]:
    """Return the best single chain of some runs, in order."""
    score, before = _order(runs, old, new)
    chain, at = list[Run](), int(np.argmax(score))
    while at >= 0:
        chain = _before(Run(*runs[at].tolist()), chain)
        at = int(before[at])
    return chain[::-1]


class _Partners(NamedTuple):
    """Runs sorted by old paragraph, but those between a copy and any other than what it is a copy of."""

    runs: NDArray[np.int64]
    old_paragraph: NDArray[np.int64]
    new_paragraph: NDArray[np.int64]


def _find_partners(runs: NDArray[np.int64], old: Folded, new: Folded) -> _Partners:
    shared = share_between(runs, old, new)
    best = np.zeros(len(new.first), dtype=np.int64)
    np.maximum.at(best, new.paragraph[runs[:, 1]], shared)
    runs = runs[shared >= best[new.paragraph[runs[:, 1]]]]
    runs = runs[np.argsort(old.paragraph[runs[:, 0]], kind="stable")]
    return _Partners(runs, old.paragraph[runs[:, 0]], new.paragraph[runs[:, 1]])


def _prefer_first(
    chain: list[Run], partners: _Partners, used_new: NDArray[np.bool_], old: Folded, new: Folded
) -> list[Run]:
    """Of copies that follow one another in the new text, take the first, edited or not.

    A paragraph of the chain goes to earlier new paragraphs where these lie free between it and what comes
    before it, and share nearly as much with it: a page that prints a paragraph twice repeats it afterwards.
    """
    answer: list[Run] = []
    reached = -1
    for of, group in groupby(chain, lambda run: int(old.paragraph[run.old_start])):
        stretch = list(group)
        whole = sum(run.length for run in stretch)
        to = int(new.paragraph[stretch[0].new_start])
        low, high = np.searchsorted(partners.old_paragraph, [of, of + 1])
        q = partners.new_paragraph[low:high]
        nearby = partners.runs[low:high][(q > max(reached, to - _NEAR)) & (q < to)]
        free = all(not used_new[start : start + length].any() for _, start, length in nearby.tolist())
        if free and 10 * int(nearby[:, 2].sum()) >= 7 * whole:
            first = _best_chain(nearby, old, new)
            if 10 * sum(run.length for run in first) >= 7 * whole:
                stretch = first
        answer += stretch
        reached = int(new.paragraph[stretch[-1].new_start])
    return answer


class Chains(NamedTuple):
    """Chains, best first, and which new characters are a copy's: those have no old ones of their own."""

    chains: list[list[Run]]
    copied: NDArray[np.bool_]


def find_chains(originals: Originals, old: Folded, new: Folded) -> Chains:
    """Return chains of runs; each is in order in both texts, and no character is in two.

    Once a chain gave an old stretch its place, what else reads like it is a copy, and its new characters are
    kept from everything else: a sentence deleted from the original does not go to the copy that has it still.
    """
    runs = originals.runs
    rivals = Rivals(originals, len(new.codes))
    if not len(runs):
        return Chains([], rivals.copied)
    score, before = _order(runs, old, new)
    partners = _find_partners(runs, old, new)
    used_old, used_new = np.zeros(len(old.codes), dtype=bool), rivals.copied.copy()
    seen = np.zeros(len(runs), dtype=bool)
    chains: list[list[Run]] = []
    for last in np.argsort(-score, kind="stable"):
        at, chain = int(last), list[Run]()
        while at >= 0 and not seen[at]:
            seen[at] = True
            row = runs[at]
            for run in reversed(free_parts(Run(int(row[0]), int(row[1]), int(row[2])), used_old, used_new)):
                chain = _before(run, chain)
            at = int(before[at])
        if not chain:
            continue
        chain = _prefer_first(_without_crumbs(chain[::-1], old), partners, used_new, old, new)
        for run in chain:
            used_old[run.old_start : run.old_start + run.length] = True
            used_new[run.new_start : run.new_start + run.length] = True
        chains.append(chain)
        rivals.rule_out({int(old.paragraph[run.old_start]) for run in chain}, used_old, used_new)
    return Chains(chains, rivals.copied)
