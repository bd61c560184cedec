"""raw/ -> Page: find the raw files of a project and read their pages, whatever their format.

A format is a module of this folder: add a file, and its suffixes are read. What cannot be read is never an
exception and never skipped: it comes out as `Quarantined`, with the place and the reason.

Ids: a page is called by its file's path below `raw/` without the suffix, in Unicode form NFC (so that a
checkout on another system gives the same ids), followed by `#` and the record's id in a file of many pages.
`#` in a file or folder name is refused, since the id would be read as another one's record.
"""

from __future__ import annotations

import os
import pkgutil
import re
import stat
import unicodedata
from collections import defaultdict
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from corpus.errors import ProjectError, UnreadableError
from corpus.raw._content import sniff
from corpus.raw._ranges import LARGE_BYTES, Range, facts
from corpus.records import Page, Quarantined
from corpus.remote import RemotePath, files, located

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Range",
    "RawFormat",
    "document_id",
    "find",
    "formats",
    "in_order",
    "ranges",
    "read",
    "read_at",
    "root_of",
    "sniff",
    "walk",
    "without",
]


class RawFormat(Protocol):
    """What a module of this folder has.

    `suffixes` are the endings of file names it reads, lower case, with their dot; the longest ending that
    fits a name decides (`.warc.gz` before `.gz`). `read` yields every page of a regular file or the reason
    why there is none, with `raw_path` the bare file name; it raises nothing but `OSError` and
    `UnreadableError`, and holds one page in memory, no more. A format whose files may be large and can be read
    from the middle also has `ranges(path) -> list[Range]`, and its `read` takes one of them; see
    `corpus.raw._ranges`.
    """

    suffixes: tuple[str, ...]

    def read(self, path: Path) -> Iterator[Page | Quarantined]:
        """Yield the pages of a file, and what could not be read of it."""


@cache
def formats() -> dict[str, RawFormat]:
    """Return the format modules of this folder by suffix, longest suffix first.

    >>> list(formats())[-1] in formats() and formats()[".html"].suffixes
    ('.html', '.htm', '.xhtml', '.shtml')
    """
    names = sorted(
        module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
    )
    modules = [cast("RawFormat", import_module(f"{__name__}.{name}")) for name in names]
    by_suffix = {suffix: module for module in modules for suffix in module.suffixes}
    return dict(sorted(by_suffix.items(), key=lambda pair: (-len(pair[0]), pair[0])))


_RAW_KEY = re.compile(rb"""\braw["']?\s*:""")


def root_of(project: Path) -> Path:
    """Return where the raw files of the project in a folder lie: the address its schema gives, else its raw/.

    Raises CorpusError for an address that cannot be one, or a schema that cannot be read for it, which
    is parsed only where such a key may stand in it: the check for changes is to be quick.
    """
    declared = project / "schema" / "corpus.yaml"
    try:
        if not declared.is_file() or not _RAW_KEY.search(declared.read_bytes()):
            return project / "raw"
    except OSError:
        pass  # what is wrong with it is said below
    from corpus.schema.project import declared_raw

    address = declared_raw(project)
    return located(address) if address else project / "raw"


def find(raw_root: Path, *, distinct: bool = True) -> tuple[list[Path], list[Quarantined]]:
    """Return the raw files below `raw_root`, sorted by name, and what there is but cannot be read.

    Files and folders whose name begins with a dot are not raw files and left out. A link to a file is
    followed if it stays inside `raw_root`; a link to a folder never is, so that no loop and no file read
    twice can come of it. Raises ProjectError if `raw_root` is no folder, or if two files would get one id.
    """
    quarantined: list[Quarantined] = []
    names = (name for name, _ in walk(raw_root, quarantined))
    found = in_order(names, raw_root) if distinct else sorted(names)
    return [raw_root / name for name in found], quarantined


def in_order(names: Iterable[str], raw_root: Path) -> list[str]:
    """Sort the paths of raw files below `raw_root`; raises ProjectError if two files would get one id."""
    found = sorted(names)
    _check_ids(found, raw_root)
    return found


def walk(raw_root: Path, quarantined: list[Quarantined]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what `find` finds, in no order: paths below `raw_root`, and what the file system tells of each.

    At the end what cannot be read is added to `quarantined`, sorted. No file has an object or a question to the
    file system to itself that it need not have: there may be 100,000 of which one has changed.
    """
    aside: list[Quarantined] = []
    if isinstance(raw_root, RemotePath):
        yield from _walk_there(raw_root, aside)
    elif raw_root.is_dir():
        yield from _walk(raw_root, aside)
    else:
        raise ProjectError(
            f"{raw_root}: found no such folder; put the raw files of the project there, or give their address "
            "as `raw:` in schema/corpus.yaml"
        )
    quarantined += sorted(aside, key=lambda left: left.raw_path)


def _walk_there(raw_root: RemotePath, aside: list[Quarantined]) -> Iterator[tuple[str, os.stat_result]]:
    """Do as `walk` at an address. A name with `..`, or with nothing between two slashes, is refused."""
    for name, told in files(raw_root):
        path = raw_root / name
        steps = name.split("/")
        if any(step.startswith(".") for step in steps if step not in {".", ".."}):
            continue
        try:
            if {"", ".", ".."} & set(steps) or path.relative_to(raw_root).as_posix() != name:
                raise UnreadableError("the name has a part that is empty, '.' or '..'; rename it")  # noqa: TRY301
            _check_name(name)
            _check_suffix(path)
        except UnreadableError as error:
            aside.append(Quarantined(_shown(name), str(error)))
        else:
            yield name, told


def _walk(raw_root: Path, aside: list[Quarantined]) -> Iterator[tuple[str, os.stat_result]]:
    """Do as `walk` on this machine; note folders that cannot be entered."""
    top, known = os.fspath(raw_root), tuple(formats())
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(f"{top}/{folder}") as found:
                entries = list(found)
        except OSError as error:
            why = f"the folder cannot be read: {error.strerror or error}"
            aside.append(Quarantined(_shown(folder.rstrip("/")), why))
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            below = f"{folder}{name}"
            if entry.is_dir(follow_symlinks=False):
                folders.append(f"{below}/")
                continue
            try:
                _check_name(below)
                plain = entry.is_file(follow_symlinks=False) and name.lower().endswith(known)
                if not (plain and os.access(entry.path, os.R_OK)):
                    _check_file(Path(entry.path), raw_root.resolve())  # a link that may be followed passes
                told = entry.stat()
            except UnreadableError as error:
                aside.append(Quarantined(_shown(below), str(error)))
            except OSError as error:  # it went away meanwhile
                why = f"the file cannot be read: {error.strerror or error}"
                aside.append(Quarantined(_shown(below), why))
            else:
                yield below, told


def _check_ids(names: Iterable[str], raw_root: Path) -> None:
    """Raise ProjectError naming the files that would give their pages one id, if any; `names` are sorted."""
    named: dict[str, str] = {}
    twice = defaultdict(list)
    for name in names:
        same = named.setdefault(document_id(name), name)
        if same is not name:
            twice[same].append(name)
    if twice:
        clashes = sorted(" and ".join([first, *others]) for first, others in twice.items())
        raise ProjectError(
            f"{raw_root}: files that differ only in their suffix would get one document id: "
            f"{'; '.join(clashes)}. Rename one of them."
        )


def document_id(raw_path: str, record_id: str | None = None) -> str:
    """Return the document id of a page, from its file's path below `raw/` and its record's id.

    >>> document_id("harbour-daily/arrests.html"), document_id("crawl/2025.warc.gz", "a1")
    ('harbour-daily/arrests', 'crawl/2025#a1')
    """
    stem = unicodedata.normalize(
        "NFC", raw_path.removesuffix(raw_path[len(raw_path) - len(_suffix(raw_path)) :])
    )
    return stem if record_id is None else f"{stem}#{record_id}"


def record_id(document_id: str) -> str | None:
    """Return the record that a document id names in a file of many pages, None where the file is the page.

    >>> record_id("harbour-daily/arrests"), record_id("crawl/2025#a1")
    (None, 'a1')
    """
    return document_id.partition("#")[2] or None


def ranges(path: Path) -> list[Range]:
    """Cut a large file of many pages into ranges that may be read apart, in order; empty: read it whole.

    What the ranges give one after the other is what the whole file gives. Never raises for bad input.
    """
    module: Any = formats().get(_suffix(path.name))
    try:
        if not hasattr(module, "ranges") or path.stat().st_size < LARGE_BYTES:
            return []
        return cast("list[Range]", module.ranges(path))
    except OSError:
        return []


def read(
    path: Path, raw_root: Path | None = None, part: Range | None = None
) -> Iterator[Page | Quarantined]:
    """Yield the pages of one raw file, and `Quarantined` for what cannot be read; never raises for bad input.

    With `raw_root`, paths and ids are counted from there, and a file outside it is refused; without, the bare
    file name stands for both. `part` is one of its `ranges`: then only that. What goes wrong on the way to a
    file that lies elsewhere is an OSError, since another time it may not.
    """
    below = path.name if raw_root is None else _below(path, raw_root)
    if below is None:
        yield Quarantined(
            _shown(path), f"the file lies outside {raw_root}; raw files are read from there only"
        )
        return
    try:
        _check_name(below)
        _check_file(path, raw_root and raw_root.resolve())
        module: Any = formats()[_suffix(below)]
        for page in module.read(path, part) if part else module.read(path):
            if isinstance(page, Page):
                yield replace(page, raw_path=below, document_id=document_id(below, page.record_id))
            else:
                yield replace(page, raw_path=below)
    except UnreadableError as error:
        yield Quarantined(_shown(Path(below)), str(error))
    except OSError as error:
        if isinstance(path, RemotePath) and not isinstance(error, FileNotFoundError | PermissionError):
            raise
        yield Quarantined(below, f"the file cannot be read: {error.strerror or error}")


def read_at(path: Path, raw_root: Path, at: int, record_id: str) -> Page | None:
    """Read the page whose record begins at a place of a file (`Page.at`), and no more of the file than that.

    None where no page of that id begins there. Raises OSError where the file cannot be reached.
    """
    # Who has no id is called by number, for which a range is told how many stand before it.
    number = re.fullmatch(r"(?:record-)?(\d{1,18})", record_id)
    part = Range(at, None, max(0, int(number[1]) - 1) if number else 0, None, facts(path))
    page = next(read(path, raw_root, part), None)
    return page if isinstance(page, Page) and page.record_id == record_id else None


def without(path: Path, record_id: str) -> bytes:
    """Return the bytes of a file of many pages without one of them; nothing is written.

    Raises UnreadableError where the file's format cannot do it, or not without changing other pages' ids.
    """
    module = formats()[_suffix(path.name)]
    if not hasattr(module, "without"):
        raise UnreadableError(f"{path}: a page cannot be cut out of this format; take it out by hand")
    return cast("bytes", module.without(path, record_id))


_UNNAMED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and lone surrogates: the categories Cc and Cs of Unicode."""


def _check_name(below: str) -> None:
    """Raise UnreadableError if a path below raw/ cannot make an id."""
    if _UNNAMED.search(below):
        raise UnreadableError("the file name holds control characters or is not UTF-8; rename it")
    if "#" in below:
        raise UnreadableError("'#' in a file or folder name would be read as a record's id; rename it")


def _check_file(path: Path, root: Path | None) -> None:
    """Raise UnreadableError if a path is no raw file to be read or lies outside `root`; open nothing."""
    if isinstance(path, RemotePath):
        _check_suffix(path)  # whether it is there shows when it is opened
        return
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UnreadableError(
            "a link that leads nowhere" if path.is_symlink() else "there is no such file"
        ) from None
    except OSError as error:  # a loop of links, a folder that cannot be entered
        raise UnreadableError(f"the file cannot be read: {error.strerror or error}") from None
    if path.is_symlink() and stat.S_ISDIR(mode):
        raise UnreadableError("a link to a folder is not followed; put the files themselves here")
    if root is not None and not path.resolve().is_relative_to(root):
        raise UnreadableError(f"a link that leads out of {root.name}/; put the file itself here")
    if not stat.S_ISREG(mode):
        raise UnreadableError(f"found {_KINDS.get(stat.S_IFMT(mode), 'something else')}, expected a file")
    if not os.access(path, os.R_OK):
        raise UnreadableError("the file cannot be read: permission denied")
    _check_suffix(path)


def _check_suffix(path: Path) -> None:
    if not _suffix(path.name):
        found = "".join(path.suffixes[-2:])
        raise UnreadableError(
            f"no raw format has the suffix '{found}'; known are {' '.join(sorted(formats()))}"
        )


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def _suffix(name: str) -> str:
    """Return the longest known suffix of a file name, empty if it has none; upper case is as good."""
    lower = name.lower()
    last = lower[lower.rfind(".") :]
    if last in _only():
        return last
    return next((suffix for suffix in formats() if lower.endswith(suffix)), "")


@cache
def _only() -> frozenset[str]:
    """Return the suffixes that no longer one ends with."""
    every = formats()
    return frozenset(each for each in every if not any(o != each and o.endswith(each) for o in every))


def _below(path: Path, raw_root: Path) -> str | None:
    """Return the POSIX path of a file below `raw_root`, None if it is not there; links are not resolved."""
    if isinstance(path, RemotePath) or isinstance(raw_root, RemotePath):
        return path.relative_to(raw_root).as_posix() if path.is_relative_to(raw_root) else None
    there, root = Path(os.path.abspath(path)), Path(os.path.abspath(raw_root))  # noqa: PTH100
    return there.relative_to(root).as_posix() if there.is_relative_to(root) else None


def _shown(path: Path | str) -> str:
    """Return a path as text that can be printed and written, whatever bytes its name has."""
    return os.fsencode(path if isinstance(path, str) else path.as_posix()).decode("utf-8", "backslashreplace")
