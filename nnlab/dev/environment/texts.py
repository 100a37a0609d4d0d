"""The texts that are not shipped, since they belong to others: fetched once, into data/cache."""

import subprocess
from pathlib import Path

from nnlab.dev import paths
from nnlab.dev.environment import interpreter
from nnlab.dev.say import say

FETCHED = {"movie_snippets": "cache/movie_snippets.tsv"}  # what chapters read: its name in data/build.py, and the file
SECONDS = 300


def missing() -> list[str]:
    """Names of the texts that are not here. Whether they are whole, their loader checks."""
    data = paths.ROOT / "data"
    return [name for name, file in FETCHED.items() if not (data / file).is_file()]


def command(names: list[str]) -> str:
    """What a person types to fetch them."""
    return f"python data/build.py {' '.join(names)}"


def fetch(python: Path) -> bool:
    """Fetch what is missing, as well as may be: without a network this says one sentence, and all else works.

    python: an environment with numpy and pip. -> whether all texts are here."""
    names = missing()
    build = paths.ROOT / "data" / "build.py"
    if not names or not build.is_file():
        return not names
    say(f"Fetching texts that are not shipped, {', '.join(names)}: a pinned archive, whose sha256 is checked.")
    try:
        argv = [str(python), str(build), *names]
        made = subprocess.run(
            argv, cwd=paths.ROOT, env=interpreter.child_env(python), capture_output=True, text=True, timeout=SECONDS
        )
        why = "" if made.returncode == 0 else (made.stderr.strip().splitlines() or ["no reason was given"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        say(f"They could not be fetched ({why[:200]}): chapter 16 needs them; try `{command(names)}` with a network.")
    return not why
