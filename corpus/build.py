"""The order of the steps, from raw files to a published folder: the only file that knows it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus import raw
from corpus.anchor import anchor
from corpus.annotations import load
from corpus.clean import clean
from corpus.clean.recurring import dropped, recurring
from corpus.decode import decode
from corpus.duplicates import clusters
from corpus.engine import Broken, Work
from corpus.engine import engine as engine_named
from corpus.errors import ProjectError
from corpus.join import Anchored, admit, join
from corpus.language import detect
from corpus.metadata import extract
from corpus.paragraphs import paragraphs
from corpus.publish import VersionError, datasheet, publish, write_repository_card
from corpus.publish.tokens import misfits
from corpus.records import GOLD, Document, Encoding, Finding, Page, Quarantined
from corpus.schema import load_project, validate
from corpus.schema.forgotten import digest
from corpus.splits import SplitUnit, assign

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from corpus.records import Annotation
    from corpus.schema import Corpus, Project

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

UNIT_FILES = 25
"""Raw files a unit of work: enough that handing one over is nothing beside it, few enough to share fairly."""


class RawFile(NamedTuple):
    """A raw file and the folder below which it is named."""

    raw_root: Path
    path: Path


class Standing(NamedTuple):
    """The pages of a project as they are today, and where its annotations stand in them.

    `findings` name the annotation lines that could not be read or admitted.
    """

    documents: list[Document]
    quarantined: list[Quarantined]
    anchored: list[Anchored]
    findings: list[Finding]


class Dealt(NamedTuple):
    """A document's split and the name of its near-duplicate cluster."""

    split: str
    duplicate_cluster: str


class Moved(NamedTuple):
    """An annotation that stands elsewhere than where it was made, and how that was found."""

    where: str
    annotation_id: str
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did, and everything it set aside.

    `ledger` counts raw characters by (role, rule); they sum to `raw_chars`. `untagged` counts the mentions
    that IOB2 tags leave out, since a longer one covers them, and `widened` those that begin or end inside a
    token. `published` is None where errors kept the old folder in place.
    """

    documents: int
    paragraphs: int
    raw_chars: int
    annotations: int
    ledger: dict[tuple[str, str], int]
    quarantined: tuple[Quarantined, ...] = ()
    moved: tuple[Moved, ...] = ()
    orphans: tuple[Finding, ...] = ()
    untagged: int = 0
    widened: int = 0
    findings: tuple[Finding, ...] = ()
    published: Path | None = None
    files: tuple[Path, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing was set aside and nothing is wrong."""
        errors = [finding for finding in self.findings if finding.level == "error"]
        return not (errors or self.quarantined or self.orphans)


def clean_text(text: str, page: Page, encoding: Encoding) -> Document:
    """Clean decoded text: blocks, paragraphs and metadata, without language."""
    blocks = clean(text, page.format, page.url)
    return Document(
        document_id=page.document_id,
        raw_path=page.raw_path,
        raw_sha256=page.sha256,
        format=page.format,
        raw=text,
        encoding=encoding,
        metadata=extract(text, page.format, blocks, page.url),
        paragraphs=paragraphs(page.document_id, blocks),
        blocks=blocks,
    )


def clean_page(page: Page) -> Document:
    """Decode and clean one page, without language."""
    text, encoding = decode(page.body, page.content_type, page.format)
    return clean_text(text, page, encoding)


def clean_body(body: bytes | str, url: str | None = None, content_type: str | None = None) -> Document:
    """Clean a body that is no file's: see `corpus.clean`."""
    if isinstance(body, bytes):
        return clean_page(_page(body, url, content_type))
    text, replaced = body, 0
    try:
        encoded = body.encode("utf-8")
    except UnicodeEncodeError:
        text, replaced = _LONE_SURROGATE.subn("\N{REPLACEMENT CHARACTER}", body)
        encoded = text.encode("utf-8")
    page = _page(encoded, url, content_type)
    return clean_text(text, page, Encoding("utf-8", "given", replacements=replaced))


def _page(body: bytes, url: str | None, content_type: str | None) -> Page:
    digest = hashlib.sha256(body).hexdigest()
    return Page(body, raw.sniff(body), digest, "", "page", url=url, content_type=content_type)


def tell_language(document: Document) -> Document:
    """Tell the language of a document and of each of its paragraphs.

    What a paragraph is too short to tell it takes from its document, if it is written in the same script.
    """
    declared = document.metadata.value("language")
    whole = detect(document.text, declared)
    told = []
    for paragraph in document.paragraphs:
        own = detect(paragraph.text, whole.language)
        same = own.script and whole.script and own.script[:2] == whole.script[:2]
        told.append(replace(paragraph, language=own.language or (whole.language if same else None)))
    return replace(document, paragraphs=tuple(told), language=whole.language, script=whole.script)


def read_pages(file: RawFile) -> Iterator[Page | Quarantined]:
    """Read the pages of a raw file, and why there are none."""
    return raw.read(file.path, file.raw_root)


def clean_or_quarantine(page: Page | Quarantined) -> Document | Quarantined:
    """Clean a page and tell its language; what was set aside when it was read stays so."""
    return page if isinstance(page, Quarantined) else tell_language(clean_page(page))


def place(page: Page | Quarantined) -> tuple[str, str | None]:
    """Return the raw file and the record that a page was read from."""
    return page.raw_path, page.record_id


CLEANING = Work(read=read_pages, do=clean_or_quarantine, name=place)
"""The work of an engine: a page that breaks a step, or its process, is quarantined with the reason."""


def build(
    root: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    engine: str = "local",
    workers: int | None = None,
    progress: Callable[[int, int, int], None] | None = None,
) -> Report:
    """Build the project at `root` into `out`, `root/published` by default; see `corpus.build`.

    In its default place the folder gets a `.huggingface.yaml` beside it, which makes `root` a dataset too.
    Rows that would change what stands in the folder under a version that does not say so are an error.
    `progress` is called with units done, units in all and pages quarantined.
    """
    root = Path(root)
    to = Path(out) if out else root / "published"
    project = load_project(root)
    stand = standing(root, project, engine, workers, progress)
    documents, quarantined, anchored = stand.documents, stand.quarantined, stand.anchored
    set_aside = {raw.document_id(each.raw_path, each.record_id) for each in quarantined}
    corpus, invalid = validate(replace(tables(stand, project), inputs=_inputs(root, documents, project)))
    findings = [*stand.findings, *invalid, *_without_gold(each.annotation for each in anchored)]
    sheet = datasheet.read(root)
    findings += datasheet.problems(sheet or "")
    untagged, widened = _misfits(corpus)
    report = Report(
        documents=corpus.tables["documents"].height,
        paragraphs=corpus.tables["paragraphs"].height,
        raw_chars=sum(len(document.raw) for document in documents),
        annotations=len(anchored),
        ledger=_ledger(documents),
        quarantined=tuple(quarantined),
        moved=tuple(_moved(anchored)),
        orphans=tuple(_orphan(each.annotation, set_aside) for each in anchored if not each.anchor),
        findings=tuple(findings),
        untagged=untagged,
        widened=widened,
    )
    if any(finding.level == "error" for finding in findings):
        return report
    if not documents:
        raise ProjectError(f"{root / 'raw'}: no page could be read there, so there is nothing to publish")
    try:
        files = publish(corpus, to, sheet, versioned=True)
    except VersionError as error:
        return replace(report, findings=(*findings, error.finding))
    if not out:
        write_repository_card(to)
    findings += datasheet.review(sheet, to)
    return replace(report, published=to, files=tuple(files), findings=tuple(findings))


def standing(
    root: Path,
    project: Project,
    engine: str = "local",
    workers: int | None = None,
    progress: Callable[[int, int, int], None] | None = None,
) -> Standing:
    """Clean every page of the project at `root` and anchor every annotation in it; nothing is written."""
    documents, quarantined = _clean_all(root / "raw", project, engine, workers, progress)
    documents, refused_again = _without_forgotten(documents, project)
    quarantined += refused_again
    annotations, findings = load(root)
    findings = [*findings, *_copies_of_forgotten(documents, project)]
    known = {raw.document_id(each.raw_path, each.record_id) for each in quarantined}
    known.update(document.document_id for document in documents)
    admitted, refused = admit(annotations, known, project)
    return Standing(documents, quarantined, _anchor_all(admitted, documents), [*findings, *refused])


def _clean_all(
    raw_root: Path,
    project: Project,
    engine: str,
    workers: int | None,
    progress: Callable[[int, int, int], None] | None,
) -> tuple[list[Document], list[Quarantined]]:
    """Clean every page below `raw_root`; two pages with one id are an error that names both."""
    files, quarantined = raw.find(raw_root)
    sources = [RawFile(raw_root, file) for file in files]
    units = [sources[at : at + UNIT_FILES] for at in range(0, len(sources), UNIT_FILES)]
    documents: list[Document] = []
    for done, results in enumerate(engine_named(engine).map(CLEANING, units, workers), 1):
        for result in results:
            if isinstance(result, Document):
                documents.append(result)
            else:
                quarantined.append(_set_aside(result) if isinstance(result, Broken) else result)
        if progress:
            progress(done, len(units), len(quarantined))
    return _without_recurring(documents, project), quarantined


def _set_aside(broken: Broken[RawFile]) -> Quarantined:
    """What the engine gave up on, named as a page or, where reading it broke, as a file."""
    match broken.name:
        case (str(raw_path), str() | None as record_id):
            return Quarantined(raw_path, f"cleaning it failed: {broken.reason}", record_id)
    file = broken.source
    below = file.path.relative_to(file.raw_root).as_posix()
    return Quarantined(below, f"reading it failed: {broken.reason}")


def _without_forgotten(
    documents: Iterable[Document], project: Project
) -> tuple[list[Document], list[Quarantined]]:
    """Set aside documents that were forgotten, told by their id or by their body."""
    graves = {name: stone for stone in project.forgotten for name in (stone.document_id, stone.raw_sha256)}
    kept, refused = [], []
    for document in documents:
        stone = graves.get(document.document_id) or graves.get(document.raw_sha256)
        if stone:
            reason = f"it was forgotten on {stone.on} ({stone.reason}); take it out of raw/ again"
            record_id = document.document_id.partition("#")[2] or None
            refused.append(Quarantined(document.raw_path, reason, record_id))
        else:
            kept.append(document)
    return kept, refused


def _copies_of_forgotten(documents: Iterable[Document], project: Project) -> Iterator[Finding]:
    """Name the paragraphs that repeat one of a forgotten document."""
    buried = {each: stone.document_id for stone in project.forgotten for each in stone.paragraphs}
    for document in documents if buried else ():
        for paragraph in document.paragraphs:
            if source := buried.get(digest(paragraph.text) or ""):
                message = f"the paragraph repeats one of {source}, which was forgotten"
                hint = f"`corpus forget {document.document_id}` too, if it must be"
                yield Finding("copy-of-forgotten", "warning", paragraph.paragraph_id, message, hint)


def _without_recurring(documents: Sequence[Document], project: Project) -> list[Document]:
    """Drop the lines that recur from page to page of one source."""
    by_source: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        source = project.source_of(document.raw_path)
        by_source[source.name if source else document.raw_path.partition("/")[0]].append(document)
    lines = {name: recurring(each.blocks for each in pages) for name, pages in by_source.items()}
    made = {}
    for name, pages in by_source.items():
        for document in pages if lines[name] else []:
            blocks = dropped(document.blocks, lines[name])
            told = {paragraph.segments: paragraph.language for paragraph in document.paragraphs}
            kept = tuple(
                replace(paragraph, language=told[paragraph.segments])
                for paragraph in paragraphs(document.document_id, blocks)
            )
            made[document.document_id] = replace(document, blocks=blocks, paragraphs=kept)
    return [made.get(document.document_id, document) for document in documents]


def tables(stand: Standing, project: Project) -> Corpus:
    """Make the flat tables of a project as it stands: near-duplicates, splits, join; not yet validated."""
    documents = stand.documents
    same = clusters({document.document_id: document.text for document in documents})
    texts = {p.paragraph_id: p.text for document in documents for p in document.paragraphs}
    splits = _splits(documents, same, stand.anchored, project)
    return join(documents, stand.anchored, splits, same | clusters(texts), project)


def _splits(
    documents: Iterable[Document], same: Mapping[str, str], anchored: Iterable[Anchored], project: Project
) -> dict[str, str]:
    """The split of every document, near-duplicates together."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for annotation, place in anchored:
        if place and annotation.annotator == GOLD and annotation.layer == "stance":
            labels[annotation.document_id].append(f"{annotation.target}={annotation.label}")
    units = [
        SplitUnit(
            document.document_id,
            same[document.document_id],
            source.name if (source := project.source_of(document.raw_path)) else "",
            document.metadata.value("published_at"),
            tuple(labels[document.document_id]),
        )
        for document in documents
    ]
    return assign(units, project.split.policy, project.split.seed, project.split.ratios)


def deal(
    documents: Sequence[Mapping[str, Any]] | Sequence[tuple[str, str]],
    policy: str,
    seed: int,
    ratios: Sequence[float],
) -> list[Dealt]:
    """Deal documents into splits: see `corpus.split`. A document without an id is called by its number."""
    width = len(str(len(documents)))
    rows = [
        {"text": given[0], "source": given[1]} if isinstance(given, tuple) else given for given in documents
    ]
    ids = [str(row.get("document_id", f"{number:0{width}}")) for number, row in enumerate(rows)]
    same = clusters({name: row["text"] for name, row in zip(ids, rows, strict=True)})
    units = [
        SplitUnit(
            *(name, same[name], str(row.get("source") or "")),
            *(row.get("published_at"), tuple(row.get("labels", ()))),
        )
        for name, row in zip(ids, rows, strict=True)
    ]
    splits = assign(units, policy, seed, ratios)
    return [Dealt(splits[name], same[name]) for name in ids]


def _anchor_all(annotations: Sequence[Annotation], documents: Sequence[Document]) -> list[Anchored]:
    """Anchor each document's annotations together, since they tell of each other's places."""
    by_document: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        by_document[annotation.document_id].append(annotation)
    anchored: list[Anchored] = []
    for document in documents:
        mine = by_document.pop(document.document_id, [])
        anchored += map(Anchored, mine, anchor(mine, document))
    anchored += (Anchored(each, None) for rest in by_document.values() for each in rest)
    return anchored


def _moved(anchored: Iterable[Anchored]) -> Iterator[Moved]:
    for annotation, place in anchored:
        if place and place.method != "exact":
            yield Moved(annotation.where, annotation.annotation_id, place.method, place.confidence)


def _orphan(annotation: Annotation, set_aside: set[str]) -> Finding:
    gone = annotation.document_id in set_aside
    why = "its page is quarantined" if gone else "its text stands in no paragraph of the page any more"
    message = f"orphan: {annotation.exact[:40]!r} in {annotation.document_id}: {why}"
    hint = (
        "mend the page" if gone else "see `corpus trace` for the page's paragraphs; mend or remove the line"
    )
    return Finding("orphan", "error", annotation.where or annotation.annotation_id, message, hint)


def _without_gold(annotations: Iterable[Annotation]) -> Iterator[Finding]:
    """A layer that was annotated but not adjudicated publishes nothing: say so."""
    annotators: defaultdict[str, set[str]] = defaultdict(set)
    for annotation in annotations:
        annotators[annotation.layer].add(annotation.annotator)
    for layer, names in sorted(annotators.items()):
        if GOLD not in names:
            message = f"annotated by {', '.join(sorted(names))} but not adjudicated: no {layer} is published"
            hint = f"write annotations/{layer}/{GOLD}.jsonl, the adjudicated layer"
            yield Finding("without-gold", "warning", f"annotations/{layer}", message, hint)


def _ledger(documents: Iterable[Document]) -> dict[tuple[str, str], int]:
    """Raw characters by the role and rule of their block."""
    counts: Counter[tuple[str, str]] = Counter()
    for document in documents:
        for block in document.blocks:
            counts[block.role, block.rule] += block.raw_end - block.raw_start
    return dict(sorted(counts.items()))


def _misfits(corpus: Corpus) -> tuple[int, int]:
    """How many adjudicated mentions the IOB2 view leaves out, and how many it widens."""
    texts = dict(corpus.tables["paragraphs"].select("paragraph_id", "text").iter_rows())
    spans: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for name, start, end, label in (
        corpus.tables["entities"].select("paragraph_id", "start", "end", "label").iter_rows()
    ):
        spans[name].append((start, end, label))
    counts = [misfits(texts[name], found) for name, found in spans.items()]
    return sum(left for left, _ in counts), sum(wider for _, wider in counts)


def _inputs(root: Path, documents: Iterable[Document], project: Project) -> dict[str, str]:
    """The SHA-256 of every file that the corpus is made from, by its path below the project."""
    raw_paths = {f"raw/{document.raw_path}" for document in documents}
    annotated = {path.relative_to(root).as_posix() for path in (root / "annotations").rglob("*.jsonl")}
    made = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in raw_paths | annotated}
    return dict(sorted((made | dict(project.files)).items()))
