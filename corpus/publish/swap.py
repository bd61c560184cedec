"""A folder that is whole or not there: written beside, synced to disk, swapped in by one rename.

Where the system can exchange two names in one step (Linux: renameat2 with RENAME_EXCHANGE), there is no
moment without a whole folder. Elsewhere the old one steps aside first. What a crash leaves, and what the next
`replacing` does about it:

| crash | on disk | next start |
|---|---|---|
| while writing | old folder, `NAME.tmp-*` unfinished | removes the unfinished one |
| after the exchange | new folder, `NAME.tmp-*` holds the old | removes the old |
| no exchange: between the renames | no folder, `NAME.old-*` and `NAME.tmp-*` | puts the old one back |
| no exchange: after the second rename | new folder, `NAME.old-*` | removes the old |

Only folders that bear our manifest, or hold nothing else, are ever replaced or removed, and a published one
only where its manifest lists every file in it: a person's notes or a `.git` there would be lost.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from corpus.errors import PublishError
from corpus.folders import locked
from corpus.publish import manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RENAME_EXCHANGE = 2  # linux/fs.h; https://man7.org/linux/man-pages/man2/rename.2.html
_AT_FDCWD = -100  # linux/fcntl.h


@contextmanager
def replacing(to: Path) -> Iterator[Path]:
    """Yield an empty folder beside `to`; when the block ends well, it takes the place of `to`.

    When the block raises, `to` stays as it was and the new folder is removed. Raises PublishError where `to`
    is not a folder of ours, another build is publishing there, or the disk refuses.
    """
    to = to.absolute()
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with _alone(to):
            _recover(to)
            _refuse_strangers(to)
            fresh = to.with_name(f"{to.name}.tmp-{secrets.token_hex(8)}")
            fresh.mkdir()
            try:
                manifest.begin(fresh)
                yield fresh
                _sync_tree(fresh)
                _swap(fresh, to)
            finally:
                _discard(fresh)
    except OSError as error:
        raise PublishError(
            f"{to}: found that the disk refuses ({error.strerror or error}); expected room and permission to "
            "write beside it; the old edition or the new one stands whole; mend that and build again"
        ) from error


@contextmanager
def _alone(to: Path) -> Iterator[None]:
    """Hold the folder's parent for one publisher."""
    with locked(to.parent, alone=True) as had:
        if had is False:
            raise PublishError(
                f"{to}: found another build publishing beside it; expected to be alone; wait for it to end"
            )
        yield


def _recover(to: Path) -> None:
    for old in _leftovers(to, "old"):
        if not to.exists() and _is_whole(old):
            old.rename(to)
            _sync(to.parent)
        else:
            _discard(old)
    for fresh in _leftovers(to, "tmp"):
        _discard(fresh)


def _leftovers(to: Path, kind: str) -> list[Path]:
    """List what bears exactly the name that this module gives: `NAME.out`, though ours, is somebody's."""
    name = re.compile(rf"{re.escape(to.name)}\.{kind}-[0-9a-f]{{16}}")
    return sorted(path for path in to.parent.iterdir() if name.fullmatch(path.name))


def _refuse_strangers(to: Path) -> None:
    if to.is_symlink() or (to.exists() and not (to.is_dir() and _is_ours(to))):
        raise PublishError(
            f"{to}: found something that `corpus build` did not make; expected nothing, an empty folder or a "
            f"published one with its {manifest.MANIFEST}; move it away or choose another folder with --out"
        )
    if to.exists() and any(to.iterdir()) and (names := manifest.strangers(to)):
        raise PublishError(
            f"{to}: found {names[0]!r}, one of {len(names)} files there that `corpus build` did not make; "
            "expected none, since the folder is replaced whole; move them away or choose another with --out"
        )


def _is_ours(folder: Path) -> bool:
    if not any(folder.iterdir()):
        return True
    try:
        manifest.read(folder)
    except PublishError:
        return False
    return True


def _is_whole(folder: Path) -> bool:
    try:
        return bool(manifest.read(folder).get("complete"))
    except PublishError:
        return False


def _discard(folder: Path) -> None:
    """Remove a folder that is of no more use; should that fail, the next start does it."""
    with suppress(OSError):
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder of ours that lies beside the published one; leave anything else alone."""
    if folder.is_symlink() or not folder.is_dir():
        return
    begun = {path.name for path in folder.iterdir()} <= {manifest.MANIFEST, manifest.DRAFT}
    if not begun and not _is_ours(folder):
        return
    # The manifest goes last: what a crash leaves half removed is still known as ours.
    for path in sorted(folder.iterdir(), key=lambda path: path.name == manifest.MANIFEST):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.rmdir()


def _swap(fresh: Path, to: Path) -> None:
    if not to.exists():
        fresh.rename(to)
    elif not _exchange(fresh, to):
        old = to.with_name(f"{to.name}.old-{secrets.token_hex(8)}")
        to.rename(old)
        try:
            fresh.rename(to)
        except OSError:
            old.rename(to)
            raise
        _sync(to.parent)
        _discard(old)
    _sync(to.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:  # a C library before glibc 2.28
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _sync_tree(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
