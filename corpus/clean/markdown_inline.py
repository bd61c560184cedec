"""Markdown inside a block to the text a reader sees: marks dropped, links by their words, escapes resolved.

Follows CommonMark 0.31.2 (https://spec.commonmark.org/0.31.2/) where it matters for what is read: what shows
as text stays, what shapes it goes. Every pattern is bounded, so that time is linear in the block.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.clean.text_lines import joint
from corpus.records import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TARGET = (
    r"\(\s*(?:<[^<>\n]{0,2000}>|[^\s()<>]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,8})"
    r"(?:\s+[\"'(][^\"\n]{0,500}[\"')])?\s*\)"
)
_TOKEN = re.compile(
    rf"""
      (?P<escape>\\[!-/:-@\[-`{{-~])
    | (?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[a-zA-Z][a-zA-Z0-9]{{1,31}});)
    | (?P<code>(?P<tick>`{{1,3}})(?P<inside>[^`]+)(?P=tick))
    | (?P<picture>(?:\[\s*)?!\[(?P<alt>[^\[\]]{{0,1000}})\]
        (?:{_TARGET}|\[[^\[\]]{{0,200}}\])(?:\s*\]{_TARGET})?)
    | (?P<note>\[\^[^\[\]\s]{{1,40}}\])
    | (?P<link>\[(?P<words>(?:[^\[\]\\]|\\.){{0,4000}})\](?:{_TARGET}|\[[^\[\]]{{0,200}}\]))
    | (?P<address><(?P<shown>(?:https?|ftp|mailto):[^\s<>]{{1,2000}}|[\w.+-]{{1,64}}@[\w.-]{{1,255}})>)
    | (?P<tag></?[a-zA-Z][^<>]{{0,2000}}>|<!--(?:[^-]|-(?!->)){{0,2000}}-->)
    | (?P<marks>\*{{1,3}}|_{{1,3}}|~~)
    | (?P<space>[^\S\n\r]{{2,}}|[\t\xa0\u1680\u2000-\u200a\u202f\u205f])
    """,
    re.VERBOSE,
)
_SPECIAL = re.compile(r"[\\&`!\[<*_~\t\xa0\u1680\u2000-\u200a\u202f\u205f]|[^\S\n\r]{2}")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_MOST_MARKS = 2_000  # emphasis marks of one block that are paired up; what comes after stays as it is written


class Inline(NamedTuple):
    """What a block shows: its text, the segments that trace it, how many characters are links, its images.

    `alts` are the texts that stand for images, each with the place of that text in raw.
    """

    text: str
    segments: tuple[Segment, ...]
    linked: int
    images: int
    alts: tuple[tuple[int, int], ...]


class _Out:
    """The text under construction, read from `raw`; `marks` are the places of marks that are no text."""

    def __init__(self, raw: str, marks: frozenset[int]) -> None:
        self.raw = raw
        self.marks = marks
        self.pieces: list[str] = []
        self.segments: list[Segment] = []
        self.length = 0
        self.linked = 0
        self.images = 0
        self.alts: list[tuple[int, int]] = []

    def put(self, text: str, start: int, end: int) -> None:
        """Add `text`, which comes from `raw[start:end]`; a space after white space is left out."""
        if text[:1] == " " and (not self.pieces or self.pieces[-1][-1] in " \n"):
            lead = len(text) - len(text.lstrip(" "))
            text, start = text[lead:], start + lead * (end - start == len(text))
        if not text:
            return
        last = self.segments[-1] if self.segments else None
        self.pieces.append(text)
        self.length += len(text)
        straight = end - start == len(text)
        if (
            last
            and straight
            and last.raw_end == start
            and last.raw_end - last.raw_start == last.end - last.start
        ):
            self.segments[-1] = Segment(last.start, self.length, last.raw_start, end)
        else:
            self.segments.append(Segment(self.length - len(text), self.length, start, end))

    def run(self, start: int, end: int) -> None:
        """Read one line, or the words of a link."""
        at = start
        for token in _tokens(self.raw, start, end):
            if token.lastgroup == "marks" and token.start() not in self.marks:
                continue
            self.put(self.raw[at : token.start()], at, token.start())
            at = token.end()
            self.token(token)
        self.put(self.raw[at:end], at, end)

    def token(self, token: re.Match[str]) -> None:
        """Add what one piece of markup shows."""
        before = self.length
        if token["link"] is not None:
            self.run(*token.span("words"))
            self.linked += self.length - before
        elif token["picture"] is not None:
            self.images += 1
            if token["alt"].strip():
                self.alts.append(token.span("alt"))
        else:
            self.put(*_shown(token))
            self.linked += self.length - before if token["address"] is not None else 0


def _tokens(raw: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The pieces of markup from the first character on that could open one."""
    first = _SPECIAL.search(raw, start, end)
    return _TOKEN.finditer(raw, first.start(), end) if first else iter(())


def _shown(token: re.Match[str]) -> tuple[str, int, int]:
    """What a simple piece of markup shows, and where that comes from."""
    first, last = token.span()
    if token["escape"] is not None:
        return token[0][1:], first + 1, last
    for name in ("inside", "shown"):
        if token[name] is not None:
            return token[name], *token.span(name)
    shown = ""
    if token["entity"] is not None:
        shown = html.unescape(token[0])
    elif token["space"] is not None:
        shown = " "
    elif _BREAK.fullmatch(token[0]):
        shown = "\n"
    return shown, first, last


def inline(raw: str, spans: Sequence[tuple[int, int]]) -> Inline:
    """Read the lines `spans` of `raw` as one block of Markdown text.

    >>> inline("a **bold** [word](https://x.example)", [(0, 36)]).text
    'a bold word'
    """
    out = _Out(raw, _paired(raw, spans))
    for at, (start, end) in enumerate(spans):
        if at:
            _line_end(raw, out, spans[at - 1][1], start)
        out.run(start, _without_break(raw, start, end, last=at + 1 == len(spans)))
    return _trimmed("".join(out.pieces), out)


def _without_break(raw: str, start: int, end: int, *, last: bool) -> int:
    """Where a line ends without its hard break: a backslash, or the white space at its end."""
    stop = start + len(raw[start:end].rstrip())
    return stop - 1 if not last and stop > start and raw[stop - 1] == "\\" else stop


def _line_end(raw: str, out: _Out, end: int, start: int) -> None:
    """Add what a reader sees between two lines: a line break where it is a hard one, else a joint."""
    if not out.pieces:
        return
    tail = raw[max(0, end - 2) : end]
    if tail == "  " or tail.endswith("\\"):
        out.put("\n", end, start)
    elif not out.pieces[-1].endswith(("\n", " ")):
        out.put(joint(out.pieces[-1][-2:], raw[start : start + 1]), end, start)


def _paired(raw: str, spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Places of the emphasis marks that have a partner and so are no text (section 6.2, abridged)."""
    opened: dict[str, int] = {}
    paired: set[int] = set()
    seen = 0
    for start, end in spans:
        for token in _tokens(raw, start, end):
            if token["link"] is not None:
                inner = _paired(raw, [token.span("words")])
                paired |= inner
                continue
            if token.lastgroup != "marks" or seen > _MOST_MARKS:
                continue
            seen += 1
            first, last = token.span()
            mark = token[0]
            before = raw[first - 1] if first > start else " "
            after = raw[last] if last < end else " "
            inside_word = mark[0] == "_" and before.isalnum() and after.isalnum()
            if mark in opened and not before.isspace() and not inside_word:
                paired |= {opened.pop(mark), first}
            elif not after.isspace() and not inside_word:
                opened[mark] = first
    return frozenset(paired)


def _trimmed(text: str, out: _Out) -> Inline:
    """The text without white space at its edges, segments shifted to it."""
    lead = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    kept = []
    for segment in out.segments:
        start, end = max(segment.start, lead), min(segment.end, stop)
        if start >= end:
            continue
        if segment.end - segment.start == segment.raw_end - segment.raw_start:
            shift = segment.raw_start - segment.start
            kept.append(Segment(start - lead, end - lead, start + shift, end + shift))
        else:
            kept.append(Segment(start - lead, end - lead, segment.raw_start, segment.raw_end))
    return Inline(
        text[lead:stop] if lead < stop else "", tuple(kept), out.linked, out.images, tuple(out.alts)
    )
