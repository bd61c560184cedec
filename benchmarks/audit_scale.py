"""Time and memory of the audit on a made-up corpus: `python benchmarks/audit_scale.py [PARAGRAPHS]`.

Paragraphs are drawn from a vocabulary of made-up words, six a page, with names that annotators and gold mark
as entities, and a stance of each toward one target. Reported are the seconds of making the view (anchoring,
near-duplicates, join, validation) and of each check, and the peak memory of the process.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import time
from typing import TYPE_CHECKING

from corpus.anchor import anchor
from corpus.audit import checks, run, view_of
from corpus.duplicates import clusters
from corpus.join import Anchored, join
from corpus.paragraphs import paragraphs
from corpus.records import Annotation, Block, Document, Encoding, Metadata, Segment
from corpus.schema import Label, Project, SplitPolicy, Target
from corpus.schema.validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus.audit import AuditView

HAN = (
    "船港货柜风雨早晚人车灯路桥水山石木花鸟鱼门窗书信纸笔"
    "声色光影春秋冬夏东西南北高低远近大小多少新旧快慢红白青黄"
)
PER_PAGE = 6
STANCES = ("favor", "against", "neutral", "none")


def document(document_id: str, texts: Sequence[str]) -> Document:
    """Lay texts out as a page of lines, each a block and a paragraph."""
    blocks, at = [], 0
    for text in texts:
        end = at + len(text)
        blocks.append(Block(at, end, text, "paragraph", "made-up", (Segment(0, len(text), at, end),)))
        blocks.append(Block(end, end + 1, "", "markup", "line-end"))
        at = end + 1
    raw = "".join(f"{text}\n" for text in texts)
    return Document(
        document_id=document_id,
        raw_path=f"{document_id}.txt",
        raw_sha256=hashlib.sha256(raw.encode()).hexdigest(),
        format="text",
        raw=raw,
        encoding=Encoding("utf-8", "default"),
        metadata=Metadata(),
        paragraphs=paragraphs(document_id, tuple(blocks)),
        blocks=tuple(blocks),
        language="zh",
        script="Hans",
    )


def line(
    page: Document, annotator: str, place: tuple[int, int], label: str, target: str | None = None
) -> Annotation:
    """Annotate a place of a page's raw text."""
    start, end = place
    return Annotation(
        annotation_id=f"{page.document_id}-{annotator}-{start}-{end}-{target}",
        document_id=page.document_id,
        layer="stance" if target else "entity",
        label=label,
        target=target,
        exact=page.raw[start:end],
        prefix="",
        suffix="",
        raw_sha256=page.raw_sha256,
        raw_start=start,
        raw_end=end,
        annotator=annotator,
        guideline="1.0",
        created_at="2026-01-05T08:00:00Z",
    )


def view(pages: Sequence[Document], lines: Iterable[Annotation], labels: Sequence[str]) -> AuditView:
    """Make the view of made-up pages, dealt eight to one to one."""
    project = Project(
        name="made-up",
        version="0.1.0",
        title="Made up",
        description="Made up.",
        languages=("zh",),
        licence="CC0-1.0",
        split=SplitPolicy("random", 1, (0.8, 0.1, 0.1)),
        sources=(),
        targets=(Target("target", "Target", "A target."),),
        stance_labels=tuple(Label(name, "A side.") for name in STANCES),
        entity_labels=tuple(Label(name, "A kind.") for name in labels),
        guideline_version="1.0",
        guidelines="# Guidelines, version 1.0\n",
    )
    by_page: dict[str, list[Annotation]] = {}
    for each in lines:
        by_page.setdefault(each.document_id, []).append(each)
    anchored = [
        Anchored(each, place)
        for page in pages
        if (mine := by_page.get(page.document_id))
        for each, place in zip(mine, anchor(mine, page), strict=True)
    ]
    same = clusters({page.document_id: page.text for page in pages})
    same |= clusters({each.paragraph_id: each.text for page in pages for each in page.paragraphs})
    names = ["train"] * 8 + ["validation", "test"]
    splits = {page.document_id: names[int(same[page.document_id].rpartition("-")[2]) % 10] for page in pages}
    given = join(pages, anchored, splits, same, project)
    valid, invalid = validate(given)
    return view_of(given, valid, pages, anchored, problems=invalid, today="2026-06-01")


def made_up(count: int) -> tuple[list[Document], list[Annotation]]:
    """Make pages of `count` paragraphs in all, and their annotations."""
    draw = random.Random(20261121)
    words = ["".join(draw.choice(HAN) for _ in range(2)) for _ in range(4000)]
    names = {
        "".join(draw.choice(HAN) for _ in range(4)): draw.choice(("PER", "ORG", "LOC")) for _ in range(2000)
    }
    known = list(names)
    pages, lines = [], []
    for number in range(count // PER_PAGE):
        texts, places, at = [], [], 0
        for _ in range(PER_PAGE):
            pieces = draw.choices(words, k=draw.randint(10, 50))
            marked = draw.choices(known, k=2)
            pieces[3:3] = [marked[0], "，"]
            text = "".join([*pieces, marked[1], "。"])
            first = at + sum(map(len, pieces[:3]))
            last = at + len(text) - 5
            places.append(((at, at + len(text)), (first, marked[0]), (last, marked[1])))
            texts.append(text)
            at += len(text) + 1
        page = document(f"page-{number}", texts)
        pages.append(page)
        for whole, *mentions in places:
            side = draw.choice(STANCES)
            for annotator in ("a1", "a2", "gold"):
                said = side if annotator != "a2" or draw.random() < 0.8 else draw.choice(STANCES)
                lines.append(line(page, annotator, whole, said, "target"))
                lines += [
                    line(page, annotator, (start, start + len(name)), names[name])
                    for start, name in mentions
                    if annotator != "a2" or draw.random() < 0.9
                ]
    return pages, lines


def main() -> None:
    """Print the seconds of each step and check that takes a tenth of a second or more."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    pages, lines = made_up(count)
    print(f"{count} paragraphs, {len(pages)} pages, {len(lines)} annotations")
    start = time.perf_counter()
    seen = view(pages, lines, ("PER", "ORG", "LOC"))
    print(f"{time.perf_counter() - start:8.1f} s  view: anchor, near-duplicates, join, validate")
    whole = 0.0
    for name, module in checks().items():
        start = time.perf_counter()
        (outcome,) = run(seen, {name: module})
        seconds = time.perf_counter() - start
        whole += seconds
        if seconds >= 0.1 or outcome.findings:
            print(f"{seconds:8.1f} s  {name}: {len(outcome.findings)} found {outcome.broken or ''}")
    print(f"{whole:8.1f} s  all checks")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:8.0f} MiB peak memory of the process")


if __name__ == "__main__":
    main()
