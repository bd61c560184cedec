"""The dataset card: `README.md`, its YAML for `datasets` and the Hub, its prose made from declarations.

What the project declares is untrusted text: YAML comes from a YAML library only, and every word that goes
into Markdown is escaped. `datasets` names its cache after the card alone, not the rows, so each config's
description carries the version and the digest of its rows: after a rebuild, other rows mean another cache.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from corpus.errors import PublishError
from corpus.publish import manifest
from corpus.publish.parquet import arrow_bytes
from corpus.records import SPLITS
from corpus.schema.forms import card_features, column_rows
from corpus.schema.tables import DEFAULT_CONFIG, PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from corpus.schema.project import Project

CARD = "README.md"
DATASHEET = "DATASHEET.md"
REPOSITORY_CARD = ".huggingface.yaml"
"""Read over the README at the root of a dataset repository: `datasets.config.REPOYAML_FILENAME`."""

_MADE_BY_US = "# Made by `corpus build`"

_TASKS = {
    "stance": ("text-classification", "stance-detection"),
    "entities": ("token-classification", "named-entity-recognition"),
}
"""Config -> the Hub's task category and a tag."""

# The licence names that the Hub knows in lower case; all else is declared as `other` with its name.
# https://huggingface.co/docs/hub/repositories-licenses, those fit for texts.
_HUB_LICENCES = frozenset({
    "apache-2.0", "mit", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0",
    "cc-by-sa-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "odc-by", "odbl", "pddl",
})  # fmt: skip


WITHOUT_TEXT = (
    "**This edition has no text.** Titles, paragraphs, mentions, tokens and quotes are null; ids, offsets, "
    "labels and digests stand. With the same raw pages, `corpus hydrate` puts all text back and checks it.\n"
)


def write(project: Project, to: Path, sizes: Mapping[str, int] | None = None) -> list[Path]:
    """Write the card of the tables that stand below `to`, as its manifest describes them.

    `sizes` tells how large the rows of files are in memory, where that is known.
    """
    tables = manifest.read(to)["tables"]
    path = to / CARD
    front = _yaml(_front_matter(project, tables, to, sizes or {}))
    body = "\n".join(_body(project, tables, datasheet=(to / DATASHEET).is_file()))
    path.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8", newline="\n")
    return [path]


def write_hydrated(without_text: Path, to: Path) -> list[Path]:
    """Write the card of a folder whose text was put back: that of the edition without, made true."""
    card = (without_text / CARD).read_text("utf-8").replace(f"{WITHOUT_TEXT}\n", "")
    old, new = manifest.read(without_text)["tables"], manifest.read(to)["tables"]
    for config, table in new.items():
        card = card.replace(old[config]["sha256"], table["sha256"])
    try:
        front = front_matter(card)
        for described in front["dataset_info"]:
            described.update(_sizes(new[described["config_name"]], to, {}))
    except (yaml.YAMLError, AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise PublishError(
            f"{without_text / CARD}: found a card that cannot be read ({error!r}); expected that of "
            "`corpus build`; fetch the folder again"
        ) from error
    body = card.partition("\n---\n")[2]
    (to / CARD).write_text(f"---\n{_yaml(front)}---\n{body}", encoding="utf-8", newline="\n")
    return [to / CARD]


def repository_card(published: Path, prefix: str) -> str:
    """Make the `.huggingface.yaml` of a repository that holds the dataset folder `published` below `prefix`.

    With it, the repository's root is a valid dataset too, whatever its README is. Sizes are left out: between
    the swap of the folder and the writing of this file they could contradict the rows.
    """
    front = front_matter((published / CARD).read_text(encoding="utf-8"))
    for config in front["configs"]:
        for part in config["data_files"]:
            part["path"] = [f"{prefix}/{path}" for path in part["path"]]
    for table in front["dataset_info"]:
        for size in ("splits", "download_size", "dataset_size"):
            del table[size]
    return f"{_MADE_BY_US} from {prefix}/{CARD}: the repository loads as a dataset.\n{_yaml(front)}"


def write_repository_card(published: Path) -> Path | None:
    """Write the `.huggingface.yaml` beside a dataset folder, by rename; None where a person's own stands.

    A crash before it is written leaves a card of the edition before: it finds the same files and, as it tells
    no sizes, loads them; the next build renews it.
    """
    path = published.parent / REPOSITORY_CARD
    if path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(_MADE_BY_US):
        return None
    draft = path.with_name(f"{REPOSITORY_CARD}.new")
    try:
        draft.write_text(repository_card(published, published.name), encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise PublishError(
            f"{path}: cannot be written ({error.strerror}); {published} is published whole, and the old file "
            "beside it still loads it; mend the disk and build again"
        ) from error
    return path


def columns_page() -> str:
    """Make the documentation of the published tables, `docs/tables.md`, from their declaration."""
    lines = [
        "# Published tables\n",
        "Made from `corpus.schema.tables.PUBLISHED`; a test fails when it is stale.\n",
    ]
    for config, table in PUBLISHED.items():
        lines += [
            f"## {config}\n",
            f"A row is {table.row}. Key: {', '.join(f'`{name}`' for name in table.key)}.\n",
        ]
        lines += _table(("column", "kind", "what it holds"), _column_cells(config))
    return "\n".join(lines)


def front_matter(card: str) -> dict[str, Any]:
    """Read the YAML front matter of a card that this module wrote."""
    front: dict[str, Any] = yaml.safe_load(card.split("\n---\n", 1)[0].removeprefix("---\n"))
    return front


def escape(text: str) -> str:
    r"""Make text mean itself in Markdown: one line, no markup, no HTML, no table cell ended.

    >>> escape("a | <b> *c*\n# d")
    'a \\| \\<b\\> \\*c\\* \\# d'
    """
    line = " ".join(text.split())
    line = re.sub(r"([\\`*_\[\]<>|~&#$])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=:.)])", r"\1\\\2", line)


def _yaml(value: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000)
    return text


def _front_matter(
    project: Project, tables: dict[str, Any], to: Path, sizes: Mapping[str, int]
) -> dict[str, Any]:
    licence = project.licence.lower()
    known = licence in _HUB_LICENCES
    tasks = [each for config, each in _TASKS.items() if config in tables]
    return {
        "pretty_name": _line(project.title),
        "language": list(dict.fromkeys(code.split("-")[0] for code in project.languages)),
        "license": licence if known else "other",
        **({} if known else {"license_name": _line(project.licence)}),
        "task_categories": [task for task, _ in tasks],
        "size_categories": [_size_category(tables.get(DEFAULT_CONFIG, {"rows": 0})["rows"])],
        "tags": ["corpus", *(tag for _, tag in tasks)],
        "configs": [_config(project, config, table) for config, table in tables.items()],
        "dataset_info": [
            {
                "config_name": config,
                "features": card_features(PUBLISHED[config], project),
                **_sizes(table, to, sizes),
            }
            for config, table in tables.items()
        ],
    }


def _config(project: Project, config: str, table: dict[str, Any]) -> dict[str, Any]:
    return {
        "config_name": config,
        **({"default": True} if config == DEFAULT_CONFIG else {}),
        "description": f"{PUBLISHED[config].row}; version {project.version}, rows sha256:{table['sha256']}",
        "data_files": [{"split": split, "path": part["files"]} for split, part in table["splits"].items()],
    }


def _sizes(table: dict[str, Any], to: Path, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Tell how large a config's splits are, in rows and in bytes, as files and in memory."""
    splits = []
    for split, part in table["splits"].items():
        size = sum(sizes[name] if name in sizes else arrow_bytes(to / name) for name in part["files"])
        splits.append({"name": split, "num_bytes": size, "num_examples": part["rows"]})
    files = [to / name for part in table["splits"].values() for name in part["files"]]
    return {
        "splits": splits,
        "download_size": sum(path.stat().st_size for path in files),
        "dataset_size": sum(split["num_bytes"] for split in splits),
    }


def _size_category(rows: int) -> str:
    """Name a size as the Hub does.

    >>> _size_category(999), _size_category(1000), _size_category(2_000_000)
    ('n<1K', '1K<n<10K', '1M<n<10M')
    """
    steps = ("1K", "10K", "100K", "1M", "10M", "100M", "1B")
    below = [step for power, step in enumerate(steps, 3) if rows >= 10**power]
    if not below:
        return "n<1K"
    after = steps.index(below[-1]) + 1
    return f"{below[-1]}<n<{steps[after]}" if after < len(steps) else "n>1B"


def _line(text: str) -> str:
    return " ".join(text.split())


def _body(project: Project, tables: dict[str, Any], *, datasheet: bool) -> Iterator[str]:
    yield f"# {escape(project.title)}\n"
    yield f"{escape(project.description)}\n"
    yield f"Version {project.version}. Licence: {escape(project.licence)}, unless a page's own is given.\n"
    if datasheet:
        yield (
            f"What it is for, how it was made and what it must not be used for is answered in "
            f"[{DATASHEET}]({DATASHEET}): read it before you use it.\n"
        )
    if project.text == "standoff":
        yield WITHOUT_TEXT
    yield "## Load\n"
    yield "```python"
    yield "from datasets import load_dataset\n"
    yield f'rows = load_dataset("./published", "{DEFAULT_CONFIG}", split="{_first_split(tables)}")'
    yield 'print(rows[0]["text"])'
    yield "```\n"
    yield "Labels are strings in the Parquet files and load as `ClassLabel`: `int2str` names them.\n"
    yield "## Configs\n"
    yield from _table(
        ("config", "a row is", *SPLITS), (_config_row(name, table) for name, table in tables.items())
    )
    for config in tables:
        yield f"### {config}\n"
        yield from _table(("column", "kind", "what it holds"), _column_cells(config))
    yield from _labels(project, annotated="annotations" in tables)
    yield from _origin(project)
    yield "## Integrity\n"
    yield (
        "`SHA256SUMS` lists every file (`sha256sum --check SHA256SUMS`). `MANIFEST.json` names the inputs "
        "and gives a digest of each config's rows that does not depend on the library that wrote them.\n"
    )
    yield from _table(
        ("config", "digest of its rows"), ((f"`{c}`", f"`{t['sha256']}`") for c, t in tables.items())
    )


def _first_split(tables: dict[str, Any]) -> str:
    return str(next(iter(tables[DEFAULT_CONFIG]["splits"])))


def _config_row(config: str, table: dict[str, Any]) -> tuple[str, ...]:
    name = f"`{config}` (default)" if config == DEFAULT_CONFIG else f"`{config}`"
    sizes = (f"{table['splits'].get(split, {'rows': 0})['rows']:,}" for split in SPLITS)
    return (name, PUBLISHED[config].row, *sizes)


def _column_cells(config: str) -> Iterator[tuple[str, ...]]:
    for name, kind, description in column_rows(PUBLISHED[config]):
        yield f"`{name}`", kind, description.replace("|", "\\|")


def _labels(project: Project, *, annotated: bool) -> Iterator[str]:
    yield "## Labels\n"
    if annotated:
        yield f"Annotators followed the guidelines, version {project.guideline_version}.\n"
    for title, rows in (
        (
            "Targets of stances",
            [(target.target_id, target.name, target.definition) for target in project.targets],
        ),
        ("Stance labels", [(label.name, label.name, label.definition) for label in project.stance_labels]),
        ("Entity labels", [(label.name, label.name, label.definition) for label in project.entity_labels]),
    ):
        if rows:
            yield f"### {title}\n"
            cells = ((f"`{key}`", escape(name), escape(definition)) for key, name, definition in rows)
            yield from _table(("id", "name", "definition"), cells)


def _origin(project: Project) -> Iterator[str]:
    split = project.split
    shares = ", ".join(f"{name} {ratio:.0%}" for name, ratio in zip(SPLITS, split.ratios, strict=True))
    yield "## Splits\n"
    yield f"Policy `{split.policy}`, seed {split.seed}, aimed at {shares}. Near-duplicates share a split.\n"
    if project.sources:
        yield "## Sources\n"
        cells = (
            (f"`{s.name}`", escape(s.publisher), escape(s.licence), escape(s.url or ""))
            for s in project.sources
        )
        yield from _table(("source", "publisher", "licence", "address"), cells)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
