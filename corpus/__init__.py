"""Corpus: from a heap of raw web pages to a published, annotated, audited dataset.

>>> import corpus
>>> page = "<title>Chips</title><p>Nine people were arrested in March, the ministry said on Monday.</p>"
>>> document = corpus.clean(page)
>>> document.text
'Nine people were arrested in March, the ministry said on Monday.'
>>> start, end = document.paragraphs[0].raw_start, document.paragraphs[0].raw_end
>>> document.raw[start:end] == document.text
True
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from corpus import agreement, models
    from corpus.build import Dealt
    from corpus.last_build import Report
    from corpus.records import Anchor, Document, Finding

__version__ = "0.1.0"
__all__ = [
    "adjudicate",
    "agreement",
    "audit",
    "build",
    "clean",
    "load",
    "models",
    "rank_errors",
    "reanchor",
    "split",
]


def clean(body: bytes | str, url: str | None = None, content_type: str | None = None) -> Document:
    """Clean one page: bytes or text of HTML, Markdown with HTML, or a plain-text page dump.

    The kind of page is read off its content. Never raises for bad input: what cannot be decoded is replaced
    and counted in `encoding.replacements`. `url` and `content_type` (an HTTP header) are evidence.
    """
    from corpus.pages import clean_body

    return clean_body(body, url, content_type)


def build(
    root: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    engine: str = "local",
    workers: int | None = None,
) -> Report:
    """Build the corpus project at `root` into `out` (its `published/` by default) and report what happened.

    Raises CorpusError where nothing could be built; what was published before then still stands. See
    `Report.findings` for everything that was set aside or is wrong.
    """
    from corpus.build import build as build_

    return build_(root, out, engine, workers)


def audit(root: str | os.PathLike[str]) -> list[Finding]:
    """Audit the corpus project at `root`: what its checks found, but for what its waivers accept."""
    from corpus.auditing import audit as audit_

    return audit_(root)


def load(config: str = "paragraphs", split: str | None = None) -> Any:  # noqa: ANN401 - datasets is untyped
    """Load the reference corpus that comes with the package, as `datasets.load_dataset` would."""
    from corpus.publish.load import load as load_

    return load_(config, split)


def reanchor(
    annotations: Sequence[tuple[int, int, int]], old: Sequence[str], new: Sequence[str]
) -> list[Anchor | None]:
    """Find `(paragraph index, start, end)` places of the `old` paragraphs in the `new` ones.

    One Anchor an annotation, None for an orphan: its text is gone, or its place cannot be told.
    """
    from corpus.anchor import reanchor as reanchor_

    return reanchor_(annotations, old, new)


def rank_errors(rows: Sequence[Mapping[str, Any]], task: str) -> list[float]:
    """Score how likely each row's annotation is wrong, higher more likely; nothing but the rows is read.

    Task `tokens`: rows of `tokens` and IOB2 `tags`; task `labels`: rows of `text` and `label`, which may be a
    list of annotators' labels.
    """
    from corpus.likely_errors import rank_errors as rank_errors_

    return rank_errors_(rows, task)


def adjudicate(rows: Sequence[Mapping[str, Any]], task: str) -> list[Any]:
    """Give gold from many annotators: tags a row for `tokens`, a label a row for `labels`.

    `rows` are `{"tokens", "votes": {annotator: tags}}` or `{"text", "votes": {annotator: label}}`.
    """
    from corpus.adjudicate import adjudicate as adjudicate_

    return adjudicate_(rows, task)


def split(
    documents: Sequence[Mapping[str, Any]] | Sequence[tuple[str, str]],
    policy: str = "random",
    seed: int = 0,
    ratios: Sequence[float] = (0.8, 0.1, 0.1),
) -> list[Dealt]:
    """Deal documents into splits that no near-duplicates cross; one (split, duplicate_cluster) a document.

    A document is `(text, source)` or a mapping with `text` and, where known, `source`, `document_id`,
    `published_at` and `labels`. Policies: random, by_source, by_time, by_target, stratified.
    """
    from corpus.build import deal

    return deal(documents, policy, seed, ratios)


def __getattr__(name: str) -> ModuleType:
    """Import `corpus.agreement` and `corpus.models` when they are asked for: they are used as modules."""
    if name in {"agreement", "models"}:
        return import_module(f"corpus.{name}")
    raise AttributeError(f"module 'corpus' has no attribute {name!r}")


class _Package(ModuleType):
    """This package, whose functions keep their names when a module of the same name is imported.

    `corpus.clean` is a function and `corpus/clean/` a package: without this, the first
    `from corpus.clean import …` anywhere would replace the one by the other.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and callable(self.__dict__.get(name))):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
