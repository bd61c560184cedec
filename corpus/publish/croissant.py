"""The dataset described to machines: `croissant.json`, Croissant 1.1 with the RAI vocabulary.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Each config is a RecordSet over a FileSet
of its Parquet files, nested columns are sub-fields reached by jsonPath, keys and references are declared, and
every file is a FileObject with its own SHA-256. It is JSON written by a JSON library: what a project declares
cannot leave its string.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus.publish import datasheet, manifest
from corpus.publish.card import DATASHEET
from corpus.publish.questions import QUESTIONS
from corpus.records import SPLITS
from corpus.schema.tables import PUBLISHED
from corpus.stats import agreement
from corpus.tables import read as read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from corpus.schema.declaration import Column, Kind, Table
    from corpus.schema.project import Project

CROISSANT = "croissant.json"
PARQUET = "application/x-parquet"
"""Not registered, but the name that Croissant's readers know."""

_DATA_TYPES: dict[Kind, str] = {"text": "sc:Text", "integer": "sc:Integer", "number": "sc:Float"}

# The context of the 1.1 specification, key for key: readers warn of any other.
_TERMS = (
    *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field"),
    *("fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath"),
    *("key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace"),
    *("samplingRate", "separator", "source", "subField", "transform"),
)
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{name: f"cr:{name}" for name in _TERMS},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}


_PREPARED = (
    "Raw pages are decoded, with evidence for the encoding, and cut into blocks that tile the raw text.",
    "Blocks of main text become paragraphs whose segments trace them to the raw text.",
    "Near-duplicates are clustered, and no cluster crosses a split.",
)


_TOLD = {
    "annotatorDemographics": ("3.4",),
    "dataAnnotationProtocol": ("2.5", "4.1"),
    "dataBiases": ("2.3", "5.4"),
    "dataCollection": ("3.1", "3.2"),
    "dataCollectionMissingData": ("2.6",),
    "dataCollectionRawData": ("4.2",),
    "dataLimitations": ("2.9", "5.5"),
    "dataReleaseMaintenancePlan": ("7.1", "7.4", "7.6"),
    "dataSocialImpact": ("2.12", "3.11"),
    "dataUseCases": ("5.1", "5.3"),
    "personalSensitiveInformation": ("2.11", "2.14", "2.15"),
}
"""RAI property -> the datasheet's questions whose answers say it (see `corpus.publish.questions`).
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html"""

_ONE = frozenset({
    *("annotationsPerItem", "dataCollection", "dataCollectionMissingData", "dataCollectionRawData"),
    *("dataReleaseMaintenancePlan", "dataSocialImpact"),
})  # fmt: skip
"""RAI properties of one text; the others take a list."""


def write(project: Project, to: Path, known: Mapping[str, str] | None = None) -> list[Path]:
    """Write the description of the tables that stand below `to`, as its manifest tells of them.

    `known` has the SHA-256 of files that were digested already, by name.
    """
    tables = manifest.read(to)["tables"]
    votes = read_table(to, "annotations")
    described = {
        "@context": dict(sorted(_CONTEXT.items())),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        **_about(project),
        **_responsible(project, votes, tables, _answers(to)),
        "distribution": [
            each for config, table in tables.items() for each in _files(to, config, table, known or {})
        ],
        "recordSet": [_splits(), *(_record_set(PUBLISHED[config], tables) for config in tables)],
    }
    path = to / CROISSANT
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return [path]


def _about(project: Project) -> dict[str, Any]:
    optional = {
        "url": project.homepage,
        "datePublished": project.released,
        "citeAs": project.citation,
        "creator": [{"@type": "sc:Organization", "name": name} for name in project.creators],
    }
    return {
        "name": project.name,
        "alternateName": project.title,
        "description": project.description,
        "version": project.version,
        "license": _licence(project.licence),
        "inLanguage": list(project.languages),
        "isLiveDataset": False,
        **{key: value for key, value in optional.items() if value},
    }


def _licence(licence: str) -> str:
    """Name a single SPDX licence by its address, as Croissant recommends; an expression stays text."""
    single = not set(licence) & set(" ()") and not licence.startswith("LicenseRef-")
    return f"https://spdx.org/licenses/{licence}" if single else licence


def _answers(to: Path) -> dict[str, str]:
    """Read what the published datasheet answers, by the question's number; nothing where there is none."""
    path = to / DATASHEET
    return datasheet.answers(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _responsible(
    project: Project, votes: pl.DataFrame, tables: dict[str, Any], answers: dict[str, str]
) -> dict[str, Any]:
    """Answer what the RAI vocabulary asks: from the tables what they can tell, else from the datasheet.

    An answer comes with its question, since it may be a mere no. A property without an answer is left out:
    silence claims nothing.
    """
    told = {
        name: [f"{QUESTIONS[number]} {answers[number]}" for number in numbers if number in answers]
        for name, numbers in _TOLD.items()
    }
    for name, facts in _counted(project, votes, tables).items():
        told[name] = [*facts, *told.get(name, ())]
    return {
        f"rai:{name}": " ".join(facts) if name in _ONE else facts
        for name, facts in sorted(told.items())
        if facts
    }


def _counted(project: Project, votes: pl.DataFrame, tables: dict[str, Any]) -> dict[str, list[str]]:
    """Tell what the tables and the declarations know without being asked."""
    annotators = votes["annotator"].unique().sort().to_list()
    layers = [
        layer for layer, config in (("entities", "entities"), ("stances", "stance")) if config in tables
    ]
    sources = ", ".join(source.publisher for source in project.sources)
    protocol = (
        f"Annotators marked {' and '.join(layers)} by guidelines version {project.guideline_version}; "
        "what they chose was adjudicated, and is published as it was before."
    )
    measured = (
        f"{row.layer} {row.measure.replace('_', ' ')} {row.value:.3f}"
        + ("" if math.isnan(row.low) else f", 95 % interval {row.low:.3f} to {row.high:.3f}")
        + f", {row.units} units in {row.documents} documents."
        for row in agreement(votes)
        if row.part == "all" and not math.isnan(row.value)
    )
    return {
        "dataCollection": [f"Pages as published by {sources}."] if sources else [],
        "dataPreprocessingProtocol": list(_PREPARED),
        "dataAnnotationProtocol": [protocol] if layers and annotators else [],
        "dataAnnotationAnalysis": list(measured),
        "annotationsPerItem": [_per_document(votes)] if annotators else [],
    }


def _per_document(votes: pl.DataFrame) -> str:
    """Say how many annotators judged each document that anyone judged."""
    by_document = votes.group_by("document_id").agg(pl.col("annotator").n_unique())
    counts = sorted(by_document["annotator"].to_list())
    least, most = counts[0], counts[-1]
    return f"{most} annotators a document." if least == most else f"{least} to {most} annotators a document."


def _files(to: Path, config: str, table: dict[str, Any], known: Mapping[str, str]) -> list[dict[str, Any]]:
    """List a config's files with their digests, and the set of them that its records are read from."""
    names = [name for part in table["splits"].values() for name in part["files"]]
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{(to / name).stat().st_size} B",
            "encodingFormat": PARQUET,
            "sha256": known.get(name) or manifest.sha256(to / name),
        }
        for name in names
    ]
    # No containedIn: the set is of files beside this one, which readers find from here.
    file_set = {
        "@type": "cr:FileSet",
        "@id": _file_set(config),
        "name": _file_set(config),
        "encodingFormat": PARQUET,
        "includes": f"{config}/*.parquet",
    }
    return [*objects, file_set]


def _splits() -> dict[str, Any]:
    field = {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "The splits; a page and its near-duplicates are in one.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [field],
        "data": [{"splits/name": split} for split in SPLITS],
    }


def _record_set(table: Table, tables: dict[str, Any]) -> dict[str, Any]:
    keys = [{"@id": f"{table.name}/{name}"} for name in table.key]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"A row is {table.row}.",
        "key": keys[0] if len(keys) == 1 else keys,
        "field": [*(_field(table, column, tables) for column in table.columns), _split_field(table)],
    }


def _split_field(table: Table) -> dict[str, Any]:
    """Tell a row's split, which stands in its file's name alone."""
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/split",
        "name": f"{table.name}.split",
        "description": "The split of the row.",
        "dataType": "sc:Text",
        "source": {
            "fileSet": {"@id": _file_set(table.name)},
            "extract": {"fileProperty": "fullpath"},
            # It matches its own result too: mlcroissant applies it again after it has joined on it.
            "transform": {"regex": rf"^(?:.*/)?({'|'.join(SPLITS)})(?:-\d+-of-\d+)?(?:\.parquet)?$"},
        },
        "references": {"field": {"@id": "splits/name"}},
    }


def _field(table: Table, column: Column, tables: dict[str, Any]) -> dict[str, Any]:
    source = {"fileSet": {"@id": _file_set(table.name)}, "extract": {"column": column.name}}
    field = _described(column, f"{table.name}/{column.name}", source)
    target = _referred(table, column)
    # A reference to the other's files, not to its field: mlcroissant 1.1.1 cannot join records with records
    # that are joined themselves.
    if target is not None and target in tables:
        field["references"] = {"fileSet": {"@id": _file_set(target)}, "extract": {"column": column.name}}
    return field


def _described(column: Column, name: str, source: dict[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": name,
        "name": name.replace("/", "."),
        "description": column.description,
    }
    if column.many:
        field |= {"isArray": True, "arrayShape": "-1"}
    if column.fields:
        field["subField"] = [
            _described(each, f"{name}/{each.name}", source | {"transform": {"jsonPath": each.name}})
            for each in column.fields
        ]
        return field
    return field | {"dataType": _DATA_TYPES[column.kind], "source": source}


def _referred(table: Table, column: Column) -> str | None:
    """Name the config whose rows a column's values are the key of, if it is another."""
    target = {"document_id": "documents", "paragraph_id": "paragraphs"}.get(column.name)
    return None if target == table.name else target


def _file_set(config: str) -> str:
    return f"{config}-files"
