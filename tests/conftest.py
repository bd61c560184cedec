import hashlib
import json
import os
import signal
from pathlib import Path

import pytest

os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>港区仓库清点结束 - 东堤日报</title>
<meta property="og:site_name" content="东堤日报"></head>
<body><div class="nav"><a href="/">首页</a> <a href="/port">港口</a> <a href="/life">生活</a></div>
<article><h1>港区仓库清点结束</h1>
<div class="info">2025-03-04 09:30 东堤日报 记者 许望舒</div>
<p>东堤港务处周二上午宣布，历时三周的仓库清点已经结束，共核对货柜四千一百个，其中三个柜的单证与实物不符。</p>
<p>负责清点的主任贺兰生说，三个柜都已封存，货主在一周之内可以补交文件，逾期则按规定退回原港。</p>
<p>南屿贸易公司的经理葛青禾认为，这样的期限对小公司来说太紧，他希望港务处能给出两周的时间。</p></article>
<div class="footer">版权所有 东堤日报</div></body></html>
"""


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run tests that take minutes")
    parser.addoption("--network", action="store_true", help="run tests that need a network")


def pytest_collection_modifyitems(config, items):
    for mark in ("slow", "network"):
        if not config.getoption(f"--{mark}"):
            skip = pytest.mark.skip(reason=f"needs --{mark}")
            for item in items:
                if mark in item.keywords:
                    item.add_marker(skip)


class Project:
    """A small corpus project in a folder, for tests to fill and break."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, content: str | bytes) -> Path:
        to = self.root / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return to

    def line(self, quote: str, **changes: object) -> dict[str, object]:
        """An annotation line on the page, as `corpus trace --json` gives its place."""
        from corpus.trace import trace

        made = trace(self.root, "my-source/page", quote)[0].as_json()
        line = {
            "id": "",
            "document_id": "my-source/page",
            "layer": "entity",
            "label": "ORG",
            "target": None,
            "quote": made["quote"],
            "raw": made["raw"],
            "annotator": "gold",
            "guideline": "1.0",
            "created_at": "2025-03-05T08:00:00Z",
            "note": None,
        }
        line |= changes
        line["id"] = line["id"] or hashlib.sha256(json.dumps(line).encode()).hexdigest()[:12]
        return line

    def annotate(self, *lines: dict[str, object] | str) -> None:
        by_file: dict[str, list[str]] = {}
        for line in lines:
            if isinstance(line, str):
                by_file.setdefault("annotations/entity/gold.jsonl", []).append(line)
            else:
                name = f"annotations/{line['layer']}/{line['annotator']}.jsonl"
                by_file.setdefault(name, []).append(json.dumps(line, ensure_ascii=False))
        for name, texts in by_file.items():
            self.write(name, "".join(f"{text}\n" for text in texts))


@pytest.fixture
def project(tmp_path):
    """A new project, as `corpus init` makes it, with one page."""
    from corpus.cli import main

    root = tmp_path / "project"
    with pytest.raises(SystemExit) as ended:
        main(["init", str(root)])
    assert ended.value.code == 0
    made = Project(root)
    made.write("raw/my-source/page.html", PAGE)
    return made


@pytest.fixture
def memory():
    """An empty file system in memory."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.rm("/", recursive=True) if system.ls("/") else None
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def not_for_ever():
    """A test that waits for ever fails, where it would hold up all the others."""

    def end(*_):
        pytest.fail("it waits for ever")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def shared():
    """The folder of public material beside the checkout; the test is skipped where there is none."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared folder does not stand beside this checkout")
    return folder
