"""Where forms stand in running text: many forms at once, in code points."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from corpus.audit._marks import cuts_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.audit._view import AuditView

_PLACES = {
    "document_id": pl.String,
    "paragraph_id": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "quote": pl.String,
}


def places(paragraphs: pl.DataFrame, forms: Sequence[str]) -> Iterator[tuple[str, str, int, int, str]]:
    """Yield document, paragraph, start, end and form of each place of a form, the longest at each.

    Forms are found by Aho-Corasick in one pass; places that cut a number or an alphabetic word are left out.
    A shorter form inside a longer one that stands there is not a place of its own.
    """
    if not forms:
        return
    ordered = sorted(set(forms), key=lambda form: (-len(form), form))
    text = pl.col("text")
    met = paragraphs.lazy().select(
        "document_id",
        "paragraph_id",
        "text",
        at=text.str.find_many(ordered, leftmost=True),
        form=text.str.extract_many(ordered, leftmost=True),
    ).filter(pl.col("at").list.len() > 0).collect()  # fmt: skip
    for document_id, paragraph_id, whole, offsets, found in met.iter_rows():
        body = whole.encode()
        read = chars = 0
        for offset, form in zip(offsets, found, strict=True):
            chars += len(body[read:offset].decode())
            read = offset
            end = chars + len(form)
            if not cuts_word(whole, chars, end):
                yield document_id, paragraph_id, chars, end, form


def free_places(view: AuditView, marked: pl.DataFrame, forms: Sequence[str]) -> pl.DataFrame:
    """Return the places of forms that no mention of `marked` touches, in pages that have such mentions."""
    paragraphs = view.tables["paragraphs"].join(marked, on="document_id", how="semi", maintain_order="left")
    taken: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for paragraph_id, start, end in marked.select("paragraph_id", "start", "end").iter_rows():
        taken[paragraph_id].append((start, end))
    free = [
        place
        for place in places(paragraphs, forms)
        if not any(start < place[3] and place[2] < end for start, end in taken[place[1]])
    ]
    return pl.DataFrame(free, schema=_PLACES, orient="row")
