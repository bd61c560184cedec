"""The reference corpus itself: out to every tool and back is the identity."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.annotating import standing_of
from corpus.annotations import FORMATS, Given, export, format_named, import_, native

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def standing():
    if not any((ROOT / "annotations").rglob("*.jsonl")):
        pytest.skip("the reference corpus has no annotations yet")
    return standing_of(ROOT)


@pytest.mark.parametrize("name", [n for n in FORMATS if n != "spacy"])
def test_the_whole_reference_corpus_survives_the_way_out_and_back(name, standing, tmp_path):
    if name.startswith("cas"):
        pytest.importorskip("cassis")
    rows = [each.annotation for each in standing.anchored if each.anchor]
    anchors = {each.annotation.annotation_id: each.anchor for each in standing.anchored if each.anchor}
    paths, lost = export(name, standing.documents, rows, tmp_path, anchors)
    given = Given("a1", created_at="2030-01-01T00:00:00Z")
    back, findings = import_(
        name, [p for p in paths if p.name != "TypeSystem.xml"], standing.documents, given
    )
    assert [f for f in findings if f.level == "error"] == []
    if "carried" in format_named(name).holds:
        # That no mention is there is gold's alone to say: other tools hold mentions, and the export names it.
        mentions = [row for row in rows if not row.is_nothing]
        assert [each.message.split()[1:8] for each in lost] == [
            ["decisions", "that", "no", "mention", "is", "there", "were"]
        ] * (len(mentions) < len(rows))
        assert sorted(map(native.line, back)) == sorted(map(native.line, mentions))
    else:
        unheld = {native.annotation_id(row) for row in rows} - {native.annotation_id(row) for row in back}
        assert len(unheld) <= len(lost)
