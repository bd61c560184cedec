"""schema/ -> Project: what a corpus declares about itself, read strictly and never executed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from corpus.errors import ProjectError
from corpus.records import NOTHING, SPLITS
from corpus.schema import forgotten, strict
from corpus.schema.forgotten import FORGOTTEN_FILE, Forgotten

if TYPE_CHECKING:
    from pathlib import Path

SPLIT_POLICIES = ("random", "by_source", "by_time", "by_target", "stratified")

TEXT_POLICIES = ("full", "standoff")

CORPUS_FILE = "schema/corpus.yaml"
LABELS_FILE = "schema/labels.yaml"
GUIDELINES_FILE = "schema/guidelines.md"

# https://semver.org/spec/v2.0.0.html, without build metadata: a published version must order.
_SEMVER = re.compile(
    r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?", re.ASCII
)
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
# BCP 47, the part web pages use: language, optional script, optional region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?", re.ASCII)
# SPDX licence expression characters, https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/.
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+() -]{0,99}", re.ASCII)
# Addresses of other machines alone (and of fsspec's memory): what names a folder of this one, or leads to one
# as `dir:` and `reference:` do, could read any file here and publish it.
_RAW = re.compile(
    r"(s3|s3a|gs|gcs|az|abfs|abfss|oss|http|https|sftp|hdfs|webhdfs|hf|memory)://[^\s@?#/][^\s@?#]{0,1000}"
)
_REQUIRED = ("name", "version", "title", "description", "languages", "licences", "split", "sources")
_OPTIONAL = ("raw", "creators", "homepage", "released", "citation", "publish")
_URL = re.compile(r"https?://[^\s<>\"'`]{1,2000}")
_GUIDELINE_VERSION = re.compile(
    r"(?:\bversion|\bv|版本)\s*[:：]?\s*[\"']?(\d+(?:\.\d+)*)", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where raw files come from: everything below `raw/<path>/`, its publisher and licence."""

    name: str
    path: str
    publisher: str
    licence: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SplitPolicy:
    """How documents are dealt into splits; `ratios` follow SPLITS and sum to one."""

    policy: str
    seed: int
    ratios: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A label annotators choose from, and what it means."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a stance is taken toward; rows carry its `target_id`."""

    target_id: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything `schema/` declares. `files` holds the SHA-256 of each declaration file by its path.

    `text` is `full`, or `standoff` where texts are withheld from what is published. `raw` is the address
    where the raw files lie, None where that is the project's raw/.
    """

    name: str
    version: str
    title: str
    description: str
    languages: tuple[str, ...]
    licence: str
    split: SplitPolicy
    sources: tuple[Source, ...]
    targets: tuple[Target, ...]
    stance_labels: tuple[Label, ...]
    entity_labels: tuple[Label, ...]
    guideline_version: str
    guidelines: str
    creators: tuple[str, ...] = ()
    homepage: str | None = None
    released: str | None = None
    citation: str | None = None
    files: tuple[tuple[str, str], ...] = ()
    forgotten: tuple[Forgotten, ...] = ()
    text: str = "full"
    raw: str | None = None

    def source_of(self, raw_path: str) -> Source | None:
        """Find the source whose path is the longest prefix of `raw_path`, a POSIX path below `raw/`."""
        parts = PurePosixPath(raw_path).parts
        best: Source | None = None
        for source in self.sources:
            prefix = PurePosixPath(source.path).parts
            longer = best is None or len(prefix) > len(PurePosixPath(best.path).parts)
            if parts[: len(prefix)] == prefix and longer:
                best = source
        return best

    def licence_of(self, raw_path: str) -> str:
        """Tell the licence of a raw file: its source's, or the project's where no source covers it."""
        source = self.source_of(raw_path)
        return source.licence if source else self.licence


def load_project(root: Path) -> Project:
    """Read `schema/corpus.yaml`, `schema/labels.yaml` and `schema/guidelines.md` below `root`.

    Raises ProjectError that names file, line, what was found, what was expected and what to do. Nothing is
    executed; see `corpus.schema.strict` for what YAML is refused.
    """
    corpus = strict.read(root / CORPUS_FILE, CORPUS_FILE).mapping(_REQUIRED, _OPTIONAL)
    licence = _licence(corpus["licences"])
    targets, stance_labels, entity_labels = _labels(strict.read(root / LABELS_FILE, LABELS_FILE))
    guidelines = strict.read_text(root / GUIDELINES_FILE, GUIDELINES_FILE)
    return Project(
        name=corpus["name"].text(_SLUG, "lower-case letters, digits and hyphens, such as `my-corpus`"),
        version=corpus["version"].text(_SEMVER, "a semantic version such as 1.2.0"),
        title=corpus["title"].text(),
        description=corpus["description"].text(),
        languages=_texts(corpus["languages"], _LANGUAGE, "a language such as zh, en or zh-Hant"),
        licence=licence,
        split=_split(corpus["split"]),
        sources=_sources(corpus["sources"], licence),
        targets=targets,
        stance_labels=stance_labels,
        entity_labels=entity_labels,
        guideline_version=_guideline_version(guidelines),
        guidelines=guidelines,
        creators=_texts(corpus["creators"]) if "creators" in corpus else (),
        homepage=_optional(corpus, "homepage", _URL, "an http or https address"),
        released=_optional(corpus, "released", strict.DATE, 'a date in quotes such as "2026-11-21"'),
        citation=_optional(corpus, "citation"),
        files=tuple((name, _sha256(root / name)) for name in _declarations(root)),
        forgotten=forgotten.read(root),
        text=_text(corpus["publish"]) if "publish" in corpus else "full",
        raw=_raw(corpus),
    )


def declared_raw(root: Path) -> str | None:
    """Return the address that `schema/corpus.yaml` below `root` gives for the raw files, None if none.

    No other value of it is looked at. Raises ProjectError where the file is not as it must be.
    """
    return _raw(strict.read(root / CORPUS_FILE, CORPUS_FILE).mapping(_REQUIRED, _OPTIONAL))


def _raw(corpus: dict[str, strict.Entry]) -> str | None:
    expected = "an address such as s3://bucket/crawl, or no `raw` for the folder raw/"
    address = _optional(corpus, "raw", expected=expected)
    if address and not _RAW.fullmatch(address):  # not shown: it may hold a key
        remedy = "correct it; keys and passwords belong in the environment or ~/.aws"
        corpus["raw"].refuse("no address that can be used", expected, remedy)
    return address


def _declarations(root: Path) -> tuple[str, ...]:
    """The declaration files that count as inputs; tombstones where there are any."""
    graves = (FORGOTTEN_FILE,) if (root / FORGOTTEN_FILE).exists() else ()
    return (CORPUS_FILE, *graves, GUIDELINES_FILE, LABELS_FILE)


def _optional(
    entries: dict[str, strict.Entry],
    name: str,
    pattern: re.Pattern[str] | None = None,
    expected: str = "text",
) -> str | None:
    return entries[name].text(pattern, expected) if name in entries else None


def _texts(
    entry: strict.Entry, pattern: re.Pattern[str] | None = None, expected: str = "text"
) -> tuple[str, ...]:
    values: list[str] = []
    for element in entry.entries():
        value = element.text(pattern, expected)
        if value in values:
            element.refuse(f"`{value}` a second time", "each once", "remove one of them")
        values.append(value)
    if not values:
        entry.refuse("an empty list", f"at least one {expected}", "add one")
    return tuple(values)


def _licence(entry: strict.Entry) -> str:
    return entry.mapping(("default",))["default"].text(_LICENCE, "an SPDX licence such as CC-BY-4.0")


def _text(entry: strict.Entry) -> str:
    return entry.mapping(("text",))["text"].choice(TEXT_POLICIES)


def _split(entry: strict.Entry) -> SplitPolicy:
    keys = entry.mapping(("policy", "seed", "ratios"))
    shares = keys["ratios"].mapping(SPLITS)
    ratios = (
        shares["train"].number(0, 1),
        shares["validation"].number(0, 1),
        shares["test"].number(0, 1),
    )
    if abs(sum(ratios) - 1) > 1e-9:
        keys["ratios"].refuse(f"ratios that sum to {sum(ratios):g}", "a sum of 1", "correct one of them")
    return SplitPolicy(keys["policy"].choice(SPLIT_POLICIES), keys["seed"].integer(), ratios)


def _sources(entry: strict.Entry, licence: str) -> tuple[Source, ...]:
    sources: dict[str, Source] = {}
    paths: dict[str, str] = {}
    for element in entry.entries():
        keys = element.mapping(("name", "path", "publisher"), ("licence", "url"))
        name = keys["name"].text(_SLUG, "lower-case letters, digits and hyphens, such as `harbour-daily`")
        path = keys["path"].text()
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path:
            keys["path"].refuse(
                f"`{path}`", "a folder below raw/, with forward slashes", "make it relative to raw/"
            )
        path = PurePosixPath(path).as_posix()
        if name in sources:
            keys["name"].refuse(f"the source `{name}` a second time", "each name once", "rename one of them")
        if path in paths:
            keys["path"].refuse(
                f"`{path}`, the path of source `{paths[path]}`", "each path once", "correct one"
            )
        paths[path] = name
        sources[name] = Source(
            name,
            path,
            keys["publisher"].text(),
            _optional(keys, "licence", _LICENCE, "an SPDX licence such as CC-BY-4.0") or licence,
            _optional(keys, "url", _URL, "an http or https address"),
        )
    return tuple(sources.values())


def _labels(root: strict.Entry) -> tuple[tuple[Target, ...], tuple[Label, ...], tuple[Label, ...]]:
    layers = root.mapping((), ("stance", "entities"))
    if not layers:
        root.refuse("no layer", "`stance`, `entities` or both", "declare the labels of one layer")
    targets: dict[str, Target] = {}
    stance_labels: tuple[Label, ...] = ()
    entity_labels: tuple[Label, ...] = ()
    if "stance" in layers:
        stance = layers["stance"].mapping(("targets", "labels"))
        for element in stance["targets"].entries():
            keys = element.mapping(("id", "name", "definition"))
            target_id = keys["id"].text(
                _SLUG, "lower-case letters, digits and hyphens, such as `export-controls`"
            )
            if target_id in targets:
                keys["id"].refuse(
                    f"the target `{target_id}` a second time", "each id once", "rename one of them"
                )
            targets[target_id] = Target(target_id, keys["name"].text(), keys["definition"].text())
        if not targets:
            stance["targets"].refuse("an empty list", "at least one target", "add one")
        stance_labels = _label_list(stance["labels"])
    if "entities" in layers:
        labels = layers["entities"].mapping(("labels",))["labels"]
        entity_labels = _label_list(labels)
        if any(label.name == NOTHING for label in entity_labels):
            expected = "another name: in gold it says that no mention is there"
            labels.refuse(f"the entity label `{NOTHING}`", expected, "rename it, such as OTHER")
    return tuple(targets.values()), stance_labels, entity_labels


def _label_list(entry: strict.Entry) -> tuple[Label, ...]:
    labels: dict[str, Label] = {}
    for element in entry.entries():
        keys = element.mapping(("name", "definition"))
        name = keys["name"].text(
            _LABEL, "a letter, then letters, digits or underscores, such as ORG or favor"
        )
        if name in labels:
            keys["name"].refuse(f"the label `{name}` a second time", "each name once", "rename one of them")
        labels[name] = Label(name, keys["definition"].text())
    if not labels:
        entry.refuse("an empty list", "at least one label", "add one")
    return tuple(labels.values())


def _guideline_version(text: str) -> str:
    for line in text.splitlines()[:20]:
        match = _GUIDELINE_VERSION.search(line)
        if match:
            return match[1]
    raise ProjectError(
        f"{GUIDELINES_FILE}:1: found no version in the first 20 lines; expected a line such as "
        "`# Annotation guidelines, version 1.0`; add it, annotations name the version they followed"
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
