"""schema/ -> Project, one declaration per table, and validation of a whole corpus.

A project declares itself in three files below `schema/`, all read strictly (`corpus.schema.strict`); no code
is run from them. `corpus.yaml`:

```yaml
name: my-corpus                    # lower-case letters, digits, hyphens
version: 0.1.0                     # semantic version of the published rows
title: "My corpus: pages about ships"
description: What it holds and why, in a paragraph.
languages: [zh, en]                # Norwegian is "no", in quotes
licences:
  default: CC-BY-4.0               # an SPDX expression
split:
  policy: random                   # or by_source, by_time, by_target, stratified
  seed: 7
  ratios: {train: 0.8, validation: 0.1, test: 0.1}
sources:                           # may be empty: []
  - name: harbour-daily
    path: harbour-daily            # everything below raw/harbour-daily/
    publisher: Harbour Daily
    licence: CC-BY-4.0             # optional, else the default
    url: https://harbour-daily.example/   # optional
creators: [A. Person]              # optional, as are the next three
homepage: https://my-corpus.example/
released: "2026-11-21"             # in quotes, or YAML reads a date
citation: "Person, A. My corpus."
```

`labels.yaml`, with `stance`, `entities` or both:

```yaml
stance:
  targets:
    - id: export-controls          # what annotations and rows carry
      name: 出口管制
      definition: Restrictions that a state puts on the export of AI chips.
  labels:
    - name: favor
      definition: The paragraph speaks for the target.
    - {name: against, definition: …}
    - {name: neutral, definition: …}
    - {name: none, definition: …}
entities:
  labels:
    - name: ORG
      definition: A company, authority or other organisation named.
```

`guidelines.md` is prose that names its version in its first 20 lines: `# Annotation guidelines, version 1.0`.

>>> from corpus.schema import FLAT
>>> FLAT["segments"].names
('paragraph_id', 'position', 'start', 'end', 'raw_start', 'raw_end')

What needs polars is imported when it is asked for, so that a project can be read without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus.schema.declaration import Column, Reference, Table
from corpus.schema.forms import arrow_schema, card_features, column_rows, features, label_names
from corpus.schema.project import Label, Project, Source, SplitPolicy, Target, load_project
from corpus.schema.tables import DEFAULT_CONFIG, FLAT, PUBLISHED

if TYPE_CHECKING:
    from corpus.schema.frames import Corpus, frame, polars_schema

__all__ = [
    "DEFAULT_CONFIG",
    "FLAT",
    "PUBLISHED",
    "Column",
    "Corpus",
    "Label",
    "Project",
    "Reference",
    "Source",
    "SplitPolicy",
    "Table",
    "Target",
    "arrow_schema",
    "card_features",
    "column_rows",
    "features",
    "frame",
    "label_names",
    "load_project",
    "polars_schema",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the names of the module are
    """Import what stands in `corpus.schema.frames`."""
    if name in {"Corpus", "frame", "polars_schema"}:
        from corpus.schema import frames

        return getattr(frames, name)
    raise AttributeError(f"module 'corpus.schema' has no attribute {name!r}")
