"""Gamma (Mathet, Widlöcher and Métivier 2015): agreement on where mentions stand and what they are, at once.

Computed by pygamma-agreement, which is installed apart: `pip install 'annotated-corpus[gamma]'`.
"""

from __future__ import annotations

import logging
import math
import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from corpus.agreement.measures import Span

_APART = 1000
"""Code points put between two paragraphs, so that no mention of one is near one of the other."""


def gamma(marked: Mapping[str, Sequence[Span]], seed: int = 0) -> float:
    """Return gamma for the mentions that two or more annotators marked in one document, NaN where undefined.

    Position and label weigh the same (alpha and beta are 1); paragraphs are laid out one after another. The
    expected disorder is that of texts annotated at random, drawn from `seed`. Undefined where fewer than two
    annotators marked anything. Raises CorpusError where pygamma-agreement is not installed.
    """
    if sum(bool(spans) for spans in marked.values()) < 2:
        return math.nan
    try:
        library = import_module("pygamma_agreement")
        segment = import_module("pyannote.core").Segment
    except ImportError as error:
        _refuse(error)
    start, reached = dict[object, int](), 0
    for text in sorted({span.text for spans in marked.values() for span in spans}, key=str):
        start[text] = reached
        reached += _APART + max(s.end for spans in marked.values() for s in spans if s.text == text)
    continuum = library.Continuum()
    for annotator, spans in sorted(marked.items()):
        for span in spans:
            at = start[span.text]
            continuum.add(annotator, segment(at + span.start, at + span.end), span.label)
    with _quiet(), _drawing_from(seed):
        result = continuum.compute_gamma(library.CombinedCategoricalDissimilarity(alpha=1, beta=1))
        return float(result.gamma)


def _refuse(error: ImportError) -> NoReturn:
    raise CorpusError(
        f"gamma takes pygamma-agreement, which is not installed ({error.name}); "
        "install it with `pip install 'annotated-corpus[gamma]'`, or leave --gamma out"
    ) from error


@contextmanager
def _drawing_from(seed: int) -> Iterator[None]:
    """Seed numpy's global source, which the library draws from, and put it back as it was."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the solver, which prints from C, off standard output, and its caller's warnings off the log."""
    sys.stdout.flush()
    kept, disabled = os.dup(1), logging.root.manager.disable
    nowhere = os.open(os.devnull, os.O_WRONLY)
    logging.disable(logging.WARNING)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
        logging.disable(disabled)
