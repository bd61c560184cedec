"""Likely errors among annotations: rows ranked by how probably they are wrong, without gold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.likely_errors import evidence, labels, tokens
from corpus.likely_errors.mentions import Mention

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Mention", "Suspect", "rank_errors", "suspect_mentions"]

FAINT = 0.05
"""Less likely errors are not named: one in twenty would be right, and nobody reads the rest."""


class Suspect(NamedTuple):
    """A place in a row of tokens that may be annotated wrongly, and what the rest of the corpus would say."""

    row: int
    start: int
    end: int
    label: str | None
    """The label it has now; None where a mention may be missing."""
    expected: str | None
    """The label that models would give it; None where they would leave it alone."""
    probability: float


def rank_errors(rows: Sequence[Mapping[str, Any]], task: str) -> list[float]:
    """Give each row a number from 0 to 1: the higher, the likelier is a wrong annotation in it.

    Task `tokens`: rows of `tokens` and `tags` (IOB2; tags that break it are read as the mentions they most
    likely mean). Task `labels`: rows of `text` and `label`, one label or the list of what annotators gave;
    rows with the same text are votes on it. Nothing but the rows is read, no model is downloaded, the same
    rows give the same numbers in any order. Numbers rank; they are not calibrated frequencies. Raises
    ValueError naming the row that is not as it must be, and for any other task.

    >>> votes = [["for", "for"], ["for", "for", "against"], ["against", "against"]]
    >>> scores = rank_errors([{"text": str(n), "label": given} for n, given in enumerate(votes)], "labels")
    >>> scores.index(max(scores))
    1
    """
    if task == "tokens":
        pairs = [_tagged(number, row) for number, row in enumerate(rows)]
        return [judged.score for judged in tokens.judge(*_columns(pairs))]
    if task == "labels":
        voted = [_voted(number, row) for number, row in enumerate(rows)]
        return labels.score([text for text, _ in voted], [votes for _, votes in voted])
    raise ValueError(f"no task {task!r}; known are tokens, labels")


def suspect_mentions(rows: Sequence[Mapping[str, Any]]) -> list[Suspect]:
    """Name the mentions that are likely wrong and the places where one is likely missing, likeliest first.

    Rows as in task `tokens`. An annotated mention's probability is that of the models (out of fold) and of
    label variation giving it no mention, or one of another label or length; a missing one's is how much its
    form is a mention elsewhere.
    """
    pairs = [_tagged(number, row) for number, row in enumerate(rows)]
    found = []
    for number, judged in enumerate(tokens.judge(*_columns(pairs))):
        places = evidence.places(judged.mentions, judged.witnesses)
        found += [Suspect(number, *place) for place in places if place.probability >= FAINT]
    return sorted(found, key=lambda suspect: (-suspect.probability, suspect.row, suspect.start))


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
