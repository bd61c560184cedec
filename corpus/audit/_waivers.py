"""annotations/waivers.yaml: findings that a person accepts, and annotations/baseline.yaml: those of old.

Both know a finding by its content (`Found.key`), never by a row number. A waiver has a reason, a name and a
date, and may expire:

```yaml
- check: unlabelled_surface
  key: "3f2a9c1d0b7e"          # as `corpus audit` shows it
  quote: 南屿                    # optional: must be the text found
  reason: Here it is the island, not the company.
  by: A. Person
  date: "2026-11-21"
  expires: "2027-11-21"        # optional: the last day it holds
```

The baseline lets an old corpus start green and only get better: `corpus audit --baseline` writes the keys of
all present findings the first time, and afterwards only ever takes keys out of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import ProjectError
from corpus.schema import strict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

WAIVERS_FILE = "annotations/waivers.yaml"
BASELINE_FILE = "annotations/baseline.yaml"

_KEY = re.compile(r"[0-9a-f]{12}", re.ASCII)
_BASELINE = re.compile(r"[a-z_]+ [0-9a-f]{12}", re.ASCII)


class Waiver(NamedTuple):
    """A finding that a person accepts: which, why, who and when; `expires` is the last day it holds."""

    check: str
    key: str
    reason: str
    by: str
    date: str
    expires: str | None = None
    quote: str | None = None
    where: str = ""


def read_waivers(root: Path, checks: tuple[str, ...]) -> tuple[Waiver, ...]:
    """Read the waivers of the project at `root`, none where it has no such file.

    Raises ProjectError, naming file and line, for a key that is unknown or missing, a check that is none
    of `checks`, a date that is none, and one finding waived twice.
    """
    if not (root / WAIVERS_FILE).exists():
        return ()
    waivers: dict[tuple[str, str], Waiver] = {}
    for entry in strict.read(root / WAIVERS_FILE, WAIVERS_FILE).entries():
        keys = entry.mapping(("check", "key", "reason", "by", "date"), ("expires", "quote"))
        check = keys["check"].choice(checks)
        key = keys["key"].text(_KEY, "the twelve hex digits that `corpus audit` shows")
        if (check, key) in waivers:
            earlier = waivers[check, key].where
            keys["key"].refuse(
                f"`{key}` a second time (first at {earlier})", "each finding once", "remove one"
            )
        day = 'a date in quotes such as "2026-11-21"'
        waivers[check, key] = Waiver(
            check,
            key,
            keys["reason"].text(),
            keys["by"].text(),
            keys["date"].text(strict.DATE, day),
            keys["expires"].text(strict.DATE, day) if "expires" in keys else None,
            keys["quote"].text() if "quote" in keys else None,
            f"{WAIVERS_FILE}:{entry.node.start_mark.line + 1}",
        )
    return tuple(waivers.values())


def read_baseline(root: Path) -> frozenset[tuple[str, str]]:
    """Read the (check, key) of findings accepted as old, none where the project has no baseline."""
    if not (root / BASELINE_FILE).exists():
        return frozenset()
    expected = "a check's id and the twelve hex digits of a finding's key"
    entries = strict.read(root / BASELINE_FILE, BASELINE_FILE).entries()
    pairs = (entry.text(_BASELINE, expected).split(" ") for entry in entries)
    return frozenset((check, key) for check, key in pairs)


def write_baseline(root: Path, findings: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """Write or tighten the baseline; returns how many keys it holds now, and how many were taken out.

    Where there is a baseline, keys of new findings are never added to it: remove the file to start anew.
    """
    path = root / BASELINE_FILE
    now = set(findings)
    before = read_baseline(root) if path.exists() else frozenset(now)
    kept = sorted(before & now)
    head = "# Findings accepted as old. Written by `corpus audit --baseline`, which only removes.\n"
    body = "".join(f"- {check} {key}\n" for check, key in kept) or "[]\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + body, "utf-8")
    except OSError as error:
        raise ProjectError(f"{path}: cannot be written ({error.strerror}); mend it and run again") from error
    return len(kept), len(before) - len(kept)
