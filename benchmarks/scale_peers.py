"""The whole job by other means: `python benchmarks/scale_peers.py JOB FOLDER OUT [WORKERS]`, one job a run.

The job: the WARC files of FOLDER in; main text, language, near-duplicates; documents and paragraphs out as
Parquet. Prints what came of the pages as one line of JSON. Exits with 3 where a library is not installed.

- `datatrove`: its reader, trafilatura in its sandbox, MinHash in its four stages, its Parquet writer; its
  own language model would have to be fetched and its tokenizer for Chinese is jieba, so py3langid tells the
  language and Chinese characters are words of its shingles: both cost less
- `datatrove-reader`: its reader alone, to count what comes out of it
- `fastwarc`: FastWARC, trafilatura, py3langid and rensa in a plain loop
- `ours`: this package's steps in a plain loop, no more of them than the others do
- `same-steps`: all that `corpus build` does to a project without annotations, in one process's memory

No peer drops a page for its language; the first document of each near-duplicate cluster is kept where a
peer drops the others, and all are kept and named where it does not.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = 3


def main() -> None:
    job, folder, out, *workers = sys.argv[1:]
    Path(out).mkdir(parents=True)
    try:
        told = JOBS[job](Path(folder), Path(out), int(workers[0]) if workers else 1)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "corpus":
            raise
        print(f"{error.name} is not installed")
        raise SystemExit(MISSING) from None
    except ImportError as error:  # datatrove's way to say what it lacks; libmagic, which pip does not bring
        print(error)
        raise SystemExit(MISSING) from None
    print(json.dumps(told))


def with_datatrove(folder: Path, out: Path, workers: int) -> dict[str, int]:
    import trafilatura  # noqa: F401 - told as missing before anything starts
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import JsonlReader, WarcReader
    from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
    from scale_datatrove import Language, Paragraphs, Words

    config = MinhashConfig()
    tasks = min(workers, len(list(folder.glob("*.warc.gz"))))
    steps = [
        (
            [
                WarcReader(str(folder)),
                Trafilatura(timeout=10),
                Language(),
                JsonlWriter(str(out / "text")),
            ],
            tasks,
        ),
        (
            [
                JsonlReader(str(out / "text")),
                MinhashDedupSignature(str(out / "signatures"), config, language=Words()),
            ],
            tasks,
        ),
        (
            [MinhashDedupBuckets(str(out / "signatures"), str(out / "buckets"), config=config)],
            config.num_buckets,
        ),
        ([MinhashDedupCluster(str(out / "buckets"), str(out / "remove"), config=config)], 1),
        (
            [
                JsonlReader(str(out / "text")),
                MinhashDedupFilter(str(out / "remove")),
                ParquetWriter(str(out / "documents")),
                Paragraphs(),
                ParquetWriter(str(out / "paragraphs")),
            ],
            tasks,
        ),
    ]
    for number, (pipeline, count) in enumerate(steps):
        logs = str(out / f"logs-{number}")
        with _aside(out / f"log-{number}.txt"):
            LocalPipelineExecutor(pipeline, tasks=count, workers=workers, logging_dir=logs).run()
    stats = [json.loads((out / f"logs-{number}/stats.json").read_text("utf-8")) for number in (0, 4)]

    def counted(which: int, step: str, name: str) -> int:
        found = next(each["stats"] for each in stats[which] if step in each["name"])
        said = found.get(name, 0)
        return int(said["total"] if isinstance(said, dict) else said)

    read = counted(0, "Warc", "documents")
    return {
        "read": read,
        "with_text": counted(0, "Language", "total"),
        "kept": counted(1, "MinHash stage 4", "forwarded"),
        "paragraphs": _rows(out / "paragraphs"),
    }


def with_datatrove_reader(folder: Path, out: Path, workers: int) -> dict[str, int]:  # noqa: ARG001
    from datatrove.pipeline.readers import WarcReader

    with _aside(out / "log.txt"):
        return {"read": sum(1 for _ in WarcReader(str(folder)).run())}


def with_fastwarc(folder: Path, out: Path, workers: int) -> dict[str, int]:  # noqa: ARG001
    import pyarrow as pa
    import pyarrow.parquet as pq
    import rensa
    import trafilatura
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from py3langid import classify

    index = rensa.RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    told = dict.fromkeys(("read", "with_text", "near_duplicates", "kept", "paragraphs"), 0)
    documents = pa.schema({"id": "string", "language": "string", "first": "int64", "text": "string"})
    paragraphs = pa.schema({"id": "string", "number": "int64", "text": "string"})
    with (
        pq.ParquetWriter(out / "documents.parquet", documents) as whole,
        pq.ParquetWriter(out / "paragraphs.parquet", paragraphs) as parts,
    ):
        rows: list[dict[str, object]] = []
        lines: list[dict[str, object]] = []

        def put() -> None:
            whole.write_table(pa.Table.from_pylist(rows, documents))
            parts.write_table(pa.Table.from_pylist(lines, paragraphs))
            rows.clear()
            lines.clear()

        for path in sorted(folder.glob("*.warc.gz")):
            for record in ArchiveIterator(str(path), record_types=WarcRecordType.response, fsspec_args=False):
                told["read"] += 1
                text = trafilatura.extract(record.reader.read(), include_comments=False)
                if not text:
                    continue
                number = told["with_text"]
                sketch = rensa.RMinHash(num_perm=128, seed=1)
                sketch.update([text[at : at + 5] for at in range(max(1, len(text) - 4))])
                same = index.query(sketch)
                index.insert(number, sketch)
                told["with_text"] += 1
                told["near_duplicates"] += bool(same)
                rows.append(
                    {
                        "id": record.record_id,
                        "language": classify(text)[0],
                        "first": min(same, default=number),
                        "text": text,
                    }
                )
                found = text.split("\n")
                told["paragraphs"] += len(found)
                lines += (
                    {"id": record.record_id, "number": at, "text": each} for at, each in enumerate(found)
                )
                if len(rows) == 1000:
                    put()
        put()
    return {**told, "kept": told["with_text"]}


def with_ours(folder: Path, out: Path, workers: int) -> dict[str, int]:  # noqa: ARG001
    import polars as pl

    from corpus import raw
    from corpus.duplicates import clusters
    from corpus.pages import RawFile, clean_or_quarantine, read_pages
    from corpus.records import Document

    read, documents, paragraphs = 0, [], []
    for file in raw.find(folder)[0]:
        for page in read_pages(RawFile(folder, file)):
            read += 1
            made = clean_or_quarantine(page)
            if isinstance(made, Document):
                documents.append((made.document_id, made.language, made.text))
                paragraphs += [(each.paragraph_id, each.language, each.text) for each in made.paragraphs]
    told = {"read": read, "with_text": sum(bool(text) for _, _, text in documents)}
    for name, rows in (("documents", documents), ("paragraphs", paragraphs)):
        same = clusters({identifier: text for identifier, _, text in rows})
        if name == "documents":
            told["near_duplicates"] = len(same) - len(set(same.values()))
        columns = [list(column) for column in zip(*rows, strict=True)]
        frame = pl.DataFrame(dict(zip(("id", "language", "text"), columns, strict=True)))
        frame.with_columns(cluster=pl.Series([same[each] for each in columns[0]])).write_parquet(
            out / f"{name}.parquet"
        )
    return {**told, "kept": len(documents), "paragraphs": len(paragraphs)}


def with_same_steps(folder: Path, out: Path, workers: int) -> dict[str, int]:  # noqa: ARG001
    from corpus.publish import publish
    from corpus.schema import load_project
    from corpus.schema.validate import validate
    from corpus.standing import standing, tables

    root = folder.parent
    project = load_project(root)
    stand = standing(root, project, workers=1)
    corpus, _ = validate(tables(stand, project))
    publish(corpus, out / "published")
    documents = len(stand.documents)
    return {
        "read": documents + len(stand.quarantined),
        "with_text": documents,
        "kept": documents,
        "paragraphs": corpus.tables["paragraphs"].height,
    }


def _rows(folder: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet"))


@contextmanager
def _aside(path: Path) -> Iterator[None]:
    """Have what this process and its children say put into a file; datatrove tells of every step."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


JOBS = {
    "datatrove": with_datatrove,
    "datatrove-reader": with_datatrove_reader,
    "fastwarc": with_fastwarc,
    "ours": with_ours,
    "same-steps": with_same_steps,
}

if __name__ == "__main__":
    main()
