import json
from pathlib import Path

import pytest

from corpus import baselines
from corpus.cli import main
from corpus.errors import CorpusError
from corpus.models import load

ROOT = Path(__file__).resolve().parents[1]
PUBLISHED = ROOT / "published"


@pytest.fixture
def run(capsys):
    def call(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


def lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def perfect(task, split="test"):
    rows = baselines.gold(PUBLISHED, task, split).rows
    if task == "stance":
        return [{name: row[name] for name in ("paragraph_id", "target", "label")} for row in rows]
    return [{"paragraph_id": row["paragraph_id"], "tags": row["tags"]} for row in rows]


@pytest.mark.parametrize("task", ["stance", "entities"])
def test_gold_itself_scores_one(run, tmp_path, task):
    code, out, _ = run("evaluate", lines(tmp_path / "p.jsonl", perfect(task)), ROOT, "--json")
    made = json.loads(out)
    scores = {(score["name"], score["part"]): score["value"] for score in made["scores"]}
    assert code == 0
    assert scores["macro_f1", ""] == 1
    assert scores["accuracy" if task == "stance" else "strict_f1", ""] == 1


def test_the_spans_of_gold_score_one_where_they_are_not_nested(run, tmp_path):
    rows = []
    for row in baselines.gold(PUBLISHED, "entities").rows:
        kept, end = [], 0
        for span in sorted(row["spans"], key=lambda each: (each["start"], -each["end"])):
            if span["start"] >= end:
                kept.append({name: span[name] for name in ("start", "end", "label")})
                end = span["end"]
        rows.append({"paragraph_id": row["paragraph_id"], "spans": kept})
    code, out, _ = run("evaluate", lines(tmp_path / "p.jsonl", rows), ROOT, "--json")
    scores = {(score["name"], score["part"]): score["value"] for score in json.loads(out)["scores"]}
    assert code == 0
    assert scores["f1", ""] > 0.98
    assert scores["strict_f1", ""] > 0.98


def test_what_corpus_clean_prints_can_be_scored(run, tmp_path):
    wanted = baselines.gold(PUBLISHED, "cleaning").rows
    documents = {}
    for block in wanted:
        page = documents.setdefault(
            block["document_id"], {"document_id": block["document_id"], "paragraphs": []}
        )
        if block["role"] in {"heading", "paragraph", "list_item", "quote"}:
            page["paragraphs"].append({name: block[name] for name in ("text", "raw_start", "raw_end")})
    path = lines(tmp_path / "p.jsonl", documents.values())
    code, out, _ = run("evaluate", path, PUBLISHED, "--json")
    scores = {score["name"]: score["value"] for score in json.loads(out)["scores"]}
    assert code == 0
    assert scores["f1"] == scores["raw_f1"] == 1


def test_the_digest_of_the_signature_is_that_of_the_manifest(run, tmp_path):
    _, out, _ = run("evaluate", lines(tmp_path / "p.jsonl", perfect("stance")), ROOT)
    manifest = json.loads((PUBLISHED / "MANIFEST.json").read_text("utf-8"))
    digest = manifest["tables"]["stance"]["splits"]["test"]["sha256"]
    assert f"|split:test|digest:{digest[:16]}|" in out.splitlines()[-1]


def test_refused_predictions_are_counted_and_the_exit_code_is_1(run, tmp_path):
    rows = perfect("stance")
    rows[0]["label"] = "pro"
    path = lines(tmp_path / "p.jsonl", rows[:-1])
    code, out, err = run("evaluate", path, ROOT)
    assert (code, out) == (1, "")
    assert "refused: 1 missing-id, 1 unknown-label; nothing was scored" in err
    code, out, _ = run("evaluate", path, ROOT, "--json")
    assert code == 1
    assert json.loads(out)["refused"] == {"missing-id": 1, "unknown-label": 1}


def test_predictions_of_other_splits_are_set_aside_and_counted(run, tmp_path):
    rows = perfect("stance") + perfect("stance", "validation")
    code, out, err = run("evaluate", lines(tmp_path / "p.jsonl", rows), ROOT, "--json")
    scores = {(score["name"], score["part"]): score["value"] for score in json.loads(out)["scores"]}
    assert code == 0
    assert scores["accuracy", ""] == 1
    assert f"{len(perfect('stance', 'validation'))} predictions are of other splits and set aside" in err


def test_a_file_that_cannot_be_read_is_wrong_use(run, tmp_path):
    (tmp_path / "p.jsonl").write_text("{oops", encoding="utf-8")
    code, _, err = run("evaluate", tmp_path / "p.jsonl", ROOT)
    assert code == 2
    assert "p.jsonl:1" in err


def test_columns_that_tell_no_task_are_wrong_use(run, tmp_path):
    code, _, err = run("evaluate", lines(tmp_path / "p.jsonl", [{"id": 1}]), ROOT)
    assert code == 2
    assert "--task" in err


@pytest.mark.parametrize("method", ["bootstrap", "randomisation"])
def test_two_files_are_compared(run, tmp_path, method):
    rows = perfect("stance")
    other = [row | {"label": "none"} for row in rows]
    one, two = lines(tmp_path / "a.jsonl", rows), lines(tmp_path / "b.jsonl", other)
    code, out, _ = run("evaluate", one, ROOT, "--against", two, "--test", method, "--json")
    made = {(each["name"], each["part"]): each for each in json.loads(out)["comparison"]}
    assert code == 0
    assert made["macro_f1", ""]["difference"] > 0.5
    assert 0 < made["macro_f1", ""]["p"] <= 1


@pytest.mark.parametrize(("task", "method"), [("stance", "target"), ("entities", "majority")])
def test_a_baseline_is_saved_with_card_and_scores_and_its_predictions_score_the_same(
    run, tmp_path, task, method
):
    code, out, _ = run("baseline", task, ROOT, "--method", method, "--out", tmp_path, "--json")
    made = json.loads(out)
    folder = tmp_path / task / method
    assert code == 0
    assert json.loads((folder / "scores.json").read_text("utf-8"))["signature"] == made["signature"]
    assert made["signature"] in (folder / "README.md").read_text("utf-8")
    assert load(folder).method == method
    _, again, _ = run("evaluate", folder / "predictions.jsonl", ROOT, "--json")
    assert json.loads(again)["scores"] == made["scores"]


def test_a_method_of_the_other_task_is_wrong_use(run):
    code, _, err = run("baseline", "stance", ROOT, "--method", "crf")
    assert code == 2
    assert "it has majority, target, text, linear" in err


def test_models_are_not_scored_on_what_they_learned_from():
    with pytest.raises(CorpusError, match="which models learn from"):
        baselines.run(PUBLISHED, "stance", "train")


def test_the_table_says_the_same_each_time_and_shows_no_time():
    runs = [baselines.run(PUBLISHED, "stance", methods=["majority", "target"]) for _ in range(2)]
    one, other = (baselines.table_of("stance", each) for each in runs)
    assert one == other
    assert one.startswith("| stance baseline | knows | F_avg | macro-F1 | accuracy | cross-entropy |")


@pytest.mark.slow
def test_the_table_has_every_baseline_and_the_linear_model_beats_the_target():
    text = baselines.table(PUBLISHED)
    assert all(f"| `{method}` |" in text for method in ("majority", "target", "text", "linear", "crf"))
    runs = {each.method: each.result for each in baselines.run(PUBLISHED, "stance")}
    assert runs["linear"].score("macro_f1").value > runs["target"].score("macro_f1").value
