from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import polars as pl
import pyarrow.parquet as pq
import pytest

from corpus.errors import PublishError
from corpus.publish import manifest, nest, parquet, publish
from corpus.schema import FLAT, PUBLISHED


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def shuffled(corpus, seed):
    tables = {
        name: table.sample(fraction=1.0, shuffle=True, seed=seed) if table.height else table
        for name, table in corpus.tables.items()
    }
    return replace(corpus, tables=tables)


def test_the_folder_holds_a_file_a_config_and_split_that_has_rows(published):
    files = {name for name in contents(published) if name.endswith(".parquet")}
    assert "paragraphs/train.parquet" in files
    assert "stance/test.parquet" in files
    assert "stance/train.parquet" not in files
    assert {name.split("/")[0] for name in files} == set(PUBLISHED)


def test_sha256sums_and_the_manifest_list_every_file(published):
    held = contents(published)
    sums = dict(reversed(line.split("  ")) for line in held["SHA256SUMS"].decode().splitlines())
    assert sums == {
        name: hashlib.sha256(body).hexdigest() for name, body in held.items() if name != "SHA256SUMS"
    }
    listed = json.loads(held["MANIFEST.json"])["files"]
    assert set(listed) == set(held) - {"SHA256SUMS", "MANIFEST.json"}
    assert all(listed[name] == {"bytes": len(held[name]), "sha256": sums[name]} for name in listed)


def test_the_manifest_names_tool_version_inputs_and_rows(published):
    read = manifest.read(published)
    assert (read["complete"], read["name"], read["version"], read["schema_version"]) == (
        True,
        "small",
        "0.3.0",
        1,
    )
    assert read["made_by"]["annotated-corpus"]
    assert read["inputs"] == {"raw/harbour-daily/inspection.html": "0" * 64}
    assert {name: table["rows"] for name, table in read["tables"].items()} == {
        "paragraphs": 5, "stance": 1, "entities": 2, "documents": 3, "annotations": 4, "blocks": 8,
    }  # fmt: skip


def test_nothing_in_the_folder_tells_the_time_or_the_place(published, tmp_path, small):
    elsewhere = tmp_path / "another checkout" / "published"
    publish(small, elsewhere)
    assert contents(elsewhere) == contents(published)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rebuild_from_shuffled_rows_is_byte_identical(published, tmp_path, small, seed):
    publish(shuffled(small, seed), tmp_path / "published")
    assert contents(tmp_path / "published") == contents(published)


def test_publishing_again_over_the_old_folder_leaves_only_the_new(tmp_path, small, build):
    to = tmp_path / "published"
    publish(small, to)
    written = publish(build({"a/b": ("train", ["只有这一段。"])}), to)
    assert sorted(contents(to)) == sorted(path.relative_to(to).as_posix() for path in written)
    assert not (to / "stance").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["published"]


@pytest.mark.parametrize("config", PUBLISHED)
def test_parquet_is_laid_down_as_promised(published, config):
    for path in (published / config).glob("*.parquet"):
        meta = pq.read_metadata(path)
        group = meta.row_group(0)
        columns = [group.column(i) for i in range(group.num_columns)]
        assert {column.compression for column in columns} == {"ZSTD"}
        assert all(column.has_column_index and column.has_offset_index for column in columns)
        assert [PUBLISHED[config].names[each.column_index] for each in group.sorting_columns] == list(
            PUBLISHED[config].key
        )
        assert list(meta.metadata) == [b"ARROW:schema"]
        encodings = {column.path_in_schema: column.encodings for column in columns}
        assert "DELTA_BYTE_ARRAY" in encodings[PUBLISHED[config].key[0]]
        if "text" in encodings:
            assert "DELTA_LENGTH_BYTE_ARRAY" in encodings["text"]
        if "role" in encodings:
            assert "RLE_DICTIONARY" in encodings["role"]


@pytest.mark.parametrize("config", PUBLISHED)
def test_rows_are_sorted_by_key(published, config):
    for path in (published / config).glob("*.parquet"):
        keys = pl.read_parquet(path).select(PUBLISHED[config].key)
        assert keys.rows() == sorted(keys.rows())


def test_labels_are_strings_in_parquet(published):
    assert pl.read_parquet(published / "stance" / "test.parquet")["label"].to_list() == ["favor"]
    (first, *_) = pl.read_parquet(published / "entities" / "train.parquet")["tags"].to_list()
    assert first[:4] == ["B-ORG", "I-ORG", "I-ORG", "I-ORG"]


def test_row_groups_and_shards_keep_their_limits(monkeypatch, tmp_path, build):
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 2)
    monkeypatch.setattr(parquet, "SHARD_ROWS", 4)
    texts = [f"第{number}段。" for number in range(9)]
    publish(build({"a/b": ("train", texts)}), tmp_path / "published")
    shards = sorted(path.name for path in (tmp_path / "published" / "paragraphs").iterdir())
    assert shards == [f"train-0000{number}-of-00003.parquet" for number in range(3)]
    first = pq.read_metadata(tmp_path / "published" / "paragraphs" / shards[0])
    assert [first.row_group(i).num_rows for i in range(first.num_row_groups)] == [2, 2]
    assert manifest.read(tmp_path / "published")["tables"]["paragraphs"]["splits"]["train"]["rows"] == 9


def test_facts_of_the_page_are_joined_and_lists_nested(small):
    rows = nest.nest(small)["paragraphs"]["train"].rows(named=True)
    customs = next(row for row in rows if row["entities"])
    other = next(row for row in rows if not row["entities"])
    assert customs["title"] == "题：harbour-daily/inspection"
    assert [mention["text"] for mention in customs["entities"]] == ["云岭海关", "云岭", "🚢"]
    assert [(piece["start"], piece["end"]) for piece in customs["segments"]] == [(0, 7), (7, 15)]
    assert (other["entities"], other["stances"]) == ([], [])


def test_votes_are_each_annotator_s_own_and_never_the_gold_ones(small):
    annotations = small.tables["annotations"]
    gold = annotations.filter(pl.col("annotation_id") == "a1-2").with_columns(
        annotator=pl.lit("gold"), annotation_id=pl.lit("g-1")
    )
    corpus = replace(small, tables={**small.tables, "annotations": pl.concat([annotations, gold])})
    (row,) = nest.nest(corpus)["stance"]["test"].rows(named=True)
    assert row["annotator_labels"] == [
        {"annotator": "a1", "label": "favor"},
        {"annotator": "a2", "label": "none"},
    ]


def test_pages_without_an_adjudicated_mention_are_not_rows_of_o(small):
    assert set(nest.nest(small)["entities"]) == {"train"}


def test_a_corpus_without_a_paragraph_is_refused_and_the_old_folder_stays(tmp_path, small):
    to = tmp_path / "published"
    publish(small, to)
    before = contents(to)
    empty = replace(small, tables={name: small.tables[name].clear() for name in FLAT})
    with pytest.raises(PublishError, match="without a single paragraph"):
        publish(empty, to)
    assert contents(to) == before


def test_a_manifest_that_is_not_ours_is_refused(tmp_path):
    for text in ("not json", "[]", '{"format": "webmanifest"}'):
        (tmp_path / "MANIFEST.json").write_text(text)
        with pytest.raises(PublishError, match=r"MANIFEST\.json"):
            manifest.read(tmp_path)
