"""The manifest tells of the run: pages read, and what was set aside; nothing that differs from run to run."""

import json

import pytest

from corpus.build import build
from corpus.publish.shape import misshapen


def _manifest(project):
    return json.loads((project.root / "published" / "MANIFEST.json").read_text("utf-8"))


def test_the_manifest_counts_pages_and_what_was_set_aside(project):
    project.write("raw/my-source/bad.html", b"%PDF-1.7")
    project.write("raw/odd.xyz", b"?")
    pages = build(project.root, workers=1).documents
    first = _manifest(project)
    assert first["run"] == {"pages": pages, "quarantined": 2}
    build(project.root, workers=1, cache=False)
    assert _manifest(project) == first


@pytest.mark.parametrize("run", [None, [], {"pages": -1}, {"pages": "3"}, {"pages": True}])
def test_counts_of_another_shape_are_named(project, run):
    build(project.root, workers=1)
    assert list(misshapen(_manifest(project))) == []
    assert list(misshapen(_manifest(project) | {"run": run})) == ["run"]
