"""Anchor a document's annotations: by raw place while the raw file is the same, else by quote and context."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus.anchor.folding import fold, fold_text
from corpus.anchor.mentions import reanchor
from corpus.places import text_range
from corpus.records import Anchor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.anchor.folding import Folded
    from corpus.records import Annotation, Document

_FEWEST_SHARED = 6
"""Characters two quotes must share at their edges to be read as one stretch of text."""


_FEWEST_AROUND = 8
"""Characters of context a quote needs to be searched for by itself: words alone stand anywhere."""


class _Quoted(NamedTuple):
    """An annotation's quote with its context, and where it was in raw text."""

    text: str
    start: int
    end: int
    raw_start: int


def _same(one: str, two: str) -> bool:
    return one == two or fold_text(one)[0] == fold_text(two)[0]


def _by_place(annotation: Annotation, document: Document) -> Anchor | None:
    """Return the anchor that the raw place gives, None where the quote does not agree with it."""
    found = text_range(document.paragraphs, annotation.raw_start, annotation.raw_end)
    if found is None:
        return None
    index, start, end = found
    text = document.paragraphs[index].text[start:end]
    if text == annotation.exact:
        return Anchor(index, start, end, "exact", 1.0)
    return Anchor(index, start, end, "moved", 0.99) if _same(text, annotation.exact) else None


def _dropped(annotation: Annotation, document: Document) -> bool:
    """Tell whether the place still reads as quoted, in a block that is no paragraph."""
    found = text_range(document.blocks, annotation.raw_start, annotation.raw_end)
    if found is None:
        return annotation.exact in document.raw[annotation.raw_start : annotation.raw_end]
    index, start, end = found
    return _same(document.blocks[index].text[start:end], annotation.exact)


def _place(quoted: _Quoted, text: str, near: int) -> int | None:
    """Return where a quote's text begins in (or runs on from) a stretch, None where the two do not agree.

    `near` is where the raw places would put it if no markup lay between: the true place is there or before.
    """
    before = text.rfind(quoted.text, 0, max(0, near) + len(quoted.text))
    if before >= 0:
        return before
    for at in range(max(0, len(text) - len(quoted.text)), len(text) - _FEWEST_SHARED + 1):
        if quoted.text.startswith(text[at:]):
            return at
    return None


def _stretches(quotes: Sequence[_Quoted]) -> tuple[list[str], dict[_Quoted, tuple[int, int, int]]]:
    """Join quotes, in raw order, into the stretches of old text they show; say where each stands in them."""
    texts: list[str] = []
    places: dict[_Quoted, tuple[int, int, int]] = {}
    shift = 0
    for quoted in sorted(quotes, key=lambda q: (q.raw_start, -len(q.text))):
        at = _place(quoted, texts[-1], quoted.raw_start - quoted.start - shift) if texts else None
        if at is None:
            texts.append(quoted.text)
            at = 0
        else:
            texts[-1] += quoted.text[len(texts[-1]) - at :] if len(texts[-1]) < at + len(quoted.text) else ""
        places[quoted] = (len(texts) - 1, at + quoted.start, at + quoted.end)
        shift = quoted.raw_start - at - quoted.start
    return texts, places


def _by_quote(annotations: Sequence[Annotation], document: Document) -> list[Anchor | None]:
    """Anchor annotations of one raw file by what they quote, all together: their order is evidence too."""
    quotes = [
        _Quoted(a.prefix + a.exact + a.suffix, len(a.prefix), len(a.prefix) + len(a.exact), a.raw_start)
        for a in annotations
    ]
    texts, places = _stretches(sorted(set(quotes)))
    new = [paragraph.text for paragraph in document.paragraphs]
    found = reanchor([places[quoted] for quoted in quotes], texts, new)
    folded = fold(new)
    text = folded.codes.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    # A stretch is no paragraph of its own, so being at the same offset in it says nothing.
    return [
        Anchor(a.paragraph, a.start, a.end, "moved" if a.method == "exact" else a.method, a.confidence)
        if a
        else _verbatim(quoted, folded, text)
        for quoted, a in zip(quotes, found, strict=True)
    ]


def _verbatim(quoted: _Quoted, new: Folded, text: str) -> Anchor | None:
    """Return the one place where a quote stands with all of its context, None where there is none or more.

    The alignment gives each stretch of text once; an annotation whose raw place is wrong, so that its stretch
    is read twice, comes away empty-handed there.
    """
    wanted, starts, _ = fold_text(quoted.text)
    at = text.find(wanted) if wanted else -1
    if at < 0 or text.find(wanted, at + 1) >= 0:
        return None
    low, high = at + bisect_left(starts, quoted.start), at + bisect_left(starts, quoted.end)
    if low >= high or new.paragraph[low] != new.paragraph[high - 1]:
        return None
    if len(wanted) - (high - low) < _FEWEST_AROUND:
        return None
    return Anchor(int(new.paragraph[low]), int(new.start[low]), int(new.end[high - 1]), "moved", 0.95)


def anchor(annotations: Sequence[Annotation], document: Document) -> list[Anchor | None]:
    """Return, for each annotation, where it stands in the document's paragraphs, or None for an orphan.

    While the raw file is the one annotated (`raw_sha256`), the raw place decides and the quote is checked
    against it: an annotation whose place is now in a dropped block is an orphan, however often its words
    occur elsewhere. When the raw file changed, or the quote is not what stands at the place, quote and
    context decide for all annotations of one raw file together. Annotations of another document are the
    caller's mistake and raise ValueError; the order of the annotations makes no difference.
    """
    for annotation in annotations:
        if annotation.document_id != document.document_id:
            raise ValueError(
                f"annotation {annotation.annotation_id} is of document {annotation.document_id!r}, "
                f"expected {document.document_id!r}"
            )
    anchors: list[Anchor | None] = [None] * len(annotations)
    unsure: dict[str, list[int]] = {}
    known: dict[str, list[int]] = {}
    for at, annotation in enumerate(annotations):
        known.setdefault(annotation.raw_sha256, []).append(at)
        if annotation.raw_sha256 == document.raw_sha256:
            anchors[at] = _by_place(annotation, document)
            if anchors[at] is not None or _dropped(annotation, document):
                continue
        unsure.setdefault(annotation.raw_sha256, []).append(at)
    for sha256, places in unsure.items():
        group = known[sha256]
        found = dict(zip(group, _by_quote([annotations[at] for at in group], document), strict=True))
        for at in places:
            anchors[at] = found[at]
    return anchors
