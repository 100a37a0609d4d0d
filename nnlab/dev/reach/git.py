"""Which files differ from the upstream main."""

import subprocess
from pathlib import Path

from nnlab.dev.say import Trouble

UPSTREAMS = ["main@{upstream}", "upstream/main", "origin/main"]


def _git(root: Path, *words: str) -> str | None:
    """What git answers, or None if it refuses."""
    try:
        answer = subprocess.run(["git", "-C", root, *words], capture_output=True, encoding="utf-8", errors="replace")
    except OSError:
        raise Trouble("`--changed` asks git what changed, and there is no git here.") from None
    return answer.stdout if answer.returncode == 0 else None


def base(root: Path) -> str:
    """The commit to compare with: where this branch left the upstream main, or HEAD if there is no upstream."""
    for name in UPSTREAMS:
        if _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") is not None:
            return (_git(root, "merge-base", "HEAD", name) or "HEAD").strip()
    return "HEAD"


def changed(root: Path, since: str) -> list[str]:
    """Paths relative to `root`, with slashes: what differs from the commit `since`, committed or not, deleted files and
    both names of renamed ones included, and what is new and not ignored. Raises Trouble outside a repository."""
    differ = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", since, "--")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    if differ is None or new is None:
        raise Trouble(f"git cannot compare {root} with {since}: `--changed` needs a git clone with a commit.")
    return sorted(set(filter(None, (differ + new).split("\0"))))
