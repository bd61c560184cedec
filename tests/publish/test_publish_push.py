"""Pushing to a stand-in for the Hub, which keeps repositories in memory and checks what it is asked."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.publish.push import push


class Hub:
    """As much of HfApi as a push uses. Large files are those ending in .parquet."""

    def __init__(self, files=None):
        self.commits = [] if files is None else [dict(files)]
        self.tags, self.uploaded, self.calls = {}, set(), []

    def repo_info(self, repo, *, repo_type, revision, files_metadata):
        assert (repo_type, files_metadata) == ("dataset", True)
        if not self.commits:
            from huggingface_hub.errors import RepositoryNotFoundError

            raise RepositoryNotFoundError(
                "no such repository", response=SimpleNamespace(headers={}, request=None)
            )
        number = self.tags[revision] if revision else len(self.commits) - 1
        files = self.commits[number]
        return SimpleNamespace(sha=str(number), siblings=[_sibling(*pair) for pair in files.items()])

    def list_repo_refs(self, repo, *, repo_type):
        return SimpleNamespace(tags=[SimpleNamespace(name=name) for name in self.tags])

    def create_repo(self, repo, *, repo_type, private, exist_ok):
        self.calls.append(("create_repo", private))
        self.commits.append({".gitattributes": b""})

    def preupload_lfs_files(self, repo, additions, *, repo_type):
        self.uploaded |= {each.path_in_repo for each in additions if each.path_in_repo.endswith(".parquet")}

    def create_commit(self, repo, operations, *, commit_message, repo_type, parent_commit):
        assert parent_commit in {None, str(len(self.commits) - 1)}
        files = dict(self.commits[-1])
        for each in operations:
            if hasattr(each, "path_or_fileobj"):
                files[each.path_in_repo] = Path(each.path_or_fileobj).read_bytes()
            else:
                del files[each.path_in_repo]
        self.commits.append(files)
        return SimpleNamespace(
            commit_url=f"https://hub.example/{len(self.commits) - 1}", oid=str(len(self.commits) - 1)
        )

    def create_tag(self, repo, *, tag, revision, repo_type):
        assert tag not in self.tags
        self.tags[tag] = int(revision)


def _sibling(name, body):
    lfs = SimpleNamespace(sha256=hashlib.sha256(body).hexdigest()) if name.endswith(".parquet") else None
    blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
    return SimpleNamespace(rfilename=name, lfs=lfs, blob_id=blob)


def _files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def folder(published, tmp_path):
    return shutil.copytree(published, tmp_path / "published")


def test_a_dry_run_tells_what_would_be_done_and_changes_nothing(folder):
    hub = Hub()
    plan = push(folder, "lab/corpus", api=hub)
    assert set(plan.added) == set(_files(folder))
    assert (hub.commits, hub.tags, plan.parent) == ([], {}, None)


def test_a_push_to_a_new_repository_is_one_commit_and_a_tag(folder):
    hub = Hub()
    plan = push(folder, "lab/corpus", private=True, dry_run=False, api=hub)
    assert hub.calls == [("create_repo", True)]
    assert hub.commits[1:] == [{".gitattributes": b""} | _files(folder)]
    assert hub.tags == {f"v{plan.version}": 1}


def test_large_files_are_sent_before_the_commit(folder):
    hub = Hub()
    push(folder, "lab/corpus", dry_run=False, api=hub)
    assert hub.uploaded == {name for name in _files(folder) if name.endswith(".parquet")}


def test_a_second_push_of_the_same_folder_does_nothing(folder):
    hub = Hub()
    push(folder, "lab/corpus", dry_run=False, api=hub)
    plan = push(folder, "lab/corpus", dry_run=False, api=hub)
    assert (plan.added, plan.removed, plan.commit, len(hub.commits)) == ((), (), None, 2)


def test_a_push_that_broke_off_before_the_tag_sets_it_when_repeated(folder):
    hub = Hub()
    push(folder, "lab/corpus", dry_run=False, api=hub)
    hub.tags.clear()
    plan = push(folder, "lab/corpus", dry_run=False, api=hub)
    assert (hub.tags, len(hub.commits)) == ({f"v{plan.version}": 1}, 2)


def test_files_that_the_corpus_no_longer_has_are_removed_in_the_same_commit(folder):
    old = {".gitattributes": b"", manifest.MANIFEST: b"{}", "paragraphs/old.parquet": b"x"}
    hub = Hub(old)
    plan = push(folder, "lab/corpus", dry_run=False, api=hub)
    assert plan.removed == ("paragraphs/old.parquet",)
    assert hub.commits[-1] == {".gitattributes": b""} | _files(folder)


def test_a_repository_of_something_else_is_refused_and_left_alone(folder):
    hub = Hub({"model.safetensors": b"weights"})
    with pytest.raises(PublishError, match=r"no MANIFEST\.json"):
        push(folder, "lab/model", dry_run=False, api=hub)
    assert len(hub.commits) == 1


def test_a_version_that_was_pushed_with_other_content_is_refused(folder):
    hub = Hub({manifest.MANIFEST: b"{}"})
    hub.tags[f"v{manifest.read(folder)['version']}"] = 0
    with pytest.raises(PublishError, match=r"pushed before with other content; .* raise `version`"):
        push(folder, "lab/corpus", dry_run=False, api=hub)


def test_a_tagged_version_is_not_pushed_over_a_later_one(folder):
    hub = Hub()
    push(folder, "lab/corpus", dry_run=False, api=hub)
    hub.commits.append(hub.commits[-1] | {"README.md": b"later"})
    with pytest.raises(PublishError, match="a later commit holds other files"):
        push(folder, "lab/corpus", dry_run=False, api=hub)


def test_a_folder_that_does_not_verify_is_not_pushed(folder):
    (folder / "README.md").write_text("edited")
    with pytest.raises(PublishError, match="nothing was pushed"):
        push(folder, "lab/corpus", api=Hub())


@pytest.mark.parametrize("repo", ["", "a b", "../x", "a/b/c", "https://hub.example/a", "a" * 97])
def test_a_name_that_is_no_repository_is_refused(folder, repo):
    with pytest.raises(PublishError, match="expected `owner/name`"):
        push(folder, repo, api=Hub())


def test_what_the_hub_refuses_is_one_message(folder):
    class Unreachable(Hub):
        def repo_info(self, *_, **__):
            raise ConnectionError("no route\nto the hub")

    with pytest.raises(PublishError, match="refused with ConnectionError: no route; what stood there stands"):
        push(folder, "lab/corpus", api=Unreachable())


def test_an_older_version_that_was_never_pushed_is_refused_over_a_later_one(folder):
    hub = Hub({manifest.MANIFEST: b"{}"})
    hub.tags["v99.0.0"] = 0
    with pytest.raises(PublishError, match=r"version 99\.0\.0 there, which is later"):
        push(folder, "lab/corpus", dry_run=False, api=hub)
    assert len(hub.commits) == 1


def test_tags_that_are_no_versions_do_not_stand_in_the_way(folder):
    hub = Hub({manifest.MANIFEST: b"{}"})
    hub.tags |= {"vnext": 0, "release": 0, "v0.0.1": 0}
    assert push(folder, "lab/corpus", dry_run=False, api=hub).commit
