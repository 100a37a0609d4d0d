"""Run notebooks and store what they print; see `commands/execute.py` for what is promised."""

import copy
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from nnlab.dev.inside.clean import Json, clean, dumps, give_ids, source
from nnlab.dev.inside.compare import first_difference, with_old_unstable
from nnlab.files import replacing

CELL_TIMEOUT = 600
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Failed(Exception):
    """A cell did not succeed; the text names it."""


def read(path: Path) -> Json:
    """The notebook in a file, each cell with an id."""
    notebook = json.loads(path.read_text("utf-8"))
    give_ids(notebook)  # before nbformat does, whose ids are random
    return notebook


def execute(notebook: Json, folder: Path) -> Json:
    """A cleaned copy of the notebook with the outputs of a run from a fresh kernel."""
    node = nbformat.reads(json.dumps(notebook), as_version=4)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        node,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # a warning of the kernel's start is no output of the notebook
        resources={"metadata": {"path": str(folder)}},
    )
    with tempfile.TemporaryDirectory(prefix="nnlab-") as scratch:
        # each notebook begins as for a new learner, with no exercise done
        os.environ["NNLAB_PROGRESS"] = str(Path(scratch) / "progress.json")
        try:
            client.execute()
        except CellExecutionError as err:
            raise Failed(where(node, f"{err.ename}: {err.evalue}\n{tail(err.traceback)}")) from None
        except CellTimeoutError:
            raise Failed(where(node, f"it ran for more than {CELL_TIMEOUT} s")) from None
        except DeadKernelError:
            raise Failed(where(node, "the kernel died")) from None
    done = clean(json.loads(json.dumps(node)))
    nbformat.validate(nbformat.from_dict(done))
    return done


def where(node: nbformat.NotebookNode, what: str) -> str:
    """The cell that was running: the last that has a count, or a first line of error."""
    number, cell = 0, None
    for place, one in enumerate(node.cells, 1):
        if one.cell_type == "code" and (cell is None or one.execution_count or one.outputs):
            number, cell = place, one
    name = f"cell {number} (id {cell['id']}), which begins `{first_line(cell)}`" if cell else "no cell"
    return f"{name}: {what}"


def first_line(cell: Json) -> str:
    """How a cell begins."""
    return next(iter(source(cell).strip().splitlines()), "")[:80]


def tail(traceback: str, lines: int = 12) -> str:
    """The end of a traceback, without colours."""
    plain = COLOURS.sub("", traceback).rstrip().splitlines()
    return "\n".join(f"    {line}" for line in plain[-lines:])


def write(path: Path, text: str) -> None:
    """All or nothing: a reader never meets half a notebook."""
    with replacing(path) as file:
        file.write(text.encode())


def stray(path: Path) -> str | None:
    """A hand-saved notebook carries times, versions or widget views: it is to be stored by `execute`."""
    stored = json.loads(path.read_text("utf-8"))
    return None if clean(copy.deepcopy(stored)) == stored else "it holds metadata or views that `execute` removes"


def process(path: Path, check: bool) -> bool:
    """One notebook; prints one line, and returns whether all is well."""
    start = time.monotonic()
    try:
        old = read(path)
        new = execute(old, path.parent)
    except Failed as err:
        print(f"{path.name}: {err}\n  The file was not changed.", flush=True)
        return False
    except (ValueError, KeyError) as err:
        print(f"{path.name} is no notebook that can be read: {err}", flush=True)
        return False
    seconds = time.monotonic() - start
    if check:
        difference = stray(path) or first_difference(clean(old), new)
        print(f"{path.name}: {difference or f'as stored ({seconds:.1f} s)'}", flush=True)
        return difference is None
    text = dumps(new)
    same = path.read_bytes() == dumps(with_old_unstable(old, new)).encode()
    if not same:
        write(path, text)
    size = len(text.encode()) / 1e6
    print(f"{path.name}: {'unchanged' if same else 'stored'} ({seconds:.1f} s, {size:.2f} MB)", flush=True)
    return True


def main(args: list[str]) -> int:
    """Run the notebooks of `args`, with --check among them for checking only; returns the exit status."""
    check = "--check" in args
    well = [process(Path(word), check) for word in args if word != "--check"]
    if not all(well):
        print(f"{well.count(False)} of {len(well)} notebooks failed.", flush=True)
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
