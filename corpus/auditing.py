"""From a project's folder to its audit: clean and anchor as a build does, join, validate, run the checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.annotations import load
from corpus.audit import (
    Outcome,
    check_names,
    read_baseline,
    read_waivers,
    run,
    view_of,
    write_baseline,
)
from corpus.schema import load_project
from corpus.schema.validate import validate
from corpus.standing import standing, tables

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from corpus.audit import AuditView
    from corpus.records import Finding

    Progress = Callable[[int, int, str], None]


def audit(root: str | os.PathLike[str], today: str | None = None) -> list[Finding]:
    """Audit the corpus project at `root`: what its checks found, but for what waivers and baseline accept.

    `today` (ISO 8601, by default the present day in UTC) decides what lies in the future and which waivers
    have expired. Raises CorpusError only where declarations, waivers or baseline cannot be
    read; pages, lines and rows that are wrong are findings.
    """
    return [each for outcome in outcomes(root, today) for each in outcome.findings]


def outcomes(
    root: str | os.PathLike[str], today: str | None = None, progress: Progress | None = None
) -> list[Outcome]:
    """Audit the project at `root` and tell what became of each check; see `audit`."""
    return run(view(Path(root), today, progress), progress=progress)


def view(root: Path, today: str | None = None, progress: Progress | None = None) -> AuditView:
    """Make the view of the project at `root` that checks look at; nothing is written."""
    project = load_project(root)
    waivers, baseline = read_waivers(root, check_names()), read_baseline(root)
    stand = standing(
        root, project, progress=progress and (lambda done, total, _: progress(done, total, "cleaning"))
    )
    documents, anchored = stand.documents, stand.anchored
    given = tables(stand, project)
    valid, invalid = validate(given)
    admitted = {annotation.annotation_id for annotation, _ in anchored}
    refused = [line for line in load(root)[0] if line.annotation_id not in admitted]
    return view_of(
        given,
        valid,
        documents,
        anchored,
        refused=refused,
        problems=(*stand.findings, *invalid),
        quarantined=stand.quarantined,
        waivers=waivers,
        baseline=baseline,
        today=today,
    )


def tighten(root: Path, found: list[Outcome]) -> tuple[int, int]:
    """Write or tighten the baseline of the project at `root` from its audit: keys held, keys taken out.

    What a check found is in it whether the old baseline accepted it or not; checks that did not run add
    nothing.
    """
    before = read_baseline(root)
    ran = [outcome for outcome in found if outcome.broken is None and outcome.skipped is None]
    now = {(each.check, each.key) for outcome in ran for each in outcome.findings}
    kept = {pair for outcome in found for pair in outcome.accepted}
    unknown = before - {pair for pair in before if pair[0] in {outcome.check for outcome in ran}}
    return write_baseline(root, now | kept | unknown)
