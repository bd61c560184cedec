"""The examples run: on a tiny checkpoint with random weights, offline, or with scikit-learn alone."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from corpus import baselines
from corpus.evaluate import read, sheet

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "published"
NEEDS_TRAIN = pytest.mark.skipif(
    not all(find_spec(name) for name in ("torch", "transformers", "accelerate")),
    reason="torch, transformers and accelerate, the extra `train`, are not installed",
)
TINY = """
import json, sys
from pathlib import Path
from datasets import load_dataset
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

texts = load_dataset(sys.argv[1], "paragraphs", split="train")["text"]
known = sorted({letter for text in texts for letter in text.lower() if not letter.isspace()})
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known]
BertTokenizerFast(vocab={word: at for at, word in enumerate(words)}).save_pretrained(sys.argv[2])
config = BertConfig(
    vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
)
BertForMaskedLM(config).save_pretrained(sys.argv[2])
"""


def run(*arguments):
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def scored(task, path):
    """Whether predictions are complete and well-formed: they can be scored."""
    wanted = baselines.gold(PUBLISHED, task)
    made, findings = sheet(task, wanted.rows, read(path), wanted.labels)
    return made is not None and findings == ()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    run("-c", TINY, PUBLISHED, folder)
    return folder


@NEEDS_TRAIN
@pytest.mark.parametrize("task", ["stance", "entities"])
def test_a_checkpoint_is_fine_tuned_and_its_predictions_can_be_scored(task, tiny, tmp_path):
    script = ROOT / "examples" / f"{task}_transformers.py"
    out = run(script, "--model", tiny, "--data", PUBLISHED, "--out", tmp_path, "--epochs", "1")
    assert scored(task, tmp_path / "predictions.jsonl")
    assert "macro_f1" in json.loads(out[out.rindex("{\n") :])


def test_a_scikit_learn_model_is_trained_and_its_predictions_can_be_scored(tmp_path):
    out = run(ROOT / "examples" / "stance_sklearn.py", "--data", PUBLISHED, "--out", tmp_path)
    assert "f_avg" in out
    assert scored("stance", tmp_path / "predictions.jsonl")


def test_the_notebook_runs_and_the_docs_show_its_cells(tmp_path):
    notebook = tmp_path / "first_model.ipynb"
    notebook.write_bytes((ROOT / "examples" / "first_model.ipynb").read_bytes())
    run(ROOT / "examples" / "render.py", notebook, tmp_path / "page.md")
    held = (ROOT / "docs" / "first-model.md").read_text("utf-8")
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        assert "".join(cell["source"]) in held
