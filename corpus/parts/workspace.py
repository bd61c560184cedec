"""Where a build works: the cache, the list of pages and the store, the project's own or for one build alone.

A build without a cache works in a folder beside what it publishes and removes it at its end; one that was
killed leaves it to the next build there, which knows by its lock that nobody works in it.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cache import Cache
from corpus.cleaning_run import CACHE, code_version
from corpus.errors import CorpusError
from corpus.folders import FOLDER, locked
from corpus.kept import Kept
from corpus.listing import Listing
from corpus.records import Finding
from corpus.store import Store, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.parts.pages import Bench

STORE = "store"
LISTING = "pages.sqlite"

_ALONE = ".corpus-build-"


@dataclass(slots=True)
class Workspace:
    """The folders of a build of the pages in `raw_root`; `own` is its own.

    `listing` is a copy, in there, of the list. `folder` is what is kept for the next build, None where
    nothing is. `spare` takes what its disk refuses, and `warnings` tell of that.
    """

    root: Path
    raw_root: Path
    folder: Path | None
    own: Path
    spare: Path
    kept: Kept
    listing: Listing
    listed: Path
    store: Store
    warnings: list[Finding] = field(default_factory=list)

    def bench(self) -> Bench:
        """Tell other processes where to work."""
        from corpus.parts.pages import Bench

        return Bench(self.kept.folders, self.listed, self.store, code_version(), secrets.token_hex(4))

    @property
    def scattered(self) -> bool:
        """Whether some of it lies in the spare folder, which no other machine sees."""
        return len(self.kept.folders) > 1 or self.listed.parent != self.own

    def close(self) -> None:
        """Let go of the list."""
        self.listing.close()

    def list_elsewhere(self) -> None:
        """Begin the list anew in the spare folder, where it could not be written."""
        self.listing.close()
        self.spare.mkdir(parents=True, exist_ok=True)
        self.listed = self.spare / LISTING
        self.listing = Listing(self.listed)

    def keep_list(self) -> None:
        """Let the next build have the list as it is; a disk that refuses is let be."""
        if self.folder is None:
            return
        beside = self.own / f"{LISTING}.new"
        with suppress(OSError):
            shutil.copyfile(self.listed, beside)
            beside.replace(self.folder / LISTING)

    def told(self) -> list[Finding]:
        """Return what is to be said of a cache that was not, or not wholly, used."""
        refused = self.kept.caches[0].refused
        more = [_unused(self.root, f"it cannot be written: {refused}")] if refused and self.folder else []
        return [*self.warnings, *more]


@contextmanager
def workspace(root: Path, to: Path, *, cache: bool, raw_root: Path | None = None) -> Iterator[Workspace]:
    """Open the workspace of the project at `root`, or without `cache` one for this build into `to` alone.

    `raw_root` is where its raw files lie, if not in its raw/.

    Where the project's cannot be used, the build goes on without, and is told to say so. Raises CorpusError
    where somebody holds it alone.
    """
    with ExitStack() as stack:
        spare = Path(tempfile.gettempdir(), f"{_ALONE}{secrets.token_hex(8)}")
        stack.callback(shutil.rmtree, spare, ignore_errors=True)
        warnings = []
        folder = root / FOLDER if cache else None
        if folder:
            try:
                there, store = Cache(root / CACHE), opened(folder / STORE)
                own = stack.enter_context(_alone(folder))
            except (CorpusError, OSError) as error:
                warnings.append(_unused(root, str(error)))
                folder = None
        if not folder:
            own = stack.enter_context(_alone(_nearest(to)))
            there, store = Cache(own / CACHE.name), opened(own / STORE)
        stack.callback(there.close)
        stack.enter_context(there.held())
        stack.enter_context(store.held())
        listed = own / LISTING
        if folder:
            with suppress(OSError):
                (folder / ".gitignore").write_text("*\n", "utf-8")
            with suppress(OSError):
                shutil.copyfile(folder / LISTING, listed, follow_symlinks=False)
        try:
            listing = Listing(listed)
        except (sqlite3.Error, OSError):
            spare.mkdir(parents=True)
            listed = spare / LISTING
            listing = Listing(listed)
        made = Workspace(
            root,
            raw_root or root / "raw",
            folder,
            own,
            spare,
            Kept(there, spare / CACHE.name),
            listing,
            listed,
            store,
            warnings,
        )
        stack.callback(made.close)
        yield made


def _nearest(to: Path) -> Path:
    """Return the folder that something will be written in, or the one above that there is."""
    beside = to.absolute().parent
    while not beside.is_dir():
        beside = beside.parent
    return beside


@contextmanager
def _alone(beside: Path) -> Iterator[Path]:
    """Make a folder in another for one build; remove it, and what builds that were killed left of theirs."""
    for left in beside.glob(f"{_ALONE}*"):
        if left.is_symlink():
            continue
        with suppress(OSError), locked(left, alone=True) as nobody:
            if nobody:
                shutil.rmtree(left, ignore_errors=True)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_ALONE, dir=beside))
    except OSError:  # a folder that may be read alone: what is wrong with `to` is said when it is written
        folder = Path(tempfile.mkdtemp(prefix=_ALONE))
    try:
        with suppress(OSError):
            (folder / ".gitignore").write_text("*\n", "utf-8")  # for as long as it stands in a checkout
        with locked(folder, alone=True):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unused(root: Path, why: str) -> Finding:
    hint = "the build is whole; the next one does the work again"
    return Finding("cache", "warning", str(root / CACHE), f"the cache is not used: {why}", hint)
