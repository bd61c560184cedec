"""Rows as models take them: checked, named by number where they are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OUTSIDE = "O"


class StanceRow(NamedTuple):
    """A text, what the stance is toward, and the stance; the label is empty where it is asked for."""

    text: str
    target: str
    label: str


class EntityRow(NamedTuple):
    """A text in tokens, and its mentions as (first token, one past the last, label); none where asked for."""

    tokens: tuple[str, ...]
    mentions: tuple[tuple[int, int, str], ...]


def stance_rows(rows: Sequence[Mapping[str, Any]], *, labelled: bool = True) -> tuple[StanceRow, ...]:
    """Check rows of `text`, `target` and, where `labelled`, `label`; refuses the first that is none."""
    wanted = ("text", "target", "label") if labelled else ("text", "target")
    made = []
    for number, row in enumerate(rows):
        found = [_text(row, number, name) for name in wanted]
        if labelled and not found[2]:
            raise CorpusError(f"row {number}: found an empty label; expected one; leave such rows out")
        made.append(StanceRow(found[0], found[1], found[2] if labelled else ""))
    return tuple(made)


def entity_rows(rows: Sequence[Mapping[str, Any]], *, labelled: bool = True) -> tuple[EntityRow, ...]:
    """Check rows of `tokens` and, where `labelled`, IOB2 `tags`; refuses the first that is none.

    An `I-X` that continues nothing begins a mention, as in the CoNLL evaluation script: annotated corpora
    have such tags, and one of them must not stop a training run.
    """
    made = []
    for number, row in enumerate(rows):
        tokens = _texts(row, number, "tokens")
        tags = _texts(row, number, "tags") if labelled else (OUTSIDE,) * len(tokens)
        if len(tokens) != len(tags):
            raise CorpusError(
                f"row {number}: found {len(tags)} tags for {len(tokens)} tokens; expected as many; mend it"
            )
        for tag in tags:
            if tag != OUTSIDE and (tag[:2] not in {"B-", "I-"} or len(tag) == 2):
                raise CorpusError(
                    f"row {number}: found the tag {tag!r}; expected IOB2 (O, B-LABEL, I-LABEL); convert it"
                )
        made.append(EntityRow(tokens, read_tags(tags)))
    return tuple(made)


def read_tags(tags: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    """Read mentions from IOB2 tags.

    >>> read_tags(["B-LOC", "I-LOC", "B-LOC", "O", "I-PER"])
    ((0, 2, 'LOC'), (2, 3, 'LOC'), (4, 5, 'PER'))
    """
    found: list[tuple[int, int, str]] = []
    for place, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        label = tag[2:]
        if tag[0] == "I" and found and found[-1][1:] == (place, label):
            found[-1] = (found[-1][0], place + 1, label)
        else:
            found.append((place, place + 1, label))
    return tuple(found)


def write_tags(mentions: Sequence[tuple[int, int, str]], length: int) -> list[str]:
    """Write mentions that do not overlap as IOB2 tags.

    >>> write_tags([(0, 2, "LOC")], 3)
    ['B-LOC', 'I-LOC', 'O']
    """
    tags = [OUTSIDE] * length
    for start, end, label in mentions:
        tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    return tags


def _text(row: Mapping[str, Any], number: int, name: str) -> str:
    value = row.get(name)
    if isinstance(value, str):
        return value
    hint = "; name a ClassLabel's number with int2str" if isinstance(value, int) else ""
    raise CorpusError(
        f"row {number}: found {type(value).__name__} as `{name}`; expected a text; mend the row{hint}"
    )


def _texts(row: Mapping[str, Any], number: int, name: str) -> tuple[str, ...]:
    value: Any = row.get(name)
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise CorpusError(
            f"row {number}: found {type(value).__name__} as `{name}`; expected a list of texts; mend the row"
        )
    texts = tuple(value)
    for text in texts:
        if not isinstance(text, str):
            hint = "; name a ClassLabel's numbers with int2str" if isinstance(text, int) else ""
            raise CorpusError(
                f"row {number}: found {type(text).__name__} in `{name}`; expected texts; mend the row{hint}"
            )
    return texts
