"""Precision of the consistency checks: `python benchmarks/audit_checks.py` (needs the shared Weibo file).

Each of 914 Weibo messages is a page; its first annotation is gold. A finding counts as
right if experts changed the tags of its message later; chance is the share of messages they changed.
"""

from __future__ import annotations

import json
from pathlib import Path

from audit_scale import document, line, view

from corpus.adjudicate.tags import spans
from corpus.audit import checks, run

FILE = Path(__file__).resolve().parents[2] / "shared" / "annotations" / "errors" / "weibo_v1_v2.dev.jsonl"
CHECKS = ("ambiguous_surface", "boundary_disagreement", "unlabelled_surface")


def main() -> None:
    """Print findings, and how many are on messages that were changed, for the first and the revised tags."""
    rows = [json.loads(text) for text in FILE.read_text("utf-8").split("\n") if text]
    changed = {f"m-{number}" for number, row in enumerate(rows) if row["tags"] != row["tags_gold"]}
    print(f"{len(rows)} messages, {len(changed)} changed by experts ({len(changed) / len(rows):.0%})")
    for tags in ("tags", "tags_gold"):
        pages, lines, labels = [], [], set()
        for number, row in enumerate(rows):
            if "\n" in (text := "".join(row["tokens"])):
                continue
            page = document(f"m-{number}", [text])
            pages.append(page)
            for span in spans(row[tags]):
                start, end = (len("".join(row["tokens"][:at])) for at in (span.start, span.end))
                labels.add(label := span.label.replace(".", "_"))
                lines.append(line(page, "gold", (start, end), label))
        seen = view(pages, lines, sorted(labels))
        for outcome in run(seen, {name: checks()[name] for name in CHECKS}):
            right = sum(each.document_id in changed for each in outcome.findings)
            print(
                f"{tags:<10} {outcome.check:<24} {len(outcome.findings):3} found, {right} on changed messages"
            )


if __name__ == "__main__":
    main()
