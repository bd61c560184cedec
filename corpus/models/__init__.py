"""The bundled baselines: small models that learn on a CPU from rows alone, and give a first number to beat.

| task | method | what it knows |
|---|---|---|
| `stance` | `majority` | the most frequent label |
| | `target` | the most frequent label of the row's target |
| | `text` | character n-grams of the text, nothing of the target |
| | `linear` (default) | character n-grams, and how each target reads them |
| `entities` | `majority` | mentions seen before, each with its most frequent label |
| | `crf` (default) | a conditional random field over characters, words and known mentions |

>>> rows = [{"text": "好，应当支持", "target": "t", "label": "favor"},
...         {"text": "坏，必须反对", "target": "t", "label": "against"}]
>>> fit("stance", rows, method="majority").predict([{"text": "很好", "target": "t"}])
['against']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from corpus.errors import CorpusError
from corpus.models import crf, linear, majority
from corpus.models.folder import load, save
from corpus.models.rows import entity_rows, stance_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from corpus.models.folder import Stored

__all__ = ["METHODS", "Model", "StanceModel", "fit", "load", "save"]


class Model(Protocol):
    """A fitted baseline: predicts, and can be stored as plain JSON and arrays."""

    @property
    def task(self) -> str:
        """`stance` or `entities`."""
        ...

    @property
    def method(self) -> str:
        """One of METHODS of its task."""
        ...

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Give a label (stance) or IOB2 tags (entities) a row, in the order of the rows."""
        ...

    def stored(self) -> Stored:
        """Give what a model folder holds of it."""
        ...


class StanceModel(Model, Protocol):
    """A fitted baseline of stance, which also says how sure it is."""

    def probabilities(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
        """Give each row a probability a label; they sum to one."""
        ...


METHODS: dict[str, dict[str, Callable[[Any], Model]]] = {
    "stance": {
        "majority": majority.fit_labels,
        "target": majority.fit_targets,
        "text": linear.fit_text,
        "linear": linear.fit_linear,
    },
    "entities": {"majority": majority.fit_mentions, "crf": crf.fit},
}
"""The methods of each task, plainest first; the last one is used where none is named."""


def fit(task: str, rows: Sequence[Mapping[str, Any]], method: str | None = None) -> Model:
    """Fit a baseline to rows: `text`, `target`, `label` for `stance`, `tokens`, `tags` (IOB2) for `entities`.

    The same rows give the same model. Refuses an unknown task or method, no rows at all, and, by its
    number, a row that lacks a column or has tags that do not fit its tokens: nothing is learned from a guess.
    """
    methods = METHODS.get(task)
    if methods is None:
        raise CorpusError(f"found the task `{task}`; expected one of {', '.join(METHODS)}; choose one")
    name = method if method is not None else list(methods)[-1]
    if name not in methods:
        raise CorpusError(
            f"found the method `{name}` for `{task}`; expected one of {', '.join(methods)}; choose one"
        )
    if not len(rows):
        raise CorpusError(f"found no rows to fit a model of `{task}` to; expected one or more; give some")
    checked = stance_rows(rows) if task == "stance" else entity_rows(rows)
    return methods[name](checked)
