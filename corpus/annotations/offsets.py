"""What offsets count, and whether a quote stands where they point.

Inside, offsets are code points. A format states its unit, and every quote is checked against the text. Where
a quote stands exactly where the offsets point in another unit, the offsets are repaired and the repair is
named; nothing else is ever guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Literal, NamedTuple

from corpus.annotations.exchange import bad, shown
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

Unit = Literal["code_point", "utf16", "utf8"]
"""What a tool counts: Unicode code points, UTF-16 code units, or UTF-8 bytes."""


class Offsets:
    """The offsets of one text in each unit, converted to and from code points.

    >>> o = Offsets("😀国")
    >>> o.code_point(3, "utf16"), o.code_point(1, "utf16"), o.in_unit(2, "utf8")
    (2, None, 7)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._astral = [] if text.isascii() else [i for i, c in enumerate(text) if ord(c) > 0xFFFF]
        self._astral16 = [i + k for k, i in enumerate(self._astral)]
        self._bytes: list[int] | None = None

    def code_point(self, offset: int, unit: Unit) -> int | None:
        """Give the code point offset of `offset` in `unit`; None inside a character or outside the text."""
        if offset < 0:
            return None
        found: int | None = offset
        if unit == "utf16":
            before = bisect_left(self._astral16, offset)
            split = before and self._astral16[before - 1] + 1 == offset
            found = None if split else offset - before
        elif unit == "utf8":
            at = bisect_left(self._byte_offsets(), offset)
            found = at if at <= len(self.text) and self._byte_offsets()[at] == offset else None
        return found if found is not None and found <= len(self.text) else None

    def in_unit(self, offset: int, unit: Unit) -> int:
        """Give the offset in `unit` of a code point offset."""
        if unit == "utf16":
            return offset + bisect_left(self._astral, offset)
        return self._byte_offsets()[offset] if unit == "utf8" else offset

    def _byte_offsets(self) -> list[int]:
        if self._bytes is None:
            at, self._bytes = 0, [0]
            for character in self.text:
                at += len(character.encode("utf-8", "surrogatepass"))
                self._bytes.append(at)
            self._bytes.append(2**62)
        return self._bytes


class Span(NamedTuple):
    """A range as an export gives it, with its quote, None where the export gives none."""

    start: object
    end: object
    exact: str | None = None


class Checked(NamedTuple):
    """Where a mark stands in code points, None where it has no place; and what there is to say about it."""

    place: tuple[int, int] | None
    finding: Finding | None = None


def check(offsets: Offsets, span: Span, unit: Unit, where: str) -> Checked:
    """Convert a range from `unit` to code points and check it against its quote.

    Where the quote does not stand there but stands at the same numbers read in exactly one other unit, the
    range is that one, and a finding names the repair. Any other disagreement is refused with a finding that
    says what stands there and where the quote stands. Without a quote the range must be in the text.
    """
    start, end, exact = span
    if not all(isinstance(x, int) and not isinstance(x, bool) for x in (start, end)):
        return Checked(None, bad(where, f"offsets {shown(start)}, {shown(end)}; expected whole numbers"))
    assert isinstance(start, int)
    assert isinstance(end, int)
    if not 0 <= start < end:
        return Checked(None, bad(where, f"offsets {start}-{end}; expected 0 <= start < end, end exclusive"))
    place = _range(offsets, start, end, unit)
    if exact is None and place:
        return Checked(place)
    if place and same_words(offsets.text[place[0] : place[1]], exact or ""):
        return Checked(place)
    others: dict[tuple[int, int], Unit] = {}
    for other in ("code_point", "utf16", "utf8") if exact is not None else ():
        found = _range(offsets, start, end, other)
        if found and offsets.text[found[0] : found[1]] == exact:
            others.setdefault(found, other)
    if len(others) == 1:
        (found, other) = next(iter(others.items()))
        units = f"count {NAMES[other]}, not {NAMES[unit]}"
        message = f"offsets {start}-{end} {units}: read as {found[0]}-{found[1]} for {shown(exact)}"
        return Checked(found, Finding("import-repaired", "warning", where, message))
    return Checked(None, _disagreement(offsets, span, place, where))


NAMES: dict[Unit, str] = {"code_point": "code points", "utf16": "UTF-16 units", "utf8": "UTF-8 bytes"}


def same_words(found: str, exact: str) -> bool:
    """Whether a quote says what stands in the text; a tool may show a line end as a space.

    >>> same_words("墨　香", "墨 香"), same_words("墨香", "墨 香")
    (True, False)
    """
    if len(found) != len(exact):
        return False
    return all(a == b or (a.isspace() and b.isspace()) for a, b in zip(found, exact, strict=True))


def _range(offsets: Offsets, start: int, end: int, unit: Unit) -> tuple[int, int] | None:
    first, last = offsets.code_point(start, unit), offsets.code_point(end, unit)
    return None if first is None or last is None else (first, last)


def _disagreement(offsets: Offsets, given: Span, place: tuple[int, int] | None, where: str) -> Finding:
    text, exact = offsets.text, given.exact
    stands = (
        f"hold {shown(text[place[0] : place[1]])}" if place else "are outside the text or inside a character"
    )
    message = f"offsets {given.start}-{given.end} {stands}"
    if exact is None:
        return bad(where, f"{message}; the text has {len(text)} code points", "correct the offsets")
    count = text.count(exact) if exact else 0
    if not count:
        hint = "the quote is nowhere in the text: the text was edited after it was annotated, or the reverse"
    else:
        assert isinstance(given.start, int)
        near = min(_found(text, exact), key=lambda at, start=given.start: abs(at - start))  # type: ignore[misc]
        hint = f"the quote stands {count} times in the text, nearest at {near}-{near + len(exact)}"
    return bad(where, f"{message}; the export says {shown(exact)}", hint)


def _found(text: str, exact: str) -> Iterator[int]:
    at = text.find(exact)
    while at >= 0:
        yield at
        at = text.find(exact, at + 1)
