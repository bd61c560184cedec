"""Cleaning: raw text -> blocks that tile it, each with a role and the rule that decided.

One model for all inputs. HTML, markup-free text and the hybrids of feed dumps differ in how they are cut into
units; what a unit is, is decided by features of the unit, then by its neighbours and the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.clean.grounds import Explained
    from corpus.records import Block, Format


def clean(raw: str, format: Format, url: str | None = None) -> tuple[Block, ...]:  # noqa: A002
    """Cut raw text into blocks that tile it exactly and give each a role.

    A kept block (its role in KEPT_ROLES) is one paragraph as a reader sees it. Never raises for any text,
    and takes time linear in its length. `format` is what the page is read as; `url` is its address.

    >>> [(block.role, block.text) for block in clean("", "html")]
    []
    """
    if format == "text":
        from corpus.clean import text

        return text.clean(raw, url)
    if format == "markdown":
        from corpus.clean import markdown

        return markdown.clean(raw, url)
    from corpus.clean.page import clean_html

    return clean_html(raw)


def explain(raw: str, format: Format, url: str | None = None) -> list[Explained]:  # noqa: A002
    """Tell for each unit of a page what was measured, how likely it was main text, and which rule decided.

    Units are what roles are given to; a block of `clean` is one unit, or several that belong together.
    """
    from corpus.clean.grounds import Explained, explain_html

    if format == "html":
        return explain_html(raw)
    if format == "text":
        from corpus.clean import text

        return [
            Explained(*unit[:5], unit.rule.replace("_", " "), {"main_text": unit.body}, unit.features, ())
            for unit in text.explain(raw, url)
        ]
    from corpus.clean import markdown

    return [
        Explained(part.raw_start, part.raw_end, part.text, part.role, part.rule, part.sort, {}, {}, part.seen)
        for part in markdown.explain(raw, url)
    ]
