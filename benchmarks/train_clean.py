"""Train the network that reads HTML pages: `python benchmarks/train_clean.py [--pages DIR]`.

Writes corpus/clean/model.npz, and with `--folds DIR` instead one model for each fold of the pages, trained on
the other folds, for benchmarks/clean.py to score with. One thread, seeded: the same pages, numpy and kind of
processor give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from clean_net import Net, Plan, train
from clean_pages import PAGES, fold, lesson, read, vocabulary

from corpus.clean.features import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clean_pages import Lesson

    from corpus.clean.features import Vocabulary

MODEL = Path(__file__).resolve().parents[1] / "corpus" / "clean" / "model.npz"
FOLDS = 5
LONGEST = 1500
"""Pages of more units are not learned from: one would outweigh a batch."""


def arrays(net: Net, words: Vocabulary) -> dict[str, np.ndarray]:
    """The weights as corpus.clean.model reads them: standardisation folded in, neighbours side by side."""
    found = {name: knot.value.astype(np.float64) for name, knot in net.weights.items()}
    count = len(net.mean)
    found["in.b"] = found["in.b"] - (net.mean / net.spread) @ found["in.W"][:count]
    found["in.W"] = found["in.W"].copy()
    found["in.W"][:count] /= net.spread[:, None]
    for at, layer in enumerate(net.plan.layers):
        if layer:
            found[f"b{at}.W"] = np.concatenate(np.split(found[f"b{at}.W"], 3), axis=1)
    out = {
        name: value.astype(np.float32 if name.startswith("in.") else np.float16)
        for name, value in found.items()
    }
    known = {"tag": list(words.tag), "text": list(words.text), "layers": net.plan.layers, "numbers": NAMES}
    out["words"] = np.frombuffer(json.dumps(known, ensure_ascii=False).encode(), np.uint8)
    return out


def write(to: Path, stored: dict[str, np.ndarray]) -> None:
    """Write arrays as .npz whose bytes depend on them alone: sorted, and without the time of day."""
    with zipfile.ZipFile(to, "w") as archive:
        for name in sorted(stored):
            file = io.BytesIO()
            np.lib.format.write_array(file, np.ascontiguousarray(stored[name]), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.getvalue(), compresslevel=9)


def learned(lessons: Sequence[Lesson], words: Vocabulary, plan: Plan, seed: int) -> dict[str, np.ndarray]:
    """Train on the lessons that teach something."""
    useful = [
        one
        for one in lessons
        if len(one.features.tokens) < LONGEST and (one.main_weight.any() or one.comment_weight.any())
    ]
    print(f"{len(useful)} pages", flush=True)
    net = train(useful, (len(words.tag), len(words.text)), plan, seed, lambda text: print(text, flush=True))
    return arrays(net, words)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=Path, default=PAGES)
    asked.add_argument("--folds", type=Path, help="write a model for each fold into this folder")
    asked.add_argument("--only", type=int, nargs="*", default=range(FOLDS), help="only these folds")
    asked.add_argument("--plan", type=json.loads, default={}, help="changes to clean_net.Plan, as JSON")
    given = vars(asked.parse_args())
    plan = Plan(**given["plan"])
    pages = read(given["pages"])
    words = vocabulary(pages)
    lessons = [one for page in pages if (one := lesson(given["pages"], page, words))]
    if given["folds"]:
        given["folds"].mkdir(parents=True, exist_ok=True)
        for number in given["only"]:
            others = [one for one in lessons if fold(one.page, FOLDS) != number]
            write(given["folds"] / f"fold{number}.npz", learned(others, words, plan, number))
    else:
        write(MODEL, learned(lessons, words, plan, 0))


if __name__ == "__main__":
    main()
