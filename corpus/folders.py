"""The folders that builds work in: where a project has them, and who holds one."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(".corpus")
"""What a project keeps of its builds, below its root."""


@contextmanager
def locked(folder: Path, *, alone: bool) -> Iterator[bool | None]:
    """Hold a folder with others for as long as it is used, or `alone`; False where others are in the way.

    None where the system has no such locks: then to keep two builds apart is the user's. The lock goes with
    the process, however it ends. Raises OSError where the folder cannot be opened.
    """
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield None
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
