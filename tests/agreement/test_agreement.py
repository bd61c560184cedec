"""Agreement: published values, what is undefined, and the report's breakdowns."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.agreement import (
    Span,
    alpha,
    bennett_s,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    interval,
    percent,
    report,
    scott_pi,
    span_f1,
)
from corpus.records import Annotation

N = None
# Krippendorff, "Computing Krippendorff's alpha-reliability": four observers, twelve units, missing values.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
# Fleiss 1971: thirty patients, six psychiatrists each, five diagnoses; counts by diagnosis.
FLEISS = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""
# Cohen 1960: two hundred patients by two judges. Artstein and Poesio 2008, table 1: a hundred utterances.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
ARTSTEIN = [[20, 20], [10, 50]]


def two(table):
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return [str(i) for i, _ in pairs], [str(j) for _, j in pairs]


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_example(level, value):
    assert round(alpha(KRIPPENDORFF, level), 3) == value


def test_ac1_on_krippendorffs_example_as_gwet_gives_it():
    assert round(gwet_ac1(KRIPPENDORFF), 5) == 0.77544


def test_fleisss_example():
    units = [
        [label for label, count in enumerate(map(int, row)) for _ in range(count)] for row in FLEISS.split()
    ]
    matrix = [list(judge) for judge in zip(*units, strict=True)]
    assert round(fleiss_kappa(matrix), 3) == 0.430
    assert round(percent(matrix), 3) == 0.556


def test_cohens_example():
    assert round(cohen_kappa(*two(COHEN)), 3) == 0.492


def test_artstein_and_poesios_table_1():
    one, other = two(ARTSTEIN)
    assert round(bennett_s(one, other), 3) == 0.400
    assert round(scott_pi(one, other), 3) == 0.341
    assert round(cohen_kappa(one, other), 3) == 0.348


matrices = st.integers(2, 4).flatmap(
    lambda n: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=n, max_size=n), min_size=2, max_size=4
    )
)


@settings(deadline=None, max_examples=50)
@given(matrices, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_krippendorff_package(matrix, level):
    krippendorff = pytest.importorskip("krippendorff")
    ours = alpha(matrix, level)
    table = np.array([[np.nan if x is None else x for x in row] for row in matrix], dtype=float)
    try:
        with np.errstate(all="ignore"):
            theirs = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
    except ValueError:
        theirs = math.nan
    assert ours == pytest.approx(theirs, nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(matrices)
def test_alpha_does_not_depend_on_the_order_of_annotators_or_units(matrix):
    turned = [list(reversed(row)) for row in reversed(matrix)]
    assert alpha(turned) == pytest.approx(alpha(matrix), nan_ok=True)


def test_fleisss_kappa_of_two_annotators_is_scotts_pi():
    one, other = two(ARTSTEIN)
    assert fleiss_kappa([one, other]) == pytest.approx(scott_pi(one, other))


@pytest.mark.parametrize(
    "matrix", [[], [[]], [["a", "b"]], [["a", None], [None, "b"]], [["a", "a"], ["a", "a"]], [[None], [None]]]
)
def test_what_says_nothing_about_chance_is_undefined(matrix):
    assert math.isnan(alpha(matrix))
    assert math.isnan(fleiss_kappa(matrix))
    assert math.isnan(gwet_ac1(matrix))
    if len(matrix) == 2:
        assert math.isnan(cohen_kappa(*matrix))
        assert math.isnan(scott_pi(*matrix))


def test_nan_is_missing_as_none_is():
    assert (
        alpha([[1, 2, math.nan], [1, 2, 3]], "interval") == alpha([[1, 2, None], [1, 2, 3]], "interval") == 1
    )


def test_agreement_worse_than_chance_is_negative():
    assert alpha([["a", "b"], ["b", "a"]]) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("matrix", "level", "said"),
    [
        ([["a"], ["b"]], "ordinal", "takes numbers"),
        ([["a", 1]], "nominal", "words and numbers"),
        ([[1, 2], [1]], "nominal", "different numbers"),
        ([[1]], "ratio", "expected nominal"),
    ],
)
def test_a_matrix_that_cannot_be_measured_says_why(matrix, level, said):
    with pytest.raises(ValueError, match=said):
        alpha(matrix, level)


def test_span_f1_exact_and_overlapping():
    one = [Span("p", 0, 2, "A"), Span("p", 5, 9, "B"), Span("q", 0, 2, "A")]
    other = [Span("p", 0, 2, "A"), Span("p", 6, 8, "B"), Span("p", 8, 9, "B"), Span("q", 0, 2, "C")]
    assert span_f1(one, other) == pytest.approx(2 / 7)
    assert span_f1(one, other, overlap=True) == pytest.approx(4 / 7)
    assert span_f1(other, one, overlap=True) == span_f1(one, other, overlap=True)


def test_span_f1_of_nothing_is_undefined_and_of_one_side_is_zero():
    assert math.isnan(span_f1([], []))
    assert span_f1([Span("p", 0, 1, "A")], []) == 0


spans = st.lists(
    st.tuples(st.sampled_from("pq"), st.integers(0, 6), st.integers(1, 4), st.sampled_from("AB")).map(
        lambda t: Span(t[0], t[1], t[1] + t[2], t[3])
    ),
    max_size=7,
    unique=True,
)


@settings(deadline=None, max_examples=50)
@given(spans, spans)
def test_span_f1_is_symmetric_and_overlap_is_never_less_than_exact(one, other):
    for overlap in (False, True):
        there, back = span_f1(one, other, overlap=overlap), span_f1(other, one, overlap=overlap)
        assert there == pytest.approx(back, nan_ok=True)
    if one or other:
        assert span_f1(one, other) <= span_f1(one, other, overlap=True) <= 1
    if one:
        assert span_f1(one, one, overlap=True) == 1


@settings(deadline=None, max_examples=50)
@given(spans, spans)
def test_overlapping_matches_are_as_many_as_can_be(one, other):
    optimize = pytest.importorskip("scipy.optimize")
    met = np.array(
        [
            [a.text == b.text and a.label == b.label and a.start < b.end and b.start < a.end for b in other]
            for a in one
        ]
    ).reshape(len(one), len(other))
    most = met[optimize.linear_sum_assignment(met, maximize=True)].sum()
    if one or other:
        assert span_f1(one, other, overlap=True) == pytest.approx(2 * most / (len(one) + len(other)))


def test_an_interval_holds_its_value_and_is_the_same_each_time():
    tallies = [np.array([float(n % 3 > 0), 1.0]) for n in range(40)]
    estimate = interval(tallies, lambda t: float(t[0] / t[1]), seed=7)
    assert estimate.low < estimate.value == 26 / 40 < estimate.high
    assert estimate == interval(tallies, lambda t: float(t[0] / t[1]), seed=7)
    assert estimate != interval(tallies, lambda t: float(t[0] / t[1]), seed=8)


def test_one_document_gives_no_interval():
    estimate = interval([np.array([1.0, 2.0])], lambda t: float(t[0] / t[1]))
    assert estimate.value == 0.5
    assert math.isnan(estimate.low)


def annotation(document, start, label, annotator, target=None, day=2):  # noqa: PLR0917
    layer = "stance" if target else "entity"
    made = f"2026-11-{day:02}T08:00:00Z"
    place = (document, start, annotator, label, target)
    return Annotation(
        str(place),
        document,
        layer,
        label,
        target,
        "x",
        "",
        "",
        "s",
        start,
        start + 5,
        annotator,
        "1",
        made,
    )


STANCES = [
    annotation(document, start, label, annotator, target)
    for document, start, target, labels in (
        ("d1", 0, "chips", ("favor", "favor", "favor")),
        ("d1", 10, "chips", ("against", "against", "none")),
        ("d2", 0, "chips", ("none", "none", None)),
        ("d2", 0, "tariffs", ("against", "favor", None)),
        ("d3", 0, "tariffs", ("favor", None, None)),
    )
    for annotator, label in zip(("a1", "a2", "a3"), labels, strict=True)
    if label
]


def value(rows, part, name, measure):
    (row,) = [r for r in rows if (r.part, r.name, r.measure) == (part, name, measure)]
    return row


def test_the_report_on_stances_is_that_of_their_matrix():
    rows = report(STANCES)
    matrix = [
        ["favor", "against", "none", "against", "favor"],
        ["favor", "against", "none", "favor", None],
        ["favor", "none", None, None, None],
    ]
    overall = value(rows, "all", "", "alpha")
    assert overall.value == pytest.approx(alpha(matrix))
    assert (overall.units, overall.documents) == (4, 2)
    four = [row[:4] for row in matrix]
    assert value(rows, "all", "", "agreement").value == pytest.approx(percent(four))
    assert value(rows, "all", "", "fleiss_kappa").value == pytest.approx(fleiss_kappa(four))
    assert value(rows, "all", "", "gwet_ac1").value == pytest.approx(gwet_ac1(four))
    assert value(rows, "annotators", "a1, a2", "cohen_kappa").value == pytest.approx(
        cohen_kappa(matrix[0][:4], matrix[1][:4])
    )
    merged = [["none" if x == "none" else x and "rest" for x in row] for row in four]
    assert value(rows, "label", "none", "alpha").value == pytest.approx(alpha(merged))
    assert value(rows, "target", "tariffs", "agreement").value == 0
    assert value(rows, "document", "d1", "agreement").value == pytest.approx((1 + 1 / 3) / 2)
    assert value(rows, "week", "2026-W45", "alpha").value == pytest.approx(overall.value)


def test_the_report_on_entities_compares_documents_both_judged():
    rows = report(
        [
            annotation("d1", 0, "ORG", "a1"),
            annotation("d1", 10, "LOC", "a1"),
            annotation("d1", 0, "ORG", "a2"),
            annotation("d1", 11, "LOC", "a2"),
            annotation("d2", 0, "ORG", "a1", day=20),
        ]
    )
    assert value(rows, "all", "", "f1_exact").value == 0.5
    assert value(rows, "all", "", "f1_overlap").value == 1
    assert value(rows, "all", "", "f1_exact").units == 4
    assert value(rows, "label", "LOC", "f1_exact").value == 0
    assert value(rows, "annotators", "a1, a2", "f1_exact").value == 0.5
    assert "no two annotators" in value(rows, "document", "d2", "f1_exact").note
    assert {r.name for r in rows if r.part == "week"} == {"2026-W45", "2026-W47"}


def test_places_decide_what_is_one_unit_where_they_are_given():
    one, other = annotation("d1", 0, "ORG", "a1"), annotation("d1", 70, "ORG", "a2")
    places = {row.annotation_id: ("d1#p-1", 3, 8) for row in (one, other)}
    assert value(report([one, other]), "all", "", "f1_exact").value == 0
    assert value(report([one, other], places), "all", "", "f1_exact").value == 1


def test_gold_is_no_annotator():
    rows = report([annotation("d1", 0, "ORG", "a1"), annotation("d1", 0, "ORG", "gold")])
    assert value(rows, "all", "", "f1_exact").note == "undefined: no two annotators judged the same unit"


def test_all_one_label_is_said_to_be_undefined():
    rows = report([annotation("d1", 0, "favor", who, "chips") for who in ("a1", "a2")])
    row = value(rows, "all", "", "alpha")
    assert math.isnan(row.value)
    assert row.note == "undefined: all judgements are alike"
    assert value(rows, "all", "", "agreement").value == 1


def test_no_annotations_give_rows_that_say_so():
    rows = report([])
    assert {r.layer for r in rows} == {"stance", "entity"}
    assert all(math.isnan(r.value) and r.note for r in rows)


def test_the_report_is_the_same_whatever_the_order():
    assert repr(report(STANCES)) == repr(report(reversed(STANCES)))
