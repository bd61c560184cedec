from __future__ import annotations

import json
import statistics
from pathlib import Path

import pytest

from corpus import raw
from corpus.anchor import anchor
from corpus.annotations import load
from corpus.pages import RawFile, clean_page, read_pages
from corpus.records import KEPT_ROLES, Page

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def pages(monkeypatch):
    """The generator, imported as it runs: from its own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import scale_pages

    return scale_pages


@pytest.fixture
def files(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import scale_files

    return scale_files


def test_pages_have_the_sizes_that_are_told(pages):
    sizes = [len(pages.made(number).body) for number in range(400)]
    assert min(sizes) >= 20_000
    assert max(sizes) < 310_000
    assert 120_000 < statistics.mean(sizes) < 135_000


def test_a_page_follows_from_its_number_alone(pages):
    backwards = [pages.made(number, seed=3) for number in reversed(range(30))]
    assert [pages.made(number, seed=3) for number in range(30)] == backwards[::-1]
    assert pages.made(5, seed=3) != pages.made(5, seed=4)


def test_most_pages_are_chinese_and_some_in_gb18030(pages):
    kinds = [(site.chinese, site.encoding) for site in map(pages.site_of, range(pages.SITES))]
    assert sum(chinese for chinese, _ in kinds) / len(kinds) == 0.8
    assert kinds.count((True, "gb18030")) == 4


def test_a_copy_has_the_paragraphs_of_its_original_and_another_place(pages):
    again = [(number, found) for number in range(1, 500) if (found := pages.origin(number))]
    kinds = {kind for _, (kind, _) in again}
    assert kinds == {"copy", "edited", "quoting"}
    assert 0.08 < len(again) / 500 < 0.16
    for number, (kind, first) in again:
        assert first < number
        mine, theirs = pages.made(number), pages.made(first)
        shared = set(mine.paragraphs) & set(theirs.paragraphs)
        assert shared
        assert kind != "copy" or mine.paragraphs == theirs.paragraphs


@pytest.mark.parametrize(("form", "count"), [("html", 12), ("warc", 3), ("parquet", 3)])
def test_every_form_is_read_back_as_it_was_made(files, pages, tmp_path, form, count):
    made = [pages.made(number) for number in range(12)]
    size = files.write(made, tmp_path, form, 5)
    paths, quarantined = raw.find(tmp_path)
    read = [page for path in paths for page in read_pages(RawFile(tmp_path, path))]
    assert not quarantined
    assert len(paths) == count
    assert all(isinstance(page, Page) for page in read)
    assert sorted(page.body for page in read) == sorted(page.body for page in made)
    assert size == sum(len(page.body) for page in made)


def test_a_warc_is_the_same_each_time(files, pages, tmp_path):
    for name in ("one", "two"):
        files.write((pages.made(number) for number in range(3)), tmp_path / name, "warc")
    one, two = (next((tmp_path / name).iterdir()).read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_record_says_what_it_holds_only_when_told_to(files, pages, tmp_path):
    import gzip

    for told in (True, False):
        files.write([pages.made(0)], tmp_path / str(told), "warc", told=told)
    texts = [gzip.decompress(next((tmp_path / str(told)).iterdir()).read_bytes()) for told in (True, False)]
    assert [b"WARC-Identified-Payload-Type: text/html" in text for text in texts] == [True, False]


def test_most_of_a_story_survives_cleaning_and_comments_do_not(pages):
    kept = lost = 0
    for number in range(12):
        made = pages.made(number)
        body, told = made.body, made.content_type
        page = Page(body, "html", "0" * 64, made.path, "a", url=made.url, content_type=told)
        text = "".join(block.text for block in clean_page(page).blocks if block.role in KEPT_ROLES)
        lost += text.count("回复") + text.count("Reply")
        kept += sum(paragraph in text for paragraph in made.paragraphs) / len(made.paragraphs)
    assert kept / 12 > 0.9
    assert not lost


def test_annotations_stand_where_they_say(files, pages, tmp_path):
    (tmp_path / "annotations/stance").mkdir(parents=True)
    lines = list(files.annotations(101))
    (tmp_path / "annotations/stance/gold.jsonl").write_text("".join(lines), "utf-8")
    annotations, findings = load(tmp_path)
    assert not findings
    assert [json.loads(line)["document_id"] for line in lines] == [
        pages.made(number).path.removesuffix(".html") for number in (0, 100)
    ]
    for number, annotation in zip((0, 100), annotations, strict=True):
        made = pages.made(number)
        page = Page(made.body, "html", annotation.raw_sha256, made.path, annotation.document_id)
        (place,) = anchor([annotation], clean_page(page))
        assert place
        assert place.method == "exact"
