"""Stances that a model can tell from half of the question: the target alone, or the text alone.

A stance is of a text toward a target. Where most texts are for one target and against another, a model that
reads nothing but the target scores as well as one that reads both, and a good score then says nothing of
reading; where each text is labelled alike toward all its targets, the same goes for one that never sees the
target. Linear models guess the gold stances of the training split, out of fold (near-duplicate pages in one
fold), from the target, from the text, and from both with the words crossed with the target. Scores are mean
recalls of the labels. A half is reported if it keeps nine tenths or more of what the whole has above chance,
if it is itself better than chance beyond doubt (p < 0.001), and if the whole is not surely better than it
(p > 0.05).

Silent with fewer than two targets or 300 gold stances in train; for text alone also where fewer than one text
in four is judged toward several targets, since the text then tells the target. Labels with fewer than ten
stances are left out. Of more than 2,000 stances as many are looked at, chosen by a hash of their paragraph.
Needs the extra `models`; without it the check says so and is skipped.

Example: nine in ten paragraphs on `harbour-fees` are against and nine in ten on `new-ferry` are in favor. The
target alone has a mean recall of 0.90, text and target together 0.88.

Mend: annotate paragraphs that take the rarer sides, or score each target on its own and against the target's
most frequent label; waive it with the baseline's score in the card.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, sampled
from corpus.audit._view import Place, found
from corpus.likely_errors import guess_stances

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"

FEWEST = 300
MOST = 2_000
RARE = 10
KEPT = 0.9
"""Share of the whole's gain over the frequent label from which a half comes too close."""
SHARED = 0.25
"""Share of texts with several targets from which a text does not tell its target."""
SURELY, DOUBT = 0.001, 0.05


def check(view: AuditView) -> Iterator[Found]:
    """Compare what target, text and both tell of the gold stances in train."""
    splits = view.given["documents"].select("document_id", "split", page="duplicate_cluster")
    rows = gold(judgements(view)).join(splits, on="document_id", maintain_order="left")
    rows = rows.filter((pl.col("split") == "train") & (pl.len().over("label") >= RARE))
    rows = sampled(rows, MOST)
    if rows.height < FEWEST or rows["target"].n_unique() < 2 or rows["label"].n_unique() < 2:
        return
    truth, texts, ids, pages = (rows[name].to_list() for name in ("label", "all", "target", "page"))
    names = {target.target_id: f"{target.name} {target.target_id}" for target in view.project.targets}
    targets = [names[target] for target in ids]
    both = guess_stances(texts, targets, truth, pages)
    halves = {"the target": guess_stances(None, targets, truth, pages)}
    several = rows.group_by("paragraph_id").agg(many=pl.col("target").n_unique() > 1)["many"]
    if several.sum() >= SHARED * several.len():
        halves["the text"] = guess_stances(texts, None, truth, pages)
    chance, whole = 1 / len(set(truth)), mean_recall(truth, both)
    for name, half in halves.items():
        reached = mean_recall(truth, half)
        close = reached - chance >= KEPT * max(whole - chance, 0.0)
        frequent = [max(sorted(set(truth)), key=truth.count)] * len(truth)
        if not close or _by_chance(truth, half, frequent) > SURELY or _by_chance(truth, both, half) < DOUBT:
            continue
        message = f"{name} alone tells stances with a mean recall of {reached:.2f}, text and target together "
        message += f"with {whole:.2f}, chance with {chance:.2f} ({len(truth)} stances in train, out of fold)"
        hint = "annotate paragraphs on the rarer sides, or score each target against its most frequent label"
        yield found(__name__, Place(line="stance"), message, hint, name)


def mean_recall(truth: Sequence[str], said: Sequence[str]) -> float:
    """The share of each label's rows that are said to have it, as a mean over the labels.

    >>> mean_recall(["favor", "favor", "none"], ["favor", "none", "none"])
    0.75
    """
    right = Counter(one for one, other in zip(truth, said, strict=True) if one == other)
    return sum(right[label] / count for label, count in Counter(truth).items()) / len(set(truth))


def _by_chance(truth: Sequence[str], one: Sequence[str], other: Sequence[str]) -> float:
    """How probably chance alone makes one so much better than the other.

    McNemar's test, one-sided by the normal curve, each row weighed by how rare its label is.
    """
    counts = Counter(truth)
    rows = zip(truth, one, other, strict=True)
    steps = [((said == right) - (against == right)) / counts[right] for right, said, against in rows]
    return math.erfc(sum(steps) / math.sqrt(max(2 * sum(step * step for step in steps), 1e-12))) / 2
