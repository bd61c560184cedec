"""Trace a place in a paragraph to raw text, and a place in raw text to its paragraph, through `segments`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.records import Paragraph, Segment


class _Traced(Protocol):
    """What Paragraph and Block share: text with the way back to raw text."""

    @property
    def raw_end(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def segments(self) -> tuple[Segment, ...]: ...


def raw_range(paragraph: Paragraph, start: int, end: int) -> tuple[int, int]:
    """Return the raw text `[raw_start, raw_end)` that `paragraph.text[start:end]` came from.

    A piece that is one in raw text (`&amp;`, a folded run of white space) is never cut; what was dropped
    between two pieces lies inside the range. Raises ValueError for a range that is empty or not in the
    paragraph.

    >>> from corpus.records import Paragraph, Segment
    >>> segments = (Segment(0, 2, 10, 12), Segment(2, 3, 12, 17), Segment(3, 5, 20, 22))
    >>> raw_range(Paragraph("d#p-0", 0, "paragraph", "AT&Ts", segments), 1, 4)
    (11, 21)
    """
    if not 0 <= start < end <= len(paragraph.text):
        raise ValueError(f"[{start}, {end}) is no range of a paragraph of {len(paragraph.text)} characters")
    segments = paragraph.segments
    first = segments[min(bisect_right(segments, start, key=lambda s: s.end), len(segments) - 1)]
    last = segments[max(bisect_left(segments, end, key=lambda s: s.start) - 1, 0)]
    raw_start, raw_end = first.raw_start, last.raw_end
    if first.end - first.start == first.raw_end - first.raw_start:
        raw_start += max(0, min(start, first.end) - first.start)
    if last.end - last.start == last.raw_end - last.raw_start:
        raw_end -= max(0, last.end - max(end, last.start))
    return raw_start, max(raw_start, raw_end)


def _text_part(segments: Sequence[Segment], raw_start: int, raw_end: int) -> tuple[int, int] | None:
    """Return the text that came from a raw range, None where nothing of it was kept."""
    low = bisect_right(segments, raw_start, key=lambda s: s.raw_end)
    high = bisect_left(segments, raw_end, key=lambda s: s.raw_start)
    if low >= high:
        return None
    first, last = segments[low], segments[high - 1]
    start, end = first.start, last.end
    if first.end - first.start == first.raw_end - first.raw_start:
        start += max(0, raw_start - first.raw_start)
    if last.end - last.start == last.raw_end - last.raw_start:
        end -= max(0, last.raw_end - raw_end)
    return (start, end) if start < end else None


def text_range(paragraphs: Sequence[_Traced], raw_start: int, raw_end: int) -> tuple[int, int, int] | None:
    """Return (index, start, end) of the text that `raw[raw_start:raw_end]` became, None where none was kept.

    `paragraphs` (or blocks) are in the order of the raw text. Of a range over several paragraphs the one
    with most of its text is returned; of a range that was partly dropped, what was kept.

    >>> from corpus.records import Paragraph, Segment
    >>> segments = (Segment(0, 2, 10, 12), Segment(2, 3, 12, 17), Segment(3, 5, 20, 22))
    >>> text_range([Paragraph("d#p-0", 0, "paragraph", "AT&Ts", segments)], 11, 21)
    (0, 1, 4)
    """
    best: tuple[int, int, int] | None = None
    index = bisect_right(paragraphs, raw_start, key=lambda p: p.raw_end)
    while index < len(paragraphs):
        segments = paragraphs[index].segments
        if segments and segments[0].raw_start >= raw_end:
            break
        part = _text_part(segments, raw_start, raw_end)
        if part and (best is None or part[1] - part[0] > best[2] - best[1]):
            best = (index, *part)
        index += 1
    return best
