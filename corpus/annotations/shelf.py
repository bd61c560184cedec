"""Where texts and places are: paragraph text and raw text, and which document a text is."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from corpus.annotations.exchange import Task, bad, shown
from corpus.places import text_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.records import Annotation, Document, Finding, Paragraph


class Place(NamedTuple):
    """A range of code points in a paragraph of a document."""

    paragraph: Paragraph
    start: int
    end: int


def place_of(annotation: Annotation, document: Document) -> Place | None:
    """Find an annotation by its raw place; None where the raw file changed or the quote is not there."""
    if annotation.raw_sha256 != document.raw_sha256:
        return None
    found = text_range(document.paragraphs, annotation.raw_start, annotation.raw_end)
    if found is None:
        return None
    index, start, end = found
    paragraph = document.paragraphs[index]
    return Place(paragraph, start, end) if paragraph.text[start:end] == annotation.exact else None


@dataclass(frozen=True, slots=True)
class View:
    """A document, the part of it that a task shows, and how offsets in the task's text reach it.

    `starts` are the offsets of `paragraphs` in the shown text. Where the task's text differs from it in white
    space only, `ink` counts the other characters before each offset of the task's text, and `inked` says
    where they stand in the shown text.
    """

    document: Document
    paragraphs: tuple[Paragraph, ...]
    starts: tuple[int, ...]
    ink: tuple[int, ...] | None = None
    inked: tuple[int, ...] = ()

    def place(self, start: int, end: int) -> Place | None:
        """Find the paragraph that holds a range of the task's text; None where no single one does."""
        if self.ink:
            if self.ink[start] == self.ink[end]:
                return None
            start, end = self.inked[self.ink[start]], self.inked[self.ink[end] - 1] + 1
        at = bisect_right(self.starts, start) - 1
        paragraph, first = self.paragraphs[at], self.starts[at]
        if not first <= start < end <= first + len(paragraph.text):
            return None
        return Place(paragraph, start - first, end - first)


class Shelf:
    """The documents of a corpus, found by id, by url and by their texts."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.by_id = {document.document_id: document for document in documents}
        self.by_url: dict[str, list[Document]] = defaultdict(list)
        self._by_text: dict[str, list[tuple[Document, Paragraph | None]]] = defaultdict(list)
        self._squeezed: dict[str, list[tuple[Document, Paragraph | None]]] = {}
        for document in self.by_id.values():
            if document.metadata.url:
                self.by_url[document.metadata.url.value].append(document)
            whole = (document, None) if len(document.paragraphs) > 1 else None
            for shown_text, found in (
                *((p.text, (document, p)) for p in document.paragraphs),
                *([(document.text, whole)] if whole else []),
            ):
                self._by_text[shown_text].append(found)

    def view(self, task: Task) -> View | Finding | None:
        """Find what a task shows.

        A Finding where that is nothing in the corpus, or more than one thing; None where the document is
        known but its text is no longer, or not yet, the task's.
        """
        if task.document_id is not None and task.document_id not in self.by_id:
            message = f"the document {shown(task.document_id)} is not in the corpus"
            return bad(task.where, message, "put its page into raw/, or correct the id")
        assert task.text is not None
        found = self._matching(task, self._by_text.get(task.text, ()))
        squeezed = not found
        if squeezed:
            found = self._matching(task, self._alike(squeeze(task.text)))
        if len(found) > 1 and task.named:
            found = [(d, p) for d, p in found if d.document_id == task.named] or found
        if len(found) > 1:
            names = ", ".join(sorted(p.paragraph_id if p else d.document_id for d, p in found)[:3])
            message = (
                f"the text stands {len(found)} times in the corpus ({names}); the export does not say which"
            )
            return bad(task.where, message, "add document_id and paragraph_id to the record")
        if found:
            return view_of(*found[0], task.text if squeezed else None)
        if task.document_id is not None or task.named in self.by_id:
            return None
        message = f"the text {shown(task.text, 40)} is no paragraph and no document of the corpus"
        return bad(task.where, message, "put its page into raw/, or add its document_id to the record")

    def _alike(self, squeezed: str) -> Sequence[tuple[Document, Paragraph | None]]:
        if not self._squeezed:
            for text, found in self._by_text.items():
                self._squeezed.setdefault(squeeze(text), []).extend(found)
        return self._squeezed.get(squeezed, ())

    def _matching(
        self, task: Task, found: Sequence[tuple[Document, Paragraph | None]]
    ) -> list[tuple[Document, Paragraph | None]]:
        if task.document_id is not None:
            found = [(d, p) for d, p in found if d.document_id == task.document_id]
        exactly: list[tuple[Document, Paragraph | None]]
        exactly = [(d, p) for d, p in found if p and p.paragraph_id == task.paragraph_id]
        return exactly or list(found)


def squeeze(text: str) -> str:
    """Drop all white space, so that texts alike but for it are alike."""
    return "".join(text.split())


def view_of(document: Document, paragraph: Paragraph | None, differs: str | None) -> View:
    """Show a document, or one paragraph of it; `differs` is a text that differs in white space."""
    paragraphs = (paragraph,) if paragraph else document.paragraphs
    lengths = [len(p.text) + 1 for p in paragraphs]
    starts = (0, *accumulate(lengths))[: len(paragraphs)]
    if differs is None:
        return View(document, paragraphs, starts)
    inked = tuple(i for i, c in enumerate("\n".join(p.text for p in paragraphs)) if not c.isspace())
    ink = tuple(accumulate((int(not c.isspace()) for c in differs), initial=0))
    return View(document, paragraphs, starts, ink, inked)
