# ruff: noqa: INP001, T201, PLR0913, PLR0917 - a script, which prints; an argument an option
"""Fine-tune a checkpoint to find entities, and score the spans it finds.

    python examples/entities_transformers.py --model hfl/chinese-macbert-base --out build/entities
    corpus evaluate build/entities/predictions.jsonl

Spans become labels of the tokenizer's own sub-words (`corpus.align`), and its predictions become spans again;
how many spans fall off the sub-words' boundaries is told first. A GPU is used where there is one. Needs
`pip install annotated-corpus[train]`; `--model` is a name on the Hub or a folder, with a fast tokenizer.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

from corpus import align
from corpus.baselines import gold
from corpus.evaluate import evaluate, sheet

SPLITS = ("train", "validation", "test")


def main(model: str, data: Path, out: Path, epochs: float, batch: int, length: int) -> dict[str, float]:
    """Train on `train`, keep the epoch with the lowest loss on `validation`, predict and score `test`."""
    set_seed(0)
    wanted = {split: gold(data, "entities", split) for split in SPLITS}
    tags = align.names(wanted["train"].labels)
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForTokenClassification.from_pretrained(
        model,
        num_labels=len(tags),
        id2label=dict(enumerate(tags)),
        label2id={tag: at for at, tag in enumerate(tags)},
    )
    encoded, offsets = {}, {}
    for split, given in wanted.items():
        texts = [row["text"] for row in given.rows]
        made = tokenizer(texts, truncation=True, max_length=length, return_offsets_mapping=True)
        offsets[split] = made.pop("offset_mapping")
        labelled = [
            align.label(row["text"], places, _spans(row), misfit="widen")
            for row, places in zip(given.rows, offsets[split], strict=True)
        ]
        rates = align.rates(labelled)
        print(f"{split}: {rates.off_boundary:.1%} of {rates.spans} spans off the boundaries, {rates}")
        numbers = [align.numbers(each.tags, tags) for each in labelled]
        encoded[split] = Dataset.from_dict({**made, "labels": numbers})
    trainer = Trainer(
        model=network,
        args=TrainingArguments(
            output_dir=str(out / "checkpoints"),
            num_train_epochs=epochs,
            per_device_train_batch_size=batch,
            per_device_eval_batch_size=4 * batch,
            learning_rate=5e-5,
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
        data_collator=DataCollatorForTokenClassification(tokenizer),
    )
    trainer.train()
    trainer.save_model(str(out / "model"))
    best = trainer.predict(encoded["test"]).predictions.argmax(axis=-1)
    predictions = []
    for row, places, found in zip(wanted["test"].rows, offsets["test"], best, strict=True):
        told = [None if start == end else tags[tag] for (start, end), tag in zip(places, found, strict=False)]
        spans = [span._asdict() for span in align.spans_of(row["text"], places, told)]
        predictions.append({"paragraph_id": row["paragraph_id"], "spans": spans})
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)
    (out / "predictions.jsonl").write_text("".join(lines), encoding="utf-8")
    counted, findings = sheet("entities", wanted["test"].rows, predictions, wanted["test"].labels)
    if counted is None:
        raise SystemExit("\n".join(finding.message for finding in findings))
    result = evaluate(counted, wanted["test"].source)
    return {score.name: score.value for score in result.scores if not score.part}


def _spans(row: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in row["spans"]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, default=Path("published"))
    parser.add_argument("--out", type=Path, default=Path("build/entities"))
    parser.add_argument("--epochs", type=float, default=10)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=512)
    print(json.dumps(main(**vars(parser.parse_args())), indent=1))
