"""A raw file or page that could not be read.

A page that cannot be read or cleaned is quarantined by name and reason, and the rest goes on. It is
missing from every table, and the annotations on it are orphans.

Example: `wenxi/crawl.warc.gz: ends in the middle of a record`.

Mend: replace the file by a good copy, or remove it from `raw/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Pass on what reading the raw files set aside."""
    for each in view.quarantined:
        place = f"raw/{each.raw_path}" + (f"#{each.record_id}" if each.record_id else "")
        hint = "replace the file by a good copy, or remove it from raw/"
        yield found(__name__, Place(line=place), each.reason, hint, place)
