"""Crowds simulated over two Chinese corpora: the model against a majority by token and crowd-kit's models.

The figures of docs/annotations.md come from here: `pytest tests/adjudicate/test_crowds.py --slow -s`.
"""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.adjudicate import adjudicate
from corpus.adjudicate.tags import Span, spans, tags

NER = Path(__file__).resolve().parents[3] / "shared" / "annotations" / "ner"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not NER.is_dir(), reason="the corpora are not beside this checkout"),
]


def cluener(most):
    """Tokens and mentions; ends are inclusive in the file, and of overlapping mentions the first is kept."""
    with (NER / "cluener" / "train.json").open(encoding="utf-8", newline="\n") as lines:
        for _, line in zip(range(most), lines, strict=False):
            row = json.loads(line)
            found = sorted(
                Span(start, end + 1, label)
                for label, mentions in row["label"].items()
                for ranges in mentions.values()
                for start, end in ranges
            )
            yield list(row["text"]), without_overlap(found)


def weibo():
    body = (NER / "weibo" / "weiboNER_2nd_conll.train").read_bytes().decode("utf-8", "replace")
    for text in body.split("\n\n"):
        rows = [line.split("\t") for line in text.split("\n") if "\t" in line]
        if rows:
            yield [row[0][:1] for row in rows], spans([row[1].strip() for row in rows])


def without_overlap(found):
    kept = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


class Worker:
    """An annotator who misses, slips, mistakes and invents at rates of their own."""

    def __init__(self, rng, labels, bad):
        if rng.random() < bad:
            self.rates = [
                rng.uniform(0.5, 1),
                rng.uniform(0.3, 0.6),
                rng.uniform(0.2, 0.7),
                rng.uniform(0, 0.03),
            ]
        else:
            self.rates = [
                rng.uniform(0.1, 0.6),
                rng.uniform(0.05, 0.3),
                rng.uniform(0.03, 0.3),
                rng.uniform(0, 0.01),
            ]
        self.mistakes = {label: rng.choice(labels) for label in labels}

    def mark(self, rng, truth, length, labels):
        missed, slipped, wrong, invented = self.rates
        made = []
        for span in truth:
            if rng.random() < missed:
                continue
            left, right = rng.choice([(-1, 0), (1, 0), (0, 1), (0, -1)]) if rng.random() < slipped else (0, 0)
            start, end, label = span.start + left, span.end + right, span.label
            if not 0 <= start < end <= length:
                start, end = span.start, span.end
            if rng.random() < wrong:
                label = self.mistakes[label] if rng.random() < 0.8 else rng.choice(labels)
            made.append(Span(start, end, label))
        made += [Span(at, at + 1, rng.choice(labels)) for at in range(length) if rng.random() < invented]
        return tags(without_overlap(sorted(made)), length)


def crowd(texts, seed, workers, votes, bad=0.15):
    rng = random.Random(seed)
    labels = sorted({span.label for _, truth in texts for span in truth})
    everyone = [Worker(rng, labels, bad) for _ in range(workers)]
    rows = []
    for tokens, truth in texts:
        chosen = set()
        while len(chosen) < votes:  # few annotators do most of the work
            chosen.add(min(int(rng.paretovariate(0.7)) - 1, workers - 1))
        marked = {f"w{n}": everyone[n].mark(rng, truth, len(tokens), labels) for n in sorted(chosen)}
        rows.append({"tokens": tokens, "votes": marked})
    return rows


def f1(texts, answer):
    right = sum(len(set(truth) & set(spans(line))) for (_, truth), line in zip(texts, answer, strict=True))
    return 200 * right / (sum(len(truth) for _, truth in texts) + sum(len(spans(line)) for line in answer))


@pytest.mark.parametrize(
    ("name", "texts", "workers", "votes", "bad"),
    [
        ("CLUENER, 1000 texts, 5 of 30 annotators", lambda: cluener(1000), 30, 5, 0.15),
        ("CLUENER, 300 texts, 3 of 30 annotators", lambda: cluener(300), 30, 3, 0.15),
        ("CLUENER, 1000 texts, 5 of 30, two in five bad", lambda: cluener(1000), 30, 5, 0.4),
        ("Weibo NER, 1350 texts, 4 of 20 annotators", weibo, 20, 4, 0.15),
    ],
)
def test_the_model_is_far_above_a_majority_and_above_dawid_and_skene_by_token(
    name, texts, workers, votes, bad
):
    pytest.importorskip("crowdkit")
    texts = list(texts())
    rows = crowd(texts, 11, workers, votes, bad)
    found = {
        method: f1(texts, adjudicate(rows, "tokens", method))
        for method in ("majority", "dawid_skene", "model")
    }
    shown = {method: round(value, 1) for method, value in found.items()}
    print(name, shown)  # noqa: T201 - the figures are what this is run for
    assert found["model"] > found["dawid_skene"] + 3
    assert found["model"] > found["majority"] + 10


def test_a_text_is_read_as_its_file_has_it():
    assert all(a.end <= b.start for _, truth in cluener(50) for a, b in pairwise(truth))
