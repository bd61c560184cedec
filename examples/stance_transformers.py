# ruff: noqa: INP001, T201, PLR0913, PLR0917 - a script, which prints; an argument an option
"""Fine-tune a checkpoint to tell the stance of a paragraph toward a target, and score it.

    python examples/stance_transformers.py --model hfl/chinese-macbert-base --out build/stance
    corpus evaluate build/stance/predictions.jsonl

The target and the paragraph go in as a pair, so that one model reads all targets. A GPU is used where there
is one. Needs `pip install annotated-corpus[train]`; `--model` is a name on the Hub or a folder.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from datasets import load_dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    set_seed,
)

from corpus.baselines import gold
from corpus.evaluate import evaluate, sheet


def main(model: str, data: Path, out: Path, epochs: float, batch: int, length: int) -> dict[str, float]:
    """Train on `train`, keep the epoch with the lowest loss on `validation`, predict and score `test`."""
    set_seed(0)
    rows = load_dataset(str(data), "stance")
    labels = rows["train"].features["label"].names
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(
        model,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: at for at, label in enumerate(labels)},
    )

    def encode(batch: dict[str, Any]) -> dict[str, Any]:
        encoded = tokenizer(batch["target"], batch["text"], truncation="only_second", max_length=length)
        return {**encoded, "labels": batch["label"]}

    encoded = rows.map(encode, batched=True, remove_columns=rows["train"].column_names)
    trainer = Trainer(
        model=network,
        args=TrainingArguments(
            output_dir=str(out / "checkpoints"),
            num_train_epochs=epochs,
            per_device_train_batch_size=batch,
            per_device_eval_batch_size=4 * batch,
            learning_rate=3e-5,
            warmup_steps=0.1,
            eval_strategy="epoch",
            save_strategy="epoch",
            save_total_limit=1,
            load_best_model_at_end=True,
            report_to="none",
            seed=0,
        ),
        train_dataset=encoded["train"],
        eval_dataset=encoded["validation"],
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    trainer.train()
    trainer.save_model(str(out / "model"))
    scores = trainer.predict(encoded["test"]).predictions
    wanted = gold(data, "stance", "test")
    predictions = as_predictions(wanted.rows, labels, scores)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)
    (out / "predictions.jsonl").write_text("".join(lines), encoding="utf-8")
    counted, findings = sheet("stance", wanted.rows, predictions, wanted.labels)
    if counted is None:
        raise SystemExit("\n".join(finding.message for finding in findings))
    result = evaluate(counted, wanted.source)
    return {score.name: score.value for score in result.scores if not score.part}


def as_predictions(rows: list[dict[str, Any]], labels: list[str], scores: np.ndarray) -> list[dict[str, Any]]:
    """Turn a model's scores, a row each, into rows that `corpus evaluate` reads."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances = powers / powers.sum(axis=1, keepdims=True)
    return [
        {
            "paragraph_id": row["paragraph_id"],
            "target": row["target"],
            "label": labels[int(each.argmax())],
            "probabilities": dict(zip(labels, map(float, each), strict=True)),
        }
        for row, each in zip(rows, chances, strict=True)
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, default=Path("published"))
    parser.add_argument("--out", type=Path, default=Path("build/stance"))
    parser.add_argument("--epochs", type=float, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=256)
    print(json.dumps(main(**vars(parser.parse_args())), indent=1))
