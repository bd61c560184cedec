"""What is kept under a digest of code was made by no other code: imports are followed, name by name.

A name that a definition uses is followed to where it is defined, through modules that hand it on; imports
inside functions count, those for types alone do not. What an object does that is passed in cannot be seen:
its class is then named among the beginnings.
"""

import ast
import sys
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

import corpus
from corpus import code

PACKAGE = Path(corpus.__file__).parent
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Result(NamedTuple):
    """Where what is kept begins to be made (`module:name`), and which digests its key holds.

    `but` are modules that decide nothing of it, each with the reason.
    """

    begins: tuple[str, ...]
    digests: tuple[str, ...]
    but: dict[str, str] = MappingProxyType({})


_LISTED = {"listing": "what the list tells of a page is in the key, or follows from what cleaning it gave"}
CLEANING = ("cleaning_run:code_version",)
PAGES = ("parts.pages:code_version", *CLEANING)
PART = ("parts.whole:code_version", *PAGES)
RESULTS = {
    "cleaned pages": Result(("cleaning_run:Recall", "pages:clean_or_quarantine"), CLEANING),
    "the list of pages": Result(
        ("cleaning_run:_told", "cleaning_run:_Files", "cleaning_run:_list", "pages:CLEANING"),
        ("cleaning_run:reading_version", *CLEANING),
    ),
    "tables of pages": Result(("parts.pages:Making",), PAGES, _LISTED),
    "tables of annotations": Result(
        ("parts.remarks:Anchoring", "parts.remarks:told"),
        ("parts.remarks:code_version", *CLEANING),
        {
            **_LISTED,
            "raw": "the body that is read again is known by its SHA-256, which is in the key",
        },
    ),
    "near-duplicates": Result(("parts.near:clusters",), ("parts.near:_code_version", *PAGES)),
    "pairs that were compared": Result(
        ("duplicates.clustering:cluster", "duplicates.verified:Verified"), ("parts.near:_code_version",)
    ),
    "copies of what was forgotten": Result(
        ("parts.deciding:_copies",), ("parts.deciding:_code_version", *PAGES)
    ),
    "parts": Result(("parts.whole:Loading",), PART),
    "finished parts": Result(
        ("publish.finished:Work", "publish.finished:finish", "publish.finished:trust"),
        ("publish.finished:_code", *PART),
    ),
    "published files": Result(
        ("publish.shards:_Writing", "publish.finished:Piece.table"),
        ("publish.shards:_code",),
    ),
    "digests of published rows": Result(
        ("publish.shards:_digests", "publish.finished:Piece.digests"), ("publish.shards:_code",)
    ),
    "the last build": Result(
        ("build:build",),
        ("last_build:inputs",),
        {"agreement.gamma": "asked for on the command line alone"},
    ),
}
"""What is kept, and under which digests."""

NEVER = {
    "cache": "a store: what it gives is what was put in, or nothing",
    "code": "its digest is the key",
    "engine": "calls what it is given, wherever; a page that breaks is read again by the next build",
    "errors": "carries words that another module chose",
    "folders": "says where a folder lies and who works in it",
    "kept": "looks in one cache after the other",
    "log": "tells of a build, and gives nothing back",
    "parts.mapping": "calls what it is given, in other processes",
}
"""What decides nothing of any result, with what lies below it, and why."""

ALONE = {"corpus.parts.mapping:mapped", "corpus.parts.mapping:_Same"}
"""What asks for a digest to compare nodes, and keeps nothing under it."""


class Module(NamedTuple):
    """A module's definitions by name, its imports by the name they are bound to, and what else it does.

    `later` are imports for types, which a module may hand on when it is asked.
    """

    name: str
    defined: dict[str, list[ast.stmt]]
    imported: dict[str, str]
    later: dict[str, str]
    done: list[ast.stmt]


def _name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _for_types(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _walk(node):
    """Yield a node and all below it but what is there for types alone; of `a.b.c` nothing but the whole."""
    yield node
    if not _chain(node):
        for below in node.orelse if _for_types(node) else ast.iter_child_nodes(node):
            yield from _walk(below)


def _imports(node):
    """Return what imports at or below a node bind, by name."""
    found = {}
    for each in _walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(each, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{each.module}.{alias.name}" for alias in each.names}
    return found


def _bound(node):
    if isinstance(node, DEFINITIONS):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    return []


@cache
def _module(name):
    made = Module(name, {}, {}, {}, [])
    for node in ast.parse(PATHS[name].read_text("utf-8")).body:
        if _for_types(node):
            for each in node.body:
                made.later.update(_imports(each))
            continue
        names = _bound(node)
        for bound in names:
            made.defined.setdefault(bound, []).append(node)
        made.imported.update({} if isinstance(node, DEFINITIONS) else _imports(node))
        if not names and not isinstance(node, ast.Import | ast.ImportFrom):
            made.done.append(node)
    return made


def _resolved(address):
    """Follow a dotted name to where it is defined: (module, name or None for all of it), or a library."""
    if not address.startswith("corpus"):
        return address.split(".")[0], None
    if address in PATHS:
        return address, None
    owner, _, name = address.rpartition(".")
    if owner not in PATHS:
        return _resolved(owner)
    module = _module(owner)
    if name in module.defined:
        return owner, name
    handed_on = module.later if "__getattr__" in module.defined else {}
    found = module.imported.get(name) or handed_on.get(name)
    return _resolved(found) if found else (owner, None)


def _chain(node):
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    return [node.id, *reversed(names)] if read else []


def _used(module, node):
    """Yield what a node of a module uses: (module, name or None), (library, None)."""
    imported = module.imported | _imports(node)
    for each in _walk(node):
        names = _chain(each)
        if names and names[0] in imported:
            address = imported[names[0]]
            inner = names[1:]
            while inner and address in PATHS:
                address, *inner = f"{address}.{inner[0]}", *inner[1:]
            yield _resolved(address)
        elif names and names[0] in module.defined:
            yield module.name, names[0]
        if isinstance(each, ast.Call) and _chain(each.func)[-1:] == ["import_module"]:
            yield from _imported_by_name(module, each.args[0])
        if isinstance(each, ast.Import):
            yield from ((alias.name.split(".")[0], None) for alias in each.names)


def _imported_by_name(module, told):
    if isinstance(told, ast.Constant):
        yield _resolved(told.value)
    else:
        yield from ((name, None) for name in PATHS if name.rpartition(".")[0] == module.name)


def _nodes(module, attribute):
    """Return the nodes that define `name` or `class.name`, or all of a module."""
    name, _, inner = (attribute or "").partition(".")
    found = [node for each, told in module.defined.items() if name in {"", each} for node in told]
    assert found or not name, f"{module.name}: {name} is not defined there"
    return [each for node in found for each in node.body if inner in _bound(each)] if inner else found


def _cut(name, but):
    return any(f"{name}.".startswith(f"corpus.{each}.") for each in but)


def _reached(begins, but):
    """Return the modules and the libraries that definitions use, themselves included, each with its user."""
    todo = [((f"corpus.{begin.partition(':')[0]}", begin.partition(":")[2]), "") for begin in begins]
    seen, modules, libraries = set(), {}, {}
    while todo:
        (name, attribute), by = todo.pop(0)
        if name not in PATHS:
            if name not in sys.stdlib_module_names:
                libraries.setdefault(name, by)
            continue
        if _cut(name, but) or (name, attribute) in seen:
            continue
        seen.add((name, attribute))
        modules.setdefault(name, by)
        module = _module(name)
        nodes = [*module.done, *_nodes(module, attribute)]
        user = f"{name}:{attribute}"
        todo += [(used, user) for node in nodes for used in _used(module, node)]
    return modules, libraries


def _asked(address, monkeypatch):
    """Return the libraries and the files, by their paths, that a function has a digest made of."""
    asked = []

    def digest(libraries, parts=(".",)):
        asked.append((list(libraries), list(parts)))
        raise InterruptedError

    module, _, name = address.partition(":")
    function = getattr(import_module(f"corpus.{module}"), name)
    function = getattr(function, "__wrapped__", function)
    with monkeypatch.context() as patched:
        patched.setattr(code, "digest", digest)
        with pytest.raises(InterruptedError):
            function(*([Path()] if name == "inputs" else []))
    ((libraries, parts),) = asked
    return libraries, [name for part in parts for name in code._files(part)]


def _named(result, monkeypatch):
    asked = [_asked(each, monkeypatch) for each in result.digests]
    return {each for libraries, _ in asked for each in libraries}, {
        each for _, names in asked for each in names
    }


@pytest.mark.parametrize("kept", RESULTS)
def test_a_key_names_every_module_that_decides_what_is_kept_under_it(kept, monkeypatch):
    modules, _ = _reached(RESULTS[kept].begins, {*NEVER, *RESULTS[kept].but})
    _, named = _named(RESULTS[kept], monkeypatch)
    paths = {PATHS[name].relative_to(PACKAGE).as_posix(): by for name, by in modules.items()}
    assert {path: by for path, by in paths.items() if path not in named} == {}


@pytest.mark.parametrize("kept", RESULTS)
def test_a_key_names_every_library_that_decides_what_is_kept_under_it(kept, monkeypatch):
    _, libraries = _reached(RESULTS[kept].begins, {*NEVER, *RESULTS[kept].but})
    named, _ = _named(RESULTS[kept], monkeypatch)
    distributions = packages_distributions()
    names = {distributions.get(library, [library])[0].lower(): by for library, by in libraries.items()}
    assert {name: by for name, by in names.items() if name not in named} == {}


@pytest.mark.parametrize("kept", RESULTS)
def test_what_lies_beside_a_module_that_decides_is_named_with_it(kept, monkeypatch):
    modules, _ = _reached(RESULTS[kept].begins, {*NEVER, *RESULTS[kept].but})
    _, named = _named(RESULTS[kept], monkeypatch)
    beside = {
        path.relative_to(PACKAGE).as_posix()
        for folder in {PATHS[name].parent for name in modules} - {PACKAGE}
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}
    }
    assert beside <= named


def test_every_digest_of_code_that_is_asked_for_is_known_here():
    asked = {
        f"{name}:{bound}"
        for name in PATHS
        for node in ast.walk(ast.parse(PATHS[name].read_text("utf-8")))
        for bound in (_bound(node) if isinstance(node, DEFINITIONS) else [])
        if any(_chain(each) == ["code", "digest"] for each in _walk(node))
    }
    known = {f"corpus.{each}" for result in RESULTS.values() for each in result.digests}
    assert {each for each in asked if not each.endswith(":__call__")} == known | ALONE


def test_what_is_left_out_is_there_and_used():
    left = [{*NEVER, *result.but} for result in RESULTS.values()]
    reached = [_reached(result.begins, {})[0] for result in RESULTS.values()]
    used = [
        {each for each in out if f"corpus.{each}" in there} for out, there in zip(left, reached, strict=True)
    ]
    assert [out - NEVER.keys() - there for out, there in zip(left, used, strict=True)] == [set()] * len(left)
    assert set.union(*used) >= NEVER.keys()


def test_a_digest_of_a_part_that_is_not_there_is_refused():
    with pytest.raises(FileNotFoundError, match="no such part of the package"):
        code.digest([], ["clean", "no-such-file.py"])


def test_imports_inside_functions_and_by_name_are_followed_and_those_for_types_are_not():
    modules, libraries = _reached(["raw:formats", "parts.remarks:Anchoring", "parts.near:key"], {})
    assert {"corpus.raw.warc", "corpus.anchor.quotes"} <= {*modules}
    assert "fastwarc" in libraries
    assert "corpus.duplicates.meeting" not in modules
