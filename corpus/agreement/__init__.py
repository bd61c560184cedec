"""Agreement between annotators: the measures, and a report on a corpus's annotations."""

from __future__ import annotations

from corpus.agreement.measures import (
    Estimate,
    Span,
    alpha,
    bennett_s,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    interval,
    percent,
    scott_pi,
    span_f1,
)
from corpus.agreement.report import Row, report

__all__ = [
    "Estimate",
    "Row",
    "Span",
    "alpha",
    "bennett_s",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "interval",
    "percent",
    "report",
    "scott_pi",
    "span_f1",
]
