"""A waiver whose time is over.

A waiver may say until when it holds. After that day it accepts nothing: the finding it was for is
reported again, and so is the waiver, so that somebody decides anew.

Example: `expires: "2026-06-30"` on the first of July.

Mend: mend the finding and delete the waiver, or give it a new day with today's reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from corpus.audit._marks import shown
from corpus.audit._view import Place, found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.audit._view import AuditView, Found

level: Literal["error"] = "error"
scope: Literal["corpus"] = "corpus"


def check(view: AuditView) -> Iterator[Found]:
    """Compare the waivers' last days with the day of the audit."""
    for each in view.waivers:
        if each.expires and each.expires < view.today:
            what = f"the waiver of {each.check} {each.key} by {each.by}"
            message = f"{what} held until {each.expires}: {shown(each.reason, 80)}"
            hint = "mend the finding and delete the waiver, or decide anew"
            yield found(__name__, Place(line=each.where), message, hint, f"{each.check} {each.key}")
