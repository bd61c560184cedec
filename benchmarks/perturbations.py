"""What happens to a text between two fetches: every character knows where it came from.

A text is a list of paragraphs, a paragraph a list of `Character`. `origin` is the character's place in the
old text (paragraphs joined without a separator), None for one that was put in. A copy of a paragraph has
`copied=True`: its characters read the same, but the annotated ones are the others. A converted character
keeps the origin of what it was converted from. So where an annotation's text stands after any number of
perturbations, and whether it is gone, is known and not guessed.

Each perturbation takes a text, a random source and a rate (how much of the text it touches) and returns a
text.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import opencc
from rapidfuzz.distance import Levenshtein

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence


class Character(NamedTuple):
    """One character and where it came from.

    `rough` marks a word that script conversion made longer or shorter: all of it comes from all of the old
    word.
    """

    text: str
    origin: int | None
    copied: bool = False
    rough: bool = False


Paragraph = list[Character]
Text = list[Paragraph]

# Text put in by an editor or a page's template; written for this benchmark.
STRANGE_SENTENCES = (
    "本报将持续关注事件的最新进展。",
    "多位业内人士在接受采访时表示，短期内影响有限。",
    "截至发稿时，相关部门尚未作出正式回应。",
    "据了解，这一方案仍在内部讨论之中，最终版本可能有所调整。",
    "分析认为，市场情绪在未来几周内仍会保持谨慎！",
    "公司方面随后发布了补充说明，称报道与事实不完全相符。",
    "当地居民告诉记者，类似的情况在去年也曾出现过。",
    "有学者指出，数据口径的变化使得前后比较变得困难。",
    "The ministry declined to comment on the report.",
    "Officials said a decision was expected within weeks.",
)
BOILERPLATE = (
    "责任编辑：李明",
    "点击查看更多精彩内容",
    "本文来源：综合整理，版权归原作者所有，如有侵权请联系删除。",
    "上一篇：没有了",
    "分享到微信朋友圈 收藏 打印 字号 大 中 小",
    "相关阅读",
    "扫描二维码下载客户端，第一时间获取最新资讯。",
    "广告",
    "Advertisement",
    "Sign up for our newsletter",
)
COMMON = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年"
SENTENCE_ENDS = "。！？!?；;"
_WIDE = {ord(c): chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))}
_PUNCTUATION = {
    "，": ",、",
    "。": ".．",
    "、": ",，",
    "：": ":",
    "；": ";",
    "！": "!",
    "？": "?",
    "（": "(",
    "）": ")",
    "“": '"「『',
    "”": '"」』',
    "‘": "'「",
    "’": "'」",
    "《": "〈「",
    "》": "〉」",
    "—": "-–―",
    "…": ".⋯",
    "·": "•・‧",
    ",": "，",
    ":": "：",
    ";": "；",
    "?": "？",
    "!": "！",
    '"': "“”",
    "'": "’",
    "-": "–—",
    "(": "（",
    ")": "）",
}


def trace(paragraphs: Sequence[str]) -> Text:
    """Give every character of a text its origin."""
    text, origin = [], 0
    for paragraph in paragraphs:
        text.append([Character(c, origin + at) for at, c in enumerate(paragraph)])
        origin += len(paragraph)
    return text


def read(text: Text) -> list[str]:
    """Return the paragraphs as strings."""
    return ["".join(character.text for character in paragraph) for paragraph in text]


def _put_in(text: str) -> Paragraph:
    return [Character(character, None) for character in text]


def _sentences(paragraph: Paragraph) -> list[Paragraph]:
    sentences: list[Paragraph] = [[]]
    for character in paragraph:
        if (
            sentences[-1]
            and sentences[-1][-1].text in SENTENCE_ENDS
            and character.text not in SENTENCE_ENDS + "”\"'」"
        ):
            sentences.append([])
        sentences[-1].append(character)
    return sentences


def _any_character(text: Text, rng: random.Random) -> str:
    """Return a character of the text itself or a common one: what a typist or an editor would put in."""
    paragraph = rng.choice(text)
    return rng.choice(paragraph).text if paragraph and rng.random() < 0.5 else rng.choice(COMMON)


def whitespace(text: Text, rng: random.Random, rate: float) -> Text:
    """Put in spaces, line breaks and invisible marks; take white space out."""
    answer = []
    for paragraph in text:
        changed: Paragraph = []
        for character in paragraph:
            if character.text.isspace() and rng.random() < 5 * rate:
                changed += _put_in(rng.choice(["", "\n", "\u3000", "  "]))
                continue
            if rng.random() < rate:
                changed += _put_in(rng.choice([" ", " ", "\n", "\u3000", "\u00a0", "\u200b", "\r\n  "]))
            changed.append(character)
        answer.append(changed)
    return answer


def _spell(text: Text, spell: Callable[[Character], str]) -> Text:
    """Write each character another way; where that takes several characters, all come from the one."""
    return [[c._replace(text=written) for c in paragraph for written in spell(c)] for paragraph in text]


def width(text: Text, rng: random.Random, rate: float) -> Text:
    """Turn ASCII full width or all NFKC, character by character."""
    if rng.random() < 0.5:
        return _spell(
            text, lambda c: unicodedata.normalize("NFKC", c.text) if rng.random() < 10 * rate else c.text
        )
    return _spell(text, lambda c: c.text.translate(_WIDE) if rng.random() < 10 * rate else c.text)


def punctuation(text: Text, rng: random.Random, rate: float) -> Text:
    """Swap punctuation marks for their variants."""
    return _spell(
        text,
        lambda c: (
            rng.choice(_PUNCTUATION[c.text])
            if c.text in _PUNCTUATION and rng.random() < 10 * rate
            else c.text
        ),
    )


@lru_cache(maxsize=16)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def _convert(paragraph: Paragraph, name: str) -> Paragraph:
    """Convert a paragraph; a word that becomes shorter or longer spreads its origins over the new one."""
    source = "".join(c.text for c in paragraph)
    if len(source) != len(paragraph):
        return paragraph
    converted = _converter(name).convert(source)
    one_way = _converter("t2s" if name.startswith("t") else "s2t")
    by_character = "".join(one_way.convert(c)[:1] or c for c in source)
    changed: Paragraph = []
    for low, high, new_low, new_high in _differences(by_character, converted):
        size, wanted = high - low, new_high - new_low
        for k in range(wanted):
            if size:
                source_character = paragraph[low + k * size // wanted]
                rough = size != wanted
                changed.append(
                    Character(converted[new_low + k], source_character.origin, source_character.copied, rough)
                )
            else:
                changed += _put_in(converted[new_low + k])
    return changed


def _differences(one: str, two: str) -> Iterator[tuple[int, int, int, int]]:
    """Name stretches of both texts that correspond: equal ones, and whatever lies between two of them."""
    low = new_low = 0
    for op in Levenshtein.opcodes(one, two):
        if op.tag == "equal":
            if (low, new_low) != (op.src_start, op.dest_start):
                yield low, op.src_start, new_low, op.dest_start
            yield op.src_start, op.src_end, op.dest_start, op.dest_end
            low, new_low = op.src_end, op.dest_end
    if (low, new_low) != (len(one), len(two)):
        yield low, len(one), new_low, len(two)


def script(text: Text, rng: random.Random, rate: float) -> Text:  # noqa: ARG001 - a page is converted as a whole
    """Convert the text between simplified and traditional, with or without the words of Taiwan."""
    name = rng.choice(["s2t", "s2tw", "s2twp", "s2hk", "t2s"])
    return [_convert(paragraph, name) for paragraph in text]


def characters(text: Text, rng: random.Random, rate: float) -> Text:
    """Put in, delete and replace single characters."""
    answer = []
    for paragraph in text:
        changed: Paragraph = []
        for character in paragraph:
            if rng.random() >= rate:
                changed.append(character)
                continue
            edit = rng.choice(["put in", "delete", "replace"])
            if edit != "delete":
                changed += _put_in(_any_character(text, rng))
            if edit == "put in":
                changed.append(character)
        answer.append(changed)
    return answer


def words(text: Text, rng: random.Random, rate: float) -> Text:
    """Put in, delete and replace stretches of two to six characters."""
    answer = []
    for paragraph in text:
        changed: Paragraph = []
        at = 0
        while at < len(paragraph):
            if rng.random() >= rate / 3:
                changed.append(paragraph[at])
                at += 1
                continue
            edit = rng.choice(["put in", "delete", "replace"])
            if edit != "delete":
                changed += _put_in("".join(_any_character(text, rng) for _ in range(rng.randint(2, 6))))
            if edit != "put in":
                at += rng.randint(2, 6)
        answer.append(changed)
    return answer


def sentences(text: Text, rng: random.Random, rate: float) -> Text:
    """Put in, delete and replace sentences; those put in are strange ones or repeat others of the page."""
    pool = [s for p in text for s in _sentences(p) if len(s) >= 8]
    answer = []
    for paragraph in text:
        changed: Paragraph = []
        for sentence in _sentences(paragraph):
            if rng.random() >= 2 * rate:
                changed += sentence
                continue
            edit = rng.choice(["put in", "delete", "replace"])
            if edit != "delete":
                repeat = pool and rng.random() < 0.2
                changed += (
                    [c._replace(copied=True) for c in rng.choice(pool)]
                    if repeat
                    else _put_in(rng.choice(STRANGE_SENTENCES))
                )
            if edit == "put in":
                changed += sentence
        answer.append(changed)
    return answer


def _count(text: Text, rng: random.Random, rate: float) -> int:
    """Return how many of the paragraphs to touch: a twentieth at rate 0.01, at least one now and then."""
    share = 5 * rate * len(text)
    return int(share) + (rng.random() < share - int(share))


def moved(text: Text, rng: random.Random, rate: float) -> Text:
    """Move paragraphs to other places."""
    answer = list(text)
    for _ in range(_count(text, rng, rate)):
        paragraph = answer.pop(rng.randrange(len(answer)))
        answer.insert(rng.randint(0, len(answer)), paragraph)
    return answer


def deleted(text: Text, rng: random.Random, rate: float) -> Text:
    """Delete paragraphs, never all."""
    answer = list(text)
    for _ in range(_count(text, rng, rate)):
        if len(answer) > 1:
            del answer[rng.randrange(len(answer))]
    return answer


def duplicated(text: Text, rng: random.Random, rate: float) -> Text:
    """Print paragraphs a second time, right after themselves or anywhere."""
    answer = list(text)
    for _ in range(_count(text, rng, rate)):
        at = rng.randrange(len(answer))
        copy = [c._replace(copied=True) for c in answer[at]]
        answer.insert(at + 1 if rng.random() < 0.5 else rng.randint(0, len(answer)), copy)
    return answer


def merged(text: Text, rng: random.Random, rate: float) -> Text:
    """Join paragraphs with the next one, with or without a space."""
    answer = list(text)
    for _ in range(_count(text, rng, rate)):
        if len(answer) > 1:
            at = rng.randrange(len(answer) - 1)
            answer[at : at + 2] = [[*answer[at], *_put_in(rng.choice(["", " ", "\n"])), *answer[at + 1]]]
    return answer


def split(text: Text, rng: random.Random, rate: float) -> Text:
    """Cut paragraphs in two where a sentence ends."""
    answer = list(text)
    for _ in range(_count(text, rng, 2 * rate)):
        at = rng.randrange(len(answer))
        parts = _sentences(answer[at])
        if len(parts) > 1:
            cut = rng.randint(1, len(parts) - 1)
            answer[at : at + 1] = [list(chain(*parts[:cut])), list(chain(*parts[cut:]))]
    return answer


def boilerplate(text: Text, rng: random.Random, rate: float) -> Text:
    """Put in paragraphs that belong to the page and not to its text."""
    answer = list(text)
    for _ in range(1 + _count(text, rng, rate)):
        answer.insert(rng.randint(0, len(answer)), _put_in(rng.choice(BOILERPLATE)))
    return answer


PERTURBATIONS: dict[str, Callable[[Text, random.Random, float], Text]] = {
    "whitespace": whitespace,
    "width": width,
    "punctuation": punctuation,
    "script": script,
    "characters": characters,
    "words": words,
    "sentences": sentences,
    "moved": moved,
    "deleted": deleted,
    "duplicated": duplicated,
    "merged": merged,
    "split": split,
    "boilerplate": boilerplate,
}

# Paragraphs first, then what editors do to sentences, words and characters, then how it is written.
_ORDER = (
    "moved",
    "deleted",
    "duplicated",
    "merged",
    "split",
    "sentences",
    "words",
    "characters",
    "script",
    "width",
    "punctuation",
    "whitespace",
    "boilerplate",
)


def everything(text: Text, rng: random.Random, rate: float) -> Text:
    """Apply all perturbations one after another."""
    for name in _ORDER:
        text = PERTURBATIONS[name](text, rng, rate)
    return text
