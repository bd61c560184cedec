"""Exports that are broken: each says file, line or record, what was found and what was expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.annotations import FORMATS, Given, format_named, import_
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The firm A&B shipped 3 chips\tto Eastmark."
XMI = (
    '<?xml version="1.0"?>{doctype}<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" '
    'xmlns:cas="http:///uima/cas.ecore" '
    'xmlns:ner="http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore">{inside}'
    '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" '
    'sofaString="The firm A&amp;B shipped 3 chips&#9;to Eastmark."/></xmi:XMI>'
)
KEYS = """text label entities cats data annotations result value type start end labels id spans tokens answer
target selector source body exact %FEATURE_STRUCTURES %TYPE @sofa sofaString begin meta corpus at line items
accept choices completed_by annotator ner purpose"""


def labelstudio(**result):
    value = {"start": 9, "end": 12, "text": "A&B", "labels": ["ORG"]} | result
    annotation = {"id": 4, "result": [{"type": "labels", "value": value}], "completed_by": 1}
    return json.dumps([{"id": 8, "data": {"text": TEXT}, "annotations": [annotation]}])


def doccano(**row):
    return (
        json.dumps({"text": TEXT, "label": [[9, 12, "ORG"]]}) + "\n" + json.dumps({"text": TEXT} | row) + "\n"
    )


def cas(begin, end, more='value="ORG"', doctype=""):
    inside = f'\n<ner:NamedEntity xmi:id="2" sofa="1" begin="{begin}" end="{end}" {more}/>'
    return XMI.format(inside=inside, doctype=doctype)


def webanno(*rows):
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.X|value\n\n\n#Text=The firm\n"
    return head + "".join(row + "\n" for row in rows)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'
CASES = {
    "labelstudio: empty": ("labelstudio", "x.json", "", "x.json", "not JSON"),
    "labelstudio: cut short": ("labelstudio", "x.json", labelstudio()[:-9], "x.json", "column"),
    "labelstudio: a number": ("labelstudio", "x.json", "[3]", "record 1", "expected an object"),
    "labelstudio: no annotations": ("labelstudio", "x.json", '[{"data": {}}]', "record 1", "expected a task"),
    "labelstudio: no text": (
        "labelstudio",
        "x.json",
        '[{"data": {"image": "x"}, "annotations": []}]',
        "record 1",
        "no text",
    ),
    "labelstudio: one off": (
        "labelstudio",
        "x.json",
        labelstudio(start=10, end=13),
        "(task 8), annotation 4, result 1",
        "'A&B'",
    ),
    "labelstudio: outside": (
        "labelstudio",
        "x.json",
        labelstudio(start=900, end=903),
        "result 1",
        "outside the text",
    ),
    "labelstudio: reversed": (
        "labelstudio",
        "x.json",
        labelstudio(start=5, end=2),
        "result 1",
        "start < end",
    ),
    "labelstudio: html": (
        "labelstudio",
        "x.json",
        labelstudio(start="/p[1]/text()[1]"),
        "result 1",
        "place in HTML",
    ),
    "labelstudio: label a number": (
        "labelstudio",
        "x.json",
        labelstudio(labels=[3]),
        "result 1",
        "expected a string",
    ),
    "labelstudio: NaN": ("labelstudio", "x.json", labelstudio(start=float("nan")), "x.json", "NaN"),
    "labelstudio: half a character": (
        "labelstudio",
        "x.json",
        labelstudio(text="\ud83d"),
        "x.json",
        "surrogate",
    ),
    "labelstudio: results no list": (
        "labelstudio",
        "x.json",
        '[{"data": {"text": "a"}, "annotations": [{"result": 1}]}]',
        "record 1",
        "no list of results",
    ),
    "labelstudio: annotations no list": (
        "labelstudio",
        "x.json",
        '[{"data": {"text": "a"}, "annotations": 3}]',
        "record 1",
        "expected a list",
    ),
    "doccano: second line broken": (
        "doccano",
        "x.jsonl",
        '{"text": "a", "label": []}\n{"text"',
        ":2",
        "not JSON",
    ),
    "doccano: no label": ("doccano", "x.jsonl", doccano(), ":2", "expected text with label"),
    "doccano: outside": (
        "doccano",
        "x.jsonl",
        doccano(label=[[40, 99, "X"]]),
        ":2, label 1",
        "outside the text",
    ),
    "doccano: two numbers": (
        "doccano",
        "x.jsonl",
        doccano(label=[[4, 5]]),
        ":2, label 1",
        "start, end and label",
    ),
    "doccano: floats": (
        "doccano",
        "x.jsonl",
        doccano(label=[[4.0, 5.0, "X"]]),
        ":2, label 1",
        "whole numbers",
    ),
    "doccano: not UTF-8": ("doccano", "x.jsonl", b'{"text": "\xb3"}', ":1", "not UTF-8: found b3"),
    "doccano: entities a number": ("doccano", "x.jsonl", doccano(entities=7), ":2", "expected a list"),
    "prodigy: no text": ("prodigy", "x.jsonl", '{"spans": []}', "record 1", "expected a task"),
    "prodigy: span not there": (
        "prodigy",
        "x.jsonl",
        json.dumps({"text": TEXT, "spans": [{"start": 8, "end": 11, "label": "X", "text": "A&B"}]}),
        "span 1",
        "'A&B'",
    ),
    "prodigy: span without label": (
        "prodigy",
        "x.jsonl",
        json.dumps({"text": TEXT, "spans": [{"start": 8, "end": 11}]}),
        "span 1",
        "expected start, end and label",
    ),
    "prodigy: spans no list": (
        "prodigy",
        "x.jsonl",
        json.dumps({"text": TEXT, "spans": 3}),
        "record 1",
        "expected a list",
    ),
    "prodigy: tokens say otherwise": (
        "prodigy",
        "x.jsonl",
        json.dumps(
            {
                "text": TEXT,
                "tokens": [{"text": "Eastmark", "start": 0, "end": 3}],
                "spans": [{"start": 0, "end": 3, "label": "X", "token_start": 0, "token_end": 0}],
            }
        ),
        "span 1",
        "'Eastmark'",
    ),
    "brat: no text beside": ("brat", "y.ann", "", "y.ann", "no y.txt beside it"),
    "brat: not a mention": ("brat", "x.ann", "T1 ORG 9 12 A&B", ":1", "expected T<number>"),
    "brat: no identifier": ("brat", "x.ann", "the rest", ":1", "expected an identifier"),
    "brat: one off": ("brat", "x.ann", "T1\tORG 8 11\tA&B", ":1", "'A&B'"),
    "brat: pieces too long": (
        "brat",
        "x.ann",
        "T1\tORG 4 8;9 12\tfirm A&Bs",
        ":1",
        "differ in length",
    ),
    "brat: pieces that overlap": ("brat", "x.ann", "T1\tORG 9 12;10 12\tA&B &B", ":1", "overlap"),
    "brat: negative": ("brat", "x.ann", "T1\tORG -9 12\tA&B", ":1", "expected T<number>"),
    "cas: cut short": ("cas", "x.xmi", cas(9, 12)[:-20], "x.xmi", "not XML"),
    "cas: bomb": ("cas", "x.xmi", cas(9, 12, doctype=BOMB), "x.xmi:1", "document type or entity"),
    "cas: outside entity": ("cas", "x.xmi", cas(9, 12, doctype=XXE), "x.xmi:1", "document type or entity"),
    "cas: outside": ("cas", "x.xmi", cas(9, 99), "x.xmi:2", "outside the text"),
    "cas: no number": ("cas", "x.xmi", cas("x", 9), "x.xmi:2", "whole numbers"),
    "cas: no label": ("cas", "x.xmi", cas(9, 12, ""), "x.xmi:2", "on 'A&B' has no value"),
    "cas: no text": (
        "cas",
        "x.xmi",
        XMI.format(inside="", doctype="").replace("sofaString", "x"),
        "x.xmi",
        "no view with a text",
    ),
    "cas: a web page": ("cas", "x.xmi", "<!DOCTYPE html><p>x", "x.xmi:1", "document type"),
    "cas-json: no structures": ("cas-json", "x.json", "{}", "x.json", "%FEATURE_STRUCTURES"),
    "webanno: another version": (
        "webanno",
        "x.tsv",
        "#FORMAT=WebAnno TSV 2\n",
        ":1",
        "expected #FORMAT=WebAnno TSV 3.3",
    ),
    "webanno: empty": ("webanno", "x.tsv", "", ":1", "expected #FORMAT"),
    "webanno: no tokens": ("webanno", "x.tsv", webanno(), "x.tsv", "no sentence with tokens"),
    "webanno: a broken line": (
        "webanno",
        "x.tsv",
        webanno("1-1\t0-3\tThe\t_\t", "1-2 4-8 firm"),
        ":7",
        "expected 1-1, a tab",
    ),
    "webanno: a token elsewhere": (
        "webanno",
        "x.tsv",
        webanno("1-1\t0-3\tThe\t_\t", "1-2\t5-9\tfirm\tX\t"),
        ":7",
        "'firm'",
    ),
    "webanno: a foreign token": (
        "webanno",
        "x.tsv",
        webanno("1-1\t0-3\tNo\t_\t"),
        ":6",
        "not in its sentence",
    ),
    "webanno: no label": ("webanno", "x.tsv", webanno("1-1\t0-3\tThe\t*\t"), ":6", "has no value"),
    "conll: one column": ("conll", "x.conll", "The\n", ":1", "expected a token and a label"),
    "conll: no label of IOB": ("conll", "x.conll", "The\tORG\n", ":1", "such as O, B-ORG or I-ORG"),
    "conll: sentences as tokens": (
        "conll",
        "x.conll",
        "晨星半导体在东市设厂。 -X- _ B-ORG\n",
        ":1",
        "is a sentence",
    ),
    "conll: another text": ("conll", "x.conll", "# text = No\nThe\tB-X\n", ":2", "tokens are not those"),
    "conll: CESU-8": (
        "conll",
        "x.conll",
        b"\xed\xa0\xbd\xed\xb8\x80\tO\n",
        ":1",
        "not UTF-8: found ed a0 bd",
    ),
    "w3c: no annotation": ("w3c", "x.json", '{"type": "Person"}', "record 1", "expected Annotation"),
    "w3c: no tag": ("w3c", "x.json", '{"type": "Annotation", "target": "x"}', "record 1", "no label"),
    "w3c: no quote": (
        "w3c",
        "x.json",
        '{"type": "Annotation", "bodyValue": "ORG", "target": {"source": "x"}}',
        "record 1",
        "no quote",
    ),
    "w3c: unknown source": (
        "w3c",
        "x.json",
        json.dumps(
            {
                "type": "Annotation",
                "bodyValue": "ORG",
                "target": {
                    "source": "http://other.example/",
                    "selector": {"type": "TextQuoteSelector", "exact": "A"},
                },
            }
        ),
        "record 1",
        "no document has the id or url",
    ),
    "w3c: quote twice": (
        "w3c",
        "x.json",
        json.dumps(
            {
                "type": "Annotation",
                "bodyValue": "ORG",
                "target": {"source": "river/two.2", "selector": {"type": "TextQuoteSelector", "exact": "r"}},
            }
        ),
        "record 1",
        "stands 2 times",
    ),
    "w3c: linked collection": (
        "w3c",
        "x.json",
        '{"type": "AnnotationCollection", "first": "http://e.example/"}',
        "record 1",
        "links are not followed",
    ),
}


def put(folder: Path, name: str, content: str | bytes) -> Path:
    (folder / "x.txt").write_bytes(TEXT.encode())
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


@pytest.mark.parametrize("case", CASES)
def test_a_broken_export_says_where_and_what(case, documents, tmp_path):
    name, file, content, where, said = CASES[case]
    path = put(tmp_path, file, content)
    _, findings = import_(name, [path], documents, Given("a1"))
    errors = [f for f in findings if f.level == "error"]
    assert len(errors) == 1
    assert errors[0].where.startswith(str(path))
    assert where in f"{errors[0].where}: {errors[0].message}"
    assert said in errors[0].message
    (errors[0].message + errors[0].hint).encode()


def test_one_bad_record_does_not_stop_the_rest(documents, tmp_path):
    path = put(tmp_path, "x.jsonl", '{"text": 1}\n{broken\n' + doccano(label=[[40, 99, "X"], [29, 31, "Y"]]))
    made, findings = import_("doccano", [path], documents, Given("a1"))
    assert [a.exact for a in made] == ["A&B", "to"]
    assert len(findings) == 3


def test_a_refused_file_leaves_nothing_half_imported(documents, tmp_path):
    path = put(tmp_path, "x.conll", f"# text = {TEXT}\n".replace("\t", " ") + "甲乙丙丁。戊 B-X\n")
    assert import_("conll", [path], documents, Given("a1"))[0] == []


NOISE = st.one_of(
    st.binary(max_size=80),
    st.text(st.characters(codec="utf-8"), max_size=80).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(
                st.sampled_from(KEYS.split()),
                x,
                max_size=5,
            )
        ),
        max_leaves=12,
    ).map(lambda x: json.dumps(x).encode()),
)


@pytest.mark.parametrize("name", [n for n in FORMATS if n != "spacy"])
@given(NOISE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_an_import_fail(name, documents, tmp_path, content):
    path = put(tmp_path, f"x{format_named(name).suffixes[0]}", content)
    import_(name, [path], documents, Given("a1", target="T"))


def test_a_file_too_large_is_refused_before_it_is_read(documents, tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.annotations.exchange.LARGEST_FILE", 3)
    _, (finding,) = import_("doccano", [put(tmp_path, "x.jsonl", doccano())], documents)
    assert "expected at most 3" in finding.message


def test_spacy_that_is_not_installed_says_how_to_get_it(documents, tmp_path):
    try:
        import spacy  # noqa: F401
    except ImportError:
        with pytest.raises(CorpusError, match=r"pip install 'annotated-corpus\[spacy\]'"):
            import_("spacy", [put(tmp_path, "x.spacy", b"")], documents)
    else:
        _, (finding,) = import_("spacy", [put(tmp_path, "x.spacy", b"x")], documents)
        assert "not a spaCy DocBin" in finding.message
