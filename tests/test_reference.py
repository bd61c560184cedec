"""The reference corpus: cleaned as its gold says, published as its sources build to, loadable."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from corpus import raw
from corpus.build import build
from corpus.pages import clean_page
from corpus.records import Quarantined

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "tests" / "reference"
IDS = sorted(path.relative_to(GOLD).with_suffix("").as_posix() for path in GOLD.glob("*/**/*.json"))
KNOWN_FAILURES = json.loads((GOLD / "known_failures.json").read_text("utf-8"))


def _cases(what):
    """Every page; those known to fail must go on failing until the list is shortened."""
    known = KNOWN_FAILURES[what]
    return [
        pytest.param(
            name, marks=[pytest.mark.xfail(reason=known[name], strict=True)] if name in known else []
        )
        for name in IDS
    ]


@cache
def _documents():
    files, quarantined = raw.find(ROOT / "raw")
    pages = [page for file in files for page in raw.read(file, ROOT / "raw")]
    assert not quarantined
    assert not [page for page in pages if isinstance(page, Quarantined)]
    return {page.document_id: clean_page(page) for page in pages}


def _gold(document_id):
    return json.loads((GOLD / f"{document_id}.json").read_text("utf-8"))


def _squeezed(text):
    return re.sub(r"\s+", "", text)


def test_every_page_has_gold_cleaning():
    assert sorted(_documents()) == IDS


@pytest.mark.parametrize("document_id", _cases("paragraphs"))
def test_exactly_the_gold_paragraphs_are_kept_in_their_roles(document_id):
    kept = [[each.role, _squeezed(each.text)] for each in _documents()[document_id].paragraphs]
    assert kept == [[role, _squeezed(text)] for role, text in _gold(document_id)["paragraphs"]]


@pytest.mark.parametrize("document_id", _cases("metadata"))
def test_the_metadata_is_what_the_page_says(document_id):
    found = _documents()[document_id].metadata
    gold = _gold(document_id)
    names = ("title", "author", "publisher", "published_at", "url")
    assert {name: fact.value if (fact := getattr(found, name)) else None for name in names} == {
        name: gold[name] for name in names
    }


@pytest.mark.parametrize("document_id", IDS)
def test_blocks_tile_every_page(document_id):
    document = _documents()[document_id]
    pieces = [document.raw[block.raw_start : block.raw_end] for block in document.blocks]
    assert "".join(pieces) == document.raw


def test_the_committed_dataset_is_exactly_what_the_sources_build_to(tmp_path):
    import pyarrow as pa

    report = build(ROOT, tmp_path / "published", workers=1, cache=False)
    assert report.ok, report.findings
    committed, fresh = ROOT / "published", tmp_path / "published"
    names = sorted(path.relative_to(committed).as_posix() for path in committed.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(fresh).as_posix() for path in fresh.rglob("*") if path.is_file())
    if f"pyarrow=={pa.__version__} " in (ROOT / "requirements.lock").read_text("utf-8"):
        differing = [name for name in names if (committed / name).read_bytes() != (fresh / name).read_bytes()]
        assert differing == []
    else:  # another pyarrow writes its own name into every file; the rows must still be the same
        tables = [
            json.loads((folder / "MANIFEST.json").read_text("utf-8"))["tables"]
            for folder in (committed, fresh)
        ]
        assert tables[0] == tables[1]


def test_the_readme_shows_the_baselines_of_the_datasheet():
    tables = [
        re.search(
            r"<!-- table: baselines -->\n(.+?)<!-- /table -->", (ROOT / name).read_text("utf-8"), re.DOTALL
        )
        for name in ("README.md", "DATASHEET.md")
    ]
    assert tables[0]
    assert tables[0][1] == tables[1][1]
