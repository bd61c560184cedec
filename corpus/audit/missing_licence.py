"""A page whose licence is not stated.

Every page inherits the licence of its source, or the default of `schema/corpus.yaml`. A placeholder there
(`NONE`, `NOASSERTION`, `unknown`, `TBD`) means that nobody has decided whether the text may be passed on.
One finding for each source.

Example: the source `harbour-daily` has `licence: NOASSERTION`.

Mend: find out and write the SPDX expression, or leave the source out of what is published.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import polars as pl

from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"

_PLACEHOLDERS = r"(?i)^(?:none|noassertion|unknown|unlicensed|tbd|todo|n/?a|licenseref-(?:unknown|none|tbd))$"


def check(view: AuditView) -> Iterator[Found]:
    """Count the pages of each source whose licence is a placeholder."""
    rows = view.given["documents"].filter(pl.col("licence").fill_null("none").str.contains(_PLACEHOLDERS))
    counts: Counter[tuple[str, str]] = Counter()
    for raw_path, licence in rows.select("raw_path", "licence").iter_rows():
        source = view.project.source_of(raw_path)
        counts[source.name if source else "", licence or "nothing"] += 1
    for (source_name, licence), count in sorted(counts.items()):
        of = f"of the source {source_name}" if source_name else "without a declared source"
        message = f"{count} pages {of} have the licence {licence!r}"
        hint = "write the licence into schema/corpus.yaml as an SPDX expression"
        yield found(
            __name__,
            Place(line=f"schema/corpus.yaml {source_name}".strip()),
            message,
            hint,
            f"{source_name} {licence}",
        )
