"""Spans of characters as labels of a tokenizer's sub-words, and back: nothing moves without being told.

A fast tokenizer of Hugging Face says for each sub-word which characters it stands for
(`return_offsets_mapping=True`); that is all that is asked here, so any other tokenizer with offsets will do.

Rules. A sub-word of no characters (`[CLS]`, padding) has no label. White space at the edges of a sub-word or
of a span does not count. Of spans that overlap or are nested the longest is labelled, of equal ones the
first; the others are told. A span that begins or ends inside a sub-word falls off: it is refused, or widened
to whole sub-words where that was asked for, and told. What lies beyond the last sub-word, as after
truncation, is told, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

IGNORED = -100
"""The label number that loss functions of PyTorch pass over."""


class Span(NamedTuple):
    """A mention: `text[start:end]`, in code points, and its label."""

    start: int
    end: int
    label: str


class Labelled(NamedTuple):
    """A label for each sub-word (None where it stands for no characters), and the fate of each span.

    `fitted` are spans that begin and end with a sub-word, `widened` those that were not but are labelled,
    `overlapping` gave way to a longer one, `outside` are not covered to their end by the sub-words there are.
    """

    tags: tuple[str | None, ...]
    fitted: tuple[Span, ...]
    widened: tuple[Span, ...]
    overlapping: tuple[Span, ...]
    outside: tuple[Span, ...]


class Rates(NamedTuple):
    """How many spans there were, and how many of them fared how; see Labelled."""

    spans: int
    fitted: int
    widened: int
    overlapping: int
    outside: int

    @property
    def off_boundary(self) -> float:
        """The share of spans that fall off the boundaries of sub-words; 0 where there is no span."""
        return self.widened / self.spans if self.spans else 0.0


def label(
    text: str,
    offsets: Sequence[tuple[int, int]],
    spans: Iterable[tuple[int, int, str]],
    misfit: Literal["refuse", "widen"] = "refuse",
) -> Labelled:
    """Label sub-words with IOB2 tags of spans.

    Refuses, naming the first, spans that fall off the boundaries of sub-words, unless `misfit` is `widen`;
    and in any case places that are not in the text.

    >>> offsets = [(0, 0), (0, 2), (2, 4), (4, 6), (6, 11)]
    >>> label("云岭海关查获 H100", offsets, [(0, 4, "GOV"), (7, 11, "P")]).tags
    (None, 'B-GOV', 'I-GOV', 'O', 'B-P')
    """
    given = [_checked(text, span) for span in spans]
    pieces = [_trimmed(text, *place) for place in offsets]
    tags: list[str | None] = [None if piece[0] == piece[1] else "O" for piece in pieces]
    fates: dict[str, list[Span]] = {"fitted": [], "widened": [], "overlapping": [], "outside": []}
    for span in sorted(given, key=lambda each: (each.start - each.end, each)):
        inside = [
            at
            for at, (start, end) in enumerate(pieces)
            if start < end and start < span.end and span.start < end
        ]
        if any(tags[at] != "O" for at in inside):
            fates["overlapping"].append(span)
            continue
        fate = _fate(text, pieces, inside, span)
        if fate == "widened" and misfit == "refuse":
            raise CorpusError(_refusal(text, pieces, inside, span))
        fates[fate].append(span)
        if fate != "outside":
            tags[inside[0]] = f"B-{span.label}"
            for at in inside[1:]:
                tags[at] = f"I-{span.label}"
    return Labelled(tuple(tags), *(tuple(sorted(found)) for found in fates.values()))


def spans_of(text: str, offsets: Sequence[tuple[int, int]], tags: Sequence[str | None]) -> tuple[Span, ...]:
    """Read the spans of characters that the tags of sub-words stand for; they do not overlap.

    Models predict what no annotator would: an `I-` that continues nothing begins a span, and where several
    sub-words stand for one character, the first of them that is in a span takes it.

    >>> spans_of("云岭海关查获", [(0, 2), (2, 4), (4, 6)], ["I-GOV", "I-GOV", "B-X"])
    (Span(start=0, end=4, label='GOV'), Span(start=4, end=6, label='X'))
    """
    if len(offsets) != len(tags):
        raise CorpusError(f"found {len(tags)} tags for {len(offsets)} sub-words; expected one each")
    found: list[Span] = []
    going: str | None = None
    for place, tag in zip(offsets, tags, strict=True):
        start, end = _trimmed(text, *place)
        if tag is None or start == end:
            continue
        if tag == "O":
            going = None
            continue
        last = found[-1] if found else Span(0, 0, "")
        if tag.startswith("I-") and going == tag[2:]:
            found[-1] = last._replace(end=max(last.end, end))
            continue
        going = tag[2:]
        start = max(start, last.end)
        if start < end:
            found.append(Span(start, end, going))
        else:
            going = last.label
    return tuple(found)


def rates(made: Iterable[Labelled]) -> Rates:
    """Count the fates of the spans of many texts; see `Rates.off_boundary`."""
    counts = [0, 0, 0, 0]
    for each in made:
        for at, spans in enumerate(each[1:]):
            counts[at] += len(spans)
    return Rates(sum(counts), *counts)


def names(labels: Iterable[str]) -> tuple[str, ...]:
    """Give the IOB2 tags of entity labels in the order in which models number them.

    >>> names(["PER", "GOV"])
    ('O', 'B-GOV', 'I-GOV', 'B-PER', 'I-PER')
    """
    return ("O", *(f"{part}-{each}" for each in sorted(set(labels)) for part in "BI"))


def numbers(tags: Sequence[str | None], known: Sequence[str]) -> list[int]:
    """Number tags by their place in `known`; IGNORED for a sub-word without characters.

    >>> numbers([None, "B-GOV", "O"], names(["GOV"]))
    [-100, 1, 0]
    """
    place: Mapping[str, int] = {name: at for at, name in enumerate(known)}
    unknown = sorted({tag for tag in tags if tag is not None} - place.keys())
    if unknown:
        raise CorpusError(f"found the tags {', '.join(unknown)}; expected some of {', '.join(known)}")
    return [IGNORED if tag is None else place[tag] for tag in tags]


def _checked(text: str, span: tuple[int, int, str]) -> Span:
    start, end, name = span
    if not 0 <= start < end <= len(text):
        raise CorpusError(
            f"found a span {start} to {end}; expected a place in a text of {len(text)} characters"
        )
    return Span(start, end, name)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A sub-word's characters without the white space that some tokenizers put to it."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _fate(text: str, pieces: Sequence[tuple[int, int]], inside: Sequence[int], span: Span) -> str:
    if not inside:
        return "outside"
    first, last = min(pieces[at][0] for at in inside), max(pieces[at][1] for at in inside)
    if first < span.start or last > span.end:
        return "widened"
    covered = {place for at in inside for place in range(*pieces[at])}
    edges = (span.start, span.end - 1)
    missing = [place for place in edges if place not in covered and not text[place].isspace()]
    return "outside" if missing else "fitted"


def _refusal(text: str, pieces: Sequence[tuple[int, int]], inside: Sequence[int], span: Span) -> str:
    words = " ".join(repr(text[start:end]) for start, end in (pieces[at] for at in inside))
    return (
        f"found the span {span.start} to {span.end} ({text[span.start : span.end]!r}, {span.label}) off the "
        f"sub-words {words}; expected its ends at theirs; take another tokenizer, or widen such spans"
    )
