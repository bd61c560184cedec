from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LOAD = """
import corpus, pathlib
assert pathlib.Path(corpus.__file__).is_relative_to({site!r}), corpus.__file__
print(corpus.load("documents").num_rows)
"""


@pytest.mark.slow
def test_an_installed_wheel_carries_the_reference_corpus(tmp_path):
    if not (ROOT / "setup.py").is_file() or not (ROOT / "published").is_dir():
        pytest.skip("needs setup.py and the published reference corpus")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for name in names.split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / "source" / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index"]
    site = tmp_path / "site"
    subprocess.run([*pip, "wheel", *offline, "-w", tmp_path / "wheel", tmp_path / "source"], check=True)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    subprocess.run([*pip, "install", *offline, "--target", site, wheel], check=True)
    offline_cache = {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(site=str(site))],
        env={**os.environ, **offline_cache, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
