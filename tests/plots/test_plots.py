import pytest

from corpus.errors import CorpusError
from corpus.evaluate import Score
from corpus.plots import Point, draw_bars, draw_confusion, draw_curve, font_for

pytest.importorskip("matplotlib", reason="matplotlib, the extra `plots`, is not installed")

CONFUSION = {"favor": {"favor": 3, "against": 1}, "against": {"favor": 0, "against": 5}}


@pytest.fixture
def chinese():
    try:
        return font_for(["开放港口"])
    except CorpusError:
        pytest.skip("no font of this system has Chinese characters")


def pixels(path):
    from matplotlib.image import imread

    picture = imread(path)
    return picture.reshape(-1, picture.shape[-1])


def test_latin_names_need_no_other_font():
    assert font_for(["favor", "against"]) is None


def test_chinese_names_get_a_font_that_has_them(chinese):
    assert chinese


def test_characters_that_no_font_has_are_named():
    with pytest.raises(CorpusError, match=r"found no font for '\\U000f1234'"):
        font_for(["favor \U000f1234"])


def test_a_confusion_matrix_is_drawn_the_same_each_time(tmp_path):
    one, other = (draw_confusion(CONFUSION, tmp_path / name) for name in ("a.png", "b.png"))
    assert one.read_bytes() == other.read_bytes()
    assert len(set(map(tuple, pixels(one)))) > 3


def test_names_in_chinese_are_drawn_and_not_boxes(tmp_path, chinese):
    scores = [Score("f_avg", part, 0.5, 0.4, 0.6) for part in ("港口开放", "汉字一二")]
    boxes = [Score("f_avg", part, 0.5, 0.4, 0.6) for part in ("港口港口", "港口开放")]
    one, other = draw_bars(scores, tmp_path / "a.png"), draw_bars(boxes, tmp_path / "b.png")
    assert one.read_bytes() != other.read_bytes()


def test_bars_leave_out_what_is_undefined_and_refuse_to_draw_nothing(tmp_path):
    nan = float("nan")
    draw_bars([Score("f1", "a", nan, nan, nan), Score("f1", "b", 0.3, nan, nan)], tmp_path / "a.png")
    with pytest.raises(CorpusError, match="no score with a value"):
        draw_bars([Score("f1", "a", nan, nan, nan)], tmp_path / "b.png")


def test_a_learning_curve_is_drawn_with_and_without_intervals(tmp_path):
    nan = float("nan")
    points = [Point(10, 0.2, nan, nan), Point(20, 0.4, 0.3, 0.5), Point(40, 0.5, 0.4, 0.6)]
    assert draw_curve({"linear": points}, tmp_path / "new" / "c.png", "F_avg").is_file()


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("corpus.plots.find_spec", lambda _: None)
    with pytest.raises(CorpusError, match=r"annotated-corpus\[plots\]"):
        font_for(["a"])
