"""Whether the shipped data is whole: data/README.md names each file with its sha256."""

import hashlib
import re
from pathlib import Path

ROW = re.compile(r"`([\w./-]+\.\w+)`.*?\b([0-9a-f]{64})\b")


def listed(folder: Path) -> dict[str, str]:
    """File name to sha256, from the rows of the README that have both."""
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.is_file() else ""
    return {found[1]: found[2] for line in text.splitlines() if (found := ROW.search(line))}


def damaged(folder: Path) -> list[str]:
    """Files that are missing or not the ones that were shipped."""
    bad = []
    for name, sha256 in listed(folder).items():
        path = folder / name
        if not path.is_file():
            bad.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            bad.append(f"{name} was changed")
    return bad
