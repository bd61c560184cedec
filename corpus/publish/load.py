"""The reference corpus, loaded from the package or from the checkout it was built in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus.errors import CorpusError
from corpus.records import SPLITS
from corpus.schema.tables import DEFAULT_CONFIG, PUBLISHED

FOLDER = "published"


def load(config: str = DEFAULT_CONFIG, split: str | None = None) -> Any:  # noqa: ANN401 - datasets is untyped
    """Load a config of the reference corpus: a DatasetDict, or one split as a Dataset.

    Works from an installed package, which carries the dataset folder, and from a checkout, offline. Refuses
    an unknown config or split with the names there are.
    """
    if config not in PUBLISHED:
        raise CorpusError(f"found the config `{config}`; expected one of {', '.join(PUBLISHED)}; choose one")
    if split is not None and split not in SPLITS:
        raise CorpusError(f"found the split `{split}`; expected one of {', '.join(SPLITS)}; choose one")
    from datasets import load_dataset

    return load_dataset(str(reference_folder()), config, split=split)


def reference_folder() -> Path:
    """Find the reference corpus's dataset folder: inside the package, else beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / FOLDER, package.parent / FOLDER):
        if (folder / "README.md").is_file():
            return folder
    raise CorpusError(
        f"{package.parent / FOLDER}: found no reference corpus; expected the package's own; "
        "run `corpus build` in the checkout"
    )
