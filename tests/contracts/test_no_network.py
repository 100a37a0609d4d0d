"""The notebooks run without network: the plugin that cuts it does cut it, for the kernel and what it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as nb

ROOT = Path(__file__).resolve().parents[2]
TRY = """
import socket
try:
    socket.create_connection(("example.org", 80), timeout=1)
except OSError:
    pass
"""
CHILD = f"import subprocess, sys\ndone = subprocess.run([sys.executable, '-c', {TRY!r}], check=True)"


def run(folder: Path, *sources: str) -> str:
    """What pytest says of a notebook with these cells."""
    file = folder / "page.ipynb"
    cells = [nb.new_code_cell(source, execution_count=n) for n, source in enumerate(sources, 1)]
    nbformat.write(nb.new_notebook(cells=cells), file)
    words = ["-m", "pytest", "--nbval", "--nbval-current-env", "-p", "tests.no_network.plugin", "--rootdir", str(ROOT)]
    return subprocess.run([sys.executable, *words, file], cwd=ROOT, capture_output=True, text=True, timeout=300).stdout


def test_a_cell_that_reaches_out_fails(tmp_path):
    said = run(tmp_path, TRY, "x = 1", CHILD)
    assert "2 failed, 1 passed" in said, said
    assert said.count("it tried to reach example.org") >= 2, said


SHOW = """
from nnlab import plots
fig, ax = plots.figure(3, 2)
ax.set_title({title!r})
plots.show(fig, "nothing to see")
"""


def test_a_cell_whose_picture_cannot_be_read_fails(tmp_path):
    """The alternative texts are not stored here, so outputs are not compared."""
    cells = [
        "# NBVAL_IGNORE_OUTPUT" + SHOW.format(title=title) for title in ("Short", "Far longer than three inches are")
    ]
    said = run(tmp_path, *cells)
    assert "1 failed, 1 passed" in said, said
    assert "a picture's fault: 'Far longer than three inches are' is cut by the picture's edge" in said, said
