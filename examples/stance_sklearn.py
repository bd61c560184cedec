# ruff: noqa: INP001, T201 - a script, which prints
"""Train a model of your own with scikit-learn on the published stance rows, and score it.

    python examples/stance_sklearn.py --out build/stance-sklearn
    corpus evaluate build/stance-sklearn/predictions.jsonl

Any model that gives a label a row will do; with probabilities the scores against annotators come, too.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from datasets import load_dataset
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from corpus.baselines import gold
from corpus.evaluate import Result, evaluate, sheet


def main(data: Path, out: Path) -> Result:
    """Train on `train`, predict and score `test`."""
    rows = load_dataset(str(data), "stance")
    train, test = (rows[split].to_pandas() for split in ("train", "test"))
    names = rows["train"].features["label"].names
    model = make_pipeline(
        make_column_transformer(
            (TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True), "text"),
            (OneHotEncoder(handle_unknown="ignore"), ["target"]),
        ),
        LogisticRegression(C=10, class_weight="balanced", max_iter=2000),
    )
    model.fit(train[["text", "target"]], train["label"])
    labels = [names[number] for number in model.classes_]
    predictions = [
        {
            "paragraph_id": row.paragraph_id,
            "target": row.target,
            "label": labels[chances.argmax()],
            "probabilities": dict(zip(labels, map(float, chances), strict=True)),
        }
        for row, chances in zip(test.itertuples(), model.predict_proba(test[["text", "target"]]), strict=True)
    ]
    out.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)
    (out / "predictions.jsonl").write_text("".join(lines), encoding="utf-8")
    wanted = gold(data, "stance", "test")
    counted, findings = sheet("stance", wanted.rows, predictions, wanted.labels)
    if counted is None:
        raise SystemExit("\n".join(finding.message for finding in findings))
    return evaluate(counted, wanted.source)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("published"))
    parser.add_argument("--out", type=Path, default=Path("build/stance-sklearn"))
    result = main(**vars(parser.parse_args()))
    for score in result.scores:
        if not score.part:
            print(f"{score.name:<16} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}]")
    print(result.signature)
