# ruff: noqa: INP001, S102, T201 - a script, which runs the cells of our own notebook and prints
"""Run a notebook's cells, keep what they print, and write it as a page of the docs.

    python examples/render.py examples/first_model.ipynb docs/first-model.md

A cell's text output and the value of its last line are kept; pictures are written by the cells themselves.
Needs nothing but Python, so that the page can be made wherever the notebook runs.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any


def run(notebook: dict[str, Any]) -> dict[str, Any]:
    """Run the code cells in order, in one namespace; returns the notebook with their outputs."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells, count = [], 0
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        count += 1
        text = _run("".join(cell["source"]), names)
        outputs = [{"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}]
        cells.append({**cell, "execution_count": count, "outputs": outputs if text else []})
    return {**notebook, "cells": cells}


def page(notebook: dict[str, Any], source: str) -> str:
    """Write a notebook with its outputs as Markdown."""
    parts = [f"<!-- made by examples/render.py from {source}; edit that -->"]
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        printed = "".join("".join(output["text"]) for output in cell["outputs"])
        if printed:
            parts.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def _run(source: str, names: dict[str, Any]) -> str:
    """Run a cell; what it prints, and the value of its last line where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(tree, "<cell>", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
    return out.getvalue()


def main(source: Path, to: Path) -> None:
    """Run the notebook, write it back with its outputs, and write the page."""
    made = run(json.loads(source.read_text("utf-8")))
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    source.write_text(text, encoding="utf-8", newline="\n")
    to.write_text(page(made, source.as_posix()), encoding="utf-8", newline="\n")
    print(f"{to}: {len(made['cells'])} cells")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
