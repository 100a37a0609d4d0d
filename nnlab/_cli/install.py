"""Fill `.venv` from pyproject.toml's list and constraints.txt's pins. Every step can be run again."""

import os
import platform
import shutil
import time
from pathlib import Path

from nnlab._cli import environment, paths
from nnlab._cli.disk import check_disk
from nnlab._cli.lock import one_at_a_time
from nnlab._cli.progress import Progress
from nnlab._cli.say import Trouble, say
from nnlab._cli.stream import stream
from nnlab._cli.venv import forget_cuda, prepare, require_venv_module, sweep

# since this version pip reports a download's progress to a program that reads along
PIP_WITH_PROGRESS = (24, 1)


def installer_env(scratch: Path) -> dict[str, str]:
    """Downloads lie in `.venv` until all is done: a second try finds them, a small /tmp does not matter, and
    nothing stays in the home folder. Somebody's own choice of a cache is respected."""
    env = {"PIP_CACHE_DIR": str(scratch / "pip"), "UV_CACHE_DIR": str(scratch / "uv")} | os.environ
    env["TMPDIR"] = env["TEMP"] = env["TMP"] = str(scratch / "tmp")
    env |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_SYSTEM_CERTS": "1"}
    return env


def steps(python: Path, extras: list[str], cpu: bool, pip_version: tuple[int, ...]) -> list[tuple[str, list[str]]]:
    """What is run, in order, with a word for the person who waits."""
    pip = [str(python), "-m", "pip"]
    todo = []
    if pip_version < PIP_WITH_PROGRESS:
        wanted = "pip>=" + ".".join(map(str, PIP_WITH_PROGRESS))
        todo.append(("getting a newer pip", [*pip, "install", "--upgrade", wanted]))
    # on macOS and Windows the package index carries the small build alone
    if cpu and platform.system() == "Linux":
        # uv knows where PyTorch keeps its CPU builds; their dependencies come from where pip takes everything
        uv = [str(python), "-m", "uv", "pip", "install", "--python", str(python), "--torch-backend", "cpu", "--no-deps"]
        todo.append(("getting uv, which finds PyTorch's CPU build", [*pip, "install", "uv"]))
        todo.append(("getting PyTorch's CPU build", [*uv, "-c", str(paths.CONSTRAINTS), "torch", "torchvision"]))
    what = f".[{','.join(extras)}]" if extras else "."
    bar = ["--progress-bar", "raw"]
    todo.append(("looking up what is needed", [*pip, "install", *bar, "-c", str(paths.CONSTRAINTS), "-e", what]))
    return todo


def version_tuple(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (version or "0").split(".")[:2] if part.isdigit())


def install(extras: list[str], cpu: bool = False) -> environment.Environment:
    """Make `.venv` ready and return it; raises Trouble with one sentence when that fails."""
    require_venv_module()
    with one_at_a_time(paths.ROOT / ".venv.lock"):
        python = paths.venv_python(paths.VENV)
        before = environment.look(python, extras) if python.exists() else None
        if before and before.ready:
            return before  # another set-up finished while this one waited
        if cpu and forget_cuda(paths.VENV):
            say("Beginning anew with PyTorch's CPU build: the larger one was half-way there.")
            before = None
        has_torch = before is not None and any(row["name"] == "torch" and row["ok"] for row in before.requirements)
        check_disk(paths.ROOT, cpu, has_torch)
        start = time.monotonic()
        smaller = platform.system() == "Linux" and not cpu and not has_torch
        say(f"Making ready {paths.VENV}" + (" (`--cpu` takes PyTorch's smaller CPU build)" if smaller else ""))
        with Progress() as progress:
            progress.show("creating the environment")
            prepare(paths.VENV)
            sweep(paths.VENV)
            fill(python, extras, cpu, progress)
        after = environment.look(python, extras)
        if after is None or not after.ready:
            lacks = ", ".join(after.missing()) if after else "a Python that runs"
            raise Trouble(f"The environment still lacks {lacks}: delete {paths.VENV} and run this again.")
        say(f"Ready after {time.monotonic() - start:.0f} s.")
        return after


def fill(python: Path, extras: list[str], cpu: bool, progress: Progress) -> None:
    scratch = paths.VENV / "setup-downloads"
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    now = environment.look(python, extras)
    env = installer_env(scratch)
    for words, argv in steps(python, extras, cpu, version_tuple(now.pip if now else None)):
        progress.show(words)
        stream(argv, paths.ROOT, env, progress, paths.VENV / "setup.log")
    shutil.rmtree(scratch, ignore_errors=True)


def ensure(extras: list[str], cpu: bool = False) -> environment.Environment:
    """The environment to work in: one that is ready as it is, else `.venv`, made now."""
    found = environment.find(extras)
    if found:
        return found
    running = environment.look(environment.candidates()[0], extras)
    if running and not running.ours:
        lacks = running.missing()
        say(
            f"The Python that runs this ({running.python}) lacks {', '.join(lacks[:3])}"
            f"{f' and {len(lacks) - 3} more' if len(lacks) > 3 else ''}, and stays as it is: .venv is used instead."
        )
    return install(extras, cpu)
