"""schema/forgotten.yaml: the documents that were removed for good, and enough of each to know it again.

A tombstone keeps digests, never text: of the page's body, and of its longer paragraphs, by which copies of it
in other pages are found.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.schema import strict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORGOTTEN_FILE = "schema/forgotten.yaml"

LONG_ENOUGH = 20
"""Code points from which a paragraph is more than a set phrase, so that a copy elsewhere means something."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Forgotten(NamedTuple):
    """A document that was removed: its id, its body's SHA-256, the day, why, and its paragraphs' digests."""

    document_id: str
    raw_sha256: str
    on: str
    reason: str
    paragraphs: tuple[str, ...] = ()


def read(root: Path) -> tuple[Forgotten, ...]:
    """Read the tombstones of the project at `root`, none where the file is missing; raises ProjectError."""
    path = root / FORGOTTEN_FILE
    if not path.exists():
        return ()
    made = []
    for entry in strict.read(path, FORGOTTEN_FILE).entries():
        keys = entry.mapping(("document_id", "raw_sha256", "on", "reason"), ("paragraphs",))
        digests = keys["paragraphs"].entries() if "paragraphs" in keys else []
        made.append(
            Forgotten(
                keys["document_id"].text(),
                keys["raw_sha256"].text(_SHA256, "64 hex digits"),
                keys["on"].text(strict.DATE, 'a date in quotes such as "2026-11-21"'),
                keys["reason"].text(),
                tuple(digest.text(_SHA256, "64 hex digits") for digest in digests),
            )
        )
    return tuple(made)


def written(tombstones: Iterable[Forgotten]) -> str:
    """Write tombstones as `read` reads them, sorted by document; every value is a quoted JSON string."""
    lines = ["# Documents that `corpus forget` removed. A build refuses to publish any of them again."]
    for tombstone in sorted(tombstones):
        lines += [f"- document_id: {json.dumps(tombstone.document_id, ensure_ascii=False)}"]
        lines += [
            f"  {name}: {json.dumps(getattr(tombstone, name), ensure_ascii=False)}"
            for name in ("raw_sha256", "on", "reason")
        ]
        if tombstone.paragraphs:
            lines += ["  paragraphs:", *(f'    - "{digest}"' for digest in tombstone.paragraphs)]
    return "\n".join(lines) + "\n"


def digest(text: str) -> str | None:
    """Digest a paragraph's text, white space aside; None of one too short to be known again.

    >>> digest("写在最后") is None, digest("a b" * 10) == digest("ab" * 10)
    (True, True)
    """
    squeezed = "".join(text.split())
    return hashlib.sha256(squeezed.encode()).hexdigest() if len(squeezed) >= LONG_ENOUGH else None
