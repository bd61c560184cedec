"""Predictions matched with gold by id: every mismatch named and counted, none passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Key = tuple[str, ...]
    Row = Mapping[str, Any]

_HINT = "mend the predictions; nothing is scored until every gold row has one"


def match(
    gold: Sequence[Row], predictions: Sequence[Row], key: tuple[str, ...]
) -> tuple[list[tuple[Row, Row]], list[Finding]]:
    """Pair each gold row with its prediction; a finding for each that is unknown, missing or there twice."""
    ordered = sorted(gold, key=lambda row: [str(row[name]) for name in key])  # sums of floats know an order
    wanted = {tuple(str(row[name]) for name in key): row for row in ordered}
    found: dict[Key, Row] = {}
    findings = []
    for number, row in enumerate(predictions):
        values = [row.get(name) for name in key]
        if not all(isinstance(value, str) for value in values):
            findings.append(
                refusal("no-id", number, f"{dict(zip(key, values, strict=True))}", "texts as ids")
            )
            continue
        where = tuple(map(str, values))
        if where not in wanted:
            findings.append(refusal("unknown-id", number, "/".join(where), "an id of the gold rows"))
        elif where in found:
            findings.append(refusal("id-twice", number, "/".join(where), "one prediction an id"))
        else:
            found[where] = row
    for where in wanted:
        if where not in found:
            message = f"found no prediction of {'/'.join(where)}; expected one a gold row"
            findings.append(Finding("missing-id", "error", "predictions", message, _HINT))
    return [(row, found[where]) for where, row in wanted.items() if where in found], findings


def refusal(check: str, number: int | str, found: str, expected: str) -> Finding:
    """A prediction that is refused, by the number of its row or its id."""
    where = f"prediction {number + 1}" if isinstance(number, int) else number
    return Finding(check, "error", where, f"found {found}; expected {expected}", _HINT)
