"""Which Python the notebooks and tests run under: the running one if it has all that is needed, else `.venv`."""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnlab.dev import paths


@dataclass
class Environment:
    """An interpreter and what it has: `requirements` holds one row each (name, wanted, found, ok; see probe.py), and
    `ready` says that all are ok."""

    python: Path
    ready: bool = False
    version: tuple[int, ...] = ()
    requirements: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ours(self) -> bool:
        """Whether it is the clone's `.venv`."""
        return self.python == paths.venv_python(paths.VENV)

    def missing(self) -> list[str]:
        """What is not there or not in range, as a person reads it."""
        bad = [row for row in self.requirements if not row["ok"]]
        return [row["name"] + (f" {row['found']} (wanted {row['wanted']})" if row["found"] else "") for row in bad]


def extras() -> list[str]:
    """The names of pyproject.toml's optional dependencies."""
    project = tomllib.loads(paths.PYPROJECT.read_text("utf-8"))["project"]
    return list(project["optional-dependencies"])


def look(python: Path, extras: list[str]) -> Environment | None:
    """Ask an interpreter what it has; None if it does not run at all."""
    # -P: the folder of probe.py must not shadow the standard library's modules
    argv: list[str | Path] = [python, "-P", Path(__file__).with_name("probe.py"), paths.PYPROJECT, *extras]
    try:
        answer = subprocess.run(argv, capture_output=True, text=True, encoding="utf-8", timeout=120)
        report = json.loads(answer.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return None
    return Environment(python, report["ready"], tuple(report["python"]), report["requirements"])


def candidates() -> list[Path]:
    """The running interpreter first, then `.venv`; a symlink to the same file may be another environment, so
    their prefixes are compared, not what the links point at."""
    venv = paths.venv_python(paths.VENV)
    if Path(sys.prefix).resolve() == paths.VENV.resolve():
        return [venv]
    return [Path(sys.executable)] + ([venv] if venv.exists() else [])


def find(extras: list[str]) -> Environment | None:
    """The first environment that has what is needed."""
    for python in candidates():
        found = look(python, extras)
        if found and found.ready:
            return found
    return None


def child_env(python: Path, **more: str) -> dict[str, str]:
    """The variables for a program that runs in the environment."""
    env = dict(os.environ)
    # so that this clone's nnlab is imported, also where it is not installed
    env["PYTHONPATH"] = os.pathsep.join([str(paths.ROOT), *filter(None, [env.get("PYTHONPATH")])])
    # so that this environment's kernel is found before one of the same name in the user's home
    env["JUPYTER_PREFER_ENV_PATH"] = "1"
    # a backend set for other programs would keep figures out of the notebooks
    env.pop("MPLBACKEND", None)
    if python.parent == paths.scripts_dir(paths.VENV):
        env["PATH"] = os.pathsep.join([str(python.parent), *filter(None, [env.get("PATH")])])
    return env | more


def quiet(scratch: Path) -> dict[str, str]:
    """More variables, for tests and notebooks: nothing of the user's own is read or written."""
    return {
        "NNLAB_PROGRESS": str(scratch / "progress.json"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYTHONHASHSEED": "0",
    }
