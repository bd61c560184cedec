"""Train what reads HTML pages: `python benchmarks/train_clean.py [--pages DIR]`.

Writes corpus/clean/model.npz: the network of the first look, trained on all pages, and the trees of the
second, trained on what five networks say of pages of sites they did not learn from. With `--folds DIR` it
writes a model for each fold of the pages instead, trained on the other folds, for benchmarks/clean.py to
score with. One thread, seeded: the same pages, numpy, scikit-learn and kind of processor give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from clean_net import Net, Plan, train
from clean_pages import PAGES, fold, lesson, read, vocabulary
from train_text import floor32, in_order

from corpus.clean import second
from corpus.clean.features import NAMES
from corpus.clean.forest import NODES, Forest
from corpus.clean.model import from_arrays, probabilities
from corpus.clean.standing import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clean_pages import Lesson

    from corpus.clean.words import Vocabulary

MODEL = Path(__file__).resolve().parents[1] / "corpus" / "clean" / "model.npz"
FOLDS = 5
LONGEST = 1500
"""Pages of more units are not learned from: one would outweigh a batch."""
TREES, LEAVES, HALF = 150, NODES + 1, 0.5
MOST, LEAST_SHARE = 120, 0.1
"""Of a page about so many units teach the trees, and of each unit's like this share at least."""


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
    """Train the network on the lessons that teach something."""
    useful = [
        one
        for one in lessons
        if len(one.features.tokens) < LONGEST and (one.main_weight.any() or one.comment_weight.any())
    ]
    print(f"{len(useful)} pages", flush=True)
    net = train(useful, (len(words.tag), len(words.text)), plan, seed, lambda text: print(text, flush=True))
    return arrays(net, words)


def networks(
    folder: Path, lessons: Sequence[Lesson], words: Vocabulary, plan: Plan
) -> list[dict[str, np.ndarray]]:
    """The networks of the folds, each trained on the other folds; those in the folder are read."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(FOLDS):
        path = folder / f"net{number}.npz"
        if not path.exists():
            others = [one for one in lessons if fold(one.page, FOLDS) != number]
            write(path, learned(others, words, plan, number))
        with np.load(path) as stored:
            found.append(dict(stored))
    return found


class Material(NamedTuple):
    """What the second look learns from on a page: its fold, and rows, targets and weights of its units."""

    fold: int
    rows: np.ndarray
    main: np.ndarray
    weight: np.ndarray


def material(lessons: Sequence[Lesson], nets: Sequence[dict[str, np.ndarray]]) -> list[Material]:
    """Let each page be seen first by the network that did not learn from its fold."""
    models = [from_arrays(net) for net in nets]
    generator = np.random.default_rng(0)
    found = []
    for one in lessons:
        if len(one.features.tokens) >= LONGEST:
            continue
        number, page = fold(one.page, FOLDS), one.page
        words = models[number].vocabulary
        first = probabilities(models[number], one.features)
        chosen, weight = sampled(
            second.looked_at_again(first, one.features.tokens), one.main_weight, generator
        )
        if len(chosen):
            look = Look(page.raw, page.layout, one.features, words, first)
            rows = second.seen(look, chosen)
            found.append(Material(number, rows, one.main[chosen] >= HALF, weight))
    return found


def sampled(
    chosen: np.ndarray, weights: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw some MOST of the chosen units that weigh anything, the heavier the likelier, and their weights.

    What a unit was less likely to be drawn it weighs more, so that the page weighs the same.
    """
    chosen = chosen[weights[chosen] > 0]
    weight = weights[chosen]
    if len(chosen) <= MOST:
        return chosen, weight
    share = np.clip(weight / weight.sum() * MOST, LEAST_SHARE, 1)
    drawn = generator.random(len(chosen)) < share
    return chosen[drawn], weight[drawn] / share[drawn]


def with_trees(net: dict[str, np.ndarray], pages: Sequence[Material]) -> dict[str, np.ndarray]:
    """Train the trees of the second look and put them beside the network."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    weight = np.concatenate([page.weight for page in pages])
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=0.06, max_leaf_nodes=LEAVES, min_samples_leaf=40,
        l2_regularization=40.0, max_features=0.3, max_bins=64, early_stopping=False, random_state=1,
    )  # fmt: skip
    model.fit(
        np.concatenate([page.rows for page in pages]),
        np.concatenate([page.main for page in pages]),
        sample_weight=weight / weight.mean(),
    )
    trees = exported(model)
    words = json.loads(bytes(net["words"])) | {"seen": second.COLUMNS}
    return {
        **net,
        **{f"trees.{part}": array for part, array in trees._asdict().items()},
        "words": np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), np.uint8),
    }


def exported(model: object) -> Forest:
    """The trees as corpus.clean.forest wants them, leaves numbered from left to right."""
    trees = [tree.nodes for (tree,) in model._predictors]  # noqa: SLF001 - the trees have no public view
    columns = np.zeros((len(trees), NODES), np.int16)
    cuts = np.full((len(trees), NODES), np.inf, np.float32)
    masks = np.full((len(trees), NODES), 0xFFFF, np.uint16)
    values = np.zeros((len(trees), NODES + 1), np.float32)
    for at, nodes in enumerate(trees):
        for place, (node, first, middle) in enumerate(in_order(nodes, values[at])):
            columns[at, place] = nodes[node]["feature_idx"]
            cuts[at, place] = floor32(nodes[node]["num_threshold"])
            masks[at, place] = 0xFFFF & ~(((1 << middle) - 1) ^ ((1 << first) - 1))
    return Forest(columns, cuts, masks, values, np.ravel(model._baseline_prediction)[:1])  # noqa: SLF001


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=Path, default=PAGES)
    asked.add_argument("--folds", type=Path, help="folder for the folds' models; networks there are kept")
    asked.add_argument("--package", action="store_true", help="with --folds: train the package's model too")
    asked.add_argument("--plan", type=json.loads, default={}, help="changes to clean_net.Plan, as JSON")
    given = vars(asked.parse_args())
    plan = Plan(**given["plan"])
    pages = read(given["pages"])
    words = vocabulary(pages)
    lessons = [one for page in pages if (one := lesson(given["pages"], page, words))]
    with TemporaryDirectory() as empty:
        nets = networks(given["folds"] or Path(empty), lessons, words, plan)
    seen = material(lessons, nets)
    if given["folds"]:
        for number, net in enumerate(nets):
            others = [page for page in seen if page.fold != number]
            write(given["folds"] / f"fold{number}.npz", with_trees(net, others))
    if given["package"] or not given["folds"]:
        write(MODEL, with_trees(learned(lessons, words, plan, 0), seen))


if __name__ == "__main__":
    main()
