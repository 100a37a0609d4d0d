"""Fill `.venv` from pyproject.toml's list and constraints.txt's pins. Every step can be run again."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from nnlab.dev import paths
from nnlab.dev.environment import interpreter
from nnlab.dev.environment.disk import check_disk
from nnlab.dev.environment.lock import one_at_a_time
from nnlab.dev.environment.troubles import failure
from nnlab.dev.environment.venv import forget_cuda, prepare, require_venv_module, sweep
from nnlab.dev.say import Trouble, say


def installer_env(scratch: Path, log: Path) -> dict[str, str]:
    """Variables for pip and uv. Downloads lie in `.venv` until all is done: a second try finds them, a small /tmp does
    not matter, and nothing stays in the home folder. A cache that somebody chose is respected."""
    env = {"PIP_CACHE_DIR": str(scratch / "pip"), "UV_CACHE_DIR": str(scratch / "uv")} | os.environ
    env["TMPDIR"] = env["TEMP"] = env["TMP"] = str(scratch / "tmp")
    env |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_SYSTEM_CERTS": "1"}
    return env | {"PIP_LOG": str(log)}


def steps(python: Path, extras: list[str], cpu: bool) -> list[list[str]]:
    """The commands to run, in order."""
    pip = [str(python), "-m", "pip", "install"]
    todo = []
    # on macOS and Windows the package index carries only the small build
    if cpu and platform.system() == "Linux":
        # uv knows where PyTorch keeps its CPU builds; their dependencies come from where pip takes everything
        uv = [str(python), "-m", "uv", "pip", "install", "--python", str(python), "--torch-backend", "cpu", "--no-deps"]
        todo.append([*pip, "uv"])
        todo.append([*uv, "-c", str(paths.CONSTRAINTS), "torch", "torchvision"])
    what = f".[{','.join(extras)}]" if extras else "."
    return [*todo, [*pip, "-c", str(paths.CONSTRAINTS), "-e", what]]


def run_step(argv: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """Run an installer, which prints its own progress; raises Trouble with one sentence if it fails. Whatever stops
    this stops the installer as well."""
    before = log.stat().st_size if log.is_file() else 0
    with subprocess.Popen(argv, cwd=paths.ROOT, env=env, stdin=subprocess.DEVNULL) as child:
        try:
            code = child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
    if code:
        said = log.read_bytes()[before:].decode("utf-8", "replace") if log.is_file() else ""
        raise Trouble(failure(said, code, log))


def install(extras: list[str], cpu: bool = False) -> interpreter.Environment:
    """Make `.venv` ready and return it; raises Trouble with one sentence when that fails."""
    require_venv_module()
    with one_at_a_time(paths.ROOT / ".venv.lock"):
        python = paths.venv_python(paths.VENV)
        before = interpreter.look(python, extras) if python.exists() else None
        if before and before.ready:
            return before  # another set-up finished while this one waited
        if cpu and forget_cuda(paths.VENV):
            say("Starting again with PyTorch's CPU build: the larger one was half-way there.")
            before = None
        has_torch = before is not None and any(row["name"] == "torch" and row["ok"] for row in before.requirements)
        check_disk(paths.ROOT, cpu, has_torch)
        start = time.monotonic()
        smaller = platform.system() == "Linux" and not cpu and not has_torch
        say(f"Making ready {paths.VENV}" + (" (`--cpu` takes PyTorch's smaller CPU build)" if smaller else ""))
        prepare(paths.VENV)
        sweep(paths.VENV)
        fill(python, extras, cpu)
        after = interpreter.look(python, extras)
        if after is None or not after.ready:
            lacks = ", ".join(after.missing()) if after else "a Python that runs"
            raise Trouble(f"The environment still lacks {lacks}: delete {paths.VENV} and run this again.")
        say(f"Ready after {time.monotonic() - start:.0f} s.")
        return after


def fill(python: Path, extras: list[str], cpu: bool) -> None:
    """Run all steps; the downloads are removed at the end, and kept when a step fails."""
    scratch = paths.VENV / "setup-downloads"
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    log = paths.VENV / "setup.log"
    for argv in steps(python, extras, cpu):
        run_step(argv, installer_env(scratch, log), log)
    shutil.rmtree(scratch, ignore_errors=True)


def ensure(extras: list[str], cpu: bool = False) -> interpreter.Environment:
    """The environment to work in: one that is ready as it is, else `.venv`, made now."""
    found = interpreter.find(extras)
    if found:
        return found
    running = interpreter.look(interpreter.candidates()[0], extras)
    if running and not running.ours:
        lacks = running.missing()
        say(
            f"The Python that runs this ({running.python}) lacks {', '.join(lacks[:3])}"
            f"{f' and {len(lacks) - 3} more' if len(lacks) > 3 else ''}, and stays as it is: .venv is used instead."
        )
    return install(extras, cpu)
