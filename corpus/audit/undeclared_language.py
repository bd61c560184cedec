"""Text in a language or script that the corpus does not declare.

`schema/corpus.yaml` lists the languages; with a script (`zh-Hant`) the script is promised too. A page in
another language came in by mistake, is spam, or the declaration is too narrow. Pages are judged by their
whole text, and single paragraphs of 100 or more characters, where their language could be told; a
quotation in a sentence is not. Where a script is open (`Hani`: characters common to both writings)
nothing is reported.

Example: the corpus declares `zh`, and the page `harbour-daily/promo` is in English.

Mend: remove the page, or declare the language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["warning"] = "warning"
scope: Literal["split"] = "split"

PAGE = 50
PARAGRAPH = 100
"""Characters from which a language that was told is believed here."""

_SCRIPTS = {"CN": "Hans", "SG": "Hans", "MY": "Hans", "TW": "Hant", "HK": "Hant", "MO": "Hant"}
"""The script that a region of a Chinese language tag implies, after CLDR's likely subtags."""


def check(view: AuditView) -> Iterator[Found]:
    """Compare the languages and scripts told of pages and paragraphs with those declared."""
    declared = view.project.languages
    languages = sorted({tag.split("-")[0] for tag in declared})
    documents = view.tables["documents"].filter(pl.col("kept_chars") >= PAGE)
    foreign = documents.filter(~pl.col("language").is_in(languages))
    hint = "remove it, or declare the language in schema/corpus.yaml"
    for row in foreign.iter_rows(named=True):
        message = f"the page is in {row['language']} ({row['script']}); declared are {', '.join(declared)}"
        yield found(__name__, Place(document_id=row["document_id"]), message, hint, row["language"])
    rest = view.tables["paragraphs"].filter(
        (pl.col("text").str.len_chars() >= PARAGRAPH) & ~pl.col("language").is_in(languages)
    )
    for row in rest.join(foreign, on="document_id", how="anti").iter_rows(named=True):
        place = Place(row["document_id"], row["paragraph_id"], surface=row["text"][:40])
        message = f"{shown(row['text'])} is in {row['language']}; declared are {', '.join(declared)}"
        yield found(__name__, place, message, hint, row["language"])
    yield from _scripts(documents, declared)


def _scripts(documents: pl.DataFrame, declared: tuple[str, ...]) -> Iterator[Found]:
    for language in sorted({tag.split("-")[0] for tag in declared}):
        tags = [tag for tag in declared if tag.split("-")[0] == language]
        scripts = {_script(tag) for tag in tags}
        if None in scripts:
            continue
        mine = documents.filter((pl.col("language") == language) & pl.col("script").is_not_null())
        for row in mine.filter(~pl.col("script").is_in([*scripts, "Hani"])).iter_rows(named=True):
            message = f"the page is written in {row['script']}; declared are {', '.join(tags)}"
            hint = "remove it, or declare the script in schema/corpus.yaml"
            yield found(__name__, Place(document_id=row["document_id"]), message, hint, row["script"])


def _script(tag: str) -> str | None:
    for part in tag.split("-")[1:]:
        if len(part) == 4:
            return part
        if tag.startswith("zh") and part in _SCRIPTS:
            return _SCRIPTS[part]
    return None
