"""The audit: one file a check, each answering with findings; nothing here prints, writes or mends.

A check is a module of this folder whose name has no underscore in front. Its id is the file's name, its
docstring the message in one line and then the long explanation, with an `Example:` and how to `Mend:`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast

from corpus.audit._explain import Explanation, page, section
from corpus.audit._explain import explain as _explain
from corpus.audit._view import AuditView, Found, view_of
from corpus.audit._waivers import read_baseline, read_waivers, write_baseline
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "AuditView",
    "Check",
    "Found",
    "Outcome",
    "audit",
    "check_names",
    "checks",
    "explain",
    "page",
    "read_baseline",
    "read_waivers",
    "run",
    "section",
    "view_of",
    "write_baseline",
]

Level = Literal["error", "warning", "note"]

LAST = ("unmatched_waiver", "mended_baseline")
"""Checks of what the other checks found; they run after them."""


class Check(Protocol):
    """What a check's module has.

    `scope` is `split` where each finding belongs to the split of its document, `corpus` where it concerns the
    corpus as a whole.
    """

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """One line that says what it finds, then why it matters, an `Example:` and how to `Mend:`."""

    @property
    def level(self) -> Level:
        """How bad a finding is."""

    @property
    def scope(self) -> Literal["split", "corpus"]:
        """Whether findings are told by split."""

    def check(self, view: AuditView) -> Iterator[Found]:
        """Yield findings, made by `corpus.audit._view.found`; never changes the view."""


class Outcome(NamedTuple):
    """What a check found; `waived` counts what waivers accept, `accepted` names what the baseline does.

    `broken` says how the check itself failed, `skipped` what it lacks to run here; None where it ran.
    """

    check: str
    level: Level
    findings: tuple[Found, ...]
    waived: int = 0
    accepted: frozenset[tuple[str, str]] = frozenset()
    broken: str | None = None
    skipped: str | None = None


@cache
def check_names() -> tuple[str, ...]:
    """List the ids of all checks, sorted; imports none of them."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")))


@cache
def checks() -> Mapping[str, Check]:
    """Load all checks, by id."""
    return MappingProxyType(
        {name: cast("Check", import_module(f"corpus.audit.{name}")) for name in check_names()}
    )


def explain(name: str) -> Explanation:
    """Explain the check `name`; raises CorpusError that lists the known ones for a name that is none."""
    return _explain(name, checks())


def audit(view: AuditView) -> list[Found]:
    """Run all checks and return what they found, in the order of checks and places."""
    return [each for outcome in run(view) for each in outcome.findings]


def run(
    view: AuditView,
    modules: Mapping[str, Check] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Outcome]:
    """Run checks (all, or `modules` by id) and tell what became of each.

    A check that raises is reported as broken, with a finding at error level, and the others still run; one
    that raises CorpusError lacks something the user can mend, and is skipped with a finding that says so.
    What a waiver or the baseline accepts is counted and left out. `progress` gets checks done, all, and the
    next.
    """
    modules = checks() if modules is None else modules
    ordered = [*(name for name in modules if name not in LAST), *(name for name in LAST if name in modules)]
    splits = view.splits() if "split" in view.given["documents"].columns else {}
    outcomes: dict[str, Outcome] = {}
    seen: dict[tuple[str, str], str] = {}
    for done, name in enumerate(ordered):
        if progress:
            progress(done, len(ordered), name)
        if name in LAST:
            view = replace(view, found=MappingProxyType(seen))
        outcome, met = _run_one(name, modules[name], view, splits)
        outcomes[name] = outcome
        seen |= met if outcome.broken is None and outcome.skipped is None else _of_old(name, view)
    return [outcomes[name] for name in sorted(outcomes)]


def _of_old(name: str, view: AuditView) -> dict[tuple[str, str], str]:
    """What waivers and baseline accept of a check that did not run: nobody knows whether it is mended."""
    known = {pair: "" for pair in view.baseline if pair[0] == name}
    return known | {(each.check, each.key): each.quote or "" for each in view.waivers if each.check == name}


def _run_one(
    name: str, module: Check, view: AuditView, splits: Mapping[str, str]
) -> tuple[Outcome, dict[tuple[str, str], str]]:
    """Run one check; also return the key and surface of everything it found, accepted or not."""
    try:
        made = [_placed(each, module, splits) for each in module.check(view)]
    except CorpusError as error:
        lacking = Found(name, "note", "the check", f"did not run: {error}", "then run the audit again")
        return Outcome(name, "note", (lacking,), skipped=str(error)), {}
    except Exception as error:  # noqa: BLE001 - checks are independent: one that is broken must not stop the rest
        said = f"{type(error).__name__}: {error}"
        message = f"the check itself is broken: {said[:300]}"
        hint = "the other checks ran; report this with the corpus that brings it about"
        return Outcome(name, "error", (Found(name, "error", "the check", message, hint),), broken=said), {}
    held = {
        (each.check, each.key) for each in view.waivers if not (each.expires and each.expires < view.today)
    }
    held -= {(w.check, w.key) for w in view.waivers if w.quote and not _quoted(w.quote, w.key, made)}
    kept, waived, accepted = [], 0, set()
    for each in sorted(set(made), key=_position):
        if (each.check, each.key) in held:
            waived += 1
        elif (each.check, each.key) in view.baseline:
            accepted.add((each.check, each.key))
        else:
            kept.append(each)
    return Outcome(name, module.level, tuple(kept), waived, frozenset(accepted)), {
        (m.check, m.key): m.surface for m in made
    }


def _placed(each: Found, module: Check, splits: Mapping[str, str]) -> Found:
    split = splits.get(each.document_id, each.split) if module.scope == "split" else each.split
    return replace(each, level=module.level, split=split)


def _quoted(quote: str, key: str, made: Iterable[Found]) -> bool:
    return all(each.surface == quote for each in made if each.key == key)


def _position(each: Found) -> tuple[float, str, str, int, int, str, str, str]:
    return (
        -(each.probability or 0.0),
        each.document_id,
        each.paragraph_id,
        -1 if each.start is None else each.start,
        -1 if each.end is None else each.end,
        each.where,
        each.about,
        each.message,
    )
