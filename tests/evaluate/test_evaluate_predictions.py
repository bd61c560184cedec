import json

import polars as pl
import pytest

from corpus.errors import UnreadableError
from corpus.evaluate import read, rows_of

ROWS = [
    {"paragraph_id": "a#p-1", "target": "quota", "label": "favor"},
    {"paragraph_id": "a#p-2", "target": "quota", "label": "none"},
]


def test_json_lines_parquet_and_saved_datasets_are_read_alike(tmp_path):
    from datasets import Dataset

    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    pl.DataFrame(ROWS).write_parquet(tmp_path / "a.parquet")
    Dataset.from_list(ROWS).save_to_disk(str(tmp_path / "saved"))
    assert read(tmp_path / "a.jsonl") == read(tmp_path / "a.parquet") == read(tmp_path / "saved") == ROWS


def test_a_dataset_in_memory_gives_names_for_the_numbers_of_class_labels():
    from datasets import ClassLabel, Dataset, DatasetDict

    given = Dataset.from_list(ROWS).cast_column("label", ClassLabel(names=["none", "favor"]))
    assert rows_of(given) == ROWS
    assert rows_of(DatasetDict(test=given), "test") == ROWS


def test_a_split_that_is_not_there_is_refused_with_those_that_are():
    from datasets import Dataset, DatasetDict

    with pytest.raises(UnreadableError, match=r"found the splits test; expected `train`"):
        rows_of(DatasetDict(test=Dataset.from_list(ROWS)), "train")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b'{"paragraph_id": "a"}\n{oops\n', r"a.jsonl:2: found a line that is no JSON"),
        ("a.jsonl", b"[1]\n", r"a.jsonl:1: found list"),
        ("a.jsonl", b"\xff\xfe\n", r"expected UTF-8"),
        ("a.jsonl", b"[" * 200_000, r"no JSON"),
        ("a.parquet", b"PAR1 but no", r"no Parquet"),
        ("a.pkl", b"cos\nsystem\n", r"the suffix `.pkl`"),
    ],
)
def test_what_is_no_file_of_predictions_is_refused_by_place(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=words):
        read(tmp_path / name)


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(UnreadableError, match="no dataset"):
        read(tmp_path)


def test_line_separators_inside_texts_do_not_end_a_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "a\u2028b\x85c"}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read(path) == [{"text": "a\u2028b\x85c"}]
