"""The datasheet: prose by people, figures between markers by the tables, and a check that they agree.

A marker names its query and holds the answer, inline or as a table (see `corpus.publish.figures`):

    It holds <!-- figure: documents -->72<!-- /figure --> documents.

    <!-- table: splits -->
    | split | documents | …
    <!-- /table -->

A question is a heading that begins with its number (`### 2.4 What does each row hold?`), in any language; the
answer is what stands below it up to the next heading of its rank. See `corpus.publish.questions`.

The project's own `DATASHEET.md` is changed by `corpus datasheet` alone. The published copy is filled anew
from the tables beside it whenever they are published, so that no published figure is ever stale.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import CorpusError
from corpus.publish.card import DATASHEET
from corpus.publish.figures import MEASURED, Counted, refusal
from corpus.publish.prose import claims
from corpus.publish.questions import QUESTIONS
from corpus.records import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

_CODE = re.compile(r"`[^`\n]*`")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(<!--)")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_NUMBER = re.compile(r"(\d+\.\d+)(?!\.?\d)[.:)]?\s*")
_TABLE_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)

# Written so that the words do not stand here: a test of this project looks for them in its own sources.
_TO_DO = re.compile(r"\b(?:T[O]DO|TBD|TBC|F[I]XME|X[X]X)\b|[Ll]orem ipsum|待补|待填|待定|待续")
_OPEN = re.compile(r"^[ \t]*[*_]*(?:Unanswered|未答)[.。]?[*_]*[ \t]*$", re.MULTILINE | re.IGNORECASE)
"""What the template has in place of an answer, also beside figures that are there already."""
_UNMEASURED = "Not measured on these rows yet: `corpus datasheet` does it."
_NO_ANSWER = frozenset(
    {"", "unanswered", "n/a", "na", "not applicable", "tba", "?", "待答", "未答", "不适用"}
)


class Marker(NamedTuple):
    """A place for a figure: what kind, its query, and `text[start:end]`, which the answer fills."""

    kind: str
    query: str
    start: int
    end: int


class Filled(NamedTuple):
    """A datasheet with the figures of its tables, and the markers whose figures were others."""

    text: str
    stale: tuple[Marker, ...]


def read(root: Path) -> str | None:
    """Read the datasheet of the project at `root`, None where it has none; CorpusError if it is no UTF-8."""
    path = root / DATASHEET
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        raise CorpusError(f"{path}: found a link out of the project; expected a file, since it is published")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{path}: found a datasheet that cannot be read ({error}); expected UTF-8 text"
        ) from None


def fill(text: str, counted: Counted, measure: Callable[[str], str | None] | None = None) -> Filled:
    """Fill every marker with its figure; one that cannot be answered keeps what it holds (see `problems`).

    A table that is measured (see `corpus.publish.figures.MEASURED`) stays while it names the rows there are;
    for others `measure` makes it anew. Where it cannot, or is not given, the marker says that nobody has yet.

    >>> fill("No markers, no change.", Counted({})).stale
    ()
    """
    made, at, stale = [], 0, []
    for marker in _markers(text)[0]:
        if refusal(marker.kind, marker.query):
            continue
        held = text[marker.start : marker.end]
        if marker.query in MEASURED:
            told = held if _holds(held, marker.query, counted) else _measured(marker.query, counted, measure)
        else:
            answer = counted.answer(marker.kind, marker.query)
            told = answer if marker.kind == "figure" else f"\n{answer}\n"
        if held != told:
            stale.append(marker)
        made += [text[at : marker.start], told]
        at = marker.end
    return Filled("".join([*made, text[at:]]), tuple(stale))


def _holds(held: str, query: str, counted: Counted) -> bool:
    """Whether a measured table is of the rows that there are, and as it was measured."""
    table, _, seal = held.strip().rpartition("\n\n")
    return bool(table) and seal == counted.seal(query, table)


def _measured(query: str, counted: Counted, measure: Callable[[str], str | None] | None) -> str:
    table = (measure(query) or "").strip() if measure else ""
    if not table:
        return f"\n{_UNMEASURED}\n"
    return f"\n{table}\n\n{counted.seal(query, table)}\n"


def problems(text: str) -> tuple[Finding, ...]:
    """Name the markers that no tables could fill: not closed, or with a query that is unknown."""
    markers, broken = _markers(text)
    unknown = ((marker.start, wrong) for marker in markers if (wrong := refusal(marker.kind, marker.query)))
    return tuple(
        _finding("datasheet-marker", text, at, wrong, "see `docs/publishing.md` for what a marker may ask")
        for at, wrong in sorted((*broken, *unknown))
    )


def unfinished(text: str) -> tuple[Finding, ...]:
    """Name what people still have to do: questions without an answer, notes of what is left to do."""
    return tuple(
        sorted((*_unanswered(text), *_left_to_do(text)), key=lambda finding: _line_of(finding.where))
    )


def check(text: str, counted: Counted) -> tuple[Finding, ...]:
    """Check a datasheet against the published tables, line by line: see `problems` and `unfinished`.

    A figure that is not the tables' is stale. A number in prose that names the total of something counted
    (`72 documents`, `七十二篇`) must be what the tables hold; see `corpus.publish.prose`.
    """
    unmeasured = (
        marker
        for marker in _markers(text)[0]
        if marker.query in MEASURED and not _holds(text[marker.start : marker.end], marker.query, counted)
    )
    stale = [
        _finding(
            *("datasheet-stale", text, marker.start),
            f"found another {marker.kind} `{marker.query}` than the tables give",
            "run `corpus datasheet`",
        )
        for marker in dict.fromkeys((*fill(text, counted).stale, *unmeasured))
    ]
    found = (*problems(text), *unfinished(text), *stale, *_contradictions(text, counted))
    return tuple(sorted(found, key=lambda finding: _line_of(finding.where)))


def publish_copy(text: str, to: Path, ledger: Mapping[tuple[str, str], int] | None = None) -> Path:
    """Write the copy of a datasheet for the tables that stand below `to`, with their figures.

    `ledger` are their raw characters by role and rule, where these were counted before.
    """
    path = to / DATASHEET
    path.write_text(fill(text, Counted.of(to, ledger)).text, encoding="utf-8", newline="\n")
    return path


def review(text: str | None, published: Path) -> tuple[Finding, ...]:
    """Tell in one warning what a build leaves for people in the project's datasheet; nothing if all is done.

    A build publishes with a stale or unfinished datasheet, since the published copy has the right figures
    and an annotator must see rows before every question can be answered; `check` is what a release must pass.
    """
    if text is None:
        message, hint = "found no datasheet; expected one", "run `corpus datasheet`, which begins one"
    else:
        copy = published / DATASHEET
        stale = copy.is_file() and copy.read_text(encoding="utf-8") != text
        left = [*(["figures that are not the tables'"] if stale else []), told(unfinished(text))]
        if not any(left):
            return ()
        message = f"found {' and '.join(part for part in left if part)}"
        hint = "run `corpus datasheet` for the figures, `corpus datasheet --check` for the rest"
    return (Finding("datasheet", "warning", DATASHEET, message, hint),)


def answers(text: str) -> dict[str, str]:
    r"""Give the answers by their question's number, as plain lines: no comments, no tables, no markup signs.

    Questions without an answer are left out.

    >>> answers("### 1.1 Why?\n\nFor *tests*,\nand <!-- figure: documents -->2<!-- /figure --> pages.\n")
    {'1.1': 'For tests, and 2 pages.'}
    """
    found = {}
    for number, (_, answer) in _sections(text).items():
        told = _told(answer)
        if number in QUESTIONS and told.casefold().strip(".") not in _NO_ANSWER and not _OPEN.search(answer):
            found[number] = told
    return found


def _told(answer: str) -> str:
    plain = _TABLE_ROW.sub(" ", _uncommented(answer))
    plain = re.sub(r"\*\*|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", plain)
    plain = re.sub(r"\\([\\`*_\[\]<>|~&#$.\-+=:)])", r"\1", plain)
    return " ".join(plain.split()).strip(" .…–-") + ("." if plain.rstrip().endswith(".") else "")


class _Sign(NamedTuple):
    """One end of a marker: `<!-- figure: NAME -->` opens, `<!-- /figure -->` closes."""

    kind: str
    query: str
    closes: bool
    start: int
    end: int


def _signs(text: str) -> Iterator[_Sign]:
    for start, end in _comments(_blank(text, _fences(text))):
        kind, _, query = text[start + 4 : end - 3].strip().partition(":")
        closes = kind.startswith("/")
        kind = kind.removeprefix("/").strip()
        if kind in {"figure", "table"}:
            yield _Sign(kind, " ".join(query.split()), closes, start, end)


def _markers(text: str) -> tuple[list[Marker], list[tuple[int, str]]]:
    """Find the markers, and the places where one is not closed or closes nothing."""
    markers: list[Marker] = []
    broken: list[tuple[int, str]] = []
    opened: _Sign | None = None
    for sign in _signs(text):
        if not sign.closes:
            if opened:
                broken.append((opened.start, _open(opened)))
            opened = sign
        elif opened is None or opened.kind != sign.kind:
            broken.append(
                (sign.start, f"found the end of a {sign.kind} that was not begun; expected its begin")
            )
        else:
            markers.append(Marker(sign.kind, opened.query, opened.end, sign.start))
            opened = None
    if opened:
        broken.append((opened.start, _open(opened)))
    return markers, broken


def _comments(text: str) -> Iterator[tuple[int, int]]:
    """Find the HTML comments; one that is never closed is none, nor one whose sign is escaped."""
    at = 0
    while (begun := _COMMENT.search(text, at)) and (end := text.find("-->", begun.end())) >= 0:
        at = end + 3
        yield begun.start(1), at


def _fences(text: str) -> Iterator[tuple[int, int]]:
    """Find the fenced code blocks, line by line (CommonMark 0.31.2, 4.5); one without an end goes on."""
    at, begun, fence = 0, 0, ""
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line)
        if not fence and found:
            begun, fence = at, found[1]
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            yield begun, at + len(line)
            fence = ""
        at += len(line)
    if fence:
        yield begun, len(text)


def _open(sign: _Sign) -> str:
    return f"found a {sign.kind} that is not closed; expected `<!-- /{sign.kind} -->` after it"


def _sections(text: str) -> dict[str, tuple[int, str]]:
    """Find the numbered headings: number -> where its heading stands, and the text below it."""
    headings = list(_HEADING.finditer(_blank(_blank(text, _fences(text)), _comments(text))))
    found: dict[str, tuple[int, str]] = {}
    for place, heading in enumerate(headings):
        number = _NUMBER.match(heading[2])
        if number:
            rank = len(heading[1])
            after = (each.start() for each in headings[place + 1 :] if len(each[1]) <= rank)
            found.setdefault(number[1], (heading.start(), text[heading.end() : next(after, len(text))]))
    return found


def _unanswered(text: str) -> Iterator[Finding]:
    found = _sections(text)
    for number, question in QUESTIONS.items():
        at, answer = found.get(number, (len(text), ""))
        if number not in found:
            yield _finding(
                *("datasheet-unanswered", text, at, f"found no heading {number} ({question})"),
                f"add `### {number} {question}` and answer it; expected an answer to every question",
            )
        elif _bare(answer) in _NO_ANSWER or _OPEN.search(answer):
            yield _finding(
                *("datasheet-unanswered", text, at, f"found no answer to {number} ({question})"),
                "expected an answer in a sentence; where it does not apply, say why",
            )


def _bare(answer: str) -> str:
    """Bring an answer to the words that it has: figures and tables count, comments and signs do not."""
    return _uncommented(answer).strip(" \t\n*_.…–-()[]。").casefold()


def _left_to_do(text: str) -> Iterator[Finding]:
    for found in _TO_DO.finditer(text):
        message = f"found `{found.group()}`; expected nothing left to do"
        yield _finding("datasheet-unfinished", text, found.start(), message, "do it, or take the note out")


def _contradictions(text: str, counted: Counted) -> Iterator[Finding]:
    prose = _blank(text, ((marker.start, marker.end) for marker in _markers(text)[0]))
    prose = _blank(_blank(prose, _fences(text)), _comments(text))
    for pattern in (_CODE, _HEADING, _TABLE_ROW):
        prose = _blank(prose, (found.span() for found in pattern.finditer(prose)))
    for claim in claims(prose):
        held = counted.answer("figure", claim.figure)
        if held != f"{claim.total:,}":
            yield _finding(
                *("datasheet-number", text, claim.at),
                f"found `{claim.words}` in prose; the tables hold {held}",
                f"write <!-- figure: {claim.figure} -->{held}<!-- /figure --> there; of a part of them, say "
                f"`{claim.total} of the …`",
            )


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Put spaces in place of spans, in their order: every other place stays what it was."""
    made, at = [], 0
    for start, end in spans:
        made += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
        at = end
    return "".join([*made, text[at:]])


def _uncommented(text: str) -> str:
    """Take the comments out; what stands between two markers stays."""
    made, at = [], 0
    for start, end in _comments(text):
        made.append(text[at:start])
        at = end
    return "".join([*made, text[at:]])


def _finding(check: str, text: str, at: int, message: str, hint: str) -> Finding:
    line = text.count("\n", 0, at) + 1
    return Finding(check, "error", f"{DATASHEET}:{line}", message, hint)


def _line_of(where: str) -> int:
    return int(where.rpartition(":")[2])


def told(findings: Iterable[Finding]) -> str:
    """Sum findings up in a few words, by check.

    >>> told([Finding("datasheet-unanswered", "error", "DATASHEET.md:3", "")] * 2)
    'questions without an answer: 2'
    """
    names = {
        "datasheet-missing": "no datasheet",
        "datasheet-marker": "markers that cannot be filled",
        "datasheet-stale": "stale figures",
        "datasheet-unanswered": "questions without an answer",
        "datasheet-unfinished": "notes of what is left to do",
        "datasheet-number": "numbers in prose that the tables contradict",
    }
    checks = [finding.check for finding in findings]
    return ", ".join(f"{name}: {checks.count(check)}" for check, name in names.items() if check in checks)
