"""Findings on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.records import Finding

SHOWN = 20
"""Findings shown; their number is always told, and `--json` gives all."""


def show(findings: Sequence[Finding]) -> None:
    """Print findings, the first SHOWN of them, one a line."""
    for finding in findings[:SHOWN]:
        hint = f" ({finding.hint})" if finding.hint else ""
        click.echo(f"{finding.level}: {finding.where}: {finding.message}{hint}", err=True)
    if len(findings) > SHOWN:
        click.echo(f"… and {len(findings) - SHOWN} findings more; --json shows all", err=True)
