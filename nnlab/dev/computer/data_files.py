"""Whether the shipped data is whole: git knows which files there were, data/sha256.txt what must be in them."""

import hashlib
import subprocess
from pathlib import Path


def listed(folder: Path) -> dict[str, str]:
    """File name to sha256, as `sha256sum` writes them."""
    sums = folder / "sha256.txt"
    lines = sums.read_text("utf-8").splitlines() if sums.is_file() else []
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines if line.strip())}


def deleted(folder: Path) -> list[str]:
    """Files that git brought and that are gone; a copy without git's history cannot tell."""
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
