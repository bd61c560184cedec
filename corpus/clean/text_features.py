"""What can be seen of each unit of a plain-text page, as numbers: first alone, then among its neighbours.

`alone` looks at a unit without its surroundings (length, punctuation, words, shape); `among` adds the page:
neighbours, distances to tell-tale lines, position, the page's usual gap and indent. Both give one row a unit
and take time linear in the page. The columns are named in ALONE and AMONG; the trained part counts on their
order.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.clean import text_lexicon as lexicon
from corpus.clean import text_words as words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.clean.text_lines import Unit

    Matrix = NDArray[np.float32]

_HEAD = (
    4_000  # characters of a unit that are counted: a paragraph is told long before, a 50 MB line never ends
)
_SHORT = 160  # characters up to which a line is searched for tell-tale words; longer ones by their head
_PAGED = 48  # characters of the longest line that counts pages
_A_DIGIT = re.compile(r"\d")
# One of these stands in every text of ASCII that the sign matches: looking for them first is cheaper.
_PROMPTING = (
    "comment", "log", "sign", "regist", "email", "required", "notify", "save my", "disqus", "javascript",
)  # fmt: skip
_PICTURING = (
    "photo", "image", "picture", "foto", "bild", "credit", "illustration", "video", "/", "getty",
    "shutterstock", "via ", "courtesy",
)  # fmt: skip
_POINTING = (":", "：", "»", "|", ">", "read", "click", "story")
_AROUND = " :：.…!?！？»›>→+|()（）[]【】■●◆▶▼▲★☆0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
_CLASSES = 11
(_CJK, _HANGUL, _LOWER, _UPPER, _DIGIT, _STOP, _COMMA, _SPACE, _SEPARATOR, _QUOTE, _FUNCTION) = range(1, 12)

FLAGS = (
    "date", "time", "ago", "url", "comments", "prompt", "reply", "related", "interface", "byline",
    "copyright", "disclaimer", "image", "caption", "advert", "breadcrumb", "offer", "pointer", "paged",
)  # fmt: skip
ALONE = (
    "tokens", "stops", "commas", "ends_sentence", "ends_colon", "ends_cut", "digits", "upper", "function",
    "separators", "mark", "indent", "tabs", "blanks", "spaces", "cjk", "quotes", "word_length",
    "starts_lower",
    "starts_quote", "asks", "exclaims", "repeats", "prose", *FLAGS,
)  # fmt: skip
_COLUMN = {name: column for column, name in enumerate(ALONE)}
_SHIFTED = (
    "tokens",
    "ends_sentence",
    "function",
    "mark",
    "indent",
    "blanks",
    "prose",
    "date",
    "related",
    "commas",
)
_SHIFTS = (-3, -2, -1, 1, 2, 3)
_SEEN = ("comments", "related", "prompt", "byline", "copyright", "reply", "disclaimer")
_JUNK = (
    "interface",
    "related",
    "comments",
    "prompt",
    "copyright",
    "advert",
    "breadcrumb",
    "disclaimer",
    "offer",
    "pointer",
    "paged",
)
_CROWDED = ("prose", "date", "reply", "ago", "interface", "mark", "short", "ends_sentence", "offer")
AMONG = (
    *(f"{name}{shift:+d}" for shift in _SHIFTS for name in _SHIFTED),
    *(f"since_{name}" for name in _SEEN),
    *(f"until_{name}" for name in _SEEN),
    *(f"{name}_{side}{width}" for width in (4, 12) for name in _CROWDED for side in ("before", "after")),
    "prose_above", "prose_below", "position", "row", "rows_left", "gap", "gap_below", "depth", "marked_run",
    "unmarked_run", "against_median", "page_rows", "page_prose", "page_median", "page_gap", "page_cjk",
    "first_prose",
    "last_prose", "since_prose", "until_prose", "junk_since_prose", "junk_until_prose", "indent_of_prose",
    "mark_of_prose", "gap_since_prose", "gap_until_prose", "tokens_since_prose", "tokens_until_prose",
)  # fmt: skip


_CHINESE_FUNCTION = (
    "的了在是和也就都而与與及或但不有这這那我他她它们們会會要对對从從到被把让讓还還又很将將为為之其所以因"
)


def _classes() -> NDArray[np.uint8]:
    """One class a character of the Basic Multilingual Plane; ideographs beyond it are seen to later."""
    table = np.zeros(0x10000, np.uint8)
    for code in range(0x250):
        char = chr(code)
        if char.isalpha():
            table[code] = _UPPER if char.isupper() else _LOWER
    table[0x250:0x1100] = _LOWER  # Greek, Cyrillic, Arabic, Indic, Thai: letters for our purpose
    table[0x1E00:0x2000] = _LOWER
    table[0x410:0x430] = table[0x391:0x3AA] = _UPPER
    table[0x3041:0x3100] = table[0x3400:0x4DC0] = table[0x4E00:0xA000] = table[0xF900:0xFB00] = _CJK
    table[0xAC00:0xD7A4] = _HANGUL
    table[0x3041:0x3097] = _FUNCTION  # hiragana: Japanese prose is a third of it, menus hold little
    for chars, kind in (
        ("0123456789０１２３４５６７８９", _DIGIT),
        ("。！？.!?…．؟।۔｡։။።॥", _STOP),
        ("，,、;；：:،؛", _COMMA),
        (" \t\xa0\u3000", _SPACE),
        ("|｜丨│·•/\\»›>－–—_", _SEPARATOR),
        ("“”‘’\"'「」『』《》〈〉«»()（）[]【】", _QUOTE),
        (_CHINESE_FUNCTION, _FUNCTION),
    ):
        table[[ord(char) for char in chars]] = kind
    return table


_CLASS_OF = _classes()


@lru_cache(maxsize=8192)
def flags(text: str) -> tuple[bool, ...]:
    """Which tell-tale patterns a short text, or the head of a long one, shows; in the order of FLAGS."""
    short = len(text) < _SHORT
    text = text.lower()
    core = text.strip(_AROUND) if short else ""
    plain = text.isascii()  # picks of each sign the part that ASCII can match
    digit = _A_DIGIT.search(text) is not None
    ago = digit or "ago" in text or text[:1] in "昨前今刚剛"
    return (
        digit and _dated(text),
        digit and any(map(text.__contains__, ":：時时")) and words.TIME.search(text) is not None,
        short and ago and words.AGO[plain].search(text) is not None,
        ("." in text or ":" in text or "@" in text) and words.URL.search(text) is not None,
        core in lexicon.COMMENTS_LINES or (short and words.COMMENTS_LINE[plain].fullmatch(text) is not None),
        (not plain or any(map(text.__contains__, _PROMPTING)))
        and words.COMMENT_PROMPT[plain].search(text) is not None,
        short and words.REPLY[plain].search(text) is not None,
        core in lexicon.RELATED_LINES or (short and words.RELATED_LINE[plain].fullmatch(text) is not None),
        core in lexicon.INTERFACE_LINES
        or (short and words.INTERFACE_LINE[plain].fullmatch(text) is not None),
        (words.BYLINE.ascii_pattern.match if plain else words.BYLINE.pattern.search)(text) is not None,
        words.COPYRIGHT[plain].search(text) is not None,
        words.DISCLAIMER[plain].search(text) is not None,
        short and words.IMAGE_LINE[plain].fullmatch(text) is not None,
        (not plain or any(map(text.__contains__, _PICTURING)))
        and words.CAPTION[plain].search(text) is not None,
        words.ADVERT[plain].search(text) is not None,
        short and words.BREADCRUMB.fullmatch(text) is not None,
        not lexicon.OFFER_WORDS.isdisjoint(text.split())
        or (not plain and words.OFFER_CJK.search(text) is not None),
        short and any(map(text.__contains__, _POINTING)) and words.POINTER.match(text) is not None,
        digit and len(text) < _PAGED and words.PAGED.fullmatch(text) is not None,
    )


def _dated(text: str) -> bool:
    """Whether a text shows a day: in figures, or a number beside the name of a month."""
    if words.DATE.search(text):
        return True
    return any((one or other) in lexicon.MONTHS for one, other in words.MONTH_BESIDE.findall(text))


def alone(units: Sequence[Unit]) -> Matrix:
    """Rows of ALONE, one a unit."""
    matrix = np.zeros((len(units), len(ALONE)), np.float32)
    if not units:
        return matrix
    heads = [unit.text[:_HEAD] for unit in units]
    counts, tokens = _counts(heads)
    repeats = Counter(heads)
    letters = counts[:, _LOWER] + counts[:, _UPPER] + 1
    cjk = counts[:, _CJK] + counts[:, _FUNCTION]
    matrix[:, 0] = np.log1p(tokens)
    size = tokens + 1
    matrix[:, 1] = counts[:, _STOP] / size
    matrix[:, 2] = counts[:, _COMMA] / size
    matrix[:, 6] = counts[:, _DIGIT] / (counts.sum(axis=1) + 1)
    matrix[:, 7] = counts[:, _UPPER] / letters
    matrix[:, 9] = np.minimum(counts[:, _SEPARATOR], 10)
    matrix[:, 14] = counts[:, _SPACE] / size
    matrix[:, 15] = (cjk + counts[:, _HANGUL]) / size
    matrix[:, 16] = counts[:, _QUOTE] / size
    matrix[:, 17] = np.minimum(letters / (tokens - cjk + 1), 20)
    rows = [_seen(unit, head, repeats[head]) for unit, head in zip(units, heads, strict=True)]
    seen = np.array(rows, np.float32)
    matrix[:, [3, 4, 5, 10, 11, 12, 13, 18, 19, 20, 21, 22]] = seen[:, :12]
    matrix[:, 8] = (seen[:, 12] + counts[:, _FUNCTION]) / size
    # Prose: long enough to be a sentence, and built like one. The thresholds only shape a column the trees
    # split.
    matrix[:, 23] = np.where((tokens >= 14) & ((matrix[:, 8] > 0.08) | (counts[:, _STOP] > 1)), tokens, 0)
    matrix[:, 24:] = seen[:, 13:]
    return matrix


_MARKS = {"": 0, "bullet": 1, "number": 2, "quote": 3}


def _seen(unit: Unit, head: str, repeats: int) -> tuple[float, ...]:
    """The columns that take a look at the text itself."""
    end = head.rstrip(words.CLOSERS)[-1:] if len(head) < _HEAD else "."
    function = sum(map(lexicon.STOP_WORDS.__contains__, head[:400].lower().split()))
    scale = max(1.0, len(head) / 400)
    return (
        end in words.SENTENCE_END if end else False,
        end in ":：",
        head.endswith(("...", "…")),
        _MARKS[unit.mark],
        min(unit.indent, 16),
        min(head.count("\t"), 8),
        min(unit.blanks, 8),
        head[:1].islower(),
        head[:1] in '“"「『«‘—',
        "?" in head or "？" in head,
        "!" in head or "！" in head or "~" in head,
        min(repeats, 5),
        function * scale,
        *flags(head if len(head) < _SHORT else head[:_SHORT]),
    )


def _counts(heads: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    """How often each class of character is in each text, and its tokens: words and CJK characters."""
    joined = "\n".join(heads) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = np.where(codes < 0x10000, _CLASS_OF[np.minimum(codes, 0xFFFF)], np.uint8(0))
    kinds[(codes >= 0x20000) & (codes < 0x40000)] = _CJK
    starts = np.cumsum([0] + [len(head) + 1 for head in heads[:-1]])
    row = np.repeat(np.arange(len(heads)), [len(head) + 1 for head in heads])
    counts = np.bincount(row * (_CLASSES + 1) + kinds, minlength=len(heads) * (_CLASSES + 1))
    counts = counts.reshape(len(heads), _CLASSES + 1).astype(np.float32)
    counts[:, 0] -= 1  # the joining newline
    wordy = (kinds == _LOWER) | (kinds == _UPPER) | (kinds == _DIGIT) | (kinds == _HANGUL)
    opens = wordy.copy()
    opens[1:] &= ~wordy[:-1]
    tokens = np.add.reduceat(opens.astype(np.float32), starts) + counts[:, _CJK] + counts[:, _FUNCTION]
    return counts, tokens


def among(units: Sequence[Unit], seen: Matrix) -> Matrix:
    """Rows of AMONG, one a unit, from the rows of ALONE."""
    count = len(units)
    if not count:
        return np.zeros((0, len(AMONG)), np.float32)
    columns: list[Matrix] = []
    shifted = seen[:, [_COLUMN[name] for name in _SHIFTED]]
    columns.extend(_shift(shifted, shift) for shift in _SHIFTS)
    marks = seen[:, [_COLUMN[name] for name in _SEEN]] > 0
    columns.append(_since(marks))
    columns.append(_since(marks[::-1])[::-1])
    columns.append(_crowd(seen))
    columns.append(_page(seen))
    columns.append(_beside_prose(seen))
    return np.concatenate(columns, axis=1).astype(np.float32)


def _shift(matrix: Matrix, by: int) -> Matrix:
    """Rows of the unit `by` units further; -1 beyond the page."""
    moved = np.full_like(matrix, -1)
    if by < 0:
        moved[-by:] = matrix[:by]
    else:
        moved[:-by] = matrix[by:]
    return moved


def _since(marks: NDArray[np.bool_]) -> Matrix:
    """Log of the units since the last marked one, itself included; 6 where none is above."""
    rows = np.arange(len(marks))[:, None]
    last = np.maximum.accumulate(np.where(marks, rows, -1), axis=0)
    return np.where(last < 0, np.float32(6), np.log1p(rows - last)).astype(np.float32)


def _crowd(seen: Matrix) -> Matrix:
    """Sums over the 4 and 12 units before and after."""
    short = (seen[:, 0] < np.log1p(8)).astype(np.float32)
    crowd = np.stack([short if name == "short" else seen[:, _COLUMN[name]] for name in _CROWDED], axis=1)
    total = np.concatenate([np.zeros((1, crowd.shape[1])), np.cumsum(crowd, axis=0, dtype=np.float64)])
    rows = np.arange(len(seen))
    columns = []
    for width in (4, 12):
        before = total[rows] - total[np.maximum(rows - width, 0)]
        after = total[np.minimum(rows + 1 + width, len(seen))] - total[rows + 1]
        both = np.stack([before, after], axis=2)
        both[:, 0] = np.log1p(both[:, 0])
        columns.append(both.reshape(len(seen), -1))
    return np.concatenate(columns, axis=1)


def _page(seen: Matrix) -> Matrix:
    """Where the unit stands in its page, and what sort of page it is."""
    count = len(seen)
    rows = np.arange(count)
    prose = seen[:, _COLUMN["prose"]].astype(np.float64)
    total = prose.sum()
    above = np.cumsum(prose) - prose
    blanks, indent = seen[:, _COLUMN["blanks"]], seen[:, _COLUMN["indent"]]
    gap = usual_gap(seen)
    long = prose > 0
    median = float(np.median(prose[long])) if long.any() else 0.0
    depth = _mode(indent[long], weights=prose[long]) if long.any() else 0.0
    marked = seen[:, _COLUMN["mark"]] > 0
    below = np.append(blanks[1:], 8)
    ones = np.ones(count)
    where = np.flatnonzero(long)
    first, last = (int(where[0]), int(where[-1])) if len(where) else (0, count - 1)
    columns = [
        above / (total + 1),
        (total - above - prose) / (total + 1),
        rows / count,
        np.log1p(rows),
        np.log1p(count - 1 - rows),
        np.sign(blanks - gap),
        np.sign(below - gap),
        np.clip(indent - depth, -8, 8),
        _run_length(marked),
        _run_length(~marked),
        np.log1p(prose) - np.log1p(median),
        ones * np.log1p(count),
        ones * np.log1p(total),
        ones * np.log1p(median),
        ones * gap,
        ones * (seen[:, _COLUMN["cjk"]] * np.expm1(seen[:, 0])).sum() / (np.expm1(seen[:, 0]).sum() + 1),
        np.clip(rows - first, -20, 20),
        np.clip(last - rows, -20, 20),
    ]
    return np.stack(columns, axis=1)


def _beside_prose(seen: Matrix) -> Matrix:
    """How a unit is tied to the running text above and below: how far, and what stands between."""
    count = len(seen)
    prose = seen[:, _COLUMN["prose"]] > 0
    rows = np.arange(count)
    above = np.maximum.accumulate(np.where(prose, rows, -1))
    above = np.concatenate([[-1], above[:-1]])
    below = np.minimum.accumulate(np.where(prose, rows, count)[::-1])[::-1]
    below = np.concatenate([below[1:], [count]])
    junk = _total(seen[:, [_COLUMN[name] for name in _JUNK]].sum(axis=1))
    tokens = _total(np.expm1(seen[:, 0]))
    wide = _total(seen[:, _COLUMN["blanks"]] > usual_gap(seen))
    beside = np.clip(above, 0, None)
    none = above < 0
    columns = [
        np.where(none, 8, np.log1p(rows - above)),
        np.where(below == count, 8, np.log1p(below - rows)),
        junk[rows + 1] - junk[above + 1],
        junk[below] - junk[rows],
        np.where(none, 20, seen[:, _COLUMN["indent"]] - seen[beside, _COLUMN["indent"]]),
        np.where(none, 4, seen[beside, _COLUMN["mark"]]),
        wide[rows + 1] - wide[above + 1],
        wide[below] - wide[np.minimum(rows + 1, below)],
        np.log1p(tokens[rows] - tokens[above + 1]),
        np.log1p(tokens[below] - tokens[np.minimum(rows + 1, below)]),
    ]
    return np.stack(columns, axis=1)


def _total(values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums of all values before each row, and before the end."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])


def usual_gap(seen: Matrix) -> float:
    """The number of blank lines that most often parts two paragraphs of this page; 1 where none are seen."""
    prose = seen[:, _COLUMN["prose"]]
    beside = (prose[1:] > 0) & (prose[:-1] > 0)
    if not beside.any():
        return 1.0
    return _mode(seen[1:, _COLUMN["blanks"]][beside])


def _mode(values: NDArray[Any], weights: NDArray[Any] | None = None) -> float:
    """The most frequent value, the smallest of those that tie."""
    return float(np.argmax(np.bincount(values.astype(np.int64), weights)))


def _run_length(marks: NDArray[np.bool_]) -> Matrix:
    """Log of the length of the run of marked units each unit belongs to, 0 outside one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    lengths = np.zeros(len(marks), np.float32)
    starts, ends = edges[::2], edges[1::2]
    if len(starts):
        lengths[marks] = np.repeat(np.log1p(ends - starts), ends - starts)
    return lengths
