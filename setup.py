"""Carries the published reference corpus into the package: `corpus.load()` works from an installed wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCorpus(build_py):
    """Copies `published/` to `corpus/published/` in the wheel; an editable install reads it where it is."""

    def run(self) -> None:
        """Build as ever, then copy the dataset folder."""
        super().run()
        source, target = Path("published"), Path(self.build_lib, "corpus", "published")
        if source.is_dir() and not self.editable_mode:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)


setup(cmdclass={"build_py": BuildWithCorpus})
