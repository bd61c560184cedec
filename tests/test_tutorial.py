"""docs/tutorial.md, done as a reader does it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/tutorial.md").read_text("utf-8")
BLOCKS = [
    (text, kind, body)
    for text, kind, body in re.findall(r"(.*?)^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
]
MODEL = TEXT.index("## 5.")


def _done(command, folder):
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _corpus(line, folder):
    assert line.startswith("corpus ")
    return _done([sys.executable, "-m", "corpus", *shlex.split(line)[1:]], folder)


def _sections():
    """The fenced blocks before the model's section, and those of it."""
    before = [block for block in BLOCKS if TEXT.index(block[2]) < MODEL]
    return before, BLOCKS[len(before) :]


def test_a_newcomer_gets_from_a_raw_page_to_a_loaded_annotated_row(tmp_path):
    folder, printed = tmp_path, {}
    for _, kind, body in _sections()[0]:
        if kind == "html":
            (folder / "raw/my-source/harbour.html").write_text(body, "utf-8")
        elif kind == "python":
            printed[body] = _done([sys.executable, "-c", body], folder)
        else:
            for line in body.splitlines():
                printed[line] = _corpus(line, folder)
                folder = tmp_path / "my-corpus"
    assert "支持" not in printed["corpus clean raw"]
    assert "comment_words" in printed["corpus clean raw --blocks"]
    loaded = next(text for body, text in printed.items() if "load_dataset" in body)
    assert loaded.count("entity_id") == 3
    assert len(loaded.strip().splitlines()) == 3


@pytest.mark.slow
def test_a_newcomer_gets_from_the_reference_corpus_to_a_scored_model(tmp_path):
    for _, _, body in _sections()[1]:
        for line in body.splitlines():
            made = line.replace("build/models", str(tmp_path / "models")).replace(" . ", f" {ROOT} ")
            out = _corpus(re.sub(r" \.$", f" {ROOT}", made), tmp_path)
    assert "linear" in out or "difference" in out
