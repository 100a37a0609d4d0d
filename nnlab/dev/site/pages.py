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


def readers(folder: Path) -> tuple[Needs, Needs]:
    """What finds the cells that a browser cannot run, and what finds those that load scikit-learn. folder: nnlab's."""
    return Needs(folder), Needs(folder, lambda library: library == "sklearn")


def page(path: Path, needs: Needs, heavy: Needs) -> Page:
    """The site's page of a notebook. needs, heavy: what `readers` gives; what they have read of nnlab serves all."""
    notebook = json.loads(path.read_text("utf-8"))
    reader, photographs = Reader(needs), Reader(heavy)
    stored: dict[str, list[dict[str, Any]]] = {}
    code = [(place, cell) for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    inside = False  # whether nnlab imports scikit-learn where the page's own cells do not
    for place, cell in code:
        source = "".join(cell["source"])
        cell["outputs"] = [whole(output) for output in cell["outputs"]]
        library = reader.library(source)
        found = photographs.library(source)
        if library:
            cell["source"] = commented(source, library, path.stem, place, needs)
            stored[str(place)] = cell["outputs"]
        else:
            cell["source"] = without_imports(source, needs)
            inside = inside or (found is not None and "sklearn" not in source)
    if inside and code:
        code[0][1]["source"] += "\nimport sklearn  # a page loads it here, where it is named"
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
