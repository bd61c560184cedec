"""published/ -> a dataset repository on the Hub, as one commit and a tag, or not at all.

What the repository holds already is told by digest and not sent again. Large files are sent before the
commit and are addressed by content, so that a push that broke off goes on where it stopped; readers see the
old state until the commit and the new one after it. The tag `v<version>` is set last and never moved.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.publish.integrity import verify
from corpus.publish.versions import Version, is_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# The Hub's own file, in every repository and no part of the dataset.
KEPT_THERE = {".gitattributes"}

_REPO = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*", re.ASCII)


class Plan(NamedTuple):
    """What a push would do, or has done: files by what becomes of them in the repository.

    `parent` is the commit it builds on, None where the repository does not exist. `tagged` says that the
    version's tag stands there already, on just these files. `commit` is the address of the commit made.
    """

    repo: str
    version: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    parent: str | None
    tagged: bool
    commit: str | None = None


def push(folder: Path, repo: str, *, private: bool = False, dry_run: bool = True, api: Any = None) -> Plan:  # noqa: ANN401 - huggingface_hub's HfApi, or a stand-in
    """Bring the dataset repository `repo` on the Hub to what the published `folder` holds.

    A dry run asks the Hub but changes nothing. Raises PublishError for a folder that does not verify, a
    repository that holds something else than a published corpus, a version that stands there with other
    content or has a later one there already, and whatever the Hub refuses. `private` counts where the
    repository is made.
    """
    if not _REPO.fullmatch(repo) or len(repo) > 96:
        raise PublishError(f"found the repository {repo!r}; expected `owner/name` such as `my-lab/corpus`")
    findings = verify(folder)
    if findings:
        raise PublishError(
            f"{folder}: {len(findings)} findings, the first: {findings[0].message}; nothing was pushed; "
            "run `corpus verify`, then `corpus build`"
        )
    try:
        plan = _plan(folder, repo, api or _api())
        return plan if dry_run else _carry_out(plan, folder, api or _api(), private=private)
    except _refusals() as error:
        first_line = str(error).strip().partition("\n")[0]
        raise PublishError(
            f"{repo}: the Hub refused with {type(error).__name__}: {first_line}; what stood there stands; "
            "log in with `hf auth login`, see that the name and your rights are right, and push again"
        ) from None


def _api() -> Any:  # noqa: ANN401 - huggingface_hub's HfApi
    from huggingface_hub import HfApi

    return HfApi(library_name="annotated-corpus")


def _refusals() -> tuple[type[Exception], ...]:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

    # Its parents: OSError, and the error of whichever HTTP library the Hub's client is built on.
    return (*HfHubHTTPError.__bases__, HFValidationError, LocalTokenNotFoundError)


def _plan(folder: Path, repo: str, api: Any) -> Plan:  # noqa: ANN401
    version = manifest.read(folder)["version"]
    here = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    there, parent = _held(repo, api)
    if there is None:
        return Plan(repo, version, tuple(here), (), (), None, tagged=False)
    if there.keys() - KEPT_THERE and manifest.MANIFEST not in there:
        raise PublishError(
            f"{repo}: found {len(there)} files and no {manifest.MANIFEST}; expected an empty repository "
            "or one that `corpus push` wrote, since what is not in the corpus is removed; choose another"
        )
    unchanged = tuple(name for name in here if there.get(name) in _digests(folder / name))
    plan = Plan(
        *(repo, version),
        added=tuple(name for name in here if name not in unchanged),
        removed=tuple(sorted(there.keys() - set(here) - KEPT_THERE)),
        unchanged=unchanged,
        parent=parent,
        tagged=_tagged(folder, repo, version, here, api),
    )
    if plan.tagged and (plan.added or plan.removed):
        raise PublishError(
            f"{repo}: version {version} is tagged there, but a later commit holds other files; "
            "raise `version` in schema/corpus.yaml and build, or push the later version's folder"
        )
    return plan


def _held(repo: str, api: Any, revision: str | None = None) -> tuple[dict[str, str] | None, str | None]:  # noqa: ANN401
    """Files of a repository with their digests as the Hub tells them, and its commit."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        held = api.repo_info(repo, repo_type="dataset", revision=revision, files_metadata=True)
    except RepositoryNotFoundError:
        return None, None
    files = {each.rfilename: each.lfs.sha256 if each.lfs else each.blob_id for each in held.siblings}
    return files, held.sha


def _tagged(folder: Path, repo: str, version: str, here: list[str], api: Any) -> bool:  # noqa: ANN401
    """Whether the version's tag stands on just these files; a tag on others is refused."""
    tags = {tag.name for tag in api.list_repo_refs(repo, repo_type="dataset").tags}
    if f"v{version}" not in tags:
        _refuse_older(repo, version, tags)
        return False
    held = (_held(repo, api, f"v{version}")[0] or {}).items()
    files = {name: digest for name, digest in held if name not in KEPT_THERE}
    if files.keys() != set(here) or any(files[name] not in _digests(folder / name) for name in here):
        raise PublishError(
            f"{repo}: version {version} was pushed before with other content; a published version does not "
            "change; raise `version` in schema/corpus.yaml, build and push again"
        )
    return True


def _refuse_older(repo: str, version: str, tags: Iterable[str]) -> None:
    """Refuse a version that comes before one that is tagged there: whoever reads the newest would lose it."""
    there = (Version.read(tag[1:]) for tag in tags if tag.startswith("v") and is_version(tag[1:]))
    newest = max(there, key=lambda each: each.rank, default=None)
    if newest and Version.read(version).rank < newest.rank:
        raise PublishError(
            f"{repo}: found version {newest} there, which is later than {version}; expected a later version "
            "than every one there; push the newest edition, or a corrected one under a version above it"
        )


def _digests(path: Path) -> tuple[str, str]:
    """A file's digests as the Hub tells them: SHA-256 of a large file, git's blob id of a small one."""
    body = path.read_bytes()
    # https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    blob = hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
    return hashlib.sha256(body).hexdigest(), blob


def _carry_out(plan: Plan, folder: Path, api: Any, *, private: bool) -> Plan:  # noqa: ANN401
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    if plan.parent is None:
        api.create_repo(plan.repo, repo_type="dataset", private=private, exist_ok=True)
    commit, revision = None, plan.parent
    if plan.added or plan.removed:
        additions = [CommitOperationAdd(name, folder / name) for name in plan.added]
        api.preupload_lfs_files(plan.repo, additions, repo_type="dataset")
        made = api.create_commit(
            plan.repo,
            [*additions, *(CommitOperationDelete(name) for name in plan.removed)],
            commit_message=f"Publish version {plan.version}",
            repo_type="dataset",
            parent_commit=plan.parent,
        )
        commit, revision = str(made.commit_url), made.oid
    if not plan.tagged:
        api.create_tag(plan.repo, tag=f"v{plan.version}", revision=revision, repo_type="dataset")
    return plan._replace(commit=commit, tagged=True)
