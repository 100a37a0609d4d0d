"""The notebooks as the site shows them, and what their cut cells printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlab.dev.site.cells import Reader, commented, without_imports
from nnlab.dev.site.needs import Needs

KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
WIDGET = "application/vnd.jupyter.widget-view+json"  # a control whose kernel is gone


@dataclass(frozen=True)
class Page:
    """A notebook for the site. `stored`: what its cut cells printed, by place. `cut` of `cells` code cells are cut."""

    notebook: dict[str, Any]
    stored: dict[str, list[dict[str, Any]]]
    cells: int
    cut: int


def page(path: Path, needs: Needs) -> Page:
    """The site's page of a notebook. needs: one for all pages, since what it has read of nnlab serves them all."""
    notebook = json.loads(path.read_text("utf-8"))
    reader = Reader(needs)
    stored: dict[str, list[dict[str, Any]]] = {}
    code = [(place, cell) for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    for place, cell in code:
        source = "".join(cell["source"])
        cell["outputs"] = [whole(output) for output in cell["outputs"]]
        library = reader.library(source)
        if library:
            cell["source"] = commented(source, library, path.stem, place, needs)
            stored[str(place)] = cell["outputs"]
        else:
            cell["source"] = without_imports(source, needs)
    notebook["metadata"]["kernelspec"] = KERNEL
    return Page(notebook, stored, len(code), len(stored))


def whole(output: dict[str, Any]) -> dict[str, Any]:
    """An output whose texts are one string each, without controls that nothing answers."""
    made = {name: value for name, value in output.items() if name not in ("data", "text")}
    if "text" in output:
        made["text"] = "".join(output["text"])
    if "data" in output:
        parts = output["data"].items()
        made["data"] = {kind: "".join(v) if isinstance(v, list) else v for kind, v in parts if kind != WIDGET}
    return made
