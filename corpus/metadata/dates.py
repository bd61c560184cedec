"""Dates and times as pages write them, to ISO 8601, exactly as complete as they were written.

No clock is read and no default filled in: `3月4日 06:47` stays `--03-04T06:47`, `03/04/2025` on a page that
does not say whether months or days come first stays `2025`, a time without a zone gets none.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

EARLIEST, LATEST = 1900, 2100
"""Years believed. Earlier and later ones on web pages are placeholders (`0001-01-01`) or numbers."""

LONGEST = 300
"""Code points of a text that are searched for a date."""


class Found(NamedTuple):
    """A date found in a text: its place (`start`, end exclusive) and its ISO 8601 form."""

    start: int
    end: int
    iso: str


# Month names of the languages most seen on the web, nominative and genitive, full and cut.
_NAMES = """
    january januar januari janvier janv enero gennaio janeiro stycznia styczeń leden ledna
    января январь січня ocak tammikuuta január ianuarie jan ene gen jänner janeiro januára
    января янв jaanuar sausio janvāris ;
    february februar februari février fevrier févr fév febrero febbraio fevereiro lutego luty
    únor února февраля февраль лютого şubat helmikuuta február februarie feb fev febr feber фев ;
    march märz marts maart mars marzo março marca marzec březen března марта март березня mart
    maaliskuuta március martie mar mär mrz mrt maret мар márc ;
    april avril abril aprile kwietnia kwiecień duben dubna апреля апрель квітня nisan huhtikuuta
    április aprilie apr avr abr апр ápr ;
    may mai mei maj mayo maggio maio maja květen května мая май травня mayıs toukokuuta május
    máj mag ;
    june juni juin junio giugno junho czerwca czerwiec červen června июня июнь червня haziran
    kesäkuuta június iunie jun giu июн jún ;
    july juli juillet juil julio luglio julho lipca lipiec červenec července июля июль липня
    temmuz heinäkuuta július iulie jul lug июл júl ;
    august août aout agosto augustus augusti sierpnia sierpień srpen srpna августа август серпня
    ağustos elokuuta augusztus agustus aug ago авг ;
    september septembre septiembre settembre setembro września wrzesień září сентября сентябрь
    вересня eylül syyskuuta szeptember septembrie sept sep set сен сент szept ;
    october oktober octobre octubre ottobre outubro października październik říjen října октября
    октябрь жовтня ekim lokakuuta október octombrie oct okt ott out окт ;
    november novembre noviembre novembro listopada listopad ноября ноябрь kasım marraskuuta
    noiembrie nov ноя ;
    december dezember décembre decembre diciembre dicembre dezembro grudnia grudzień prosinec
    prosince декабря декабрь грудня aralık joulukuuta decembrie desember dec dez dic déc дек ;
"""
_MONTH = {name: number for number, row in enumerate(_NAMES.split(";")[:12], 1) for name in row.split()}
_MONTH["листопада"] = 11
_WORD = re.compile(r"[^\W\d_]{3,}")
# Two hundred names are dear to look for at every place of a line and cheap to look up word by word, so the
# name of a month is first overwritten, letter by letter, with a private-use character that stands for it.
_FIRST_MONTH = 0xE001
_MONTHS = "\ue001-\ue00c"

_Y = r"(?P<y>(?:19|20)\d\d)"
_M = r"(?P<m>1[0-2]|0?[1-9])"
_D = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_B = rf"(?P<b>[{_MONTHS}])(?P=b)*+\.?"
_TH = r"(?:st|nd|rd|th|er|º|ª|\.)?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_Y}\s?[年년]\s?{_M}\s?[月월]\s?{_D}\s?(?:[日号號]|일)",
        rf"(?:民國|民国)\s?(?P<roc>\d{{2,3}})\s?年\s?{_M}\s?月\s?{_D}\s?日",
        rf"(?<!\d){_Y}\s?(?P<sep>[-/.])\s?{_M}\s?(?P=sep)\s?{_D}(?!\d)\.?",
        rf"(?<!\d){_Y}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?=T?\d{{6}}|(?!\d))",
        rf"(?<!\d){_D}{_TH}[\s-]*(?:de\s|of\s)?{_B},?[\s-]*(?:de\s|del\s)?{_Y}(?!\d)",
        rf"(?<!\w){_B}\s*{_D}{_TH}\s*(?:,|de\s)?\s*{_Y}(?!\d)",
        rf"(?<!\w){_B}\s+{_D}\s+(?P<ctime>\d\d:\d\d:\d\d)\s+(?:[A-Z]{{3,4}}\s+)?{_Y}(?!\d)",
        rf"(?<!\d){_Y}\.?\s+{_B}\s+{_D}(?!\d)",
        rf"(?<!\d){_D}\s+tháng\s+{_M},?\s+(?:năm\s+)?{_Y}",
        r"(?<![\d./-])(?P<n1>\d{1,2})(?P<sep>[./-])\s?(?P<n2>\d{1,2})(?P=sep)\s?(?P<yy>(?:19|20)\d\d)(?![./-]?\d)",
        r"(?<![\w./-])(?P<n1>\d\d)(?P<sep>[./])(?P<n2>\d\d)(?P=sep)(?P<yy>\d\d)(?![./-]?\d)",
        rf"(?<!\d){_Y}\s?[年년]\s?{_M}\s?[月월](?!\s?\d)",
        rf"(?<!\d){_Y}-(?P<m>0[1-9]|1[0-2])(?![\d-])",
        rf"(?<!\w){_B},?\s+{_Y}(?!\d)",
        rf"(?<!\d){_M}\s?[月월]\s?{_D}\s?(?:[日号號]|일)",
        r"(?<![\d./-])(?P<m>0[1-9]|1[0-2])[-/](?P<d>0[1-9]|[12]\d|3[01])(?=\s{1,3}\d{1,2}:\d\d)",
    )
)

_MARK = re.compile(f"[{_MONTHS}]")
# What no date can be without: cheap to look for, and most lines have none.
_LIKELY = re.compile(r"(?:19|20)\d\d|\d\s?[월月./-]\s?\d|民[國国]")

_HALF = r"(?P<half>上午|下午|晚上|凌晨|中午|早上|傍晚|오전|오후)?"
_CLOCK = (
    rf"{_HALF}\s?(?<!\d)(?P<h>2[0-4]|[01]?\d)\s?(?:[:：h]|[时時點点시]\s?|\.(?=[0-5]\d(?:\s|$)))(?P<min>[0-5]\d)(?!\d)"
    r"(?:分|분)?(?:[:：](?P<sec>[0-5]\d))?(?:[.,]\d{1,9})?(?:\s?(?P<ap>[apAP])\.?[mM]\b\.?)?"
    r"(?:\s?(?P<zone>Z\b|[+-]\d\d:?\d\d\b|(?:(?:GMT|UTC)\s?[+-]\d\d?(?::?\d\d)?)|[A-Z]{2,5}\b))?"
)
_AFTER = re.compile(
    rf"[\sT,，|·•@–—-]{{0,6}}(?:(?:at|um|à|às|alle|om|kl\.?|o|в|las)\s|(?:星期|周|週)[一二三四五六日天]|"
    rf"[(（][^)）]{{1,6}}[)）])?[\s,]{{0,3}}{_CLOCK}"
)
_COMPACT = re.compile(r"T?(?P<h>[01]\d|2[0-4])(?P<min>[0-5]\d)(?P<sec>[0-5]\d)(?P<zone>Z|[+-]\d{4})?(?!\d)")
_BEFORE = re.compile(rf"{_CLOCK}\s*(?:,|on|am|-|–|\|)?\s*(?:[A-Za-z]{{3,9}}\.?,?\s+)?$")
# RFC 5322, 4.3, and names that stand for one offset. CST is left out: on Chinese pages it is China's.
_ZONES = dict.fromkeys(("Z", "GMT", "UTC", "UT"), "Z") | {
    name: offset
    for offset, names in (
        ("-08:00", "PST"),
        ("-07:00", "PDT MST"),
        ("-06:00", "MDT"),
        ("-05:00", "EST CDT"),
        ("-04:00", "EDT"),
        ("+01:00", "CET MEZ"),
        ("+02:00", "CEST MESZ EET"),
        ("+03:00", "EEST MSK"),
        ("+08:00", "HKT SGT"),
        ("+09:00", "JST KST"),
        ("+10:00", "AEST"),
        ("+11:00", "AEDT"),
    )
    for name in names.split()
}
_ISO = re.compile(
    rf"{_Y}-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ](?P<h>\d\d):(?P<min>\d\d)(?::(?P<sec>\d\d)(?:\.\d{{1,9}})?)?"
    r"\s?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_PARTIAL = re.compile(rf"--(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T[0-2]\d:[0-5]\d(?::[0-5]\d)?)?|{_Y}")
_EPOCH = re.compile(r"(?P<seconds>1\d{9})(?P<milliseconds>\d{3})?")


def read(text: str, *, day_first: bool | None = None) -> str | None:
    """Return the first date of a text in ISO 8601, as complete as it is written, None where there is none.

    `day_first` says how the page writes `03/04/2025`; None leaves such a date at its year. Relative dates
    (`2小时前`) are refused: what they are relative to is not known.

    >>> read("Tue, 04 Mar 2025 06:47:31 GMT")
    '2025-03-04T06:47:31Z'
    >>> read("发布时间:2025年3月4日 06:47"), read("03-04 06:47"), read("March 2025")
    ('2025-03-04T06:47', '--03-04T06:47', '2025-03')
    >>> read("03/04/2025"), read("03/04/2025", day_first=True), read("25/03/2025"), read("31.02.2025")
    ('2025', '2025-04-03', '2025-03-25', None)
    """
    if match := _ISO.fullmatch(text):  # what machines write, read at a tenth of the cost
        day = _day(match, day_first)
        return day + _clock(match) if day and match["h"] else day
    if _PARTIAL.fullmatch(text):
        return text
    found = find(text, day_first=day_first)
    return found.iso if found else epoch(text.strip())


def find(text: str, *, day_first: bool | None = None) -> Found | None:
    """Return the first date of a text with its place; of two that begin together, the more complete."""
    text = text[:LONGEST]
    if not _LIKELY.search(text):
        return None
    text = _WORD.sub(_month_marked, _MARK.sub(" ", text))
    matches = (
        (match.start(), order, match)
        for order, pattern in enumerate(_PATTERNS)
        for match in pattern.finditer(text)
    )
    for _, _, match in sorted(matches, key=lambda found: found[:2]):
        day = _day(match, day_first)
        if day is None:
            continue
        start, end, clock = _clock_beside(text, match)
        return Found(start, end, day + clock if len(day) >= 7 and day.count("-") >= 2 else day)
    return None


def _month_marked(word: re.Match[str]) -> str:
    month = _MONTH.get(word[0].lower())
    return chr(_FIRST_MONTH + month - 1) * len(word[0]) if month else word[0]


def epoch(text: str) -> str | None:
    """Return the moment a count of seconds or milliseconds since 1970 stands for (2001 to 2033).

    >>> epoch("1741070851000")
    '2025-03-04T06:47:31Z'
    """
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    return datetime.fromtimestamp(int(match["seconds"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_full(iso: str) -> bool:
    """Whether a date has year, month and day.

    >>> is_full("2025-03-04T06:47"), is_full("2025-03"), is_full("--03-04")
    (True, False, False)
    """
    return len(iso) >= 10 and iso[0] != "-"


def completed(partial: str, full: str) -> str | None:
    """Give a date without a year the year of a full one that has the same month and day, else None.

    >>> completed("--03-04T06:47", "2025-03-04")
    '2025-03-04T06:47'
    """
    if partial.startswith("--") and is_full(full) and partial[2:7] == full[5:10]:
        return f"{full[:4]}-{partial[2:]}"
    return None


def _day(match: re.Match[str], day_first: bool | None) -> str | None:
    groups = match.groupdict()
    if groups.get("n1"):
        return _numeric(int(groups["n1"]), int(groups["n2"]), groups["yy"], groups["sep"], day_first)
    year = int(groups["roc"]) + 1911 if groups.get("roc") else int(groups.get("y") or 0)
    name = groups.get("b")
    month = ord(name) - _FIRST_MONTH + 1 if name else int(groups["m"])
    day = int(groups.get("d") or 0)
    return _valid(year, month, day)


def _numeric(first: int, second: int, written: str, sep: str, day_first: bool | None) -> str | None:
    """Read `04.03.2025` and `3/4/25`; two digits of a year are of this century up to 68 (POSIX)."""
    year = int(written)
    if len(written) == 2:
        year += 2000 if year < 69 else 1900
    if sep == "." or first > 12 or first == second:
        return _valid(year, second, first)
    if second > 12:
        return _valid(year, first, second)
    if day_first is None:
        return str(year) if EARLIEST <= year <= LATEST and len(written) == 4 else None
    return _valid(year, second, first) if day_first else _valid(year, first, second)


def _valid(year: int, month: int, day: int) -> str | None:
    """Write what is given (0 for what is not) if the calendar has it."""
    if year and not EARLIEST <= year <= LATEST:
        return None
    if (year, month, day) in {(1970, 1, 1), (1969, 12, 31)}:  # no date, but a clock that was never set
        return None
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return None
    if not year:
        return f"--{month:02}-{day:02}" if day else None
    return f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"


def _clock_beside(text: str, match: re.Match[str]) -> tuple[int, int, str]:
    """Return the place of date and time together, and the time written after or before the date."""
    if match.groupdict().get("ctime"):
        return match.start(), match.end(), "T" + match["ctime"]
    after = _COMPACT.match(text, match.end()) or _AFTER.match(text, match.end())
    if after and (clock := _clock(after)):
        return match.start(), after.end(), clock
    before = _BEFORE.search(text[max(0, match.start() - 40) : match.start()])
    if before and (clock := _clock(before)):
        return max(0, match.start() - 40) + before.start(), match.end(), clock
    return match.start(), match.end(), ""


def _clock(match: re.Match[str]) -> str:
    groups = match.groupdict()
    hour = int(groups["h"])
    half = "pm" if groups.get("half") in {"下午", "晚上", "傍晚", "오후"} else None
    half = {"a": "am", "p": "pm"}.get((groups.get("ap") or "").lower(), half)
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    if hour > 23:
        return ""
    second = f":{groups['sec']}" if groups.get("sec") else ""
    return f"T{hour:02}:{groups['min']}{second}{_zone(groups.get('zone') or '')}"


def _zone(written: str) -> str:
    """Return a zone as stated; a name that may mean several offsets, or none, is left out."""
    offset = re.search(r"([+-])(\d\d?):?(\d\d)?$", written)
    if offset and int(offset[2]) <= 14:
        return f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}"
    return _ZONES.get(written.upper(), "")
