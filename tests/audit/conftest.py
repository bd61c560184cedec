"""Cases of the audit: JSON files that describe a small corpus, read into the view that the checks look at."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"


def project_of(described):
    from corpus.schema import Label, Project, Source, SplitPolicy, Target

    stance = ("favor", "against", "neutral", "none")
    labels = described.get("labels", ["PER", "ORG", "LOC"])
    targets = described.get("targets", {"port-rules": "港口新规"})
    sources = described.get("sources", {"tide": "Tide Daily", "reef": "Reef Post"})
    licences = described.get("licences", {})
    return Project(
        name="case",
        version="0.1.0",
        title="A case",
        description="A small corpus for a test.",
        languages=tuple(described.get("languages", ["zh", "en"])),
        licence="CC-BY-4.0",
        split=SplitPolicy(
            described.get("policy", "random"), 1, tuple(described.get("ratios", [0.6, 0.2, 0.2]))
        ),
        sources=tuple(
            Source(name, name, publisher, licences.get(name, "CC-BY-4.0"))
            for name, publisher in sources.items()
        ),
        targets=tuple(Target(name, shown, "A target.") for name, shown in targets.items()),
        stance_labels=tuple(Label(name, "A side.") for name in stance),
        entity_labels=tuple(Label(name, "A kind of name.") for name in labels),
        guideline_version=described.get("guideline", "1.0"),
        guidelines="# Guidelines\n",
    )


def document_of(document_id, described):
    from corpus.paragraphs import paragraphs
    from corpus.records import Block, Document, Encoding, Fact, Metadata, Segment

    at, blocks = 0, []
    for given in described["blocks"]:
        each = {"text": given} if isinstance(given, str) else given
        text = each["text"]
        role = each.get("role", "paragraph")
        blocks.append(
            Block(
                at,
                at + len(text),
                text,
                role,
                each.get("rule", "case"),
                (Segment(0, len(text), at, at + len(text)),),
            )
        )
        at += len(text)
        blocks.append(Block(at, at + 1, "", "markup", "line-end"))
        at += 1
    raw = "".join(f"{block.text}\n" for block in blocks if block.rule != "line-end")
    times = described.get("published_at")
    made = tuple(
        replace(each, language=described.get("paragraph_language", described.get("language", "zh")))
        for each in paragraphs(document_id, tuple(blocks))
    )
    return Document(
        document_id=document_id,
        raw_path=described.get("raw_path", f"{document_id}.txt"),
        raw_sha256=hashlib.sha256(raw.encode()).hexdigest(),
        format="text",
        raw=raw,
        encoding=Encoding("utf-8", "default"),
        metadata=Metadata(
            title=Fact(described["title"], "title") if described.get("title") else None,
            published_at=Fact(times, "byline") if times else None,
        ),
        paragraphs=made,
        blocks=tuple(blocks),
        language=described.get("language", "zh"),
        script=described.get("script", "Hans"),
    )


def line_of(described, documents, number):
    """An annotation: its place is that of the quote's `nth` occurrence in a block, moved by `off`."""
    from corpus.records import Annotation

    document = documents.get(described["document"])
    before, after = "", ""
    start, end = described.get("raw", (0, 1))
    exact = described.get("quote", "")
    if document and "raw" not in described:
        blocks = [block for block in document.blocks if block.rule != "line-end"]
        block = blocks[described.get("block", 0)]
        exact = described.get("quote", block.text)
        at = -1
        for _ in range(described.get("nth", 0) + 1):
            at = block.text.index(described.get("at", exact), at + 1)
        start = block.raw_start + at
        end = start + len(described.get("at", exact))
        before, after = block.text[max(0, at - 32) : at], block.text[at + len(exact) :][:32]
    off = described.get("off", [0, 0])
    target = described.get("target")
    return Annotation(
        annotation_id=described.get("id", f"line-{number:04}"),
        document_id=described["document"],
        layer="stance" if target else "entity",
        label=described["label"],
        target=target,
        exact=exact,
        prefix=before,
        suffix=after,
        raw_sha256=described.get("sha256", document.raw_sha256 if document else "0" * 64),
        raw_start=start + off[0],
        raw_end=end + off[1],
        annotator=described.get("annotator", "gold"),
        guideline=described.get("guideline", "1.0"),
        created_at=described.get("created_at", "2025-06-01T08:00:00Z"),
        note=described.get("note"),
        where=f"annotations/{number}",
    )


def view_of_case(case):
    from corpus.anchor import anchor
    from corpus.audit import view_of
    from corpus.audit._waivers import Waiver
    from corpus.duplicates import clusters
    from corpus.join import Anchored, admit, join
    from corpus.records import Finding, Quarantined
    from corpus.schema.validate import validate

    project = project_of(case.get("project", {}))
    described = expanded(case["documents"])
    documents = {name: document_of(name, each) for name, each in described.items()}
    lines = [line_of(each, documents, number) for number, each in enumerate(repeated(case.get("lines", [])))]
    quarantined = [Quarantined(path, reason) for path, reason in case.get("quarantined", {}).items()]
    known = {*documents, *(each.raw_path.rpartition(".")[0] for each in quarantined)}
    admitted, refused = admit(lines, known, project)
    anchored = []
    for line in admitted:
        document = documents.get(line.document_id)
        anchored.append(Anchored(line, anchor([line], document)[0] if document else None))
    splits = {name: each.get("split", "train") for name, each in described.items()}
    same = clusters({name: document.text for name, document in documents.items()})
    same |= clusters({p.paragraph_id: p.text for document in documents.values() for p in document.paragraphs})
    given = join(list(documents.values()), anchored, splits, same, project)
    valid, invalid = validate(given)
    admitted_ids = {line.annotation_id for line in admitted}
    return view_of(
        given,
        valid,
        list(documents.values()),
        anchored,
        refused=[line for line in lines if line.annotation_id not in admitted_ids],
        problems=[*refused, *invalid, *(Finding(**each) for each in case.get("problems", []))],
        quarantined=quarantined,
        waivers=[Waiver(**each) for each in case.get("waivers", [])],
        baseline=[tuple(each) for each in case.get("baseline", [])],
        today=case.get("today", "2026-11-21"),
    )


def repeated(lines):
    """A line with `for: {name: [values]}` stands for one line a value."""
    for line in lines:
        if "for" not in line:
            yield line
            continue
        ((name, values),) = line["for"].items()
        for value in values:
            yield {**{key: each for key, each in line.items() if key != "for"}, name: value}


def expanded(documents):
    """A document named `tide/page-{1..4}` stands for four; `{n}` in its texts is the number."""
    made = {}
    for name, described in documents.items():
        if "{" not in name:
            made[name] = described
            continue
        first, last = map(int, name.partition("{")[2].rstrip("}").split(".."))
        for number in range(first, last + 1):
            text = json.dumps(described, ensure_ascii=False).replace("{n}", str(number))
            made[name.partition("{")[0] + str(number)] = json.loads(text)
    return made


@pytest.fixture
def view_of_described():
    return view_of_case
