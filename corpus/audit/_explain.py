"""What a check says of itself: its docstring, in a terminal and as the page docs/audit.md."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, NamedTuple

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus.audit import Check

_MEANS = {"error": "fails", "warning": "warns", "note": "is skipped with its list"}
_HEAD = """\
# The audit's checks

<!-- Generated from the checks' docstrings by `corpus audit --explain all`; a test keeps it current. -->

`corpus audit [ROOT]` runs every check below on a corpus project, `pytest --corpus ROOT` makes them tests. An
error fails its test and makes the command exit with 1, a warning warns, a note skips its test with the list.
A check that is right to complain about something you have good reason to keep is answered with a waiver in
`annotations/waivers.yaml` (see the end of this page).
"""
_TAIL = """\
## Waivers and the baseline

A waiver accepts one finding, by the key that `corpus audit` prints at the end of each line:

```yaml
# annotations/waivers.yaml
- check: unlabelled_surface
  key: "3f2a9c1d0b7e"
  quote: 南屿
  reason: Here it is the island, not the company.
  by: A. Person
  date: "2026-11-21"
  expires: "2027-11-21"
```

The key is made of the check, the paragraph (whose id follows from its text), the offsets, the text found
and what else tells the finding from others there. It stays when rows are added or sorted; it changes with the
text, and then the waiver no longer matches, which is a finding. `quote` and `expires` may be left out.

`corpus audit --baseline` writes `annotations/baseline.yaml` with the keys of all present findings, so that an
old corpus starts green. New findings are reported as ever. Run again, it takes out what has been mended and
never adds anything; what was mended and not yet taken out is reported by `mended_baseline`.
"""


class Explanation(NamedTuple):
    """A check's id, level and scope, its one-line message and its long explanation."""

    check: str
    level: str
    scope: str
    message: str
    text: str


def explain(name: str, checks: Mapping[str, Check]) -> Explanation:
    """Explain a check; raises CorpusError that lists the known ones for a name that is none."""
    if name not in checks:
        raise CorpusError(f"{name!r}: found no such check; known are {', '.join(checks)}, or `all`")
    module = checks[name]
    message, _, text = (inspect.getdoc(module) or "").partition("\n")
    return Explanation(name, module.level, module.scope, message.rstrip("."), text.strip())


def page(checks: Mapping[str, Check]) -> str:
    """Write docs/audit.md."""
    told = [explain(name, checks) for name in checks]
    rows = "".join(f"| [`{each.check}`](#{each.check}) | {each.level} | {each.message} |\n" for each in told)
    table = f"| check | level | finds |\n|---|---|---|\n{rows}"
    sections = [section(each) for each in told]
    return "\n".join([_HEAD, table, *sections, _TAIL])


def section(told: Explanation) -> str:
    """Write the section of a check."""
    unit = "one a split" if told.scope == "split" else "one for the corpus"
    facts = f"*{told.level}: its test {_MEANS[told.level]}; {unit}.*"
    return f"## {told.check}\n\n**{told.message}.** {facts}\n\n{told.text}\n"
