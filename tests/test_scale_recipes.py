"""The recipes of docs/scale.md, as far as they can be held to anything here."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import yaml
from click.testing import CliRunner

from corpus.cli.build import command

ROOT = Path(__file__).resolve().parents[1]
DOCS = (ROOT / "docs/scale.md").read_text("utf-8")


def _recipe(language: str) -> list[str]:
    return re.findall(rf"(?s)```{language}\n(.*?)```", DOCS)


def test_the_shell_of_the_recipes_is_shell():
    for recipe in _recipe("sh"):
        assert subprocess.run(["sh", "-n"], input=recipe, text=True, check=False).returncode == 0


def test_every_option_of_the_recipes_is_one_of_the_command(tmp_path):
    known = CliRunner().invoke(command, ["--help"]).output
    commands = re.findall(r"corpus build ([^\n`]*)", "\n".join([*_recipe("sh"), *_recipe("yaml")]))
    options = {option for line in commands for option in re.findall(r"--[a-z-]+", line)}
    assert {"--units", "--workers", "--engine"} <= options
    assert {option for option in options if option not in known} == set()


def test_a_share_of_the_slurm_recipe_is_one_that_the_command_takes(tmp_path):
    (tmp_path / "schema").mkdir()
    (script,) = (each for each in _recipe("sh") if "#SBATCH" in each)
    line = script.strip().splitlines()[-1]
    array = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "64"}
    done = subprocess.run(
        ["sh", "-c", f"corpus() {{ printf '%s\\n' \"$@\"; }}\n{line}"],
        env=array,
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert said[said.index("--units") + 1] == "3/64"


def test_the_cluster_of_the_recipe_runs_the_version_of_ray_that_is_asked_for():
    (recipe,) = _recipe("yaml")
    cluster = yaml.safe_load(recipe)["spec"]["rayClusterSpec"]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert cluster["rayVersion"].removesuffix(".0") in extras["ray"][0]
    pods = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    mounts = [pod["template"]["spec"]["containers"][0]["volumeMounts"] for pod in pods]
    assert all(mount == [{"name": "project", "mountPath": "/project"}] for mount in mounts)
