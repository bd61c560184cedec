"""What datatrove is given for the scale benchmark, as a module its workers load: words, languages, lines."""

from __future__ import annotations

import re

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.word_tokenizers import WordTokenizer

_WORD = re.compile(r"[^\W\u3400-\u9fff]+|\S")


class Words(WordTokenizer):
    """Words between spaces, and every Chinese character: what needs no dictionary."""

    def word_tokenize(self, text: str) -> list[str]:
        return _WORD.findall(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


class Language(PipelineStep):
    """Notes each document's language; drops none."""

    name = "Language"

    def run(self, data, rank=0, world_size=1):  # noqa: ARG002
        from py3langid import classify

        for document in data:
            self.stat_update("total")
            document.metadata["language"] = classify(document.text)[0]
            yield document


class Paragraphs(PipelineStep):
    """Makes a document of each line."""

    name = "Paragraphs"

    def run(self, data, rank=0, world_size=1):  # noqa: ARG002
        for document in data:
            for number, line in enumerate(document.text.split("\n")):
                yield Document(text=line, id=f"{document.id}/{number}")
