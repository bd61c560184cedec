"""HTML tokens with exact places in the raw text; the only module that imports turbohtml.

turbohtml's tokenizer follows the WHATWG standard. Asked for each tag's source it hands out pieces that
tile its input, but the input is newline-normalised first, so that its positions would not be raw ones.
`lines_mended` therefore replaces CR by white space *of the same length* beforehand (CRLF by space and
newline, a lone CR by a newline): nothing ends elsewhere for it, and every position is a raw position.

Two things have no token: the empty end tag `</>`, read as the empty comment `<!>` instead, which is as long
and as meaningless; and a tag that the end of the text cuts off: what is left after the last token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from turbohtml import Token, TokenType, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT: Final = TokenType.TEXT
START: Final = TokenType.START_TAG
END: Final = TokenType.END_TAG
REFERENCE: Final = TokenType.CHARACTER_REFERENCE
"""Kinds of tokens; others are comments, declarations and processing instructions."""

Kind = TokenType

VOID: Final = frozenset(
    (
        *(
            "area",
            "base",
            "basefont",
            "bgsound",
            "br",
            "col",
            "embed",
            "frame",
            "hr",
            "img",
            "input",
            "keygen",
        ),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
"""Elements that have no content and no end tag."""


def lines_mended(raw: str) -> str:
    r"""Replace carriage returns by white space of the same length, so that all positions stay.

    >>> lines_mended("a\r\nb\rc")
    'a \nb\nc'
    """
    return raw.replace("\r\n", " \n").replace("\r", "\n") if "\r" in raw else raw


def tokens(raw: str) -> Iterator[Token]:
    """Cut raw text into tokens that tile it.

    A TEXT is as long as its `data`, any other token as its `source`; what is left behind the last one is a
    tag that the end cuts off. `tag` is the name of an element in lower case (`attributes(source)` for more),
    the `data` of a REFERENCE the text it stands for. Never raises and takes time linear in the length. What
    stands between tags the standard calls raw text (`script`, `style`, `title`, `textarea` …) comes as TEXT;
    who reads the tokens knows the element.

    >>> [token.data if token.type is TEXT else token.source for token in tokens("<p>a&amp;b</p>")]
    ['<p>', 'a', '&amp;', 'b', '</p>']
    """
    text = lines_mended(raw).replace("</>", "<!>")
    return tokenize(text, resolve_references=False, capture_source=True, capture_attributes=False)


def attributes(source: str) -> dict[str, str]:
    """Read the attributes of a start tag's source: names in lower case, references resolved, first one wins.

    >>> attributes("<a HREF='/x?a=1&amp;b=2' hidden>")
    {'href': '/x?a=1&b=2', 'hidden': ''}
    """
    tag = next(iter(tokenize(source)), None)
    found: dict[str, str] = {}
    for key, value in (tag.attrs or ()) if tag else ():
        found.setdefault(key, value or "")
    return found


def resolved(text: str) -> str:
    """Resolve the character references of a piece of raw text that holds no tags, as of a `title`.

    >>> resolved("Salt &amp; Light")
    'Salt & Light'
    """
    if "&" not in text:
        return text
    return "".join(token.data or "" for token in tokenize(text.replace("<", "&lt;")))
