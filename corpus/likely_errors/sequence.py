"""Out-of-fold sequence models: what the rest of the corpus would tag a row with."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.likely_errors.mentions import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pycrfsuite
    from numpy.typing import NDArray

EFFORT = (5, 40)
"""Folds, and iterations of L-BFGS: a bound on time."""

TOKENS = 300_000
"""As many tokens a fold learns from at most; the rest is only judged. A bound on time and memory."""


class Opinion(NamedTuple):
    """What a model that has not seen the row says of it."""

    labels: tuple[str, ...]
    """The tags that the columns of `marginals` stand for."""
    marginals: NDArray[np.float64]
    """Tokens x tags: the probability of each tag."""
    logs: list[float]
    """The log probability of each of the taggings asked about."""
    best: float
    """The log probability of the tagging that the model would choose."""


def shape(token: str) -> str:
    """The kinds of characters in a token, runs shortened; saved models of `corpus.models` rest on it too.

    >>> shape("B-52s"), shape("北京")
    ('A-0a', '字')
    """
    kinds = ""
    for character in token[:20]:
        if character.isdigit():
            kind = "0"
        elif not character.isalpha():
            kind = character
        elif character.isupper():
            kind = "A"
        else:
            kind = "a" if character.islower() else "字"
        if not kinds.endswith(kind):
            kinds += kind
    return kinds


def features(tokens: Sequence[str]) -> list[list[str]]:
    """Features of each token of a row: the tokens around it, their shapes and, of long ones, the ends."""
    padded = ["<", "<", *(token.lower() for token in tokens), ">", ">"]
    shapes = ["<", *(shape(token) for token in tokens), ">"]
    rows = []
    for place, token in enumerate(tokens):
        before2, before, here, after, after2 = padded[place : place + 5]
        found = [
            "1",
            f"a{before2}",
            f"b{before}",
            f"c{here}",
            f"d{after}",
            f"e{after2}",
            f"ab{before2}\t{before}",
            f"bc{before}\t{here}",
            f"cd{here}\t{after}",
            f"de{after}\t{after2}",
            f"s{shapes[place + 1]}",
            f"t{shapes[place]}\t{shapes[place + 1]}\t{shapes[place + 2]}",
        ]
        if len(token) == 1:
            found += [
                f"abc{before2}\t{before}\t{here}",
                f"bcd{before}\t{here}\t{after}",
                f"cde{here}\t{after}\t{after2}",
            ]
        else:
            found += [f"p{here[:n]}" for n in range(1, min(len(here), 5))]
            found += [f"q{here[-n:]}" for n in range(1, min(len(here), 5))]
        rows.append(found)
    return rows


def opinions(
    tokens: Sequence[Sequence[str]],
    learned: Sequence[Sequence[str]],
    asked: Sequence[Sequence[Sequence[str]]],
    seed: int = 0,
    effort: tuple[int, int] = EFFORT,
) -> list[Opinion]:
    """Train on all folds but one, give an opinion on the rows of that one, in turn.

    `learned` are the tags to learn from, `asked` the taggings of each row whose probability is wanted. The
    fold of a row comes from its tokens, so that two copies of a text are in one fold and never vouch for
    each other.
    """
    import pycrfsuite

    count, iterations = effort
    folds = _folds(tokens, seed, count)
    answers: dict[int, Opinion] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        for fold in sorted(set(folds)):
            inside = [number for number in range(len(tokens)) if folds[number] == fold]
            outside = [number for number in range(len(tokens)) if folds[number] != fold]
            if not _train(path, tokens, learned, _enough(tokens, outside), iterations):
                answers |= {number: _no_opinion(len(tokens[number]), asked[number]) for number in inside}
                continue
            tagger = pycrfsuite.Tagger()
            tagger.open(path)
            for number in inside:
                answers[number] = _opinion(tagger, features(tokens[number]), asked[number])
            tagger.close()
    return [answers[number] for number in range(len(tokens))]


def _folds(tokens: Sequence[Sequence[str]], seed: int, count: int) -> list[int]:
    texts = [tuple(row) for row in tokens]
    shuffled = sorted(set(texts), key=lambda text: (_hash(text, seed), text))
    fold = {text: place % count for place, text in enumerate(shuffled)}
    return [fold[text] for text in texts]


def _hash(text: Sequence[str], seed: int) -> int:
    return zlib.crc32(f"{seed}\t{chr(10).join(text)}".encode("utf-8", "replace"))


def _enough(tokens: Sequence[Sequence[str]], numbers: Sequence[int]) -> list[int]:
    """The rows to learn from: all, or as many as TOKENS allow, chosen by their hash."""
    if sum(len(tokens[number]) for number in numbers) <= TOKENS:
        return list(numbers)
    kept, total = [], 0
    for number in sorted(numbers, key=lambda number: (_hash(tokens[number], -1), number)):
        total += len(tokens[number])
        if total > TOKENS:
            break
        kept.append(number)
    return sorted(kept)


def _train(
    path: str,
    tokens: Sequence[Sequence[str]],
    learned: Sequence[Sequence[str]],
    numbers: Sequence[int],
    iterations: int,
) -> bool:
    """Train a model on these rows; False where there is no mention to learn from."""
    import pycrfsuite

    if not any(tag != OUTSIDE for number in numbers for tag in learned[number]):
        return False
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.0, "c2": 1.0, "max_iterations": iterations})
    for number in numbers:
        if len(tokens[number]):
            trainer.append(pycrfsuite.ItemSequence(features(tokens[number])), list(learned[number]))
    trainer.train(path)
    return True


def _no_opinion(length: int, asked: Sequence[Sequence[str]]) -> Opinion:
    """What can be said where no other row holds a mention: nothing against any tagging."""
    import numpy as np

    return Opinion((OUTSIDE,), np.ones((length, 1)), [0.0] * len(asked), 0.0)


def _opinion(tagger: pycrfsuite.Tagger, found: list[list[str]], asked: Sequence[Sequence[str]]) -> Opinion:
    import numpy as np

    if not found:
        return _no_opinion(0, asked)
    tagger.set(found)
    labels = tuple(tagger.labels())
    length = len(found)
    marginals = np.array([[tagger.marginal(label, place) for label in labels] for place in range(length)])
    known = set(labels)
    floor = 1e-300
    chances = [tagger.probability(tags) if known.issuperset(tags) else 0.0 for tags in asked]
    best = tagger.probability(tagger.tag()) if asked else 1.0
    logs = [float(np.log(max(chance, floor))) for chance in chances]
    return Opinion(labels, marginals.reshape(length, len(labels)), logs, float(np.log(max(best, floor))))
