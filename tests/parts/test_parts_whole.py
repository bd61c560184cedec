"""The tables made by parts, out of the cache and the store, are those that are made in memory."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from corpus import raw
from corpus.annotations import load
from corpus.cleaning_run import Run, list_all
from corpus.join import admit
from corpus.parts import deciding, lines, making
from corpus.parts.workspace import workspace
from corpus.schema import FLAT, frame, load_project
from corpus.standing import standing, tables

SOURCES = """sources:
  - {name: harbour, path: harbour, publisher: 港口日报, licence: CC0-1.0}
  - {name: inner, path: harbour/inner, publisher: 内港周刊}
  - {name: one, path: single.html, publisher: 单页}
"""
WORDS = "码头货轮仓库港口船员灯塔海风清晨渔网市场谷物机器工人计划时间城市道路河流桥梁学校医生老师孩子春天"
LINES = ("本栏目每周更新，欢迎把您身边的故事告诉我们。", "扫码关注我们的公众号，每天早上收到消息。")


def _sentence(seed, length):
    drawn = hashlib.blake2b(str(seed).encode(), digest_size=64).digest()
    return "".join(WORDS[byte % len(WORDS)] for byte in drawn[:length]) + "。"


def _body(number, recurring):
    told = [_sentence((number, at), 30 + at) for at in range(3)]
    return "".join(f"<p>{each}</p>" for each in (*told, *(LINES[at] for at in recurring)))


pages = st.lists(
    st.tuples(
        st.sampled_from(["harbour", "harbour/inner", "harbour/inner more", "other", "."]),
        st.integers(0, 8),  # what it says: the same number is a repost
        st.sets(st.integers(0, 1)),  # lines that may recur
        st.sampled_from(["page", "empty", "twice"]),
    ),
    min_size=1,
    max_size=14,
)
remarks = st.lists(
    st.tuples(
        st.integers(0, 13),
        st.integers(0, 3),
        st.sampled_from(["gold", "a1", "a2"]),
        st.sampled_from(["entity", "stance", "gone"]),
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A new project without pages."""
    from corpus.cli import main

    root = tmp_path_factory.mktemp("parts") / "project"
    with pytest.raises(SystemExit):
        main(["init", str(root)])
    shutil.rmtree(root / "raw")
    (root / "raw").mkdir()
    path = root / "schema/corpus.yaml"
    declared = path.read_text("utf-8")
    start = declared.index("sources:")
    end = (
        start
        + 1
        + next(
            (
                at
                for at in range(start + 1, len(declared))
                if declared[at - 1] == "\n" and declared[at].isalpha()
            ),
            len(declared),
        )
        - start
        - 1
    )
    path.write_text(declared[:start] + SOURCES + declared[end:], "utf-8")
    return root


def _write(root, drawn):
    records = []
    for at, (folder, number, recurring, kind) in enumerate(drawn):
        body = f"<title>第{number}条</title><article>{_body(number, recurring)}</article>"
        path = root / "raw" / folder / f"p{at}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if kind == "empty" else body, "utf-8")
        if kind == "twice":
            records.append(json.dumps({"html": body, "id": str(at)}, ensure_ascii=False))
    if records:
        (root / "raw/harbour").mkdir(exist_ok=True)
        (root / "raw/harbour/many.jsonl").write_text("\n".join(["{not json", *records]), "utf-8")
    (root / "raw/single.html").write_text(f"<article>{_body(99, ())}</article>", "utf-8")


def _annotate(root, drawn, told):
    files = {}
    for number, (at, paragraph, annotator, kind) in enumerate(told):
        folder, said, _, _ = drawn[at % len(drawn)]
        document_id = f"{'' if folder == '.' else f'{folder}/'}p{at % len(drawn)}"
        text = _sentence((said, min(paragraph, 2)), 30 + min(paragraph, 2))
        layer = "stance" if kind == "stance" else "entity"
        line = {
            "id": f"n{number}", "document_id": document_id, "layer": layer,
            "label": "favor" if layer == "stance" else "ORG",
            "target": "my-target" if layer == "stance" else None,
            "quote": {
                "exact": "不在这里" if kind == "gone" else text if layer == "stance" else text[3:7],
                "prefix": "" if kind != "entity" else text[:3], "suffix": "",
            },
            "raw": {"sha256": "0" * 64, "start": 0, "end": 4},
            "annotator": annotator, "guideline": "1.0", "created_at": "2025-03-05T08:00:00Z", "note": None,
        }  # fmt: skip
        files.setdefault(f"annotations/{layer}/{annotator}.jsonl", []).append(json.dumps(line))
    for name, written in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("".join(f"{each}\n" for each in written), "utf-8")


def _by_parts(root, project, average, *, cache=True):
    """All parts' tables, laid one after another, with all that was set aside."""
    with workspace(root, root / "published", cache=cache) as work:
        run = Run("local", 1)
        quarantined = list_all(root / "raw", run, work.kept, work.listing)
        work.keep_list()
        index = making.index(work.listing, project)
        quarantined += index.refused
        bench = work.bench()
        cut = making.pieces(work, bench, index, run, average)
        annotations, _ = load(root)
        known = {raw.document_id(each.raw_path, each.record_id) for each in quarantined}
        admitted, _ = admit(annotations, known.union(index.ids), project)
        placed = making.place(work, bench, index, cut, admitted=admitted, run=run)
        parts = list(deciding.parts(work, index, cut, placed, project))
        copies = deciding.copies_of_forgotten(work.store, cut, project)
        loaded = [part.load() for part in parts]
    made = {name: pl.concat([frame(name), *(each[name] for each in loaded)]) for name in FLAT}
    return made, quarantined, placed.anchored, copies, parts


def _same(root, average):
    project = load_project(root)
    stand = standing(root, project, 1)
    wanted = tables(stand, project).tables
    made, quarantined, anchored, copies, parts = _by_parts(root, project, average)
    for name in FLAT:
        one_after_another = name not in {"entities", "annotations"}  # which are sorted by ids of their own
        found = made[name] if one_after_another else made[name].sort(FLAT[name].key)
        assert_frame_equal(found, wanted[name])
    assert sorted(quarantined, key=repr) == sorted(stand.quarantined, key=repr)
    assert anchored == stand.anchored
    assert set(copies) == {each for each in stand.findings if each.check == "copy-of-forgotten"}
    return parts


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pages, remarks, st.sampled_from([1, 2, 64]))
def test_the_tables_made_by_parts_are_those_made_in_memory(blank, drawn, told, average):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        shutil.copytree(blank, root)
        _write(root, drawn)
        _annotate(root, drawn, told)
        _same(root, average)
        # Then one page goes and another changes: what is left of the first time must not show.
        first = sorted((root / "raw").rglob("p*.html"))
        first[0].unlink()
        first[-1].write_text(f"<article>{_body(77, {0})}</article>", "utf-8") if len(first) > 1 else None
        _same(root, average)


@pytest.fixture
def harbour(blank, tmp_path):
    """A project of 24 pages in two sources, one of which has lines that recur, cut after every other page."""
    root = tmp_path / "project"
    shutil.copytree(blank, root)
    drawn = [("harbour" if at % 2 else "other", at, {0} if at % 2 else set(), "page") for at in range(24)]
    _write(root, drawn)
    _annotate(root, drawn, [(3, 0, "gold", "entity"), (3, 1, "a1", "entity"), (4, 0, "gold", "stance")])
    return root


def test_lines_that_recur_are_dropped_by_parts_too(harbour):
    _same(harbour, 2)
    made, *_ = _by_parts(harbour, load_project(harbour), 2)
    assert made["blocks"].filter(pl.col("rule") == "recurring").height == 12


def test_forgotten_pages_are_set_aside_and_their_copies_named(harbour):
    body = (harbour / "raw/other/p0.html").read_bytes()
    from corpus.rights import forget

    shutil.copy(harbour / "raw/other/p0.html", harbour / "raw/other/same.html")
    (harbour / "raw/other/longer.html").write_bytes(body.replace(b"</article>", b"<p>x</p></article>"))
    _same(harbour, 2)
    forget(harbour, "other/p0", "asked for", "2026-01-01", write=True)
    _same(harbour, 2)
    project = load_project(harbour)
    *_, copies, _ = _by_parts(harbour, project, 2)
    assert {each.where.partition("#")[0] for each in copies} == {"other/longer"}


def _keys(root):
    return {part.document_ids: part.key for part in _by_parts(root, load_project(root), 2)[-1]}


def test_a_changed_page_changes_its_own_part_alone(harbour):
    before = _keys(harbour)
    (harbour / "raw/other/p8.html").write_text(f"<article>{_body(55, ())}</article>", "utf-8")
    after = _keys(harbour)
    assert [ids for ids in before if before[ids] != after[ids]] == [
        ids for ids in before if "other/p8" in ids
    ]


def test_a_changed_annotation_changes_its_own_part_alone(harbour):
    before = _keys(harbour)
    path = harbour / "annotations/entity/gold.jsonl"
    path.write_text(path.read_text("utf-8").replace("ORG", "PER"), "utf-8")
    after = _keys(harbour)
    assert [ids for ids in before if before[ids] != after[ids]] == [
        ids for ids in before if "harbour/p3" in ids
    ]


def test_an_annotation_line_that_only_moves_in_its_file_changes_nothing(harbour):
    before = _keys(harbour)
    path = harbour / "annotations/entity/gold.jsonl"
    path.write_text("\n\n" + path.read_text("utf-8"), "utf-8")
    assert _keys(harbour) == before


def test_a_page_that_comes_or_goes_leaves_the_other_parts_as_they_were(harbour):
    before = _keys(harbour)
    (harbour / "raw/other/p8.html").unlink()
    (harbour / "raw/other/p9a.html").write_text(f"<article>{_body(56, ())}</article>", "utf-8")
    after = _keys(harbour)
    assert len(set(before.values()) & set(after.values())) >= len(before) - 4


def test_lines_are_counted_the_same_with_any_memory(harbour):
    project = load_project(harbour)
    with workspace(harbour, harbour / "published", cache=False) as work:
        list_all(harbour / "raw", Run("local", 1), work.kept, work.listing)
        listed = list(work.listing.lines())
    assert len(listed) == 25
    import numpy as np

    sources = np.array([name.startswith("harbour") for name, _ in listed], np.int32)
    found = [lines.hits(lambda: iter(listed), sources, memory) for memory in (1 << 30, 3000, 500)]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 12
    assert project.sources


def test_annotations_stand_where_they_stand_in_memory(harbour):
    made, _, anchored, *_ = _by_parts(harbour, load_project(harbour), 2)
    assert [each.anchor is not None for each in anchored] == [True, True, True]
    assert [made[name].height for name in ("entities", "stances", "annotations")] == [1, 1, 1]
