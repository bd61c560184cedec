"""Likely errors among annotations: rows ranked by how probably they are wrong, without gold."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from corpus.errors import CorpusError
from corpus.likely_errors import halves, labels, suspects, tokens
from corpus.likely_errors.mentions import Mention
from corpus.likely_errors.suspects import Suspect, SuspectLabel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

__all__ = [
    "Mention",
    "Suspect",
    "SuspectLabel",
    "guess_stances",
    "rank_errors",
    "suspect_labels",
    "suspect_mentions",
]

TASKS = {
    "tokens": {"sklearn": "scikit-learn", "pycrfsuite": "python-crfsuite"},
    "labels": {"sklearn": "scikit-learn"},
}
"""The tasks of `rank_errors`, each with the modules it needs and the packages they come in."""


def rank_errors(rows: Sequence[Mapping[str, Any]], task: str) -> list[float]:
    """Give each row a number from 0 to 1: the higher, the likelier is a wrong annotation in it.

    Task `tokens`: rows of `tokens` and `tags` (IOB2; tags that break it are read as the mentions they most
    likely mean). Task `labels`: rows of `text` and `label`, one label or the list of what annotators gave;
    rows with the same text are votes on it. Nothing but the rows is read, no model is downloaded, the same
    rows give the same numbers in any order. Numbers rank; they are not calibrated frequencies. Raises
    ValueError naming the row that is not as it must be, and for any other task; CorpusError where the extra
    `models` (scikit-learn, python-crfsuite) is not installed.

    >>> votes = [["for", "for"], ["for", "for", "against"], ["against", "against"]]
    >>> scores = rank_errors([{"text": str(n), "label": given} for n, given in enumerate(votes)], "labels")
    >>> scores.index(max(scores))
    1
    """
    if task not in TASKS:
        raise ValueError(f"no task {task!r}; known are {', '.join(TASKS)}")
    _need(TASKS[task])
    with _one_thread():
        if task == "tokens":
            pairs = [_tagged(number, row) for number, row in enumerate(rows)]
            return [judged.score for judged in tokens.judge(*_columns(pairs))]
        voted = [_voted(number, row) for number, row in enumerate(rows)]
        return labels.score([text for text, _ in voted], [votes for _, votes in voted])


def suspect_mentions(rows: Sequence[Mapping[str, Any]]) -> list[Suspect]:
    """Name the mentions that are likely wrong and the places where one is likely missing, likeliest first.

    Rows as in task `tokens`. Each suspect is more likely than not an error, as far as the rows can tell: the
    probability weighs the chance of an error, estimated from the rows, against that of models which know too
    little. In a sound corpus hardly any is named; use `rank_errors` to read it from the worst row on.
    """
    _need(TASKS["tokens"])
    with _one_thread():
        return suspects.suspect_spans(*_columns([_tagged(number, row) for number, row in enumerate(rows)]))


def suspect_labels(rows: Sequence[Mapping[str, Any]]) -> list[SuspectLabel]:
    """Name the rows whose label is likely wrong, likeliest first, as `suspect_mentions` does mentions.

    Rows as in task `labels`, with one label each. Rows with the same text are judged by models that saw none
    of them. Empty for fewer than thirty rows or two labels.
    """
    _need(TASKS["labels"])
    votes = [_voted(number, row) for number, row in enumerate(rows)]
    for number, (_, given) in enumerate(votes):
        if len(given) != 1:
            raise ValueError(f"row {number}: found {len(given)} labels; expected one")
    with _one_thread():
        return suspects.suspect_labels([text for text, _ in votes], [given[0] for _, given in votes])


def guess_stances(
    texts: Sequence[str] | None, targets: Sequence[str] | None, labels: Sequence[str], groups: Sequence[str]
) -> list[str]:
    """Guess each row's label from its text, its target or both, by models that saw no row of its group."""
    _need(TASKS["labels"])
    with _one_thread():
        return halves.guesses(texts, targets, labels, groups)


def _one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra to one thread: the matrices are small, and waiting for threads costs far more."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=1)
    return limits


def _need(modules: Mapping[str, str]) -> None:
    """Refuse what the models' libraries are needed for where they are not installed."""
    missing = [name for module, name in modules.items() if find_spec(module) is None]
    if missing:
        raise CorpusError(
            f"likely errors are found by models that need {' and '.join(missing)}, not installed here; "
            "install annotated-corpus[models]"
        )


def _columns(
    pairs: Sequence[tuple[list[str], list[str]]],
) -> tuple[list[list[str]], list[list[str]]]:
    return [tokens for tokens, _ in pairs], [tags for _, tags in pairs]


def _tagged(number: int, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    missing = {"tokens", "tags"} - row.keys()
    if missing:
        raise ValueError(f"row {number}: no {' and no '.join(sorted(missing))}; expected tokens and tags")
    words, tags = list(row["tokens"]), list(row["tags"])
    if len(words) != len(tags):
        raise ValueError(f"row {number}: {len(words)} tokens but {len(tags)} tags; expected one tag a token")
    for place, (word, tag) in enumerate(zip(words, tags, strict=True)):
        if not isinstance(word, str):
            message = f"row {number}, token {place}: found {word!r}; expected text"
            raise ValueError(message)  # noqa: TRY004 - one kind of error for rows that are not as they must be
        if not isinstance(tag, str) or not (tag == "O" or (tag[:2] in {"B-", "I-"} and tag[2:])):
            raise ValueError(
                f"row {number}, token {place}: found tag {tag!r}; expected O, B-LABEL or I-LABEL"
            )
    return words, tags


def _voted(number: int, row: Mapping[str, Any]) -> tuple[str, list[str]]:
    missing = {"text", "label"} - row.keys()
    if missing:
        raise ValueError(f"row {number}: no {' and no '.join(sorted(missing))}; expected text and label")
    text, label = row["text"], row["label"]
    if not isinstance(text, str):
        message = f"row {number}: found text {text!r}; expected a string"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for rows that are not as they must be
    votes = list(label) if isinstance(label, list | tuple) else [label]
    given = [vote for vote in votes if vote is not None]
    for vote in given:
        if not isinstance(vote, str):
            message = f"row {number}: found label {vote!r}; expected a string or a list of strings"
            raise ValueError(message)  # noqa: TRY004 - one kind of error for rows that are not as they must be
    return text, given
