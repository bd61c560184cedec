"""A corpus in parts is published as it is whole: the same bytes, the same findings, whatever the cut."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from functools import partial
from itertools import pairwise

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import tables
from corpus.errors import CorpusError, PublishError
from corpus.publish import finish, manifest, nest, parquet, publish, publish_parts, shards, verify
from corpus.schema import FLAT, PUBLISHED, Corpus, frame
from corpus.schema.parts import Part, cut, groups
from corpus.schema.sound import sound
from corpus.schema.validate import validate
from corpus.store import Store, opened

HAN = "港口码头货轮仓库船员灯塔海风清晨渔网市场"
SHEET = "# Datasheet\n\nIt has <!-- figure: characters --><!-- /figure --> characters.\n"
LEAN = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def pages_of(count):
    splits = ("train", "train", "validation", "test")
    return {
        f"site/{number:02}": (
            splits[number % 4],
            [f"{HAN[number % 20]}第{number}页第{place}段。" for place in range(1 + number % 3)],
        )
        for number in range(count)
    }


def annotated(corpus):
    """Add what people said about some pages; ids of annotations are in another order than the pages."""
    texts = corpus.tables["paragraphs"].unique("document_id", keep="first", maintain_order=True)
    when = ("1.0", "2026-11-21T08:00:00Z")
    rows = {"entities": [], "stances": [], "annotations": []}
    for number, (paragraph, page, text) in enumerate(
        texts.select("paragraph_id", "document_id", "text").iter_rows()
    ):
        if number % 3 == 0:
            rows["entities"].append((f"{number % 5}-e{number}", paragraph, page, 0, 2, text[:2], "ORG"))
            vote = (f"{number % 5}-v{number}", "entity", page, paragraph, 0, 2, text[:2], "ORG", None)
            rows["annotations"].append((*vote, "a1", *when, "exact"))
        if number % 2 == 0:
            rows["stances"].append((paragraph, page, "rules", "favor", 0.5))
            vote = (f"{number % 7}-s{number}", "stance", page, paragraph, 0, len(text), text, "none", "rules")
            rows["annotations"].append((*vote, "a2", *when, "exact"))
    made = {name: frame(name, found) for name, found in rows.items()}
    return replace(corpus, tables={**corpus.tables, **made})


@pytest.fixture
def many(build):
    return annotated(build(pages_of(12)))


def recut(corpus, bounds):
    """Cut a corpus before the documents whose numbers are given."""
    (whole,) = cut(corpus, 10**9)
    edges = sorted({0, *bounds, len(whole.document_ids)})
    return [_part(whole, whole.document_ids[start:end]) for start, end in pairwise(edges)]


def _part(whole, ids):
    tables, mine = whole.load(), pl.Series(ids).implode()
    owned = tables["paragraphs"].filter(pl.col("document_id").is_in(mine)).unique("paragraph_id")
    cuts = {
        name: table.filter(pl.col("document_id").is_in(mine))
        if "document_id" in table.columns
        else table.join(owned, on="paragraph_id", how="semi", maintain_order="left")
        for name, table in tables.items()
    }
    return named(Part("", tuple(ids), partial(dict, cuts)))


def named(part):
    """Give a part the key of its content."""
    tables = {name: table.rows() for name, table in part.load().items()}
    return replace(part, key=hashlib.sha256(repr(tables).encode()).hexdigest())


def laid(parts, project):
    """Lay parts one after another."""
    loaded = [part.load() for part in parts]
    return Corpus({name: pl.concat([each[name] for each in loaded]) for name in FLAT}, project)


CUTS = st.sets(st.integers(1, 11))


@pytest.mark.parametrize("text", ["full", "standoff"])
def test_any_cut_publishes_the_same_bytes(many, tmp_path, text):
    corpus = replace(many, project=replace(many.project, text=text))
    publish(corpus, tmp_path / "whole", SHEET)
    expected = contents(tmp_path / "whole")
    store = opened(tmp_path / "store")

    @LEAN
    @given(CUTS)
    def same(bounds):
        finished = finish(recut(corpus, bounds), corpus.project, store)
        publish_parts(finished, corpus.inputs, tmp_path / "parts", SHEET)
        assert contents(tmp_path / "parts") == expected

    same()
    assert verify(tmp_path / "parts") == ()


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_row_groups_hold_the_same_rows_whatever_the_cut(many, tmp_path, monkeypatch, rows):
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", rows)
    monkeypatch.setattr(parquet, "SHARD_ROWS", 2 * rows)
    store = opened(tmp_path / "store")
    for name, bounds in (("one", []), ("some", [2, 3, 7]), ("each", range(1, 12))):
        publish_parts(finish(recut(many, bounds), many.project, store), {}, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "some") == contents(tmp_path / "each")
    assert verify(tmp_path / "one") == ()


@pytest.mark.parametrize("size", [1, 300, 1500])
def test_row_groups_by_bytes_are_the_same_whatever_the_cut(many, tmp_path, monkeypatch, size):
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", size)
    store = opened(tmp_path / "store")
    for name, bounds in (("one", []), ("some", [2, 3, 7]), ("each", range(1, 12))):
        publish_parts(finish(recut(many, bounds), many.project, store), {}, tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "some") == contents(tmp_path / "each")
    counts = pq.read_metadata(tmp_path / "one/paragraphs/train.parquet")
    assert counts.num_row_groups > 1
    assert (counts.num_row_groups == counts.num_rows) == (size == 1)
    assert verify(tmp_path / "one") == ()


def test_rows_of_other_kinds_are_read_with_those_of_the_declared_ones(many, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "SHARD_ROWS", 4)
    publish(many, tmp_path / "p")
    expected = tables.read(tmp_path / "p", "paragraphs")
    first, *rest = sorted((tmp_path / "p/paragraphs").glob("train-*.parquet"))
    rows = pq.read_table(first)
    pq.write_table(rows.set_column(2, "position", rows["position"].cast("int32")), first)
    assert rest
    assert tables.read(tmp_path / "p", "paragraphs").equals(expected)
    first.write_bytes(b"no table")
    with pytest.raises(CorpusError, match="cannot be read as `paragraphs` rows"):
        tables.read(tmp_path / "p", "paragraphs")


def test_the_rows_are_those_of_the_whole_corpus(many, tmp_path):
    publish_parts(
        finish(recut(many, [3, 4, 9]), many.project, opened(tmp_path / "store")), {}, tmp_path / "p"
    )
    for config, splits in nest.nest(many).items():
        for split, rows in splits.items():
            found = pl.read_parquet(tmp_path / "p" / config / f"{split}.parquet", hive_partitioning=False)
            assert found.equals(rows)


DAMAGE = {
    "documents": ("licence", "split", "raw_chars", "duplicate_cluster", "paragraphs", "title"),
    "paragraphs": ("paragraph_id", "document_id", "text", "raw_end", "role"),
    "segments": ("paragraph_id", "start", "raw_end"),
    "blocks": ("document_id", "role", "raw_start", "position"),
    "entities": ("entity_id", "paragraph_id", "document_id", "end", "label"),
    "stances": ("paragraph_id", "document_id", "label", "target"),
    "annotations": ("annotation_id", "paragraph_id", "document_id", "label", "end"),
}


def damaged(corpus, draw):
    """Put a value of another row, or none, in the place of some values."""
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(sorted(DAMAGE)))
        table, column = corpus.tables[name], draw(st.sampled_from(DAMAGE[name]))
        values = table[column].to_list()
        row = draw(st.integers(0, table.height - 1))
        values[row] = draw(st.sampled_from([None, *sorted(set(values) - {None})]))
        table = table.with_columns(pl.Series(column, values, dtype=table.schema[column]))
        corpus = replace(corpus, tables={**corpus.tables, name: table})
    return corpus


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_cut_has_the_findings_and_counts_of_the_whole(many, tmp_path_factory, data):
    corpus = damaged(many, data.draw)
    parts = [named(part) for average in (data.draw(st.integers(1, 6)),) for part in cut(corpus, average)]
    together = laid(parts, corpus.project)
    good, findings = validate(together)
    found = finish(parts, corpus.project, opened(tmp_path_factory.mktemp("store")))
    assert found.findings == findings
    assert (found.documents, found.paragraphs) == (
        good.tables["documents"].height,
        good.tables["paragraphs"].height,
    )
    assert found.raw_chars == together.tables["documents"]["raw_chars"].sum()
    blocks = together.tables["blocks"]
    assert sum(found.ledger.values()) == (blocks["raw_end"] - blocks["raw_start"]).sum()


@LEAN
@given(data=st.data())
def test_tables_are_sound_where_validation_finds_nothing(many, data):
    corpus = damaged(many, data.draw)
    assert sound(corpus.tables, corpus.project) == (validate(corpus)[1] == ())


def test_tables_of_other_columns_are_not_called_sound(many):
    tables = dict(many.tables)
    assert sound(tables, many.project)
    assert not sound({**tables, "blocks": tables["blocks"].drop("rule")}, many.project)
    assert not sound({name: tables[name] for name in tables if name != "blocks"}, many.project)
    narrow = tables["blocks"].with_columns(pl.col("position").cast(pl.Int32))
    assert not sound({**tables, "blocks": narrow}, many.project)


def test_tables_that_want_a_cast_are_cast_and_published(many, tmp_path):
    narrow = many.tables["blocks"].with_columns(pl.col("position").cast(pl.Int32))
    cast = replace(many, tables={**many.tables, "blocks": narrow})
    publish(many, tmp_path / "whole")
    finished = finish(recut(cast, [5]), many.project, opened(tmp_path / "store"))
    assert finished.findings == ()
    publish_parts(finished, many.inputs, tmp_path / "cast")
    assert contents(tmp_path / "cast") == contents(tmp_path / "whole")


@pytest.fixture
def grouped(monkeypatch):
    """Put every few documents in a group of their own."""
    monkeypatch.setattr(shards, "groups", partial(groups, average=3, small=3))


def test_a_large_corpus_is_published_in_shards_that_hold_the_same_rows(many, tmp_path, grouped):
    finished = finish(cut(many, 1), many.project, opened(tmp_path / "store"))
    publish_parts(finished, {}, tmp_path / "p", SHEET)
    assert verify(tmp_path / "p") == ()
    names = manifest.read(tmp_path / "p")["tables"]["paragraphs"]["splits"]["train"]["files"]
    assert len(names) > 1
    for config, splits in nest.nest(many).items():
        for split, rows in splits.items():
            files = manifest.shards(tmp_path / "p", config, split)
            found = pl.concat([pl.read_parquet(path, hive_partitioning=False) for path in files])
            assert found.sort(PUBLISHED[config].key).equals(rows)


def test_shards_that_did_not_change_are_taken_over(many, build, tmp_path, grouped):
    store, to = opened(tmp_path / "store"), tmp_path / "p"
    publish_parts(finish([named(part) for part in cut(many, 1)], many.project, store), many.inputs, to)
    before = {path: path.stat().st_ino for path in to.rglob("*.parquet")}
    pages = pages_of(12) | {"site/05": ("train", ["另一段。"])}
    other = annotated(build(pages))
    publish_parts(finish([named(part) for part in cut(other, 1)], other.project, store), other.inputs, to)
    kept = [path for path in to.rglob("*.parquet") if before.get(path) == path.stat().st_ino]
    assert 0 < len(kept) < len(before)
    anew = finish(cut(other, 1), other.project, opened(tmp_path / "another store"))
    publish_parts(anew, other.inputs, tmp_path / "anew")
    assert contents(to) == contents(tmp_path / "anew")


def test_a_shard_that_was_edited_is_written_anew(many, tmp_path):
    store, to = opened(tmp_path / "store"), tmp_path / "p"
    finished = finish(cut(many, 4), many.project, store)
    publish_parts(finished, {}, to)
    expected = contents(to)
    path = to / "paragraphs" / "train.parquet"
    path.write_bytes(b"\0" * path.stat().st_size)
    publish_parts(finished, {}, to)
    assert contents(to) == expected


def test_files_are_copied_where_they_cannot_be_linked(many, tmp_path, monkeypatch):
    store, to = opened(tmp_path / "store"), tmp_path / "p"
    finished = finish(cut(many, 4), many.project, store)
    publish_parts(finished, {}, to)
    expected = contents(to)
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(OSError))
    publish_parts(finished, {}, to)
    assert contents(to) == expected


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '["x", {}, {}]', "[1, 2, 3, 4]", '["$TO", {"a": [[1]]}, {}]']
)
def test_a_note_that_says_nothing_changes_nothing(many, tmp_path, note):
    store, to = opened(tmp_path / "store"), tmp_path / "p"
    finished = finish(cut(many, 4), many.project, store)
    publish_parts(finished, {}, to)
    expected = contents(to)
    (store.folder / shards.NOTE).write_text(note.replace("$TO", str(to)), encoding="utf-8")
    publish_parts(finished, {}, to)
    assert contents(to) == expected


def _counting(calls, function, arguments):
    for each in arguments:
        calls.append(each)
        yield function(each)


def test_what_was_finished_before_is_recalled(many, tmp_path):
    store, calls = opened(tmp_path / "store"), []
    parts = recut(many, [3, 6, 9])
    first = finish(parts, many.project, store, partial(_counting, calls))
    assert len(calls) == 4
    assert finish(parts, many.project, store, partial(_counting, calls)) == first
    assert len(calls) == 4
    finish(
        parts,
        replace(many.project, entity_labels=many.project.entity_labels[:1]),
        store,
        partial(_counting, calls),
    )
    assert len(calls) == 8


def test_a_new_version_finishes_no_part_again(many, tmp_path):
    store, calls = opened(tmp_path / "store"), []
    finish(recut(many, [3]), many.project, store)
    finish(recut(many, [3]), replace(many.project, version="9.0.0"), store, partial(_counting, calls))
    assert calls == []


def test_a_result_that_is_damaged_after_it_was_recalled_is_made_again(many, tmp_path):
    store = opened(tmp_path / "store")
    finished = finish(recut(many, [6]), many.project, store)
    publish_parts(finished, {}, tmp_path / "p")
    for path in store.folder.rglob("*.arrow"):
        path.write_bytes(b"")
    for path in store.folder.rglob("*.digests"):
        path.write_bytes(b"")
    publish_parts(finished, {}, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "p")


def test_everything_used_is_named_for_the_sweep(many, tmp_path):
    store = opened(tmp_path / "store")
    finished = finish(recut(many, [6]), many.project, store)
    assert store.sweep(finished.used) == 0
    assert store.sweep(list(finished.used)[:1]) == 1


def test_work_and_lots_can_be_sent_to_other_processes(many, tmp_path):
    parts = recut(many, [6])
    finished = finish(parts, many.project, opened(tmp_path / "store"))
    work = pickle.loads(pickle.dumps(finished.work))
    assert work.facts(parts[0]) == finished.pieces[0].facts

    def elsewhere(function, lots):
        return [pickle.loads(pickle.dumps(function))(lot) for lot in pickle.loads(pickle.dumps(lots))]

    publish_parts(finished, {}, tmp_path / "p", map_=elsewhere)
    assert verify(tmp_path / "p") == ()


def test_a_disk_that_takes_nothing_is_a_clear_error(many, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "put", refuse)
    with pytest.raises(PublishError, match="No space left on device"):
        finish(recut(many, [6]), many.project, opened(tmp_path / "store"))


def test_a_corpus_with_findings_keeps_its_good_parts(many, tmp_path):
    entities = many.tables["entities"].with_columns(pl.col("label").replace({"ORG": "SHIP"}))
    corpus = replace(many, tables={**many.tables, "entities": entities.head(1)})
    finished = finish(recut(corpus, [1]), corpus.project, opened(tmp_path / "store"))
    assert [finding.check for finding in finished.findings] == ["declared-label"]
    assert finished.documents == 12
    assert finished.findings == validate(corpus)[1]
