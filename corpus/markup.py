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

from turbohtml import TokenType, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT: Final = 0
START: Final = 1
END: Final = 2
REFERENCE: Final = 3
OTHER: Final = 4

Token = tuple[int, int, int, str]
"""`(kind, start, end, value)`: a piece `raw[start:end]`, one of the kinds below.

- TEXT: characters as they stand; `value` is empty.
- START, END: a tag; `value` is the name of its element in lower case (`attributes(raw[start:end])` for more).
- REFERENCE: a character reference such as `&amp;`; `value` is the text it stands for.
- OTHER: a comment, declaration or processing instruction, or a tag cut off by the end; `value` is empty.
"""

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


def tokens(raw: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Cut `raw[start:end]` into tokens that tile it, at their places in `raw`.

    Never raises and takes time linear in the length. What stands between tags the standard calls raw text
    (`script`, `style`, `title`, `textarea` …) comes as TEXT; who reads the tokens knows the element.

    >>> [token[:3] for token in tokens("<p>a&amp;b</p>")]
    [(1, 0, 3), (0, 3, 4), (3, 4, 9), (0, 9, 10), (2, 10, 14)]
    """
    text = lines_mended(raw if start == 0 and end is None else raw[start:end]).replace("</>", "<!>")
    at = start
    kind_text, kind_start, kind_end = TokenType.TEXT, TokenType.START_TAG, TokenType.END_TAG
    kind_reference = TokenType.CHARACTER_REFERENCE
    for token in tokenize(text, resolve_references=False, capture_source=True, capture_attributes=False):
        kind = token.type
        if kind is kind_text:
            stop = at + len(token.data)  # type: ignore[arg-type]
            yield 0, at, stop, ""
        else:
            stop = at + len(token.source)  # type: ignore[arg-type]
            if kind is kind_start:
                yield 1, at, stop, token.tag  # type: ignore[misc]
            elif kind is kind_end:
                yield 2, at, stop, token.tag  # type: ignore[misc]
            elif kind is kind_reference:
                yield 3, at, stop, token.data or ""
            else:
                yield 4, at, stop, ""
        at = stop
    if at < start + len(text):
        yield OTHER, at, start + len(text), ""


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
