"""YAML read strictly: every value knows its file and line, and nothing is guessed, shared or run.

Declarations are untrusted input written by people. The file is parsed to nodes, never to Python objects;
anchors and aliases (the "billion laughs" bomb), explicit `!tags`, duplicate keys, more than one document and
deep nesting are refused. Plain words that YAML 1.1 reads as something else (`no`, `1.0`, `2026-01-01`) are
refused where text is expected, because other readers of the file would see `false`, a number or a date.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import yaml

from corpus.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 1_000_000
"""Declarations are written by hand; a larger file is a mistake or an attack."""

MAX_DEPTH = 20
"""PyYAML composes recursively: deeper nesting would end in a RecursionError. Ours is five deep."""

DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
"""A day, as declarations write it."""

_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,17})?", re.ASCII)
"""Not YAML's other spellings of a number: `.inf`, `0x1F`, `1_000`, `1:30` (sexagesimal)."""

_TAG = "tag:yaml.org,2002:"
_KINDS = {
    f"{_TAG}str": "text",
    f"{_TAG}int": "a number",
    f"{_TAG}float": "a number",
    f"{_TAG}bool": "true or false",
    f"{_TAG}null": "nothing",
    f"{_TAG}timestamp": "a date",
    f"{_TAG}seq": "a list",
    f"{_TAG}map": "a mapping",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a declaration: `shown` is the file as messages name it, `place` the dotted path to it."""

    shown: str
    node: yaml.Node
    place: str

    def refuse(self, found: str, expected: str, remedy: str) -> NoReturn:
        """Raise ProjectError in the house's form: where, found, expected, what to do."""
        where = f"{self.shown}:{self.node.start_mark.line + 1}"
        _refuse(f"{where}: {self.place}" if self.place else where, found, expected, remedy)

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Entry]:
        """Return a mapping's entries by key; refuses unknown, duplicate and missing keys and other kinds."""
        if not isinstance(self.node, yaml.MappingNode):
            keys = ", ".join(required or optional)
            self.refuse(_describe(self.node), f"a mapping with {keys}", "write one `key: value` a line")
        known = (*required, *optional)
        entries: dict[str, Entry] = {}
        for key_node, value_node in self.node.value:
            key = Entry(self.shown, key_node, self.place)
            name = key_node.value if isinstance(key_node, yaml.ScalarNode) else _describe(key_node)
            if name in entries:
                line = entries[name].node.start_mark.line + 1
                key.refuse(
                    f"`{name}` a second time (first on line {line})", "each key once", "remove one of them"
                )
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                remedy = f"did you mean `{near[0]}`?" if near else "remove it or correct its name"
                key.refuse(f"the unknown key `{name}`", f"one of {', '.join(known)}", remedy)
            entries[name] = Entry(self.shown, value_node, f"{self.place}.{name}".lstrip("."))
        for name in required:
            if name not in entries:
                self.refuse(f"no `{name}`", f"the keys {', '.join(required)}", f"add a line `{name}: …`")
        return entries

    def entries(self) -> list[Entry]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(_describe(self.node), "a list", "write one `- …` a line")
        return [Entry(self.shown, node, f"{self.place}[{i}]") for i, node in enumerate(self.node.value)]

    def text(self, pattern: re.Pattern[str] | None = None, expected: str = "text") -> str:
        """Return a string that is not blank and, with `pattern`, matches it from end to end."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse(_describe(self.node), expected, "write one value")
        value = str(self.node.value)
        if self.node.tag == f"{_TAG}null" or not value.strip():
            self.refuse("nothing", expected, "write it after the colon")
        if self.node.tag != f"{_TAG}str":
            kind = _KINDS.get(self.node.tag, self.node.tag)
            self.refuse(
                f"the bare word `{value}`, which YAML reads as {kind}",
                expected,
                f"put it in quotes: {json.dumps(value, ensure_ascii=False)}",
            )
        if pattern is not None and not pattern.fullmatch(value):
            self.refuse(f"`{_short(value)}`", expected, "correct it")
        return value.strip()

    def choice(self, names: tuple[str, ...]) -> str:
        """Return one of `names`."""
        value = self.text(expected=f"one of {', '.join(names)}")
        if value not in names:
            near = difflib.get_close_matches(value, names, n=1)
            remedy = f"did you mean `{near[0]}`?" if near else "choose one of them"
            self.refuse(f"`{_short(value)}`", f"one of {', '.join(names)}", remedy)
        return value

    def number(self, low: float, high: float) -> float:
        """Return a finite number from `low` to `high`, both included."""
        expected = f"a number from {low:g} to {high:g}"
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag not in {f"{_TAG}int", f"{_TAG}float"}:
            self.refuse(_describe(self.node), expected, "write a number without quotes")
        value = float(self.node.value) if _DECIMAL.fullmatch(self.node.value) else math.nan
        if not low <= value <= high:
            self.refuse(f"`{self.node.value}`", expected, "correct it")
        return value

    def integer(self) -> int:
        """Return a whole number, zero or more, written in decimal digits."""
        expected = "a whole number, zero or more"
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != f"{_TAG}int":
            self.refuse(_describe(self.node), expected, "write digits without quotes")
        if not (self.node.value.isascii() and self.node.value.isdigit() and len(self.node.value) <= 18):
            self.refuse(f"`{_short(self.node.value)}`", expected, "write at most 18 decimal digits")
        return int(self.node.value)


def read(path: Path, shown: str) -> Entry:
    """Read a YAML file to its root Entry; `shown` is how messages name the file.

    Raises ProjectError for a file that is missing, unreadable, too large, not UTF-8, not YAML, empty, or that
    uses anchors, aliases, explicit tags, several documents or nesting deeper than MAX_DEPTH.
    """
    return parse(read_text(path, shown), shown)


def read_text(path: Path, shown: str) -> str:
    """Read a declaration file as UTF-8 text, at most MAX_BYTES of it; raises ProjectError."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ProjectError(
            f"{shown}: found no such file; expected a declaration of the project; "
            "write it, or start from `corpus init`"
        ) from None
    except OSError as error:
        raise ProjectError(
            f"{shown}: found a file that cannot be read ({error.strerror}); expected a readable text file; "
            "correct its kind or permissions"
        ) from None
    if len(body) > MAX_BYTES:
        raise ProjectError(
            f"{shown}: found more than {MAX_BYTES:,} bytes; expected a short text written by hand; "
            "move data out of schema/"
        )
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{body[error.start]:02x}, which is not UTF-8"
        _refuse(f"{shown}:{line}", found, "UTF-8 text", "save the file as UTF-8")


def parse(text: str, shown: str) -> Entry:
    """Parse YAML text to its root Entry; see `read`.

    >>> parse("languages: [zh, en]", "corpus.yaml").mapping(("languages",))["languages"].entries()[0].text()
    'zh'
    """
    try:
        for line, found in _forbidden(text):
            _refuse(f"{shown}:{line}", found, "plain YAML", "write the value out")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the character U+{ord(str(text[error.position])):04X}"
        _refuse(f"{shown}:{line}", found, "text without control characters", "remove it")
    except yaml.MarkedYAMLError as error:
        _refuse_invalid(text, shown, error)
    if node is None:
        _refuse(f"{shown}:1", "an empty file", "a declaration", "write it, or start from `corpus init`")
    return Entry(shown, node, "")


def _forbidden(text: str) -> Iterator[tuple[int, str]]:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            yield line, f"the alias `*{_short(str(event.anchor))}`"
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            yield line, f"the anchor `&{_short(event.anchor)}`"
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            yield line, f"the explicit tag `{_short(event.tag)}`"
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield line, "a second document"
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            yield line, f"more than {MAX_DEPTH} levels of nesting"


def _refuse_invalid(text: str, shown: str, error: yaml.MarkedYAMLError) -> NoReturn:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark is not None else 0
    lines = text.splitlines() or [""]
    written = lines[min(line, len(lines) - 1)]
    if written[: len(written) - len(written.lstrip())].count("\t"):
        _refuse(f"{shown}:{line + 1}", "a tab in the indentation", "spaces", "replace the tab by two spaces")
    problem = error.problem or "invalid YAML"
    found = f"invalid YAML ({problem}) at `{_short(written.strip())}`"
    remedy = "check indentation, colons and quotes near this line"
    _refuse(f"{shown}:{line + 1}", found, "one `key: value` or `- value` a line", remedy)


def _refuse(where: str, found: str, expected: str, remedy: str) -> NoReturn:
    raise ProjectError(f"{where}: found {found}; expected {expected}; {remedy}")


def _describe(node: yaml.Node) -> str:
    kind = _KINDS.get(node.tag, "something else")
    return f"{kind} (`{_short(str(node.value))}`)" if isinstance(node, yaml.ScalarNode) else kind


def _short(value: str) -> str:
    printable = "".join(c if c.isprintable() else "�" for c in value)
    return printable if len(printable) <= 60 else printable[:59] + "…"
