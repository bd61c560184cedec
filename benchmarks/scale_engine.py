"""Cleaning through an engine, as a build does: `python benchmarks/scale_engine.py PROJECT ENGINE WORKERS`.

What comes back from a page is packed, since that is what a build puts into its cache. Prints how many pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

from corpus import raw
from corpus.engine import Work, engine
from corpus.packing import head, pack
from corpus.pages import CLEANING, sources, units
from corpus.records import Document


def cleaned(page):
    """What a build sends from a child to the driver."""
    made = CLEANING.do(page)
    return pack(made, head(made)) if isinstance(made, Document) else made


def main() -> None:
    root, name, workers = Path(sys.argv[1]) / "raw", sys.argv[2], int(sys.argv[3])
    found = units(sources(root, raw.find(root)[0]))
    # By its name as a module: children cannot look into what runs as a script.
    import scale_engine

    work = Work(CLEANING.read, scale_engine.cleaned, CLEANING.name)
    print(sum(map(len, engine(name).map(work, found, workers))))


if __name__ == "__main__":
    main()
