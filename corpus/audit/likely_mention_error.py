"""A gold mention that likely has a wrong label or extent, or a place where one is likely missing.

Conditional random fields learn to mark mentions from three quarters of the paragraphs and mark the last
quarter, in turn. What they would mark otherwise is held against how often they err and against how the
same form is marked elsewhere: the share of wrong labels and forgotten mentions is estimated from the corpus
itself, and if surprises are no more frequent than the models themselves expect, nothing is reported.
Each annotator who marked just what gold has, or just what the models would, makes an error five times less
or more likely. Reported, likeliest first, is what is wrong with a probability of 0.8 or more then, with what
the models would say, how the annotators marked it, and how the form is marked elsewhere. What all annotators
marked otherwise than gold is the business of `gold_against_votes` and `votes_without_gold`. Of mentions that
models would not see at all nothing is said: names that nobody else bears are the rule.

Looked at are the pages that have gold mentions, if these are 100 or more; of more than 2,000 paragraphs, as
many, chosen by a hash of their text; `corpus.rank_errors` ranks all. Needs the extra `models`; without it
the check says so and is skipped. How good the models are at this is in docs/benchmarks-audit.md.

Example: `在白石码头` is left unmarked, where `在青河码头`, `在柳湾码头` and 30 like them are LOC.

Mend: read the place again. Correct it, or waive it with what the models cannot know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus.annotations.exchange import tokens
from corpus.audit._marks import gold, mentions, sampled, shown, votes
from corpus.audit._view import Place, found
from corpus.likely_errors import suspect_mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from corpus.audit._view import AuditView, Found
    from corpus.likely_errors import Suspect

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

FEWEST = 100
MOST = 2_000
"""Paragraphs looked at; half a minute."""

SURE = 0.8
"""Probability from which a suspicion is told: on two sets revised by experts, suspicions below were mostly
wrong (docs/benchmarks-audit.md)."""

VOTE = 5.0
"""By how much a vote changes the odds; annotators err together, so it is far less than they agree."""

Mark = tuple[int, int, str]


class _Row(NamedTuple):
    """A paragraph as tokens, with their places in its text and its tags."""

    document_id: str
    paragraph_id: str
    text: str
    cuts: list[tuple[int, int]]
    tags: list[str]


def check(view: AuditView) -> Iterator[Found]:
    """Judge the gold mentions of each paragraph by models of the others."""
    rows = mentions(view)
    decided = gold(rows)
    if decided.height < FEWEST:
        return
    made = _by_paragraph(votes(rows))
    marked = _by_paragraph(decided)
    pages = view.tables["paragraphs"].join(decided, on="document_id", how="semi", maintain_order="left")
    cut = [
        _row(document_id, paragraph_id, text, marked.get(paragraph_id, []))
        for document_id, paragraph_id, text in sampled(pages, MOST)
        .select("document_id", "paragraph_id", "text")
        .iter_rows()
    ]
    forms = Counter((mark[2], text) for row in cut for mark, text in _forms(row, marked))
    for suspect in suspect_mentions([{"tokens": _words(row), "tags": row.tags} for row in cut]):
        row = cut[suspect.row]
        given = made.get(row.paragraph_id, [])
        if not _disowned(row, suspect, given) and (probability := _weighed(row, suspect, given)) >= SURE:
            yield _found(row, suspect._replace(probability=probability), given, forms)


def _found(row: _Row, suspect: Suspect, given: Sequence[Mark], forms: Mapping[tuple[str, str], int]) -> Found:
    start, end = row.cuts[suspect.start][0], row.cuts[suspect.end - 1][1]
    first, last = row.cuts[suspect.place[0]][0], row.cuts[suspect.place[1] - 1][1]
    surface, better = row.text[start:end], row.text[first:last]
    now = f"is marked {suspect.label}" if suspect.label else "is not marked"
    message = f"{shown(surface)} {now}; models of the other paragraphs say "
    message += f"{suspect.expected} of {shown(better)} ({suspect.probability:.0%} likely an error)"
    told = sorted(label for at, to, label in given if at < max(end, last) and min(start, first) < to)
    if told:
        message += f"; votes: {', '.join(told)}"
    elsewhere = {label: count for (label, form), count in sorted(forms.items()) if form == surface}
    if suspect.label:
        elsewhere[suspect.label] = elsewhere.get(suspect.label, 1) - 1
    if seen := ", ".join(f"{count} as {label}" for label, count in elsewhere.items() if count):
        message += f"; elsewhere the form is marked {seen}"
    place = Place(row.document_id, row.paragraph_id, start, end, surface)
    hint = "read it again; correct it, or waive it with what the models cannot know"
    return found(__name__, place, message, hint, suspect.label or "", suspect.probability)


def _by_paragraph(rows: pl.DataFrame) -> dict[str, list[Mark]]:
    made: defaultdict[str, list[Mark]] = defaultdict(list)
    for paragraph_id, *mark in rows.select("paragraph_id", "start", "end", "label").iter_rows():
        made[paragraph_id].append((mark[0], mark[1], mark[2]))
    return dict(made)


def _row(document_id: str, paragraph_id: str, text: str, marked: Sequence[Mark]) -> _Row:
    """Cut a paragraph so that each mark begins and ends with a token; of nested marks the longest is kept."""
    cuts = tokens(text, [edge for start, end, _ in marked for edge in (start, end)])
    starts = {start: at for at, (start, _) in enumerate(cuts)}
    ends = {end: at + 1 for at, (_, end) in enumerate(cuts)}
    tags = ["O"] * len(cuts)
    for start, end, label in sorted(marked, key=lambda mark: (mark[0] - mark[1], mark)):
        first, last = starts.get(start), ends.get(end)
        if first is not None and last is not None and set(tags[first:last]) == {"O"}:
            tags[first:last] = [f"B-{label}", *[f"I-{label}"] * (last - first - 1)]
    return _Row(document_id, paragraph_id, text, cuts, tags)


def _words(row: _Row) -> list[str]:
    return [row.text[start:end] for start, end in row.cuts]


def _forms(row: _Row, marked: Mapping[str, Sequence[Mark]]) -> Iterator[tuple[Mark, str]]:
    for mark in marked.get(row.paragraph_id, []):
        yield mark, row.text[mark[0] : mark[1]]


def _weighed(row: _Row, suspect: Suspect, given: Sequence[Mark]) -> float:
    """How probably a place is wrong if what annotators marked there counts too."""
    start, end = row.cuts[suspect.start][0], row.cuts[suspect.end - 1][1]
    first, last = row.cuts[suspect.place[0]][0], row.cuts[suspect.place[1] - 1][1]
    other = given.count((first, last, suspect.expected))
    same = given.count((start, end, suspect.label)) if suspect.label else 0
    odds = suspect.probability / (1 - suspect.probability) * VOTE ** (other - same)
    return odds / (1 + odds)


def _disowned(row: _Row, suspect: Suspect, given: Sequence[Mark]) -> bool:
    """Whether another check tells it: annotators marked the place, and none of them as gold has it."""
    start, end = row.cuts[suspect.start][0], row.cuts[suspect.end - 1][1]
    met = [mark for mark in given if mark[0] < end and start < mark[1]]
    return bool(met) and (suspect.label is None or (start, end, suspect.label) not in met)
