"""Errors put into a copy of the tags, for a detector to learn from where no gold is.

Each copy of a row gets one error of a kind that annotators make: a mention forgotten, cut short or drawn too
long, put under another label, or seen where none is.
"""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING

from corpus.likely_errors.mentions import Mention

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("forgotten", "boundary", "label", "spurious")
"""Forgotten mentions come first: annotators overlook more than they invent."""
WEIGHTS = (5, 3, 2, 1)


def inject(
    tokens: Sequence[str], mentions: Sequence[Mention], labels: Sequence[str], copies: int
) -> list[list[Mention]]:
    """Return copies of a row's mentions with one error in each; the row alone decides which."""
    rnd = random.Random(zlib.crc32("\n".join(tokens).encode("utf-8", "replace")))  # noqa: S311 - no secret
    wrong: list[list[Mention]] = []
    if not tokens:
        return wrong
    for _ in range(copies):
        kind = rnd.choices(KINDS, WEIGHTS)[0] if mentions else "spurious"
        changed = _change(kind, tokens, mentions, labels, rnd)
        if changed is not None:
            wrong.append(changed)
    return wrong


def _change(
    kind: str, tokens: Sequence[str], mentions: Sequence[Mention], labels: Sequence[str], rnd: random.Random
) -> list[Mention] | None:
    if kind == "spurious":
        if not labels:
            return None
        start = rnd.randrange(len(tokens))
        end = min(len(tokens), start + rnd.choice((1, 1, 2, 2, 3)))
        if any(start < other.end and other.start < end for other in mentions):
            return None
        return sorted([*mentions, Mention(start, end, rnd.choice(labels))])
    chosen = rnd.choice(list(mentions))
    rest = [mention for mention in mentions if mention != chosen]
    if kind == "forgotten":
        return rest
    if kind == "label":
        others = [label for label in labels if label != chosen.label]
        return sorted([*rest, chosen._replace(label=rnd.choice(others))]) if others else None
    moved = _moved(chosen, rnd)
    clear = all(moved.end <= other.start or other.end <= moved.start for other in rest)
    legal = 0 <= moved.start < moved.end <= len(tokens) and moved != chosen
    return sorted([*rest, moved]) if clear and legal else None


def _moved(mention: Mention, rnd: random.Random) -> Mention:
    """Cut a mention at one end, or draw it a token or two longer."""
    step = rnd.choice((1, 1, 2, -1, -1, -2))
    if rnd.random() < 0.5:
        return mention._replace(start=mention.start + step)
    return mention._replace(end=mention.end - step)
