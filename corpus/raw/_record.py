"""A page as a record of named values: what a line of JSON and a row of Parquet have in common."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableError
from corpus.raw._content import make_page
from corpus.records import Format, Page, Quarantined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXT_KEYS: dict[str, Format | None] = {
    "html": "html",
    "markdown": "markdown",
    "text": "text",
    "content": None,
    "body": None,
}
"""Where the text of a record may stand, the first that is there counts, and the format that says."""

KEYS = (*TEXT_KEYS, "url", "id", "content_type", "fetched_at")
"""All keys that are read."""

_BY_CONTENT_TYPE: dict[str, Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "markdown",
    "text/plain": "text",
}
_SUBTYPES = {"html": "html", "markdown": "markdown", "text": "plain"}
_ID_CHARS = 200
_CHARSET = re.compile(r";?\s*charset\s*=[^;]*", re.IGNORECASE)


def page_of(
    record: Mapping[str, Any], number: int, path: Path, seen: dict[str, int], unit: str
) -> Page | Quarantined:
    """Make a page of a record, the `number`th `unit` (line, row) of its file, counted from 1.

    `seen` holds the ids met so far with their numbers, and gets this one. Raises UnreadableError, with the
    reason, if the record is not sound.
    """
    key = _text_key(record)
    name = str(number) if record.get("id") in {None, ""} else str(record["id"])
    if name in seen:
        raise UnreadableError(f"the id '{name}' was used in {unit} {seen[name]} already")
    seen[name] = number
    said = record.get("content_type") or ""
    form = TEXT_KEYS[key] or _BY_CONTENT_TYPE.get(said.partition(";")[0].strip().lower())
    text = record[key]
    # A lone surrogate, which JSON can write and UTF-8 cannot, stays visible as undecodable bytes.
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        page = make_page(body, path, form, name)
    except UnreadableError as error:
        return Quarantined(path.name, f"{unit} {number}: {error}", name)
    page = replace(page, url=record.get("url"), fetched_at=record.get("fetched_at"))
    if isinstance(text, bytes):
        return replace(page, content_type=said or None)
    # What a server or the page said of its encoding was true of other bytes than these.
    mime = _CHARSET.sub("", said).strip() or f"text/{_SUBTYPES[page.format]}"
    return replace(page, content_type=f"{mime}; charset=utf-8")


def _text_key(record: Mapping[str, Any]) -> str:
    """Return the key that holds a record's text; raises UnreadableError if the record is not sound."""
    key = next((key for key in TEXT_KEYS if record.get(key) is not None), None)
    if key is None:
        found = ", ".join(sorted(record)[:8]) or "none"
        raise UnreadableError(
            f"found no text: expected one of the keys {', '.join(TEXT_KEYS)}; found {found[:200]}"
        )
    if not isinstance(record[key], str | bytes):
        raise UnreadableError(f"found {named(record[key])} under '{key}', expected a string")
    for name in ("url", "content_type", "fetched_at"):
        if not isinstance(record.get(name), str | None):
            raise UnreadableError(f"found {named(record[name])} under '{name}', expected a string")
    given = record.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise UnreadableError(f"found {named(given)} under 'id', expected a string")
    if isinstance(given, str) and (
        len(given) > _ID_CHARS or not given.isprintable() or given != given.strip()
    ):
        raise UnreadableError(f"the id must be one printable line of at most {_ID_CHARS} characters")
    return key


def named(value: object) -> str:
    """Name the kind of a value."""
    return _JSON_NAMES.get(type(value), "a number")


_JSON_NAMES = {str: "a string", list: "a list", dict: "an object", bool: "true or false", type(None): "null"}
