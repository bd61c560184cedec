"""Text that was damaged by a wrong encoding.

Bytes read in a wrong encoding cannot be read by people or models, and the labels on them are about
nothing. Reported are:

- U+FFFD, which stands for bytes nobody could decode, and C1 control characters, which are no text;
- `锟斤拷` and `烫烫烫`, what is left of U+FFFD and of raw memory read as GBK;
- UTF-8 read as Windows-1252 or Latin-1 (`Ã©`, `â€œ`), or as GB 18030, and GB 18030 read as Latin-1
  (`ÖÐ¹ú`): runs that, encoded back, decode to sensible text, so that no honest word is reported;
- character references that were escaped twice and now stand in the text (`&nbsp;`, `&#x4e2d;`).

Each paragraph is told once, by its first damage.

Example: `ä¸­å›½` where the page had `中国`.

Mend: correct the raw file's declaration of its encoding (`corpus clean --json` shows which was used and
why), or collect it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl
import regex

from corpus.audit._marks import is_han, shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

_PLAIN = r"[\uFFFD\u0080-\u009F]|锟斤|烫烫烫|屯屯屯|&(?:[a-z]{2,8}|#\d{2,7}|#[xX][0-9A-Fa-f]{2,6});"
_LATIN = r"[\u00C2-\u00F4][\u0080-\u00BF\u0152-\u0178\u02C6-\u2122]"
_LATIN_GB = r"[\u00A1-\u00FE]{4}"

_PLAIN_RE = regex.compile(_PLAIN)
_CP1252_RUN = regex.compile(r"(?:[\u00C2-\u00F4][\u0080-\u00BF\u0152-\u0178\u02C6-\u2122]+)+")
_LATIN_RUN = regex.compile(r"[\u00A1-\u00FE]{4,}")
_HAN_RUN = regex.compile(r"[\u4E00-\u9FFF\uE000-\uF8FF\u20AC]{3,}")
# What UTF-8 bytes of Chinese text look like in GB 18030: every third byte is E4 to E9, so two of three
# characters are like these; rare in real text, so the rest is only asked where two of them stand.
_GB_LEADS = regex.compile(r"[涓浣鍦鐨浜鏄鍜鎴鏈閮藉彂灞杩鍥鍏骞鏂鍙鍔鍚璇鎵缁鎶鐢鏁绗渚鎹澶绔鐞嗛]")


def check(view: AuditView) -> Iterator[Found]:
    """Look for marks of damage, and prove what could be honest text by decoding it back."""
    suspicious = f"{_PLAIN}|{_LATIN}|{_LATIN_GB}|{_GB_LEADS.pattern}"
    rows = view.tables["paragraphs"].filter(pl.col("text").str.contains(suspicious))
    for document_id, paragraph_id, text in rows.select("document_id", "paragraph_id", "text").iter_rows():
        if damage := _damage(text):
            start, end, why = damage
            place = Place(document_id, paragraph_id, start, end, text[start:end])
            hint = "correct the raw file's encoding, or collect it again"
            yield found(__name__, place, f"{shown(text[start:end])} is {why}", hint)


def _damage(text: str) -> tuple[int, int, str] | None:
    if match := _PLAIN_RE.search(text):
        kinds = {"�": "a mark for bytes nobody could decode", "&": "a character reference escaped twice"}
        known = kinds.get(
            match[0][0], "GBK read over damage" if match[0][0] > "\xff" else "a C1 control character"
        )
        return *match.span(), known
    for match in _LATIN_RUN.finditer(text):
        if (read := _back(match[0], ("latin-1",), "gb18030")) and all(map(_common, read)):
            return *match.span(), f"GB 18030 read as Latin-1; it says {shown(read)}"
    for match in _CP1252_RUN.finditer(text):
        read = _back(match[0], ("cp1252", "latin-1"), "utf-8")
        if read and (len(read) > 1 or _european(read)):
            return *match.span(), f"UTF-8 read as Windows-1252; it says {shown(read)}"
    if len(_GB_LEADS.findall(text)) >= 2:
        for match in _HAN_RUN.finditer(text):
            read = _back(match[0], ("gb18030",), "utf-8")
            if read and sum(map(is_han, read)) >= 2:
                return *match.span(), f"UTF-8 read as GB 18030; it says {shown(read)}"
    return None


def _back(text: str, wrong: tuple[str, ...], right: str) -> str | None:
    """Undo a wrong decoding; a character cut off at the end of the run is passed over."""
    for encoding in wrong:
        try:
            body = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        for cut in range(3 if right == "utf-8" else 2):
            try:
                read = body[: len(body) - cut].decode(right)
            except UnicodeDecodeError:
                continue
            if read and read != text and (right != "utf-8" or len(read) < len(text)):
                return read
    return None


def _european(char: str) -> bool:
    """Whether a single character may be believed: a Latin letter, a space, a quotation mark, a dash."""
    return char <= "\u024f" or "\u2000" <= char <= "\u20ac"


def _common(char: str) -> bool:
    """Whether a character is of GB 2312's first level or its punctuation, as most of Chinese text is."""
    body = char.encode("gb18030")
    return len(body) == 2 and (0xB0 <= body[0] <= 0xD7 or 0xA1 <= body[0] <= 0xA3) and body[1] >= 0xA1
