"""The shape of a manifest, checked before anything it says is used: it may come from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus.publish.versions import is_version
from corpus.records import SPLITS
from corpus.schema.project import TEXT_POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def misshapen(manifest: dict[str, Any]) -> Iterator[str]:
    """Say what in a finished manifest is not of the shape that `corpus build` writes, entry by entry."""
    told: dict[str, Callable[[Any], bool]] = {
        "name": lambda value: _text(value) and value.isprintable(),
        "version": lambda value: _text(value) and is_version(value),
        "digest": _text,
        "files": lambda value: _each(value, _file),
        "tables": lambda value: _each(value, _table) and all(name.isidentifier() for name in value),
        "text": lambda value: value in TEXT_POLICIES,
        "run": lambda value: isinstance(value, dict) and all(map(_count, value.values())),
        "full": lambda value: _full(value, manifest["tables"]) if isinstance(value, dict) else False,
    }
    for name, fits in told.items():
        if name not in manifest and _may_lack(name, manifest):
            continue
        if not fits(manifest.get(name)):
            yield name
            return


def _may_lack(name: str, manifest: dict[str, Any]) -> bool:
    """Whether an entry may be missing: editions of before there were such entries lack them."""
    return name in {"run", "text"} or (name == "full" and manifest.get("text", "full") == "full")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _each(value: object, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict) and fits(each) for each in value.values())


def _file(file: dict[str, Any]) -> bool:
    return _count(file.get("bytes")) and _text(file.get("sha256"))


def _table(table: dict[str, Any]) -> bool:
    splits = table.get("splits")
    whole = _count(table.get("rows")) and _text(table.get("sha256")) and _each(splits, _part)
    return whole and isinstance(splits, dict) and splits.keys() <= set(SPLITS)


def _part(part: dict[str, Any]) -> bool:
    names = part.get("files")
    listed = isinstance(names, list) and all(map(_text, names))
    return listed and _count(part.get("rows")) and _text(part.get("sha256"))


def _full(full: dict[str, Any], tables: dict[str, Any]) -> bool:
    """Whether the digests of the full rows are of just the splits that there are."""
    if full.keys() != tables.keys():
        return False
    return all(
        isinstance(parts, dict)
        and parts.keys() == tables[config]["splits"].keys()
        and all(map(_text, parts.values()))
        for config, parts in full.items()
    )
