"""Train the forests that read plain-text pages: `python benchmarks/train_text.py [--pages DIR]`.

Reads the development pages (dumps with a silver label for each line), writes corpus/clean/text_model.npz. The
same pages and libraries give the same bytes. Features are those of corpus.clean.text_features; two forests
learn P(unit is body | features, its neighbour is body), forward and backward, as corpus.clean.text_model
says. A third judges again what they say (corpus.clean.text_second); it learns from pages whose sites those
that spoke had not seen, so that it knows how sure they are of what is new to them.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.clean import forest, text_features, text_lines, text_model, text_roles, text_second

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGES = Path(__file__).resolve().parents[2] / "shared" / "pages" / "dev"
TOKEN = re.compile(r"[㐀-䶿一-鿿぀-ヿ가-힯豈-﫿]|[^\W㐀-䶿一-鿿぀-ヿ가-힯豈-﫿]+")
# Chosen by cross-validation in benchmarks/clean_text.py; see docs/benchmarks-clean-text.md.
TREES, LEAVES, RATE, LEAST = 120, 15, 0.1, 15
FOLDS = 2  # the second look learns from first looks by forests that saw the other half of the sites
ARTICLE_WEIGHT = (
    0.3  # English articles help to know lists and tables as body, but are not dumps; see the same page
)
NEIGHBOUR = len(text_features.ALONE) + len(
    text_features.AMONG
)  # the last column: whether the neighbour is body


class Page(NamedTuple):
    """A labelled page: its features a unit, whether each unit is body, and what it weighs in training."""

    name: str
    host: str
    language: str
    raw: str
    gold: str
    comments: str
    units: Sequence[text_lines.Unit]
    rows: np.ndarray
    body: np.ndarray
    weights: np.ndarray


def everything(folder: Path) -> tuple[list[Page], list[Page]]:
    """The labelled dumps; and what is trained on but never scored: respaced dumps, articles."""
    pages = [labelled(folder, row) for row in dumps(folder)]
    return pages, [*(respaced(page) for page in pages if page.language == "zh"), *articles(folder)]


def respaced(page: Page) -> Page:
    """The same page as another browser copies it: two blank lines between paragraphs, nothing indented."""
    units = [
        unit._replace(blanks=unit.blanks + (unit.blanks > 0), indent=0, text=unit.text.replace("，", ","))
        for unit in page.units
    ]
    return page._replace(units=units, rows=features(units), weights=page.weights / 2)


def articles(folder: Path) -> Iterator[Page]:
    """Article pages of the WCXB part as text; a unit is body where its shingles are in the gold text.

    Pages whose gold text such labels cannot give back are left out.
    """
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["dataset"] != "wcxb" or row["page_type"] != "article":
            continue
        markup = (folder / row["path"]).read_bytes()
        if row["path"].endswith(".gz"):
            markup = gzip.decompress(markup)
        gold = (folder / row["gt_path"]).read_text("utf-8")
        raw = written_out(markup.decode(row["encoding"].split(" ")[0], "replace"))
        units = text_lines.units(raw)
        if not units:
            continue
        body = _overlapping(units, gold)
        found = sum(len(TOKEN.findall(unit.text)) for unit, inside in zip(units, body, strict=True) if inside)
        if abs(found - len(TOKEN.findall(gold))) < 0.1 * found:
            weight = ARTICLE_WEIGHT * weights(units)
            yield Page(
                row["id"], _host(row), row["language"], raw, gold, "", units, features(units), body, weight
            )


def _overlapping(units: Sequence[text_lines.Unit], gold: str) -> np.ndarray:
    """Which units have half of their four-token shingles in the gold text, or are a short line of it."""
    tokens = TOKEN.findall(gold)
    wanted = {tuple(tokens[at : at + 4]) for at in range(len(tokens) - 3)}
    lines = {tuple(TOKEN.findall(line)) for line in gold.split("\n")}
    body = []
    for unit in units:
        own = TOKEN.findall(unit.text)
        shingles = [tuple(own[at : at + 4]) for at in range(len(own) - 3)]
        hits = sum(shingle in wanted for shingle in shingles)
        body.append(hits * 2 >= len(shingles) if shingles else bool(own) and tuple(own) in lines)
    return np.array(body)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNSHOWN = _names("script style noscript template svg head iframe object math select textarea")
_APART = _names("p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre figure table hr fieldset form")
_BLOCKS = _APART | _names(
    "div section article header footer nav aside main li dt dd tr figcaption address body caption details"
    " summary"
)


def written_out(markup: str) -> str:
    """HTML as a person copies it from a browser: blocks on lines, paragraphs apart, lists with bullets."""
    import turbohtml

    out: list[str] = []
    inline: list[str] = []
    state = {"depth": 0, "blank": 0, "bullet": ""}

    def flush(blank: int) -> None:
        line = re.sub(r"[ \t\r\n\f]+", " ", "".join(inline)).strip(" ").replace("\0", "\t\t")
        inline.clear()
        if line:
            depth, bullet = state["depth"], state["bullet"]
            indent = " " * (2 * depth if bullet else 2 * depth + 2) if depth else ""
            out.append("\n" * (1 + state["blank"]) * bool(out) + indent + bullet + line)
            state.update(blank=0, bullet="")
        state["blank"] = max(state["blank"], blank)

    def walk(node: turbohtml.Node, level: int) -> None:
        for child in node.children if level < 400 else ():
            if isinstance(child, turbohtml.Text):
                inline.append(child.data)
            elif isinstance(child, turbohtml.Element) and child.tag not in _UNSHOWN:
                block, nested = child.tag in _BLOCKS or child.tag == "br", child.tag in {"ul", "ol"}
                blank = int(child.tag in _APART and not (nested and state["depth"]))
                if block:
                    flush(blank)
                state["depth"] += nested
                if child.tag == "li":
                    state["bullet"] = "• "
                walk(child, level + 1)
                inline.append("\0" * (child.tag in {"td", "th"}))
                if block:
                    flush(blank)
                state["depth"] -= nested

    walk(turbohtml.parse(markup), 0)
    flush(0)
    return "".join(out)


def _host(row: dict) -> str:
    return re.sub(r"^\w+://(?:www\.)?([^/]*).*", r"\1", row.get("url") or "")


def dumps(folder: Path) -> Iterator[dict]:
    """The manifest's rows for plain-text dumps."""
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["dataset"] == "plaindump":
            yield row


def labelled(folder: Path, row: dict) -> Page:
    """Read one page and give each unit the label of most of its characters."""
    raw = (folder / row["path"]).open(encoding="utf-8", newline="").read()
    labels = json.loads((folder / row["line_labels_path"]).read_text("utf-8"))
    share = np.zeros(len(raw) + 1)
    for start, end, label in labels:
        share[start:end] = {"content": 1.0, "mixed": 0.5}.get(label, 0.0)
    comments = "\n".join(raw[start:end] for start, end, label in labels if label == "comment")
    gold = (folder / row["gt_path"]).read_text("utf-8")
    units = text_lines.units(raw)
    body = np.array([share[unit.start : unit.end].mean() >= 0.5 for unit in units])
    return Page(
        row["id"],
        _host(row),
        row["language"],
        raw,
        gold,
        comments,
        units,
        features(units),
        body,
        weights(units),
    )


def features(units: Sequence[text_lines.Unit]) -> np.ndarray:
    """The columns the model reads."""
    seen = text_features.alone(units)
    return np.concatenate([seen, text_features.among(units, seen)], axis=1)


def weights(units: Sequence[text_lines.Unit]) -> np.ndarray:
    """Every page weighs the same, long units more than short ones by the root of their tokens."""
    tokens = np.sqrt([len(TOKEN.findall(unit.text)) + 3 for unit in units])
    return 50 * tokens / tokens.sum()


def groups(pages: Sequence[Page]) -> list[int]:
    """One number a page, the same for pages of one site: by host, or by a quarter of their short lines."""
    root = list(range(len(pages)))

    def find(at: int) -> int:
        while root[at] != at:
            at = root[at]
        return at

    lines = [{unit.text for unit in page.units if 2 < len(unit.text) < 60} for page in pages]
    for one, page in enumerate(pages):
        for other in range(one):
            shared = len(lines[one] & lines[other])
            same_host = page.host and page.host == pages[other].host
            if same_host or shared >= max(6, min(len(lines[one]), len(lines[other])) / 4):
                root[find(one)] = find(other)
    return [find(at) for at in range(len(pages))]


def folds(pages: Sequence[Page], count: int) -> list[int]:
    """The fold of each page; groups stay together."""
    group = groups(pages)
    order = sorted(set(group))
    random.Random(0).shuffle(order)
    place = {one: at % count for at, one in enumerate(order)}
    return [place[one] for one in group]


def boosted(rows: list[np.ndarray], pages: Sequence[Page], chosen: Sequence[np.ndarray]) -> object:
    """Fit trees that tell which of the chosen units of some pages are body."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST,
        l2_regularization=1.0, max_features=0.3, max_bins=128, random_state=7,
    )  # fmt: skip
    return model.fit(
        np.concatenate(rows),
        np.concatenate([page.body[some] for page, some in zip(pages, chosen, strict=True)]),
        sample_weight=np.concatenate([page.weights[some] for page, some in zip(pages, chosen, strict=True)]),
    )


def chain(pages: Sequence[Page], *, backward: bool) -> text_model.Forest:
    """Fit the forest of one direction: the last column says whether the neighbour is body."""
    rows = []
    for page in pages:
        beside = np.append(page.body[1:], False) if backward else np.append(False, page.body[:-1])
        rows.append(np.column_stack([page.rows, beside]))
    return exported(boosted(rows, pages, [np.arange(len(page.body)) for page in pages]), NEIGHBOUR)


def exported(model: object, neighbour: int = -1) -> text_model.Forest:
    """The trees as text_model.Forest wants them, leaves numbered from left to right."""
    trees = [tree.nodes for (tree,) in model._predictors]  # noqa: SLF001 - the trees have no public view
    columns = np.zeros((len(trees), 15), np.int16)
    cuts = np.full((len(trees), 15), np.inf, np.float32)
    masks = np.full((len(trees), 15), 0xFFFF, np.uint16)
    beside = np.full(len(trees), 0xFFFF, np.uint16)
    values = np.zeros((len(trees), 16), np.float32)
    for at, nodes in enumerate(trees):
        inner = 0
        for node, first, middle in in_order(nodes, values[at]):
            mask = 0xFFFF & ~(((1 << middle) - 1) ^ ((1 << first) - 1))
            if nodes[node]["feature_idx"] == neighbour:
                beside[at] &= mask
            else:
                columns[at, inner] = nodes[node]["feature_idx"]
                cuts[at, inner] = floor32(nodes[node]["num_threshold"])
                masks[at, inner] = mask
                inner += 1
    return text_model.Forest(columns, cuts, masks, beside, values, np.ravel(model._baseline_prediction)[:1])  # noqa: SLF001


def in_order(nodes: np.ndarray, values: np.ndarray) -> list[tuple[int, int, int]]:
    """Each inner node with its first leaf and that of its right side; leaf values go to `values`."""
    found = []

    def walk(node: int, first: int) -> int:
        if nodes[node]["is_leaf"]:
            values[first] = nodes[node]["value"]
            return first + 1
        middle = walk(int(nodes[node]["left"]), first)
        found.append((node, first, middle))
        return walk(int(nodes[node]["right"]), middle)

    walk(0, 0)
    return found


class Trainer:
    """Fits forests on pages of some folds; chains fitted once are kept, for other forests need them again."""

    def __init__(self, pages: Sequence[Page], fold: Sequence[int]) -> None:
        """Take the pages, and the fold of each: pages of one site lie in one fold."""
        self.pages, self.fold = pages, fold
        self._chains: dict[frozenset[int], tuple[text_model.Forest, text_model.Forest]] = {}

    def trained(self, without: frozenset[int] = frozenset()) -> text_model.Forests:
        """The three forests, of the pages of all folds but some."""
        pages, rows, chosen = [], [], []
        for fold in sorted(set(self.fold) - without):
            forward, backward = self.chains(without | {fold})
            for page, of in zip(self.pages, self.fold, strict=True):
                if of == fold:
                    likely = text_model.read(forward, backward, page.rows)
                    seen = page.rows[:, : len(text_features.ALONE)]
                    likely = text_roles.ahead_of_comments(page.units, seen, likely)
                    some = text_second.candidates(likely)
                    pages.append(page)
                    chosen.append(some)
                    rows.append(text_second.seen(page.units, page.rows, likely, some))
        trees = exported(boosted(rows, pages, chosen))._asdict()
        del trees["beside"]
        return text_model.Forests(*self.chains(without), forest.Forest(**trees))

    def chains(self, without: frozenset[int]) -> tuple[text_model.Forest, text_model.Forest]:
        """The forward and the backward forest, of the pages of all folds but some."""
        if without not in self._chains:
            pages = [page for page, of in zip(self.pages, self.fold, strict=True) if of not in without]
            self._chains[without] = chain(pages, backward=False), chain(pages, backward=True)
        return self._chains[without]


def floor32(cut: float) -> np.float32:
    """The largest float32 not above the cut, so that `x <= cut` stays the same for float32 x."""
    near = np.float32(cut)
    return np.nextafter(near, np.float32(-np.inf)) if near > cut else near


def save(path: Path, forests: text_model.Forests) -> None:
    """Write an .npz without time stamps: equal forests are equal bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, trees in forests._asdict().items():
            for part, array in trees._asdict().items():
                body = io.BytesIO()
                np.lib.format.write_array(body, np.asarray(array), allow_pickle=False)
                entry = zipfile.ZipInfo(f"{name}_{part}.npy", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, body.getvalue(), compresslevel=9)


def main() -> None:
    """Train on every dump of the development half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=PAGES)
    parser.add_argument("--out", type=Path, default=text_model.MODEL)
    options = parser.parse_args()
    scored, more = everything(options.pages)
    pages = scored + more
    save(options.out, Trainer(pages, folds(pages, FOLDS)).trained())
    print(f"{len(pages)} pages, {sum(len(page.units) for page in pages)} units -> {options.out}")


if __name__ == "__main__":
    main()
