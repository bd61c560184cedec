"""What this package is made of, as a digest: the version of a result that depends on code."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import unicodedata
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PACKAGE = Path(__file__).parent
_NO_CODE = frozenset({".md", ".pyc"})


def digest(libraries: Iterable[str], parts: Iterable[str] = (".",)) -> str:
    """Return a digest of files and folders of this package, of libraries, of Python and of the machine.

    The tables of Unicode decide what is a letter; the machine, how floating-point sums round.

    >>> digest(["numpy"], ["records.py"]) == digest(["numpy"], ["errors.py"])
    False
    """
    told = [
        [file.relative_to(_PACKAGE).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()]
        for part in parts
        for file in _files(_PACKAGE / part)
    ]
    told += [[name, _version(name)] for name in libraries]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    told.append([python, unicodedata.unidata_version, platform.machine(), sys.byteorder])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = [file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix not in _NO_CODE]
    if not found:
        raise FileNotFoundError(f"{path}: found no such part of the package")
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
