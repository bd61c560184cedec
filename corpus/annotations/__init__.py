"""Annotations on disk: `annotations/<layer>/<annotator>.jsonl`, and the formats of other tools."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.annotations import native
from corpus.errors import UnreadableError
from corpus.records import Annotation, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_ANNOTATIONS = (".md", ".txt", ".yaml", ".yml")
"""Files of these kinds may lie in `annotations/` (a readme, waivers); they are passed over in silence."""


def load(root: Path) -> tuple[list[Annotation], list[Finding]]:
    """Read every annotation below `root/annotations`; every line or file not as it must be gives a finding.

    Files come sorted by path, lines in their order; a missing folder is an empty one. Whether document, label
    and target are known is not checked here: that takes the documents and the schema.
    """
    annotations: list[Annotation] = []
    findings: list[Finding] = []
    places: dict[str, str] = {}
    for path in _files(root / "annotations"):
        where = path.relative_to(root).as_posix()
        if misplaced := _misplaced(path, root, where):
            findings.append(misplaced)
            continue
        for found in _lines(path, where):
            if isinstance(found, Finding):
                findings.append(found)
            elif earlier := places.get(found.annotation_id):
                findings.append(native.duplicate(found, earlier))
            else:
                places[found.annotation_id] = found.where
                annotations.append(found)
    return annotations, findings


def _files(folder: Path) -> list[Path]:
    """Every file below `folder` that could hold annotations, and links to folders, which are not entered."""
    found: list[Path] = []
    for at, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        found += [Path(at) / name for name in (*links, *names)]
    return sorted(path for path in found if path.name[0] != "." and path.suffix not in NOT_ANNOTATIONS)


def _misplaced(path: Path, root: Path, where: str) -> Finding | None:
    """Why a path below `annotations/` is not read; None where it is a file of annotations in its place."""
    folders = path.relative_to(root / "annotations").parts[:-1]
    try:
        inside = path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        message = "a link that is broken or leads out of the project; it was not read"
        return Finding("annotation-file", "error", where, message, "put the file itself here")
    if not path.is_file():
        message = "not a file; expected annotations/<layer>/<annotator>.jsonl"
        return Finding("annotation-file", "error", where, message, "put the files themselves here")
    if path.suffix != ".jsonl":
        message = f"not read: the name ends in {path.suffix or 'nothing'!r}; annotations end in .jsonl"
        hint = "an export of another tool comes in by `corpus import`; else move the file away"
        return Finding("annotation-file", "warning", where, message, hint)
    if len(folders) != 1 or folders[0] not in native.LAYERS:
        known = ", ".join(native.LAYERS)
        message = f"not read: expected annotations/<layer>/<annotator>.jsonl, the layer one of {known}"
        return Finding("annotation-file", "error", where, message, "move the file")
    if not native.ANNOTATOR.fullmatch(path.stem):
        message = f"not read: {path.stem!r} cannot be an annotator's name"
        return Finding(
            "annotation-file", "error", where, message, "use letters, digits, and . _ @ + - inside"
        )
    return None


def _lines(path: Path, where: str) -> Iterator[Annotation | Finding]:
    try:
        yield from native.read(path, where)
    except UnreadableError as error:
        yield Finding("annotation-file", "error", where, str(error), "check its permissions")
