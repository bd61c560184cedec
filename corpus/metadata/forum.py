"""Who began a forum's topic: the member whose name stands beside the first post."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.metadata.claims import Claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.records import Block

NEAR = 25
"""Visible blocks below the title in which the first post is looked for."""

LONGEST_NAME = 20
"""Code points of a member's name."""

_FIRST_POST = re.compile(r"(?:楼主|樓主|1\s?[楼樓#]|#1)(?:\s?[|:：].{0,20})?")
_MEMBER = re.compile(
    r"""<a\s[^<>]{0,250}
    (?:\b(?:u?uid|userid|space|member|profile|username|author)\b|/u(?:ser)?/|/members/[^/"']+)
    [^<>]{0,250}>\s{0,20}(?:<(?!/a)[^<>]{0,120}>\s{0,20}){0,3}$""",
    re.VERBOSE,
)
_NO_NAME = re.compile(
    r"\b(?:list|members?|search|log ?in|register|profile|posts?|messages?)\b|[会會][员員]|登[录錄]",
    re.IGNORECASE,
)


def claims(blocks: Sequence[Block], raw: str) -> list[Claim]:
    """Claim the first link to a member between the title and the mark of the first post as the author.

    Without a title, a mark such as `楼主` or `#1`, and a member's address in the link, nothing is claimed.
    """
    shown = [block for block in blocks if block.text]
    title = next((at for at, block in enumerate(shown) if block.role == "title"), None)
    if title is None:
        return []
    member = None
    for block in shown[title + 1 : title + 1 + NEAR]:
        if _FIRST_POST.fullmatch(block.text):
            return [Claim("author", member, "text")] if member else []
        is_short = len(block.text) <= LONGEST_NAME and not _NO_NAME.search(block.text)
        if member is None and is_short and block.segments:
            start = block.segments[0].raw_start
            member = block.text if _MEMBER.search(raw[max(0, start - 300) : start]) else None
    return []
