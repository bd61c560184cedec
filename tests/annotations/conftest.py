"""Documents and annotations written for these tests, with everything in them that offsets stumble over."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from corpus.annotations import native
from corpus.places import raw_range
from corpus.records import Annotation, Document, Encoding, Fact, Metadata, Paragraph, Segment


def _document(document_id, *texts, url=None):
    """A page of `<p>` elements, `&` written as an entity, so that raw places differ from text places."""
    raw, paragraphs = "", []
    for number, text in enumerate(texts):
        raw += "<p>"
        segments, start = [], 0
        for position, character in enumerate(text):
            if character == "&":
                if position > start:
                    segments.append(Segment(start, position, len(raw), len(raw) + position - start))
                    raw += text[start:position]
                segments.append(Segment(position, position + 1, len(raw), len(raw) + 5))
                raw += "&amp;"
                start = position + 1
        if len(text) > start:
            segments.append(Segment(start, len(text), len(raw), len(raw) + len(text) - start))
            raw += text[start:]
        raw += "</p>\r\n"
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        again = f"-{sum(t == text for t in texts[:number]) + 1}" if text in texts[:number] else ""
        identity = f"{document_id}#p-{digest}{again}"
        paragraphs.append(Paragraph(identity, number, "paragraph", text, tuple(segments)))
    return Document(
        document_id,
        f"{document_id}.html",
        hashlib.sha256(raw.encode()).hexdigest(),
        "html",
        raw,
        Encoding("utf-8", "default"),
        Metadata(url=Fact(url, "given") if url else None),
        tuple(paragraphs),
        (),
    )


def _annotation(document, paragraph, exact, label="ORG", annotator="a1", **changes):
    """An annotation of the first place where `exact` stands in a paragraph."""
    text = document.paragraphs[paragraph].text
    start = text.index(exact)
    end = start + len(exact)
    raw_start, raw_end = raw_range(document.paragraphs[paragraph], start, end)
    made = Annotation(
        "",
        document.document_id,
        "stance" if changes.get("target") else "entity",
        label,
        None,
        exact,
        text[max(start - 32, 0) : start],
        text[end : end + 32],
        document.raw_sha256,
        raw_start,
        raw_end,
        annotator,
        "1.0",
        "2026-11-21T08:00:00Z",
    )
    made = replace(made, **changes)
    return replace(made, annotation_id=made.annotation_id or native.annotation_id(made))


@pytest.fixture
def make_document():
    return _document


@pytest.fixture
def make_annotation():
    return _annotation


@pytest.fixture
def documents():
    return [
        _document(
            "港口日报/export#1",
            "😀晨星半导体(A&B)在𠮷野市设厂，GPU出口受限。",
            "“管制”对A&B　公司不利_*[1]|;\\n；他说->好。",
            "同一段。",
            "同一段。",
            url="https://harbour.example/1",
        ),
        _document("river/two.2", "The firm A&B shipped 3 chips\tto Eastmark.", "同一段。"),
    ]


@pytest.fixture
def annotations(documents):
    one, two = documents
    return [
        _annotation(one, 0, "晨星半导体"),
        _annotation(one, 0, "晨星半导体(A&B)", "GROUP"),
        _annotation(one, 0, "晨星", "CITY", "a2", annotation_id="by-hand-1", note="嗯\t?"),
        _annotation(one, 0, "𠮷野市", "LOC", created_at="2026-11-20T08:00:00+08:00"),
        _annotation(one, 0, "PU出", "ODD_1"),
        _annotation(one, 0, "晨星半导体(A", "PART", note=native.note_with_parts("两截", [(0, 2), (6, 7)])),
        _annotation(one, 1, "A&B　公司", "ORG", "a2"),
        _annotation(one, 1, documents[0].paragraphs[1].text, "against", "a1", target="芯片 出口管制"),
        _annotation(one, 1, documents[0].paragraphs[1].text, "none", "a2", target="芯片 出口管制"),
        _annotation(one, 1, documents[0].paragraphs[1].text, "favor", "gold", target="Eastmark", note="2/3"),
        _annotation(one, 3, "同一", "ORG"),
        _annotation(two, 0, "A&B", "ORG", guideline="1.1"),
        _annotation(two, 0, "chips\tto", "ODD_2"),
        _annotation(two, 1, "同一段。", "neutral", "a2", target="Eastmark"),
    ]
