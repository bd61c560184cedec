"""The bundled baselines on public data: fitted, predicted and scored as they are, none changed for a dataset.

SemEval-2016 task 6 A and NLPCC-2016 task A have their own test parts; of CLUENER only the training part lies
here, so its last 1,343 rows (as many as its development part has) are held out. Prints Markdown.
Run: python benchmarks/models.py ../shared [semeval nlpcc cluener weibo cstance]; docs/benchmarks-models.md
starts with what it printed.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.evaluate import evaluate, sheet
from corpus.models import METHODS, fit
from corpus.models.rows import read_tags, write_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[dict[str, Any]]

HELD_OUT = 1_343
STANCES = {"支持": "favor", "反对": "against", "中立": "none", "中立/无关": "none"}
NLPCC_NAMES = {"iPhone SE": "IphoneSE", "俄罗斯叙利亚反恐行动": "俄罗斯在叙利亚的反恐行动"}
"""Targets that the gold file spells otherwise than the training file."""


def main(shared: Path, chosen: list[str]) -> None:
    annotations = shared / "annotations"
    sets: dict[str, tuple[str, str, str, Callable[[Path], tuple[Rows, Rows]]]] = {
        "semeval": ("SemEval-2016 6 A", "stance", "f_avg", semeval),
        "nlpcc": ("NLPCC-2016 A", "stance", "f_avg", nlpcc),
        "cstance": ("C-STANCE A, targets not seen", "stance", "macro_f1", cstance),
        "cluener": ("CLUENER, last 1,343 rows of train", "entities", "f1", cluener),
        "weibo": ("Weibo NER v2", "entities", "f1", weibo),
    }
    print("| set | rows | method | score | value | 95 % interval over rows | seconds |")
    print("|---|---|---|---|---|---|---|")
    for name, (title, task, score, read) in sets.items():
        if chosen and name not in chosen:
            continue
        learned, asked = read(annotations)
        for method in METHODS[task]:
            begun = time.perf_counter()
            model = fit(task, learned, method)
            answers = model.predict(asked)
            seconds = time.perf_counter() - begun
            found = evaluate(counted(task, asked, answers), {"set": name}).score(score)
            value, low, high = (f"{100 * number:.2f}" for number in found[2:])
            print(
                f"| {title} | {len(learned):,} / {len(asked):,} | `{method}` | {score} | {value} | "
                f"{low} to {high} | {seconds:.0f} |",
                flush=True,
            )


def counted(task: str, asked: Rows, answers: list[Any]) -> Any:
    """Count answers, each row as a document of its own: these sets do not say which rows belong together."""
    gold, predicted = [], []
    for number, (row, answer) in enumerate(zip(asked, answers, strict=True)):
        key = {"paragraph_id": str(number)}
        extra = {"document_id": str(number), "text": row.get("text", "".join(row.get("tokens", ())))}
        gold.append({**row, **key, **extra})
        if task == "stance":
            predicted.append({**key, "target": row["target"], "label": answer})
        else:
            predicted.append({**key, "tags": answer})
    made, findings = sheet(task, gold, predicted)
    assert made is not None, findings[:3]
    return made


def semeval(folder: Path) -> tuple[Rows, Rows]:
    parts = []
    for name in ("train.tsv", "test.tsv"):
        text = (folder / "stance" / "semeval2016" / name).read_bytes().decode("cp1252")
        cells = [line.rstrip("\r").split("\t") for line in text.split("\n")[1:] if line]
        parts.append([{"target": row[1], "text": row[2], "label": row[3].lower()} for row in cells])
    train, test = parts
    targets = {row["target"] for row in train}
    return train, [row for row in test if row["target"] in targets]  # task B's target was never trained on


def nlpcc(folder: Path) -> tuple[Rows, Rows]:
    parts = []
    for name, encoding in (
        ("evasampledata4-TaskAA.txt", "utf-8-sig"),
        ("NLPCC_2016_Stance_Detection_Task_A_gold.txt", "gb18030"),
    ):
        text = (folder / "stance" / "nlpcc2016" / name).read_bytes().decode(encoding, "replace")
        cells = [line.rstrip("\r").split("\t") for line in text.split("\n")[1:] if line.strip()]
        rows = []
        for row in cells:
            label = row[3].strip().lower() if len(row) > 3 else ""
            target = NLPCC_NAMES.get(row[1].strip(), row[1].strip())
            if label:  # 14 rows of the training file have none
                rows.append({"target": target, "text": row[2], "label": label})
        parts.append(rows)
    return parts[0], parts[1]


def cstance(folder: Path) -> tuple[Rows, Rows]:
    parts = []
    for name in ("subtaskA_val.csv", "subtaskA_test.csv"):
        text = (folder / "stance" / "cstance" / name).read_text("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""))
        parts.append(
            [
                {
                    "target": row["Target 1"],
                    "text": row["Text"],
                    "label": STANCES[row["Stance 1"].strip()],
                }
                for row in rows
            ]
        )
    return parts[0], parts[1]


def cluener(folder: Path) -> tuple[Rows, Rows]:
    rows = []
    for line in (folder / "ner" / "cluener" / "train.json").read_text("utf-8").split("\n"):
        if line:
            given = json.loads(line)
            spans = [
                (start, end + 1, label)  # ends are inclusive
                for label, names in given["label"].items()
                for places in names.values()
                for start, end in places
            ]
            rows.append({"tokens": list(given["text"]), "tags": flat(spans, len(given["text"]))})
    return rows[:-HELD_OUT], rows[-HELD_OUT:]


def flat(spans: list[tuple[int, int, str]], length: int) -> list[str]:
    """Tags of the longest spans, those that overlap them left out."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda each: (each[0] - each[1], each)):
        if all(span[1] <= other[0] or other[1] <= span[0] for other in kept):
            kept.append(span)
    return write_tags(kept, length)


def weibo(folder: Path) -> tuple[Rows, Rows]:
    parts = []
    for name in ("train", "test"):
        raw = (folder / "ner" / "weibo" / f"weiboNER_2nd_conll.{name}").read_bytes()
        text = raw.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
        rows = []
        for part in text.replace("\r", "").split("\n\n"):
            cells = [line.split("\t") for line in part.split("\n") if "\t" in line]
            if cells:
                # a token is a character and its place in a word; some tags repair to their reading
                tokens, tags = [cell[0][:-1] for cell in cells], [cell[1] for cell in cells]
                rows.append({"tokens": tokens, "tags": write_tags(read_tags(tags), len(tags))})
        parts.append(rows)
    return parts[0], parts[1]


if __name__ == "__main__":
    start = 2 if len(sys.argv) > 1 else 1
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared",
        sys.argv[start:],
    )
