"""What a run does, as JSON lines: one object a line, written as it happens.

The events go through `logging`, to the logger `corpus`, so that a program which uses this package can take
them where it takes its others; `written` puts them in a file. Each has `time` (UTC), `run` (the same word for
all of a run) and `event`:

| event | further keys |
|---|---|
| `start` | `version`, `root`, and the options that were given |
| `progress` | `files` begun, `of` all, `pages` done, `quarantined`: at most one a second |
| `quarantined` | `raw_path`, `record_id`, `reason` |
| `worker-died` | `raw_path`, `record_id`, `reason`: the process at work on a page ended, or was ended |
| `finding` | `check`, `level`, `where`, `message`, `hint` |
| `sent` | `name`, `bytes`, `copied`: a file of an edition, to an address |
| `published` | `where`, `files` |
| `end` | `code` (the exit code), and the report's counts or `error` |
"""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOGGER = logging.getLogger("corpus")
_LOGGER.addHandler(logging.NullHandler())


def tell(event: str, **facts: object) -> None:
    """Tell of an event; nothing happens unless somebody listens."""
    if _LOGGER.isEnabledFor(logging.INFO):
        _LOGGER.info(event, extra={"facts": facts})


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Add what happens in this block to the file at `path`, a line an event, each flushed.

    Raises CorpusError where the file cannot be opened. A disk that refuses later does not stop the run: that
    the log is not whole is said on stderr.
    """
    try:
        lines = _Lines(path)
    except OSError as error:
        raise CorpusError(
            f"{path}: found that it cannot be written ({error.strerror or error}); expected a file that can, "
            "in a folder that is there; nothing was done"
        ) from None
    before = _LOGGER.level
    _LOGGER.addHandler(lines)
    _LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOGGER.removeHandler(lines)
        _LOGGER.setLevel(before)
        lines.close()
        if lines.refused:
            print(f"corpus: {path}: the log is not whole: {lines.refused}", file=sys.stderr)  # noqa: T201


class _Lines(logging.FileHandler):
    """Writes events as JSON lines; `refused` is why one could not be written."""

    def __init__(self, path: Path) -> None:
        # A lone surrogate, from a file name that is no UTF-8, becomes the escape that JSON has for it.
        super().__init__(path, "a", "utf-8", errors="backslashreplace")
        self.refused = ""
        self._run = os.urandom(8).hex()

    def format(self, record: logging.LogRecord) -> str:
        """Make the line of an event."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts = getattr(record, "facts", {})
        told = {"time": time, "run": self._run, "event": record.getMessage()} | facts
        return json.dumps(told, ensure_ascii=False, default=str)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's
        """Remember why a line could not be written."""
        self.refused = str(sys.exc_info()[1])

    def close(self) -> None:
        """Close the file; what could not be written then is told too."""
        try:
            super().close()
        except OSError as error:
            self.refused = str(error)
