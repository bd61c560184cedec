"""published/ at an address: whole editions side by side, and one small file that names the one to read.

| key below the address | what |
|---|---|
| `LATEST.json` | which edition stands, and which stood before it |
| `<version>-<16 hex digits>/…` | a published folder, byte for byte; the digits are of its SHA256SUMS |

An edition is built and checked on this machine, below the project's `.corpus/`, and sent under its own name,
which no other has: what was sent before a break is not sent again, and what the edition before holds too is
copied where it lies. `LATEST.json` is written last, in one step. So a reader who follows it never meets half
an edition, and one who has begun with the edition before goes on with it. Editions that LATEST.json does not
name are removed when they are a day old; nothing else there is touched. Where a page was forgotten since, all
editions before go at once.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import CorpusError, PublishError
from corpus.folders import FOLDER
from corpus.log import tell
from corpus.publish import manifest
from corpus.publish.integrity import verify
from corpus.remote import RemotePath, files, reached

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from corpus.records import Finding

LATEST = "LATEST.json"
FORMAT = "corpus-editions"

KEPT_SECONDS = 24 * 3600
"""How long an edition that is not named any more is left to those who read it, or are sending it."""

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,80}-[0-9a-f]{16}")
_BUILDS = FOLDER / "editions"


class Standing(NamedTuple):
    """What LATEST.json says: the edition that stands, and the one before it."""

    edition: str | None = None
    before: str | None = None


class Stage(NamedTuple):
    """A folder of this machine to publish in before it is sent, and what stood at the address then."""

    folder: Path
    stood: Standing


@contextmanager
def staged(to: RemotePath, root: Path) -> Iterator[Stage]:
    """Yield the stage of an address in the project at `root`: it holds the edition that stands there.

    That is fetched where it is not here, since a new edition is held against it. Raises CorpusError where the
    address cannot be reached, or holds a LATEST.json of somebody else.
    """
    stood = standing(to)
    folder = root / _BUILDS / _stage_name(to) / "published"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        (root / _BUILDS.parts[0] / ".gitignore").write_text("*\n", "utf-8")
        here = _name(folder) if (folder / manifest.SUMS).is_file() else None
        if here != stood.edition:
            shutil.rmtree(folder, ignore_errors=True)
            if stood.edition:
                with _fetched(to / stood.edition, folder.parent) as fetched:
                    fetched.rename(folder)
    except OSError as error:
        raise PublishError(
            f"{folder}: found that the disk refuses ({error.strerror or error}); make room there; "
            f"what stands at {to} still stands"
        ) from None
    yield Stage(folder, stood)


def send(stage: Stage, to: RemotePath) -> RemotePath:
    """Send the edition in a stage, name it in LATEST.json, and return where it lies.

    Raises CorpusError where the address refuses, or somebody else published there since: what stood there
    stands.
    """
    name = _name(stage.folder)
    if name == stage.stood.edition:
        return to / name
    there = {each: told.st_size for each, told in _there(to).items() if each.startswith(f"{name}/")}
    known = _digests(to, stage.stood.edition)
    listed = _sums(stage.folder)
    for each, digest in sorted(listed.items()):
        path, target = stage.folder / each, f"{to}/{name}/{each}"
        if there.get(f"{name}/{each}") == path.stat().st_size:
            continue
        if digest in known:
            reached(to, "cp_file", known[digest], target)
        else:
            reached(to, "put_file", str(path), target)
        tell("sent", name=each, bytes=path.stat().st_size, copied=digest in known)
    reached(to, "put_file", str(stage.folder / manifest.SUMS), f"{to}/{name}/{manifest.SUMS}")
    if standing(to) != stage.stood:
        raise PublishError(
            f"{to}: found that another build published there meanwhile; expected what stood there at the "
            "start; that edition stands; build again to be checked against it"
        )
    forgets = _forgets(stage, to)
    before = None if forgets else stage.stood.edition
    told = {"format": FORMAT, "edition": name, "before": before}
    reached(to, "pipe_file", f"{to}/{LATEST}", f"{json.dumps(told, indent=2)}\n".encode())
    if forgets:
        _tidy(to, {name}, 0)
    with suppress(CorpusError):  # what is left is in nobody's way, and the next build tries again
        _tidy(to, {name, before}, KEPT_SECONDS)
    return to / name


def _forgets(stage: Stage, to: RemotePath) -> bool:
    """Whether a page was forgotten since the edition that stands, so that no older one may stay."""
    if stage.stood.edition is None:
        return False
    stood = json.loads(reached(to, "cat_file", f"{to}/{stage.stood.edition}/{manifest.MANIFEST}"))
    return bool(set(manifest.read(stage.folder)["forgotten"]) - set(stood.get("forgotten", ())))


def standing(to: RemotePath) -> Standing:
    """Read which edition stands at an address; none where nothing does.

    Raises CorpusError where the address cannot be reached or holds a LATEST.json that is not ours.
    """
    try:
        if not reached(to, "exists", f"{to}/{LATEST}"):
            return _nothing(to)
        return _named(json.loads(reached(to, "cat_file", f"{to}/{LATEST}")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishError(
            f"{to}/{LATEST}: found something that `corpus build` did not write ({error}); expected nothing "
            "or the name of an edition; choose another address"
        ) from None


def _named(told: dict[str, Any]) -> Standing:
    names = told["edition"], told["before"]
    if told["format"] != FORMAT or not all(_NAME.fullmatch(each) for each in names if each is not None):
        raise ValueError("another format")
    return Standing(*names)


def _nothing(to: RemotePath) -> Standing:
    """See that something could be written at an address where nothing stands, before any work is done."""
    bucket = f"{to.parts[0]}//{to.parts[1]}"
    if not reached(to, "exists", bucket):
        raise PublishError(
            f"{to}: found no bucket or folder {bucket}; make it, or see that the name is right"
        )
    return Standing()


def verify_at(address: RemotePath) -> tuple[tuple[Finding, ...], dict[str, Any]]:
    """Check the edition that stands at an address, or the published folder that lies there; and its manifest.

    It is fetched into a temporary folder for that. Raises CorpusError where it cannot be.
    """
    edition = standing(address).edition
    with (
        tempfile.TemporaryDirectory() as folder,
        _fetched(address / edition if edition else address, Path(folder)) as at,
    ):
        return verify(at), manifest.read(at)


@contextmanager
def _fetched(there: RemotePath, below: Path) -> Iterator[Path]:
    """Fetch a folder to a temporary one below `below`, removed at the end if it is still there."""
    folder = Path(tempfile.mkdtemp(prefix="fetched-", dir=below))
    try:
        for name, _ in files(there):
            if not _is_plain(name):
                raise PublishError(
                    f"{there}: found the name {name[:80]!r}, which could lead anywhere; expected the files "
                    "of a published folder; nothing of it was fetched"
                )
            to = folder / name
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                with (there / name).open() as source, to.open("xb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            except OSError as error:
                raise PublishError(
                    f"{there}: found that {name} cannot be fetched ({error.strerror or error}); expected a "
                    "whole edition; see network, rights and disk, and run again"
                ) from None
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_plain(name: str) -> bool:
    """Whether a name from elsewhere stays below the folder that it is put in."""
    return name.isprintable() and "\\" not in name and not {"", ".", ".."} & set(name.split("/"))


def _name(folder: Path) -> str:
    """Return what the edition in a published folder is called."""
    digest = manifest.sha256(folder / manifest.SUMS)
    return f"{manifest.read(folder)['version']}-{digest[:16]}"


def _sums(folder: Path) -> dict[str, str]:
    lines = (folder / manifest.SUMS).read_text("utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _digests(to: RemotePath, edition: str | None) -> dict[str, str]:
    """Return where the files of an edition lie, by their SHA-256."""
    if edition is None:
        return {}
    text = reached(to, "cat_file", f"{to}/{edition}/{manifest.SUMS}").decode("utf-8", "replace")
    lines = (line.partition("  ") for line in text.splitlines())
    return {digest: f"{to}/{edition}/{name}" for digest, _, name in lines if _is_plain(name)}


def _there(to: RemotePath) -> dict[str, os.stat_result]:
    try:
        return dict(files(to))
    except CorpusError:  # nothing yet
        return {}


def _tidy(to: RemotePath, named: set[str | None], seconds: int) -> None:
    """Remove editions that are not named and have not changed for so long."""
    editions: dict[str, list[tuple[str, os.stat_result]]] = {}
    for name, told in files(to):
        first, _, rest = name.partition("/")
        if rest and _NAME.fullmatch(first) and first not in named:
            editions.setdefault(first, []).append((name, told))
    for held in editions.values():
        if max(told.st_mtime for _, told in held) <= time.time() - seconds:
            reached(to, "rm", [f"{to}/{name}" for name, _ in held])


def _stage_name(to: RemotePath) -> str:
    return hashlib.sha256(str(to).encode()).hexdigest()[:16]
