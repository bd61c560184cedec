import math
import os

import pytest

from corpus import engine
from corpus.errors import CorpusError


def test_one_worker_gives_the_results_in_order():
    assert list(engine.engine("local").map(math.factorial, [3, 1, 2], workers=1)) == [6, 1, 2]


def test_several_workers_give_the_same_results_in_the_same_order():
    numbers = list(range(9))
    assert list(engine.engine("local").map(math.factorial, numbers, workers=2)) == [
        math.factorial(n) for n in numbers
    ]


def test_no_units_give_no_results():
    assert list(engine.engine("local").map(math.factorial, [], workers=2)) == []


def test_a_worker_that_dies_ends_the_run_with_a_clear_error():
    with pytest.raises(CorpusError, match="a worker process died"):
        list(engine.engine("local").map(os._exit, [1, 2, 3], workers=2))


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(CorpusError, match=r"no engine 'warp'; known engines: local"):
        engine.engine("warp")
