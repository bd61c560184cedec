"""Make corpus/language/variants.py anew, from OpenCC and the character sets of the national standards.

`python benchmarks/language_variants.py > corpus/language/variants.py`, after OpenCC has changed its tables.
"""

from __future__ import annotations

from opencc import OpenCC

HAN = (range(0x2E80, 0xFB00), range(0x20000, 0x33480))
"""Where Unicode has Han characters, and some others that no table converts."""

HEAD = '''"""The Han characters that only one of simplified Chinese, traditional Chinese and Japanese writes.

OpenCC's tables say which characters have a counterpart; the character sets of the national standards say
which are at home in both (`台`, `后`, `里` and `乾`, `著` convert, and still are written in both). To ask
OpenCC itself would take 27 ms of every process that cleans, to load its dictionaries of words. Made by
`benchmarks/language_variants.py` from the tables of OpenCC 1.4.2 (https://github.com/BYVoid/OpenCC,
Apache-2.0); a test holds it to the OpenCC that is installed.
"""

from __future__ import annotations
'''


def variants() -> dict[str, str]:
    """Hans, Hant or Jpan for each character that only one of them writes."""
    to_simplified, to_traditional, from_japanese = OpenCC("t2s"), OpenCC("s2t"), OpenCC("jp2t")
    found = {}
    for char in (chr(code) for codes in HAN for code in codes if not 0xD800 <= code < 0xE000):
        if from_japanese.convert(char) != char and not (_has("gb2312", char) or _has("big5", char)):
            found[char] = "Jpan"
        elif to_simplified.convert(char) != char:
            if not _has("gb2312", char):
                found[char] = "Hant"
        elif to_traditional.convert(char) != char and not _is_common(char):
            found[char] = "Hans"
    return found


def _has(encoding: str, char: str) -> bool:
    return bool(char.encode(encoding, "ignore"))


def _is_common(char: str) -> bool:
    """Whether Big5 has the character among its frequently used ones (first plane, lead bytes A4 to C6)."""
    return 0xA4 <= (char.encode("big5", "ignore") or b"\0")[0] <= 0xC6


def main() -> None:
    found = variants()
    print(HEAD, end="")
    for script in ("Hans", "Hant", "Jpan"):
        chars = "".join(char for char, of in found.items() if of == script)
        print(f"\n{script.upper()} = (")
        for at in range(0, len(chars), 50):
            print(f'    "{chars[at : at + 50]}"')
        print(")")
    print('\nVARIANTS = dict.fromkeys(HANS, "Hans")')
    print('VARIANTS |= dict.fromkeys(HANT, "Hant")')
    print('VARIANTS |= dict.fromkeys(JPAN, "Jpan")')


if __name__ == "__main__":
    main()
