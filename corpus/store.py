"""Results of a build by key, each a folder of files: what a part of a corpus came to, for the next build.

A result lies in `<kind>/<key[:2]>/<key>/`, with a seal that names its files, their sizes and SHA-256. It is
written beside and renamed, and a file whose bytes are not the sealed ones is not read: such a result is taken
away and made again, so that a crash or a damaged disk costs time alone. Nothing is unpickled or run.

What the folder cannot take, on a full disk say, goes to the `spare` folder, which ends with the build. Two
builds may use one store; a sweep wants it for itself and waits for the next build where it is not alone.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import re
import secrets
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import CorpusError
from corpus.folders import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import polars as pl

_SEAL = "seal.json"
_USED = "used"
_KIND = re.compile(r"[a-z]+(?:-[a-z]+)*")
_KEY = re.compile(r"[0-9a-f]{16,64}")
_BESIDE = ".tmp-"
_ABANDONED_SECONDS = 3600


class Kept(NamedTuple):
    """How much a store holds: results and bytes on disk."""

    results: int
    bytes: int


class Store(NamedTuple):
    """A store in `folder`, which is made where it is missing; see `opened`.

    It can be sent to other processes.
    """

    folder: Path
    spare: Path

    def get(self, kind: str, key: str, names: Collection[str] | None = None) -> Path | None:
        """Return the folder of a result; None where there is none, or one of the named files is not whole.

        Only the files of `names` may then be read, all of them where it is None: reading proves them.
        """
        for root in (self.folder, self.spare):
            place = _place(root, kind, key)
            sealed = _seal(place)
            if sealed is None:
                continue
            wanted = sealed if names is None else {name: sealed.get(name) for name in names}
            if all(_whole(place / name, told) for name, told in wanted.items()):
                return place
            shutil.rmtree(place, ignore_errors=True)
        return None

    def read(self, kind: str, key: str, name: str) -> bytes | None:
        """Return a file of a result, read and proved at once; None where there is none that is whole."""
        for root in (self.folder, self.spare):
            place = _place(root, kind, key)
            sealed = _seal(place)
            if sealed is None:
                continue
            with suppress(OSError):
                held = b"" if (place / name).is_symlink() else (place / name).read_bytes()
                if sealed.get(name) == [len(held), hashlib.sha256(held).hexdigest()]:
                    return held
            shutil.rmtree(place, ignore_errors=True)
        return None

    def put(
        self, kind: str, key: str, write: Callable[[Path], None], span: tuple[str, str] | None = None
    ) -> Path:
        """Keep a result: `write` fills the folder that it is given. Return where it lies.

        `span` names the first and last document that it tells of, by which `forget` finds it. Raises OSError
        where neither the store nor its spare folder takes it.
        """
        try:
            return _put(self.folder, kind, key, write, span)
        except OSError:
            return _put(self.spare, kind, key, write, span)

    def forget(self, document_id: str) -> int:
        """Take away every result that may tell of a document, and return how many went."""
        gone = 0
        for place in _results(self.folder):
            span = _span(place)
            if span is None or span[0] <= document_id <= span[1]:
                shutil.rmtree(place, ignore_errors=True)
                gone += 1
        return gone

    def counts(self) -> Kept:
        """Count what there is."""
        sizes = [path.stat().st_size for path in self.folder.rglob("*") if path.is_file()]
        return Kept(sum(1 for _ in _results(self.folder)), sum(sizes))

    def verify(self) -> list[str]:
        """Read all there is, take away what is damaged, and return the names of that, sorted."""
        places = [(place.parents[1].name, place.name) for place in _results(self.folder)]
        return sorted(f"{kind}/{key}" for kind, key in places if self.get(kind, key) is None)

    def sweep(self, used: Collection[tuple[str, str]] | None = None) -> int | None:
        """Take away what a finished build did not use, by kind and key, and return how many results went.

        Without `used` it is what the last finished build used. None where another build is at work here:
        nothing goes then. Let go of the store (`held`) before.
        """
        if not self.folder.is_dir():
            return 0
        with locked(self.folder, alone=True) as alone:
            if alone is False:
                return None
            keep = self._keep(used)
            gone = 0
            for place in _results(self.folder):
                if (place.parents[1].name, place.name) not in keep:
                    shutil.rmtree(place, ignore_errors=True)
                    gone += 1
            before = time.time() - _ABANDONED_SECONDS
            for place in (*self.folder.glob(f"*/{_BESIDE}*"), *self.folder.glob(f"{_BESIDE}*")):
                with suppress(OSError):
                    if place.stat().st_mtime < before:
                        shutil.rmtree(place) if place.is_dir() else place.unlink()
        return gone

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the store while it is used, and end its spare folder; the lock goes with the process.

        Raises CorpusError where a sweep is at work.
        """
        try:
            with locked(self.folder, alone=False) as had:
                if had is False:
                    raise CorpusError(
                        f"{self.folder}: found `corpus cache prune` at work on it; wait for its end, or "
                        "build with --no-cache"
                    )
                yield
        finally:
            shutil.rmtree(self.spare, ignore_errors=True)

    def note(self, name: str, text: str) -> None:
        """Note something for the next build; where a disk refuses, nothing is noted."""
        beside = self.folder / f"{_BESIDE}{secrets.token_hex(8)}"
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(self.folder / name)
        except OSError:
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def noted(self, name: str) -> str:
        """Return what was noted under a name, nothing where it cannot be read."""
        try:
            return (self.folder / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    def _keep(self, used: Collection[tuple[str, str]] | None) -> set[tuple[str, str]]:
        """Tell what stays; note it where it is told."""
        if used is None:
            lines = self.noted(_USED).splitlines()
            return {(kind, key) for kind, _, key in (line.partition("/") for line in lines)}
        self.note(_USED, "".join(f"{kind}/{key}\n" for kind, key in sorted(used)))
        return set(used)


def opened(folder: Path) -> Store:
    """Open the store in `folder`. One that is a link or cannot be made raises CorpusError."""
    spare = Path(tempfile.gettempdir(), f"corpus-store-{secrets.token_hex(8)}")
    try:
        if folder.is_symlink() or folder.parent.is_symlink():
            raise CorpusError(f"{folder}: found a link, expected a folder of its own; remove the link")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise CorpusError(
            f"{folder}: found a store that cannot be used ({error}); remove it, or build with --no-cache"
        ) from None
    return Store(folder, spare)


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as Arrow IPC; the same rows give the same bytes."""
    frame.rechunk().write_ipc(path, compression="zstd")


def read_frame(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """Read a frame that `write_frame` wrote, into memory of its own: the file may go."""
    return frame_of(path.read_bytes(), columns)


def frame_of(held: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    """Read a frame from what `write_frame` wrote."""
    import polars as pl

    return pl.read_ipc(io.BytesIO(held), columns=columns)  # a path would be taken for a pattern


def _place(root: Path, kind: str, key: str) -> Path:
    if not (_KIND.fullmatch(kind) and _KEY.fullmatch(key)):
        raise ValueError(f"found {kind!r} and {key!r}; expected a kind in lower case and a key in hex")
    return root / kind / key[:2] / key


def _put(
    root: Path, kind: str, key: str, write: Callable[[Path], None], span: tuple[str, str] | None
) -> Path:
    place = _place(root, kind, key)
    beside = root / kind / f"{_BESIDE}{secrets.token_hex(8)}"
    beside.mkdir(parents=True)
    try:
        write(beside)
        files = {path.name: _facts(path) for path in sorted(beside.iterdir())}
        seal = {"files": files, "span": span}
        (beside / _SEAL).write_text(json.dumps(seal, ensure_ascii=False), encoding="utf-8")
        place.parent.mkdir(exist_ok=True)
        try:
            beside.rename(place)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
            # Another build put it there, or it is damaged: ours is whole, theirs may be in use.
            if not _same(place, files):
                shutil.rmtree(place)
                beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return place


def _facts(path: Path) -> list[object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [path.stat().st_size, digest]


def _seal(place: Path) -> dict[str, list[object]] | None:
    try:
        files = json.loads((place / _SEAL).read_bytes())["files"]
        if all(Path(name).name == name for name in files):  # a name leads nowhere else
            return dict(files)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    shutil.rmtree(place, ignore_errors=True)
    return None


def _span(place: Path) -> tuple[str, str] | None:
    try:
        first, last = json.loads((place / _SEAL).read_bytes())["span"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return str(first), str(last)


def _whole(path: Path, told: list[object] | None) -> bool:
    """Tell whether a file is there as it was sealed; its size tells most that is wrong without reading it."""
    try:
        return (
            told is not None
            and not path.is_symlink()
            and path.stat().st_size == told[0]
            and _facts(path) == told
        )
    except (OSError, IndexError, TypeError):
        return False


def _same(place: Path, files: dict[str, list[object]]) -> bool:
    return _seal(place) == files and all(_whole(place / name, told) for name, told in files.items())


def _results(root: Path) -> Iterator[Path]:
    for kind in sorted(root.iterdir()) if root.is_dir() else ():
        if _KIND.fullmatch(kind.name) and kind.is_dir() and not kind.is_symlink():
            yield from (place for place in sorted(kind.glob("[0-9a-f]*/*")) if _KEY.fullmatch(place.name))
