"""A page that no declared source covers.

A source says who published a page and under which licence it may be passed on. A page below no source's
folder has only the project's default licence, which nobody gave it, and no publisher but what it says
itself. Silent for a project that declares no source at all; one finding for each folder.

Example: the pages in `raw/scrap/` were added, and `schema/corpus.yaml` has no source with the path
`scrap`.

Mend: declare the source in `schema/corpus.yaml`, or move the pages below the one they are from.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Count the pages of each folder that no source covers."""
    if not view.project.sources:
        return
    uncovered: defaultdict[str, list[str]] = defaultdict(list)
    for raw_path in view.given["documents"]["raw_path"]:
        if view.project.source_of(raw_path) is None:
            uncovered[PurePosixPath(raw_path).parent.as_posix()].append(raw_path)
    for folder, paths in sorted(uncovered.items()):
        message = f"{len(paths)} pages such as {shown(paths[0])} are below no declared source"
        hint = "declare the source in schema/corpus.yaml"
        yield found(__name__, Place(line=f"raw/{folder}"), message, hint, folder)
