"""What a cell printed when its notebook was stored, shown again where the cell itself cannot run: in a browser.

`python3 -m nnlab site` writes these outputs into data/stored/, a file a notebook.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from IPython.display import publish_display_data

from nnlab import host


def show(notebook: str, place: int) -> None:
    """Show the outputs of a notebook's cell: show("01_neuron", 27), the place counted from 0 among all cells.

    Raises FileNotFoundError if the notebook has no stored outputs here, KeyError if the cell has none."""
    for output in outputs(notebook)[str(place)]:
        if "text" in output:
            print(output["text"], end="")
        else:
            publish_display_data(output["data"], output.get("metadata", {}))


@cache
def outputs(notebook: str) -> dict[str, list[dict[str, Any]]]:
    """All stored outputs of a notebook, by the place of their cell."""
    text = (host.folder("data") / "stored" / f"{notebook}.json").read_text("utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(text)
    return found
