from __future__ import annotations

import random
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared" / "pages" / "dev"
NAMES = [
    "whitespace",
    "width",
    "punctuation",
    "script",
    "characters",
    "words",
    "sentences",
    "moved",
    "deleted",
    "duplicated",
    "merged",
    "split",
    "boilerplate",
]


@pytest.fixture
def bench(monkeypatch):
    """The benchmark, imported as it runs: from its own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import anchoring

    return anchoring


def outcomes(bench, texts, name, rate=0.02, count=40):
    """Perturb, re-anchor and judge; return the tally."""
    peers = {"ours": bench.choose("ours")["ours"]}
    ((_, _, tally),) = bench.run(texts, bench.choose_mentions, count, peers, [name], rate, [7])
    return tally


@pytest.mark.parametrize("name", NAMES)
def test_a_perturbation_loses_and_misplaces_next_to_nothing(bench, name):
    texts = [bench.generate(random.Random(seed), 1500) for seed in range(6)]
    figures = outcomes(bench, texts, name).figures()
    assert figures["annotations"] == 240
    assert figures["right"] + figures["on a copy"] >= 0.99
    assert figures["moved wrong"] <= 0.005
    assert figures["gone, reported"] >= 0.95


def test_every_perturbation_is_tested_here(bench):
    assert list(bench.PERTURBATIONS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_character_with_an_origin_reads_as_its_origin_did(bench, name):
    old = bench.generate(random.Random(3), 1500)
    joined = "".join(old)
    perturbed = bench.PERTURBATIONS[name](bench.trace(old), random.Random(4), 0.02)
    kept = [c for paragraph in perturbed for c in paragraph if c.origin is not None]
    same = sum(c.text == joined[c.origin] for c in kept)
    assert kept
    assert same == len(kept) or name in {"script", "width", "punctuation"}


def test_gone_text_must_be_an_orphan_to_be_right(bench):
    old = ["港口今日停运。"]
    truth = bench.find_truths([(0, 0, 2)], old, [])[0]
    assert bench.judge(None, truth, []) == "right"
    strange = bench.trace(["港口"])
    strange[0] = [c._replace(origin=None) for c in strange[0]]
    assert bench.judge((0, 0, 2), truth, strange) == "moved wrong"


def test_a_place_on_the_copy_is_told_from_the_original(bench):
    old = ["港口今日停运。"]
    (paragraph,) = bench.trace(old)
    text = [[c._replace(copied=True) for c in paragraph], paragraph]
    truth = bench.find_truths([(0, 0, 2)], old, text)[0]
    assert [bench.judge((k, 0, 2), truth, text) for k in (0, 1)] == ["on a copy", "right"]


def test_a_copy_before_its_original_is_undecidable_and_one_after_it_is_not(bench):
    old = ["港口今日停运。", "市长昨天致歉。", "道路今晨封闭。"]
    one, two, three = bench.trace(old)
    copy = [c._replace(copied=True) for c in two]
    assert bench.find_undecidable(old, [one, copy, two, three]) == {1}
    assert bench.find_undecidable(old, [one, two, copy, three]) == set()


def test_a_copy_away_from_its_original_is_decidable_while_the_original_stands_in_line(bench):
    old = ["港口今日停运。", "市长昨天致歉。", "道路今晨封闭。"]
    one, two, three = bench.trace(old)
    copy = [c._replace(copied=True) for c in two]
    assert bench.find_undecidable(old, [copy, one, two, three]) == set()


def test_half_a_mention_or_too_much_is_imprecise(bench):
    old = ["东洲港口今日停运。"]
    text = bench.trace(old)
    truth = bench.find_truths([(0, 0, 4)], old, text)[0]
    assert [bench.judge((0, 0, end), truth, text) for end in (3, 4, 6)] == ["imprecise", "right", "imprecise"]


@pytest.mark.slow
def test_real_pages_come_out_as_reported(bench):
    if not PAGES.exists():
        pytest.skip("no ../shared/pages beside the checkout")
    texts = bench.load_texts(PAGES, "zh", 60, 4000)
    figures = outcomes(bench, texts, "all together").figures()
    assert figures["right"] + figures["on a copy"] >= 0.995
    assert figures["moved wrong"] <= 0.002
    assert figures["gone, reported"] >= 0.99
