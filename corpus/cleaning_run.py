"""All pages of a project, cleaned: an engine does the work, a cache spares what was done before.

The key of an entry is the SHA-256 of the body and of all else that cleaning sees (format, address, content
type), and the version of the code that cleans: its source files, its models, the libraries that decide with
it. So a changed rule makes every page be cleaned again, and a change elsewhere none; a page that is moved or
copied is known. Entries are put down while the run goes on, so that a run that was killed goes on where it
was. What comes out is the same with and without the cache.
"""

from __future__ import annotations

import hashlib
import json
import platform
import secrets
import sys
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.metadata import version as version_of
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from corpus import raw
from corpus.cache import Cache, Entry, key
from corpus.clean.recurring import dropped, recurring
from corpus.decode import decode
from corpus.engine import Broken, Work
from corpus.engine import engine as engine_named
from corpus.errors import CorpusError
from corpus.packing import pack, unpack
from corpus.pages import CLEANING, RawFile
from corpus.paragraphs import paragraphs
from corpus.records import Document, Encoding, Finding, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.schema import Project

    Progress = Callable[[int, int, int], None]
    """Called with each page: raw files begun, raw files in all, pages and files set aside."""

CACHE = Path(".corpus", "cache")
"""Where the cache of a project lies below its root."""

UNIT_FILES = 25
"""Raw files a unit of work: enough that handing one over is nothing beside it, few enough to share fairly."""

SHARD_ENTRIES = 25
SHARD_SECONDS = 20
"""Pages, and seconds, after which what was cleaned is put down."""

PARTS = (
    *("clean", "decode.py", "language", "markup.py", "metadata", "packing.py", "pages.py"),
    *("paragraphs.py", "places.py", "records.py"),
)
"""The files and folders of the package that decide what cleaning a page gives. How a page is read from its
file is not among them: what is read is part of the key."""

LIBRARIES = ("langdetect", "numpy", "opencc", "turbohtml")
"""The libraries that do."""


class Run(NamedTuple):
    """How pages are cleaned: on which engine, in how many processes, with the project's cache or without."""

    engine: str = "local"
    workers: int | None = None
    cache: bool = True


UNCACHED = Run(cache=False)


class Filled(NamedTuple):
    """What a share of a run came to: raw files, pages cleaned, known before, and set aside (files too)."""

    files: int
    cleaned: int
    known: int
    set_aside: int


@cache
def code_version() -> str:
    """Return a digest of what decides how pages are cleaned, but for the pages: code, models, libraries."""
    package = Path(__file__).parent
    files = [
        file
        for part in PARTS
        for file in (sorted((package / part).rglob("*")) if (package / part).is_dir() else [package / part])
        if file.is_file() and file.suffix not in {".md", ".pyc"}
    ]
    told = [
        [file.relative_to(package).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()]
        for file in files
    ]
    told += [[name, version_of(name)] for name in LIBRARIES]
    # The tables of Unicode decide what is a letter; the machine, how floating-point sums round.
    told.append([f"{sys.version_info.major}.{sys.version_info.minor}", unicodedata.unidata_version])
    told.append([platform.machine(), sys.byteorder])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def seen(page: Page) -> bytes:
    """Return a digest of all that cleaning sees of a page."""
    told = [page.sha256, page.format, page.url, page.content_type]
    return hashlib.sha256(json.dumps(told).encode()).digest()


@dataclass(slots=True)
class Cleaned:
    """What cleaning a page gave; what was packed travels between processes instead of the document."""

    page: Page
    raw: str
    encoding: Encoding
    known: bool
    packed: bytes | None = None
    made: Document | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return Cleaned, (self.page, self.raw, self.encoding, self.known, self.pack())

    def pack(self) -> bytes:
        """Return the document without what the page itself tells."""
        if self.packed is None:
            assert self.made
            self.packed = pack(self.made)
        return self.packed

    def document(self) -> Document:
        """Return the document; raises ValueError where a cache held something else under the page's key."""
        if self.made is None:
            assert self.packed is not None
            return unpack(self.packed, self.page, self.raw, self.encoding, paragraphs)
        return self.made


@dataclass(frozen=True, slots=True)
class Recall:
    """The work on one page, `do`, unless its result lies in the cache in `folder` under `version`.

    `run` is another word for each run, so that none reads by what an earlier one opened.
    """

    do: Callable[[Page | Quarantined], Document | Quarantined]
    folder: Path | None
    version: str
    run: str

    def __call__(self, page: Page | Quarantined) -> Cleaned | Quarantined:
        """Clean a page, or recall what was made of it."""
        if isinstance(page, Quarantined):
            return page
        if code_version() != self.version:
            raise CorpusError(
                "this process runs another version of the code than the one that sent the page; install the "
                "same everywhere, and change no code while it runs"
            )
        there = _opened(self.folder, self.run) if self.folder else None
        packed = there.get(key(self.version, seen(page))) if there else None
        if packed is not None:
            text, encoding = decode(page.body, page.content_type, page.format)
            return Cleaned(replace(page, body=b""), text, encoding, known=True, packed=packed)
        made = self.do(page)
        if isinstance(made, Quarantined):
            return made
        return Cleaned(replace(page, body=b""), made.raw, made.encoding, known=False, made=made)


@lru_cache(maxsize=1)
def _opened(folder: Path, run: str) -> Cache | None:  # noqa: ARG001 - part of the key
    """Open the cache in this process; a worker that cannot reach it works without."""
    try:
        return Cache(folder)
    except CorpusError:
        return None


class _Notes:
    """Takes down each result as it comes: puts what is new in the cache, and tells how far the run is."""

    def __init__(
        self, there: Cache | None, version: str, units: Sequence[Sequence[RawFile]], progress: Progress | None
    ) -> None:
        self._cache, self._version, self._progress = there, version, progress
        self._files = sum(map(len, units))
        self._begun: set[str] = set()
        self._waiting: list[Entry] = []
        self._since = monotonic()
        self.made = self.known = self.set_aside = 0
        self._tell()

    def note(self, result: Cleaned | Quarantined | Broken[RawFile]) -> None:
        """Take one result of the engine."""
        if isinstance(result, Cleaned):
            self._begun.add(result.page.raw_path)
            self.known += result.known
            self.made += not result.known
            if self._cache and not result.known:
                about = seen(result.page)
                self._waiting.append(Entry(key(self._version, about), about, self._version, result.pack()))
        else:
            self._begun.add((_set_aside(result) if isinstance(result, Broken) else result).raw_path)
            self.set_aside += 1
        if len(self._waiting) >= SHARD_ENTRIES or monotonic() - self._since > SHARD_SECONDS:
            self.put()
        self._tell()

    def put(self) -> None:
        """Put down what waits."""
        if self._cache:
            self._cache.put(self._waiting)
        self._waiting, self._since = [], monotonic()

    def _tell(self) -> None:
        if self._progress:
            self._progress(len(self._begun), self._files, self.set_aside)


def clean_all(
    root: Path, project: Project, run: Run, progress: Progress | None = None
) -> tuple[list[Document], list[Quarantined], list[Finding]]:
    """Clean every page below `root`/raw; two pages with one id are an error that names both.

    The findings are warnings about the cache; a build goes on without it.
    """
    files, quarantined = raw.find(root / "raw")
    sources = [RawFile(root / "raw", file) for file in files]
    units = _units(sources)
    if not run.cache:
        documents = _cleaned(units, quarantined, run, None, progress)
        return _without_recurring(documents, project), quarantined, []
    try:
        there = Cache(root / CACHE)
    except CorpusError as error:
        documents = _cleaned(units, quarantined, run, None, progress)
        return _without_recurring(documents, project), quarantined, [_without_cache(root, str(error))]
    try:
        with there.held():
            documents = _cleaned(units, quarantined, run, there, progress)
    finally:
        there.close()
    refused = [_without_cache(root, f"it cannot be written: {there.refused}")] if there.refused else []
    return _without_recurring(documents, project), quarantined, refused


def fill(root: Path, run: Run, share: tuple[int, int], progress: Progress | None = None) -> Filled:
    """Clean one share of the pages below `root`/raw into the cache: share `(i, n)` is the i-th of n, from 1.

    Many processes and machines may fill one cache at once; a build then finds every page there. Raises
    CorpusError where the cache cannot be used or written: then there would be nothing to show for the work.
    """
    number, of = share
    sources = [RawFile(root / "raw", file) for file in raw.find(root / "raw")[0]][number - 1 :: of]
    units = _units(sources)
    there = Cache(root / CACHE)
    try:
        with there.held():
            notes = _Notes(there, code_version(), units, progress)
            for _ in _mapped(units, run, notes, there):
                pass  # what is noted is kept; nothing else is
            notes.put()
    finally:
        there.close()
    if there.refused:
        raise CorpusError(
            f"{root / CACHE}: found that it cannot be written: {there.refused}; make room there"
        )
    return Filled(len(sources), notes.made, notes.known, notes.set_aside)


def _units(sources: Sequence[RawFile]) -> list[Sequence[RawFile]]:
    return [sources[at : at + UNIT_FILES] for at in range(0, len(sources), UNIT_FILES)]


def _mapped(
    units: Sequence[Sequence[RawFile]], run: Run, notes: _Notes, there: Cache | None
) -> Iterator[list[Cleaned | Quarantined | Broken[RawFile]]]:
    """Have units cleaned by an engine, and every result noted."""
    recall = Recall(CLEANING.do, there.folder if there else None, code_version(), secrets.token_hex(4))
    work = Work(CLEANING.read, recall, CLEANING.name)
    return engine_named(run.engine).map(work, units, run.workers, noted=notes.note)


def _without_cache(root: Path, why: str) -> Finding:
    hint = "the build is whole; the next one does the work again"
    return Finding("cache", "warning", str(root / CACHE), f"the cache is not used: {why}", hint)


def _cleaned(
    units: Sequence[Sequence[RawFile]],
    quarantined: list[Quarantined],
    run: Run,
    there: Cache | None,
    progress: Progress | None,
) -> list[Document]:
    """Clean units of raw files; add to `quarantined` what was set aside."""
    notes = _Notes(there, code_version(), units, progress)
    documents: list[Document] = []
    wrong: list[Page] = []
    try:
        for results in _mapped(units, run, notes, there):
            for result in results:
                if isinstance(result, Cleaned):
                    try:
                        documents.append(result.document())
                    except ValueError:
                        wrong.append(result.page)
                else:
                    quarantined.append(_set_aside(result) if isinstance(result, Broken) else result)
    finally:
        notes.put()
    if wrong:
        documents += _again(units, wrong, quarantined, run)
    return documents


def _again(
    units: Sequence[Sequence[RawFile]], wrong: Sequence[Page], quarantined: list[Quarantined], run: Run
) -> list[Document]:
    """Clean the pages of which the cache held something that they do not give."""
    paths, ids = {page.raw_path for page in wrong}, {page.document_id for page in wrong}
    files = [
        [file] for unit in units for file in unit if file.path.relative_to(file.raw_root).as_posix() in paths
    ]
    set_aside: list[Quarantined] = []
    documents = _cleaned(files, set_aside, run, None, None)
    places = {(page.raw_path, page.record_id) for page in wrong}
    quarantined += (each for each in set_aside if (each.raw_path, each.record_id) in places)
    return [document for document in documents if document.document_id in ids]


def failed(quarantined: Quarantined) -> bool:
    """Tell whether a page was set aside since work on it broke, which may go well another time."""
    return quarantined.reason.startswith(_FAILED)


_FAILED = ("cleaning it failed: ", "reading it failed: ")


def _set_aside(broken: Broken[RawFile]) -> Quarantined:
    """What the engine gave up on, named as a page or, where reading it broke, as a file."""
    match broken.name:
        case (str(raw_path), str() | None as record_id):
            return Quarantined(raw_path, f"{_FAILED[0]}{broken.reason}", record_id)
    file = broken.source
    below = file.path.relative_to(file.raw_root).as_posix()
    return Quarantined(below, f"{_FAILED[1]}{broken.reason}")


def _without_recurring(documents: Sequence[Document], project: Project) -> list[Document]:
    """Drop the lines that recur from page to page of one source."""
    by_source: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        source = project.source_of(document.raw_path)
        by_source[source.name if source else document.raw_path.partition("/")[0]].append(document)
    lines = {name: recurring(each.blocks for each in pages) for name, pages in by_source.items()}
    made = {}
    for name, pages in by_source.items():
        for document in pages if lines[name] else []:
            blocks = dropped(document.blocks, lines[name])
            told = {paragraph.segments: paragraph.language for paragraph in document.paragraphs}
            kept = tuple(
                replace(paragraph, language=told[paragraph.segments])
                for paragraph in paragraphs(document.document_id, blocks)
            )
            made[document.document_id] = replace(document, blocks=blocks, paragraphs=kept)
    return [made.get(document.document_id, document) for document in documents]


def present(root: Path) -> tuple[dict[str, bytes], list[Quarantined]]:
    """Read every page below `root`/raw and return the digests of what cleaning sees, by document id.

    A file of many pages is read through; nothing is cleaned.
    """
    files, quarantined = raw.find(root / "raw")
    found: dict[str, bytes] = {}
    for file in files:
        for page in raw.read(file, root / "raw"):
            if isinstance(page, Page):
                found[page.document_id] = seen(page)
            else:
                quarantined.append(page)
    return found, quarantined


def prune(root: Path) -> int:
    """Keep of a project's cache what its pages and this code ask for, and return how many entries went.

    Nothing else of a page that was removed or changed stays there. Raises CorpusError where a build is at
    work on the cache.
    """
    if not (root / CACHE).is_dir():
        return 0
    there = Cache(root / CACHE)
    try:
        return there.prune({key(code_version(), about) for about in present(root)[0].values()})
    finally:
        there.close()
