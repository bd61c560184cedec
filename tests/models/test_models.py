import json

import numpy as np
import pytest

from corpus import models
from corpus.errors import CorpusError
from corpus.models.rows import read_tags

STANCE = [
    {"text": text, "target": target, "label": label}
    for at in range(6)
    for text, target, label in (
        (f"第{at}次支持这项办法，做得好", "quota", "favor"),
        (f"第{at}次反对这项办法，太糟糕", "quota", "against"),
        (f"第{at}回今天下雨，码头照常开放", "quota", "none"),
        (f"第{at}次支持这项办法，做得好", "tolls", "against"),
        (f"第{at}回今天下雨，码头照常开放", "tolls", "none"),
    )
]
NAMES = [("南屿", "LOC"), ("东堤", "LOC"), ("贺兰生", "PER"), ("葛青禾", "PER")]
ENTITIES = [
    {
        "tokens": ["在" if label == "LOC" else "由", *name, "负", "责", str(at)],
        "tags": ["O", f"B-{label}", *[f"I-{label}"] * (len(name) - 1), "O", "O", "O"],
    }
    for at in range(5)
    for name, label in NAMES
]
ALL = [(task, method) for task, methods in models.METHODS.items() for method in methods]


def rows_of(task):
    return STANCE if task == "stance" else ENTITIES


@pytest.mark.parametrize(("task", "method"), ALL)
def test_every_method_predicts_one_answer_a_row_from_what_it_may_see(task, method):
    rows = rows_of(task)
    model = models.fit(task, rows, method)
    seen = [{name: row[name] for name in row if name not in {"label", "tags"}} for row in rows]
    answers = model.predict(seen)
    assert len(answers) == len(rows)
    if task == "entities":
        assert [len(tags) for tags in answers] == [len(row["tokens"]) for row in rows]
    else:
        assert set(answers) <= {"favor", "against", "none"}
        for chances in model.probabilities(seen):
            assert sum(chances.values()) == pytest.approx(1)


@pytest.mark.parametrize(("task", "method"), ALL)
def test_a_model_saved_and_loaded_predicts_the_same_and_the_same_rows_give_the_same_bytes(
    task, method, tmp_path
):
    rows = rows_of(task)
    model = models.fit(task, rows, method)
    for name in "ab":
        models.save(models.fit(task, rows, method), tmp_path / name, "# Card\n", {"scores": []})
    loaded = models.load(tmp_path / "a")
    assert (loaded.task, loaded.method) == (task, method)
    assert loaded.predict(rows) == model.predict(rows)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_majority_gives_the_most_frequent_label_and_target_that_of_the_target():
    assert set(models.fit("stance", STANCE, "majority").predict(STANCE)) == {"against"}
    rows = [*STANCE, {"text": "", "target": "tolls", "label": "none"}]
    found = models.fit("stance", rows, "target").predict(
        [{"text": "", "target": target} for target in ("tolls", "never seen")]
    )
    assert found == ["none", "none"]
    assert models.fit("stance", STANCE, "target").predict([{"text": "", "target": "tolls"}]) == ["against"]


def test_the_linear_model_reads_the_same_words_by_target_and_text_does_not():
    asked = [{"text": "支持这项办法，做得好", "target": target} for target in ("quota", "tolls")]
    assert models.fit("stance", STANCE).predict(asked) == ["favor", "against"]
    assert len(set(models.fit("stance", STANCE, "text").predict(asked))) == 1


@pytest.mark.parametrize("name", ["QUOTA", "q uota", "quotas"])
def test_a_target_spelt_a_little_otherwise_is_the_same(name):
    model = models.fit(
        "stance", [row | {"target": row["target"].replace("tolls", "ferry")} for row in STANCE]
    )
    asked = [{"text": "支持这项办法，做得好", "target": given} for given in ("quota", name)]
    assert len(set(model.predict(asked))) == 1


def test_the_crf_finds_a_name_it_never_saw_where_names_stand():
    letters = [chr(0x4E00 + 7 * at) for at in range(120)]
    rows = [
        {"tokens": ["由", *letters[at : at + 2], "负", "责"], "tags": ["O", "B-PER", "I-PER", "O", "O"]}
        for at in range(0, 120, 2)
    ]
    model = models.fit("entities", rows)
    tags = model.predict([{"tokens": ["由", "许", "望", "负", "责"]}])[0]
    assert read_tags(tags) == ((1, 3, "PER"),)


def test_known_mentions_are_found_longest_first_and_what_mostly_is_none_is_left():
    rows = [
        {"tokens": ["南", "屿", "港"], "tags": ["B-LOC", "I-LOC", "I-LOC"]},
        {"tokens": ["南", "屿"], "tags": ["B-LOC", "I-LOC"]},
        *[{"tokens": ["好"], "tags": [tag]} for tag in ("B-PER", "O", "O")],
    ]
    model = models.fit("entities", rows, "majority")
    tags = model.predict([{"tokens": ["在", "南", "屿", "港", "好"]}])[0]
    assert tags == ["O", "B-LOC", "I-LOC", "I-LOC", "O"]


@pytest.mark.parametrize("method", models.METHODS["stance"])
def test_rows_of_one_label_teach_that_label(method):
    rows = [{"text": "好", "target": "quota", "label": "favor"}]
    assert models.fit("stance", rows, method).predict([{"text": "坏", "target": "tolls"}]) == ["favor"]


@pytest.mark.parametrize("method", models.METHODS["entities"])
def test_rows_without_mentions_or_tokens_teach_nothing_and_break_nothing(method):
    rows = [{"tokens": ["好"], "tags": ["O"]}, {"tokens": [], "tags": []}]
    model = models.fit("entities", rows, method)
    assert model.predict([{"tokens": []}, {"tokens": ["南", "屿"]}]) == [[], ["O", "O"]]


def test_texts_of_one_character_are_enough():
    rows = [
        {"text": "好", "target": "t", "label": "favor"},
        {"text": "坏", "target": "t", "label": "against"},
    ]
    model = models.fit("stance", rows)
    assert model.predict([{"text": "好", "target": "t"}, {"text": "坏", "target": "t"}]) == [
        "favor",
        "against",
    ]


@pytest.mark.parametrize(
    ("task", "rows", "words"),
    [
        ("speech", STANCE, "expected one of stance, entities"),
        ("stance", [], "no rows"),
        ("stance", [{"text": "a", "target": "t"}], "row 0: found NoneType as `label`"),
        ("stance", [{"text": "a", "target": "t", "label": 1}], "int2str"),
        ("stance", [*STANCE, {"text": "a", "target": "t", "label": ""}], "row 30: found an empty label"),
        ("entities", [{"tokens": ["a"], "tags": []}], "found 0 tags for 1 tokens"),
        ("entities", [{"tokens": "a", "tags": ["O"]}], "expected a list of texts"),
        ("entities", [{"tokens": ["a"], "tags": ["E-PER"]}], "expected IOB2"),
        ("entities", [{"tokens": ["a"], "tags": [3]}], "int2str"),
    ],
)
def test_rows_that_are_none_are_refused_by_number(task, rows, words):
    with pytest.raises(CorpusError, match=words):
        models.fit(task, rows)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(CorpusError, match="majority, crf"):
        models.fit("entities", ENTITIES, "linear")


# ------------------------------------------------------------------ folders made by others


@pytest.fixture
def folder(tmp_path, request):
    models.save(models.fit(*request.param), tmp_path)
    return tmp_path


def change(folder, **settings):
    path = folder / "model.json"
    held = json.loads(path.read_text("utf-8"))
    held["settings"] |= settings
    path.write_text(json.dumps(held), "utf-8")


def arrays(folder, **changed):
    with np.load(folder / "weights.npz") as held:
        kept = {name: held[name] for name in held.files} | changed
    np.savez(folder / "weights.npz", **kept)


LINEAR, CRF = ("stance", STANCE, "linear"), ("entities", ENTITIES, "crf")


@pytest.mark.parametrize("folder", [("stance", STANCE, "majority")], indirect=True)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no model that can be read"),
        (b"\xff", "no model that can be read"),
        (b"[" * 100_000, "no model that can be read"),
        (b"[]", "another format"),
        (b'{"format": "corpus-model-1", "task": "stance", "method": "os.system"}', "unknown task or method"),
        (
            b'{"format": "corpus-model-1", "task": "stance", "method": "target", "settings": {"shares": 3}}',
            "expected an object",
        ),
        (
            b'{"format":"corpus-model-1","task":"stance","method":"target","settings":{"shares":{"":{"a":NaN}}}}',
            "finite number",
        ),
    ],
)
def test_a_model_file_that_is_none_is_refused(folder, content, words):
    (folder / "model.json").write_bytes(content)
    with pytest.raises(CorpusError, match=words):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_a_linear_model_whose_parts_do_not_fit_is_refused(folder):
    arrays(folder, weights=np.zeros((3, 5), dtype=np.float32))
    with pytest.raises(CorpusError, match="shape"):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_weights_that_are_no_numbers_are_refused(folder):
    with np.load(folder / "weights.npz") as held:
        shape = held["weights"].shape
    arrays(folder, weights=np.full(shape, np.nan, dtype=np.float32))
    with pytest.raises(CorpusError, match="finite"):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_a_pickle_among_the_weights_is_never_opened(folder):
    class Bomb:
        def __reduce__(self):
            return (exec, ("raise SystemExit('run')",))

    arrays(folder, weights=np.array([Bomb()], dtype=object))
    with pytest.raises(CorpusError, match="cannot be read"):
        models.load(folder)


@pytest.mark.parametrize("folder", [CRF], indirect=True)
@pytest.mark.parametrize(
    "changed",
    [
        {"indices": lambda held: held + 1000},
        {"indices": lambda held: held - 1000},
        {"indptr": lambda held: held[::-1].copy()},
        {"pairs": lambda held: held[:1]},
        {"data": lambda held: held[:-1]},
    ],
)
def test_a_crf_whose_places_lie_outside_is_refused(folder, changed):
    with np.load(folder / "weights.npz") as held:
        made = {name: turn(held[name]) for name, turn in changed.items()}
    arrays(folder, **made)
    with pytest.raises(CorpusError, match="crf"):
        models.load(folder)


@pytest.mark.parametrize("folder", [CRF], indirect=True)
@pytest.mark.parametrize("tags", [["O", "X-PER"], [], ["O", "O"], ["B-PER"], "O"])
def test_a_crf_of_other_tags_is_refused(folder, tags):
    change(folder, tags=tags)
    with pytest.raises(CorpusError, match="crf"):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_weights_that_would_fill_the_memory_are_not_unpacked(folder, monkeypatch):
    size = (folder / "model.json").stat().st_size
    arrays(folder, zeros=np.zeros(10 * size))
    with np.load(folder / "weights.npz") as held:
        np.savez_compressed(folder / "weights.npz", **dict(held))
    monkeypatch.setattr("corpus.models.folder.LARGEST", 10 * size)
    with pytest.raises(CorpusError, match="bytes of weights"):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_weights_cut_short_are_refused(folder):
    path = folder / "weights.npz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(CorpusError, match="cannot be read"):
        models.load(folder)


@pytest.mark.parametrize("folder", [LINEAR], indirect=True)
def test_weights_that_are_not_there_are_refused(folder):
    (folder / "weights.npz").unlink()
    with pytest.raises(CorpusError, match="an array"):
        models.load(folder)
