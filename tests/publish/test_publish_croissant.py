from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest

from corpus.publish import croissant, manifest, publish
from corpus.schema import PUBLISHED

HOSTILE = '"}],"x":[{"</script>\n\\'


@pytest.fixture
def described(published):
    return json.loads((published / croissant.CROISSANT).read_text(encoding="utf-8"))


def fields(records):
    return {field["@id"]: field for each in records for field in (each, *each.get("subField", ()))}


def test_every_config_is_a_record_set_of_its_declared_columns(described):
    sets = {each["@id"]: each for each in described["recordSet"]}
    assert list(sets) == ["splits", *PUBLISHED]
    for name, table in PUBLISHED.items():
        assert [field["@id"] for field in sets[name]["field"]] == [
            f"{name}/{each}" for each in (*table.names, "split")
        ]
        for column in table.columns:
            field = fields(sets[name]["field"])[f"{name}/{column.name}"]
            assert field["description"] == column.description
            assert field.get("isArray", False) == column.many
            nested = [f"{name}/{column.name}/{each.name}" for each in column.fields]
            assert [each["@id"] for each in field.get("subField", ())] == nested


def test_keys_and_references_are_declared(described):
    sets = {each["@id"]: each for each in described["recordSet"]}
    for name, table in PUBLISHED.items():
        keys = sets[name]["key"] if isinstance(sets[name]["key"], list) else [sets[name]["key"]]
        assert [key["@id"] for key in keys] == [f"{name}/{each}" for each in table.key]
    references = fields(sets["stance"]["field"])
    assert references["stance/paragraph_id"]["references"]["fileSet"]["@id"] == "paragraphs-files"
    assert references["stance/document_id"]["references"]["fileSet"]["@id"] == "documents-files"
    assert "references" not in fields(sets["documents"]["field"])["documents/document_id"]


def test_every_parquet_file_stands_there_with_its_digest(described, published):
    listed = {each["@id"]: each for each in described["distribution"] if each["@type"] == "cr:FileObject"}
    assert set(listed) == {path.relative_to(published).as_posix() for path in published.rglob("*.parquet")}
    for name, each in listed.items():
        assert each["sha256"] == manifest.sha256(published / name)
        assert each["contentSize"] == f"{(published / name).stat().st_size} B"


def test_what_a_project_declares_stays_in_its_string(small, tmp_path):
    project = replace(small.project, title=HOSTILE, description=HOSTILE, creators=(HOSTILE,))
    publish(replace(small, project=project), tmp_path / "p")
    read = json.loads((tmp_path / "p" / croissant.CROISSANT).read_text(encoding="utf-8"))
    assert (read["alternateName"], read["description"], read["creator"][0]["name"]) == (HOSTILE,) * 3
    assert "x" not in read


@pytest.mark.parametrize(
    ("licence", "told"),
    [("CC0-1.0", "https://spdx.org/licenses/CC0-1.0"), ("MIT OR CC0-1.0", "MIT OR CC0-1.0"),
     ("LicenseRef-Press", "LicenseRef-Press")],
)  # fmt: skip
def test_a_single_licence_is_told_by_its_address(small, tmp_path, licence, told):
    publish(replace(small, project=replace(small.project, licence=licence)), tmp_path / "p")
    assert json.loads((tmp_path / "p" / croissant.CROISSANT).read_text(encoding="utf-8"))["license"] == told


def test_a_corpus_nobody_annotated_does_not_claim_a_protocol(build, tmp_path):
    publish(build({"a/b": ("train", ["只有这一段。"])}), tmp_path / "p")
    read = json.loads((tmp_path / "p" / croissant.CROISSANT).read_text(encoding="utf-8"))
    assert not {"rai:dataAnnotationProtocol", "rai:annotationsPerItem"} & set(read)
    assert read["rai:dataPreprocessingProtocol"]


def plain(value, prefix=""):
    """Bring mlcroissant's records, of bytes and full ids, to the rows they came from."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(each) for name, each in value.items()}
    return value


@pytest.mark.filterwarnings("ignore")  # its dependencies' deprecations; its own findings are read below
def test_mlcroissant_validates_it_without_a_warning_and_loads_the_same_rows(small, tmp_path, caplog):
    mlcroissant = pytest.importorskip(
        "mlcroissant", reason="the reference reader of Croissant is not installed"
    )
    project = replace(small.project, homepage="https://small.example/", citation="The makers: Small.")
    to = tmp_path / "published"
    publish(replace(small, project=project), to)
    dataset = mlcroissant.Dataset(jsonld=to / croissant.CROISSANT)
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    for name, table in PUBLISHED.items():
        rows = [plain(record) for record in dataset.records(name)]
        parts = [
            pl.read_parquet(path).with_columns(split=pl.lit(path.stem))
            for path in sorted((to / name).iterdir())
        ]
        assert sorted(rows, key=lambda row: [row[key] for key in table.key]) == pl.concat(parts).sort(
            table.key
        ).rows(named=True)
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]
