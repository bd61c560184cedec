"""Baselines of a published corpus: fitted on `train`, scored on another split, saved as model folders.

`gold` gives the rows that predictions are scored against, `run` fits and scores every method of a task,
`table` shows the scores as Markdown, `write` saves each model with its card and scores.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import polars as pl

from corpus.errors import CorpusError
from corpus.evaluate import Result, Sheet, evaluate, sheet
from corpus.models import METHODS, Model, StanceModel, fit, save
from corpus.plots import Point
from corpus.publish.manifest import tool_version
from corpus.tables import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Row = dict[str, Any]

CONFIG = {"stance": "stance", "entities": "entities", "cleaning": "blocks"}
"""The published table whose rows are the gold of a task."""

ID = {"stance": "paragraph_id", "entities": "paragraph_id", "cleaning": "document_id"}
"""The column by which the rows of a task are known."""

SHOWN = {
    "stance": ("f_avg", "macro_f1", "accuracy", "cross_entropy"),
    "entities": ("f1", "macro_f1", "partial_f1", "ent_type_f1"),
}
"""The scores of a task that its table shows, of all targets and labels together."""

TITLES = {
    "f_avg": "F_avg",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "cross_entropy": "cross-entropy",
    "f1": "F1, strict",
    "partial_f1": "F1, partial",
    "ent_type_f1": "F1, label and overlap",
}

KNOWS = {
    ("stance", "majority"): "the most frequent label",
    ("stance", "target"): "the most frequent label of each target",
    ("stance", "text"): "character n-grams of the text, not the target",
    ("stance", "linear"): "character n-grams, shared and by target",
    ("entities", "majority"): "mentions seen in training, with their most frequent label",
    ("entities", "crf"): "conditional random field over characters and known mentions",
}


class Gold(NamedTuple):
    """Gold rows of a split, the labels of the whole dataset, and what names them in a signature.

    `elsewhere` are the ids (of documents for cleaning, else of paragraphs) that other splits have.
    """

    task: str
    rows: list[Row]
    labels: tuple[str, ...]
    source: dict[str, str]
    elsewhere: frozenset[str]

    def of_split(self, predictions: Sequence[Row]) -> list[Row]:
        """Leave out predictions for rows of other splits: they are not wrong, only elsewhere."""
        name = ID[self.task]
        return [row for row in predictions if row.get(name) not in self.elsewhere]


class Run(NamedTuple):
    """A baseline, what it predicted for the gold rows, and how that scored."""

    method: str
    model: Model
    predictions: list[Row]
    sheet: Sheet
    result: Result
    seconds: float


def gold(folder: Path, task: str, split: str = "test") -> Gold:
    """Read the gold of a task from a published dataset folder.

    Refuses a task there is none of, and a split without rows. Entity rows come with their paragraph's text.
    """
    if task not in CONFIG:
        raise CorpusError(f"found the task `{task}`; expected one of {', '.join(CONFIG)}; choose one")
    everything = _rows(folder, task)
    rows = everything.filter(pl.col("split") == split).drop("split")
    if not rows.height:
        raise CorpusError(f"{folder}: found no rows of `{task}` in the split `{split}`; choose another split")
    elsewhere = everything.filter(pl.col("split") != split)[ID[task]].to_list()
    source = _source(folder, task, split)
    return Gold(task, rows.to_dicts(), _labels(everything, task), source, frozenset(elsewhere))


def run(
    folder: Path, task: str, split: str = "test", methods: Sequence[str] | None = None
) -> tuple[Run, ...]:
    """Fit the bundled baselines of a task on the split `train` and score them on another.

    The same dataset gives the same models and scores. Refuses to score on the rows that were learned from.
    """
    if task not in METHODS:
        raise CorpusError(f"found the task `{task}`; expected one of {', '.join(METHODS)}; choose one")
    if split == "train":
        raise CorpusError("found the split `train`, which models learn from; choose validation or test")
    learned, asked = gold(folder, task, "train"), gold(folder, task, split)
    made = []
    for method in methods if methods is not None else METHODS[task]:
        begun = time.perf_counter()
        model = fit(task, learned.rows, method)
        predictions = predict(model, asked.rows)
        seconds = time.perf_counter() - begun
        counted, findings = sheet(task, asked.rows, predictions, asked.labels)
        assert counted is not None, findings  # our own predictions fit the rows they were made for
        result = evaluate(counted, asked.source)
        made.append(Run(method, model, predictions, counted, result, seconds))
    return tuple(made)


def predict(model: Model, rows: Sequence[Row]) -> list[Row]:
    """Predict gold rows, as rows that `corpus evaluate` reads."""
    answers = model.predict(rows)
    if model.task == "entities":
        return [
            {"paragraph_id": row["paragraph_id"], "tags": tags}
            for row, tags in zip(rows, answers, strict=True)
        ]
    chances = cast("StanceModel", model).probabilities(rows)
    return [
        {
            "paragraph_id": row["paragraph_id"],
            "target": row["target"],
            "label": label,
            "probabilities": {name: round(chance, 6) for name, chance in each.items()},
        }
        for row, label, each in zip(rows, answers, chances, strict=True)
    ]


def curve(folder: Path, task: str, split: str = "test") -> dict[str, list[Point]]:
    """Score the last method of a task when it learned from an eighth, a quarter, half and all documents.

    Documents are taken in the order of a hash of their id, so that each part holds the one before it.
    """
    learned, asked = gold(folder, task, "train"), gold(folder, task, split)
    documents = sorted(
        {row["document_id"] for row in learned.rows},
        key=lambda name: hashlib.sha256(name.encode()).digest(),
    )
    method = list(METHODS[task])[-1]
    points = []
    for part in (8, 4, 2, 1):
        kept = set(documents[: max(1, len(documents) // part)])
        rows = [row for row in learned.rows if row["document_id"] in kept]
        predictions = predict(fit(task, rows, method), asked.rows)
        counted, findings = sheet(task, asked.rows, predictions, asked.labels)
        assert counted is not None, findings
        score = evaluate(counted, asked.source).score(SHOWN[task][0])
        points.append(Point(len(rows), score.value, score.low, score.high))
    return {method: points}


def table(folder: Path, split: str = "test", tasks: Sequence[str] = tuple(METHODS)) -> str:
    """Give the scores of all baselines as Markdown tables, a task each, with 95 % intervals.

    A task without rows to learn from or to score is left out. No timing is shown: the same dataset gives the
    same text.
    """
    parts = []
    for task in tasks:
        frame = _rows(folder, task)
        if not {"train", split} <= set(frame["split"].to_list()):
            continue
        parts.append(table_of(task, run(folder, task, split)))
    return "\n".join(parts)


def table_of(task: str, runs: Sequence[Run]) -> str:
    """Give the scores of runs of one task as a Markdown table."""
    shown = [name for name in SHOWN[task] if any(_has(each.result, name) for each in runs)]
    lines = [
        f"| {task} baseline | knows | {' | '.join(TITLES[name] for name in shown)} |",
        f"|---|---|{'---|' * len(shown)}",
    ]
    for each in runs:
        cells = [_cell(each.result, name) for name in shown]
        lines.append(f"| `{each.method}` | {KNOWS[task, each.method]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write(runs: Sequence[Run], to: Path) -> list[Path]:
    """Save each run below `to` as a model folder: model, card, scores and predictions."""
    written = []
    for each in runs:
        folder = to / each.model.task / each.method
        written += save(each.model, folder, _card(each), each.result.as_json())
        path = folder / "predictions.jsonl"
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in each.predictions)
        path.write_text(lines, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _rows(folder: Path, task: str) -> pl.DataFrame:
    frame = read(folder, CONFIG[task])
    if task != "entities":
        return frame
    texts = read(folder, "paragraphs").select("paragraph_id", "text")
    return frame.join(texts, on="paragraph_id", how="inner", maintain_order="left")


def _labels(frame: pl.DataFrame, task: str) -> tuple[str, ...]:
    if task == "stance":
        return tuple(sorted(frame["label"].unique()))
    if task == "entities":
        tags = frame["tags"].explode().drop_nulls().unique()
        return tuple(sorted({tag[2:] for tag in tags if tag != "O"}))
    return ()


def _source(folder: Path, task: str, split: str) -> dict[str, str]:
    """What names the gold rows: dataset, version, digest of the split's rows, and this tool."""
    path = folder / "MANIFEST.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        part = manifest["tables"][CONFIG[task]]["splits"][split]
        named = {"dataset": str(manifest["name"]), "version": str(manifest["version"])}
        return {
            **named,
            "config": CONFIG[task],
            "split": split,
            "digest": str(part["sha256"])[:16],
            "corpus": tool_version(),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{path}: found no digest of `{CONFIG[task]}/{split}` ({error!r}); run `corpus build` again"
        ) from None


def _has(result: Result, name: str) -> bool:
    return any((score.name, score.part) == (name, "") for score in result.scores)


def _cell(result: Result, name: str) -> str:
    if not _has(result, name):
        return "–"
    score = result.score(name)
    scale = 1 if name == "cross_entropy" else 100
    digits = 2 if scale == 1 else 1
    numbers = [f"{scale * number:.{digits}f}" for number in (score.value, score.low, score.high)]
    return numbers[0] if "nan" in numbers else f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


def _card(made: Run) -> str:
    model, result = made.model, made.result
    parts = dict(part.split(":", 1) for part in result.signature.split("|"))
    scores = "".join(
        f"| {TITLES[name]} | {_cell(result, name)} |\n" for name in SHOWN[model.task] if _has(result, name)
    )
    return f"""# `{made.method}`: a baseline for {model.task}

Knows {KNOWS[model.task, made.method]}. Fitted by `corpus baseline {model.task}` on the split `train` of
{parts["dataset"]} {parts["version"]}; scored on `{parts["split"]}`. A first number to beat, not a model to
rely on: it knows the sources and targets of that dataset and nothing else.

| score | value and 95 % interval |
|---|---|
{scores}
Signature: `{result.signature}`

```python
from corpus.models import load

model = load("PATH/OF/THIS/FOLDER")
model.predict(rows)
```

`model.json` and `weights.npz` are plain JSON and arrays; `scores.json` has every score, `predictions.jsonl`
what was scored.
"""
