from __future__ import annotations

import pytest

from corpus.errors import CorpusError
from corpus.publish import load, publish
from corpus.schema import PUBLISHED


@pytest.mark.parametrize("config", PUBLISHED)
def test_every_config_and_split_loads_offline_and_streams_the_same_rows(published, offline, config):
    from datasets import ClassLabel, load_dataset

    whole = load_dataset(str(published), config)
    streamed = load_dataset(str(published), config, streaming=True)
    assert set(whole) == set(streamed) == {path.stem for path in (published / config).iterdir()}
    for split, rows in whole.items():
        assert list(rows) == list(streamed[split])
        assert rows.features == streamed[split].features
        if "label" in rows.features:
            assert isinstance(rows.features["label"], ClassLabel)


def test_labels_load_as_numbers_that_name_themselves_nested_too(published, offline):
    from datasets import load_dataset

    rows = load_dataset(str(published), "paragraphs", split="train")
    mentions = next(row["entities"] for row in rows if row["entities"])
    label = rows.features["entities"].feature["label"]
    assert [label.int2str(mention["label"]) for mention in mentions] == ["ORG", "PLACE", "PLACE"]
    stance = load_dataset(str(published), "stance", split="test")
    votes = stance.features["annotator_labels"].feature["label"]
    assert [votes.int2str(vote["label"]) for vote in stance[0]["annotator_labels"]] == ["favor", "none"]


def test_the_default_config_is_paragraphs(published, offline):
    from datasets import load_dataset

    assert load_dataset(str(published), split="train").column_names == list(PUBLISHED["paragraphs"].names)


def test_a_rebuild_with_other_rows_is_served_from_the_same_cache(build, offline, tmp_path):
    from datasets import load_dataset

    for text in ("第一版的段落。", "第二版的段落。"):  # of one length: the sizes in the card stay as they are
        publish(build({"a/b": ("train", [text])}), tmp_path / "published")
        assert load_dataset(str(tmp_path / "published"), split="train")["text"][:] == [text]


def test_the_trap_is_real_without_the_digest_old_rows_are_served(build, offline, tmp_path):
    """Should this fail, `datasets` has mended its cache and the digest in the description may go."""
    import re

    from datasets import load_dataset

    served = []
    for text in ("第一版的段落。", "第二版的段落。"):
        publish(build({"a/b": ("train", [text])}), tmp_path / "published")
        readme = tmp_path / "published" / "README.md"
        card = re.sub(r"sha256:\w+|num_bytes: \d+|\w+_size: \d+", "", readme.read_text(encoding="utf-8"))
        readme.write_text(card, encoding="utf-8")
        served += load_dataset(str(tmp_path / "published"), split="train")["text"][:]
    assert served == ["第一版的段落。", "第一版的段落。"]


def test_shards_load_in_order(monkeypatch, build, offline, tmp_path):
    from datasets import load_dataset

    from corpus.publish import parquet

    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 2)
    monkeypatch.setattr(parquet, "SHARD_ROWS", 4)
    publish(build({"a/b": ("train", [f"第{n}段。" for n in range(9)])}), tmp_path / "published")
    ids = load_dataset(str(tmp_path / "published"), split="train")["paragraph_id"][:]
    assert len(ids) == 9
    assert ids == sorted(ids)


def test_the_reference_corpus_is_found_in_the_package_first_then_in_the_checkout(monkeypatch, tmp_path):
    package = tmp_path / "site" / "corpus"
    monkeypatch.setattr(load, "__file__", str(package / "publish" / "load.py"))
    with pytest.raises(CorpusError, match="no reference corpus"):
        load.reference_folder()
    for folder in (tmp_path / "site" / "published", package / "published"):
        folder.mkdir(parents=True)
        (folder / "README.md").write_text("---\n---\n")
        assert load.reference_folder() == folder


def test_the_reference_corpus_loads_by_config_and_split(monkeypatch, published, offline):
    monkeypatch.setattr(load, "reference_folder", lambda: published)
    assert load.load("stance", "test").num_rows == 1
    assert set(load.load()) == {"train", "validation", "test"}


@pytest.mark.parametrize(
    ("config", "split", "names"), [("paragraph", None, "paragraphs, stance"), ("stance", "dev", "train")]
)
def test_an_unknown_config_or_split_is_refused_with_those_there_are(config, split, names):
    with pytest.raises(CorpusError, match=names):
        load.load(config, split)
