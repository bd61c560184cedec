"""From many annotators to one: gold tags and labels of rows, and proposals for a gold layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from corpus.adjudicate import labels, mentions
from corpus.adjudicate.proposals import Proposal, is_decided, propose
from corpus.adjudicate.tags import spans, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["METHODS", "Method", "Proposal", "adjudicate", "is_decided", "propose"]

Method = Literal["model", "majority", "dawid_skene", "mace"]
METHODS: tuple[Method, ...] = ("model", "majority", "dawid_skene", "mace")
"""`model` is this package's own, built on Dawid and Skene's; the last two are crowd-kit's."""


def adjudicate(
    rows: Sequence[Mapping[str, Any]], task: str, method: Method = "model"
) -> list[list[str]] | list[str | None]:
    """Give gold tags or a gold label a row, from the votes of many annotators.

    Task `tokens`: rows of `tokens` and `votes`, IOB2 tags by annotator; the answer is valid IOB2. Task
    `labels`: rows of `text` and `votes`, a label by annotator (None: no vote); a row without votes gets None.
    Nothing but the rows is read, and the same rows give the same answer. Raises ValueError naming the row
    that is not as it must be.

    >>> votes = {"a1": ["B-ORG", "I-ORG", "O"], "a2": ["B-ORG", "I-ORG", "O"], "a3": ["O", "B-ORG", "O"]}
    >>> adjudicate([{"tokens": ["晨", "星", "说"], "votes": votes}], "tokens")
    [['B-ORG', 'I-ORG', 'O']]
    >>> adjudicate([{"text": "好。", "votes": {"a1": "favor", "a2": "favor", "a3": "none"}}], "labels")
    ['favor']
    """
    if method not in METHODS:
        message = f"no method {method!r}; known are {', '.join(METHODS)}"
        raise ValueError(message)
    if task == "labels":
        return [
            judged.label for judged in _labelled([_label_votes(n, row) for n, row in enumerate(rows)], method)
        ]
    if task != "tokens":
        message = f"no task {task!r}; known are tokens, labels"
        raise ValueError(message)
    votes = [_tag_votes(number, row) for number, row in enumerate(rows)]
    if method == "model":
        texts = [
            mentions.Text({name: spans(found) for name, found in vote.items()}, row["tokens"])
            for row, vote in zip(rows, votes, strict=True)
        ]
        chosen = mentions.select(mentions.judge(texts))
        return [tags(found, len(row["tokens"])) for found, row in zip(chosen, rows, strict=True)]
    return _by_token(rows, votes, method)


def _labelled(votes: Sequence[Mapping[str, str]], method: Method) -> list[labels.Judged]:
    by_method: dict[Method, Callable[[Sequence[Mapping[str, str]]], list[labels.Judged]]] = {
        "model": labels.dawid_skene,
        "majority": labels.majority,
        "dawid_skene": lambda found: labels.crowd_kit(found, "DawidSkene"),
        "mace": lambda found: labels.crowd_kit(found, "MACE"),
    }
    return by_method[method](votes)


def _by_token(
    rows: Sequence[Mapping[str, Any]], votes: Sequence[Mapping[str, Sequence[str]]], method: Method
) -> list[list[str]]:
    """Decide every token by itself, as these methods do, and make the outcome valid IOB2."""
    flat = [
        {name: found[position] for name, found in vote.items()}
        for row, vote in zip(rows, votes, strict=True)
        for position in range(len(row["tokens"]))
    ]
    decided = iter(_labelled(flat, method))
    made: list[list[str]] = []
    for row in rows:
        line = [next(decided).label or "O" for _ in row["tokens"]]
        made.append(tags(spans(line), len(line)))
    return made


def _label_votes(number: int, row: Mapping[str, Any]) -> dict[str, str]:
    votes = row.get("votes")
    if not isinstance(votes, Mapping):
        message = f"row {number}: votes are {votes!r}; expected annotators with a label each"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for rows that are not as they must be
    wrong = [name for name, label in votes.items() if label is not None and not isinstance(label, str)]
    if wrong:
        message = f"row {number}: {wrong[0]} voted {votes[wrong[0]]!r}; expected a label or None"
        raise ValueError(message)
    return {str(name): label for name, label in sorted(votes.items(), key=str) if label is not None}


def _tag_votes(number: int, row: Mapping[str, Any]) -> dict[str, list[str]]:
    votes, tokens = row.get("votes"), row.get("tokens")
    if not isinstance(votes, Mapping) or not isinstance(tokens, (list, tuple)):
        message = f"row {number}: expected tokens, and votes by annotator"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for rows that are not as they must be
    for name, found in votes.items():
        if found is not None and len(found) != len(tokens):
            message = (
                f"row {number}: {name} gave {len(found)} tags to {len(tokens)} tokens; expected one each"
            )
            raise ValueError(message)
        if found is not None and not all(isinstance(tag, str) for tag in found):
            message = f"row {number}: {name} gave a tag that is no string; expected O, B-label or I-label"
            raise ValueError(message)
    return {str(name): list(found) for name, found in sorted(votes.items(), key=str) if found is not None}
