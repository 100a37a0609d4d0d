"""Whether the shipped data is whole: git knows which files there were, data/README.md names their sha256."""

import hashlib
import re
import subprocess
from pathlib import Path

ROW = re.compile(r"`([\w./-]+\.\w+)`.*?\b([0-9a-f]{64})\b")


def listed(folder: Path) -> dict[str, str]:
    """File name to sha256, from the rows of the README that have both."""
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.is_file() else ""
    return {found[1]: found[2] for line in text.splitlines() if (found := ROW.search(line))}


def deleted(folder: Path) -> list[str]:
    """Files that git brought and that are gone; a clone without git's memory cannot tell."""
    argv = ["git", "-C", str(folder.parent), "ls-files", "--deleted", folder.name]
    try:
        return subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()
    except OSError:
        return []


def damaged(folder: Path) -> list[str]:
    """Files that are missing or not the ones that were shipped."""
    bad = [f"{name} is gone" for name in deleted(folder)]
    for name, sha256 in listed(folder).items():
        path = folder / name
        if not path.is_file():
            bad.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            bad.append(f"{name} was changed")
    return bad
