"""The language and script of a text: langdetect, guarded by the scripts it is written in.

langdetect knows no script: it calls traditional Chinese Korean about half the time and mixed Chinese and
English almost anything, raises on text without letters, and answers with the same confidence for two words
as for two pages. So the scripts are counted first. Where a script is written by one language (Han without
kana, hangul, Greek, Thai …) it decides alone; where many share it (Latin, Cyrillic, Arabic, Devanagari),
langdetect decides among the languages of that script only, with a prior, a fixed seed and a limited sample.
What remains too short or too uncertain stays None.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Language(NamedTuple):
    """A BCP 47 primary language, an ISO 15924 script, and what decided.

    `script` is `Hani` where characters common to simplified and traditional Chinese leave it open. `evidence`
    is `script`, `langdetect` or `declared`, or, where `language` is None, the reason: `no letters`,
    `too short`, `uncertain` or `script unknown`.
    """

    language: str | None
    script: str | None
    evidence: str


SAMPLE = 1200
"""Code points of a text that are looked at: its first, middle and last third of this many."""

LANGDETECT_SAMPLE = 240
"""Code points given to langdetect. Its time grows with them; benchmarks/language.py shows
that 480 decide no better."""

AGREEING_SAMPLE = 120
"""Code points given to langdetect to see whether it agrees with a declaration."""

TRIALS = 3
"""Random walks langdetect averages. Each ends at one language with near certainty however little it read, so
its probability says how many of them agreed; 7 or 15 cost two and four times as much and err as often."""

SURE = 0.90
"""Least probability believed from langdetect without a declaration that agrees: all walks ended alike."""

SHORTEST = {"Latn": 30, "Cyrl": 15, "Arab": 15, "Deva": 15}
"""Fewest letters on which langdetect alone is believed. Measured on Latin paragraphs of the development
pages, it is wrong on 30 % of 12 to 17 letters, 18 % of 22 to 26, 7 % of 27 to 34, 2 % of 35 to 49; the other
scripts have few languages to confuse."""

HAN_WEIGHT = 3.0
"""Letters that one Han character, kana or hangul syllable counts for where scripts mix: an English
translation has about three letters for each Chinese character."""

_WEIGHTS = {"Hani": HAN_WEIGHT, "Kana": HAN_WEIGHT, "Hang": HAN_WEIGHT}

# Scripts by the first word of a letter's Unicode name, and the language of those that write only one.
# fmt: off
_NAMED = {
    "CJK": "Hani", "IDEOGRAPHIC": "Hani", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hang",
    "BOPOMOFO": "Bopo", "LATIN": "Latn", "CYRILLIC": "Cyrl", "ARABIC": "Arab", "DEVANAGARI": "Deva",
    "GREEK": "Grek", "HEBREW": "Hebr", "THAI": "Thai", "BENGALI": "Beng", "GUJARATI": "Gujr",
    "GURMUKHI": "Guru", "KANNADA": "Knda", "MALAYALAM": "Mlym", "TAMIL": "Taml", "TELUGU": "Telu",
    "GEORGIAN": "Geor", "ARMENIAN": "Armn", "KHMER": "Khmr", "LAO": "Laoo", "MYANMAR": "Mymr",
    "SINHALA": "Sinh", "TIBETAN": "Tibt", "MONGOLIAN": "Mong", "ETHIOPIC": "Ethi",
}

_ALONE = {
    "Grek": "el", "Hebr": "he", "Thai": "th", "Beng": "bn", "Gujr": "gu", "Guru": "pa",
    "Knda": "kn", "Mlym": "ml", "Taml": "ta", "Telu": "te", "Geor": "ka", "Armn": "hy", "Khmr": "km",
    "Laoo": "lo", "Mymr": "my", "Sinh": "si", "Tibt": "bo", "Mong": "mn",
}
# fmt: on

# Priors in three steps of ten, after the orders of magnitude in Common Crawl's statistics of languages. They
# count for little once a text has a few dozen letters, but keep a short English one from becoming Somali.
_PRIORS = {
    "Latn": {
        "en": 3.0,
        **dict.fromkeys(("cs", "de", "es", "fr", "id", "it", "nl", "pl", "pt", "tr", "vi"), 1.0),
        **dict.fromkeys(("ca", "da", "et", "fi", "hr", "hu", "lt", "lv", "no", "ro", "sk", "sl", "sv"), 0.1),
        **dict.fromkeys(("af", "cy", "so", "sq", "sw", "tl"), 0.01),
    },
    "Cyrl": {"ru": 1.0, "uk": 0.3, "bg": 0.1, "mk": 0.03},
    "Arab": {"ar": 1.0, "fa": 1.0, "ur": 0.1},
    "Deva": {"hi": 1.0, "mr": 0.3, "ne": 0.3},
}
_DECLARED_PRIOR = 10.0  # a declaration outweighs one step of the prior above, no more: templates lie

# Languages langdetect has no profile for, by script: it would name a neighbour with confidence, so the page's
# own declaration stands unless langdetect reads English, which is what wrongly declared pages are in.
_UNPROFILED = {
    "Latn": frozenset(
        "az br bs co eo eu fo fy ga gd gl ha haw ht ig is jv kl ku la lb mg mi ms mt nn oc qu rm rw sm sn sr "  # noqa: SIM905
        "st su tk to ug uz wa wo xh yo zu".split()
    ),
    "Cyrl": frozenset("ab ba be ce cv kk ky mn os sr tg tt tk uz".split()),  # noqa: SIM905
    "Arab": frozenset("ckb ku ks pa ps sd ug".split()),  # noqa: SIM905
    "Deva": frozenset("bho brx doi kok mai sa sd".split()),  # noqa: SIM905
    "Beng": frozenset({"as"}),
    "Hebr": frozenset({"yi"}),
    "Ethi": frozenset({"am", "ti"}),
    "Tibt": frozenset({"dz"}),
}

# Letters that none of the profiled languages of their script has, so langdetect must not be asked.
_OUTSIDE = {
    "Cyrl": (("be", frozenset("ўЎ")), ("sr", frozenset("ђћЂЋ")), ("kk", frozenset("қңұҚҢҰ"))),
    "Arab": (("ug", frozenset("ۇۆۈې")), ("ps", frozenset("ټډړښځڅ"))),
}

_ALIASES = {
    "cmn": "zh",
    "yue": "zh",
    "wuu": "zh",
    "hak": "zh",
    "nan": "zh",
    "iw": "he",
    "in": "id",
    "ji": "yi",
}

# Small words. Where Chinese and English mix, the sentence belongs to the language that supplies them: names
# and terms are borrowed, grammar is not (the matrix language of Myers-Scotton, Duelling Languages, 1993).
_ENGLISH_FRAME = re.compile(
    r"\b(?:the|of|and|to|in|is|are|was|were|for|on|with|that|it|as|by|from|this|an?|at|has|have|which|you)\b"
)
_CHINESE_FRAME = re.compile("[的了是在和有不这這我他她它们們与與为為也就都而及或被把将將对對从從着著]")

_NAME = re.compile(r"\b[A-Z][A-Za-z]*")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_UNREADABLE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+")


def detect(text: str, declared: str | None = None) -> Language:
    """Name the language and script of a text, or abstain.

    `declared` is what the page says of itself (`zh-TW`, `en_US`). It tips the balance between near languages,
    speaks for languages langdetect does not know, and decides what is too short to tell, but only for a
    script it can be written in. The answer depends on the text and the declaration alone, never on earlier
    calls, and costs at most a look at SAMPLE code points. Cantonese and other Chinese languages written in
    Han are `zh`; the primary language is all that is told apart.

    >>> detect("这些服务器究竟去了哪里?")
    Language(language='zh', script='Hans', evidence='script')
    >>> detect("這些伺服器究竟去了哪裡?")
    Language(language='zh', script='Hant', evidence='script')
    >>> detect("该公司用 NVIDIA H100 GPU 训练 DeepSeek 模型")
    Language(language='zh', script='Hans', evidence='script')
    >>> detect("The servers were sent on to another country.")
    Language(language='en', script='Latn', evidence='langdetect')
    >>> detect("OK 2025")
    Language(language=None, script='Latn', evidence='too short')
    >>> detect("12:30 …")
    Language(language=None, script=None, evidence='no letters')
    """
    return _detect(_sample(text, SAMPLE), _primary(declared))


@lru_cache(maxsize=4096)
def _detect(sample: str, declared: str | None) -> Language:
    if "@" in sample or "www." in sample or "://" in sample:
        sample = _UNREADABLE.sub(" ", sample)
    letters, scripts = _counted(sample)
    if not scripts:
        return Language(None, None, "no letters")
    script = _dominant(sample, scripts)
    if script in {"Hani", "Kana", "Hang", "Bopo"}:
        return _east_asian(letters, scripts, declared)
    if script in _ALONE:
        keep = declared is not None and declared in _UNPROFILED.get(script, ())
        return Language(declared, script, "declared") if keep else Language(_ALONE[script], script, "script")
    if script in _PRIORS:
        return _within_script(sample, letters, script, scripts[script], declared)
    if declared in _UNPROFILED.get(script, ()):
        return Language(declared, script, "declared")
    return Language(None, None if script == "Zyyy" else script, "script unknown")


def _counted(sample: str) -> tuple[Counter[str], Counter[str]]:
    """Count characters, and letters by script; of plain ASCII the letters alone."""
    if sample.isascii():
        latin = len(sample.encode().translate(None, _NO_LETTERS))
        return Counter(), Counter({"Latn": latin} if latin else {})
    letters = Counter(sample)
    scripts: Counter[str] = Counter()
    for char, times in letters.items():
        scripts[_SCRIPTS[char]] += times
    del scripts[""]
    return letters, scripts


def _dominant(sample: str, scripts: Counter[str]) -> str:
    """Return the script of most information; East Asian ones count together and heavier."""
    weights: dict[str, float] = defaultdict(float)
    for script, count in scripts.items():
        east = script in _WEIGHTS or script == "Bopo"
        weights["Hani" if east else script] += count * _WEIGHTS.get(script, 1)
    if weights["Hani"] and weights["Latn"]:
        # Names in either script are borrowed into either language: the small words decide, then the weights,
        # in which what is most likely borrowed counts a third: Latin without a small word, or with a capital.
        chinese = len(_CHINESE_FRAME.findall(sample)) + scripts["Kana"] + scripts["Hang"]
        english = len(_ENGLISH_FRAME.findall(sample))
        if chinese and not english:
            return "Hani"
        if english >= 2 and not chinese:
            return "Latn"
        borrowed = sum(map(len, _NAME.findall(sample))) if english else weights["Latn"]
        weights["Latn"] -= min(borrowed, weights["Latn"]) * 2 / 3
    return min(weights, key=lambda script: (-weights[script], script))


def _east_asian(letters: Counter[str], scripts: Counter[str], declared: str | None) -> Language:
    """Tell Chinese, Japanese and Korean apart, and the two scripts of Chinese."""
    han, kana, hangul = scripts["Hani"], scripts["Kana"], scripts["Hang"]
    if hangul > (han + kana) * (0.1 if declared == "ko" else 0.5):
        return Language("ko", "Kore", "script")
    from corpus.language.variants import VARIANTS

    variants = {"Hans": 0, "Hant": 0, "Jpan": 0, "": 0}
    for char, times in letters.items():
        variants[VARIANTS.get(char, "")] += times
    simplified, traditional, shinjitai = variants["Hans"], variants["Hant"], variants["Jpan"]
    # Chinese brands borrow the one kana の; Japanese text has kana of many kinds, a tenth even in headlines.
    borrowed = letters["の"] == kana and kana <= max(1, han * 0.1)
    if (kana and not borrowed and kana >= han * 0.05) or (shinjitai > simplified + traditional):
        return Language("ja", "Jpan", "script")
    script = _chinese_script(simplified, traditional)
    if not simplified and han < 20 and declared in {"ja", "ko"}:
        # A Japanese headline may be all kanji; what no Chinese standard has, or has too, leaves it open.
        return Language(declared, "Jpan" if declared == "ja" else "Kore", "declared")
    if han >= 4 or simplified or (scripts["Bopo"] and han):
        return Language("zh", script, "script")
    if declared == "zh" and han:
        return Language("zh", script, "declared")
    return Language(None, script, "too short")


def _chinese_script(simplified: int, traditional: int) -> str:
    """Decide by characters only one of them has; a quarter may be quoted from the other."""
    if simplified > 3 * traditional:
        return "Hans"
    if traditional > 3 * simplified:
        return "Hant"
    return "Hani"


def _within_script(
    sample: str, letters: Counter[str], script: str, count: int, declared: str | None
) -> Language:
    """Ask langdetect among the languages of one script; keep its answer only if it can be believed."""
    for language, outside in _OUTSIDE.get(script, ()):
        if any(char in letters for char in outside):
            return Language(language, script, "script")
    unprofiled = declared is not None and declared in _UNPROFILED.get(script, ())
    short = count < SHORTEST[script]
    if short and count > 1 and (unprofiled or declared in _PRIORS[script]):
        return Language(declared, script, "declared")
    if (
        short and len(_ENGLISH_FRAME.findall(sample.lower())) < 2
    ):  # two small words are proof enough of English
        return Language(None, script, "too short")
    readable = _readable(sample, script)
    if declared in _PRIORS[script] and _agrees(readable, script, declared):
        return Language(declared, script, "langdetect")
    found, probability = _ask_langdetect(readable, script, declared, TRIALS)
    if unprofiled and found != "en":
        return Language(declared, script, "declared")
    believed = probability >= (0.5 if found == declared else SURE) and (found == "en" or not short)
    return Language(found, script, "langdetect") if believed else Language(None, script, "uncertain")


def _agrees(readable: str, script: str, declared: str) -> bool:
    """Whether one walk through a little of the text ends where the declaration says, at a third of the cost.

    Most paragraphs are in the language of their page; only the others need the full answer.
    """
    found, probability = _ask_langdetect(_sample(readable, AGREEING_SAMPLE), script, declared, trials=1)
    return found == declared and probability >= SURE


def _readable(sample: str, script: str) -> str:
    """Keep what langdetect should read: the letters of one script, single spaces, no shouting.

    It skips words in capitals, so a headline in capitals would leave it nothing.
    """
    sample = _sample(sample, 2 * LANGDETECT_SAMPLE)
    words = sample.translate(_kept(script)).split()
    if sum(map(str.isupper, words)) * 2 > len(words) and sum(
        word.isupper() and len(word) > 1 for word in words
    ) * 2 > len(words):
        words = [word.lower() for word in words]
    return _sample(" ".join(words), LANGDETECT_SAMPLE)


@cache
def _kept(script: str) -> _Kept:
    return _Kept(script)


class _Kept(dict[int, str]):
    """What is read of each character where one script is: itself, or a space; filled as they are met."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self.script = script

    def __missing__(self, code: int) -> str:
        char = chr(code)
        found = self[code] = char if _SCRIPTS[char] == self.script or char in "'’" else " "
        return found


def _ask_langdetect(text: str, script: str, declared: str | None, trials: int) -> tuple[str | None, float]:
    """Return langdetect's language among those of a script, None where it finds no features, and how sure."""
    from corpus.language import walks

    priors = _PRIORS[script]
    if declared in priors:
        priors = {**priors, declared: priors[declared] * _DECLARED_PRIOR}
    return walks.ask(text, priors, trials)


def _script(char: str) -> str:
    """Return a letter's script by its Unicode name, which never changes; empty for what is no letter."""
    if not char.isalpha():
        return ""
    words = unicodedata.name(char, "").replace("-", " ").split(" ", 2)
    first = words[1] if words[0] in {"HALFWIDTH", "FULLWIDTH", "MODIFIER"} and len(words) > 1 else words[0]
    return _NAMED.get(first, "Zyyy")


class _Told(dict[str, str]):
    """What is told of each character; filled as they are met."""

    def __init__(self, tell: Callable[[str], str]) -> None:
        super().__init__()
        self.tell = tell

    def __missing__(self, char: str) -> str:
        found = self[char] = self.tell(char)
        return found


_SCRIPTS = _Told(_script)


def _sample(text: str, length: int) -> str:
    """Return the text, or its beginning, middle and end where it is longer than `length` code points."""
    if len(text) <= length:
        return text
    third = length // 3
    middle = (len(text) - third) // 2
    return f"{text[:third]} {text[middle : middle + third]} {text[-third:]}"


@lru_cache(maxsize=64)
def _primary(declared: str | None) -> str | None:
    """Return the primary language of a declaration, None for what is none.

    >>> _primary("zh_TW"), _primary("EN-us"), _primary("cmn-Hans"), _primary("und"), _primary("")
    ('zh', 'en', 'zh', None, None)
    """
    if declared is None:
        return None
    first = declared.strip().lower().replace("_", "-").split("-", 1)[0]
    if not (first.isascii() and first.isalpha() and 2 <= len(first) <= 3) or first in {"und", "mul", "zxx"}:
        return None
    return _ALIASES.get(first, first)
