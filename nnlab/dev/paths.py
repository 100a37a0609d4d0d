"""Where things lie in a clone, on Linux, macOS and Windows."""

import os
from pathlib import Path, PurePath
from typing import TypeVar

from nnlab.dev.say import Trouble

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYPROJECT = ROOT / "pyproject.toml"
CONSTRAINTS = ROOT / "constraints.txt"
NOTEBOOKS = ROOT / "notebooks"
START_PAGE = NOTEBOOKS / "00_start_here.ipynb"

P = TypeVar("P", bound=PurePath)


def scripts_dir(venv: P, windows: bool = os.name == "nt") -> P:
    """Where an environment keeps its programs."""
    return venv / ("Scripts" if windows else "bin")


def venv_python(venv: P, windows: bool = os.name == "nt") -> P:
    """An environment's interpreter."""
    return scripts_dir(venv, windows) / ("python.exe" if windows else "python")


def require_clone() -> None:
    """A wheel carries no notebooks and no list of dependencies: say so instead of failing later."""
    if not PYPROJECT.is_file():
        raise Trouble(f"{ROOT} is not a clone of nnlab: clone the repository and type this in its folder.")
