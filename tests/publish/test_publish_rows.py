"""The published rows as JSON Lines and CSV."""

import csv
import errno
import json
import shutil

import pyarrow.parquet as pq
import pytest

from corpus.cli import main
from corpus.errors import PublishError
from corpus.publish.rows import FORMATS, export


def _rows(folder, config, split):
    return pq.read_table(folder / config / f"{split}.parquet").to_pylist()


def test_json_lines_hold_just_the_published_rows(published, tmp_path):
    for path in export("jsonl", published, tmp_path / "out"):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert rows == _rows(published, path.parent.name, path.stem)


def test_csv_holds_a_line_a_row_in_the_columns_published(published, tmp_path):
    for path in export("csv", published, tmp_path / "out"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        expected = _rows(published, path.parent.name, path.stem)
        assert len(rows) == len(expected)
        assert list(rows[0]) == list(expected[0])


@pytest.mark.parametrize("start", ["=1+1", "+49", "-2", "@SUM(A1)", "\tx", "＝1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_plain(build, tmp_path, start):
    from corpus.publish import publish

    publish(build({"source/page": ("train", [start + " said the ministry"])}), tmp_path / "published")
    export("csv", tmp_path / "published", tmp_path / "out")
    with (tmp_path / "out/paragraphs/train.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["text"].startswith(f"'{start}")


def test_a_folder_that_is_not_empty_is_not_written_to(published, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(PublishError, match="not empty"):
        export("csv", published, tmp_path)


def test_every_format_is_a_choice_of_the_command(published, tmp_path, capsys):
    shutil.copytree(published, tmp_path / "published")
    for name in FORMATS:
        with pytest.raises(SystemExit, match="0"):
            main(["export", name, "--root", str(tmp_path), "--to", str(tmp_path / name)])
        assert f"{name}/paragraphs/train.{name}" in capsys.readouterr().out


def test_a_choice_of_annotator_is_refused_for_published_rows(published, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["export", "csv", "--root", str(tmp_path), "--to", str(tmp_path / "out"), "--annotator", "a1"])
    assert "do not apply" in capsys.readouterr().err


def test_a_disk_that_refuses_is_a_clear_error_and_no_half_file_stays(published, tmp_path, monkeypatch):
    def full(path, *_):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(FORMATS, "csv", full)
    with pytest.raises(PublishError, match="No space left on device"):
        export("csv", published, tmp_path / "out")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
