"""One declaration, many forms: none may drift from the contract or from another."""

from __future__ import annotations

import warnings

import polars as pl
import pyarrow as pa
import pytest

from corpus.schema import (
    DEFAULT_CONFIG,
    FLAT,
    PUBLISHED,
    arrow_schema,
    card_features,
    column_rows,
    features,
    frame,
    label_names,
    polars_schema,
)
from corpus.schema.model import model

CONTRACT = {
    "paragraphs": "paragraph_id document_id position role text language title url publisher published_at "
    "entities stances raw_start raw_end segments duplicate_cluster licence",
    "stance": "paragraph_id document_id title text target label annotator_labels agreement",
    "entities": "paragraph_id document_id tokens tags spans",
    "documents": "document_id raw_path raw_sha256 url title publisher author published_at "
    "published_at_evidence language script format encoding encoding_evidence licence raw_chars kept_chars "
    "paragraphs duplicate_cluster",
    "annotations": "annotation_id layer document_id paragraph_id start end quote label target annotator "
    "guideline created_at anchor",
    "blocks": "document_id position raw_start raw_end text role rule",
}

EVERY = [*FLAT.values(), *PUBLISHED.values()]


def test_the_published_configs_and_their_columns_are_the_contract_s():
    assert {name: " ".join(table.names) for name, table in PUBLISHED.items()} == CONTRACT
    assert DEFAULT_CONFIG == next(iter(PUBLISHED)) == "paragraphs"


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_every_form_of_a_table_has_its_columns_in_order(table, small):
    names = list(table.names)
    assert polars_schema(table).names() == names
    assert arrow_schema(table).names == names
    assert list(features(table, small.project)) == names
    assert [column["name"] for column in card_features(table, small.project)] == names
    assert list(model(table, small.project).columns) == names
    assert [name for name, _, _ in column_rows(table) if "." not in name] == names


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_datasets_reads_the_card_s_features_back_as_ours(table, small):
    from datasets import Features

    assert Features._from_yaml_list(card_features(table, small.project)) == features(table, small.project)


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_arrow_and_polars_agree_on_every_kind(table):
    empty = pl.DataFrame(schema=polars_schema(table)).to_arrow().cast(arrow_schema(table))
    assert empty.schema == arrow_schema(table)


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_features_store_what_arrow_stores_but_for_labels(table, small):
    stored, loaded = arrow_schema(table), features(table, small.project).arrow_schema
    for field in stored:
        labelled = any(each.labels for each in (table[field.name], *table[field.name].fields))
        if not labelled:
            assert loaded.field(field.name).type == field.type


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_every_column_is_described(table):
    for name, kind, description in column_rows(table):
        assert description.strip(), (table.name, name, kind)


@pytest.mark.parametrize("table", FLAT.values(), ids=lambda table: table.name)
def test_keys_and_references_name_columns_that_exist(table):
    assert set(table.key) <= set(table.names)
    order = list(FLAT)
    for reference in table.references:
        assert set(reference.columns) <= set(table.names)
        assert order.index(reference.table) < order.index(table.name)
        assert reference.columns == FLAT[reference.table].key


def test_labels_keep_the_order_they_are_declared_in(small):
    assert label_names("iob2", small.project) == ("O", "B-ORG", "I-ORG", "B-PLACE", "I-PLACE")
    assert label_names("annotation", small.project) == ("favor", "against", "neutral", "none", "ORG", "PLACE")


def test_a_project_without_a_layer_has_text_where_class_labels_would_be_empty(small):
    from dataclasses import replace

    from datasets import Value

    bare = replace(small.project, stance_labels=(), targets=())
    assert features(PUBLISHED["stance"], bare)["label"] == Value("string")
    assert features(PUBLISHED["annotations"], bare)["label"].names == ["ORG", "PLACE"]


def test_frames_refuse_values_of_another_kind():
    with pytest.raises((TypeError, pl.exceptions.PolarsError)):
        frame("segments", [("a#p-0", "zero", 0, 2, 10, 12)])


def test_pandera_s_model_passes_the_published_rows(small):
    from corpus.publish.nest import nest

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for config, splits in nest(small).items():
            for rows in splits.values():
                model(PUBLISHED[config], small.project).validate(rows, lazy=True)


def test_an_unknown_column_is_a_key_error():
    with pytest.raises(KeyError):
        FLAT["segments"]["quote"]


def test_arrow_knows_labels_as_strings():
    assert arrow_schema(PUBLISHED["stance"]).field("label").type == pa.string()
