import json
import pathlib
import re

import pytest

from corpus.cli import main


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


def _commands():
    import corpus.cli

    folder = pathlib.Path(corpus.cli.__file__).parent
    return sorted(path.stem.strip("_") for path in folder.glob("[!_]*.py"))


@pytest.mark.parametrize("command", _commands())
def test_every_command_has_help(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert out.startswith(f"Usage: corpus {command}")


@pytest.mark.parametrize("command", _commands())
def test_the_readme_names_every_command(command):
    readme = pathlib.Path(__file__).resolve().parents[2] / "README.md"
    assert f"`corpus {command}" in readme.read_text("utf-8")


def test_an_unknown_command_is_refused_with_the_known_ones(run):
    code, _, err = run("polish")
    assert code == 2
    assert "build, cache, clean" in err


def test_clean_prints_one_json_object_a_page_with_the_keys_of_the_contract(run, project):
    code, out, _ = run("clean", project.root / "raw/my-source/page.html", "--json", "--blocks")
    made = json.loads(out)
    assert code == 0
    assert {
        "path", "document_id", "title", "url", "publisher", "author", "published_at", "language", "encoding",
        "paragraphs", "text", "blocks",
    } <= made.keys()  # fmt: skip
    assert made["title"] == "港区仓库清点结束"
    assert made["language"] == "zh"
    assert made["text"] == "\n".join(paragraph["text"] for paragraph in made["paragraphs"])


def test_clean_names_a_page_that_cannot_be_read_prints_the_others_and_exits_with_2(run, project):
    project.write("raw/my-source/empty.html", b"")
    code, out, err = run("clean", project.root / "raw", "--json")
    assert code == 2
    assert json.loads(out)["path"] == "my-source/page.html"
    assert "my-source/empty.html" in err


def test_clean_refuses_a_path_that_does_not_exist(run, tmp_path):
    code, _, err = run("clean", tmp_path / "nothing.html")
    assert code == 2
    assert "does not exist" in err


def test_clean_shows_no_control_characters_of_a_page(run, project):
    project.write(
        "raw/my-source/page.html", "<p>码头今天照常开放，\x1b[31m船只请按编号靠泊，夜间不收泊位费。</p>"
    )
    _, out, _ = run("clean", project.root / "raw")
    assert "\x1b[31m" not in out


def test_build_exits_with_0_where_all_is_well_and_with_1_where_a_page_is_quarantined(run, project):
    assert run("build", project.root)[0] == 0
    project.write("raw/my-source/empty.html", b"")
    code, _, err = run("build", project.root)
    assert code == 1
    assert "my-source/empty.html" in err


def test_build_reports_as_json_without_progress_in_a_pipe(run, project):
    code, out, err = run("build", project.root, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["documents"] == 1


def test_build_of_a_folder_that_is_no_project_is_one_message_and_exit_code_2(run, tmp_path):
    code, _, err = run("build", tmp_path)
    assert code == 2
    assert re.match(r"corpus: .*schema/corpus\.yaml", err)
    assert "Traceback" not in err


def test_trace_gives_the_raw_place_of_a_text(run, project):
    code, out, _ = run("trace", "my-source/page", "--root", project.root, "--text", "贺兰生", "--json")
    made = json.loads(out)
    raw = (project.root / "raw/my-source/page.html").read_text("utf-8")
    assert code == 0
    assert raw[made["raw"]["start"] : made["raw"]["end"]] == "贺兰生"


def test_trace_gives_the_fate_of_an_offset_that_was_dropped(run, project):
    raw = (project.root / "raw/my-source/page.html").read_text("utf-8")
    at = raw.index("版权所有")
    code, out, _ = run("trace", "my-source/page", "--root", project.root, "--at", at, "--json")
    made = json.loads(out)
    assert code == 0
    assert made["paragraph_id"] is None
    assert made["role"] in {"navigation", "disclaimer", "interface", "other"}


def test_trace_finds_a_paragraph_by_its_id(run, project):
    _, out, _ = run("trace", "my-source/page", "--root", project.root, "--json")
    first = json.loads(out.splitlines()[0])
    code, again, _ = run("trace", first["paragraph_id"], "--root", project.root, "--json")
    assert code == 0
    assert json.loads(again) == first


def test_trace_of_a_text_that_is_not_there_exits_with_1(run, project):
    assert run("trace", "my-source/page", "--root", project.root, "--text", "火星")[0] == 1


def test_trace_of_an_unknown_document_says_so(run, project):
    code, _, err = run("trace", "my-source/nothing", "--root", project.root)
    assert code == 2
    assert "my-source/nothing" in err


def test_init_overwrites_nothing(run, project):
    code, _, err = run("init", project.root)
    assert code == 2
    assert "README.md" in err


def test_stats_counts_what_is_published(run, project):
    project.annotate(project.line("南屿贸易公司"))
    run("build", project.root)
    code, out, _ = run("stats", project.root, "--json")
    made = json.loads(out)
    assert code == 0
    assert made["documents"] == 1
    assert made["entities"] == {"ORG": 1}
    assert sum(made["ledger"].values()) == made["raw_chars"]


def test_stats_of_an_unpublished_project_says_what_to_do(run, project):
    code, _, err = run("stats", project.root)
    assert code == 2
    assert "corpus build" in err


def test_a_symlink_out_of_the_project_is_quarantined_not_followed(run, project, tmp_path):
    outside = tmp_path / "secret.html"
    outside.write_text("<p>机密</p>", "utf-8")
    (project.root / "raw/my-source/link.html").symlink_to(outside)
    code, out, err = run("build", project.root, "--json")
    assert code == 1
    assert json.loads(out)["quarantined"][0]["raw_path"] == "my-source/link.html"
    assert "机密" not in out + err


def test_clean_explains_why_each_piece_was_kept_or_dropped(run, project):
    code, out, _ = run("clean", project.root / "raw", "--explain", "--json")
    rows = json.loads(out)["explain"]
    assert code == 0
    assert all(row["rule"] and row["meaning"] for row in rows)
    assert any(row["role"] == "paragraph" and row["chances"]["main_text"] > 0.5 for row in rows)


def test_clean_compares_two_versions_of_its_output_rule_by_rule(run, project, tmp_path):
    _, out, _ = run("clean", project.root / "raw", "--json", "--blocks")
    (tmp_path / "before.jsonl").write_text(out, "utf-8")
    page = json.loads(out)
    changed = next(block for block in page["blocks"] if block["role"] == "paragraph")
    changed["role"], changed["rule"] = "other", "not_main_text"
    (tmp_path / "after.jsonl").write_text(json.dumps(page), "utf-8")
    code, out, _ = run("clean", "--diff", tmp_path / "before.jsonl", tmp_path / "after.jsonl", "--json")
    assert code == 0
    assert json.loads(out)["after"] == ["other", "not_main_text"]


def test_clean_refuses_to_compare_what_it_did_not_print(run, tmp_path):
    (tmp_path / "a.jsonl").write_text("{}\n", "utf-8")
    code, _, err = run("clean", "--diff", tmp_path / "a.jsonl", tmp_path / "a.jsonl")
    assert code == 2
    assert "a.jsonl:1" in err
