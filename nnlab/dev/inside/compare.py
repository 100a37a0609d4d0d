"""The first difference between a notebook as stored and as it comes out now."""

import difflib
from typing import Any

from nnlab.dev.inside.clean import Json, source

PICTURE = "(a picture)"


def comparable(output: Json) -> Json:
    """Bytes of pictures differ with fonts and library versions, and say nothing to a reader of a diff."""
    output = dict(output)
    if "data" in output:
        output["data"] = {
            mime: PICTURE if mime.startswith("image/") else source({"source": value}) if is_text(value) else value
            for mime, value in output["data"].items()
        }
    if "text" in output:
        output["text"] = source({"source": output["text"]})
    return output


def is_text(value: Any) -> bool:
    """Whether an output is text, as one string or as a list of lines."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))


def unstable(cell: Json) -> bool:
    """Whether a cell is tagged as one whose output changes from run to run."""
    return "nbval-ignore-output" in cell["metadata"].get("tags", [])


def first_difference(stored: Json, now: Json) -> str | None:
    """A sentence and two lines, or None. Both must be cleaned."""
    for number, (old, new) in enumerate(zip(stored["cells"], now["cells"], strict=True), 1):
        if old["cell_type"] != "code" or unstable(new):
            continue
        place = f"cell {number} (id {new['id']})"
        if old.get("execution_count") != new.get("execution_count"):
            return f"{place} is stored as run number {old.get('execution_count')}, and is {new.get('execution_count')}"
        before = [comparable(output) for output in old["outputs"]]
        after = [comparable(output) for output in new["outputs"]]
        if before != after:
            return f"{place} prints something else:\n{changed_lines(before, after)}"
    return None


def pictures(cell: Json) -> list[Any]:
    """All pictures of a cell, encoded as they are stored."""
    data = [output.get("data", {}) for output in cell["outputs"]]
    return [value for one in data for mime, value in sorted(one.items()) if mime.startswith("image/")]


def with_old_unstable(stored: Json, now: Json) -> Json:
    """`now`, but where only a measured time or the like moved, as stored: if all else is the same too, nothing is
    written, and running a notebook again changes no byte. A picture that changed is always news."""
    cells = []
    for old, new in zip(stored["cells"], now["cells"], strict=True):
        only_text = new["cell_type"] == "code" and unstable(new) and pictures(old) == pictures(new)
        cells.append(new | {"outputs": old["outputs"]} if only_text else new)
    return now | {"cells": cells}


def flat(outputs: list[Json]) -> list[str]:
    """Outputs as lines of text, so that a difference can be shown as one."""
    text = []
    for output in outputs:
        text.append(f"[{output['output_type']} {output.get('name', '')}]".replace(" ]", "]"))
        for value in [output.get("text"), *output.get("data", {}).values(), output.get("evalue")]:
            text += str(value).splitlines() if value is not None else []
        text.append(f"  metadata {output['metadata']}" if output.get("metadata") else "")
    return [line for line in text if line]


def changed_lines(before: list[Json], after: list[Json]) -> str:
    """The first lines in which outputs differ."""
    diff = list(difflib.unified_diff(flat(before), flat(after), "stored", "now", n=0, lineterm=""))
    return "\n".join(f"    {line[:160]}" for line in diff[3:9]) or "    (the kinds of output differ)"
