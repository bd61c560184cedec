"""All pages of a project, cleaned and listed: an engine does the work, a cache spares what was done before.

The key of an entry is the SHA-256 of the body and of all else that cleaning sees (format, address, content
type), and the version of the code that cleans: its source files, its models, the libraries that decide with
it. So a changed rule makes every page be cleaned again, and a change elsewhere none; a page that is moved or
copied is known. Entries are put down while the run goes on, so that a run that was killed goes on where it
was. A raw file that is as it was when it was listed is not even opened. Nothing of a page stays in memory but
what is known of it in the list.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from corpus import code, last_build, log, raw
from corpus.cache import Cache, Entry, key
from corpus.clean.recurring import lines
from corpus.engine import Broken, Work
from corpus.engine import engine as engine_named
from corpus.errors import CorpusError
from corpus.folders import FOLDER
from corpus.kept import Kept, recalled
from corpus.listing import Listed, ListedFile
from corpus.packing import Heading, head, heading, pack
from corpus.pages import CLEANING, RawFile, sources
from corpus.pages import units as units_of
from corpus.records import Document, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from corpus.listing import Listing

    Progress = Callable[[int, int, int], None]
    """Called with each page: raw files begun, raw files in all, pages and files set aside."""

CACHE = FOLDER / "cache"
"""Where the cache of a project lies below its root."""

SHARD_ENTRIES = 25
SHARD_SECONDS = 20
"""Pages, and seconds, after which what was cleaned is put down."""

PARTS = (
    *("clean", "cleaning_run.py", "decode.py", "language", "markup.py", "metadata", "packing.py"),
    *("pages.py", "paragraphs.py", "places.py", "records.py"),
)
"""The files and folders of the package that decide what cleaning a page gives. How a page is read from its
file is not among them: what is read is part of the key."""

LIBRARIES = ("langdetect", "numpy", "turbohtml")
"""The libraries that do."""


class Run(NamedTuple):
    """How pages are cleaned: on which engine, in how many processes.

    `imports` names modules that the processes of a later step need; they are imported once for all. `raw` is
    where the raw files lie, if not in the project's raw/. `behind` is the engine of the steps behind
    cleaning.
    """

    engine: str = "local"
    workers: int | None = None
    imports: tuple[str, ...] = ()
    raw: Path | None = None
    behind: str = "local"


class Filled(NamedTuple):
    """What a share of a run came to: raw files, pages cleaned, known before, and set aside (files too)."""

    files: int
    cleaned: int
    known: int
    set_aside: int


@cache
def code_version() -> str:
    """Return a digest of what decides how pages are cleaned, but for the pages: code, models, libraries."""
    return code.digest(LIBRARIES, PARTS)


@cache
def reading_version() -> str:
    """Return a digest of what decides which pages a raw file holds."""
    parts = ("raw", "cleaning_run.py", "last_build.py", "listing.py", "remote.py")
    return code.digest(("fastwarc", "fsspec", "pyarrow"), parts)


def seen(page: Page) -> bytes:
    """Return a digest of all that cleaning sees of a page."""
    told = [page.sha256, page.format, page.url, page.content_type]
    return hashlib.sha256(json.dumps(told).encode()).digest()


@dataclass(slots=True)
class Told:
    """What cleaning a page gave, on its way to the list and the cache.

    Nothing is `packed` where the cache holds it. Flat, since there is one for every page to be sent.
    """

    raw_path: str
    record_id: str | None
    document_id: str
    raw_sha256: str
    format: str
    about: bytes
    raw_chars: int
    published_at: str | None
    lines: bytes
    at: int | None
    packed: bytes | None

    def __reduce__(self) -> tuple[type[Told], tuple[object, ...]]:
        """Be sent as what it is made of: a third of the time that a dataclass takes."""
        return Told, tuple(getattr(self, name) for name in Told.__slots__)


def _told(page: Page, known: Heading, packed: bytes | None) -> Told:
    named = (page.raw_path, page.record_id, page.document_id, page.sha256, page.format)
    return Told(*named, known.about, known.raw_chars, known.published_at, known.lines, page.at, packed)


@dataclass(frozen=True, slots=True)
class Recall:
    """The work on one page, `do`, unless its result lies in a cache under `version`.

    `folders` are the caches to look in. `run` is another word for each run, so that none reads by what an
    earlier one opened.
    """

    do: Callable[[Page | Quarantined], Document | Quarantined]
    folders: tuple[Path, ...]
    version: str
    run: str

    def __call__(self, page: Page | Quarantined) -> Told | Quarantined:
        """Clean a page, or recall what was made of it."""
        if isinstance(page, Quarantined):
            return page
        if code_version() != self.version:
            raise CorpusError(
                "this process runs another version of the code than the one that sent the page; install the "
                "same everywhere, and change no code while it runs"
            )
        about = seen(page)
        packed = recalled(self.folders, self.run, key(self.version, about))
        known = packed and _heading(packed)
        if known and known.about == about:
            return _told(page, known, None)
        made = self.do(page)
        if isinstance(made, Quarantined):
            return made
        kept = b"".join(d + min(n, _MOST).to_bytes(4) for d, n in lines(made.blocks).items())
        known = head(made, about, kept)
        return _told(page, known, pack(made, known))


_MOST = 2**32 - 1


def _heading(packed: bytes) -> Heading | None:
    try:
        return heading(packed)
    except ValueError:
        return None


class _Notes:
    """Takes down each result as it comes: puts what is new in the cache, and tells how far the run is."""

    def __init__(self, kept: Kept, version: str, files: int, progress: Progress | None) -> None:
        self._kept, self._version, self._progress, self._files = kept, version, progress, files
        self._begun: set[str] = set()
        self._waiting: list[Entry] = []
        self._since = monotonic()
        self.made = self.known = self.set_aside = 0
        self._tell()

    def passed(self, raw_paths: Collection[str], set_aside: int) -> None:
        """Take raw files that need not be opened, and what was set aside of them."""
        self._begun.update(raw_paths)
        self.set_aside += set_aside
        self._tell()

    def note(self, result: Told | Quarantined | Broken[RawFile]) -> None:
        """Take one result of the engine; what was packed goes to the cache and is let go of."""
        # Before the result joins what waits: an engine may give those of a unit all at once.
        if monotonic() - self._since > SHARD_SECONDS:
            self.put()
        if isinstance(result, Told):
            self._begun.add(result.raw_path)
            if result.packed is None:
                self.known += 1
            else:
                self.made += 1
                named = key(self._version, result.about)
                self._waiting.append(Entry(named, result.about, self._version, result.packed))
                result.packed = None
        else:
            aside = set_aside(result) if isinstance(result, Broken) else result
            self._begun.add(aside.raw_path)
            self.set_aside += 1
            died = isinstance(result, Broken) and result.died
            log.tell("worker-died" if died else "quarantined", **asdict(aside))
        if len(self._waiting) >= SHARD_ENTRIES:
            self.put()
        self._tell()

    def put(self) -> None:
        """Put down what waits."""
        waiting, self._waiting, self._since = self._waiting, [], monotonic()
        self._kept.put(waiting)

    def _tell(self) -> None:
        if self._progress:
            self._progress(len(self._begun), self._files, self.set_aside)


def list_all(
    raw_root: Path, run: Run, kept: Kept, listing: Listing, progress: Progress | None = None
) -> list[Quarantined]:
    """Make the list tell of every page below `raw_root`, and the caches hold what cleaning it gave.

    Files that are as they were listed are not opened. Returns what was set aside. Raises sqlite3.Error where
    the list cannot be written, CorpusError where the caches cannot.
    """
    quarantined: list[Quarantined] = []
    facts = {name: last_build.facts(told) for name, told in raw.walk(raw_root, quarantined)}
    found = raw.in_order(facts, raw_root)
    files = _Files(raw_root, facts)
    known = listing.known(facts, files.version)
    listing.keep(known)
    notes = _Notes(kept, code_version(), len(found), progress)
    passed = [Quarantined(*each) for each in listing.set_aside()]
    for aside in (*quarantined, *passed):
        log.tell("quarantined", **asdict(aside))
    if known:
        notes.passed(known, len(passed))
    _list(files, [name for name in found if name not in known], run, kept, listing, notes=notes)
    return [*quarantined, *(Quarantined(*each) for each in listing.set_aside())]


class _Files:
    """The raw files of a run by the names they are listed under, and what they were known by at its start."""

    def __init__(self, root: Path, facts: Mapping[str, str]) -> None:
        self.root, self._facts = root, facts
        self.version = f"{code_version()}{reading_version()}"
        self._began = time.time_ns()

    def listed(self, name: str, sha256: str | None, *, failing: bool) -> ListedFile:
        """Tell of a file that was read through; one that changed meanwhile, or failed, is read again.

        `sha256` is the digest of its bytes where reading it told that.
        """
        path, before = self.root / name, self._facts[name]
        try:
            same = last_build.facts(path.stat()) == before and last_build.quiet(before, self._began)
            if sha256 is None:
                with path.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            sha256, same = "", False
        return ListedFile(name, before if same and not failing else None, self.version, sha256)


def list_again(raw_root: Path, raw_paths: Collection[str], run: Run, kept: Kept, listing: Listing) -> None:
    """Clean the pages of raw files again, whatever the caches hold of them."""
    found = {_below(path, raw_root): path for path in raw.find(raw_root)[0]}
    facts = {name: last_build.facts(path.stat()) for name, path in found.items() if name in raw_paths}
    listing.keep({path for path, _ in listing.files()} - set(raw_paths))
    files = _Files(raw_root, facts)
    notes = _Notes(kept, code_version(), len(facts), None)
    _list(files, list(facts), run, kept, listing, notes=notes, recall=False)


def _list(  # noqa: PLR0913 - the state of a run
    files: _Files,
    names: Sequence[str],
    run: Run,
    kept: Kept,
    listing: Listing,
    *,
    notes: _Notes,
    recall: bool = True,
) -> None:
    """Have raw files read and cleaned, and list them: some units at a time, a file when all of it is read."""
    paths = {files.root / name: name for name in names}
    units = _units(files.root, paths)
    reading = _Reading(units, files, paths)
    try:
        for unit, results in zip(units, _mapped(units, run, notes, kept, recall=recall), strict=True):
            if reading.add(unit, results):
                listing.add(*reading.taken())
    finally:
        notes.put()
    listing.add(*reading.taken())


class _Reading:
    """What was read since the list was last written: pages, and files of which nothing is left to read."""

    def __init__(self, units: Sequence[Sequence[RawFile]], files: _Files, names: Mapping[Path, str]) -> None:
        self._files, self._names = files, names
        self._left = Counter(names[source.path] for unit in units for source in unit)
        self._counts: Counter[str] = Counter()
        self._digests: dict[str, str | None] = {}
        self._failing: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._pages: list[Listed] = []
        self._done: list[str] = []

    def add(self, unit: Sequence[RawFile], results: Iterable[Told | Quarantined | Broken[RawFile]]) -> bool:
        """Take the results of a unit; tell whether there is enough to be listed."""
        for result in results:
            page = _listed(result, self._counts)
            self._pages.append(page)
            if isinstance(result, Broken):
                self._failing.add(page.raw_path)
            # A file that is one page is the page's body, and its digest the page's.
            alone = isinstance(result, Told) and result.record_id is None
            self._digests[page.raw_path] = page.raw_sha256 if alone else None
        named = [self._names[source.path] for source in unit]
        self._left.subtract(named)
        self._done += sorted({name for name in named if not self._left[name]})
        return len(self._pages) >= SHARD_ENTRIES

    def taken(self) -> tuple[list[Listed], list[ListedFile]]:
        """Return what there is to list, and begin anew."""
        files = [
            self._files.listed(name, self._digests.pop(name, None), failing=name in self._failing)
            for name in self._done
        ]
        pages = self._pages
        self._begin()
        return pages, files


def _listed(result: Told | Quarantined | Broken[RawFile], counts: Counter[str]) -> Listed:
    if isinstance(result, Told):
        number = counts[result.raw_path]
        counts[result.raw_path] += 1
        named = (result.document_id, result.raw_sha256, result.format, result.about)
        facts = (result.raw_chars, result.published_at, result.lines, result.at)
        return Listed(result.raw_path, number, result.record_id, None, *named, *facts)
    aside = set_aside(result) if isinstance(result, Broken) else result
    counts[aside.raw_path] += 1
    return Listed(aside.raw_path, counts[aside.raw_path] - 1, aside.record_id, aside.reason)


def _below(path: Path, raw_root: Path) -> str:
    return path.relative_to(raw_root).as_posix()


def fill(root: Path, run: Run, share: tuple[int, int], progress: Progress | None = None) -> Filled:
    """Clean one share of the pages below `root`/raw into the cache: share `(i, n)` is the i-th of n, from 1.

    Many processes and machines may fill one cache at once; a build then finds every page there. Raises
    CorpusError where the cache cannot be used or written: then there would be nothing to show for the work.
    """
    number, of = share
    raw_root = run.raw or raw.root_of(root)
    files = raw.find(raw_root)[0][number - 1 :: of]
    there = Cache(root / CACHE)
    try:
        with there.held():
            notes = _Notes(Kept(there), code_version(), len(files), progress)
            for _ in _mapped(_units(raw_root, files), run, notes, Kept(there)):
                pass  # what is noted is kept; nothing else is
            notes.put()
    finally:
        there.close()
    return Filled(len(files), notes.made, notes.known, notes.set_aside)


def _units(raw_root: Path, files: Iterable[Path]) -> list[Sequence[RawFile]]:
    """Cut what is to be read into units of work."""
    return units_of(sources(raw_root, files))


def _mapped(
    units: Sequence[Sequence[RawFile]], run: Run, notes: _Notes, kept: Kept, *, recall: bool = True
) -> Iterator[list[Told | Quarantined | Broken[RawFile]]]:
    """Have units cleaned by an engine, and every result noted."""
    folders = kept.folders if recall else ()
    recalling = Recall(CLEANING.do, folders, code_version(), secrets.token_hex(4))
    # After a few pages there are few parts to make, which no child is started for.
    imports = run.imports if len(units) > 1 else ()
    work = Work(CLEANING.read, recalling, CLEANING.name, imports)
    return engine_named(run.engine).map(work, units, run.workers, noted=notes.note)


def failed(quarantined: Quarantined) -> bool:
    """Tell whether a page was set aside since work on it broke, which may go well another time."""
    return quarantined.reason.startswith(_FAILED)


_FAILED = ("cleaning it failed: ", "reading it failed: ")


def set_aside(broken: Broken[RawFile]) -> Quarantined:
    """What the engine gave up on, named as a page or, where reading it broke, as a file."""
    match broken.name:
        case (str(raw_path), str() | None as record_id):
            return Quarantined(raw_path, f"{_FAILED[0]}{broken.reason}", record_id)
    file = broken.source
    below = file.path.relative_to(file.raw_root).as_posix()
    return Quarantined(below, f"{_FAILED[1]}{broken.reason}")


def present(root: Path) -> tuple[dict[str, bytes], list[Quarantined]]:
    """Read every page of the project at `root` and return the digests of what cleaning sees, by document id.

    A file of many pages is read through; nothing is cleaned.
    """
    raw_root = raw.root_of(root)
    files, quarantined = raw.find(raw_root)
    found: dict[str, bytes] = {}
    for file in files:
        for page in raw.read(file, raw_root):
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
