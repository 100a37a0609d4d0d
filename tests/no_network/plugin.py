"""A plugin of pytest's: the kernels of `--nbval`, and what they start, have no network, and may not even try.

A cell also fails if its picture cannot be read: a text is cut or overlaps another (`tests/faults.py` has all).

`pytest --nbval -p tests.no_network.plugin`
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FOLDER = tempfile.TemporaryDirectory(prefix="nnlab-network-")
TRIED = Path(FOLDER.name) / "tried"


def cut(tried: Path) -> dict[str, str]:
    """The variables of a Python without network: what it tries to reach, and what is wrong with its
    pictures, is written into `tried`, a line each."""
    path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
    return {"PYTHONPATH": path, "NNLAB_TRIED": str(tried)}


def is_cell(item: pytest.Item) -> bool:
    return type(item).__name__ == "IPyNbCell"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """The kernel starts with the first cell, and takes its variables from here."""
    if not is_cell(item):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cut(TRIED).items():
            patch.setenv(name, value)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A cell that reached out, or whose picture has a fault, fails, whatever it printed."""
    result = yield
    if is_cell(item) and TRIED.exists():
        tried = TRIED.read_text()
        TRIED.unlink()
        pytest.fail(tried, pytrace=False)
    return result
