"""Gamma, by a library that is installed apart."""

from __future__ import annotations

import math
import sys

import pytest

from corpus.agreement.gamma import gamma
from corpus.agreement.measures import Span
from corpus.agreement.report import report
from corpus.errors import CorpusError
from corpus.records import Annotation

ONE = [Span("p1", 0, 4, "ORG"), Span("p1", 30, 33, "PER"), Span("p2", 2, 6, "LOC"), Span("p2", 40, 44, "ORG")]
OTHER = [Span("p1", 0, 3, "ORG"), Span("p1", 30, 33, "LOC"), Span("p2", 2, 6, "LOC")]


def test_gamma_of_one_annotator_is_undefined():
    assert math.isnan(gamma({"a1": ONE}))
    assert math.isnan(gamma({"a1": ONE, "a2": []}))


def test_without_the_library_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygamma_agreement", None)
    with pytest.raises(CorpusError, match=r"annotated-corpus\[gamma\]"):
        gamma({"a1": ONE, "a2": OTHER})


@pytest.mark.filterwarnings("ignore")
def test_gamma_is_one_where_all_agree_less_where_they_differ_and_the_same_each_time():
    pytest.importorskip("pygamma_agreement")
    assert gamma({"a1": ONE, "a2": ONE}) == pytest.approx(1)
    differing = gamma({"a1": ONE, "a2": OTHER})
    assert differing < 1
    assert gamma({"a1": ONE, "a2": OTHER}) == differing


@pytest.mark.filterwarnings("ignore")
def test_the_solver_prints_nothing(capfd):
    pytest.importorskip("pygamma_agreement")
    gamma({"a1": ONE, "a2": OTHER})
    assert capfd.readouterr().out == ""


def test_the_report_gives_gamma_by_document_and_its_mean(monkeypatch):
    module = sys.modules["corpus.agreement.report"]
    monkeypatch.setattr(module, "gamma", lambda spans, _: 0.5 if len(spans) > 1 else math.nan)
    rows = [_mention(who, document) for document in ("d1", "d2") for who in ("a1", "a2")]
    rows = [row for row in report([*rows, _mention("a1", "d3")], with_gamma=True) if row.measure == "gamma"]
    assert [(row.part, row.name, row.value, row.documents) for row in rows] == [
        ("all", "", 0.5, 2),
        ("document", "d1", 0.5, 1),
        ("document", "d2", 0.5, 1),
    ]


def _mention(annotator, document):
    return Annotation(
        annotation_id=f"{annotator} {document}",
        document_id=document,
        layer="entity",
        label="ORG",
        target=None,
        exact="港务局",
        prefix="",
        suffix="",
        raw_sha256="0" * 64,
        raw_start=0,
        raw_end=3,
        annotator=annotator,
        guideline="1.0",
        created_at="2026-01-05T08:00:00Z",
    )
