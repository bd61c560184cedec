"""Pictures of scores: confusion matrix, bars by target or label, learning curve; Chinese names are drawn.

Needs matplotlib (`pip install annotated-corpus[plots]`) and, where a name is Chinese, a font of the system
that has its characters; which one is told, and where there is none, that is said and not drawn as boxes.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from corpus.evaluate import Result, Score

FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "SimHei",
)
"""Tried first, in this order; then any font that has the characters, by name."""

BOXES = "Last Resort"
"""The name of the font that draws every character as a box."""

INK, PALE, ACCENT = "#222222", "#d9d9d9", "#2f6690"
SIZE = 160
"""Dots per inch."""


class Point(NamedTuple):
    """A score with its interval, of a model that learned from so many rows."""

    rows: int
    value: float
    low: float
    high: float


def draw_result(result: Result, to: Path) -> list[Path]:
    """Draw what a result has to show: its confusion matrix, and its scores by target or label."""
    drawn = []
    if result.confusion:
        drawn.append(draw_confusion(result.confusion, to / "confusion.png"))
    name = "f_avg" if any(score.name == "f_avg" for score in result.scores) else "f1"
    parts = [score for score in result.scores if score.name == name and score.part]
    if parts:
        drawn.append(draw_bars(parts, to / "bars.png"))
    return drawn


def draw_confusion(confusion: Mapping[str, Mapping[str, int]], to: Path) -> Path:
    """Draw a confusion matrix, gold in rows; a cell's shade is its share of the row, so rare labels show."""
    names = list(confusion)
    rows = [[confusion[gold][given] for given in names] for gold in names]
    shares = [[count / (sum(row) or 1) for count in row] for row in rows]
    width = max(4.0, 1.1 * len(names) + 2)
    figure, axes, fonts = _figure(names, (width, width - 0.4))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    for at, row in enumerate(rows):
        for column, count in enumerate(row):
            colour = "white" if shares[at][column] > 0.55 else INK
            axes.text(column, at, f"{count:,}", ha="center", va="center", color=colour)
    axes.spines[:].set_visible(False)
    return _save(figure, fonts, to)


def draw_bars(scores: Sequence[Score], to: Path, names: Mapping[str, str] | None = None) -> Path:
    """Draw one score by target or label, the highest on top, with intervals; undefined ones are left out.

    `names` gives other words for the parts, such as the names of targets in the language of the corpus.
    """
    known = sorted((score for score in scores if not math.isnan(score.value)), key=lambda each: each.value)
    if not known:
        raise CorpusError("found no score with a value; expected one or more to draw")
    labels = [(names or {}).get(score.part, score.part) for score in known]
    figure, axes, fonts = _figure(labels, (7, 0.45 * len(known) + 1.2))
    values = [score.value for score in known]
    axes.barh(range(len(known)), values, color=ACCENT, height=0.62)
    for at, score in enumerate(known):
        if not math.isnan(score.low):
            axes.plot([score.low, score.high], [at, at], color=INK, linewidth=1.4)
        end = score.value if math.isnan(score.high) else max(score.value, score.high)
        axes.text(end + 0.015, at, f"{score.value:.2f}", va="center", color=INK)
    axes.set_yticks(range(len(known)), labels)
    axes.set_xlim(0, 1.1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlabel(known[0].name)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return _save(figure, fonts, to)


def draw_curve(curves: Mapping[str, Sequence[Point]], to: Path, score: str) -> Path:
    """Draw a score against the number of rows learned from, a line a model, with intervals."""
    figure, axes, fonts = _figure(curves, (6.5, 4))
    for name, points in curves.items():
        rows = [point.rows for point in points]
        (line,) = axes.plot(rows, [point.value for point in points], marker="o", label=name)
        bounds = [point for point in points if not math.isnan(point.low)]
        axes.fill_between(
            [point.rows for point in bounds],
            [point.low for point in bounds],
            [point.high for point in bounds],
            alpha=0.15,
            color=line.get_color(),
            linewidth=0,
        )
    axes.set_xlabel("rows learned from")
    axes.set_ylabel(score)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1)
    axes.grid(color=PALE, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return _save(figure, fonts, to)


def font_for(texts: Iterable[str]) -> str | None:
    """Name a font of the system that has every character of the texts; None where the default has.

    Refuses texts that no font has, naming the characters: a picture of empty boxes tells nobody anything.
    """
    _need_matplotlib()
    from matplotlib import font_manager

    wanted = {ord(character) for text in texts for character in text if not character.isspace()}
    default = font_manager.FontProperties(family="DejaVu Sans")
    if wanted <= _characters(font_manager.findfont(default)):
        return None
    files = {
        entry.name: entry.fname for entry in sorted(font_manager.fontManager.ttflist, key=lambda e: e.fname)
    }
    order = [
        *(name for name in FONTS if name in files),
        *sorted(name for name in set(files) - set(FONTS) if not name.startswith(BOXES)),
    ]
    for name in order:
        if wanted <= _characters(files[name]):
            return name
    missing = "".join(sorted(chr(code) for code in wanted if code > 127))[:20]
    raise CorpusError(
        f"found no font for {missing!r}; expected one on the system; install one, such as Noto Sans CJK "
        "(`apt install fonts-noto-cjk`), and delete matplotlib's font cache"
    )


def _characters(path: str) -> set[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return set(FT2Font(path).get_charmap())
    except (RuntimeError, OSError):  # a font file of the system that cannot be read
        return set()


def _figure(texts: Iterable[str], size: tuple[float, float]) -> tuple[Any, Any, list[str]]:
    """A figure drawn without a screen, its axes, and the fonts that have the texts, the first first."""
    name = font_for(texts)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot(), [name, "DejaVu Sans"] if name else ["DejaVu Sans"]


def _need_matplotlib() -> None:
    """Say how to get matplotlib where it is missing."""
    if find_spec("matplotlib") is None:
        raise CorpusError(
            "found no matplotlib, which draws the pictures; install it: pip install annotated-corpus[plots]"
        )


def _save(figure: Any, fonts: list[str], to: Path) -> Path:  # noqa: ANN401 - matplotlib's figure
    """Write the picture; every text in it is set in the fonts, as defaults are read when it was made."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_fontfamily(fonts)
    to.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(to, dpi=SIZE, metadata={"Software": None})
    return to
