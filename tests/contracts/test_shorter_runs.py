"""Where a training run is shorter, as in a browser, each claim of its notebook still holds, or says another bound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnlab.dev import paths
from nnlab.dev.site.needs import Needs
from nnlab.dev.site.pages import page
from tests.contracts.test_without_pytorch import HIDE

SHORTER = [path for path in sorted(paths.NOTEBOOKS.glob("*.ipynb")) if "shortened(" in path.read_text("utf-8")]
RUN = """
import json
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for source in json.loads(sys.stdin.read()):
    shell.run_cell(source).raise_error()
"""


def test_notebooks_ask() -> None:
    assert [path.stem[:2] for path in SHORTER] == ["05", "06"]


@pytest.mark.parametrize("path", SHORTER, ids=lambda path: path.stem)
def test_claims_hold(path: Path, tmp_path: Path) -> None:
    """The cells of the site's page, up to the last that asks how long a run may be, without PyTorch."""
    made = page(path, Needs(paths.ROOT / "nnlab"))
    live = [
        cell["source"]
        for place, cell in enumerate(made.notebook["cells"])
        if cell["cell_type"] == "code" and str(place) not in made.stored
    ]
    last = max(i for i, source in enumerate(live) if "WHOLE_RUNS" in source or "shortened" in source)
    env = {**os.environ, "NNLAB_TRAINING_SHARE": "0.2", "NNLAB_PROGRESS": str(tmp_path / "progress.json")}
    argv = [sys.executable, "-c", HIDE + RUN]
    sources = json.dumps(live[: last + 1])
    done = subprocess.run(
        argv, cwd=paths.ROOT, env=env, input=sources, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert "A shorter run here: 1 of" in done.stdout
