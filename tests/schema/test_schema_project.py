from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ProjectError
from corpus.schema import load_project, strict

CORPUS = """\
name: ferry-news
version: 0.2.0
title: Ferry news
description: Pages about ferries.
languages: [zh, en]
licences:
  default: CC-BY-4.0
split:
  policy: random
  seed: 7
  ratios: {train: 0.8, validation: 0.1, test: 0.1}
sources:
  - name: quay-daily
    path: quay-daily
    publisher: Quay Daily
    licence: CC0-1.0
    url: https://quay-daily.example/
  - name: quay-night
    path: quay-daily/night
    publisher: Quay Night
"""

LABELS = """\
stance:
  targets:
    - {id: fares, name: 票价, definition: Whether fares are fair.}
  labels:
    - {name: favor, definition: For it.}
    - {name: against, definition: Against it.}
entities:
  labels:
    - {name: ORG, definition: An organisation.}
"""

GUIDELINES = "# Guidelines\n\nVersion: 1.2\n\nMark the whole name.\n"


def project(root: Path, corpus: str = CORPUS, labels: str = LABELS, guidelines: str = GUIDELINES) -> Path:
    (root / "schema").mkdir(exist_ok=True)
    for name, text in (("corpus.yaml", corpus), ("labels.yaml", labels), ("guidelines.md", guidelines)):
        (root / "schema" / name).write_text(text, encoding="utf-8")
    return root


def refused(root: Path, **files: str) -> str:
    with pytest.raises(ProjectError) as error:
        load_project(project(root, **files))
    return str(error.value)


def test_a_whole_project_is_read(tmp_path):
    read = load_project(project(tmp_path))
    assert (read.name, read.version, read.languages, read.licence) == (
        "ferry-news",
        "0.2.0",
        ("zh", "en"),
        "CC-BY-4.0",
    )
    assert read.split.ratios == (0.8, 0.1, 0.1)
    assert [target.target_id for target in read.targets] == ["fares"]
    assert [label.name for label in read.stance_labels] == ["favor", "against"]
    assert read.entity_labels[0].definition == "An organisation."
    assert read.guideline_version == "1.2"
    assert [name for name, _ in read.files] == [
        "schema/corpus.yaml",
        "schema/guidelines.md",
        "schema/labels.yaml",
    ]


def test_the_source_of_a_raw_file_is_the_longest_path_that_holds_it(tmp_path):
    read = load_project(project(tmp_path))
    assert read.source_of("quay-daily/night/a.html").name == "quay-night"
    assert read.source_of("quay-daily/a.html").name == "quay-daily"
    assert read.source_of("quay-daily-two/a.html") is None


def test_a_licence_comes_from_the_source_else_from_the_project(tmp_path):
    read = load_project(project(tmp_path))
    assert read.licence_of("quay-daily/a.html") == "CC0-1.0"
    assert read.licence_of("quay-daily/night/a.html") == "CC-BY-4.0"
    assert read.licence_of("elsewhere/a.html") == "CC-BY-4.0"


def test_one_layer_of_labels_is_enough(tmp_path):
    read = load_project(
        project(tmp_path, labels="entities:\n  labels:\n    - {name: ORG, definition: One.}\n")
    )
    assert (read.targets, read.stance_labels) == ((), ())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Ferry news", "titel: Ferry news", 3, ["unknown key `titel`", "did you mean `title`?"]),
        ("title: Ferry news\n", "", 1, ["no `title`", "add a line `title: …`"]),
        ("title: Ferry news", "title:", 3, ["title: found nothing"]),
        ("title: Ferry news", "title: [a]", 3, ["found a list"]),
        ("title: Ferry news", "title: Ferry news\ntitle: Two", 4, ["a second time (first on line 3)"]),
        ("[zh, en]", "[zh, no]", 5, ["languages[1]", "`no`", "true or false", 'put it in quotes: "no"']),
        ("version: 0.2.0", "version: 0.2", 2, ["the bare word `0.2`", 'put it in quotes: "0.2"']),
        ("version: 0.2.0", "version: v0.2.0", 2, ["`v0.2.0`", "a semantic version such as 1.2.0"]),
        ("name: ferry-news", "name: Ferry News", 1, ["`Ferry News`", "lower-case"]),
        ("name: ferry-news", "name: &a ferry-news", 1, ["the anchor `&a`", "write the value out"]),
        ("title: Ferry news", "title: *a", 3, ["the alias `*a`"]),
        ("title: Ferry news", "title: !!python/object:os.system x", 3, ["the explicit tag"]),
        ("  policy: random", "\tpolicy: random", 9, ["a tab in the indentation", "two spaces"]),
        ("policy: random", "policy: randon", 9, ["`randon`", "did you mean `random`?"]),
        ("seed: 7", "seed: -7", 10, ["split.seed", "a whole number, zero or more"]),
        ("seed: 7", "seed: 0x7", 10, ["split.seed", "decimal digits"]),
        ("seed: 7", "seed: seven", 10, ["found text (`seven`)"]),
        ("train: 0.8", "train: 0.9", 11, ["ratios that sum to 1.1"]),
        ("train: 0.8", "train: .inf", 11, ["split.ratios.train"]),
        ("train: 0.8", "train: 2", 11, ["a number from 0 to 1"]),
        ("[zh, en]", "[zh, zh]", 5, ["`zh` a second time"]),
        ("[zh, en]", "[]", 5, ["an empty list"]),
        ("[zh, en]", "zh", 5, ["a list", "found text"]),
        ("    path: quay-daily\n", "    path: ../quay\n", 14, ["a folder below raw/"]),
        ("    path: quay-daily\n", "    path: /quay\n", 14, ["a folder below raw/"]),
        ("name: quay-night", "name: quay-daily", 18, ["the source `quay-daily` a second time"]),
        ("path: quay-daily/night", "path: quay-daily/", 19, ["the path of source `quay-daily`"]),
        ("https://quay-daily.example/", "javascript:alert(1)", 17, ["an http or https address"]),
        ("default: CC-BY-4.0", "default: '<b>'", 7, ["an SPDX licence"]),
        ("title: Ferry news", "title: 'Ferry", 21, ["invalid YAML"]),
        ("title: Ferry news", "title: a: b", 3, ["invalid YAML"]),
        ("name: ferry-news", "---\nname: a\n---\nname: ferry-news", 3, ["a second document"]),
    ],
)  # fmt: skip
def test_a_wrong_corpus_yaml_is_refused_with_its_line_and_what_to_do(tmp_path, old, new, line, words):
    assert old in CORPUS
    message = refused(tmp_path, corpus=CORPUS.replace(old, new, 1))
    assert message.startswith(f"schema/corpus.yaml:{line}:"), message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    - {name: against, definition: Against it.}\n", "    - {name: favor, definition: Again.}\n", 6,
         ["the label `favor` a second time"]),
        ("id: fares", "id: Fares!", 3, ["stance.targets[0].id", "`Fares!`"]),
        ("id: fares, ", "", 3, ["no `id`"]),
        ("name: ORG", "name: ORG-X", 9, ["entities.labels[0].name"]),
        ("name: ORG", "name: none", 9, ["the entity label `none`", "no mention is there"]),
        ("name: favor", "name: no", 5, ["`no`", "true or false"]),
        ("entities:", "entity:", 7, ["unknown key `entity`", "did you mean `entities`?"]),
        ("definition: An organisation.", "definition: null", 9, ["found nothing"]),
    ],
)  # fmt: skip
def test_a_wrong_labels_yaml_is_refused_with_its_line_and_what_to_do(tmp_path, old, new, line, words):
    assert old in LABELS
    message = refused(tmp_path, labels=LABELS.replace(old, new, 1))
    assert message.startswith(f"schema/labels.yaml:{line}:"), message
    for word in words:
        assert word in message


def test_guidelines_without_a_version_are_refused(tmp_path):
    assert "schema/guidelines.md:1: found no version" in refused(tmp_path, guidelines="# Guidelines\n")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("# Annotation guidelines, version 1.0\n", "1.0"),
        ('---\nversion: "2.1"\n---\n# Guide\n', "2.1"),
        ("# 标注规范\n\n版本：1.3\n", "1.3"),
        ("# Guide v3\n", "3"),
    ],
)
def test_the_version_of_guidelines_may_stand_in_several_forms(tmp_path, text, version):
    assert load_project(project(tmp_path, guidelines=text)).guideline_version == version


@pytest.mark.parametrize("name", ["corpus.yaml", "labels.yaml", "guidelines.md"])
def test_a_missing_declaration_is_named(tmp_path, name):
    (project(tmp_path) / "schema" / name).unlink()
    with pytest.raises(ProjectError, match=rf"schema/{name}: found no such file"):
        load_project(tmp_path)


def test_a_folder_in_place_of_a_declaration_is_refused(tmp_path):
    path = project(tmp_path) / "schema" / "corpus.yaml"
    path.unlink()
    path.mkdir()
    with pytest.raises(ProjectError, match=r"schema/corpus.yaml: found a file that cannot be read"):
        load_project(tmp_path)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(tmp_path):
    path = project(tmp_path) / "schema" / "corpus.yaml"
    path.write_bytes(CORPUS.replace("Ferry news", "渡轮").encode("gb18030"))
    with pytest.raises(ProjectError, match=r"schema/corpus.yaml:3: found the byte 0x.., which is not UTF-8"):
        load_project(tmp_path)


def test_a_huge_declaration_is_refused_before_it_is_parsed(tmp_path):
    assert "more than 1,000,000 bytes" in refused(tmp_path, corpus="# " + "x" * 1_000_001)


def test_a_byte_order_mark_is_no_hindrance(tmp_path):
    assert load_project(project(tmp_path, corpus="\ufeff" + CORPUS)).name == "ferry-news"


def test_deep_nesting_is_refused_rather_than_a_recursion_error():
    with pytest.raises(ProjectError, match="more than 20 levels of nesting"):
        strict.parse("a: " + "[" * 50_000, "corpus.yaml")


def test_an_alias_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(ProjectError, match=r"corpus.yaml:1: found the anchor `&a`"):
        strict.parse(bomb, "corpus.yaml")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_declaration_is_refused(text):
    with pytest.raises(ProjectError, match=r"corpus.yaml:[12]: found"):
        strict.parse(text, "corpus.yaml").mapping(("name",))


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(list("ab:-[]{}&*!|>'\"%@`,?#\n\t 0.~")), max_size=60).map("".join)
)
def test_any_text_is_read_or_refused_with_a_line(text):
    try:
        strict.parse(text, "corpus.yaml").mapping(("a",), ("b",))["a"].text()
    except ProjectError as error:
        assert str(error).startswith("corpus.yaml:")  # noqa: PT017 - both outcomes are fine


def test_the_declarations_of_this_repository_are_sound():
    root = Path(__file__).resolve().parents[2]
    if not (root / "schema" / "labels.yaml").is_file():
        pytest.skip("schema/labels.yaml is not written yet")
    read = load_project(root)
    assert {label.name for label in read.stance_labels} == {"favor", "against", "neutral", "none"}
