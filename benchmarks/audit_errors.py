"""How well likely annotation errors are found: average precision on annotations whose errors are known.

Three sets with errors by people (or, ATIS, by chance), and two with errors put in here. Then the precision of
what is named as likely wrong. Prints Markdown.
Baselines come from the same run: a CRF's and a linear model's out-of-fold probability of the annotation,
label variation, label counts. Average precision treats ties
as one step, so that their order does not matter.
Run: python benchmarks/audit_errors.py ../shared; docs/benchmarks-audit.md starts with what it printed.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import KFold

from corpus.likely_errors import evidence, rank_errors, sequence, suspect_labels, suspect_mentions
from corpus.likely_errors.mentions import Mention, read_mentions, write_tags
from corpus.likely_errors.surfaces import Surfaces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LABELS = ("entailment", "neutral", "contradiction")
CLUENER_ROWS = 1_000
CORRUPTED = 0.2
"""Share of the CLUENER rows that get one error."""


def main(shared: Path) -> None:
    errors = shared / "annotations" / "errors"
    print(
        "# Likely label errors\n\nCommand: `python benchmarks/audit_errors.py ../shared` (one process, CPU)."
    )
    print("AP is average precision x 100; P1 and P5 the precision in the highest 1 % and 5 % of rows.")
    print("\n| set | rows | wrong | method | AP | P1 | P5 | seconds |\n|---|---|---|---|---|---|---|---|")
    weibo = read(errors / "weibo_v1_v2.dev.jsonl")
    spans("Weibo v1 against v2, messages", weibo, [row["tags"] != row["tags_gold"] for row in weibo])
    spans("CLUENER, errors put in", *corrupted(shared / "annotations" / "ner" / "cluener" / "train.json"))
    rows, wrong = tweets(shared / "annotations" / "stance" / "semeval2016" / "train.tsv")
    spans("Tweets, names by form, errors put in", rows, wrong)
    atis = read(errors / "atis_noise5.dev.jsonl")
    wrong = [row["label"] != row["label_gold"] for row in atis]
    report("ATIS, 5 % changed", wrong, "linear model", lambda: linear(atis))
    report("ATIS, 5 % changed", wrong, "rank_errors", lambda: rank_errors(bare(atis), "labels"))
    votes(read(errors / "varierr.json"))
    print("\n| set | errors | named from 0.5 | right | named from 0.8 | right |\n|---|---|---|---|---|---|")
    labelled("ATIS, 5 % changed", atis, "label")
    labelled("ATIS, as it was", atis, "label_gold")
    named("Weibo v1, messages", weibo, [row["tags"] != row["tags_gold"] for row in weibo])
    named("CLUENER, errors put in", *corrupted(shared / "annotations" / "ner" / "cluener" / "train.json"))
    named("Tweets, names by form, errors put in", rows, wrong)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def bare(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as rank_errors may see them."""
    return [{key: row[key] for key in ("tokens", "tags", "text", "label") if key in row} for row in rows]


def report(name: str, wrong: Sequence[bool], method: str, score: Callable[[], Sequence[float]]) -> None:
    begun = time.perf_counter()
    scores = np.asarray(score())
    seconds = time.perf_counter() - begun
    truth = np.asarray(wrong)
    best = truth[np.argsort(-scores, kind="stable")]
    first, fifth = (100 * best[: math.ceil(share * len(best))].mean() for share in (0.01, 0.05))
    precision = 100 * average_precision_score(truth, scores)
    counts = [name, f"{len(truth):,}", f"{truth.sum():,}", method]
    figures = [f"{precision:.1f}", f"{first:.0f}", f"{fifth:.0f}", f"{seconds:.0f}"]
    print(f"| {' | '.join(counts + figures)} |", flush=True)


def spans(name: str, rows: Sequence[dict[str, Any]], wrong: Sequence[bool]) -> None:
    tokens, tags = [row["tokens"] for row in rows], [row["tags"] for row in rows]
    known: dict[str, np.ndarray] = {}

    def crf() -> np.ndarray:
        views = sequence.opinions(tokens, tags, [[given] for given in tags])
        known["crf"] = np.array([1 - math.exp(view.logs[0]) for view in views])
        return known["crf"]

    def variation() -> np.ndarray:
        mentions = [read_mentions(given) for given in tags]
        surfaces = Surfaces(tokens, mentions)
        known["variation"] = np.array(
            [evidence.variation(found, surfaces.seen(number)) for number, found in enumerate(mentions)]
        )
        return known["variation"]

    report(name, wrong, "CRF, out of fold", crf)
    report(name, wrong, "label variation", variation)
    report(name, wrong, "the mean of the two", lambda: known["crf"] + known["variation"])
    report(name, wrong, "rank_errors", lambda: rank_errors(bare(rows), "tokens"))


def corrupted(path: Path) -> tuple[list[dict[str, Any]], list[bool]]:
    """CLUENER rows, a fifth of them with a mention forgotten, cut short or under another label."""
    rnd = random.Random(5)
    rows, wrong = [], []
    for line in read(path)[:CLUENER_ROWS]:
        found = sorted(
            {
                Mention(start, end + 1, label)
                for label, names in line["label"].items()
                for places in names.values()
                for start, end in places
            }
        )
        flat = [one for at, one in enumerate(found) if not at or found[at - 1].end <= one.start]
        changed = change(flat, rnd) if flat and rnd.random() < CORRUPTED else flat
        rows.append({"tokens": list(line["text"]), "tags": write_tags(changed, len(line["text"]))})
        wrong.append(changed != flat)
    return rows, wrong


def tweets(path: Path) -> tuple[list[dict[str, Any]], list[bool]]:
    """English tweets with made-up annotations: runs of capitalised words are names, the form tells the label.

    An eighth of the rows with names get one error. English words and shapes, no English annotator's habits.
    """
    rnd = random.Random(3)
    rows, wrong = [], []
    for line in path.read_text("latin-1").split("\n")[1:2401:2]:
        tokens = re.findall(r"[@#]?\w+|[^\w\s]", line.split("\t")[2])
        found, at = [], 0
        while at < len(tokens):
            end = at
            while end < len(tokens) and tokens[end].istitle() and at and tokens[at - 1] not in ".!?":
                end += 1
            if end > at:
                kind = zlib.crc32(" ".join(tokens[at:end]).encode()) % 4
                found.append(Mention(at, end, ("company", "name", "place", "other")[kind]))
            at = max(end, at + 1)
        changed = change(found, rnd) if found and rnd.random() < 1 / 8 else found
        rows.append({"tokens": tokens, "tags": write_tags(changed, len(tokens))})
        wrong.append(changed != found)
    return rows, wrong


def named(name: str, rows: Sequence[dict[str, Any]], wrong: Sequence[bool]) -> None:
    """Suspects on rows that are wrong count as right."""
    told = [(suspect.probability, wrong[suspect.row]) for suspect in suspect_mentions(bare(rows))]
    _precision(name, sum(wrong), told)


def labelled(name: str, rows: Sequence[dict[str, Any]], column: str) -> None:
    given = [{"text": row["text"], "label": row[column]} for row in rows]
    wrong = [row[column] != row["label_gold"] for row in rows]
    _precision(
        name, sum(wrong), [(suspect.probability, wrong[suspect.row]) for suspect in suspect_labels(given)]
    )


def _precision(name: str, errors: int, told: Sequence[tuple[float, bool]]) -> None:
    figures = []
    for least in (0.5, 0.8):
        kept = [right for probability, right in told if probability >= least]
        figures += [len(kept), sum(kept)]
    print(f"| {name} | {errors} | {' | '.join(map(str, figures))} |", flush=True)


def change(mentions: list[Mention], rnd: random.Random) -> list[Mention]:
    at = rnd.randrange(len(mentions))
    before, one, after = mentions[:at], mentions[at], mentions[at + 1 :]
    kind = rnd.choice(("forgotten", "forgotten", "end", "label"))
    if kind == "forgotten" or (kind == "end" and one.end - one.start == 1):
        return before + after
    if kind == "end":
        return [*before, one._replace(end=one.end - 1), *after]
    return [*before, one._replace(label="name" if one.label != "name" else "company"), *after]


def linear(rows: Sequence[dict[str, Any]]) -> np.ndarray:
    """One less the out-of-fold probability of the label, by logistic regression on character n-grams."""
    texts, given = [row["text"] for row in rows], np.array([row["label"] for row in rows])
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True).fit_transform(texts)
    names, column = np.unique(given, return_inverse=True)
    model = LogisticRegression(C=10, max_iter=1000)
    folds = KFold(5, shuffle=True, random_state=0)
    found = np.zeros(len(texts))
    for outside, inside in folds.split(texts):
        model.fit(vectors[outside], column[outside])
        chances = np.zeros((len(inside), len(names)))
        chances[:, model.classes_] = model.predict_proba(vectors[inside])
        found[inside] = 1 - chances[np.arange(len(inside)), column[inside]]
    return found


def votes(lines: Sequence[dict[str, Any]]) -> None:
    """VariErr: a row is a label that someone gave an item; the votes for it are its list of labels."""
    rows, wrong = [], []
    for line in lines:
        for label in LABELS:
            if label in line["label_set_round_1"]:
                given = [label] * int(line["label_count_round_1"][label])
                rows.append({"text": f"{line['context']} {line['statement']}", "label": given})
                wrong.append(label in line["error_labels"])
    report("VariErr, labels of items", wrong, "label counts", lambda: [-len(row["label"]) for row in rows])
    report("VariErr, labels of items", wrong, "rank_errors", lambda: rank_errors(rows, "labels"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared")
