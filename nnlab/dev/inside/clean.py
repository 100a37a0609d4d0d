"""Bring a notebook into the one form that is committed: the same source and outputs always give the same bytes."""

import hashlib
import re
from typing import Any

import nbformat

Json = dict[str, Any]

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_METADATA = ("tags", "slideshow")


def source(cell: Json) -> str:
    """A cell's source as one text; a file may hold a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def give_ids(notebook: Json) -> None:
    """Ids are kept, so that a change shows as a change of one cell; a missing one comes from the source."""
    taken: set[str] = set()
    for cell in notebook["cells"]:
        name = cell.get("id", "")
        if not re.fullmatch(r"[\w-]{1,64}", name) or name in taken:
            base = name = hashlib.sha256(source(cell).encode()).hexdigest()[:8]
            count = 1
            while name in taken:
                count += 1
                name = f"{base}-{count}"
        cell["id"] = name
        taken.add(name)
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5


def clean_metadata(metadata: Json) -> Json:
    """Tags and what the page needs; no times of execution, no state of an editor."""
    kept = {key: metadata[key] for key in KEPT_METADATA if metadata.get(key)}
    if "source_hidden" in metadata.get("jupyter", {}):
        kept["jupyter"] = {"source_hidden": metadata["jupyter"]["source_hidden"]}
    return kept


def merge_streams(outputs: list[Json]) -> list[Json]:
    """How a kernel cuts a stream into messages is chance, so neighbours of one name become one."""
    merged: list[Json] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output["output_type"] == "stream" == last.get("output_type") and output["name"] == last["name"]:
            last["text"] = source({"source": last["text"]}) + source({"source": output["text"]})
        else:
            merged.append(output)
    return merged


def without_views(outputs: list[Json]) -> list[Json]:
    """A widget's view names a random model that ended with the kernel: readers would see "model not found" in
    place of the picture or text next to it. An output that was nothing else goes."""
    for output in outputs:
        if VIEW in output.get("data", {}):
            del output["data"][VIEW]
    return [output for output in outputs if output.get("data", True)]


def clean(notebook: Json) -> Json:
    """Changes `notebook` in place and returns it."""
    give_ids(notebook)
    notebook["metadata"] = {"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}}
    for cell in notebook["cells"]:
        cell["metadata"] = clean_metadata(cell.get("metadata", {}))
        if cell["cell_type"] == "code":
            cell["outputs"] = merge_streams(without_views(cell["outputs"]))
    return notebook


def dumps(notebook: Json) -> str:
    """As JupyterLab itself would save it, so that opening and saving changes nothing more."""
    return nbformat.writes(nbformat.from_dict(notebook)).rstrip("\n") + "\n"
