"""The scripts under data/, which are no package: loaded as modules for their tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

DATA = Path(__file__).parents[1] / "data"


def load_script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`data/NAME.py` as a module; it may import the scripts that lie next to it."""
    monkeypatch.syspath_prepend(str(DATA))
    spec = importlib.util.spec_from_file_location(f"nnlab_{name}", DATA / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # where its classes are looked for
    spec.loader.exec_module(module)
    return module
