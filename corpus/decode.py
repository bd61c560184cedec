"""Page -> raw text: decode a body with evidence for its encoding, losing no byte silently.

The order of evidence is that of the WHATWG standards (BOM, HTTP header, `meta`, XML declaration, detector,
default), with one difference: a browser believes what is declared, a corpus looks at the bytes. A claim that
the bytes contradict is overruled, and kept in `Encoding.declared`.

Which decoder and detector, and why (measured 2026-11, `benchmarks/decode.py`): the `whatwg-*` codecs of
turbohtml agree with the reference decodings of encoding_rs on every line, Python's own `gb18030` differs on
20 of 23,945, `gbk` on 2,149 and `big5` on 5,936 of 19,787; turbohtml's detector (the method of chardetng)
read every double-byte page tried, where chardet 7.7 misread 17 of 62 and took five times as long.
"""

from __future__ import annotations

import array
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from turbohtml.detect import Detection, detect_all

from corpus.records import Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.records import Format

# Names and their other labels, from the Encoding Standard (commit a985b62, BSD-3-Clause where used in code):
# https://encoding.spec.whatwg.org/#names-and-labels
_OTHER_LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8",
    "ibm866": "866 cp866 csibm866",
    "iso-8859-2": "csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso-8859-3": "csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso-8859-4": "csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso-8859-5": "csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso-8859-6": (
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i "
        "iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"
    ),
    "iso-8859-7": (
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
        "iso_8859-7:1987 sun_eu_greek"
    ),
    "iso-8859-8": (
        "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
        "iso_8859-8:1988 visual"
    ),
    "iso-8859-8-i": "csiso88598i logical",
    "iso-8859-10": "csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso-8859-13": "iso8859-13 iso885913",
    "iso-8859-14": "iso8859-14 iso885914",
    "iso-8859-15": "csisolatin9 iso8859-15 iso885915 iso_8859-15 l9",
    "iso-8859-16": "",
    "koi8-r": "cskoi8r koi koi8 koi8_r",
    "koi8-u": "koi8-ru",
    "macintosh": "csmacintosh mac x-mac-roman",
    "windows-874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620",
    "windows-1250": "cp1250 x-cp1250",
    "windows-1251": "cp1251 x-cp1251",
    "windows-1252": (
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
        "iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252"
    ),
    "windows-1253": "cp1253 x-cp1253",
    "windows-1254": (
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 "
        "latin5 x-cp1254"
    ),
    "windows-1255": "cp1255 x-cp1255",
    "windows-1256": "cp1256 x-cp1256",
    "windows-1257": "cp1257 x-cp1257",
    "windows-1258": "cp1258 x-cp1258",
    "x-mac-cyrillic": "x-mac-ukrainian",
    "gbk": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk",
    "gb18030": "",
    "big5": "big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc-jp": "cseucpkdfmtjapanese x-euc-jp",
    "iso-2022-jp": "csiso2022jp",
    "shift_jis": "csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis",
    "euc-kr": (
        "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"
    ),
    "replacement": "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr",
    "utf-16be": "unicodefffe",
    "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16",
    "x-user-defined": "",
}
_NAMES = {label: name for name, labels in _OTHER_LABELS.items() for label in (name, *labels.split())}

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_UTF16 = ("utf-16le", "utf-16be")
_GB = frozenset({"gbk", "gb18030"})
_DOUBLE_BYTE = frozenset({"gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr"})
# Encodings the detector has no model for, by the nearest one it has: their scores are not to be told apart.
_KIN = {"gb18030": "gbk", "koi8-r": "koi8-u", "iso-8859-15": "windows-1252", "x-mac-cyrillic": "windows-1251"}
_UNMODELLED = frozenset(
    {"iso-8859-3", "iso-8859-6", "iso-8859-8", "iso-8859-8-i", "iso-8859-10", "iso-8859-14", "iso-8859-16"}
    | {"macintosh", "x-user-defined"}
)

# A browser prescans 1,024 bytes and starts again when its parser meets a later `meta`; one longer scan does
# both.
_PRESCAN = 16_384
# The detector takes 0.1 ms a KB, and 256 bytes decide: it sees so many pieces, spread over the start of a
# body.
_DETECT_BYTES = 262_144
_PIECES = 24
_CLEAR_AFTER = 6
_PIECE_BYTES = 256
# Enough of a body to see that it is nothing like UTF-8.
_SAMPLE = 4096
# Below so many bytes above 0x7F the detector overrules a claim only if it finds the claim impossible: at 40
# characters of Polish it still preferred windows-1252, at 100 such bytes it erred on no page tried.
_ENOUGH = 40
_SOME = 8
# A claim that no encoding beats stands up to this share of undecodable characters.
_BROKEN_SHARE = 0.1

_ASCII = bytes(range(0x80))
_RUN = re.compile(rb"[\x80-\xff]+")
_ASCII_RUN = re.compile(rb"([\x00-\x7f]{4})[\x00-\x7f]{8,}([\x00-\x7f]{4})")
_NO_MARKUP = bytes.maketrans(b"<", b" ")
_PIECE_END = re.compile(rb"[ \n>]")
_HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*(?:"([^">]*)"|'([^'>]*)')""")
# https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding
_MARKUP = re.compile(
    rb"(?P<comment><!--)|(?P<meta><meta(?=[\t\n\f\r /]))|</?[a-z][^\t\n\f\r >]*|(?P<other><[!/?])",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*)"
    rb"""(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|(?!["'])([^\t\n\f\r >]*)))?"""
)
_CONTENT_CHARSET = re.compile(
    rb"""charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|(?!["'])([^\t\n\f\r ;]+))""", re.IGNORECASE
)


class Decoded(NamedTuple):
    """Raw text and the encoding it was decoded with."""

    text: str
    encoding: Encoding


class _Claim(NamedTuple):
    """What a page says of its encoding: the label as written, the encoding meant (None: unknown), where."""

    label: str
    name: str | None
    evidence: str


def name(label: str) -> str | None:
    """Return the WHATWG encoding a label means, lower case; None for a label that means none.

    >>> name(" GB2312 "), name("latin1"), name("utf-7")
    ('gbk', 'windows-1252', None)
    """
    return _NAMES.get(label.strip("\t\n\f\r ").lower())


def decode(body: bytes, content_type: str | None = None, format: Format = "html") -> Decoded:  # noqa: A002
    r"""Decode a body into raw text; never raises, and every undecodable byte shows as a counted U+FFFD.

    `content_type` is the HTTP header's value. `meta` and XML declarations are read in `html` only: in a plain
    text they are quoted, not meant. A byte-order mark says how to read the text and is no part of it;
    newlines stay as they are. Text that was encoded twice ("mojibake") is left alone: mending it would be a
    guess about the source.

    Evidence `detector` means that the bytes decided, `default` that they could not: plain ASCII without a
    claim is `utf-8`, bytes that resemble nothing are `windows-1252`, which maps each of them to a character
    of its own.

    >>> decode("<meta charset=big5>新聞".encode("utf-8")).encoding
    Encoding(name='utf-8', evidence='detector', declared='big5', replacements=0)
    >>> decode("新闻网".encode("gbk"), "text/html; charset=gb2312")
    Decoded(text='新闻网', encoding=Encoding(name='gbk', evidence='http', declared=None, replacements=0))
    """
    claims = list(_claims(body, content_type, format))
    for mark, marked in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if marked != "utf-8" or (at := _invalid_at(rest)) is None or _mostly_utf8(rest, at):
                return _decoded(rest, marked, "bom", claims)
            body, claims = rest, [_Claim(marked, marked, "bom"), *claims]
    chosen, evidence = _choose(body, claims)
    return _decoded(body, chosen, evidence, claims)


def _decoded(body: bytes, chosen: str, evidence: str, claims: list[_Claim]) -> Decoded:
    text, replacements = _read(body, chosen)
    wrong = [claim.label for claim in claims if name(claim.label) != chosen]
    if {chosen, *map(name, wrong)} <= _GB:  # one decoder, two names
        wrong = []
    return Decoded(text, Encoding(chosen, evidence, wrong[0][:40] if wrong else None, replacements))


def _read(body: bytes, chosen: str) -> tuple[str, int]:
    """Decode, and count the U+FFFD that stand for undecodable bytes, not those that the text already had."""
    if chosen == "utf-8" and (text := _valid(body)) is not None:
        return text, 0
    codec = chosen if chosen == "utf-8" or chosen in _UTF16 else f"whatwg-{chosen}"
    text = body.decode(codec, "replace")
    replacements = text.count("\ufffd")
    if not replacements:
        return text, 0
    if chosen == "utf-8":
        replacements -= body.count(b"\xef\xbf\xbd")
    elif chosen in _UTF16:
        units = array.array("H", body[: len(body) & ~1])
        if (chosen == "utf-16be") == (sys.byteorder == "little"):
            units.byteswap()
        replacements -= units.count(0xFFFD)
    elif chosen in _GB:  # U+FFFD is 84 31 A4 37: count again with its neighbour U+FFFC in its place
        replacements = body.replace(b"\x84\x31\xa4\x37", b"\x84\x31\xa4\x36").decode(codec).count("\ufffd")
    return text, replacements


def _valid(body: bytes) -> str | None:
    """Decode valid UTF-8: no U+FFFD stands for anything there."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _choose(body: bytes, claims: list[_Claim]) -> tuple[str, str]:
    """Weigh claims and bytes: the name of the encoding and its evidence."""
    plain, invalid_at = body.isascii(), _invalid_at(body)
    if b"\0" in body and (plain or invalid_at is not None) and (wide := _utf16(body)):
        return wide, _evidence(wide, claims)
    if plain and (b"\x1b" not in body or "iso-2022-jp" in (claimed for claimed, _ in _usable(claims))):
        return next(_usable(claims), ("utf-8", "default"))
    if plain or (invalid_at is not None and not _mostly_utf8(body, invalid_at)):
        return _choose_legacy(body, claims)
    if invalid_at is None and _few_short_sequences(body):
        for claimed, evidence in _usable(claims):
            if claimed in _DOUBLE_BYTE and not _read(body, claimed)[1]:
                return claimed, evidence
    return "utf-8", _evidence("utf-8", claims)


def _choose_legacy(body: bytes, claims: list[_Claim]) -> tuple[str, str]:
    """Choose for a body that is not UTF-8: the first claim that the detector does not contradict."""
    votes = _votes(body)
    best = max(votes, key=lambda candidate: votes[candidate], default=None)
    if best == "iso-2022-jp":
        return best, _evidence(best, claims)
    for claimed, evidence in _usable(claims):
        if claimed != "utf-8" and _holds(claimed, body, votes, best):
            return claimed, evidence
    if best is None or not votes[best]:
        return ("utf-8", "default") if body.isascii() else ("windows-1252", "default")
    return best, "detector"


def _holds(claimed: str, body: bytes, votes: dict[str, float], best: str | None) -> bool:
    """Whether a claimed encoding stands against the detector's best, which must then be clearly better."""
    kin = _KIN.get(claimed, claimed)
    if kin == best:
        return True
    high = len(body.translate(None, _ASCII)) or 1
    broken = _read(body, claimed)[1] / high
    if best is None or not votes[best] or high < _SOME:
        return broken <= _BROKEN_SHARE
    if broken > _BROKEN_SHARE:
        return False
    if claimed in _DOUBLE_BYTE and best not in _DOUBLE_BYTE and not broken:
        return _in_runs(body, high)
    share = votes.get(kin, 0.0) / votes[best]
    if best in _DOUBLE_BYTE:
        return high < _ENOUGH and (share > 0 or claimed in _UNMODELLED)
    return high < _ENOUGH or share >= 0.5 or claimed in _UNMODELLED


def _in_runs(body: bytes, high: int) -> bool:
    """Whether bytes above 0x7F come in runs, as in scripts of their own, not one by one as accents in Latin.

    Single-byte text in runs that makes whole double-byte characters throughout is no chance; a letter with an
    accent and the letter behind it make one easily.
    """
    return high > 1.5 * len(_RUN.findall(body))


def _votes(body: bytes) -> dict[str, float]:
    """Let the detector judge a body piece by piece, pieces weighted by their bytes above 0x7F.

    By pieces, because one broken byte makes the detector strike an encoding off: it then costs one vote only.
    `<` is blanked, so that no piece is read for a `meta` of its own.
    """
    if b"\x1b" in body and detect_all(b" " * 1024 + body)[0].encoding == "ISO-2022-JP":
        return {"iso-2022-jp": 1.0}
    flat = _ASCII_RUN.sub(rb"\1 \2", body[:_DETECT_BYTES]).translate(_NO_MARKUP)
    votes: dict[str, float] = {}
    judged = 0
    for piece in _pieces(flat):
        weight = len(piece.translate(None, _ASCII))
        scores: dict[str, float] = {}
        for match in detect_all(piece, _ONLY_LEGACY) if weight else ():
            key = (match.encoding or "").lower()
            scores[key] = max(scores.get(key, 0.0), match.confidence)
        for key, confidence in scores.items():
            votes[key] = votes.get(key, 0.0) + weight * confidence
        judged += bool(weight)
        if judged >= _CLEAR_AFTER and max(votes.values(), default=0.0) > 0.6 * sum(votes.values()):
            break
    votes.pop("", None)
    return votes


def _pieces(flat: bytes) -> Iterator[bytes]:
    """Cut pieces out at bytes that are no part of a character in any encoding the pieces are judged for."""
    end = 0
    for start in range(0, len(flat), max(_PIECE_BYTES, len(flat) // _PIECES + 1)):
        after = _PIECE_END.search(flat, start) if start > end else None
        begin = after.end() if after else end
        cut = _PIECE_END.search(flat, begin + _PIECE_BYTES)
        end = cut.end() if cut else len(flat)
        yield flat[begin:end]


_ONLY_LEGACY = Detection(excluded=frozenset({"UTF-8", "UTF-8-SIG", "UTF-16LE", "UTF-16BE", "ISO-2022-JP"}))


def _mostly_utf8(body: bytes, invalid_at: int) -> bool:
    """Whether whole UTF-8 sequences outnumber broken ones: UTF-8 with damage, not another encoding.

    In GBK text chance makes about one whole sequence for seven broken ones, in single-byte text hardly any.
    """
    if invalid_at < _SAMPLE:
        whole, broken = _sequences(body[: 2 * _SAMPLE])
        if broken > 4 * whole:
            return False
    whole, broken = _sequences(body)
    return whole > broken


def _sequences(body: bytes) -> tuple[int, int]:
    """Count whole and broken UTF-8 sequences of more than one byte."""
    text, broken = _read(body, "utf-8")
    return len(text) - len(text.encode("ascii", "ignore")) - broken, broken


def _invalid_at(body: bytes) -> int | None:
    """Return the offset of the first byte that is not UTF-8, None if all of it is."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _few_short_sequences(body: bytes) -> bool:
    """Whether valid UTF-8 has so little to show for it that two or three characters of GBK would look alike.

    A two-byte GBK character is a valid UTF-8 sequence about one time in seven; twice in a row happens, a
    third time or a sequence of three bytes is no chance.
    """
    high = body.translate(None, _ASCII)
    return len(high) <= 4 and max(high) < 0xE0


def _utf16(body: bytes) -> str | None:
    """Name the UTF-16 of a body that holds NULs and has no byte-order mark, None if it is not UTF-16.

    It is if nearly all of its first units are characters that pages are made of (random bytes: about half of
    them); of the two byte orders the one with more ASCII wins, since Latin read backwards looks like Han.
    """
    head = body[: min(len(body) & ~1, 8192)]
    best, most = None, 0
    for wide in _UTF16:
        text = head.decode(wide, "replace")
        narrow = len(text.encode("ascii", "ignore")) - text.count("\0")
        if len(_PLAUSIBLE.findall(text)) >= 0.95 * len(text) and narrow > most:
            best, most = wide, narrow
    return best


# Latin to Greek and Cyrillic, Hebrew and Arabic, Thai, general punctuation, kana and Han, Hangul, full-width
# forms.
_PLAUSIBLE = re.compile(
    "[\t\n\r -~\u00a0-\u052f\u0590-\u06ff\u0e00-\u0e7f\u2010-\u205f"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)


def _usable(claims: list[_Claim]) -> Iterator[tuple[str, str]]:
    """Name and evidence of the claims that can be meant: known encodings but UTF-16, whose bytes show it."""
    for claim in claims:
        if claim.name is not None and claim.name != "replacement" and claim.name not in _UTF16:
            yield claim.name, claim.evidence


def _evidence(chosen: str, claims: list[_Claim]) -> str:
    return next((claim.evidence for claim in claims if claim.name == chosen), "detector")


def _claims(body: bytes, content_type: str | None, format: Format) -> Iterator[_Claim]:  # noqa: A002
    if content_type and (found := _HTTP_CHARSET.search(content_type)):
        yield _Claim(found[1].lower(), name(found[1]), "http")
    if format != "html":
        return
    if label := _meta_label(body[:_PRESCAN]):
        meant = name(label)
        # "If charset is UTF-16BE/LE, then set charset to UTF-8": the declaration could not be read otherwise.
        meant = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}.get(
            meant or "", meant
        )
        yield _Claim(label, meant, "meta")
    elif found_xml := _XML_ENCODING.match(body[:1024]):
        label = (found_xml[1] or found_xml[2] or b"").decode("latin-1").strip().lower()
        meant = name(label)
        yield _Claim(label, "utf-8" if meant in _UTF16 else meant, "xml")


def _meta_label(head: bytes) -> str | None:
    """Return the label the first `meta` declares by the prescan of the HTML standard, else an unknown one.

    Comments are skipped and attributes read as the standard does, so that `<!-- <meta charset=x> -->` and `<p
    title="<meta charset=x>">` declare nothing. What is cut off by the end of `head` declares nothing either.
    """
    if b"charset" not in head.lower():
        return None
    unknown = None
    at = 0
    while at >= 0 and (found := _MARKUP.search(head, at)):
        if found["comment"]:
            at = head.find(b"-->", found.end() - 2)
        elif found["other"]:
            at = head.find(b">", found.end() - 1)
        else:
            attributes, at = _attributes(head, found.end())
            label = _declared(attributes) if found["meta"] else None
            if label and name(label):
                return label
            unknown = unknown or label
    return unknown


def _attributes(head: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Read attributes from `at`, the first of a name; the place after them is -1 if `head` ends in one."""
    attributes: dict[bytes, bytes] = {}
    while found := _ATTRIBUTE.match(head, at):
        at = found.end()
        if at == len(head) or head[at : at + 1] == b"=":  # cut off, or a quote never closed
            return {}, -1
        attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or b"")
    return attributes, at


def _declared(attributes: dict[bytes, bytes]) -> str | None:
    """Return the label that a `meta` with these attributes declares, None if it declares none."""
    label: bytes | None = attributes.get(b"charset")
    if label is None and attributes.get(b"http-equiv", b"").lower() == b"content-type":
        found = _CONTENT_CHARSET.search(attributes.get(b"content", b""))
        label = found and (found[1] or found[2] or found[3])
    return label.decode("latin-1").strip().lower() if label else None
