"""What one place of a page claims about one field, and what a value must look like to be looked at."""

from __future__ import annotations

import html
import re
from typing import Literal, NamedTuple

Field = Literal["title", "author", "publisher", "url", "published_at", "modified_at", "language"]


class Claim(NamedTuple):
    """A value that one place of a page gives for a field, and the name of that place as evidence."""

    field: Field
    value: str
    evidence: str


LONGEST = {"title": 400, "author": 200, "publisher": 120, "url": 2000}
"""Code points a value may have. A longer one is no title or name but a text in the wrong place: it is
refused, not cut, since half a value is a wrong one."""

# Control, format and bidi characters, surrogates, noncharacters: invisible in a card, harmful in a log. Two
# joiners stay: Persian and emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff0-\ufffb\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s+")


def tidy(text: str) -> str:
    r"""Return a value on one line: references resolved, invisible characters out, white space folded.

    >>> tidy(" Salt &amp; \n Light\u200b ")
    'Salt & Light'
    """
    text = text[:4000]  # no field is longer; a hostile value costs no more than this
    if "&" in text:
        text = html.unescape(text)
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
