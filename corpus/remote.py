"""Folders that lie elsewhere: an address such as `s3://bucket/prefix`, as a path like any other.

fsspec reaches them; which file systems there are depends on what is installed (`corpus[s3]` for S3 and what
speaks like it). Keys, endpoints and the like come from where the file system's own tools look for them: the
environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` …), `~/.aws`, fsspec's configuration. None is taken from
an address, where it would end up in messages.

Names that others gave to what lies there are never made paths of this machine.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import stat
from datetime import datetime
from functools import cache
from pathlib import Path, PosixPath
from typing import TYPE_CHECKING, Any, Literal

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES = 4 << 20
"""What is fetched at a time of a file."""

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.DOTALL)
_KEPT_AS_PATH = re.compile(r"([a-z][a-z0-9+.-]*):/(?=[^/])")
_EXTRAS = {"s3": "pip install 'annotated-corpus[s3]'", "s3a": "pip install 'annotated-corpus[s3]'"}


class RemotePath(PosixPath):
    """A path below an address. What reads or asks goes to its file system, what counts names stays as it is.

    The size, the time of change and, as the number of its node, the ETag tell a file again.

    >>> place = RemotePath("s3://crawl/2025/a.warc.gz")
    >>> str(place), place.name, place.relative_to(RemotePath("s3://crawl")).as_posix()
    ('s3://crawl/2025/a.warc.gz', 'a.warc.gz', '2025/a.warc.gz')
    """

    __slots__ = ()

    def __str__(self) -> str:
        return _KEPT_AS_PATH.sub(r"\1://", super().__str__(), count=1)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002 - there are no links
        """Ask for size, time of change and ETag; raises OSError."""
        return _stat(_asked(self, "info", str(self)))

    def lstat(self) -> os.stat_result:
        """Do as `stat`."""
        return self.stat()

    def open(self, mode: str = "rb", *_: Any, **__: Any) -> Any:  # noqa: ANN401 - as pathlib
        """Open for reading bytes; raises OSError, also for what goes wrong later."""
        if mode != "rb":
            raise OSError(errno.EROFS, "only reading bytes is possible there", str(self))
        file = _asked(self, "open", str(self), "rb", block_size=BLOCK_BYTES, cache_type="readahead")
        return io.BufferedReader(_Reading(file, str(self)), 1 << 17)

    def is_symlink(self) -> Literal[False]:
        """Tell that it is no link: there are none."""
        return False

    def resolve(self, strict: bool = False) -> RemotePath:  # noqa: ARG002 - as pathlib
        """Return the path itself."""
        return self

    def absolute(self) -> RemotePath:
        """Return the path itself."""
        return self


def located(place: str | os.PathLike[str]) -> Path:
    """Return the path that an address or the name of a folder gives; an address is not asked yet.

    Raises CorpusError for an address that cannot be one, or whose file system is not installed.
    """
    if isinstance(place, Path):
        return place
    address = _ADDRESS.fullmatch(os.fspath(place))
    if address is None:
        return Path(place)
    if address[1] == "file":
        return Path(address[2])
    if os.name != "posix":
        raise CorpusError(f"{place}: addresses can be used on Linux and macOS only; copy the files here")
    if not address[2].strip("/") or "@" in address[2].partition("/")[0]:
        raise CorpusError(
            f"{_hidden(place)}: found no address that can be used; expected one such as s3://bucket/prefix, "
            "with keys and passwords in the environment or ~/.aws"
        )
    _file_system(address[1])
    return RemotePath(place)


def files(root: RemotePath) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every file below an address with its facts, by its name from there on, sorted.

    Raises CorpusError, in a sentence, where that cannot be told: no such bucket, no rights, no network.
    """
    system = _file_system(root.parts[0][:-1])
    try:
        system.invalidate_cache()
        found: dict[str, Any] = system.find(str(root), detail=True)
        if not found and not system.exists(str(root)):
            raise FileNotFoundError(errno.ENOENT, "there is nothing of that name")  # noqa: TRY301 - as below
    except Exception as error:  # noqa: BLE001 - every file system has errors of its own
        raise CorpusError(_unreached(root, error)) from None
    above = f"{system._strip_protocol(str(root)).rstrip('/')}/"  # noqa: SLF001 - fsspec's own name for it
    for key, told in sorted(found.items()):
        if key.startswith(above) and told.get("type") == "file":
            yield key.removeprefix(above), _stat(told)


def reached(root: RemotePath, do: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - what fsspec gives
    """Have its file system do something by the name of its method; raises CorpusError with a sentence."""
    try:
        return getattr(_file_system(root.parts[0][:-1]), do)(*given, **named)
    except Exception as error:  # noqa: BLE001 - every file system has errors of its own
        raise CorpusError(_unreached(root, error)) from None


def replaced(path: RemotePath, body: bytes | None) -> None:
    """Put other bytes in place of a file at an address, or with None remove it; raises CorpusError."""
    name = str(path)
    try:
        system = _file_system(path.parts[0][:-1])
        system.rm_file(name) if body is None else system.pipe_file(name, body)
        system.invalidate_cache()
    except CorpusError:
        raise
    except Exception as error:  # noqa: BLE001 - every file system has errors of its own
        done = "removed" if body is None else "written"
        raise CorpusError(f"{name}: found that it cannot be {done} there ({_line(error)})") from None


@cache
def _file_system(scheme: str) -> Any:  # noqa: ANN401 - fsspec has no types
    import fsspec
    from fsspec.registry import known_implementations

    try:
        return fsspec.filesystem(scheme)
    except Exception as error:  # noqa: BLE001 - every file system has errors of its own
        if isinstance(error, ImportError) or scheme not in known_implementations:
            cure = _EXTRAS.get(scheme, "see fsspec's documentation for the package it needs")
            why = "a package is missing"
        else:
            cure = "see fsspec's documentation for what such an address needs, and its configuration"
            why = "it cannot be opened"
        raise CorpusError(f"{scheme}://: found that {why} ({_line(error)}); {cure}") from None


def _asked(path: RemotePath, do: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401
    try:
        return getattr(_file_system(path.parts[0][:-1]), do)(*given, **named)
    except CorpusError:
        raise
    except Exception as error:  # noqa: BLE001 - every file system has errors of its own
        raise _as_os_error(error, str(path)) from None


def _as_os_error(error: Exception, name: str) -> OSError:
    """Make an OSError with a number of whatever a file system raises, its first line told."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, "there is no such file", name)
    return OSError(errno.EIO, _line(error), name)


def _line(error: Exception) -> str:
    told = str(error).strip().partition("\n")[0][:300]
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


class _Reading(io.RawIOBase):
    """An open file of a file system, whose errors are OSErrors with a number."""

    def __init__(self, file: Any, name: str) -> None:  # noqa: ANN401
        self._file, self._name = file, name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - a buffer
        found = self._do("read", len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._do("seek", offset, whence))

    def tell(self) -> int:
        return int(self._do("tell"))

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _do(self, name: str, *given: Any) -> Any:  # noqa: ANN401
        try:
            return getattr(self._file, name)(*given)
        except Exception as error:  # noqa: BLE001 - every file system has errors of its own
            raise _as_os_error(error, self._name) from None


def _stat(told: dict[str, Any]) -> os.stat_result:
    """Put what a file system tells of a file in the form in which this machine tells of its own."""
    kind = stat.S_IFDIR if told.get("type") == "directory" else stat.S_IFREG
    changed = next((told[name] for name in ("LastModified", "mtime", "created") if told.get(name)), 0)
    seconds = changed.timestamp() if isinstance(changed, datetime) else float(changed)
    etag = next((str(told[name]) for name in ("ETag", "etag", "ino") if told.get(name)), "")
    number = int.from_bytes(hashlib.sha256(etag.encode()).digest()[:6])
    size = int(told.get("size") or 0)
    whole = round(seconds * 10**9)
    return os.stat_result(
        (kind | 0o444, number, 0, 1, 0, 0, size, int(seconds), int(seconds), int(seconds)),
        {"st_mtime_ns": whole, "st_ctime_ns": whole, "st_atime_ns": whole},
    )


def _unreached(root: RemotePath, error: Exception) -> str:
    """Say what was found at an address, expected, and what to do."""
    told = _line(error)
    if isinstance(error, FileNotFoundError):
        why, cure = "no such bucket or folder", "see that the name is right, or make it"
    elif isinstance(error, PermissionError) or "Credential" in told or "Token" in told:
        why, cure = (
            f"no right to it ({told})",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        )
    else:
        why, cure = f"that it does not answer ({told})", "see network and AWS_ENDPOINT_URL, and run again"
    return f"{root}: found {why}; {cure}; nothing was changed"


def _hidden(place: str | os.PathLike[str]) -> str:
    """Leave out what may be a password."""
    return re.sub(r"//[^/@]*@", "//…@", os.fspath(place))
