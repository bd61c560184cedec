"""Personal data that was left in the text.

What is published cannot be called back. Reported are, in kept paragraphs:

- e-mail addresses, but for role addresses (`info@`, `press@`, `editor@` …) and domains reserved for
  examples;
- mobile numbers of mainland China, and numbers in international form (`+65 …`);
- numbers of identity documents, bank cards and accounts, if their check digit is right: resident identity
  cards (ISO 7064 MOD 11-2), NRIC of Singapore, payment cards (Luhn, by length and first digits), IBAN
  (MOD 97-10);
- account names that portals give their users, such as `印象用户` or `手机用户` with digits after it;
- numbers of messengers behind their name (`微信：…`, `QQ：…`).

Not reported: landline numbers and hotlines, which in news are offices'; names with `(化名)`, which are
pseudonyms; whatever is masked (`138****5678`, `a***@…`); names of people, since they are what news is
about.

Example numbers and addresses in this documentation are not anybody's.

Example: `爆料请加微信：haigang_baoliao，或致电13800001234`.

Mend: mask it in a copy of the raw file that you may publish, or leave the page out; waive what is public
on purpose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import polars as pl
import regex

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["split"] = "split"

_MAIL = r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,24}"
_MOBILE = r"(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}"
_ABROAD = r"\+[1-9]\d{0,2}[ \-]?(?:\(\d{1,4}\)[ \-]?)?\d{2,4}(?:[ \-]?\d{2,4}){1,3}"
_HANDLE = r"(?:用户|用戶|网友|網友)\d{5,12}(?!\d|\s?[年月日人万萬亿億多余个個名位元家%.,，．])"
_MESSENGER = r"(?i:微信|WeChat|QQ|WhatsApp|Telegram|LINE)(?:号|號|ID| ID)?\s?[:：]\s?@?[A-Za-z0-9_+\-]{5,20}"

KINDS = {
    "e-mail address": _MAIL,
    "messenger account": _MESSENGER,
    "user handle": _HANDLE,
    "identity card number": r"\d{17}[\dXx]",
    "NRIC number": r"[STFGM]\d{7}[A-Z]",
    "IBAN": r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?",
    "card number": r"(?:\d{4}[ \-]?){3}\d{4,7}",
    "mobile number": _MOBILE,
    "phone number": _ABROAD,
}
"""Patterns by what they find, in the order they claim a place."""

_ROLES = re.compile(
    r"(?i)(?:info|contact|press|media|news|editor|editors|editorial|service|support|help|office|admin|webmaster|"
    r"postmaster|sales|hr|jobs|ads?|feedback|letters|tougao|bianji|kefu|mail|noreply|no-reply)\d{0,3}@"
)
# RFC 2606 and RFC 6761: names that are nobody's.
_RESERVED = re.compile(
    r"(?i)(?:@|\.)(?:example\.(?:com|net|org)|[^.@]+\.(?:example|test|invalid|localhost))$"
)
_DIGITS = re.compile(r"\d")


def check(view: AuditView) -> Iterator[Found]:
    """Search kept paragraphs, and ask check digits of what looks like a number of somebody."""
    any_kind = r"@|\d{4}|用户|用戶"
    rows = view.tables["paragraphs"].filter(pl.col("text").str.contains(any_kind))
    for document_id, paragraph_id, text in rows.select("document_id", "paragraph_id", "text").iter_rows():
        taken: list[tuple[int, int]] = []
        for kind, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < other and at < end for at, other in taken) or not _is(
                    kind, match[0], text, end
                ):
                    continue
                taken.append((start, end))
                message = f"{shown(match[0])} looks like {_article(kind)} {kind}"
                place = Place(document_id, paragraph_id, start, end, match[0])
                hint = "mask it or leave the page out; waive it if it is public on purpose"
                yield found(__name__, place, message, hint, kind)


_PATTERNS = {
    kind: regex.compile(
        pattern
        if kind in {"messenger account", "user handle"}
        else rf"(?<![A-Za-z0-9*.+\-@_]){pattern}(?![A-Za-z0-9*@])"
    )
    for kind, pattern in KINDS.items()
}


def _article(kind: str) -> str:
    return "an" if kind[0] in "eiIN" else "a"


def _is(kind: str, value: str, text: str, end: int) -> bool:
    """Whether a match is what it looks like, as far as it can be proved."""
    digits = [int(each) for each in _DIGITS.findall(value)]
    if kind == "phone number":
        return 9 <= len(digits) <= 15 and not text[end : end + 1].isalnum()
    proof = _PROOFS.get(kind)
    return proof is None or proof(value)


def _personal(value: str) -> bool:
    """Whether an address is neither a role's nor at a domain reserved for examples."""
    return not (_ROLES.match(value) or _RESERVED.search(value))


def _resident(value: str) -> bool:
    """Check a mainland resident identity number: a birthday inside, ISO 7064 MOD 11-2 (GB 11643-1999)."""
    weights = [2**power % 11 for power in range(17, 0, -1)]
    total = sum(weight * int(digit) for weight, digit in zip(weights, value[:17], strict=True))
    born = 1900 <= int(value[6:10]) <= 2100 and 1 <= int(value[10:12]) <= 12 and 1 <= int(value[12:14]) <= 31
    return born and "10X98765432"[total % 11] == value[17].upper()


def _nric(value: str) -> bool:
    """Check an NRIC or FIN: a weighted sum of the seven digits gives the letter."""
    total = sum(weight * int(digit) for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), value[1:8], strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(value[0], 0)
    letters = {
        "S": "JZIHGFEDCBA",
        "T": "JZIHGFEDCBA",
        "F": "XWUTRQPNMLK",
        "G": "XWUTRQPNMLK",
        "M": "KLJNPQRTUWX",
    }
    at = 10 - total % 11 if value[0] == "M" else total % 11
    return letters[value[0]][at] == value[8]


def _iban(value: str) -> bool:
    """Check an IBAN by ISO 7064 MOD 97-10."""
    whole = value.replace(" ", "")
    if not 15 <= len(whole) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in whole[4:] + whole[:4])) % 97 == 1


def _card(value: str) -> bool:
    """Check a payment card's number (ISO/IEC 7812-1): length, first digit, Luhn's check digit."""
    digits = [int(each) for each in _DIGITS.findall(value)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    shape = len(digits) in {15, 16, 19} and digits[0] in {3, 4, 5, 6} and len(set(digits)) > 4
    return shape and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_PROOFS = {
    "e-mail address": _personal,
    "identity card number": _resident,
    "NRIC number": _nric,
    "IBAN": _iban,
    "card number": _card,
}
