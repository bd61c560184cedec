"""The README's table of checks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _rows(path, link):
    text = (ROOT / path).read_text("utf-8")
    return re.findall(rf"^\| \[`(\w+)`\]\({link}#\w+\) \| (\w+) \| (.*) \|$", text, re.MULTILINE)


def test_every_check_has_its_place_in_the_readme():
    told = _rows("docs/audit.md", "")
    assert told
    assert _rows("README.md", "docs/audit.md") == told
    assert f"holds {len(told)} checks" in (ROOT / "README.md").read_text("utf-8")
