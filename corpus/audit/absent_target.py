"""A stance toward a target that its page never mentions or implies.

A paragraph that is for or against something has been told what, here or earlier on the page. For each target
a vocabulary is made: the words of its name; and from the entity layer, forms that gold marks in paragraphs
with a stance toward it, on two or more other pages, and at least twice as often there as in paragraphs
without. A stance is reported if neither the title nor any paragraph up to and including its own (for a
heading, the next one too) holds a word of that vocabulary. It is silent for a target with fewer than ten
stances, for one whose vocabulary covers fewer than nine in ten of them (it is spoken of in too many ways to
tell), and for the labels `none` and `neutral`.

The usual cause is the wrong target, chosen from a list one line too high or low, or the wrong paragraph.

Example: `favor` toward `deepseek`, on a page about the price of fish.

Mend: correct the target or the paragraph; if the target is implied in other words, waive it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import gold, judgements, mentions
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found
    from corpus.schema import Target

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

PAGES = 2
RATIO = 2.0
COVERED = 0.9
FEWEST = 10
"""Stances toward a target from which its vocabulary is believed."""

_UNADDRESSED = ("none", "neutral")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9\-]{2,}|[\u3400-\u9fff]{2,}")


def check(view: AuditView) -> Iterator[Found]:
    """Look for a target's vocabulary on the page up to each stance toward it."""
    rows = gold(judgements(view)).filter(~pl.col("label").is_in(_UNADDRESSED))
    before = _texts_up_to(view, rows)
    forms = _forms(view)
    every = gold(judgements(view)).select("paragraph_id", "document_id", "target", "label")
    for target in view.project.targets:
        mine = rows.filter(pl.col("target") == target.target_id)
        if mine.height < FEWEST:
            continue
        words = _name_words(target)
        cues = _cues(forms, every.filter(pl.col("target") == target.target_id))
        lost = []
        for row in mine.iter_rows(named=True):
            text = before[row["paragraph_id"]]
            learned = any(
                cue in text for cue, pages in cues.items() if len(pages - {row["document_id"]}) >= PAGES
            )
            if not learned and not any(word in text for word in words):
                lost.append(row)
        if len(lost) > (1 - COVERED) * mine.height:
            continue
        for row in lost:
            message = f"{row['label']} toward {row['target']}, which nothing on the page mentions up to here"
            hint = "correct the target or the paragraph, or waive it with the words that imply the target"
            yield found(__name__, Place.of(row), message, hint, row["target"])


def _texts_up_to(view: AuditView, rows: pl.DataFrame) -> dict[str, str]:
    """Join title and paragraphs up to each one that has a row (a heading's next one too), in lower case."""
    paragraphs = (
        view.tables["paragraphs"].join(rows, on="document_id", how="semi").sort("document_id", "position")
    )
    documents = view.tables["documents"]
    titles = dict(zip(documents["document_id"], documents["title"], strict=True))
    wanted = set(rows["paragraph_id"])
    after = pl.col("text").shift(-1).over("document_id").fill_null("")
    columns = paragraphs.with_columns(after=after).select(
        "document_id", "paragraph_id", "role", "text", "after"
    )
    texts, document, so_far = {}, "", ""
    for document_id, paragraph_id, role, text, following in columns.iter_rows():
        if document_id != document:
            document, so_far = document_id, (titles.get(document_id) or "").casefold()
        so_far += "\n" + text.casefold()
        if paragraph_id in wanted:
            texts[paragraph_id] = f"{so_far}\n{following.casefold()}" if role == "heading" else so_far
    return texts


def _name_words(target: Target) -> set[str]:
    """Take the words of a target's name and id; of a Chinese name each pair of characters is one."""
    words = set()
    for word in _WORD.findall(f"{target.name} {target.target_id.replace('-', ' ')}".casefold()):
        words |= {word} if word.isascii() else {word[at : at + 2] for at in range(len(word) - 1)}
    return words


def _forms(view: AuditView) -> pl.DataFrame:
    rows = gold(mentions(view)).filter(pl.col("quote").str.len_chars() > 1)
    return rows.select("paragraph_id", form=pl.col("quote").str.to_lowercase()).unique()


def _cues(forms: pl.DataFrame, judged: pl.DataFrame) -> dict[str, set[str]]:
    """Learn which forms go with a target, each with the pages that show it."""
    told = judged.with_columns(on=~pl.col("label").is_in(_UNADDRESSED))
    size = max(1, told["on"].sum()), max(1, told.height - told["on"].sum())
    counts = forms.join(told, on="paragraph_id").group_by("form").agg(
        yes=pl.col("on").sum() / size[0],
        no=pl.col("on").not_().sum() / size[1],
        pages=pl.col("document_id").filter(pl.col("on")).unique(),
    )  # fmt: skip
    kept = counts.filter(pl.col("yes") >= RATIO * pl.col("no"))
    return {form: set(pages) for form, pages in kept.select("form", "pages").iter_rows()}
