"""A model folder: plain JSON and arrays, a card and scores; nothing in it is ever run.

| file | holds |
|---|---|
| `model.json` | format, task, method, settings and vocabulary |
| `weights.npz` | arrays of numbers, where the model has any |
| `README.md` | the card |
| `scores.json` | its scores, each with its signature |

A folder made by others is untrusted input: no pickle is read, sizes are bounded, and what does not have the
expected shape is refused by name. CRF weights are kept as arrays, too, because crfsuite's own reader takes
its file at its word.
"""

from __future__ import annotations

import json
import math
import zipfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Never

    import numpy as np
    from numpy.typing import NDArray

    from corpus.models import Model

FORMAT = "corpus-model-1"
MODEL = "model.json"
WEIGHTS = "weights.npz"

LARGEST = 1 << 30
"""Bytes of a file of a model folder, unpacked, that are read at most; ours stay below a tenth of it."""

_READERS = {
    ("stance", "majority"): ("majority", "read_targets"),
    ("stance", "target"): ("majority", "read_targets"),
    ("stance", "text"): ("linear", "read"),
    ("stance", "linear"): ("linear", "read"),
    ("entities", "majority"): ("majority", "read_mentions"),
    ("entities", "crf"): ("crf", "read"),
}


class Stored(NamedTuple):
    """What a folder holds of a model: JSON values and arrays."""

    task: str
    method: str
    settings: dict[str, Any]
    arrays: dict[str, NDArray[np.generic]]
    where: str = MODEL


class Shape(NamedTuple):
    """Questions to what was read from a model folder; each refuses what it did not expect by file."""

    stored: Stored

    def require(self, holds: object, expected: str) -> None:
        """Refuse the folder unless it holds."""
        if not holds:
            self.refuse(expected)

    def refuse(self, expected: str) -> Never:
        """Refuse the folder."""
        stored = self.stored
        raise CorpusError(
            f"{stored.where}: found no model of `{stored.method}`; expected {expected}; fit and save it again"
        )

    def mapping(self, value: object) -> dict[str, Any]:
        """Expect a JSON object."""
        if not isinstance(value, dict):
            self.refuse(f"an object, not {type(value).__name__}")
        return value

    def texts(self, name: str) -> list[str]:
        """Expect a list of distinct texts among the settings."""
        value = self.stored.settings.get(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.refuse(f"a list of texts as `{name}`")
        if len(set(value)) != len(value):
            self.refuse(f"no text twice in `{name}`")
        return value

    def number(self, value: object) -> float:
        """Expect a finite number."""
        if not isinstance(value, int | float) or not math.isfinite(value):
            self.refuse(f"a finite number, not {value!r}")
        return float(value)

    def array(self, name: str, kind: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Expect an array of floats (`f`) or integers (`i`) of a shape; None is any length."""
        found = self.stored.arrays.get(name)
        if found is None or found.dtype.kind != kind or found.ndim != len(shape):
            self.refuse(f"an array `{name}` of kind {kind} and {len(shape)} dimensions")
        fits = all(want is None or want == have for want, have in zip(shape, found.shape, strict=True))
        import numpy as np

        if not fits or (kind == "f" and not bool(np.isfinite(found).all())):
            self.refuse(f"finite numbers of shape {shape} as `{name}`, not of shape {found.shape}")
        return found


def save(model: Model, to: Path, card: str = "", scores: Mapping[str, Any] | None = None) -> list[Path]:
    """Write a model folder; returns its files. The same model gives the same bytes."""
    stored = model.stored()
    to.mkdir(parents=True, exist_ok=True)
    settings = {"format": FORMAT, "task": stored.task, "method": stored.method, "settings": stored.settings}
    written = [_write_json(settings, to / MODEL)]
    if stored.arrays:
        written.append(_write_arrays(stored.arrays, to / WEIGHTS))
    if card:
        (to / "README.md").write_text(card, encoding="utf-8", newline="\n")
        written.append(to / "README.md")
    if scores is not None:
        written.append(_write_json(dict(scores), to / "scores.json"))
    return written


def load(folder: Path | str) -> Model:
    """Load a model folder, made here or by others; refuses what is not one, and never runs anything in it."""
    folder = Path(folder)
    path = folder / MODEL
    try:
        if path.stat().st_size > LARGEST:
            raise CorpusError(f"{path}: found {path.stat().st_size:,} bytes; expected {LARGEST:,} at most")
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CorpusError(
            f"{path}: found no model that can be read ({error}); expected one written by `corpus baseline`"
        ) from None
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise CorpusError(f"{path}: found another format; expected `{FORMAT}`; fit and save the model again")
    reader = _READERS.get((str(read.get("task")), str(read.get("method"))))
    if reader is None or not isinstance(read.get("settings"), dict):
        known = ", ".join(f"{task} {method}" for task, method in _READERS)
        raise CorpusError(f"{path}: found an unknown task or method; expected one of {known}")
    stored = Stored(read["task"], read["method"], read["settings"], _read_arrays(folder / WEIGHTS), str(path))
    module, function = reader
    model: Model = getattr(import_module(f"corpus.models.{module}"), function)(stored)
    return model


def _write_json(value: Mapping[str, Any], path: Path) -> Path:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _write_arrays(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> Path:
    import numpy as np

    np.savez_compressed(path, allow_pickle=False, **arrays)
    return path


def _read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    """Read arrays, after asking how large they unpack, so that a small file cannot fill the memory."""
    import numpy as np

    if not path.is_file():
        return {}
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > LARGEST:
            raise CorpusError(f"{path}: found {size:,} bytes of weights; expected {LARGEST:,} at most")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, MemoryError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{path}: found weights that cannot be read ({error}); expected plain arrays; save it again"
        ) from None
