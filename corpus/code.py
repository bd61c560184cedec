"""What this package is made of, as a digest: the version of a result that depends on code."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PACKAGE = os.path.dirname(__file__)  # noqa: PTH120 - as all of this module: run at every start, over all files
_NO_CODE = (".md", ".pyc")


def digest(libraries: Iterable[str], parts: Iterable[str] = (".",)) -> str:
    """Return a digest of files and folders of this package, of libraries, of Python and of the machine.

    The tables of Unicode decide what is a letter; the machine, how floating-point sums round. A file is read
    once a process: what was loaded is what was there first.

    >>> digest(["numpy"], ["records.py"]) == digest(["numpy"], ["errors.py"])
    False
    """
    told = [[name, _sha256(name)] for part in parts for name in _files(part)]
    told += [[name, _version(name)] for name in libraries]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    told.append([python, unicodedata.unidata_version, _machine(), sys.byteorder])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


@cache
def _files(part: str) -> list[str]:
    """Name the files of a part by their paths below the package, sorted."""
    if os.path.isfile(os.path.join(_PACKAGE, part)):  # noqa: PTH113, PTH118
        return [part]
    found = sorted(_below("" if part == "." else f"{part}/"))
    if not found:
        raise FileNotFoundError(f"{_PACKAGE}/{part}: found no such part of the package")
    return found


def _below(folder: str) -> Iterator[str]:
    try:
        with os.scandir(f"{_PACKAGE}/{folder}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(f"{folder}{entry.name}/")
                elif entry.is_file() and not entry.name.endswith(_NO_CODE):
                    yield f"{folder}{entry.name}"
    except FileNotFoundError:
        return


@cache
def _sha256(name: str) -> str:
    with open(f"{_PACKAGE}/{name}", "rb") as file:  # noqa: PTH123
        return hashlib.sha256(file.read()).hexdigest()


def _version(name: str) -> str:
    """Return the version of an installed library, empty where there is none."""
    if found := _installed().get(name):
        return found
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def _installed() -> dict[str, str]:
    """Read the versions of what is installed off the names of the folders that tell of it.

    `importlib.metadata` takes 20 ms to load and 2 for each library, whose whole description it parses. The
    names are of https://packaging.python.org/en/latest/specifications/recording-installed-packages/.
    """
    found: dict[str, str] = {}
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208
        except OSError:  # a zip file, or nothing
            continue
        for name in names:
            stem, _, kind = name.rpartition(".")
            library, _, version = stem.partition("-")
            if kind in {"dist-info", "egg-info"} and version:  # the egg-info of a checkout has none
                found.setdefault(library.lower().replace("_", "-").replace(".", "-"), version)
    return found


def _machine() -> str:
    if hasattr(os, "uname"):
        return os.uname().machine
    import platform

    return platform.machine()
