"""Anchor annotations: find where each stands in today's paragraphs, or say that its text is gone.

While the raw file is the same its place decides, through the paragraphs' `segments`; when the page or the
cleaning changed, the whole old text (or what the annotations quote of it) is aligned with the new one.
"""

from __future__ import annotations

from corpus.anchor.mentions import reanchor
from corpus.anchor.quotes import anchor

__all__ = ["anchor", "reanchor"]
