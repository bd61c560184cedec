"""The annotations of a part in their places, as flat tables: anchored anew where page or lines changed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from corpus import code, raw
from corpus.decode import decode
from corpus.errors import CorpusError
from corpus.join import Anchored, annotated
from corpus.parts.pages import TABLES_CODE, Bench, listed, read
from corpus.records import Anchor, Page
from corpus.schema import FLAT, frame
from corpus.store import write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.listing import Listed
    from corpus.records import Annotation, Document
    from corpus.store import Store

KIND = "remarks"
TABLES = ("entities", "stances", "annotations")
_ANCHORS = "anchors.json"


class Task(NamedTuple):
    """The annotations of a part's documents by document, and the lines that recur there."""

    key: str
    annotations: Mapping[str, tuple[Annotation, ...]]
    recur: Mapping[str, bytes]


_CODE = (
    *("anchor", "annotations", "clean/recurring.py", "decode.py", "join.py", "packing.py", "paragraphs.py"),
    *("parts/pages.py", "parts/remarks.py", "places.py", "raw", "standing.py"),
)


@cache
def code_version() -> str:
    """Return a digest of what anchors annotations and makes rows of them."""
    return code.digest(("opencc", "polars", "rapidfuzz", "regex"), (*_CODE, *TABLES_CODE))


def told(annotations: Sequence[Annotation]) -> bytes:
    """Return what annotations add to the key of their part; where their lines stand is not part of it."""
    rows = [{name: each for name, each in asdict(one).items() if name != "where"} for one in annotations]
    return json.dumps(rows).encode()


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Anchors the annotations of a part and puts their rows into the store; it can be sent elsewhere."""

    bench: Bench
    raw_root: Path

    def __call__(self, task: Task) -> tuple[str, ...]:
        """Anchor a part's annotations; returns the raw files whose pages the caches do not hold."""
        documents, missing = [], []
        for page, text in self._texts(listed(self.bench).of(sorted(task.annotations))):
            document = read(page, self.bench, task.recur.get(str(page.document_id), b""), text)
            if document is None:
                missing.append(page.raw_path)
            else:
                documents.append(document)
        if not missing:
            write = partial(_write, documents=documents, annotations=task.annotations)
            self.bench.store.put(KIND, task.key, write, (min(task.annotations), max(task.annotations)))
        return tuple(missing)

    def _texts(self, pages: Sequence[Listed]) -> Iterator[tuple[Listed, str]]:
        """Yield pages with their raw texts, each file read once."""
        by_file: defaultdict[str, dict[str, Listed]] = defaultdict(dict)
        for page in pages:
            by_file[page.raw_path][str(page.document_id)] = page
        for raw_path, wanted in by_file.items():
            for held in raw.read(self.raw_root / raw_path, self.raw_root):
                found = wanted.get(held.document_id) if isinstance(held, Page) else None
                if found and isinstance(held, Page) and held.sha256 == found.raw_sha256:
                    del wanted[held.document_id]
                    yield found, decode(held.body, held.content_type, held.format)[0]
                if not wanted:
                    break
            if wanted:
                raise CorpusError(
                    f"{self.raw_root / raw_path}: the file changed while it was read; build again"
                )


def _write(
    to: Path, documents: Sequence[Document], annotations: Mapping[str, tuple[Annotation, ...]]
) -> None:
    from corpus.anchor import anchor

    anchored: list[Anchored] = []
    places: dict[str, list[list[object] | None]] = {}
    for document in documents:
        mine = annotations[document.document_id]
        anchors = anchor(mine, document)
        anchored += map(Anchored, mine, anchors)
        places[document.document_id] = [
            [each.paragraph, each.start, each.end, each.method, each.confidence] if each else None
            for each in anchors
        ]
    for name, rows in annotated(documents, anchored).items():
        write_frame(frame(name, rows).sort(FLAT[name].key), to / f"{name}.arrow")
    (to / _ANCHORS).write_text(json.dumps(places), "utf-8")


def anchors(store: Store, key: str) -> dict[str, list[Anchor | None]] | None:
    """Return where the annotations of a part stand, by document; None where the store does not know."""
    place = store.get(KIND, key)
    if place is None:
        return None
    told = json.loads((place / _ANCHORS).read_text("utf-8"))
    return {document_id: [each and Anchor(*each) for each in row] for document_id, row in told.items()}
