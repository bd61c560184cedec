"""A conditional random field for entities: trained by crfsuite, kept as arrays, decoded in numpy.

Inside, mentions are tagged with beginning, inside, end and single tokens (BIOES), which tells more of where a
mention ends than IOB2; the tags that go in and out are IOB2. Decoding follows only paths that are mentions.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.models.clues import Known, clues
from corpus.models.folder import Shape, Stored
from corpus.models.majority import fit_mentions
from corpus.models.rows import OUTSIDE, entity_rows, write_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus.models.majority import Mentions
    from corpus.models.rows import EntityRow

PENALTY = 1.0
"""The L2 penalty on weights; 0.3, 0.5 and 1 were tried on CLUENER (docs/benchmarks-models.md)."""

LEAST = 2
"""Times a clue must go with a tag to be weighed: a fifth of the memory of 1, at no loss of F1 on CLUENER."""

ITERATIONS = 100
"""Steps of L-BFGS at most: a bound on time. With 70 CLUENER lost about two points of F1."""


@dataclass(frozen=True, slots=True)
class Crf:
    """Weights of clues and of pairs of tags.

    `weights` is clues x tags (scipy CSR), `pairs` is tags x tags, from the row's to the column's; `clues`
    maps a clue to its row.
    """

    tags: tuple[str, ...]
    clues: dict[str, int]
    weights: Any
    pairs: NDArray[np.float64]
    known: Known
    task: str = "entities"
    method: str = "crf"

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        """Give each row the IOB2 tags of its likeliest mentions."""
        allowed = np.where(_pairs(self.tags), self.pairs, -np.inf)
        return [
            write_tags(_mentions(self._best(row.tokens, allowed)), len(row.tokens))
            for row in entity_rows(rows, labelled=False)
        ]

    def _best(self, tokens: Sequence[str], allowed: NDArray[np.float64]) -> list[str]:
        """The likeliest sequence of tags (Viterbi)."""
        if not tokens:
            return []
        scores = self._scores(tokens)
        first = np.array([tag[0] in "BSO" for tag in self.tags])
        last = np.array([tag[0] in "ESO" for tag in self.tags])
        best = np.where(first, scores[0], -np.inf)
        came = np.zeros(scores.shape, dtype=np.int64)
        columns = np.arange(len(self.tags))
        for place in range(1, len(tokens)):
            paths = best[:, None] + allowed
            came[place] = paths.argmax(axis=0)
            best = paths[came[place], columns] + scores[place]
        tag = int(np.where(last, best, -np.inf).argmax())
        path = [tag]
        for place in range(len(tokens) - 1, 0, -1):
            tag = int(came[place, tag])
            path.append(tag)
        return [self.tags[at] for at in reversed(path)]

    def _scores(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        import scipy.sparse as sp

        told = _told(tokens, self.known)
        rows = [[self.clues[clue] for clue in found if clue in self.clues] for found in told]
        ends = np.cumsum([0, *map(len, rows)])
        places = np.fromiter((at for row in rows for at in row), dtype=np.int64, count=int(ends[-1]))
        ones = sp.csr_matrix((np.ones(len(places)), places, ends), shape=(len(rows), len(self.clues)))
        made: NDArray[np.float64] = np.asarray((ones @ self.weights).todense())
        return made

    def stored(self) -> Stored:
        """Give what a model folder holds of it."""
        surfaces = {"\0".join(surface): counts for surface, counts in self.known.labels.items()}
        settings = {"tags": list(self.tags), "clues": list(self.clues), "known": surfaces}
        arrays = {
            "data": self.weights.data.astype(np.float32),
            "indices": self.weights.indices.astype(np.int32),
            "indptr": self.weights.indptr.astype(np.int64),
            "pairs": self.pairs,
        }
        return Stored(self.task, self.method, settings, arrays)


def fit(rows: Sequence[EntityRow]) -> Crf | Mentions:
    """Fit to rows; rows without a mention leave nothing to learn."""
    if not any(row.mentions for row in rows):
        return fit_mentions(rows)
    known = Known.of([(row.tokens, row.mentions) for row in rows])
    numbers: dict[str, int] = {}
    tags: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        _train(path, _sequences(rows, known, numbers, tags))
        return _read_weights(path, tuple(tags), numbers, known)


def read(stored: Stored) -> Crf:
    """Make the model of what a folder holds."""
    import scipy.sparse as sp

    shape = Shape(stored)
    tags, told = shape.texts("tags"), shape.texts("clues")
    shape.require(
        tags and all(tag == OUTSIDE or (tag[:2] in {"B-", "I-", "E-", "S-"} and tag[2:]) for tag in tags),
        "tags O, B-, I-, E- and S- with a label",
    )
    shape.require(OUTSIDE in tags, "the tag O")
    data, indices = shape.array("data", "f", (None,)), shape.array("indices", "i", (None,))
    indptr, pairs = shape.array("indptr", "i", (len(told) + 1,)), shape.array("pairs", "f", (len(tags),) * 2)
    shape.require(
        len(data) == len(indices) == indptr[-1]
        and indptr[0] == 0
        and bool((np.diff(indptr) >= 0).all())
        and bool(((indices >= 0) & (indices < len(tags))).all()),
        "weights whose places lie inside the matrix",
    )
    weights = sp.csr_matrix((data.astype(np.float64), indices, indptr), shape=(len(told), len(tags)))
    known = {
        tuple(surface.split("\0")): {
            label: int(shape.number(count)) for label, count in shape.mapping(counts).items()
        }
        for surface, counts in shape.mapping(stored.settings.get("known")).items()
    }
    return Crf(tuple(tags), {clue: at for at, clue in enumerate(told)}, weights, pairs, Known(known))


def _sequences(
    rows: Sequence[EntityRow], known: Known, numbers: dict[str, int], tags: dict[str, int]
) -> Iterable[tuple[list[list[str]], list[str]]]:
    """Rows as crfsuite takes them: clues and tags by number, as its listing of weights knows no quotes."""
    for row in rows:
        if not row.tokens:
            continue
        told = _told(row.tokens, known, row.mentions)
        given = [str(tags.setdefault(tag, len(tags))) for tag in _bioes(row)]
        yield [[str(numbers.setdefault(clue, len(numbers))) for clue in found] for found in told], given


def _train(path: str, sequences: Iterable[tuple[list[list[str]], list[str]]]) -> None:
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.0, "c2": PENALTY, "max_iterations": ITERATIONS, "feature.minfreq": LEAST})
    for found, given in sequences:
        trainer.append(pycrfsuite.ItemSequence(found), given)
    trainer.train(path)


def _read_weights(path: str, tags: tuple[str, ...], numbers: dict[str, int], known: Known) -> Crf:
    """Read what crfsuite learned into arrays; clues without a weight are left out."""
    import pycrfsuite
    import scipy.sparse as sp

    tagger = pycrfsuite.Tagger()
    tagger.open(path)
    told = tagger.info()
    tagger.close()
    kept = sorted(told.state_features.items(), key=lambda each: (int(each[0][0]), int(each[0][1])))
    used = {number: at for at, number in enumerate(sorted({int(clue) for (clue, _), _ in kept}))}
    rows = [used[int(clue)] for (clue, _), _ in kept]
    columns = [int(tag) for (_, tag), _ in kept]
    data = np.array([weight for _, weight in kept], dtype=np.float32).astype(np.float64)
    weights = sp.csr_matrix((data, (rows, columns)), shape=(len(used), len(tags)))
    pairs = np.zeros((len(tags), len(tags)))
    for (before, after), weight in told.transitions.items():
        pairs[int(before), int(after)] = weight
    names = {number: clue for clue, number in numbers.items()}
    return Crf(tags, {names[number]: at for number, at in used.items()}, weights, pairs, known)


def _told(tokens: Sequence[str], known: Known, own: Sequence[tuple[int, int, str]] = ()) -> list[list[str]]:
    return [found + more for found, more in zip(clues(tokens), known.clues(tokens, own), strict=True)]


def _bioes(row: EntityRow) -> list[str]:
    tags = [OUTSIDE] * len(row.tokens)
    for start, end, label in row.mentions:
        if end - start == 1:
            tags[start] = f"S-{label}"
        else:
            tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 2), f"E-{label}"]
    return tags


def _mentions(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Read the mentions of a sequence of tags that _pairs allows."""
    found, start = [], 0
    for place, tag in enumerate(tags):
        if tag[0] in "BS":
            start = place
        if tag[0] in "ES":
            found.append((start, place + 1, tag[2:]))
    return found


def _pairs(tags: Sequence[str]) -> NDArray[np.bool_]:
    """Which tag may follow which: a mention that began goes on to its end, under one label."""
    allowed = np.zeros((len(tags), len(tags)), dtype=np.bool_)
    for row, before in enumerate(tags):
        for column, after in enumerate(tags):
            if before[0] in "BI":
                allowed[row, column] = after[0] in "IE" and after[1:] == before[1:]
            else:
                allowed[row, column] = after[0] in "BSO"
    return allowed
