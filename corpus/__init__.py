"""Corpus: from a heap of raw web pages to a published, annotated, audited dataset."""

__version__ = "0.1.0"
