"""Ways to re-anchor annotations: ours, and what others do, behind one signature.

Each takes annotations (paragraph, start, end), the old and the new paragraphs, and returns a place or None
for each. All but the first are written here after their published descriptions; diff-match-patch is the real
one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from corpus.anchor import reanchor
from corpus.anchor.folding import fold_text

Span = tuple[int, int, int]
Found = tuple[int, int, int] | None
Method = Callable[[Sequence[Span], Sequence[str], Sequence[str]], list[Found]]


def offset_only(spans: Sequence[Span], _old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Keep the paragraph index and the offsets."""
    return [span if span[0] < len(new) and span[2] <= len(new[span[0]]) else None for span in spans]


def exact_quote(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Search the quote with 32 characters of context, then with less; not unique is an orphan."""
    text, start = _joined(new)
    answers: list[Found] = []
    for index, low, high in spans:
        answer = None
        for context in (32, 16, 8, 0):
            before = old[index][max(0, low - context) : low]
            wanted = before + old[index][low : high + context]
            at = text.find(wanted)
            if at >= 0 and text.find(wanted, at + 1) < 0:
                answer = _place(start, new, at + len(before), at + len(before) + high - low)
                break
        answers.append(answer)
    return answers


def _joined(paragraphs: Sequence[str]) -> tuple[str, list[int]]:
    start = [0]
    for paragraph in paragraphs:
        start.append(start[-1] + len(paragraph) + 1)
    return "\n".join(paragraphs), start


def _place(start: Sequence[int], new: Sequence[str], low: int, high: int) -> Found:
    paragraph = int(np.searchsorted(start, low, "right")) - 1
    if high <= low or paragraph >= len(new):
        return None
    end = min(high - start[paragraph], len(new[paragraph]))
    return (paragraph, low - start[paragraph], end) if end > low - start[paragraph] else None


def _by_pairs(
    spans: Sequence[Span],
    old_start: Sequence[int],
    new: Sequence[str],
    start: Sequence[int],
    to: dict[int, int],
) -> list[Found]:
    answers: list[Found] = []
    for index, low, high in spans:
        kept = [to[at] for at in range(old_start[index] + low, old_start[index] + high) if at in to]
        answers.append(_place(start, new, min(kept), max(kept) + 1) if 2 * len(kept) >= high - low else None)
    return answers


def with_difflib(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Map offsets through difflib's matching blocks of the joined texts; half the characters must map."""
    (one, old_start), (two, start) = _joined(old), _joined(new)
    blocks = difflib.SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    to = {block.a + k: block.b + k for block in blocks for k in range(block.size)}
    return _by_pairs(spans, old_start, new, start, to)


def with_diff_match_patch(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Map offsets through diff-match-patch's diff of the joined texts, cleaned up semantically."""
    from diff_match_patch import diff_match_patch

    (one, old_start), (two, start) = _joined(old), _joined(new)
    differ = diff_match_patch()
    differ.Diff_Timeout = 5.0
    diffs = differ.diff_main(one, two, checklines=False)
    differ.diff_cleanupSemantic(diffs)
    to, a, b = dict[int, int](), 0, 0
    for op, text in diffs:
        if op == 0:
            to.update((a + k, b + k) for k in range(len(text)))
        a += len(text) if op <= 0 else 0
        b += len(text) if op >= 0 else 0
    return _by_pairs(spans, old_start, new, start, to)


def _approximate(pattern: str, codes: np.ndarray, most: int) -> list[tuple[int, int]]:
    """Return (end, errors) of the best matches with at most `most` errors (Sellers 1980)."""
    column = np.arange(len(codes) + 1)
    row = np.zeros(len(codes) + 1, dtype=np.int64)
    for at, character in enumerate(pattern):
        fresh = np.empty_like(row)
        fresh[0] = at + 1
        fresh[1:] = np.minimum(row[:-1] + (codes != ord(character)), row[1:] + 1)
        row = np.minimum.accumulate(fresh - column) + column
    best = np.flatnonzero(row == min(int(row.min()), most))
    return [(int(end), int(row[end])) for end in best[:200]] if row.min() <= most else []


def fuzzy_search(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Search as annotation clients do: up to half the quote may differ, context and place rate what is found.

    Weights: quote 50, prefix 20, suffix 20, place 2, as the Hypothes.is client's quote matching has them.
    """
    (one, old_start), (two, start) = _joined(old), _joined(new)
    codes = np.array([ord(c) for c in two])
    answers: list[Found] = []
    for index, low, high in spans:
        a, b = old_start[index] + low, old_start[index] + high
        quote, best, answer = one[a:b], -1.0, None
        for end, errors in _approximate(quote, codes, min(256, len(quote) // 2)):
            begin = max(0, end - len(quote))
            score = (
                50 * (1 - errors / len(quote))
                + 20 * fuzz.ratio(one[max(0, a - 32) : a], two[max(0, begin - 32) : begin]) / 100
                + 20 * fuzz.ratio(one[b : b + 32], two[end : end + 32]) / 100
                + 2 * (1 - abs(begin - a) / max(1, len(two)))
            )
            if score > best:
                best, answer = score, _place(start, new, begin, end)
        answers.append(answer)
    return answers


def by_paragraph(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Normalise, pair each paragraph with the likest new one, map through the edit script of the two."""
    folded_old, folded_new = [fold_text(t) for t in old], [fold_text(t) for t in new]
    answers: list[Found] = []
    alike = process.cdist([f[0] for f in folded_old], [f[0] for f in folded_new], scorer=fuzz.ratio)
    for index, low, high in spans:
        best = int(alike[index].argmax()) if new else 0
        if not new or alike[index, best] < 50:
            answers.append(None)
            continue
        text, begins, ends = folded_old[index]
        wanted = [k for k in range(len(text)) if ends[k] > low and begins[k] < high]
        to = {}
        for op in Indel.opcodes(text, folded_new[best][0]):
            if op.tag == "equal":
                to.update(
                    zip(range(op.src_start, op.src_end), range(op.dest_start, op.dest_end), strict=True)
                )
        kept = [to[k] for k in wanted if k in to]
        good = wanted and 2 * len(kept) >= len(wanted)
        answers.append(
            (best, folded_new[best][1][min(kept)], folded_new[best][2][max(kept)]) if good else None
        )
    return answers


def ours(spans: Sequence[Span], old: Sequence[str], new: Sequence[str]) -> list[Found]:
    """Ours."""
    return [a and (a.paragraph, a.start, a.end) for a in reanchor(spans, old, new)]


PEERS: dict[str, Method] = {
    "ours": ours,
    "offset only": offset_only,
    "exact quote": exact_quote,
    "difflib": with_difflib,
    "diff-match-patch": with_diff_match_patch,
    "fuzzy quote search": fuzzy_search,
    "paragraph by paragraph": by_paragraph,
}


def choose(names: str | None) -> dict[str, Method]:
    """Return the methods named (separated by commas; all when None) that can run here."""
    chosen = {name: PEERS[name] for name in (names.split(",") if names else PEERS)}
    if "diff-match-patch" in chosen:
        try:
            import diff_match_patch  # noqa: F401
        except ImportError:
            print("diff-match-patch is not installed: left out")
            del chosen["diff-match-patch"]
    return chosen
