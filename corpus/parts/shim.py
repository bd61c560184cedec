"""Temporary: finish and publish in memory."""
from __future__ import annotations
from collections import Counter, defaultdict
from dataclasses import replace
from types import SimpleNamespace
import polars as pl
from corpus.publish import publish
from corpus.publish.tokens import misfits
from corpus.schema import FLAT, Corpus, frame, validate

def finish(parts, project, store, map_=None):
    made = [part.load() for part in parts]
    tables = {n: pl.concat([frame(n), *(m[n] for m in made)]).sort(FLAT[n].key) for n in FLAT}
    ledger = Counter()
    for role, rule, chars in tables["blocks"].select("role", "rule", pl.col("raw_end") - pl.col("raw_start")).iter_rows():
        ledger[role, rule] += chars
    corpus, findings = validate(Corpus(tables, project))
    texts = dict(corpus.tables["paragraphs"].select("paragraph_id", "text").iter_rows())
    spans = defaultdict(list)
    for name, start, end, label in corpus.tables["entities"].select("paragraph_id", "start", "end", "label").iter_rows():
        spans[name].append((start, end, label))
    counts = [misfits(texts[name], found) for name, found in spans.items()]
    return SimpleNamespace(documents=corpus.tables["documents"].height, paragraphs=corpus.tables["paragraphs"].height, ledger=ledger, findings=findings, untagged=sum(a for a, _ in counts), widened=sum(b for _, b in counts), used=set(), corpus=corpus)

def publish_parts(finished, project, inputs, to, sheet=None, *, versioned=False):
    return publish(replace(finished.corpus, inputs=inputs), to, sheet, versioned=versioned)
