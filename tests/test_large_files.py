"""Large files of many pages in a build: cut into ranges, they give what they give whole."""

import gzip
import io
import json
import os
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus import cleaning_run, pages, raw
from corpus.build import build
from corpus.raw import _ranges, parquet


def _page(number):
    text = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大，船员都在甲板上。"
    return f"<title>泊位{number}</title><article><p>{text}</p><p>{text[::-1]}</p></article>"


def _record(number, body=None):
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + (body or _page(number).encode())
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:berth-%d>\r\n" % number
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"


@pytest.fixture
def harbour(project):
    """A project with an archive, packed and plain, lines and a table, of twelve pages each."""
    table = pa.table({"html": [_page(40 + number) for number in range(12)]})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=5)
    lines = [{"id": f"line-{number}", "html": _page(20 + number)} for number in range(12)]
    project.write("raw/my-source/a.warc", b"".join(map(_record, range(12))))
    project.write("raw/my-source/b.warc.gz", b"".join(gzip.compress(_record(60 + n)) for n in range(12)))
    project.write("raw/my-source/c.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))
    project.write("raw/my-source/d.parquet", sink.getvalue())
    return project


@pytest.fixture
def cut(monkeypatch):
    """Cut every file that can be cut, behind every third page."""
    monkeypatch.setattr(raw, "LARGE_BYTES", 0)
    monkeypatch.setattr(_ranges, "RANGE_PAGES", 3)
    monkeypatch.setattr(parquet, "RANGE_PAGES", 3)


def _bytes(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_of_ranges_publishes_the_bytes_of_a_build_of_whole_files(harbour, request, workers):
    whole = build(harbour.root, workers=1, cache=False)
    published = _bytes(harbour.root / "published")
    request.getfixturevalue("cut")
    seen = []
    apart = build(harbour.root, workers=workers, cache=False, progress=lambda *told: seen.append(told))
    assert _bytes(harbour.root / "published") == published
    assert apart.quarantined == whole.quarantined
    assert apart.documents == 49
    assert seen[-1] == (5, 5, 0)


def test_a_range_that_was_cleaned_before_is_known_again(harbour, cut, monkeypatch):
    build(harbour.root, workers=1)
    cleaned = []

    def do(page):
        cleaned.append(page.document_id)
        return pages.clean_or_quarantine(page)

    monkeypatch.setattr(cleaning_run, "CLEANING", replace(cleaning_run.CLEANING, do=do))
    changed = b"".join(
        _record(number, b"<p>ebb and flood</p>" * 9 if number == 4 else None) for number in range(12)
    )
    harbour.write("raw/my-source/a.warc", changed)
    assert build(harbour.root, workers=1).documents == 49
    assert cleaned == ["my-source/a#berth-4"]


def test_a_page_that_kills_its_process_costs_its_range_nothing_else(harbour, cut, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "deadly.py").write_text(
        "import os\nfrom corpus.pages import clean_or_quarantine\n"
        "def do(page):\n    if page.document_id.endswith('berth-7'): os.abort()\n"
        "    return clean_or_quarantine(page)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    import deadly

    monkeypatch.setattr(cleaning_run, "CLEANING", replace(cleaning_run.CLEANING, do=deadly.do))
    report = build(harbour.root, workers=2, cache=False)
    [left] = report.quarantined
    assert (left.raw_path, left.record_id) == ("my-source/a.warc", "berth-7")
    assert report.documents == 48


def test_broken_records_are_named_once_whether_cut_or_not(harbour, request):
    records = [_record(number) for number in range(12)]
    records[5] = _record(5, b"%PDF-1.7")
    harbour.write("raw/my-source/a.warc", b"".join(records)[:-9])
    harbour.write("raw/my-source/c.jsonl", '{"html": "<p>ebb"}\n{\n' * 9)
    whole = build(harbour.root, workers=1, cache=False).quarantined
    request.getfixturevalue("cut")
    assert build(harbour.root, workers=1, cache=False).quarantined == whole
    assert len(whole) == 11
