from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from corpus.publish import REPOSITORY_CARD, card, publish, repository_card, write_repository_card
from corpus.schema import PUBLISHED, Label

HOSTILE = (
    '"]: {a: !!python/object:os.system} | <script>alert(1)</script> [x](javascript:1) *b* `c`\n---\n# H\n'
)


def test_the_front_matter_is_yaml_that_names_every_config(published):
    front = card.front_matter((published / card.CARD).read_text(encoding="utf-8"))
    assert [config["config_name"] for config in front["configs"]] == list(PUBLISHED)
    assert [config.get("default", False) for config in front["configs"]].count(True) == 1
    assert front["language"] == ["zh"]
    assert front["license"] == "cc-by-4.0"
    assert front["size_categories"] == ["n<1K"]
    sizes = {
        each["config_name"]: sum(s["num_examples"] for s in each["splits"]) for each in front["dataset_info"]
    }
    assert sizes == {
        "paragraphs": 5,
        "stance": 1,
        "entities": 2,
        "documents": 3,
        "annotations": 4,
        "blocks": 8,
    }


def test_a_config_s_description_carries_version_and_digest(published):
    front = card.front_matter((published / card.CARD).read_text(encoding="utf-8"))
    for config in front["configs"]:
        assert re.search(r"version 0\.3\.0, rows sha256:[0-9a-f]{64}$", config["description"])


def test_the_card_of_a_corpus_nobody_annotated_claims_no_annotators(build, published, tmp_path):
    publish(build({"a/b": ("train", ["只有这一段。"])}), tmp_path / "p")
    assert "Annotators" in (published / card.CARD).read_text(encoding="utf-8")
    assert "Annotators" not in (tmp_path / "p" / card.CARD).read_text(encoding="utf-8")


def test_a_licence_the_hub_does_not_know_is_declared_by_name(small, tmp_path):
    publish(replace(small, project=replace(small.project, licence="LicenseRef-Press")), tmp_path / "p")
    front = card.front_matter((tmp_path / "p" / card.CARD).read_text(encoding="utf-8"))
    assert (front["license"], front["license_name"]) == ("other", "LicenseRef-Press")


def test_what_a_project_declares_stays_text_in_yaml_and_markdown(small, tmp_path):
    project = replace(
        small.project,
        title=HOSTILE,
        description=HOSTILE,
        targets=(replace(small.project.targets[0], name=HOSTILE, definition=HOSTILE),),
        entity_labels=(*small.project.entity_labels, Label("OTHER", HOSTILE)),
        sources=(replace(small.project.sources[0], publisher=HOSTILE),),
    )
    publish(replace(small, project=project), tmp_path / "p")
    written = (tmp_path / "p" / card.CARD).read_text(encoding="utf-8")
    assert card.front_matter(written)["pretty_name"] == " ".join(HOSTILE.split())
    body = written.split("\n---\n", 1)[1]
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(body)
    inside = [child.type for token in tokens for child in token.children or ()]
    assert "html_block" not in [token.type for token in tokens]
    assert not {"html_inline", "link_open", "em_open", "image"} & set(inside)
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="\\`*_[]<>|~&#$-+=:.)(!1a \n\t", max_size=30))
def test_escaped_text_means_itself(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(card.escape(text))
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert shown == " ".join(text.replace("\0", "\ufffd").split())
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}


def test_the_snippet_of_the_card_runs(published, offline, monkeypatch, capsys):
    snippet = re.search(
        r"```python\n(.*?)```", (published / card.CARD).read_text(encoding="utf-8"), re.DOTALL
    )[1]
    monkeypatch.chdir(published.parent)
    exec(compile(snippet, "README.md", "exec"), {})  # the card's own snippet, written by us
    assert capsys.readouterr().out.strip()


def test_the_repository_card_points_below_its_root(published):
    front = yaml.safe_load(repository_card(published, "published"))
    paths = [path for config in front["configs"] for part in config["data_files"] for path in part["path"]]
    assert all((published.parent / path).is_file() for path in paths)
    assert "splits" not in front["dataset_info"][0]


def test_a_repository_loads_from_its_root_whatever_its_readme_says(published, offline, tmp_path):
    from datasets import load_dataset

    root = tmp_path / "checkout"
    shutil.copytree(published, root / "published")
    (root / "README.md").write_text("# A tool\n\nNot a card.\n")
    (root / "raw").mkdir()
    (root / "raw" / "page.html").write_text("<p>")
    assert write_repository_card(root / "published") == root / REPOSITORY_CARD
    rows = load_dataset(str(root), "stance", split="test")
    assert rows.features["label"].int2str(rows[0]["label"]) == "favor"


def test_the_repository_card_is_renewed_but_a_person_s_own_is_kept(published, tmp_path):
    folder = tmp_path / "published"
    shutil.copytree(published, folder)
    path = write_repository_card(folder)
    made = path.read_text(encoding="utf-8")
    path.write_text(f"{made}# stale\n", encoding="utf-8")
    assert write_repository_card(folder).read_text(encoding="utf-8") == made
    path.write_text("license: mit\n", encoding="utf-8")
    assert write_repository_card(folder) is None
    assert path.read_text(encoding="utf-8") == "license: mit\n"


def test_the_documentation_of_the_tables_is_their_declaration():
    page = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
    command = "from corpus.publish.card import columns_page; print(columns_page(), end='')"
    assert page.read_text(encoding="utf-8") == card.columns_page(), f'python -c "{command}" > docs/tables.md'


@pytest.mark.parametrize(
    ("rows", "category"), [(0, "n<1K"), (10**4, "10K<n<100K"), (10**9, "n>1B"), (10**12, "n>1B")]
)
def test_sizes_are_named_as_the_hub_names_them(rows, category):
    assert card._size_category(rows) == category
