"""Make `.venv`, or repair what an interrupted set-up left of it."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from nnlab.dev import paths
from nnlab.dev.environment.troubles import explain
from nnlab.dev.say import Trouble


def require_venv_module() -> None:
    """Debian and Ubuntu split `venv` off their Python; asked before, because their own message comes late."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    raise Trouble(
        f"This Python cannot make environments, its `venv` module is missing: install it "
        f"(on Debian and Ubuntu `sudo apt-get install {package}`, or python3-venv) and run this again."
    )


def python_version(python: Path) -> tuple[int, int] | None:
    """None if it does not run: its base was removed, or the set-up stopped before it was there."""
    ask = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, timeout=60)
        major, minor = answer.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return int(major), int(minor)


def has_pip(python: Path) -> bool:
    """Whether pip runs, put there first if it is missing: uv leaves it out, and an interrupt may have."""

    def runs(*words: str) -> bool:
        return subprocess.run([python, "-m", *words], capture_output=True).returncode == 0

    return runs("pip", "--version") or (runs("ensurepip", "--upgrade") and runs("pip", "--version"))


def is_remains(venv: Path) -> bool:
    """Whether a folder is a virtual environment, or the empty beginning of one, so that it may be made again."""
    return (venv / "pyvenv.cfg").is_file() or not any(path.is_file() for path in venv.rglob("*"))


def make(venv: Path) -> None:
    """A new environment at `venv`; raises Trouble with one sentence."""
    answer = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True, errors="replace")
    if answer.returncode:
        said = (answer.stdout + answer.stderr).strip()
        last = said.splitlines()[-1] if said else f"exit status {answer.returncode}"
        raise Trouble(explain(said) or f"`.venv` could not be made: {last}")


def prepare(venv: Path) -> Path:
    """A `.venv` whose Python and pip run. What works is kept, so that a second try is quick."""
    python = paths.venv_python(venv)
    if venv.exists() or venv.is_symlink():
        version = python_version(python)
        if version and version < (3, 11):
            found = ".".join(map(str, version))
            raise Trouble(f"{venv} was made with Python {found}, which is too old: delete it and run this again.")
        if version and has_pip(python):
            return python
        if not is_remains(venv):
            raise Trouble(f"{venv} is in the way and no virtual environment: move it away and run this again.")
        try:
            venv.unlink() if venv.is_symlink() else shutil.rmtree(venv)
        except OSError as err:
            raise Trouble(
                f"{venv} is broken and cannot be removed ({err.strerror}): delete it and run this again."
            ) from None
    make(venv)
    return python


def forget_cuda(venv: Path) -> bool:
    """When the CPU build is asked for after a set-up of the CUDA build stopped, on a full disk perhaps: remove what
    that left, which no uninstaller would find whole. An environment that was not filled from here is left alone."""
    log = venv / "setup.log"
    if not log.is_file():
        return False
    cuda = any(venv.rglob("site-packages/nvidia*")) or "Collecting nvidia" in log.read_text("utf-8", "replace")
    if cuda:
        shutil.rmtree(venv)
    return cuda


def sweep(venv: Path) -> list[str]:
    """Forget packages that were cut off while being unpacked: pip writes RECORD last, takes a package without it
    to be installed, and can neither repair nor remove it."""
    cut_off = [info for info in venv.rglob("site-packages/*.dist-info") if not (info / "RECORD").is_file()]
    for info in cut_off:
        shutil.rmtree(info)
    return [info.name for info in cut_off]
